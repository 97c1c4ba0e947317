package balance

import "github.com/capsim/capsim/sim"

// leastConnections looks at every instance once, beginning behind the one
// that was chosen last, so that ties go round in turn as in nginx
// (ngx_http_upstream_least_conn_module) and HAProxy (lb_fwlc).
type leastConnections struct{ next int }

func (p *leastConnections) Pick(b *Backends, _ Request, _ *sim.Stream) int {
	n := len(b.InFlight)
	if p.next >= n {
		p.next = 0
	}
	if b.avoided(p.next) {
		p.next = (p.next + 1) % n
	}
	best := p.next
	for i := p.next + 1; i < n; i++ {
		if b.InFlight[i] < b.InFlight[best] && !b.avoided(i) {
			best = i
		}
	}
	for i := range p.next {
		if b.InFlight[i] < b.InFlight[best] && !b.avoided(i) {
			best = i
		}
	}
	p.next = best + 1
	return best
}
