package node

import (
	"cmp"
	"slices"
	"strings"

	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/sim"
)

// CDNSpec is a content delivery network: points of presence, the instances
// of its node, each with a cache of its own. Its shield is a node of its own,
// such a network of one instance, which is the origin of the first.
type CDNSpec struct {
	Origin   Target   // with Op "" what was asked for is passed on
	Timeout  sim.Time // of what it asks the origin for; 0: none
	Latency  dist.Law // of a request, hit or miss; nil: none
	HitRatio float64  // of all requests, where nothing is cacheable

	Cacheable []Lifetime // ordered by operation; others pass through
	Policy    string     // who goes where there is no room, as evict.Parse reads it
	Capacity  uint64     // of each instance: items, or bytes with Size; 0: no limit
	Size      dist.Law   // bytes of an item, drawn from it; nil: capacity counts items
	Coalesce  bool       // one miss at a time for each item
	Warm      *Warmth    // what each instance has from the start; nil: nothing

	EgressPrice float64 // for each GB of answers to clients
	Shield      int     // the node of its shield; None: it has none
	Shields     int     // the node that it is the shield of; None: it is no shield
}

// Lifetime is an operation whose answers are kept, and for how long.
type Lifetime struct {
	Op  string
	TTL sim.Time
}

// Emergent reports whether it is seen what is there, instead of being given.
func (s *CDNSpec) Emergent() bool { return len(s.Cacheable) > 0 }

// lifetime is for how long the answers of an operation are kept, 0 if they
// are not.
func (s *CDNSpec) lifetime(op string) sim.Time {
	i, found := slices.BinarySearchFunc(s.Cacheable, cmp.Or(op, "request"), func(l Lifetime, name string) int { return strings.Compare(l.Op, name) })
	if !found {
		return 0
	}
	return s.Cacheable[i].TTL
}

// misses is the share of the requests for an operation that it passes on, if
// that is known beforehand; else the least that it may be.
func (s *CDNSpec) misses(op string) (share float64, known bool) {
	switch {
	case !s.Emergent():
		return 1 - s.HitRatio, true
	case s.lifetime(op) == 0:
		return 1, true
	}
	return 0, false
}

// detail describes it.
func (s *CDNSpec) detail(pops int, add func(format string, args ...any)) {
	switch {
	case s.Shields != None:
		add("shield")
	case pops == 1:
		add("1 point of presence")
	default:
		add("%d points of presence", pops)
	}
	if !s.Emergent() {
		add("hit ratio %.4g %%", s.HitRatio*100)
		return
	}
	room := CacheSpec{Policy: s.Policy, Capacity: s.Capacity, Size: s.Size}
	room.detail(add)
}
