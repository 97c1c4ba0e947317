package study

import (
	"errors"
	"math"
	"slices"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
)

// CapacityOptions say how exactly the capacity of a system is wanted. The zero
// value is the usual.
type CapacityOptions struct {
	Options
	Width float64 // between a load that is held and one that is not, as a share of the load; 0: 1 %
	Guess float64 // a load near the capacity, where one is known; 0: none
}

// The loads that are tried, as multiples of the file's.
const (
	capacityWidth  = 0.01
	capacityLeast  = 1.0 / 16 // what is missed here is missed at any load
	capacityMost   = 256      // what holds here holds, where nothing is known of what saturates
	capacityBeyond = 8        // the same, in multiples of the load that saturates the first resource
	capacityRate   = 1e8      // requests per second of a client
	capacityUsers  = 1e6      // of a client
)

// Capacity is how much load a system holds: the highest multiple of its
// traffic at which it is within all objectives that can be asked for.
type Capacity struct {
	// Load is that load, its Mean nil where there is none, or no end of it;
	// then the note says so.
	Load result.Estimate
	// Low and High are the ends of its 95 % interval, nil without one.
	Low, High *float64
	HeldAt    *float64 // the highest load that was simulated and held
	MissedAt  *float64 // the lowest above it, which was not
	Breaks    string   // the criterion that is missed first, "" if none is
	Criteria  []Criterion
	WarmupS   float64

	search *search
}

// Criterion is what a load is judged by: an objective of the file, or a sign
// of saturation where it has none.
type Criterion struct {
	Text  string
	Asked bool   // whether the search asked for it
	Why   string // if it did not
}

// FindCapacity searches for the highest load at which all objectives hold.
//
// The search brackets it (from load 1 upwards or downwards, led by the load at
// which the traffic equations see the first resource saturate) and narrows the
// bracket by interpolation, safeguarded by bisection, until a load that holds
// and one that does not lie within the width of each other. Every load is
// simulated with the same seed, replications and warm-up: the same customers
// come, only sooner or later, so that the figures of one replication move
// smoothly with the load, and the load at which they cross an objective can be
// found for each replication by itself. These crossings are independent, and
// their Student t interval is that of the capacity; the point is the crossing
// of the pooled figures, which are those that `run` prints at that load. This
// is root finding on sample averages with common random numbers (Chen and
// Schmeiser, Stochastic root finding via retrospective approximation, IIE
// Transactions 33, 2001; Pasupathy and Kim, The stochastic root-finding
// problem, ACM TOMACS 21, 2011).
//
// An automatic warm-up is the longest that pilots find at load 1, near
// saturation and at the capacity itself: if the last is longer than the two
// others, the search begins anew around what it has found.
//
// Stopped early, it returns what it had, with node.ErrStopped; nil if that was
// nothing.
func FindCapacity(spec *node.Spec, opt CapacityOptions) (*Capacity, error) {
	s, err := newSearch(spec, opt)
	if err != nil {
		return nil, err
	}
	err = s.findWarm()
	if len(s.points) == 0 || err != nil && !errors.Is(err, node.ErrStopped) {
		return nil, err
	}
	c := s.capacity()
	if err != nil {
		c.interrupt()
	}
	return c, err
}

// search is a search for the capacity.
type search struct {
	spec      *node.Spec // the warm-up settled
	opt       CapacityOptions
	auto      bool // the warm-up was to be found
	late      bool // the pilots never settled
	criteria  []criterion
	saturates float64 // by the traffic equations; 0: unknown
	points    []*loadPoint
	guess     float64
	widths    []float64 // of the bracket after each step
	steps     int       // of a search around a guess
	hugs      int       // steps in a row that stayed next to an end of the bracket
	tick      *ticker
}

func newSearch(spec *node.Spec, opt CapacityOptions) (*search, error) {
	if opt.Width == 0 {
		opt.Width = capacityWidth
	}
	own := *spec
	own.Run.Precision = 0 // all loads have as many replications
	s := &search{
		spec: &own, opt: opt, auto: own.Run.Warmup == node.Auto, saturates: own.Saturation(), guess: opt.Guess,
		tick: &ticker{total: 12 * own.Run.Replications, show: opt.Progress},
	}
	s.criteria = criteriaOf(s.spec)
	if !s.auto {
		return s, nil
	}
	pilots := []*node.Spec{&own}
	switch near := 0.9 * s.saturates; {
	case near > 0 && near < 1:
		pilots[0] = own.AtLoad(near)
	case near > 1 && near < 4: // else the capacity may be far below, and the pilot cost more than the search
		pilots = append(pilots, own.AtLoad(near))
	}
	settled, late, err := settleWarmup(pilots, opt.Options)
	if err != nil {
		return nil, err
	}
	own.Run.Warmup, s.late = settled[0].Run.Warmup, slices.Contains(late, true)
	return s, nil
}

// findWarm searches, and does so again if the warm-up turns out to have been
// too short at the capacity.
func (s *search) findWarm() error {
	err := s.find()
	if err != nil || !s.auto || s.late {
		return err
	}
	held, _ := s.bracket()
	if held == nil {
		return nil
	}
	pilot := *s.spec.AtLoad(held.load)
	pilot.Run.Warmup = node.Auto
	settled, late, err := settleWarmup([]*node.Spec{&pilot}, s.opt.Options)
	if err != nil {
		return err
	}
	if s.late = late[0]; s.late || settled[0].Run.Warmup <= s.spec.Run.Warmup {
		return nil
	}
	if load := s.crossing(); load > 0 {
		s.guess = load
	}
	s.spec.Run.Warmup = settled[0].Run.Warmup
	s.points, s.widths, s.steps, s.hugs = nil, nil, 0, 0
	return s.find()
}

// find tries loads until the capacity lies between two that are close.
func (s *search) find() error {
	if _, err := s.at(1); err != nil {
		return err
	}
	for slices.Contains(s.asked(), true) {
		held, missed := s.bracket()
		load := s.next(held, missed)
		if load == 0 {
			return nil
		}
		if _, err := s.at(load); err != nil {
			return err
		}
	}
	return nil
}

// least is the least load that is tried.
func (s *search) least() float64 {
	if s.saturates > 0 && s.saturates < 1 {
		return s.saturates * capacityLeast
	}
	return capacityLeast
}

// bracket returns the lowest load that is missed, and the highest below it
// that is held; nil if there is none.
func (s *search) bracket() (held, missed *loadPoint) {
	asked := s.asked()
	for _, p := range s.points {
		if !s.holds(p, asked) {
			return held, p
		}
		held = p
	}
	return held, nil
}

// next is the load to try next, 0 if there is none.
func (s *search) next(held, missed *loadPoint) float64 {
	switch {
	case missed == nil:
		return s.upwards(held.load)
	case held == nil:
		return s.downwards(missed.load)
	}
	low, high := held.load, missed.load
	if high <= low*(1+s.opt.Width) {
		return 0
	}
	s.widths = append(s.widths, high/low-1)
	load := s.between(held, missed)
	if n := len(s.widths); n > 2 && s.widths[n-1] > s.widths[n-3]/2 {
		load = math.Sqrt(low * high) // interpolation gets nowhere
	}
	if load = s.rounded(load); load <= low || load >= high {
		return 0
	}
	return load
}

// between interpolates where the pooled figures cross. Next to an end of the
// bracket it goes just beyond, so that the bracket closes, and twice as far
// each time that it does not.
func (s *search) between(held, missed *loadPoint) float64 {
	low, high := held.load, missed.load
	load := s.root(held, missed) / (1 + float64(s.opt.Width/2))
	step := 1 + doubled(float64(0.96*s.opt.Width), s.hugs)
	s.hugs++
	switch {
	case load <= low*step:
		return min(low*step, math.Sqrt(low*high))
	case load >= high/step:
		return max(high/step, math.Sqrt(low*high))
	}
	s.hugs = 0
	return load
}

// upwards is the next load when all so far have been held.
func (s *search) upwards(low float64) float64 {
	most := s.most()
	if low >= most || low >= s.rounded(most) { // rounding may take it down, to where it was already
		return 0
	}
	s.steps++
	grow := 1 + doubled(s.opt.Width, s.steps-1)
	switch near := 0.9 * s.saturates; {
	case s.guess > 0 && low < s.guess/(1+s.opt.Width):
		return s.rounded(s.guess / (1 + float64(s.opt.Width/2)))
	case s.guess > 0:
		return s.rounded(min(low*grow, most))
	case low < near/1.05:
		return s.rounded(min(near, 4*low))
	case near > 0 && low < s.saturates:
		return s.rounded(1.05 * s.saturates)
	}
	return s.rounded(min(2*low, most))
}

// doubled is a number doubled so many times.
func doubled(x float64, times int) float64 {
	for range times {
		x += x
	}
	return x
}

// most is the most load that is tried: where nothing has broken far beyond
// saturation nothing will, and no more users, or requests a nanosecond, than
// a file may ask for.
func (s *search) most() float64 {
	most := float64(capacityMost)
	if s.saturates > 0 {
		most = max(s.saturates, 1) * capacityBeyond
	}
	for i := range s.spec.Nodes {
		c := s.spec.Nodes[i].Client
		switch {
		case c == nil:
		case c.Open != nil:
			most = min(most, capacityRate/max(c.Open.MeanRate(s.spec.Run.Duration), 1))
		default:
			users := float64(c.Closed.Initial)
			for _, r := range c.Closed.Ramps {
				users = max(users, r.Target)
			}
			most = min(most, capacityUsers/max(users, 1))
		}
	}
	return most
}

// downwards is the next load when all so far have been missed.
func (s *search) downwards(high float64) float64 {
	if high <= s.least()*1.001 {
		return 0
	}
	s.steps++
	shrink := 1 + doubled(s.opt.Width, s.steps-1)
	switch near := 0.9 * s.saturates; {
	case s.guess > 0 && high > s.guess*(1+s.opt.Width):
		return s.rounded(s.guess * (1 + float64(s.opt.Width/2)))
	case s.guess > 0:
		return s.rounded(max(high/shrink, s.least()))
	case near > 0 && high > near*1.05:
		return s.rounded(near)
	}
	return s.rounded(max(high/2, s.least()))
}

// rounded is a load that can be given on a command line.
func (s *search) rounded(load float64) float64 {
	digits := 3.0
	for w := s.opt.Width; w < 0.005; w *= 10 {
		digits++
	}
	for x := load; x >= 10; x /= 10 {
		digits--
	}
	for x := load; x < 1; x *= 10 {
		digits++
	}
	scale := 1.0
	for range int(digits) {
		scale *= 10
	}
	return math.Round(load*scale) / scale
}

// at is a load, simulated if it was not yet. A load that ends at a limit is
// one that is not held.
func (s *search) at(load float64) (*loadPoint, error) {
	i, found := slices.BinarySearchFunc(s.points, load, func(p *loadPoint, load float64) int {
		switch {
		case p.load < load:
			return -1
		case p.load > load:
			return 1
		}
		return 0
	})
	if found {
		return s.points[i], nil
	}
	p := &loadPoint{load: load, f: newFigures(s.spec.AtLoad(load))}
	n := s.spec.Run.Replications
	s.tick.expect(n)
	err := p.f.replicate(n, s.opt.Options, s.tick)
	var limit *node.LimitError
	switch {
	case errors.As(err, &limit):
		p.limit = limit.Error()
	case err != nil:
		return nil, err
	default:
		p.measure(s.criteria)
	}
	s.points = slices.Insert(s.points, i, p)
	return p, nil
}

// expect makes room for further ticks.
func (t *ticker) expect(n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.total = max(t.total, t.done+n)
}
