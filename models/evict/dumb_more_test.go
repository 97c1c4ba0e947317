package evict

import (
	"slices"

	"github.com/capsim/capsim/sim"
)

// dumbS3FIFO is algorithm 1 of Yang et al. (2023), with the sizes of its
// section 4: S a tenth of the cache, as many ghosts as M.
type dumbS3FIFO struct {
	s, m   []uint64
	ghosts []dumbItem
	freq   map[uint64]int
}

func (p *dumbS3FIFO) enter(c *dumb, key uint64, _ sim.Time) {
	p.freq[key] = 0
	if at := slices.IndexFunc(p.ghosts, func(g dumbItem) bool { return g.key == key }); at >= 0 {
		p.ghosts = slices.Delete(p.ghosts, at, at+1)
		p.m = append(p.m, key)
		return
	}
	p.s = append(p.s, key)
}

func (p *dumbS3FIFO) use(_ *dumb, key uint64, _ sim.Time) { p.freq[key] = min(p.freq[key]+1, 3) }

func (p *dumbS3FIFO) leave(key uint64) { p.s, p.m = without(p.s, key), without(p.m, key) }

func (p *dumbS3FIFO) victim(c *dumb, _ uint64, _ sim.Time) uint64 {
	small := c.sizes(p.s)
	if len(p.m) == 0 || small > 0 && small >= c.capacity*10/100 {
		for len(p.s) > 0 {
			t := p.s[0]
			if p.freq[t] > 1 {
				p.freq[t] = 0
				p.s, p.m = p.s[1:], append(p.m, t)
				continue
			}
			p.ghost(c, t)
			return t
		}
	}
	for p.freq[p.m[0]] > 0 {
		t := p.m[0]
		p.freq[t]--
		p.m = append(p.m[1:], t)
	}
	return p.m[0]
}

func (p *dumbS3FIFO) ghost(c *dumb, key uint64) {
	most := c.capacity - c.capacity*10/100
	sum := c.items[key].size
	if sum > most {
		return
	}
	p.ghosts = append(p.ghosts, dumbItem{key: key, size: sum})
	sum = 0
	for i, g := range slices.Backward(p.ghosts) {
		if sum += g.size; sum > most {
			p.ghosts = p.ghosts[i+1:]
			return
		}
	}
}

// dumbSketch counts in a map: counters up to 15, the four of a key at the
// places of the real one, which is the one thing that the two share.
type dumbSketch struct {
	counters map[[2]uint64]int
	words    int
	added    int
}

func (k *dumbSketch) places(key uint64) (places [][2]uint64) {
	for row := range 4 {
		word, shift := place(sim.HashWord(key), row, k.words)
		places = append(places, [2]uint64{word, uint64(shift)})
	}
	return places
}

func (k *dumbSketch) count(key uint64) int {
	least := 15
	for _, at := range k.places(key) {
		least = min(least, k.counters[at])
	}
	return least
}

func (k *dumbSketch) add(key uint64, period int) {
	grown := 0
	for _, at := range k.places(key) {
		if k.counters[at] < 15 {
			k.counters[at]++
			grown = 1
		}
	}
	if k.added += grown; grown == 0 || k.added < period {
		return
	}
	odd := 0
	for word := range uint64(k.words) {
		for shift := uint64(0); shift < 64; shift += 4 {
			at := [2]uint64{word, shift}
			odd += k.counters[at] % 2
			k.counters[at] /= 2
		}
	}
	k.added = (k.added - odd/4) / 2
}

// fit doubles the words until there is one for each entry.
func (k *dumbSketch) fit(entries int) {
	if k.words == 0 {
		k.words = 8
	}
	for k.words < entries {
		for word := range uint64(k.words) {
			for shift := uint64(0); shift < 64; shift += 4 {
				k.counters[[2]uint64{word + uint64(k.words), shift}] = k.counters[[2]uint64{word, shift}]
			}
		}
		k.words *= 2
	}
}

// dumbTinyLFU is W-TinyLFU as Einziger, Friedman and Manes (2017) draw it, a
// window of 1 % before a segmented LRU of 20 % probation and 80 % protected,
// with the admission of Caffeine.
type dumbTinyLFU struct {
	window, probation, protected []uint64
	sketch                       dumbSketch
	period                       int
	stream                       sim.Stream
}

// limits of the window and of what is protected.
func (p *dumbTinyLFU) limits(c *dumb) (window, protected uint64) {
	main := c.capacity * 99 / 100
	return c.capacity - main, main * 80 / 100
}

func (p *dumbTinyLFU) count(c *dumb, key uint64) {
	p.sketch.fit(len(c.items))
	p.sketch.add(key, p.period)
}

func (p *dumbTinyLFU) enter(c *dumb, key uint64, _ sim.Time) {
	p.window = append(p.window, key)
	p.period = int(10 * (c.capacity / max(1, c.Used()/uint64(len(c.items)))))
	p.count(c, key)
	most, _ := p.limits(c)
	for len(p.window) > 1 && c.sizes(p.window) > most {
		p.window, p.probation = p.window[1:], append(p.probation, p.window[0])
	}
}

func (p *dumbTinyLFU) use(c *dumb, key uint64, _ sim.Time) {
	p.count(c, key)
	if slices.Contains(p.window, key) {
		p.window = append(without(p.window, key), key)
		return
	}
	p.probation, p.protected = without(p.probation, key), append(without(p.protected, key), key)
	_, most := p.limits(c)
	for c.sizes(p.protected) > most {
		p.protected, p.probation = p.protected[1:], append(p.probation, p.protected[0])
	}
}

func (p *dumbTinyLFU) leave(key uint64) {
	p.window, p.probation, p.protected = without(p.window, key), without(p.probation, key), without(p.protected, key)
}

func (p *dumbTinyLFU) victim(c *dumb, size uint64, _ sim.Time) uint64 {
	most, _ := p.limits(c)
	if len(p.window) == 0 || c.sizes(p.window)+size <= most {
		return slices.Concat(p.probation, p.protected, p.window)[0]
	}
	candidate := p.window[0]
	p.window = p.window[1:]
	p.probation = append(p.probation, candidate)
	victim := p.probation[0]
	if victim == candidate {
		return candidate
	}
	switch mine, theirs := p.sketch.count(candidate), p.sketch.count(victim); {
	case mine > theirs:
		return victim
	case mine >= 6 && p.stream.Below(128) == 0:
		return victim
	}
	return candidate
}

// dumbSampled is evictionPoolPopulate of Redis' evict.c: the samples are put
// before the first that is at least as idle, and of more than 16 the first
// goes.
type dumbSampled struct {
	dumbRandom
	n      int
	last   map[uint64]int64 // seconds
	pool   []dumbPooled
	stream sim.Stream
}

type dumbPooled struct {
	key  uint64
	idle int64
}

func seconds(t sim.Time) int64 {
	s := int64(t) / 1e9
	if int64(t)%1e9 < 0 {
		s--
	}
	return s
}

func (p *dumbSampled) enter(c *dumb, key uint64, now sim.Time) {
	p.dumbRandom.enter(c, key, now)
	p.last[key] = seconds(now)
}

func (p *dumbSampled) use(_ *dumb, key uint64, now sim.Time) { p.last[key] = seconds(now) }

func (p *dumbSampled) victim(_ *dumb, _ uint64, now sim.Time) uint64 {
	for {
		for range p.n {
			key := p.list[p.stream.Below(uint64(len(p.list)))]
			idle := seconds(now) - p.last[key]
			at := slices.IndexFunc(p.pool, func(o dumbPooled) bool { return o.idle >= idle })
			if at < 0 {
				at = len(p.pool)
			}
			p.pool = slices.Insert(p.pool, at, dumbPooled{key, idle})
			if len(p.pool) > 16 {
				p.pool = p.pool[1:]
			}
		}
		for len(p.pool) > 0 {
			best := p.pool[len(p.pool)-1]
			p.pool = p.pool[:len(p.pool)-1]
			if slices.Contains(p.list, best.key) {
				return best.key
			}
		}
	}
}
