package node

import (
	"github.com/capsim/capsim/sim"
	"github.com/capsim/capsim/sim/stats"
)

// cachePilot looks at how the hit ratio of a cache settles. Single look-ups
// are coins, in which a transient hardly shows: it goes by their mean over
// thousandths of the run.
type cachePilot struct {
	mser    *stats.MSER5
	from    sim.Time // of the part under way
	lookUps float64  // in it
	misses  float64
}

// pilotCaches lets the pilot look at caches that fill: one that is empty at
// first may take longer than the latencies show.
func (n *Network) pilotCaches() {
	n.cachePilot = make([]cachePilot, len(n.nodes))
	for i := range n.nodes {
		if c := n.nodes[i].cache; c != nil && c.each != nil {
			n.cachePilot[i].mser = stats.NewMSER5()
		}
	}
}

// tellPilot notes how a look-up before the window ended.
func (n *Network) tellPilot(nd *nodeState, hit bool) {
	if n.cachePilot == nil || n.cachePilot[nd.rank].mser == nil {
		return
	}
	p, now := &n.cachePilot[nd.rank], n.eng.Now()
	if part := max(1, n.end/1000); now >= p.from+part {
		if p.lookUps > 0 {
			p.mser.Add(int64(p.from), p.misses/p.lookUps)
		}
		p.from, p.lookUps, p.misses = now-now%part, 0, 0
	}
	p.lookUps++
	if !hit {
		p.misses++
	}
}

// settled returns when the slowest of the pilot's figures had settled, and
// whether one took more than half of the run.
func (n *Network) settled() (at sim.Time, late bool) {
	look := func(m *stats.MSER5) {
		cut, exceeds := m.Cut()
		at = max(at, sim.Time(cut))
		late = late || exceeds && m.Enough()
	}
	for _, m := range n.pilot {
		look(m)
	}
	for i := range n.cachePilot {
		if m := n.cachePilot[i].mser; m != nil {
			look(m)
		}
	}
	return at, late
}
