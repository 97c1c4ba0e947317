package node

import (
	"slices"

	"github.com/capsim/capsim/sim"
)

// timelineCells is how finely a timeline tells apart when something was: the
// window in so many cells at most.
const timelineCells = 10_000

// Timeline is what became of a client's requests in short cells of time, by
// when they were due. It is kept only where somebody asks when a client was
// back within its objectives ([Spec.Timeline]).
type Timeline struct {
	Grain sim.Time // the length of a cell
	Users bool     // they ask again when they have been answered
	Cells []Cell
	Goals []Goal // as Spec.Goals
}

// Cell counts the requests that were due in it.
type Cell struct {
	Offered, OK uint32
	Attempts    uint64
	Latency     uint64 // of the ok ones together, in nanoseconds
}

// Goal is what an objective of the client says about each cell: so many in
// Of, so much in Count. Of shares Of is offered requests and Count the bad
// ones of errors, the good ones of availability and within; of percentiles
// and the maximum Of is ok requests and Count the slow ones; of the mean Of
// is ok requests and Count their latencies in nanoseconds; of throughput Count
// is the answers that were given in the cell.
type Goal struct {
	Objective int // in Spec.Objectives
	Of        []uint32
	Count     []uint64

	objective *Objective
	limit     sim.Time // what is slow: more than that
	ops       []bool   // of the client, that it is about
}

// Goals lists the objectives that a client may be within, or not, from one
// moment to the next: those that set bounds to what its requests suffer.
func (s *Spec) Goals(client int) []int {
	var goals []int
	for k := range s.Objectives {
		o := &s.Objectives[k]
		if o.Node != client || o.Node == None {
			continue
		}
		above := o.Compare == ">" || o.Compare == ">="
		switch o.Metric {
		case "recovery":
		case "availability", "within", "throughput":
			if above {
				goals = append(goals, k)
			}
		default:
			if !above {
				goals = append(goals, k)
			}
		}
	}
	return goals
}

// timeline prepares the timeline of a client, nil where nobody asks for one.
func (b *builder) timeline(c *client) *Timeline {
	if !b.spec.Timeline {
		return nil
	}
	goals := b.spec.Goals(int(c.node))
	cells := max(100, timelineCells/sim.Time(1+len(b.spec.Nodes)/100+len(goals)/10))
	t := &Timeline{Grain: roundLength(b.spec.Run.Duration, cells), Users: c.spec.Closed != nil}
	count := int((b.spec.Run.Duration + t.Grain - 1) / t.Grain)
	t.Cells = make([]Cell, count)
	for _, k := range goals {
		o := &b.spec.Objectives[k]
		g := Goal{Objective: k, Of: make([]uint32, count), Count: make([]uint64, count), objective: o, limit: o.Within}
		if o.Within == 0 {
			g.limit = sim.FromNanoseconds(float64(o.Value * 1e9))
			if o.Compare == "<" {
				g.limit--
			}
		}
		for _, op := range c.spec.Ops {
			g.ops = append(g.ops, o.Op == "" || o.Op == op.Name)
		}
		t.Goals = append(t.Goals, g)
	}
	return t
}

// offered notes a request that is due now.
func (t *Timeline) offered(due sim.Time, op uint32) {
	at := int(due / t.Grain)
	t.Cells[at].Offered++
	for k := range t.Goals {
		g := &t.Goals[k]
		if !g.ops[op] {
			continue
		}
		switch g.objective.Metric {
		case "errors", "availability", "within":
			g.Of[at]++
		}
	}
}

// tried notes an attempt of a request.
func (t *Timeline) tried(due sim.Time) { t.Cells[due/t.Grain].Attempts++ }

// ended notes how a request ended.
func (t *Timeline) ended(due sim.Time, op uint32, status Status, latency sim.Time) {
	at := int(due / t.Grain)
	if status == OK {
		t.Cells[at].OK++
		t.Cells[at].Latency += uint64(latency)
	}
	for k := range t.Goals {
		if g := &t.Goals[k]; g.ops[op] {
			g.ended(at, status, latency)
		}
	}
}

func (g *Goal) ended(at int, status Status, latency sim.Time) {
	switch metric := g.objective.Metric; {
	case metric == "throughput":
	case metric == "errors":
		if status != OK {
			g.Count[at]++
		}
	case status != OK:
	case metric == "availability":
		g.Count[at]++
	case metric == "within":
		if latency <= g.limit {
			g.Count[at]++
		}
	case metric == "mean":
		g.Of[at]++
		g.Count[at] += uint64(latency)
	default: // percentiles, and the maximum
		g.Of[at]++
		if latency > g.limit {
			g.Count[at]++
		}
	}
}

// answered notes an ok answer that is given now, within the window.
func (t *Timeline) answered(now sim.Time, op uint32) {
	at := min(int(now/t.Grain), len(t.Cells)-1)
	for k := range t.Goals {
		if g := &t.Goals[k]; g.objective.Metric == "throughput" && g.ops[op] {
			g.Count[at]++
		}
	}
}

// Recovers reports whether an objective asks when a client is back.
func (s *Spec) Recovers() bool {
	return slices.ContainsFunc(s.Objectives, func(o Objective) bool { return o.Metric == "recovery" })
}
