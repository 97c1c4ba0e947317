package balance

import "github.com/capsim/capsim/sim"

// random splits a Poisson stream into independent Poisson streams, so that
// behind it every instance is a queue of its own.
type random struct{}

func (random) Pick(g *Group, _ Request, s *sim.Stream) int {
	return g.choice(int(s.Below(uint64(g.choices()))))
}

// weightedRandom draws each instance as often as its weight.
type weightedRandom struct{ weights *sums }

func newWeightedRandom(o Options) *weightedRandom { return &weightedRandom{weighed(o)} }

// weighed returns the weights of all instances, 1 where nobody gave any.
func weighed(o Options) *sums {
	weights := newSums(o.Instances)
	for i := range o.Instances {
		weights.set(i, o.weight(i))
	}
	return weights
}

func (o *Options) weight(i int) float64 {
	if o.Weights == nil {
		return 1
	}
	return o.Weights[i]
}

func (p *weightedRandom) Pick(g *Group, _ Request, s *sim.Stream) int {
	if g.avoid < 0 {
		return p.weights.find(s.Float64())
	}
	p.weights.set(g.avoid, 0)
	i := p.weights.find(s.Float64())
	p.weights.set(g.avoid, g.Weight(g.avoid))
	return i
}

// Changed keeps out of the draw who must not be chosen.
func (p *weightedRandom) Changed(g *Group, i int) {
	if weight := g.drawn(i); weight != p.weights.get(i) {
		p.weights.set(i, weight)
	}
}

// drawn is the weight of an instance in a draw.
func (g *Group) drawn(i int) float64 {
	if g.barred[i] != 0 {
		return 0
	}
	return g.Weight(i)
}
