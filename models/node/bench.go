package node

// bench is a heap of frames at a station: those who are first in an order
// that the station decides on. Each frame knows its seat, so that it can be
// taken out wherever it is, in time logarithmic in their number.
type bench []seat

// seat is a frame's place in the order: the smallest rank first, of equal
// ones the smallest number.
type seat struct {
	rank   float64
	number uint64
	frame  uint32
}

func (s seat) before(o seat) bool {
	return s.rank < o.rank || s.rank == o.rank && s.number < o.number
}

// put adds a frame.
func (b *bench) put(turns []turn, s seat) {
	*b = append(*b, s)
	b.rise(turns, len(*b)-1, s)
}

// drop takes a frame out.
func (b *bench) drop(turns []turn, f uint32) {
	h := *b
	i, end := int(turns[f].seat), len(h)-1
	last := h[end]
	*b = h[:end]
	if i == end {
		return
	}
	if last.before(h[i]) {
		b.rise(turns, i, last)
	} else {
		b.sink(turns, i, last)
	}
}

// rise puts s where it belongs, at i or above it.
func (b bench) rise(turns []turn, i int, s seat) {
	for i > 0 {
		up := (i - 1) / 2
		if !s.before(b[up]) {
			break
		}
		b[i] = b[up]
		turns[b[i].frame].seat = int32(i)
		i = up
	}
	b[i] = s
	turns[s.frame].seat = int32(i)
}

// sink puts s where it belongs, at i or below it.
func (b bench) sink(turns []turn, i int, s seat) {
	for {
		down := 2*i + 1
		if down >= len(b) {
			break
		}
		if down+1 < len(b) && b[down+1].before(b[down]) {
			down++
		}
		if !b[down].before(s) {
			break
		}
		b[i] = b[down]
		turns[b[i].frame].seat = int32(i)
		i = down
	}
	b[i] = s
	turns[s.frame].seat = int32(i)
}
