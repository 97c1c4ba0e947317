package evict

import "github.com/capsim/capsim/sim"

const (
	tinyWindow    = 1  // per cent of the capacity, rounded up
	tinyProtected = 80 // per cent of the rest, rounded down
	// tinyWarm is from how many uses on one that was not admitted is let in
	// now and then, one time in tinyLuck, so that nobody can keep it out for
	// good by keys that collide with those that are kept (Caffeine,
	// BoundedLocalCache.admit).
	tinyWarm = 6
	tinyLuck = 128
)

// tinyLFU is W-TinyLFU (Einziger, Friedman and Manes, ACM Transactions on
// Storage 13(4), 2017) as Caffeine has it. What is new enters a small window,
// least recently used; what leaves that is admitted to the rest only if a
// sketch has counted more uses of it than of what would have to go for it. In
// the rest, what is used again on probation becomes protected, and the
// protected used longest ago go back on probation.
//
// Caffeine also adapts the size of the window to the load, by climbing hills.
// That is left out: the window stays one per cent.
type tinyLFU struct {
	s                    *store
	probation, protected uint32 // rings; the window is that of number 0
	in                   []segment
	used, limits         [segments]uint64
	counts               sketch
	stream               sim.Stream
}

// segment is a part of the cache.
type segment uint8

const (
	inWindow segment = iota
	onProbation
	isProtected

	segments = 3
)

func newTinyLFU(s *store, window uint64, stream sim.Stream) *tinyLFU {
	p := &tinyLFU{s: s, probation: s.ring(), protected: s.ring(), stream: stream}
	p.limits[inWindow] = s.capacity - share(s.capacity, 100-window)
	p.limits[isProtected] = share(s.capacity-p.limits[inWindow], tinyProtected)
	return p
}

func (p *tinyLFU) enter(i uint32, _ sim.Time) {
	p.in = reach(p.in, i)
	p.into(inWindow, i)
	p.counts.fit(p.s)
	p.counts.add(p.s.entries[i].key)
	for p.used[inWindow] > p.limits[inWindow] && p.s.oldest(none) != i {
		p.move(p.s.oldest(none), onProbation)
	}
}

func (p *tinyLFU) use(i uint32, _ sim.Time) {
	p.counts.add(p.s.entries[i].key)
	if p.in[i] == inWindow {
		p.move(i, inWindow)
		return
	}
	p.move(i, isProtected)
	for p.used[isProtected] > p.limits[isProtected] {
		p.move(p.s.oldest(p.protected), onProbation)
	}
}

func (p *tinyLFU) leave(i uint32) {
	p.used[p.in[i]] -= p.s.entries[i].size
	p.s.unlink(i)
}

// victim lets the last of the window, if that has to make room, compete with
// the last on probation.
func (p *tinyLFU) victim(size uint64, _ sim.Time) uint32 {
	candidate := p.s.oldest(none)
	if candidate == none || p.used[inWindow]+size <= p.limits[inWindow] {
		return p.last()
	}
	p.move(candidate, onProbation)
	victim := p.s.oldest(p.probation)
	if victim == candidate || !p.admits(candidate, victim) {
		return candidate
	}
	return victim
}

func (p *tinyLFU) clear() {
	clear(p.used[:])
	p.counts.clear()
}

// last is what goes without a competitor.
func (p *tinyLFU) last() uint32 {
	for _, ring := range [...]uint32{p.probation, p.protected} {
		if i := p.s.oldest(ring); i != ring {
			return i
		}
	}
	return p.s.oldest(none)
}

func (p *tinyLFU) admits(candidate, victim uint32) bool {
	mine, theirs := p.counts.count(p.s.entries[candidate].key), p.counts.count(p.s.entries[victim].key)
	if mine > theirs {
		return true
	}
	return mine >= tinyWarm && p.stream.Below(tinyLuck) == 0
}

func (p *tinyLFU) move(i uint32, to segment) {
	p.leave(i)
	p.into(to, i)
}

func (p *tinyLFU) into(to segment, i uint32) {
	p.in[i] = to
	p.used[to] += p.s.entries[i].size
	p.s.link([segments]uint32{none, p.probation, p.protected}[to], i)
}
