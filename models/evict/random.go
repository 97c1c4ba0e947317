package evict

import "github.com/capsim/capsim/sim"

// random throws out any entry, each as likely.
type random struct {
	bag
	stream sim.Stream
}

func newRandom(s *store, stream sim.Stream) *random {
	return &random{bag{s: s}, stream}
}

func (p *random) enter(i uint32, _ sim.Time) { p.put(i) }

func (p *random) use(uint32, sim.Time) {}

func (p *random) leave(i uint32) { p.take(i) }

func (p *random) victim(uint64, sim.Time) uint32 { return p.draw(&p.stream) }

func (p *random) clear() { p.all = p.all[:0] }

// bag holds entries without an order, so that one can be drawn. The prev of
// an entry says where it is.
type bag struct {
	s   *store
	all []uint32
}

func (b *bag) put(i uint32) {
	b.s.entries[i].prev = uint32(len(b.all))
	b.all = append(b.all, i)
}

// take takes an entry out; the last one takes its place.
func (b *bag) take(i uint32) {
	at, last := b.s.entries[i].prev, b.all[len(b.all)-1]
	b.all[at] = last
	b.s.entries[last].prev = at
	b.all = b.all[:len(b.all)-1]
}

func (b *bag) draw(stream *sim.Stream) uint32 {
	return b.all[stream.Below(uint64(len(b.all)))]
}
