package balance

import "github.com/capsim/capsim/sim"

// leastConnections looks at every instance once, beginning behind the one
// that was chosen last, so that ties go round in turn as in nginx
// (ngx_http_upstream_least_conn_module) and HAProxy (lb_fwlc).
type leastConnections struct{ next int }

func (p *leastConnections) Pick(g *Group, _ Request, _ *sim.Stream) int {
	best := Nobody
	n := len(g.inFlight)
	for k := range n {
		i := p.next + k
		if i >= n {
			i -= n
		}
		if g.eligible(i) && (best < 0 || g.inFlight[i] < g.inFlight[best]) {
			best = i
		}
	}
	p.next = g.after(best)
	return best
}
