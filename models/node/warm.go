package node

import "github.com/capsim/capsim/sim"

// purposeAge is of the draw of how old an entry of a warm cache is.
var purposeAge = sim.HashName("object", "age")

// warmUp fills the caches that are warm: each instance with the most popular
// of the items that the ring gives it, for as long as there is room. They are
// entered in the opposite order, so that the most popular were used last.
func (n *Network) warmUp(start sim.Time) {
	for i := range n.nodes {
		nd := &n.nodes[i]
		if nd.cache == nil || nd.cache.each == nil || n.spec.Nodes[i].Cache.Warm == nil {
			continue
		}
		list := n.warmest(nd.cache, n.spec.Nodes[i].Cache)
		for k := len(list) - 1; k >= 0; k-- {
			n.enterWarm(nd, n.spec.Nodes[i].Cache, list[k], start)
		}
	}
}

// warmItem is what a warm cache holds from the start.
type warmItem struct {
	inst uint32
	id   uint64
}

// warmest lists what finds room, the most popular first.
func (n *Network) warmest(c *caching, s *CacheSpec) []warmItem {
	var list []warmItem
	room := make([]uint64, len(c.each))
	open := len(room)
	for k := range room {
		room[k] = s.Capacity
	}
	taken := map[uint64]bool{}
	add := func(item uint64) {
		inst := c.holder(n, item)
		k := inst - c.first
		for _, op := range c.warmOps {
			id := c.identity(n, op, item)
			if size := n.objectSize(c, id); s.Capacity == 0 {
				list = append(list, warmItem{inst, id})
			} else if room[k] >= size {
				room[k] -= size
				list = append(list, warmItem{inst, id})
			} else if room[k] > 0 { // it is full with the first that finds no room
				room[k] = 0
				open--
			}
			c.noteOp(op)
		}
	}
	for _, item := range s.Warm.Items {
		taken[item] = true
		add(item)
	}
	for item := uint64(0); item < s.Warm.Below && open > 0; item++ {
		if !taken[item] {
			add(item)
		}
	}
	return list
}

// enterWarm enters an item as if that had happened before the run: with a
// time to live, at any moment in which it would still be there.
func (n *Network) enterWarm(nd *nodeState, s *CacheSpec, one warmItem, start sim.Time) {
	expires := sim.Never
	if s.TTL > 0 {
		draw := sim.Keyed(sim.Mix(sim.Mix(one.id, purposeAge), uint64(n.replication)))
		expires = start + sim.Time(1+draw.Below(uint64(s.TTL)))
	}
	n.enterAt(nd.cache, one.inst, one.id, start, expires)
}
