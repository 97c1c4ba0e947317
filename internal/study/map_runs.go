package study

import (
	"errors"
	"math"
	"sync"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
)

// mapGood is what a system must do to be well, beside keeping its objectives:
// of the requests that are offered so many are answered ok.
const mapGood = 0.95

// A system mends if what has piled up inside becomes less: its mean change from
// row to row of the series lies so many standard errors below nothing. A queue
// that comes and goes without getting anywhere does so with a probability of
// less than one in a hundred.
const (
	mapMends = 3
	mapTrend = 0.4 // over this part of the window, the last
)

// withLoads is a system under so much load from each time on.
func withLoads(spec *node.Spec, paces ...arrival.Pace) *node.Spec {
	return spec.WithClients(func(c *node.ClientSpec) {
		if c.Open != nil {
			c.Open = arrival.Paced(c.Open, paces)
			return
		}
		users := crowds(c.Closed, paces)
		c.Closed = &users
	})
}

// crowds are so many times the users that there are at first.
func crowds(u *arrival.Users, paces []arrival.Pace) arrival.Users {
	out := arrival.Users{Initial: manyOf(u.Initial, paces[0].Factor)}
	at := sim.Time(0)
	for _, p := range paces[1:] {
		// Hold, then jump.
		before := float64(out.Initial)
		if n := len(out.Ramps); n > 0 {
			before = out.Ramps[n-1].Target
		}
		out.Ramps = append(out.Ramps,
			arrival.Ramp{Duration: p.From - at, Target: before}, arrival.Ramp{Target: float64(manyOf(u.Initial, p.Factor))})
		at = p.From
	}
	return out
}

func manyOf(n int, factor float64) int { return int(math.Floor(float64(float64(n)*factor) + 0.5)) }

// tail is what a replication was like in the last part of its window.
type tail struct {
	offered, ok, answered, attempts float64
	mends                           bool         // what is inside becomes less
	goals                           []float64    // by objective: over it if above 0
	slacks                          []float64    // by objective
	limit                           bool         // a limit ended it
	clients                         [][3]float64 // offered, ok, answered
	users                           []bool       // by client: they ask again when they have been answered
}

// simulate runs a system, of which only the end is kept.
func (x *mapping) simulate(spec *node.Spec, replication int) (tail, error) {
	if x.opt.Stop != nil && x.opt.Stop.Load() {
		return tail{}, node.ErrStopped
	}
	s, err := node.NewNetwork(spec, replication).Run(x.opt.Stop)
	x.tick.tick(1)
	var limit *node.LimitError
	if errors.As(err, &limit) {
		return tail{limit: true}, nil
	}
	if err != nil {
		return tail{}, err
	}
	return x.tailOf(spec, s), nil
}

// tailOf looks at the last part of the window: as much of it as of the window
// of the map, if the load changed in between.
func (x *mapping) tailOf(spec *node.Spec, s *node.Snapshot) tail {
	end := spec.Run.Duration
	from := end - x.window/mapJudged
	t := tail{goals: make([]float64, len(spec.Objectives)), slacks: make([]float64, len(spec.Objectives))}
	for i := range s.Clients {
		c := &s.Clients[i]
		var one [3]float64
		first := int((from + c.Timeline.Grain - 1) / c.Timeline.Grain)
		for _, cell := range c.Timeline.Cells[first:] {
			one[0], one[1] = one[0]+float64(cell.Offered), one[1]+float64(cell.OK)
			t.attempts += float64(cell.Attempts)
		}
		one[2] = answeredPart(c, s.WindowSize, from, end) * one[0]
		t.clients, t.users = append(t.clients, one), append(t.users, c.Timeline.Users)
		t.offered, t.ok, t.answered = t.offered+one[0], t.ok+one[1], t.answered+one[2]
		for k, list := range scoresOf(spec, c.Timeline) {
			g := &c.Timeline.Goals[k]
			for cell := first; cell < len(list); cell++ {
				t.goals[g.Objective] += list[cell]
				t.slacks[g.Objective] += slack(&spec.Objectives[g.Objective], float64(g.Of[cell]), c.Timeline.Grain)
			}
		}
	}
	t.mends = falls(inside(s, end-sim.Time(mapTrend*float64(x.window)), end))
	return t
}

// answeredPart is how many ok answers a client got for each request that it
// sent in the rows of the series that lie between two times.
func answeredPart(c *node.ClientStats, row sim.Time, from, to sim.Time) float64 {
	answered, offered := 0.0, 0.0
	for w := int((from + row - 1) / row); w < len(c.Series) && sim.Time(w)*row < to; w++ {
		answered, offered = answered+float64(c.Series[w].Answered), offered+float64(c.Series[w].Offered)
	}
	if offered == 0 {
		return 1
	}
	return answered / offered
}

// inside is how many requests were inside all nodes, by rows of the series.
func inside(s *node.Snapshot, from, to sim.Time) []float64 {
	var rows []float64
	for w := int((from + s.WindowSize - 1) / s.WindowSize); sim.Time(w)*s.WindowSize < to; w++ {
		sum := 0.0
		for i := range s.Nodes {
			if w < len(s.Nodes[i].Series) {
				sum += s.Nodes[i].Series[w].InFlight
			}
		}
		rows = append(rows, sum)
	}
	return rows
}

// falls reports whether numbers become less and less, for all their ups and
// downs.
func falls(rows []float64) bool {
	n := float64(len(rows) - 1)
	if n < 4 {
		return false
	}
	mean := (rows[len(rows)-1] - rows[0]) / n
	squares := 0.0
	for i, x := range rows[1:] {
		d := x - rows[i] - mean
		squares += float64(d * d)
	}
	return mean < 0 && float64(mean*mean) > float64(mapMends*mapMends)*squares/float64((n-1)*n)
}

// good is the least share of a client's requests that are answered ok: those
// due in the last part, or as many answers as requests, whichever is less.
func (t *tail) good() float64 {
	least := 1.0
	for _, c := range t.clients {
		if c[0] > 0 {
			least = min(least, c[1]/c[0], c[2]/c[0])
		}
	}
	return least
}

// silentBeside reports whether users ask less than they do in the twin, and
// than chance can explain: those who wait for ever spoil no share.
func (t *tail) silentBeside(twin *tail) bool {
	for i, is := range t.users {
		usual := twin.clients[i][0]
		if is && t.clients[i][0] < float64(mapGood*usual)-float64(mapMends*math.Sqrt(usual)) {
			return true
		}
	}
	return false
}

// calmRuns are the replications without a trigger.
type calmRuns struct {
	once   sync.Once
	err    error
	runs   []tail
	unwell int // of the runs
}

// ask finds the objectives that can be asked for: those that are held at the
// lowest load.
func (x *mapping) ask() error {
	t, err := x.twin(x.plan.Loads[0])
	if err != nil {
		return err
	}
	x.asked = map[int]bool{}
	for k := range x.calm.Objectives {
		missed := 0
		for _, r := range t.runs {
			if r.limit || r.goals[k] > tolerance {
				missed++
			}
		}
		x.asked[k] = 2*missed < len(t.runs)
	}
	t.unwell = 0
	for i := range t.runs {
		if !x.wellAlone(&t.runs[i]) {
			t.unwell++
		}
	}
	return nil
}

// wellAlone reports whether a system without a trigger bears its load.
func (x *mapping) wellAlone(t *tail) bool {
	if t.limit || t.good() < mapGood {
		return false
	}
	for k, over := range t.goals {
		if x.asked[k] && over > tolerance {
			return false
		}
	}
	return true
}

// twin are the runs without a trigger at a load. Several searches ask for
// them.
func (x *mapping) twin(load float64) (*calmRuns, error) {
	x.mu.Lock()
	t := x.twins[load]
	if t == nil {
		t = &calmRuns{}
		x.twins[load] = t
	}
	x.mu.Unlock()
	t.once.Do(func() {
		spec := withLoads(x.calm, arrival.Pace{Factor: load})
		for r := range x.calm.Run.Replications {
			one, err := x.simulate(spec, r)
			if err != nil {
				t.err = err
				return
			}
			t.runs = append(t.runs, one)
			if !x.wellAlone(&one) {
				t.unwell++
			}
		}
	})
	return t, t.err
}

func (t *calmRuns) attempts() *float64 { return attemptsOf(t.runs) }

// attemptsOf is how many attempts there were for each request.
func attemptsOf(runs []tail) *float64 {
	attempts, offered := 0.0, 0.0
	for _, r := range runs {
		attempts, offered = attempts+r.attempts, offered+r.offered
	}
	if offered == 0 {
		return nil
	}
	per := attempts / offered
	return &per
}

// mapRuns are the replications of one trigger at one load.
type mapRuns struct {
	runs           []tail
	bad            []tail
	stuck, mending int
}

// struck runs a system with its trigger at a load and compares with the twin.
func (x *mapping) struck(struck *node.Spec, load float64) (*mapRuns, error) {
	return x.compare(withLoads(struck, arrival.Pace{Factor: load}), load)
}

// staysBad reports whether a system that its trigger has left stuck at one
// load stays so at a lower one.
func (x *mapping) staysBad(struck *node.Spec, from, to float64) (bool, error) {
	spec := withLoads(struck, arrival.Pace{Factor: from}, arrival.Pace{From: x.window, Factor: to})
	spec.Run.Duration = 2 * x.window
	m, err := x.compare(spec, to)
	return err == nil && m.state() == result.MapStuck, err
}

// compare runs a system and looks at how it ends beside the twin of that load.
func (x *mapping) compare(spec *node.Spec, load float64) (*mapRuns, error) {
	twin, err := x.twin(load)
	if err != nil {
		return nil, err
	}
	m := &mapRuns{}
	for r := range spec.Run.Replications {
		t, err := x.simulate(spec, r)
		if err != nil {
			return nil, err
		}
		m.runs = append(m.runs, t)
		switch {
		case x.well(&t, &twin.runs[r]):
		case t.mends:
			m.mending++
		default:
			m.stuck++
			m.bad = append(m.bad, t)
		}
	}
	return m, nil
}

// well reports whether a system is as it would be without the trigger: as much
// comes back, and each objective that can be asked for is held, or missed by
// little more than by the twin.
func (x *mapping) well(t, twin *tail) bool {
	if t.limit || twin.limit || t.good() < float64(mapGood*twin.good()) || t.silentBeside(twin) {
		return false
	}
	for k, over := range t.goals {
		if x.asked[k] && over > tolerance && over > twin.goals[k]+t.slacks[k]+tolerance {
			return false
		}
	}
	return true
}

// state is what most of the replications are like; where as many are stuck as
// are not, that is stuck.
func (m *mapRuns) state() string {
	switch n := len(m.runs); {
	case 2*m.stuck >= n:
		return result.MapStuck
	case 2*(m.stuck+m.mending) >= n:
		return result.MapMending
	}
	return result.MapBack
}

// attempts are those of the replications that are stuck.
func (m *mapRuns) attempts() *float64 { return attemptsOf(m.bad) }

// goodput is how many ok answers there were for each request.
func (m *mapRuns) goodput() float64 {
	ok, offered := 0.0, 0.0
	for _, r := range m.runs {
		ok, offered = ok+r.ok, offered+r.offered
	}
	if offered == 0 {
		return 0
	}
	return ok / offered
}
