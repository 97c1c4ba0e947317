package balance

import "github.com/capsim/capsim/sim"

// random splits a Poisson stream into independent Poisson streams, so that
// behind it every instance is a queue of its own.
type random struct{}

func (random) Pick(g *Group, _ Request, s *sim.Stream) int {
	return g.choice(int(s.Below(uint64(g.choices()))))
}
