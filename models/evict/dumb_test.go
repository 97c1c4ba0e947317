package evict

import (
	"slices"

	"github.com/capsim/capsim/sim"
)

// dumb is a cache as the papers describe it: lists in which everything is
// searched for from the start. It shares no code with the real one, but for
// where the counters of a key lie in a sketch.
type dumb struct {
	capacity uint64
	items    map[uint64]dumbItem
	used     uint64
	policy   dumbPolicy
}

type dumbItem struct {
	key, size uint64
	expires   sim.Time
}

type dumbPolicy interface {
	enter(c *dumb, key uint64, now sim.Time)
	use(c *dumb, key uint64, now sim.Time)
	leave(key uint64)
	victim(c *dumb, size uint64, now sim.Time) uint64
}

func newDumb(choice Choice, capacity uint64, stream sim.Stream) *dumb {
	c := &dumb{capacity: capacity, items: map[uint64]dumbItem{}}
	switch choice.Name {
	case "lru":
		c.policy = &dumbLRU{}
	case "fifo":
		c.policy = &dumbFIFO{}
	case "lfu":
		c.policy = &dumbLFU{counts: map[uint64]int{}}
	case "random":
		c.policy = &dumbRandom{stream: stream}
	case "sieve":
		c.policy = &dumbSieve{visited: map[uint64]bool{}}
	case "s3fifo":
		c.policy = &dumbS3FIFO{freq: map[uint64]int{}}
	case "w-tinylfu":
		c.policy = &dumbTinyLFU{sketch: dumbSketch{counters: map[[2]uint64]int{}}, stream: stream}
	case "sampled-lru":
		c.policy = &dumbSampled{n: choice.N, last: map[uint64]int64{}, stream: stream}
	default:
		panic("evict: no second implementation of " + choice.Name)
	}
	return c
}

func (c *dumb) sizes(keys []uint64) (sum uint64) {
	for _, key := range keys {
		sum += c.items[key].size
	}
	return sum
}

func (c *dumb) Len() int { return len(c.items) }

func (c *dumb) Used() uint64 { return c.used }

func (c *dumb) Get(key uint64, now sim.Time) Found {
	item, ok := c.items[key]
	if !ok {
		return Miss
	}
	if now >= item.expires {
		c.Remove(key)
		return Expired
	}
	c.policy.use(c, key, now)
	return Hit
}

func (c *dumb) Put(key, size uint64, now, expires sim.Time) (evicted int) {
	if item, ok := c.items[key]; ok && now < item.expires && item.size == size {
		c.items[key] = dumbItem{key, size, expires}
		c.policy.use(c, key, now)
		return 0
	}
	c.Remove(key)
	if size > c.capacity {
		return 0
	}
	for c.used+size > c.capacity {
		c.Remove(c.policy.victim(c, size, now))
		evicted++
	}
	c.items[key] = dumbItem{key, size, expires}
	c.used += size
	c.policy.enter(c, key, now)
	return evicted
}

func (c *dumb) Remove(key uint64) bool {
	item, ok := c.items[key]
	if !ok {
		return false
	}
	c.policy.leave(key)
	c.used -= item.size
	delete(c.items, key)
	return true
}

func without(list []uint64, key uint64) []uint64 {
	return slices.DeleteFunc(list, func(k uint64) bool { return k == key })
}

// In all lists the first is the next to go.
type dumbFIFO struct{ list []uint64 }

func (p *dumbFIFO) enter(_ *dumb, key uint64, _ sim.Time) { p.list = append(p.list, key) }
func (p *dumbFIFO) use(*dumb, uint64, sim.Time)           {}
func (p *dumbFIFO) leave(key uint64)                      { p.list = without(p.list, key) }
func (p *dumbFIFO) victim(*dumb, uint64, sim.Time) uint64 { return p.list[0] }

type dumbLRU struct{ dumbFIFO }

func (p *dumbLRU) use(_ *dumb, key uint64, _ sim.Time) { p.list = append(without(p.list, key), key) }

// dumbLFU keeps the order of use, and takes the first of the least count.
type dumbLFU struct {
	dumbLRU
	counts map[uint64]int
}

func (p *dumbLFU) enter(c *dumb, key uint64, now sim.Time) {
	p.dumbLRU.enter(c, key, now)
	p.counts[key] = 1
}

func (p *dumbLFU) use(c *dumb, key uint64, now sim.Time) {
	p.dumbLRU.use(c, key, now)
	p.counts[key]++
}

func (p *dumbLFU) victim(*dumb, uint64, sim.Time) uint64 {
	least := p.list[0]
	for _, key := range p.list {
		if p.counts[key] < p.counts[least] {
			least = key
		}
	}
	return least
}

// dumbRandom puts the last key into the place of one that goes: which key a
// draw means is all that this settles.
type dumbRandom struct {
	list   []uint64
	stream sim.Stream
}

func (p *dumbRandom) enter(_ *dumb, key uint64, _ sim.Time) { p.list = append(p.list, key) }
func (p *dumbRandom) use(*dumb, uint64, sim.Time)           {}

func (p *dumbRandom) leave(key uint64) {
	last := len(p.list) - 1
	p.list[slices.Index(p.list, key)] = p.list[last]
	p.list = p.list[:last]
}

func (p *dumbRandom) victim(*dumb, uint64, sim.Time) uint64 {
	return p.list[p.stream.Below(uint64(len(p.list)))]
}

// dumbSieve is algorithm 1 of Zhang et al. (2024), the list from the tail to
// the head, the hand a key.
type dumbSieve struct {
	dumbFIFO
	visited map[uint64]bool
	hand    *uint64
}

func (p *dumbSieve) enter(c *dumb, key uint64, now sim.Time) {
	p.dumbFIFO.enter(c, key, now)
	p.visited[key] = false
}

func (p *dumbSieve) use(_ *dumb, key uint64, _ sim.Time) { p.visited[key] = true }

// towardsHead is the key after one in the list; nil at the head.
func (p *dumbSieve) towardsHead(key uint64) *uint64 {
	if at := slices.Index(p.list, key) + 1; at < len(p.list) {
		next := p.list[at]
		return &next
	}
	return nil
}

func (p *dumbSieve) leave(key uint64) {
	if p.hand != nil && *p.hand == key {
		p.hand = p.towardsHead(key)
	}
	p.dumbFIFO.leave(key)
}

func (p *dumbSieve) victim(*dumb, uint64, sim.Time) uint64 {
	o := p.hand
	if o == nil {
		o = &p.list[0]
	}
	for p.visited[*o] {
		p.visited[*o] = false
		if o = p.towardsHead(*o); o == nil {
			o = &p.list[0]
		}
	}
	found := *o
	p.hand = p.towardsHead(found)
	return found
}
