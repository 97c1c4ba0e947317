package balance

import (
	"math"
	"slices"
	"sort"
	"testing"

	"github.com/capsim/capsim/sim"
	"github.com/stretchr/testify/require"
)

// twin is what the policies do, written as plainly as can be: it looks at
// every instance for every request.
type twin struct {
	o        Options
	inFlight []int
	weights  []float64
	barred   []Reason
	next     int
	current  []float64 // of smooth weighted round robin
	turn     []float64
	now      float64
	average  []average
}

func newTwin(o Options) *twin {
	w := &twin{
		o: o, inFlight: make([]int, o.Instances), weights: slices.Clone(o.Weights), barred: make([]Reason, o.Instances),
		current: make([]float64, o.Instances), turn: make([]float64, o.Instances), average: make([]average, o.Instances),
	}
	for len(w.weights) < o.Instances {
		w.weights = append(w.weights, 1)
	}
	return w
}

// candidates are the instances that may be chosen.
func (w *twin) candidates(avoid int) []int {
	var out []int
	for i, why := range w.barred {
		if why == 0 {
			out = append(out, i)
		}
	}
	if len(out) > 1 {
		out = slices.DeleteFunc(out, func(i int) bool { return i == avoid })
	}
	return out
}

func (w *twin) pick(policy string, r Request, avoid int, s *sim.Stream) int {
	from := w.candidates(avoid)
	if len(from) == 0 {
		return Nobody
	}
	if w.o.Weights != nil && (policy == "round-robin" || policy == "least-connections") {
		policy = "weighted-" + policy
	}
	switch policy {
	case "round-robin":
		i := w.inTurn(from)[0]
		w.next = i + 1
		return i
	case "least-connections":
		i := least(w.inTurn(from), func(i int) float64 { return float64(w.inFlight[i]) })
		w.next = i + 1
		return i
	case "random", "power-of-two":
		return w.draw(from, policy == "random", s)
	case "weighted-round-robin":
		return w.smooth(from)
	case "weighted-least-connections":
		return w.weightedLeast(from)
	case "least-response-time":
		return least(from, func(i int) float64 { return w.cost(i, r.Now) })
	case "ip-hash":
		return w.hashed(from, sim.Mix(r.Source, 0))
	case "url-hash":
		return w.hashed(from, r.Hash)
	default:
		return w.ring(from, r.Hash)
	}
}

// inTurn begins with the one whose turn it is.
func (w *twin) inTurn(from []int) []int {
	at := sort.SearchInts(from, w.next)
	return append(slices.Clone(from[at:]), from[:at]...)
}

func least(from []int, of func(int) float64) int {
	best := from[0]
	for _, i := range from {
		if of(i) < of(best) {
			best = i
		}
	}
	return best
}

// draw takes out one after the other.
func (w *twin) draw(from []int, one bool, s *sim.Stream) int {
	choices := max(2, w.o.Choices)
	if one {
		choices = 1
	}
	from = slices.Clone(from)
	best := Nobody
	for range min(choices, len(from)) {
		at := 0
		if w.o.Weights == nil {
			at = int(s.Below(uint64(len(from))))
		} else {
			total := 0.0
			for _, i := range from {
				total += w.weights[i]
			}
			u := s.Float64() * total
			for u >= w.weights[from[at]] {
				u -= w.weights[from[at]]
				at++
			}
		}
		i := from[at]
		from = slices.Delete(from, at, at+1)
		if best < 0 || float64(w.inFlight[i])*w.weights[best] < float64(w.inFlight[best])*w.weights[i] {
			best = i
		}
	}
	return best
}

// smooth is nginx's loop.
func (w *twin) smooth(from []int) int {
	total, best := 0.0, Nobody
	for _, i := range from {
		w.current[i] += w.weights[i]
		total += w.weights[i]
		if best < 0 || w.current[i] > w.current[best] {
			best = i
		}
	}
	w.current[best] -= total
	return best
}

func (w *twin) weightedLeast(from []int) int {
	best := least(from, func(i int) float64 { return float64(w.inFlight[i]) / w.weights[i] })
	for _, i := range from {
		if float64(w.inFlight[i])*w.weights[best] == float64(w.inFlight[best])*w.weights[i] && w.turn[i] < w.turn[best] {
			best = i
		}
	}
	w.now = max(w.now, w.turn[best])
	w.turn[best] = w.now + 1/w.weights[best]
	return best
}

// cost is Finagle's.
func (w *twin) cost(i int, now sim.Time) float64 {
	a := w.average[i]
	if a.value == 0 {
		if w.inFlight[i] == 0 {
			return 0
		}
		return 1e18 + float64(w.inFlight[i])*1e6
	}
	return a.value * math.Exp(-(now-a.at).Seconds()/10) * float64(w.inFlight[i]+1)
}

func (w *twin) learn(i int, took, now sim.Time, answered bool) {
	a := &w.average[i]
	keep := math.Exp(-(now - a.at).Seconds() / 10)
	if !answered && float64(took) <= a.value*keep {
		return
	}
	a.value *= keep
	if float64(took) > a.value {
		a.value = float64(took)
	} else {
		a.value += float64(took) * (1 - keep)
	}
	a.at = now
}

func (w *twin) hashed(from []int, h uint64) int {
	for try := range uint64(20) {
		total := 0.0
		for _, weight := range w.weights {
			total += weight
		}
		u := float64(h>>11) / (1 << 53) * total
		i := 0
		for u >= w.weights[i] {
			u -= w.weights[i]
			i++
		}
		if slices.Contains(from, i) {
			return i
		}
		h = sim.Mix(h, try)
	}
	return from[share(h, len(from))]
}

// ring looks at every point for the next that may be used.
func (w *twin) ring(from []int, h uint64) int {
	nodes := float64(w.o.VirtualNodes)
	total, weight := 1, 0.0
	for _, n := range w.inFlight {
		total += n
	}
	for _, i := range from {
		weight += w.weights[i]
	}
	best, nearest := Nobody, uint64(math.MaxUint64)
	for _, i := range from {
		if w.o.LoadFactor > 0 && float64(w.inFlight[i]+1) > math.Ceil(w.o.LoadFactor*float64(total)/weight*w.weights[i]) {
			continue
		}
		for k := range int(max(1, math.Round(nodes*w.weights[i]))) {
			if away := sim.Mix(w.o.Names[i], uint64(k)) - h; away <= nearest {
				best, nearest = i, away
			}
		}
	}
	return best
}

// Every policy chooses as its plain twin does, whatever happens to the group.
func TestPoliciesChooseAsTheirTwins(t *testing.T) {
	for _, row := range Table {
		t.Run(row.Name, func(t *testing.T) {
			for seed := range uint64(60) {
				s := sim.Keyed(sim.Mix(seed, 1))
				o := Options{
					Instances: 1 + int(s.Below(20)), Choices: 2 + int(s.Below(4)),
					VirtualNodes: 1 + int(s.Below(10)), LoadFactor: []float64{0, 1, 1.25}[s.Below(3)],
				}
				for range o.Instances {
					o.Names = append(o.Names, s.Uint64())
				}
				if seed%2 == 0 {
					for range o.Instances {
						o.Weights = append(o.Weights, float64(1+s.Below(4))/4)
					}
				}
				compareWithTwin(t, row.Name, o, &s)
			}
		})
	}
}

func compareWithTwin(t *testing.T, policy string, o Options, s *sim.Stream) {
	t.Helper()
	began := slices.Clone(o.Weights)
	w := newTwin(o)
	g := NewGroup(policy, o)
	now := sim.Time(0)
	var sent []int
	ours, theirs := sim.Keyed(5), sim.Keyed(5)
	for step := range 3000 {
		now += sim.Time(s.Below(200)) * sim.Millisecond
		i := int(s.Below(uint64(o.Instances)))
		switch what := s.Below(100); {
		case what < 50:
			r := Request{Hash: s.Uint64(), Source: s.Uint64(), Now: now}
			avoid := Nobody
			if s.Below(8) == 0 {
				avoid = int(s.Below(uint64(o.Instances)))
			}
			want := w.pick(policy, r, avoid, &theirs)
			require.Equal(t, want, g.Pick(r, avoid, &ours), "%s, step %d: %+v", policy, step, o)
			if want >= 0 {
				g.Sent(want)
				w.count(want, 1)
				sent = append(sent, want)
			}
		case what < 90 && len(sent) > 0:
			at := int(s.Below(uint64(len(sent))))
			i = sent[at]
			sent = slices.Delete(sent, at, at+1)
			g.Done(i)
			w.count(i, -1)
			took := sim.Time(1 + s.Below(uint64(sim.Second)))
			if s.Below(4) == 0 {
				g.GivenUp(i, took, now)
				w.learn(i, took, now, false)
			} else {
				g.Answered(i, took, now)
				w.learn(i, took, now, true)
			}
		case what < 94:
			g.Bar(i, Full)
			w.bar(i, w.barred[i]|Full)
		case what < 96:
			g.Admit(i, Full)
			w.bar(i, w.barred[i]&^Full)
		case what < 98:
			g.Bar(i, Ejected)
			w.bar(i, w.barred[i]|Ejected)
			g.Admit(i, Ejected)
			w.bar(i, w.barred[i]&^Ejected)
		case o.Weights != nil:
			weight := began[i] * []float64{0.25, 0.5, 1}[s.Below(3)]
			g.SetWeight(i, weight)
			w.weights[i] = weight
			w.turn[i] = max(w.turn[i], w.now)
		}
	}
}

func (w *twin) count(i, by int) {
	w.inFlight[i] += by
	w.turn[i] = max(w.turn[i], w.now)
}

func (w *twin) bar(i int, why Reason) {
	if (w.barred[i] == 0) != (why == 0) {
		w.turn[i] = max(w.turn[i], w.now)
	}
	w.barred[i] = why
}
