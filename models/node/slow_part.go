package node

import (
	"math/bits"

	"github.com/capsim/capsim/sim"
	"github.com/capsim/capsim/sim/stats"
)

// Where the time of the slowest requests went is not known before they end, and
// a book for every request would cost everybody. So some requests are followed,
// chosen by a part of their seed, which says nothing about them: all of a
// client's at first, half of them once there are more than enough, then a
// quarter, and so on. What each of those spent is kept by how long it took, so
// that the slowest of all replications can be told apart afterwards.

// Followed is how many of a client's requests are followed in a replication,
// up to a half less: fewer where there are very many nodes.
const (
	mostFollowed = 1 << 16
	mostNotes    = 1 << 21 // of requests at nodes
	fewestNotes  = 64
)

// FollowedStats is where the time of some of an operation's ok requests went,
// by how long they took.
type FollowedStats struct {
	Classes []LatencyClass
	Columns []int // of Spent in the classes: indices into Spec.Nodes

	index map[classKey]int
	of    []int // by node: 1 + its column; 0: none
}

// LatencyClass is the followed requests that took from Low to High, both
// inclusive and in nanoseconds: a bucket of a [stats.Histogram]. Times are
// sums over them.
type LatencyClass struct {
	Low, High        int64
	Count            uint64
	Latency          stats.Sum128
	Network, Backoff stats.Sum128
	Spent            []Spent // by column, as far as there is anything

	level uint8 // of the seeds of its requests
}

type classKey struct {
	low   int64
	level uint8
}

// following is which of a client's requests are followed.
type following struct {
	on    bool
	level uint8      // trailing zeros that their seeds have at least
	most  uint64     // requests
	kept  [65]uint64 // by the trailing zeros of their seeds
	all   uint64     // of them
}

func newFollowing(nodes int) following {
	return following{on: true, most: max(fewestNotes, min(mostFollowed, mostNotes/uint64(max(nodes, 1))))}
}

// tally is what a request that is followed has spent so far.
type tally struct {
	network sim.Time
	visits  []visited
}

// visited is what one answered visit spent at its node.
type visited struct {
	node           uint32
	waited, served sim.Time
}

func (x *following) wants(seed uint64) bool {
	return x.on && seed&(1<<x.level-1) == 0
}

// openTally gives a request a tally.
func (n *Network) openTally(q *request) {
	if last := len(n.spareTallies) - 1; last >= 0 {
		q.tally = n.spareTallies[last]
		n.spareTallies = n.spareTallies[:last]
		return
	}
	if len(n.tallies) == 0 {
		n.tallies = append(n.tallies, tally{}) // 0 is that of no request
	}
	q.tally = uint32(len(n.tallies))
	n.tallies = append(n.tallies, tally{})
}

// noteVisit adds the answered visit in frame f to the tally of its request.
func (n *Network) noteVisit(f uint32, q *request) {
	t, c := &n.tallies[q.tally], &n.cold[f]
	if n.net != nil && n.frames[f].flags&isBranch == 0 {
		t.network += n.rare[f].transit
	}
	if c.waited|c.served != 0 {
		t.visits = append(t.visits, visited{n.insts[n.frames[f].inst].node, c.waited, c.served})
	}
}

// closeTally ends the tally of a request. One that ended well counts, unless
// fewer are followed by now.
func (n *Network) closeTally(cl *client, o *OpStats, q *request, status Status, latency sim.Time) {
	t := &n.tallies[q.tally]
	if status == OK && cl.following.wants(q.seed) {
		if o.Followed == nil {
			o.Followed = &FollowedStats{index: map[classKey]int{}, of: make([]int, len(n.nodes))}
		}
		level := uint8(bits.TrailingZeros64(q.seed))
		o.Followed.add(t, level, latency, q.backoff)
		cl.following.count(level, cl.stats)
	}
	t.network, t.visits = 0, t.visits[:0]
	n.spareTallies = append(n.spareTallies, q.tally)
	q.tally = 0
}

// count counts a request that was followed to its end, and follows half as
// many once there are enough.
func (x *following) count(level uint8, s *ClientStats) {
	x.kept[level]++
	x.all++
	for x.all > x.most {
		x.all -= x.kept[x.level]
		for k := range s.Ops {
			if f := s.Ops[k].Followed; f != nil {
				f.forget(x.level)
			}
		}
		x.level++
	}
	s.FollowedOneIn = 1 << x.level
}

// forget drops the classes of a level.
func (f *FollowedStats) forget(level uint8) {
	kept := f.Classes[:0]
	clear(f.index)
	for _, c := range f.Classes {
		if c.level != level {
			f.index[classKey{c.Low, c.level}] = len(kept)
			kept = append(kept, c)
		}
	}
	clear(f.Classes[len(kept):])
	f.Classes = kept
}

// add adds a request to the class of its latency.
func (f *FollowedStats) add(t *tally, level uint8, latency, backoff sim.Time) {
	low, high := stats.Bounds(int64(latency))
	i, known := f.index[classKey{low, level}]
	if !known {
		i = len(f.Classes)
		f.index[classKey{low, level}] = i
		f.Classes = append(f.Classes, LatencyClass{Low: low, High: high, level: level})
	}
	c := &f.Classes[i]
	c.Count++
	c.Latency.Add(uint64(latency))
	c.Network.Add(uint64(t.network))
	c.Backoff.Add(uint64(backoff))
	for _, v := range t.visits {
		column := f.column(v.node)
		for len(c.Spent) <= column {
			c.Spent = append(c.Spent, Spent{})
		}
		c.Spent[column].Wait.Add(uint64(v.waited))
		c.Spent[column].Service.Add(uint64(v.served))
	}
}

func (f *FollowedStats) column(node uint32) int {
	if f.of[node] == 0 {
		f.Columns = append(f.Columns, int(node))
		f.of[node] = len(f.Columns)
	}
	return f.of[node] - 1
}

// Column is the column of a node in the classes, None if it has none.
func (f *FollowedStats) Column(node int) int { return f.of[node] - 1 }

// SpentAt returns the time that the requests of the class spent at the node of
// a column.
func (c *LatencyClass) SpentAt(column int) Spent {
	if column < 0 || column >= len(c.Spent) {
		return Spent{}
	}
	return c.Spent[column]
}
