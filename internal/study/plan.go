package study

import (
	"cmp"
	"errors"
	"math"
	"slices"
	"sync"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim/portable"
)

// PlanSpace is a space of designs, of which the cheapest good one is wanted.
type PlanSpace struct {
	Title, Design string
	Seed          uint64
	Load          float64 // that the specifications are at, for people
	Dimensions    []result.SweepDimension
	Survive       []string // the faults that the design must bear, as they are written
	Points        int
	Most          int // designs that may be simulated; 0: [PlanMost]

	// Spec makes the specification of a design, and Struck the same with one of
	// the faults: nil if the values do not go together, which ends the plan with
	// [ErrNoDesign]. They are called by one goroutine at a time.
	Spec   func(point int) *node.Spec
	Struck func(point, fault int) *node.Spec
}

// ErrNoDesign is the answer of a plan one of whose designs cannot be made.
var ErrNoDesign = errors.New("study: a design of the plan cannot be made")

// PlanMost is how many designs are simulated at most where nobody says
// otherwise.
const PlanMost = 200

// Plan finds the cheapest design of a space that meets its objectives, at the
// load of the specifications and during each of the faults.
//
// What a design costs is known before it is simulated, and so the question of
// each is only whether it is feasible. It is answered by the cheapest means
// that can:
//
//  1. Screening ([screening]): the traffic equations say which designs are
//     asked for more than they have, and the prices which cost more than an
//     objective allows.
//  2. Pruning: what has no more of anything than a design that failed fails
//     too ([planOrder] says of which keys this holds), unless theory
//     contradicts.
//  3. Simulation ([race]): a sequential test that goes on until a design is
//     separated from each objective, or known to within a hundredth of it.
//
// Theory decides only in which order designs are tried: first the cheapest
// that it thinks feasible, until there is one; then, of those that are cheaper,
// the one that speaks for most of the others. The search ends when no cheaper
// design is left, so that the answer does not depend on how good the guess was.
//
// Stopped early, it returns what it had, with node.ErrStopped; nil if nothing
// was simulated.
func Plan(p PlanSpace, opt Options) (*result.Plan, error) {
	if p.Most == 0 {
		p.Most = PlanMost
	}
	s := &planning{plan: p, opt: opt, winner: -1}
	err := s.look()
	if err == nil {
		err = s.search()
	}
	if err == nil {
		err = s.beside()
	}
	if err != nil && !errors.Is(err, node.ErrStopped) {
		return nil, err
	}
	if len(s.tried) == 0 && err != nil {
		return nil, err
	}
	return s.tell(err != nil), err
}

// planState is what is known of a design.
type planState uint8

const (
	planOpen     planState = iota
	planScreened           // by theory
	planPruned             // by another that failed
	planServed             // by another that did not fail, and is served alike
	planMissed             // by simulation
	planGood               // by simulation
	planShown              // simulated for the front alone
)

// planned is a design of the space.
type planned struct {
	point int
	at    []int // its places in the dimensions
	screened
	state planState
	by    int  // the design that decided it, in planning.all
	alike bool // because what happens to it is the same
	room  int  // how high its limits are
	race  *race
	shape *result.PlanDesign
	late  []string   // what falls behind, if it is feasible
	month sample     // what it costs without a fault, by replication
	worst [2]float64 // predicted with the faults; [1] is 1 once it is known
}

// planning is a plan in the making.
type planning struct {
	plan   PlanSpace
	opt    Options
	all    []planned // by cost
	places []int     // by point: in all
	order  *planOrder
	bounds []*planLimit // by dimension; nil: it is none
	making sync.Mutex   // of specifications

	tried  []int   // simulated, in order
	winner int     // in all; -1: none yet
	good   float64 // the worst prediction of a design that was feasible; 0: none yet
	bad    float64 // the best of one that was not; 0: none yet
	failed int     // designs one after the other that were not
	likely int     // the case that the last of these failed in
	jobs   int     // replications simulated
}

// spec makes the specification of a design, with a fault unless it is −1.
func (s *planning) spec(point, fault int) *node.Spec {
	s.making.Lock()
	defer s.making.Unlock()
	made := s.plan.Spec
	if fault >= 0 {
		made = func(point int) *node.Spec { return s.plan.Struck(point, fault) }
	}
	spec := made(point)
	if spec == nil {
		return nil
	}
	one := *spec
	one.Run.Precision = 0 // the race says how many replications there are
	return &one
}

// look prices and screens all designs, and puts them in order of cost.
func (s *planning) look() error {
	s.all = make([]planned, s.plan.Points)
	err := each(s.plan.Points, s.opt.Parallel, func(i int) error {
		if s.stopped() {
			return node.ErrStopped
		}
		spec := s.spec(i, -1)
		if spec == nil {
			return ErrNoDesign
		}
		s.all[i] = planned{point: i, at: s.indices(i), screened: screen(spec)}
		if s.all[i].why != "" {
			s.all[i].state = planScreened
		}
		return nil
	})
	if err != nil {
		return err
	}
	variants := s.variants()
	s.order, s.bounds = s.orders(variants), s.limits(variants)
	for i := range s.all {
		s.all[i].room = s.room(s.all[i].at)
	}
	slices.SortFunc(s.all, func(a, b planned) int { return a.before(&b) })
	s.places = make([]int, len(s.all))
	for i := range s.all {
		s.places[s.all[i].point] = i
	}
	return nil
}

// before orders designs by cost, then by what theory thinks of them, then by how
// many may be served like them.
func (p *planned) before(o *planned) int {
	switch {
	case p.cost.month < o.cost.month:
		return -1
	case p.cost.month > o.cost.month:
		return 1
	}
	return cmp.Or(step(p.score)-step(o.score), o.room-p.room, cmp.Compare(p.score, o.score), p.point-o.point)
}

// step is a score in steps of a fiftieth: nearer to each other, theory knows no
// better one.
func step(score float64) int {
	if score <= 0 {
		return math.MinInt32
	}
	return int(math.Floor(50 * portable.Log(score)))
}

// indices are the places of a design's values in their dimensions: the last
// changes first.
func (s *planning) indices(point int) []int {
	at := make([]int, len(s.plan.Dimensions))
	for i := len(at) - 1; i >= 0; i-- {
		n := len(s.plan.Dimensions[i].Values)
		at[i], point = point%n, point/n
	}
	return at
}

// pointAt is the number of the design at some places.
func (s *planning) pointAt(at []int) int {
	point := 0
	for i, k := range at {
		point = point*len(s.plan.Dimensions[i].Values) + k
	}
	return point
}

func (s *planning) stopped() bool { return s.opt.Stop != nil && s.opt.Stop.Load() }

// search simulates designs until none is left that is cheaper than the
// winner, or as many were as may be.
func (s *planning) search() error {
	for len(s.tried) < s.plan.Most {
		i := s.next()
		if i < 0 {
			return nil
		}
		if err := s.try(i, planLooks); err != nil {
			return err
		}
	}
	return nil
}

// try decides a design by simulation, in so many looks at most, and what follows
// for others.
func (s *planning) try(i, most int) error {
	c := &s.all[i]
	r, err := s.race(c.point, most)
	if err != nil {
		return err
	}
	s.tried = append(s.tried, i)
	c.race, c.shape = r, s.design(c, r)
	if score := s.predicted(i); !r.feasible() {
		c.state = planMissed
		s.failed++
		if s.bad == 0 || score < s.bad {
			s.bad = score
		}
		s.standsFor(i)
		s.prune(i)
		return nil
	} else if score > s.good {
		s.good = score
	}
	c.state, s.failed = planGood, 0
	s.standsFor(i)
	if w := s.winner; w < 0 || c.dearer(&s.all[w]) < -alikeCost*s.all[w].monthly() {
		s.winner = i
	}
	return nil
}

// prune rejects what is no better in anything than a design that failed: of a
// design that was calm anything, else what differs in the last tier alone. What
// theory thinks clearly better is left to be looked at.
func (s *planning) prune(failed int) {
	f := &s.all[failed]
	if !f.speaks {
		return
	}
	for i := range s.all {
		if c := &s.all[i]; c.state == planOpen && s.speaksFor(f, c) && !(c.score < 0.98*f.score) {
			c.state, c.by = planPruned, failed
		}
	}
}

// speaksFor reports whether a design that failed has as much of everything as
// another, and this means that the other fails too. So do all those that it
// stands for.
func (s *planning) speaksFor(f, c *planned) bool {
	at := s.likeness(f, c)
	if !s.order.noBetter(c.at, at) {
		return false
	}
	return slices.ContainsFunc(f.race.bad, func(b blame) bool {
		name, every := neverWorse(f.race.cases[0].f.spec, b.objective)
		return s.order.onlyOf(c.at, at, func(d int) bool { return b.free[d] && (every || s.order.node[d] == name) })
	})
}

// monthly is what a design costs as far as it is known: as it was simulated,
// else as it is priced.
func (p *planned) monthly() float64 {
	if p.shape != nil && p.shape.Monthly.Mean != nil {
		return *p.shape.Monthly.Mean
	}
	return p.cost.month
}

// cheaper reports whether a design may cost less than the winner.
func (s *planning) cheaper(i int) bool {
	return s.winner < 0 || s.all[i].cost.low < s.all[s.winner].monthly()*(1-alikeCost)
}

// predicted is what theory thinks of a design with each of the faults: the
// worst of its figures as a share of what an objective allows.
func (s *planning) predicted(i int) float64 {
	c := &s.all[i]
	if c.worst[1] == 0 {
		c.worst = [2]float64{c.score, 1}
		for k := range s.plan.Survive {
			c.worst[0] = max(c.worst[0], forecast(maimed(s.spec(c.point, k))))
		}
	}
	return c.worst[0]
}

// trust is the prediction up to which a design is thought feasible. Theory may
// promise too much or too little, so the line is drawn between what was seen to
// hold and what was not; as long as nothing holds, lower with each failure.
func (s *planning) trust() float64 {
	switch {
	case s.bad == 0:
		return max(1, s.good)
	case s.good == 0:
		return min(1, s.bad) * (1 - min(0.5, math.Ldexp(0.025, s.failed)))
	case s.good < s.bad:
		return math.Sqrt(s.good * s.bad)
	}
	return s.bad // where it is wrong both ways
}

// planPatience is after how many failures, one after the other, it is asked
// whether any design can hold.
const planPatience = 3

// next is the design to simulate next, −1 if the answer is known.
func (s *planning) next() int {
	var open []int
	for i := range s.all {
		if s.all[i].state == planOpen && s.cheaper(i) {
			open = append(open, i)
		}
	}
	if len(open) == 0 {
		return -1
	}
	if s.winner < 0 && s.failed > 0 && s.failed%planPatience == 0 {
		return s.speaker(open)
	}
	for trust, k := s.trust(), 0; k < len(open); k++ {
		if i := open[k]; s.all[i].score <= trust && s.predicted(i) <= trust {
			return i
		}
	}
	return s.speaker(open)
}

// planCompared is how many designs are compared with each other, to see which
// speaks for most: their pairs are many. Of more it is reckoned from their
// values.
const planCompared = 2000

// speaker is the design that no other is better than in all, and that is
// better than most of the others: if it fails, so do they.
func (s *planning) speaker(open []int) int {
	best, most := -1, -1
	for _, i := range open {
		n := s.order.count(s.all[i].at)
		if len(open) <= planCompared {
			n = 0
			for _, j := range open {
				if s.order.noBetter(s.all[j].at, s.all[i].at) {
					n++
				}
			}
		}
		if n > most || n == most && s.all[i].better(&s.all[best]) {
			best, most = i, n
		}
	}
	return best
}

// better reports whether theory thinks better of a design than of another, or
// no worse, and more may be served like it.
func (p *planned) better(o *planned) bool {
	return cmp.Or(step(p.score)-step(o.score), o.room-p.room) < 0
}

// planGlances are the looks at a neighbour, of which it is known that it is not
// the winner, unless that was wrong.
const planGlances = 2

// beside simulates what is shown next to the winner: neighbours that were only
// pruned, or cost as much, to say by how much they miss; and dearer designs that may be on the
// front.
func (s *planning) beside() error {
	if s.winner < 0 {
		return nil
	}
	for _, n := range s.steps(s.winner) {
		i := s.places[n.point]
		asMuch := s.all[i].state == planOpen && s.all[i].dearer(&s.all[s.winner]) <= alikeCost*s.all[s.winner].monthly()
		if (s.all[i].state != planPruned || s.all[i].alike) && !asMuch || len(s.tried) >= s.plan.Most {
			continue
		}
		was := s.winner
		if err := s.try(i, planGlances); err != nil {
			return err
		}
		if s.winner != was { // pruning was wrong here
			return errors.Join(s.search(), s.beside())
		}
	}
	return s.frontier()
}

// planStep is a neighbour.
type planStep struct {
	dimension, value, point int
}

// steps are the designs one step from another along each dimension: the values
// before and after, or any other where they are words, which have no order.
func (s *planning) steps(i int) []planStep {
	var out []planStep
	for d := range s.plan.Dimensions {
		values := s.plan.Dimensions[d].Values
		for v := range values {
			at := slices.Clone(s.all[i].at)
			away := max(v-at[d], at[d]-v)
			if away == 1 || away > 1 && values[v].Number == nil {
				at[d] = v
				out = append(out, planStep{d, v, s.pointAt(at)})
			}
		}
	}
	return out
}

// planFront is how many dearer designs are simulated to see what more money
// buys, and by how much each is to be better than the one before.
const (
	planFront    = 6
	planFrontGap = 0.97
)

// frontier simulates dearer designs which theory thinks to be faster than all
// that cost less.
func (s *planning) frontier() error {
	var list []int
	best := s.all[s.winner].p99
	for i := range s.all {
		c := &s.all[i]
		if c.state == planOpen && c.cost.month > s.all[s.winner].cost.month && c.p99 > 0 && c.p99 < planFrontGap*best {
			list, best = append(list, i), c.p99
		}
	}
	n := min(planFront, len(list), s.plan.Most-len(s.tried))
	for k := range n {
		i := list[k*len(list)/n]
		c := &s.all[i]
		r, err := s.show(c.point)
		if err != nil {
			return err
		}
		s.tried = append(s.tried, i)
		c.state, c.race, c.shape = planShown, r, s.design(c, r)
		c.shape.Role = result.PlanShown
	}
	return nil
}

// inf is what has no figure.
var inf = math.Inf(1)
