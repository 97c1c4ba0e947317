package study

import (
	"fmt"
	"math"
	"slices"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
)

// A client has recovered from a fault at the first moment from which on its
// objectives hold over every stretch of time that begins there. What is judged
// is sums, not single moments: a client that is well within its objectives has
// requests now and then that are not.
//
// Each objective is a score by cell of the timeline, such that it holds over a
// stretch if the scores of its cells add up to 0 or less: of p99 < 400ms, the
// slow requests less a hundredth of all of them.

// steadyPart is the least part of the window that must be left behind the
// moment of recovery: a client that is well for the last second only has not
// recovered for certain.
const steadyPart = 20

// scores are those of one objective, by cell.
type scores []float64

// scoresOf returns the scores of a client's objectives.
func scoresOf(spec *node.Spec, t *node.Timeline) []scores {
	var all []scores
	for k := range t.Goals {
		g := &t.Goals[k]
		o := &spec.Objectives[g.Objective]
		list := make(scores, len(t.Cells))
		for i := range list {
			of, count := float64(g.Of[i]), float64(g.Count[i])
			switch o.Metric {
			case "mean":
				list[i] = float64(count/float64(o.Value*1e9)) - of // in requests of that latency
			case "errors":
				list[i] = count - float64(o.Value*of)
			case "availability", "within":
				list[i] = float64(o.Value*of) - count
			case "throughput":
				length := min(t.Grain, spec.Run.Duration-sim.Time(i)*t.Grain)
				list[i] = float64(o.Value*length.Seconds()) - count
			case "max":
				list[i] = count
			default:
				list[i] = count - float64((1-o.Quantile)*of)
			}
		}
		all = append(all, list)
	}
	return all
}

// backAt returns the first cell from which on all scores add up to 0 or less
// over every stretch up to a cell end, or else those of the same place in
// instead, which may be nil; -1 if there is none that leaves so many cells
// before the end.
func backAt(all, instead []scores, from, end, least int) int {
	best := firstWithin(all, from, end, least)
	if instead == nil {
		return best
	}
	if i := firstWithin(instead, from, end, least); best < 0 || i >= 0 && i < best {
		best = i
	}
	last := end - least
	if best >= 0 {
		last = best - 1
	}
	a, b := summed(all, end), summed(instead, end)
	for i := from; i <= last; i++ {
		if withinEither(a, b, i, end) {
			return i
		}
	}
	return best
}

// tolerance is more than the rounding of many cells, and less than a request.
const tolerance = 1e-6

// firstWithin is backAt without a choice: it takes one look at each cell.
func firstWithin(all []scores, from, end, least int) int {
	within := make([]bool, end)
	for i := range within {
		within[i] = true
	}
	for _, list := range all {
		worst := 0.0 // the largest sum of a stretch that begins at i
		for i := end - 1; i >= from; i-- {
			worst = list[i] + max(worst, 0)
			if worst > tolerance {
				within[i] = false
			}
		}
	}
	for i := from; i <= end-least; i++ {
		if within[i] {
			return i
		}
	}
	return -1
}

// summed are the sums of scores up to each cell.
func summed(all []scores, end int) []scores {
	var out []scores
	for _, list := range all {
		sums := make(scores, end+1)
		for i, x := range list[:end] {
			sums[i+1] = sums[i] + x
		}
		out = append(out, sums)
	}
	return out
}

// withinEither reports whether over every stretch from cell i on each score,
// or that which may do instead, adds up to 0 or less.
func withinEither(a, b []scores, i, end int) bool {
	for k := range a {
		for u := i + 1; u <= end; u++ {
			if a[k][u]-a[k][i] > tolerance && b[k][u]-b[k][i] > tolerance {
				return false
			}
		}
	}
	return true
}

// recovery is how long after a fault began a client was back within the
// scores, sim.Never if that was not so before the window was over. The next
// fault is none of this one's business, unless the client had not recovered
// when it began.
func recovery(spec *node.Spec, t *node.Timeline, all, instead []scores, k int) sim.Time {
	at := spec.Faults[k].At
	from := int(at / t.Grain)
	least := leastCells(t)
	for _, until := range horizons(spec, k) {
		end := int((until + t.Grain - 1) / t.Grain)
		i := backAt(all, instead, from, end, least)
		for next := i; i > from; i = backAt(all, instead, next, end, least) {
			if next = asksAgain(spec, t, i, end); next <= i {
				i = next
				break
			}
		}
		if i >= 0 {
			return max(0, sim.Time(i)*t.Grain-at)
		}
	}
	return sim.Never
}

// asksAgain is the first cell from i on in which a client asks something, -1 if
// there is none: users who all wait for an answer have nothing to complain of,
// and are not back because of that. Where users ask anyhow now and then, they
// may be silent for as long as they are without any fault.
func asksAgain(spec *node.Spec, t *node.Timeline, i, end int) int {
	if !t.Users {
		return i
	}
	next := -1
	for j := i; j < end && next < 0; j++ {
		if t.Cells[j].Offered > 0 {
			next = j
		}
	}
	usual, silent := 0, 0
	for _, c := range t.Cells[:beforeFaults(spec)/t.Grain] {
		if silent++; c.Offered > 0 {
			silent = 0
		}
		usual = max(usual, silent)
	}
	if next >= 0 && next-i <= usual || next < 0 && end-i <= usual {
		return i
	}
	return next
}

// beforeFaults is when the first fault begins.
func beforeFaults(spec *node.Spec) sim.Time {
	first := spec.Run.Duration
	for k := range spec.Faults {
		first = min(first, spec.Faults[k].At)
	}
	return first
}

// leastCells is how many cells must lie behind the moment of recovery.
func leastCells(t *node.Timeline) int { return (len(t.Cells) + steadyPart - 1) / steadyPart }

// outFor is the least that a client was out which had not recovered from fault
// k when the run was over: what lies behind the last moment of recovery that
// there may be is too little to tell.
func outFor(spec *node.Spec, k int) sim.Time {
	d := spec.Run.Duration
	return max(0, d-(d+steadyPart-1)/steadyPart-spec.Faults[k].At)
}

// horizons are the times up to which the recovery from a fault may be judged:
// when each further fault begins, and the end of the window.
func horizons(spec *node.Spec, k int) []sim.Time {
	var ends []sim.Time
	last := spec.Faults[k].At
	for i := range spec.Faults {
		if at := spec.Faults[i].At; at > last && scripted(spec, i) {
			ends, last = append(ends, at), at
		}
	}
	return append(ends, spec.Run.Duration)
}

// asksForAnswers reports whether an objective of the client is one that it
// misses when nobody answers it. Of latencies alone none is missed then: there
// is no slow answer where there is none.
func asksForAnswers(spec *node.Spec, t *node.Timeline) bool {
	return slices.ContainsFunc(t.Goals, func(g node.Goal) bool {
		o := &spec.Objectives[g.Objective]
		switch o.Metric {
		case "errors", "availability", "within", "throughput":
			return o.Op == ""
		}
		return false
	})
}

// usualBad is the score of bad requests next to their share before the first
// fault, with what chance may make of that.
func usualBad(spec *node.Spec, t *node.Timeline) scores {
	bad, offered := 0.0, 0.0
	for _, c := range t.Cells[:beforeFaults(spec)/t.Grain] {
		bad, offered = bad+float64(c.Offered-c.OK), offered+float64(c.Offered)
	}
	share := twinErrors
	if offered > 0 {
		usual := bad / offered
		share += usual + float64(3*math.Sqrt(float64(usual*(1-usual))/offered))
	}
	out := make(scores, len(t.Cells))
	for i, c := range t.Cells {
		out[i] = float64(c.Offered-c.OK) - float64(share*float64(c.Offered))
	}
	return out
}

// recoveries are those of one replication, by client and by fault.
func recoveries(spec *node.Spec, s *node.Snapshot) [][]sim.Time {
	out := make([][]sim.Time, len(s.Clients))
	for i := range s.Clients {
		t := s.Clients[i].Timeline
		if t == nil {
			continue
		}
		all := scoresOf(spec, t)
		if !asksForAnswers(spec, t) {
			all = append(all, usualBad(spec, t))
		}
		out[i] = make([]sim.Time, len(spec.Faults))
		for k := range spec.Faults {
			if scripted(spec, k) {
				out[i][k] = recovery(spec, t, all, nil, k)
			}
		}
	}
	return out
}

// Why there is no recovery: there was nothing to recover from, or there are
// only faults that come by chance, again and again, whenever they like.
const (
	noFault    = "no fault began"
	onlyChance = "only faults at a known time are judged"
)

// notJudged says why there is no recovery.
func notJudged(spec *node.Spec) string {
	for k := range spec.Faults {
		if spec.Faults[k].Random() {
			return onlyChance
		}
	}
	return noFault
}

// recovered is how long client i took to be back within its objectives after
// each fault of the file, the longest of them. Where it was not back before
// the run was over there is no such time; the least that it can have been is
// returned as well.
func (f *figures) recovered(i int) (e result.Estimate, atLeast float64) {
	var longest []float64
	never, began := 0, false
	for _, r := range f.back {
		most, open := sim.Time(0), false
		for k := range f.spec.Faults {
			if !scripted(f.spec, k) || r[i] == nil {
				continue
			}
			began = true
			took := r[i][k]
			if took == sim.Never {
				took, open = outFor(f.spec, k), true
			}
			most = max(most, took)
		}
		if open {
			never++
		}
		longest = append(longest, most.Seconds())
	}
	if !began {
		return result.Estimate{Note: notJudged(f.spec)}, 0
	}
	e = meanOf(longest)
	if never > 0 {
		atLeast = *e.Mean
		e = result.Estimate{Note: neverIn(never, len(f.back))}
	}
	return e, atLeast
}

// neverIn says in how many replications a client was not back.
func neverIn(n, of int) string {
	if n == of {
		return "not within the run"
	}
	return fmt.Sprintf("not within the run in %d of %s", n, replications(of))
}

// meanOf is the mean of one value a replication.
func meanOf(values []float64) result.Estimate {
	if len(values) == 0 {
		return result.Estimate{Note: "no samples"}
	}
	sum := 0.0
	for _, x := range values {
		sum += x
	}
	return estimateOf(sum/float64(len(values)), values)
}

// judgeRecovery compares an objective on the recovery with its figure: what
// took longer than the run is missed if the run was long enough to tell.
func (f *figures) judgeRecovery(o *node.Objective) result.Objective {
	e, atLeast := f.recovered(f.clientIndex(o.Node))
	out := result.Objective{Text: o.Text, Actual: e, Verdict: f.verdict(e, o)}
	if e.Mean == nil && e.Note != noFault && e.Note != onlyChance {
		out.Verdict = slowVerdict(atLeast, o)
	}
	return out
}
