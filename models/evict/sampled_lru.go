package evict

import "github.com/capsim/capsim/sim"

const (
	redisPool = 16         // EVPOOL_SIZE in Redis' evict.c
	redisTick = sim.Second // LRU_CLOCK_RESOLUTION in Redis' server.h
)

// sampledLRU is what Redis does for LRU. Instead of keeping an order, it
// draws a few entries when one has to go, and keeps the ones that have been
// idle for longest in a pool; the longest idle of the pool goes. Its clock
// ticks once a second: of what was used within the same second it does not
// know the order. What is in the pool is not looked at again: it goes in its
// turn even if it has been used since (evict.c of Redis 7.0).
//
// The prev of an entry belongs to the bag, the next is the tick of its last
// use.
type sampledLRU struct {
	bag
	samples int
	stream  sim.Stream
	pool    []pooled // the longest idle last
}

type pooled struct {
	key  uint64
	idle uint32 // ticks, when it was drawn
}

func newSampledLRU(s *store, samples int, stream sim.Stream) *sampledLRU {
	return &sampledLRU{bag: bag{s: s}, samples: samples, stream: stream, pool: make([]pooled, 0, redisPool)}
}

func (p *sampledLRU) enter(i uint32, now sim.Time) {
	p.put(i)
	p.use(i, now)
}

func (p *sampledLRU) use(i uint32, now sim.Time) { p.s.entries[i].next = tick(now) }

func (p *sampledLRU) leave(i uint32) { p.take(i) }

func (p *sampledLRU) victim(_ uint64, now sim.Time) uint32 {
	for {
		for range p.samples {
			e := p.s.entries[p.draw(&p.stream)]
			p.offer(pooled{e.key, tick(now) - e.next})
		}
		for last := len(p.pool) - 1; last >= 0; last-- {
			key := p.pool[last].key
			p.pool = p.pool[:last]
			if i := p.s.find(key); i != none { // it may have gone otherwise
				return i
			}
		}
	}
}

func (p *sampledLRU) clear() { p.all, p.pool = p.all[:0], p.pool[:0] }

// offer puts a key into the pool, before those as idle. The least idle gives
// its place to one that is idle for longer.
func (p *sampledLRU) offer(one pooled) {
	at := 0
	for at < len(p.pool) && p.pool[at].idle < one.idle {
		at++
	}
	switch {
	case len(p.pool) < redisPool:
		p.pool = append(p.pool, pooled{})
		copy(p.pool[at+1:], p.pool[at:])
		p.pool[at] = one
	case at > 0:
		copy(p.pool, p.pool[1:at])
		p.pool[at-1] = one
	}
}

// tick is the clock. Differences are right across its overflow.
func tick(now sim.Time) uint32 {
	ticks := now / redisTick
	if now < 0 && now%redisTick != 0 {
		ticks--
	}
	return uint32(ticks)
}
