package balance

import (
	"math"

	"github.com/capsim/capsim/sim"
)

// leastConnections takes the first of those with the fewest requests behind
// the one that was chosen last, so that ties go round in turn as in nginx
// (ngx_http_upstream_least_conn_module) and HAProxy (lb_fwlc).
type leastConnections struct {
	next   int
	counts lowest
}

func newLeastConnections(o Options) *leastConnections {
	return &leastConnections{counts: newLowest(o.Instances)}
}

func (p *leastConnections) Pick(g *Group, _ Request, _ *sim.Stream) int {
	if g.avoid >= 0 {
		p.counts.set(g.avoid, never)
	}
	i := p.counts.first(p.next)
	if g.avoid >= 0 {
		p.counts.set(g.avoid, g.inFlight[g.avoid])
	}
	p.next = g.after(i)
	return i
}

// Changed keeps the counts in order.
func (p *leastConnections) Changed(g *Group, i int) {
	count := g.inFlight[i]
	if g.barred[i] != 0 {
		count = never
	}
	p.counts.set(i, count)
}

// weightedLeast takes the instance with the fewest requests for its weight.
// Ties go by weight, in turn: each choice of an instance puts its next turn
// off by 1 ÷ weight, and the earliest turn is next. One whose count has just
// changed does not catch up on turns for which it was no candidate (as in
// start-time fair queueing, P. Goyal et al., SIGCOMM 1996); nginx's least_conn
// has the same shares, by smooth weighted round robin among the ties.
type weightedLeast struct {
	order *tournament // by requests for the weight, then by turn
	turn  []float64   // of each instance
	now   float64     // the latest turn that was taken
	last  int         // chosen and not put into order yet, as its count is about to change; Nobody: none
}

func newWeightedLeast(o Options) *weightedLeast {
	return &weightedLeast{order: newTournament(o.Instances), turn: make([]float64, o.Instances), last: Nobody}
}

func (p *weightedLeast) Pick(g *Group, _ Request, _ *sim.Stream) int {
	if p.last >= 0 {
		p.set(g, p.last)
	}
	if g.avoid >= 0 {
		p.order.set(g.avoid, rank{math.Inf(1), 0})
	}
	i := int(p.order.winner().who)
	p.now = max(p.now, p.turn[i])
	p.turn[i] = p.now + 1/g.Weight(i)
	p.last = i
	if g.avoid >= 0 {
		p.set(g, g.avoid)
	}
	return i
}

// Changed keeps the instances in order.
func (p *weightedLeast) Changed(g *Group, i int) {
	p.turn[i] = max(p.turn[i], p.now)
	p.set(g, i)
	if i == p.last {
		p.last = Nobody
	}
}

func (p *weightedLeast) set(g *Group, i int) {
	r := rank{math.Inf(1), 0}
	if g.barred[i] == 0 {
		r = rank{float64(g.inFlight[i]) / g.Weight(i), p.turn[i]}
	}
	p.order.set(i, r)
}
