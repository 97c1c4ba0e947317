package balance

import "github.com/capsim/capsim/sim"

// roundRobin gives every instance each k-th request.
type roundRobin struct{ next int }

func (p *roundRobin) Pick(b *Backends, _ Request, _ *sim.Stream) int {
	if p.next >= len(b.InFlight) {
		p.next = 0
	}
	if b.avoided(p.next) {
		p.next = (p.next + 1) % len(b.InFlight)
	}
	i := p.next
	p.next++
	return i
}
