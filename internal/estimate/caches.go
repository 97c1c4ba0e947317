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
	rate    float64            // look-ups per second
	stays   float64            // look-ups for which an item stays that nobody asks for; 0: for ever
	inTurn  bool               // it stays that long whether somebody asks for it or not, on average
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
	for _, one := range s.asked {
		s.rate += one.rate
		if name := s.named(one.op); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	var all []class
	of := make([][]class, len(names))
	for i, name := range names {
		of[i] = s.classes(name)
		all = append(all, of[i]...)
	}
	items := 0.0
	for _, c := range all {
		items += c.items
	}
	s.inTurn = strings.HasPrefix(s.policy, "fifo") || strings.HasPrefix(s.policy, "random")
	if s.room > 0 && s.room < items {
		s.stays = characteristic(all, s.room, s.inTurn)
	}
	for i, name := range names {
		hits, total := 0.0, 0.0
		for _, c := range of[i] {
			total += float64(c.items * c.share)
			hits += float64(float64(c.items*c.share) * s.has(name, c.share))
		}
		s.missing[name] = 1
		if total > 0 {
			s.missing[name] = 1 - float64(min(1, hits/total)*(1-s.once(name)))
		}
	}
}

// has is the hit ratio of an item with a share of all look-ups.
func (s *store) has(name string, share float64) float64 {
	return hitOf(share, s.stays, float64(s.ttl(name)*s.rate), s.inTurn)
}

// passed is how much of what is asked about a key it passes on, beside how much
// it does of all that a stream asks: most of what few ask for.
func (s *store) passed(one stream) func(key uint64) float64 {
	name := s.named(one.op)
	all := s.missing[name]
	if one.keys == nil || all == 0 {
		return nil
	}
	shareOf, _ := s.shares(name)
	return func(key uint64) float64 {
		left := (1 - s.has(name, shareOf(key))) / all
		if one.left != nil {
			left = float64(left * one.left(key))
		}
		return left
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

// shares gives the part of all look-ups that is about a key and a name, by the
// laws of those who ask, and the ends of their keys.
func (s *store) shares(name string) (shareOf func(key uint64) float64, ends []uint64) {
	var laws []stream
	for _, one := range s.asked {
		if s.named(one.op) == name && one.keys != nil {
			laws, ends = append(laws, one), append(ends, dist.KeyCount(one.keys))
		}
	}
	slices.Sort(ends)
	return func(key uint64) float64 {
		share := 0.0
		for _, l := range laws {
			part := float64(l.rate / s.rate * dist.KeyShare(l.keys, key))
			if l.left != nil && part > 0 {
				part = float64(part * l.left(key))
			}
			share += part
		}
		return share
	}, ends
}

// classes puts the items of a name in classes: those of laws by neighbouring
// ranks, finer at the top, since all number them from 0.
func (s *store) classes(name string) []class {
	var out []class
	for _, one := range s.asked {
		if s.named(one.op) == name && one.keys == nil {
			for _, c := range one.own {
				out = append(out, class{c.items, float64(c.share * one.rate / s.rate)})
			}
		}
	}
	shareOf, ends := s.shares(name)
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
