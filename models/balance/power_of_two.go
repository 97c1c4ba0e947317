package balance

import "github.com/capsim/capsim/sim"

// MaxChoices bounds how many instances power-of-two draws.
const MaxChoices = 64

// powerOfTwo draws some different instances and takes the one with the fewest
// requests. They come in random order, so that the first of those alike is
// any of them.
type powerOfTwo struct {
	choices     int
	replacement bool
	drawn       [MaxChoices]int
}

func newPowerOfTwo(o Options) Policy {
	p := powerOfTwo{choices: 2, replacement: o.replacement}
	if o.Choices != 0 {
		p.choices = o.Choices
	}
	if o.Weights != nil {
		return &weightedPowerOfTwo{p, weightedRandom{weighed(o)}}
	}
	return &p
}

func (p *powerOfTwo) Pick(g *Group, _ Request, s *sim.Stream) int {
	n := g.choices()
	if p.replacement {
		best := g.choice(int(s.Below(uint64(n))))
		for range p.choices - 1 {
			best = g.fewer(best, g.choice(int(s.Below(uint64(n)))))
		}
		return best
	}
	best := Nobody
	for k := range min(p.choices, n) {
		// Number x of those that have not been drawn: pass the others over,
		// which are kept in order.
		x := int(s.Below(uint64(n - k)))
		at := 0
		for at < k && x >= p.drawn[at] {
			x++
			at++
		}
		copy(p.drawn[at+1:k+1], p.drawn[at:k])
		p.drawn[at] = x
		best = g.fewer(best, g.choice(x))
	}
	return best
}

// fewer returns the one of two instances that has fewer requests for its
// weight, the first if they are alike or it is alone.
func (g *Group) fewer(first, second int) int {
	if first < 0 {
		return second
	}
	a, b := float64(g.inFlight[first]), float64(g.inFlight[second])
	if float64(b*g.Weight(first)) < float64(a*g.Weight(second)) {
		return second
	}
	return first
}

// weightedPowerOfTwo draws by weight, as nginx does.
type weightedPowerOfTwo struct {
	powerOfTwo
	weightedRandom
}

func (p *weightedPowerOfTwo) Pick(g *Group, _ Request, s *sim.Stream) int {
	if g.avoid >= 0 {
		p.weights.set(g.avoid, 0)
	}
	best := Nobody
	drawn := p.drawn[:0]
	for range min(p.choices, g.choices()) {
		i := p.weights.find(s.Float64())
		p.weights.set(i, 0)
		drawn = append(drawn, i)
		best = g.fewer(best, i)
	}
	for _, i := range drawn {
		p.weights.set(i, g.Weight(i))
	}
	if g.avoid >= 0 {
		p.weights.set(g.avoid, g.Weight(g.avoid))
	}
	return best
}
