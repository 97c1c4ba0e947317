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

// How many of a client's requests are followed in a replication, up to a half
// less: fewer where there are very many nodes.
const (
	mostFollowed   = 1 << 15
	mostNotes      = 1 << 21 // of requests at nodes
	fewestFollowed = 64
)

// FollowedStats is where the time of some of an operation's ok requests went,
// by how long they took.
type FollowedStats struct {
	Classes []LatencyClass

	index map[int64]int // of the classes, by Low
	of    []int         // by node: 1 + its place in Spent of the classes; 0: none
	nodes int           // that have one
}

// LatencyClass is the followed requests that took from Low to High, both
// inclusive and in nanoseconds: a bucket of a [stats.Histogram]. Times are
// sums over them.
type LatencyClass struct {
	Low, High        int64
	Count            uint64
	Latency          stats.Sum128
	Network, Backoff stats.Sum128

	spent []Spent // as far as there is anything
}

// following is which of a client's requests are followed, and what became of
// them.
type following struct {
	mask  uint64 // of the bits of their seeds that are all zero
	most  int
	ended []followed
	spent []visited // of those, one after the other
}

// nobody is the mask of a client that follows no request: none has such a seed.
const nobody = 1<<64 - 1

func newFollowing(nodes int) following {
	return following{most: max(fewestFollowed, min(mostFollowed, mostNotes/max(nodes, 1)))}
}

// followed is an ok request that was followed to its end.
type followed struct {
	seed                      uint64
	latency, network, backoff sim.Time
	op                        uint32
	visits                    uint32
}

// visited is what one answered visit spent at its node.
type visited struct {
	node           uint32
	waited, served sim.Time
}

// tally is what a request that is followed has spent so far.
type tally struct {
	network sim.Time
	visits  []visited
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

// closeTally ends the tally of a request. One that ended well counts.
func (n *Network) closeTally(cl *client, q *request, status Status, latency sim.Time) {
	t, x := &n.tallies[q.tally], &cl.following
	if status == OK && q.seed&x.mask == 0 {
		x.ended = append(x.ended, followed{q.seed, latency, t.network, q.backoff, q.op, uint32(len(t.visits))})
		x.spent = append(x.spent, t.visits...)
		for len(x.ended) > x.most && x.mask != nobody {
			x.halve()
		}
	}
	t.network, t.visits = 0, t.visits[:0]
	n.spareTallies = append(n.spareTallies, q.tally)
	q.tally = 0
}

// halve follows half as many requests as before, and forgets the others.
func (x *following) halve() {
	x.mask = x.mask<<1 | 1
	kept, spent, from := x.ended[:0], x.spent[:0], uint32(0)
	for _, one := range x.ended {
		if one.seed&x.mask == 0 {
			kept = append(kept, one)
			spent = append(spent, x.spent[from:from+one.visits]...)
		}
		from += one.visits
	}
	x.ended, x.spent = kept, spent
}

// closeFollowing fills in what is known of the requests that were followed.
func (n *Network) closeFollowing(cl *client) {
	x := &cl.following
	if x.mask == nobody {
		return
	}
	cl.stats.FollowedOneIn = 1 << bits.OnesCount64(x.mask)
	for k := range cl.stats.Ops {
		cl.stats.Ops[k].Followed = &FollowedStats{index: map[int64]int{}, of: make([]int, len(n.nodes))}
	}
	from := uint32(0)
	for i := range x.ended {
		one := &x.ended[i]
		cl.stats.Ops[one.op].Followed.add(one, x.spent[from:from+one.visits])
		from += one.visits
	}
	x.ended, x.spent = nil, nil
}

// add adds a request to the class of its latency.
func (f *FollowedStats) add(one *followed, spent []visited) {
	low, high := stats.Bounds(int64(one.latency))
	i, known := f.index[low]
	if !known {
		i = len(f.Classes)
		f.index[low] = i
		f.Classes = append(f.Classes, LatencyClass{Low: low, High: high})
	}
	c := &f.Classes[i]
	c.Count++
	c.Latency.Add(uint64(one.latency))
	c.Network.Add(uint64(one.network))
	c.Backoff.Add(uint64(one.backoff))
	for _, v := range spent {
		if f.of[v.node] == 0 {
			f.nodes++
			f.of[v.node] = f.nodes
		}
		place := f.of[v.node] - 1
		for len(c.spent) <= place {
			c.spent = append(c.spent, Spent{})
		}
		c.spent[place].Wait.Add(uint64(v.waited))
		c.spent[place].Service.Add(uint64(v.served))
	}
}

// SpentAt returns the time that the requests of a class spent at a node.
func (f *FollowedStats) SpentAt(c *LatencyClass, node int) Spent {
	if place := f.of[node]; place > 0 && place <= len(c.spent) {
		return c.spent[place-1]
	}
	return Spent{}
}
