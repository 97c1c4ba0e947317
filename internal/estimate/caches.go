package estimate

import (
	"cmp"
	"strings"

	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim/portable"
)

// caches finds what the caches will have, and solves the traffic equations
// with it. How often a cache is asked depends on what those before it have.
func (m *model) caches() {
	emergent := false
	for i := range m.spec.Nodes {
		emergent = emergent || keeps(&m.spec.Nodes[i])
	}
	m.flow = m.spec.NewFlow(func(at int, op string) float64 { return m.misses(at, op, 0) })
	if !emergent {
		return
	}
	for range 2 {
		rates := make([]float64, len(m.spec.Nodes))
		for _, s := range m.sources {
			rate := s.rate
			if s.users > 0 {
				rate = float64(s.users) / max(s.think, 1e-3)
			}
			for i := range rates {
				if keeps(&m.spec.Nodes[i]) {
					rates[i] += float64(rate * m.flow.Visits(s.node)[m.flow.Row(i, 0)])
				}
			}
		}
		m.flow = m.spec.NewFlow(func(at int, op string) float64 { return m.misses(at, op, rates[at]) })
	}
}

// keeps reports whether it is seen what a node has, instead of being given.
func keeps(n *node.Node) bool {
	return n.Cache != nil && n.Cache.Emergent() || n.CDN != nil && n.CDN.Emergent()
}

// misses is the share of requests for an operation that a cache does not have,
// if so many come to it a second.
func (m *model) misses(at int, op string, rate float64) float64 {
	n := &m.spec.Nodes[at]
	if !keeps(n) {
		if n.Cache == nil && n.CDN == nil {
			return 0
		}
		share, _ := n.Misses(op)
		return share
	}
	s := store{keys: m.keysOf(at), rate: rate}
	if n.CDN != nil {
		ttl := 0.0
		for _, l := range n.CDN.Cacheable {
			if l.Op == cmp.Or(op, "request") {
				ttl = l.TTL.Seconds()
			}
		}
		if ttl == 0 {
			return 1
		}
		s.ttl, s.policy, s.room = ttl, n.CDN.Policy, roomOf(n.CDN.Capacity, n.CDN.Size)
		s.rate /= float64(max(1, n.Instances))
	} else {
		c := n.Cache
		s.ttl, s.policy, s.room = c.TTL.Seconds(), c.Policy, roomOf(c.Capacity, c.Size)*float64(max(1, n.Instances))
	}
	m.missing[at] = 1 - s.hitRatio()
	return m.missing[at]
}

// roomOf is how many items there is room for, 0 without a limit.
func roomOf(capacity uint64, size dist.Law) float64 {
	if size == nil {
		return float64(capacity)
	}
	return float64(capacity) / max(1, size.Mean())
}

// keysOf is the law of the keys that a cache is asked for: of the call, else
// of the first client that leads to it.
func (m *model) keysOf(at int) dist.Law {
	callers := m.spec.Callers(at)
	var found dist.Law
	for i := range m.spec.Nodes {
		n := &m.spec.Nodes[i]
		if n.Server != nil && callers[i] {
			for _, op := range n.Server.Ops {
				node.EachStep(op.Steps, func(s *node.Step) {
					if s.Calls() && s.Target.Node == at && s.Key.Law != nil && found == nil {
						found = s.Key.Law
					}
				})
			}
		}
	}
	for i := range m.spec.Nodes {
		if c := m.spec.Nodes[i].Client; c != nil && callers[i] && found == nil {
			found = c.Keys
		}
	}
	if found == nil {
		return dist.Constant{} // they are all about item 0
	}
	return found
}

// store is a cache under the independent reference model: each request is for
// each item as likely as ever.
type store struct {
	keys   dist.Law
	room   float64 // items; 0: no limit
	ttl    float64 // seconds; 0: for ever
	rate   float64 // look-ups per second
	policy string
}

// class is some items that are about as popular as each other.
type class struct{ items, share float64 }

// classes puts the keys in classes of neighbouring ranks, finer at the top.
func (s store) classes() []class {
	var out []class
	n := dist.KeyCount(s.keys)
	for from := uint64(0); from < n; {
		to := min(n, from+1+from/16)
		share := dist.KeyShare(s.keys, from)
		if to-from > 1 {
			share = (share + dist.KeyShare(s.keys, to-1) + float64(4*dist.KeyShare(s.keys, (from+to-1)/2))) / 6
		}
		out = append(out, class{float64(to - from), share})
		from = to
	}
	return out
}

// hitRatio is that of the time for which an item stays that nobody asks for
// (Che, Tung and Wang 2002), or of FIFO and random eviction (Fricker, Robert
// and Roberts 2012), and of lifetimes from the moment of the fetch.
func (s store) hitRatio() float64 {
	classes := s.classes()
	total, items := 0.0, 0.0
	for _, c := range classes {
		total += float64(c.items * c.share)
		items += c.items
	}
	if total == 0 {
		return 0
	}
	inTurn := strings.HasPrefix(s.policy, "fifo") || strings.HasPrefix(s.policy, "random")
	life := 0.0 // in look-ups; 0: for ever
	if s.ttl > 0 {
		life = float64(s.ttl * s.rate)
	}
	stays := 0.0 // the same
	if s.room > 0 && s.room < items {
		stays = characteristic(classes, s.room, inTurn)
	}
	hits := 0.0
	for _, c := range classes {
		hits += float64(float64(c.items*c.share) * hitOf(c.share, stays, life, inTurn))
	}
	return min(1, hits/total)
}

// hitOf is the hit ratio of one item, asked for by a share of all look-ups,
// that stays for some look-ups and lives for some at most; 0: for ever.
func hitOf(share, stays, life float64, inTurn bool) float64 {
	kept := 1.0
	if stays > 0 {
		kept = occupancy(share, stays, inTurn)
	}
	if life > 0 {
		lives := float64(share * life)
		kept = min(kept, lives/(1+lives))
	}
	return kept
}

func occupancy(share, stays float64, inTurn bool) float64 {
	x := float64(share * stays)
	if inTurn {
		return x / (1 + x)
	}
	return -portable.Expm1(-x)
}

// characteristic is the time, in look-ups, in which as many different items
// are asked for as there is room for.
func characteristic(classes []class, room float64, inTurn bool) float64 {
	filled := func(t float64) float64 {
		sum := 0.0
		for _, c := range classes {
			sum += float64(c.items * occupancy(c.share, t, inTurn))
		}
		return sum
	}
	low, high := 0.0, room
	for filled(high) < room && high < 1e18 {
		low, high = high, high*2
	}
	for range 40 {
		if middle := (low + high) / 2; filled(middle) < room {
			low = middle
		} else {
			high = middle
		}
	}
	return (low + high) / 2
}
