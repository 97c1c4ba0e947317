package study

import (
	"fmt"
	"math"
	"slices"

	"github.com/capsim/capsim/internal/result"
)

// root interpolates where the first of the asked criteria is missed between
// two loads.
func (s *search) root(held, missed *loadPoint) float64 {
	load, asked := missed.load, s.asked()
	for k := range s.criteria {
		c := &s.criteria[k]
		if asked[k] && !missed.met(c, k) {
			load = min(load, rootOf(held.load, missed.load, held.score(c, k), missed.score(c, k)))
		}
	}
	return load
}

// rootOf is where the line through two scores is 0.
func rootOf(a, b, scoreA, scoreB float64) float64 {
	if scoreA <= scoreB || scoreA <= 0 {
		return a
	}
	return a + float64((b-a)*min(scoreA/(scoreA-scoreB), 1))
}

// crossing is the capacity by the pooled figures, 0 if it was not bracketed.
func (s *search) crossing() float64 {
	held, missed := s.bracket()
	if held == nil || missed == nil {
		return 0
	}
	return s.root(held, missed)
}

// crossings are the capacities by each replication: where its score is 0,
// interpolated between the loads that were simulated; of several such places
// the one nearest to the pooled crossing. The score of a replication that
// crosses nowhere among them is taken to go on as it does there.
func (s *search) crossings(near float64) []float64 {
	asked := s.asked()
	var points []*loadPoint
	for _, p := range s.points {
		if p.limit == "" {
			points = append(points, p)
		}
	}
	var out []float64
	for r := range s.spec.Run.Replications {
		scores := make([]float64, len(points))
		for i, p := range points {
			scores[i] = best
			for k := range s.criteria {
				if asked[k] {
					scores[i] = min(scores[i], p.scores[r][k])
				}
			}
		}
		load, ok := crossingOf(points, scores, near)
		if !ok {
			return nil
		}
		out = append(out, load)
	}
	return out
}

func crossingOf(points []*loadPoint, scores []float64, near float64) (load float64, ok bool) {
	for i := 1; i < len(points); i++ {
		if scores[i-1] <= 0 || scores[i] > 0 {
			continue
		}
		x := rootOf(points[i-1].load, points[i].load, scores[i-1], scores[i])
		if !ok || math.Abs(x-near) < math.Abs(load-near) {
			load, ok = x, true
		}
	}
	n := len(points)
	if ok || n < 2 {
		return load, ok
	}
	from := 0 // missed everywhere: before the first
	if scores[n-1] > 0 {
		from = n - 2
	}
	a, b := points[from], points[from+1]
	slope := (scores[from+1] - scores[from]) / (b.load - a.load)
	if slope >= 0 {
		return 0, false
	}
	x := a.load - scores[from]/slope
	return min(max(x, points[0].load/2), 2*points[n-1].load), true
}

// capacity sums a search up.
func (s *search) capacity() *Capacity {
	out := &Capacity{WarmupS: s.spec.Run.Warmup.Seconds(), search: s}
	held, missed := s.bracket()
	asked := s.asked()
	for k := range s.criteria {
		c := Criterion{Text: s.criteria[k].text, Asked: asked[k]}
		if !asked[k] {
			c.Why = s.whyNot(k)
		}
		out.Criteria = append(out.Criteria, c)
	}
	if held != nil {
		out.HeldAt = &held.load
	}
	if missed != nil {
		out.MissedAt, out.Breaks = &missed.load, s.breaks(held, missed)
	}
	switch {
	case !slices.Contains(asked, true):
		out.Load.Note = "every objective is missed at any load"
		out.HeldAt, out.MissedAt, out.Breaks = nil, nil, ""
	case held == nil:
		out.Load.Note = fmt.Sprintf("below %.3g times the traffic, which is the least that was tried", missed.load)
	case missed == nil:
		out.Load.Note = fmt.Sprintf("held at every load up to %.3g times the traffic, which is the most that was tried", held.load)
	default:
		load := s.root(held, missed)
		each := s.crossings(load)
		out.Load = estimateOf(load, each)
		if each == nil {
			out.Load.Note = "no interval: in some replication nothing breaks near this load"
		}
		if h := out.Load.HalfWidth; h != nil {
			low, high := max(load-*h, 0), load+*h
			out.Low, out.High = &low, &high
		}
	}
	return out
}

// interrupt leaves of a search that was stopped in the middle what it knows
// already: between which loads the capacity lies, perhaps far apart. A line
// drawn between those would look like the answer, interval and all.
func (c *Capacity) interrupt() {
	c.Low, c.High, c.Breaks = nil, nil, ""
	c.Load = result.Estimate{Note: result.SearchInterrupted}
	switch {
	case c.HeldAt != nil && c.MissedAt != nil:
		c.Load.Note += fmt.Sprintf(": held at %.4g times the traffic and missed at %.4g, and the loads between were not looked at", *c.HeldAt, *c.MissedAt)
	case c.HeldAt != nil:
		c.Load.Note += fmt.Sprintf(": held at %.4g times the traffic, and more was not tried", *c.HeldAt)
	case c.MissedAt != nil:
		c.Load.Note += fmt.Sprintf(": missed at %.4g times the traffic, and less was not tried", *c.MissedAt)
	}
}

// whyNot says why a criterion is not asked for.
func (s *search) whyNot(k int) string {
	least := s.points[0]
	c := &s.criteria[k]
	one := s.points[slices.IndexFunc(s.points, func(p *loadPoint) bool { return p.load == 1 })]
	switch {
	case !c.mends:
		return fmt.Sprintf("%s: %.3g times the traffic is too much already", hopeless, least.load)
	case !one.met(c, k):
		return "missed at today's load, and less load would not help"
	}
	return "less load makes it worse, and the capacity lies below today's"
}

// breaks is the criterion that is missed first.
func (s *search) breaks(held, missed *loadPoint) string {
	first, at := "", math.Inf(1)
	asked := s.asked()
	for k := range s.criteria {
		c := &s.criteria[k]
		if !asked[k] || missed.met(c, k) {
			continue
		}
		load := missed.load
		if held != nil {
			load = rootOf(held.load, missed.load, held.score(c, k), missed.score(c, k))
		}
		if load < at || first == "" {
			first, at = c.text, load
		}
	}
	if missed.limit != "" {
		return missed.limit
	}
	return first
}
