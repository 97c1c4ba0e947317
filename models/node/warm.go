package node

import "github.com/capsim/capsim/sim"

// purposeAge is of the draw of how old an entry of a warm cache is.
var purposeAge = sim.HashName("object", "age")

// warmth is what a cache has from the start.
type warmth struct {
	*Warmth
	ops        []warmOp // of which it has each item
	everywhere bool     // each instance has them all, as the points of presence of a CDN
}

// warmOp is an operation, any where they are not told apart, and the time to
// live of its items.
type warmOp struct {
	op       uint16
	lifetime sim.Time // 0: for ever
}

// warmUp fills the caches that are warm: each instance with the most popular
// of the items that it is asked for, for as long as there is room. They are
// entered in the opposite order, so that the most popular were used last.
func (n *Network) warmUp(start sim.Time) {
	for i := range n.nodes {
		nd := &n.nodes[i]
		if nd.cache == nil || nd.cache.warm == nil {
			continue
		}
		list := n.warmest(nd.cache)
		for k := len(list) - 1; k >= 0; k-- {
			n.enterWarm(nd, list[k], start)
		}
	}
}

// warmItem is what a warm cache holds from the start.
type warmItem struct {
	inst     uint32
	id       uint64
	lifetime sim.Time
}

// filling is a warm cache that is being filled.
type filling struct {
	*caching
	list []warmItem
	room []uint64 // that is left, of each instance
	open int      // instances that have any
}

// warmest lists what finds room, the most popular first.
func (n *Network) warmest(c *caching) []warmItem {
	x := &filling{caching: c, room: make([]uint64, len(c.each)), open: len(c.each)}
	for k := range x.room {
		x.room[k] = c.limit
	}
	taken := map[uint64]bool{}
	for _, item := range c.warm.Items {
		taken[item] = true
		x.add(n, item)
	}
	for item := uint64(0); item < c.warm.Below && x.open > 0; item++ {
		if !taken[item] {
			x.add(n, item)
		}
	}
	return x.list
}

// add adds an item, of each operation, at the instances that have it.
func (x *filling) add(n *Network, item uint64) {
	for _, o := range x.warm.ops {
		one := warmItem{id: x.identity(n, o.op, item), lifetime: o.lifetime}
		if x.warm.everywhere {
			for k := range x.each {
				x.addAt(n, x.first+uint32(k), one)
			}
		} else {
			x.addAt(n, x.holder(item), one)
		}
		x.noteOp(o.op)
	}
}

// addAt adds an item at an instance. That is full with the first that finds
// no room.
func (x *filling) addAt(n *Network, inst uint32, one warmItem) {
	one.inst = inst
	room := &x.room[inst-x.first]
	switch size := n.objectSize(x.caching, one.id); {
	case x.limit == 0:
		x.list = append(x.list, one)
	case *room >= size:
		*room -= size
		x.list = append(x.list, one)
	case *room > 0:
		*room = 0
		x.open--
	}
}

// enterWarm enters an item as if that had happened before the run: with a
// time to live, at any moment in which it would still be there.
func (n *Network) enterWarm(nd *nodeState, one warmItem, start sim.Time) {
	expires := sim.Never
	if one.lifetime > 0 {
		draw := sim.Keyed(sim.Mix(sim.Mix(one.id, purposeAge), uint64(n.replication)))
		expires = start + sim.Time(1+draw.Below(uint64(one.lifetime)))
	}
	n.enterAt(nd.cache, one.inst, one.id, start, expires)
}
