package balance

import (
	"math"

	"github.com/capsim/capsim/sim"
	"github.com/capsim/capsim/sim/portable"
)

// PeakDecay is the time constant with which a response time is forgotten:
// Finagle's default.
const PeakDecay = 10 * sim.Second

// peakEWMA takes the instance with the least cost: a moving average of its
// response times that jumps up to a longer one at once, times its requests in
// flight and one. The average of every instance decays alike at every moment,
// so that of
//
//	ln cost = ln average + (when it was taken) ÷ PeakDecay + ln (in flight + 1) − now ÷ PeakDecay
//
// the last term, the same for all, can be left out: the order changes only
// with answers and counts, and a tournament keeps it.
type peakEWMA struct {
	order *tournament
	seen  []average
}

// average is of the response times of one instance.
type average struct {
	value  float64 // nanoseconds; 0: it has not answered yet
	at     sim.Time
	height float64 // ln value + at ÷ PeakDecay
}

func newPeakEWMA(o Options) *peakEWMA {
	return &peakEWMA{newTournament(o.Instances), make([]average, o.Instances)}
}

func (p *peakEWMA) Pick(g *Group, _ Request, _ *sim.Stream) int {
	if g.avoid < 0 {
		return int(p.order.winner().who)
	}
	p.order.set(g.avoid, rank{math.Inf(1), 0})
	i := int(p.order.winner().who)
	p.Changed(g, g.avoid)
	return i
}

// Changed keeps the instances in order: first those that have not answered
// yet and have nothing to do, then by cost, then the others that have not
// answered.
func (p *peakEWMA) Changed(g *Group, i int) {
	a, n := &p.seen[i], g.inFlight[i]
	var r rank
	switch {
	case g.barred[i] != 0:
		r.first = math.Inf(1)
	case a.value > 0:
		r = rank{1, a.height + portable.Log(float64(n)+1)}
	case n > 0:
		r = rank{2, float64(n)}
	}
	p.order.set(i, r)
}

// Learned takes a response time into the average. Of a request that was given
// up it is only known that it would have taken longer: it counts if that
// raises the average.
func (p *peakEWMA) Learned(g *Group, i int, took, now sim.Time, answered bool) {
	a := &p.seen[i]
	sample := max(float64(took), 1) // a logarithm is taken of it
	keep := portable.Exp(-float64(now-a.at) / float64(PeakDecay))
	switch old := float64(a.value * keep); {
	case sample > old:
		a.value = sample
	case answered:
		a.value = old + float64(sample*(1-keep))
	default:
		return
	}
	a.at = now
	a.height = portable.Log(a.value) + float64(now)/float64(PeakDecay)
	p.Changed(g, i)
}
