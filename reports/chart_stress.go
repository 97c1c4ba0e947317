package reports

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/capsim/capsim/internal/result"
)

// mostStressed is how many clients the charts of a stress test show.
const mostStressed = 3

// stressCharts draws latency, ok answers and errors against the load.
func stressCharts(s *result.Stress) []*picture {
	var all []*picture
	for _, p := range []*picture{breakingOverLoad(s), latencyOverLoad(s), answersOverLoad(s), errorsOverLoad(s)} {
		if p != nil {
			all = append(all, p)
		}
	}
	return all
}

// stressed are the clients that are drawn.
func stressed(s *result.Stress) []string {
	for i := range s.Curve {
		if names := sorted(s.Curve[i].Clients); len(names) > 0 {
			return names[:min(len(names), mostStressed)]
		}
	}
	return nil
}

// overLoad is one figure of a client against the load.
func overLoad(s *result.Stress, client string, of func(c *result.LoadClient) result.Estimate) (points, doubts []point) {
	for i := range s.Curve {
		p := &s.Curve[i]
		c, ok := p.Clients[client]
		if !ok {
			continue
		}
		e := of(&c)
		if e.Mean == nil {
			continue
		}
		one := point{x: p.Load, y: *e.Mean}
		if e.HalfWidth != nil {
			one.half = *e.HalfWidth
			doubts = append(doubts, one)
		}
		points = append(points, one)
	}
	return points, doubts
}

// loadPicture is a chart against the load: what is held is marked, with its
// interval as a band, and so is today.
func loadPicture(s *result.Stress, lines []line) *picture {
	lines = slices.DeleteFunc(lines, func(l line) bool { return len(l.points) == 0 })
	if len(lines) == 0 || len(s.Curve) < 2 {
		return nil
	}
	low, high := s.Curve[0].Load, s.Curve[len(s.Curve)-1].Load
	const title = "load, as a multiple of today's"
	p := &picture{x: between(title, 0, high), lines: lines}
	if high > 30*low {
		p.x = logAxis(title, low, high, plain)
	}
	if s.Low != nil && s.High != nil {
		p.bands = append(p.bands, band{max(*s.Low, p.x.min), min(*s.High, p.x.max)})
		p.remark = "The shade is the 95 % interval of the load that holds."
	}
	if s.Held.Mean != nil {
		p.marks = append(p.marks, tick{*s.Held.Mean, "holds " + times(*s.Held.Mean)})
	}
	if p.x.min <= 1 && 1 <= p.x.max {
		p.marks = append(p.marks, tick{1, "today"})
	}
	return p
}

// breakingOverLoad draws the figure of the objective that breaks first, unless
// it is a latency that is drawn anyway.
func breakingOverLoad(s *result.Stress) *picture {
	if s.Breaks == nil {
		return nil
	}
	for _, name := range stressed(s) {
		if _, of := latencyObjective(s.Breaks.Text, name); of {
			return nil
		}
	}
	u, limit, known := objectiveUnit(s.Breaks.Text)
	l := line{label: "measured"}
	for i := range s.Curve {
		for _, o := range s.Curve[i].Objectives {
			if o.Text != s.Breaks.Text || o.Actual.Mean == nil {
				continue
			}
			one := point{x: s.Curve[i].Load, y: *o.Actual.Mean}
			if o.Actual.HalfWidth != nil {
				one.half = *o.Actual.HalfWidth
				l.doubts = append(l.doubts, one)
			}
			l.points = append(l.points, one)
		}
	}
	p := loadPicture(s, []line{l})
	if p == nil {
		return nil
	}
	if known {
		p.lines = append(p.lines, line{label: visible(s.Breaks.Text), hue: 1, dash: 1, thin: true, points: []point{{x: p.x.min, y: limit}, {x: p.x.max, y: limit}}})
	}
	low, high, _ := extent(p.lines)
	p.title = "First to break: " + visible(s.Breaks.Text)
	figure, _, _ := strings.Cut(strings.ReplaceAll(visible(s.Breaks.Text), ">", "<"), "<")
	figure = strings.TrimSpace(figure)
	p.y = linearAxis(figure, high, u)
	if low > 0 && high > 10*low && u == seconds {
		p.y = logAxis(figure, low, high, u)
	}
	return p
}

// latencyOverLoad draws the median and the 99th percentile, and what
// objectives ask for.
func latencyOverLoad(s *result.Stress) *picture {
	var lines []line
	names := stressed(s)
	for k, name := range names {
		label := func(metric string) string {
			if len(names) == 1 {
				return metric
			}
			return name + " " + metric
		}
		metrics := []string{"p50", "p99"}
		for _, o := range s.Objectives {
			if m, of := latencyObjective(o.Text, name); of && !slices.Contains(metrics, m) {
				metrics = append(metrics, m)
			}
		}
		for i, m := range metrics {
			l := line{label: label(m), hue: k, dash: i % len(dashes)}
			if len(names) == 1 {
				l.hue, l.dash = i, 0
			}
			l.points, l.doubts = overLoad(s, name, func(c *result.LoadClient) result.Estimate { return c.LatencyS[m] })
			lines = append(lines, l)
		}
	}
	p := loadPicture(s, lines)
	if p == nil {
		return nil
	}
	for _, name := range names {
		for _, o := range s.Objectives {
			_, limit, known := objectiveUnit(o.Text)
			if _, of := latencyObjective(o.Text, name); of && known && limit > 0 && len(p.lines) < mostLines {
				p.lines = append(p.lines, line{label: visible(o.Text), hue: len(palette) - 1, dash: 1, thin: true, points: []point{{x: p.x.min, y: limit}, {x: p.x.max, y: limit}}})
			}
		}
	}
	low, high, _ := extent(p.lines)
	p.title = "Latency against load"
	if i := slices.IndexFunc(lines, func(l line) bool { return l.label == "p99" || l.label == names[0]+" p99" }); i >= 0 {
		p.title = cmp.Or(lines[i].fromTo(visible(names[0])+" p99", seconds), p.title)
	}
	p.y = linearAxis("latency of ok requests", high, seconds)
	if low > 0 && high > 10*low {
		p.y = logAxis("latency of ok requests", low, high, seconds)
	}
	return p
}

// latencyObjective is the metric of an objective on the latency of a client.
func latencyObjective(text, client string) (metric string, ok bool) {
	words := strings.Fields(strings.TrimPrefix(text, client+" "))
	if !strings.HasPrefix(text, client+" ") || len(words) != 3 {
		return "", false
	}
	return words[0], words[0] == "mean" || words[0] == "max" || isPercentile(words[0])
}

// answersOverLoad draws what is offered and what is answered ok.
func answersOverLoad(s *result.Stress) *picture {
	var lines []line
	names := stressed(s)
	for k, name := range names {
		label := ""
		if len(names) > 1 {
			label = name + " "
		}
		ok := line{label: label + "ok", hue: k}
		ok.points, ok.doubts = overLoad(s, name, func(c *result.LoadClient) result.Estimate { return c.ThroughputRPS })
		offered := line{label: label + "offered", hue: k, dash: 1, thin: true}
		offered.points, _ = overLoad(s, name, func(c *result.LoadClient) result.Estimate { return c.OfferedRPS })
		lines = append(lines, ok, offered)
	}
	if len(lines) == 0 {
		return nil
	}
	finding := keepingUpTitle(visible(names[0]), lines[0], lines[1])
	p := loadPicture(s, lines)
	if p == nil {
		return nil
	}
	_, high, _ := extent(p.lines)
	p.title, p.y = finding, linearAxis("requests per second", high, plain)
	if b := s.Beyond; b != nil {
		p.title += "; " + visible(b.Behaviour) + " beyond what holds"
	}
	return p
}

// errorsOverLoad draws the share of requests that end in an error.
func errorsOverLoad(s *result.Stress) *picture {
	var lines []line
	for k, name := range stressed(s) {
		l := line{label: name, hue: k}
		l.points, l.doubts = overLoad(s, name, func(c *result.LoadClient) result.Estimate { return c.ErrorRatio })
		lines = append(lines, l)
	}
	p := loadPicture(s, lines)
	if p == nil {
		return nil
	}
	_, high, _ := extent(p.lines)
	if !(high > 0) {
		return nil // there are none
	}
	p.title, p.y = beginning("Errors", p.lines), linearAxis("share of requests that end in an error", min(math.Max(high, 0.001), 1), ratio)
	return p
}
