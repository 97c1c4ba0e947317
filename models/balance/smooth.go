package balance

import (
	"cmp"
	"math"
	"slices"

	"github.com/capsim/capsim/sim"
)

// smooth is nginx's weighted round robin: for each request every instance
// that may be chosen gains its weight, the one that has most is chosen (of
// equals the first) and loses the sum of all weights.
//
// After t requests an instance of weight w has t·w less what it has lost. So
// of those of one weight the one that has lost least is ahead, whatever t:
// a tournament for each weight finds it, and only the winners need to be
// compared. A request costs the number of different weights and the logarithm
// of the number of instances.
type smooth struct {
	requests float64   // t
	total    float64   // weight of those that may be chosen
	lost     []float64 // what each has lost; of one that is out, less what it had gained by then
	weights  []float64 // of each
	out      []bool    // must not be chosen
	classes  []class
	order    []int32     // the instances by weight, then number: the classes' members
	class    []int32     // of each instance
	place    []int32     // of each instance in its class
	nodes    []contender // of all tournaments
}

// class is the instances of one weight.
type class struct {
	weight  float64
	members []int32
	lost    tournament
}

// smoothPeriod is after how many requests what was gained and lost is
// settled, so that the figures stay small and exact.
const smoothPeriod = 1 << 17

func newSmooth(o Options) *smooth {
	n := o.Instances
	p := &smooth{
		lost: make([]float64, n), weights: make([]float64, n), out: make([]bool, n),
		order: make([]int32, n), class: make([]int32, n), place: make([]int32, n), nodes: make([]contender, 4*n),
	}
	for i := range n {
		p.weights[i] = o.weight(i)
	}
	p.classify()
	return p
}

// classify divides the instances into classes.
func (p *smooth) classify() {
	for i := range p.order {
		p.order[i] = int32(i)
	}
	slices.SortFunc(p.order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(p.weights[a], p.weights[b]), cmp.Compare(a, b))
	})
	p.classes = p.classes[:0]
	nodes := p.nodes
	for from := 0; from < len(p.order); {
		weight := p.weights[p.order[from]]
		to := from
		for ; to < len(p.order) && p.weights[p.order[to]] == weight; to++ {
			i := p.order[to]
			p.class[i], p.place[i] = int32(len(p.classes)), int32(to-from)
		}
		size := 2 * powerOfTwoFrom(to-from)
		c := class{weight: weight, members: p.order[from:to]}
		c.lost.over(nodes[:size], to-from, func(k int) rank { return p.rank(int(c.members[k])) })
		nodes = nodes[size:]
		p.classes = append(p.classes, c)
		from = to
	}
	p.total = 0
	for i, w := range p.weights {
		if !p.out[i] {
			p.total += w
		}
	}
}

func (p *smooth) rank(i int) rank {
	if p.out[i] {
		return rank{math.Inf(1), 0}
	}
	return rank{p.lost[i], 0}
}

// settle takes what was gained off what was lost, and begins to count anew.
func (p *smooth) settle() {
	for i := range p.lost {
		if !p.out[i] {
			p.lost[i] -= float64(p.requests * p.weights[i])
		}
	}
	p.requests = 0
}

func (p *smooth) Pick(g *Group, _ Request, _ *sim.Stream) int {
	if p.requests >= smoothPeriod {
		p.settle()
		p.classify()
	}
	if g.avoid >= 0 {
		p.leave(g.avoid)
	}
	p.requests++
	best, most := Nobody, 0.0
	for k := range p.classes {
		c := &p.classes[k]
		won := c.lost.winner()
		if math.IsInf(won.first, 1) {
			continue
		}
		i, has := int(c.members[won.who]), float64(p.requests*c.weight)-won.first
		if best < 0 || has > most || has == most && i < best {
			best, most = i, has
		}
	}
	p.lost[best] += p.total
	p.set(best)
	if g.avoid >= 0 {
		p.enter(g.avoid)
	}
	return best
}

func (p *smooth) set(i int) { p.classes[p.class[i]].lost.set(int(p.place[i]), p.rank(i)) }

// leave lets an instance gain nothing any more.
func (p *smooth) leave(i int) {
	p.out[i] = true
	p.lost[i] -= float64(p.requests * p.weights[i])
	p.total -= p.weights[i]
	p.set(i)
}

// enter lets it go on.
func (p *smooth) enter(i int) {
	p.out[i] = false
	p.lost[i] += float64(p.requests * p.weights[i])
	p.total += p.weights[i]
	p.set(i)
}

// Changed lets instances come and go, and takes new weights.
func (p *smooth) Changed(g *Group, i int) {
	if weight := g.Weight(i); weight != p.weights[i] {
		p.settle()
		p.weights[i] = weight
		p.classify()
	}
	switch out := g.barred[i] != 0; {
	case out && !p.out[i]:
		p.leave(i)
	case !out && p.out[i]:
		p.enter(i)
	}
}
