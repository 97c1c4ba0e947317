package balance

import "github.com/capsim/capsim/sim"

// roundRobin gives every instance each k-th request.
type roundRobin struct{ next int }

func (p *roundRobin) Pick(g *Group, _ Request, _ *sim.Stream) int {
	i := p.next
	if !g.whole() {
		i = g.from(i)
	}
	p.next = g.after(i)
	return i
}
