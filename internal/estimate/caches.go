package estimate

import (
	"cmp"
	"slices"
	"strings"

	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim/portable"
)

// cacheRounds is how often the traffic equations are solved again with what
// the caches have: how often one is asked depends on what those before it have.
const cacheRounds = 2

// caches finds what the caches will have, and solves the traffic equations
// with it.
func (m *model) caches() {
	m.stores = make([]*store, len(m.spec.Nodes))
	emergent := false
	for i := range m.spec.Nodes {
		emergent = emergent || keeps(&m.spec.Nodes[i])
	}
	m.flow = m.spec.NewFlow(m.misses)
	if !emergent {
		return
	}
	for range cacheRounds {
		asked := make([][]stream, len(m.spec.Nodes))
		for _, s := range m.sources {
			rate := s.rate
			if s.users > 0 {
				rate = float64(s.users) / max(s.think, 1e-3)
			}
			m.asks(s, rate, func(at int, one stream) {
				if keeps(&m.spec.Nodes[at]) && one.rate > 0 {
					asked[at] = append(asked[at], one)
				}
			})
		}
		for i := range asked {
			if keeps(&m.spec.Nodes[i]) {
				m.stores[i] = m.store(i, asked[i])
			}
		}
		m.flow = m.spec.NewFlow(m.misses)
	}
}

// keeps reports whether it is seen what a node has, instead of being given.
func keeps(n *node.Node) bool {
	return n.Cache != nil && n.Cache.Emergent() || n.CDN != nil && n.CDN.Emergent()
}

// misses is the share of requests for an operation that a cache does not have.
func (m *model) misses(at int, op string) float64 {
	n := &m.spec.Nodes[at]
	switch {
	case n.Cache == nil && n.CDN == nil:
		return 0
	case !keeps(n):
		share, _ := n.Misses(op)
		return share
	case m.stores[at] == nil:
		return 1 // it is not known yet
	}
	return m.stores[at].misses(op)
}

// store is what a cache will have of what it is asked for.
func (m *model) store(at int, asked []stream) *store {
	n := &m.spec.Nodes[at]
	instances := float64(max(1, n.Instances))
	s := &store{}
	if n.CDN != nil {
		lifetimes := map[string]float64{}
		for _, l := range n.CDN.Cacheable {
			lifetimes[l.Op] = l.TTL.Seconds()
		}
		s.policy, s.room, s.byOp = n.CDN.Policy, roomOf(n.CDN.Capacity, n.CDN.Size), true
		for _, one := range asked { // each point of presence has all by itself
			if lifetimes[cmp.Or(one.op, "request")] > 0 {
				one.rate /= instances
				s.asked = append(s.asked, one)
			}
		}
		s.ttl = func(op string) float64 { return lifetimes[op] }
	} else {
		c := n.Cache
		s.policy, s.room, s.byOp = c.Policy, float64(roomOf(c.Capacity, c.Size)*instances), c.Origin != nil && c.Origin.Op == ""
		s.asked, s.ttl = asked, func(string) float64 { return c.TTL.Seconds() }
	}
	s.solve()
	return s
}

// roomOf is how many items there is room for, 0 without a limit.
func roomOf(capacity uint64, size dist.Law) float64 {
	if size == nil {
		return float64(capacity)
	}
	return float64(capacity) / max(1, size.Mean())
}

// store is a cache under the independent reference model: each request is for
// each item as likely as ever.
type store struct {
	asked  []stream
	byOp   bool                    // each operation has items of its own
	room   float64                 // items; 0: no limit
	ttl    func(op string) float64 // seconds; 0: for ever
	policy string

	missing map[string]float64 // by operation, "" if they share their items
}

// named is what the items of an operation are known by.
func (s *store) named(op string) string {
	if !s.byOp {
		return ""
	}
	return cmp.Or(op, "request")
}

// misses is the share of the requests for an operation that it does not have: of
// one that nobody asks for, or that it does not keep, all.
func (s *store) misses(op string) float64 {
	if share, asked := s.missing[s.named(op)]; asked {
		return share
	}
	return 1
}

// class is some items that are about as popular as each other, each with a share
// of all look-ups.
type class struct{ items, share float64 }

// solve finds the hit ratios by the time for which an item stays that nobody
// asks for (Che, Tung and Wang 2002), or by that of FIFO and random eviction
// (Fricker, Robert and Roberts 2012), and by lifetimes from the moment of the
// fetch.
func (s *store) solve() {
	s.missing = map[string]float64{}
	var names []string
	rate := 0.0
	for _, one := range s.asked {
		rate += one.rate
		if name := s.named(one.op); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	var all []class
	of := make([][]class, len(names))
	for i, name := range names {
		of[i] = s.classes(name, rate)
		all = append(all, of[i]...)
	}
	items := 0.0
	for _, c := range all {
		items += c.items
	}
	inTurn := strings.HasPrefix(s.policy, "fifo") || strings.HasPrefix(s.policy, "random")
	stays := 0.0 // in look-ups; 0: for ever
	if s.room > 0 && s.room < items {
		stays = characteristic(all, s.room, inTurn)
	}
	for i, name := range names {
		life := float64(s.ttl(name) * rate) // the same
		hits, total := 0.0, 0.0
		for _, c := range of[i] {
			total += float64(c.items * c.share)
			hits += float64(float64(c.items*c.share) * hitOf(c.share, stays, life, inTurn))
		}
		s.missing[name] = 1
		if total > 0 {
			s.missing[name] = 1 - float64(min(1, hits/total)*(1-s.once(name)))
		}
	}
}

// once is the share of the requests for a name's items each of which is about
// something else.
func (s *store) once(name string) float64 {
	once, total := 0.0, 0.0
	for _, one := range s.asked {
		if s.named(one.op) != name {
			continue
		}
		total += one.rate
		if one.keys == nil && one.own == nil {
			once += one.rate
		}
	}
	return once / total
}

// classes puts the items of a name in classes: those of laws by neighbouring
// ranks, finer at the top, since all number them from 0.
func (s *store) classes(name string, rate float64) []class {
	var out []class
	var laws []stream
	var ends []uint64 // of the keys of each law
	for _, one := range s.asked {
		switch part := one.rate / rate; {
		case s.named(one.op) != name:
		case one.keys != nil:
			laws, ends = append(laws, stream{keys: one.keys, rate: part}), append(ends, dist.KeyCount(one.keys))
		default:
			for _, c := range one.own {
				out = append(out, class{c.items, float64(c.share * part)})
			}
		}
	}
	slices.Sort(ends)
	shareOf := func(key uint64) float64 {
		share := 0.0
		for _, l := range laws {
			share += float64(l.rate * dist.KeyShare(l.keys, key))
		}
		return share
	}
	from := uint64(0)
	for _, end := range ends {
		for from < end {
			to := min(end, from+1+from/16)
			share := shareOf(from)
			if to-from > 1 {
				share = (share + shareOf(to-1) + float64(4*shareOf((from+to-1)/2))) / 6
			}
			out = append(out, class{float64(to - from), share})
			from = to
		}
	}
	return out
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
