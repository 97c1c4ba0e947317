package study

import (
	"errors"
	"runtime"
	"slices"
	"sync"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
)

// SweepPlan is the grid that a sweep simulates.
type SweepPlan struct {
	Title, Design string
	Seed          uint64
	Dimensions    []result.SweepDimension
	Points        int

	// Spec makes the specification of a point, and tells what was found in it.
	// It is called by one goroutine at a time.
	Spec func(point int) (*node.Spec, []result.Warning)

	// Kept is what an earlier sweep of the same plan had finished. Keep, unless
	// it is nil, is called with each further record, by one goroutine at a
	// time; its error ends the sweep.
	Kept []SweepRecord
	Keep func(SweepRecord) error
}

// SweepRecord is something that a sweep has finished: a pilot or a point.
type SweepRecord struct {
	Pilot *SweepPilot        `json:"pilot,omitempty"`
	Point *result.SweepPoint `json:"point,omitempty"`
}

// SweepPilot is the warm-up that the pilot run of a point asks for. Late says
// that the point had not settled by half of its length.
type SweepPilot struct {
	Point    int      `json:"point"`
	WarmupNS sim.Time `json:"warmup_ns"`
	Late     bool     `json:"late"`
}

// Sweep simulates every point of a plan on common random numbers. Where the
// warm-up is found by pilots it is the same for all points, the longest of
// those that settle, so that the same customers come to the window of each.
// Points finish in any order; the document has them by number. Stopped early,
// it returns those that were finished with node.ErrStopped, nil if none was.
func Sweep(p SweepPlan, opt Options) (*result.Sweep, error) {
	s := &sweeping{plan: p, opt: opt, pilots: make([]*SweepPilot, p.Points), points: make([]*result.SweepPoint, p.Points)}
	for _, r := range p.Kept {
		if r.Pilot != nil {
			s.pilots[r.Pilot.Point] = r.Pilot
		}
		if r.Point != nil {
			s.points[r.Point.Point] = r.Point
			s.done++
		}
	}
	err := s.pilot()
	if err == nil {
		err = s.simulate()
	}
	if err != nil && !errors.Is(err, node.ErrStopped) {
		return nil, err
	}
	out := &result.Sweep{
		Schema: result.SweepSchema, Version: opt.Version, Title: p.Title, Design: p.Design, Seed: p.Seed, Truncated: err != nil,
		Warnings: []result.Warning{}, Dimensions: p.Dimensions, Grid: p.Points, Points: []result.SweepPoint{},
	}
	for _, one := range s.points {
		if one != nil {
			out.Points = append(out.Points, *one)
		}
	}
	if len(out.Points) == 0 {
		return nil, err
	}
	return out, err
}

// sweeping is a sweep in the making.
type sweeping struct {
	plan   SweepPlan
	opt    Options
	pilots []*SweepPilot
	points []*result.SweepPoint
	warmup sim.Time // of the points whose warm-up is found

	making sync.Mutex // of specifications
	mu     sync.Mutex
	done   int
}

// spec makes the specification of a point.
func (s *sweeping) spec(point int) (*node.Spec, []result.Warning) {
	s.making.Lock()
	defer s.making.Unlock()
	return s.plan.Spec(point)
}

// keep hands over a record.
func (s *sweeping) keep(r SweepRecord) error {
	if s.plan.Keep == nil {
		return nil
	}
	return s.plan.Keep(r)
}

// stopped reports whether the sweep is to end early.
func (s *sweeping) stopped() bool { return s.opt.Stop != nil && s.opt.Stop.Load() }

// pilot finds the warm-up of all points that ask for it.
func (s *sweeping) pilot() error {
	err := each(s.plan.Points, s.opt.Parallel, func(i int) error {
		if s.pilots[i] != nil {
			return nil
		}
		if s.stopped() {
			return node.ErrStopped
		}
		spec, _ := s.spec(i)
		if spec.Run.Warmup != node.Auto {
			return nil
		}
		found, late, err := node.NewNetwork(spec, node.Pilot).FindWarmup(s.opt.Stop)
		var limit *node.LimitError
		if errors.As(err, &limit) {
			found, late, err = 0, true, nil // the point itself says so
		}
		if err != nil {
			return err
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.pilots[i] = &SweepPilot{Point: i, WarmupNS: found, Late: late}
		return s.keep(SweepRecord{Pilot: s.pilots[i]})
	})
	if err != nil {
		return err
	}
	settled := sim.Time(-1)
	for _, p := range s.pilots {
		if p == nil {
			continue
		}
		s.warmup = max(s.warmup, p.WarmupNS)
		if !p.Late {
			settled = max(settled, p.WarmupNS)
		}
	}
	if settled >= 0 {
		s.warmup = settled
	}
	return nil
}

// simulate runs all points that are not there yet: as many at once as there
// are cores, or each with several replications at once where points are few.
func (s *sweeping) simulate() error {
	var left []int
	for i, p := range s.points {
		if p == nil {
			left = append(left, i)
		}
	}
	parallel := s.opt.Parallel
	if parallel <= 0 {
		parallel = runtime.GOMAXPROCS(0)
	}
	inner := s.opt
	inner.Progress, inner.Parallel = nil, max(1, parallel/max(1, len(left)))
	s.show()
	return each(len(left), parallel, func(k int) error {
		if s.stopped() {
			return node.ErrStopped
		}
		one, err := s.point(left[k], inner)
		if err != nil {
			return err
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.points[left[k]] = one
		s.done++
		s.show()
		return s.keep(SweepRecord{Point: one})
	})
}

// show tells how far the sweep is.
func (s *sweeping) show() {
	if s.opt.Progress != nil {
		s.opt.Progress(s.done, s.plan.Points)
	}
}

// point simulates one point.
func (s *sweeping) point(i int, opt Options) (*result.SweepPoint, error) {
	spec, warnings := s.spec(i)
	settled := *spec
	late := false
	if p := s.pilots[i]; p != nil && spec.Run.Warmup == node.Auto {
		settled.Run.Warmup, late = min(s.warmup, spec.Run.Duration/2), p.Late
	}
	outcomes, err := runAll([]*node.Spec{&settled}, opt)
	one := &result.SweepPoint{Point: i, Values: s.values(i)}
	var limit *node.LimitError
	switch {
	case errors.As(err, &limit):
		one.Limit = limit.Error()
		one.Run = result.Run{DurationS: settled.Run.Duration.Seconds(), WarmupS: settled.Run.Warmup.Seconds(), Replications: settled.Run.Replications}
		one.Clients, one.Nodes = map[string]*result.SweepClient{}, map[string]*result.SweepNode{}
		one.Objectives, one.Warnings = []result.Objective{}, slices.Concat([]result.Warning{}, warnings)
		return one, nil
	case err != nil:
		return nil, err // of a point that was stopped nothing is kept
	}
	r := outcomes[0].Result
	if late {
		warnLate(r)
	}
	takePoint(one, r, warnings)
	return one, nil
}

// values are those of a point, by dimension.
func (s *sweeping) values(point int) []string {
	out := make([]string, len(s.plan.Dimensions))
	for i := len(out) - 1; i >= 0; i-- {
		values := s.plan.Dimensions[i].Values
		out[i], point = values[point%len(values)].Text, point/len(values)
	}
	return out
}
