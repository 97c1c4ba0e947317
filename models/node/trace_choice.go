package node

import (
	"cmp"
	"slices"

	"github.com/capsim/capsim/sim"
)

// Which requests are worth a look is known when a replication is over; to write
// down everything of all of them would cost more than to simulate. So a first
// run chooses, and a second one with the same random numbers, in which the same
// happens again, writes down what the chosen ones go through (trace.go).

// Choice is how many of each client's counted requests are chosen.
type Choice struct {
	Slowest int // of the ok ones, those that took the longest
	Failed  int // of the others, those that took the longest to fail
	Sample  int // of all, by chance
}

// Reason is why a request was chosen, a set.
type Reason uint8

// The reasons.
const (
	IsSlowest Reason = 1 << iota
	IsFailed
	IsSample
)

// Chosen is a request that ended.
type Chosen struct {
	Due    sim.Time
	Took   sim.Time // until it ended
	Status Status
	Why    Reason
	Place  int // in the sample, from 1; 0: it is not in it

	seed uint64
	rank uint64 // in what it was chosen by; the lower, the better
}

// chooser chooses among the requests of one client.
type chooser struct {
	slowest, failed, sample fewest
}

// Choose lets the coming run choose requests, for [Snapshot.Chosen].
func (n *Network) Choose(c Choice) {
	n.choosers = make([]chooser, len(n.clients))
	for i := range n.choosers {
		n.choosers[i] = chooser{fewest{most: c.Slowest}, fewest{most: c.Failed}, fewest{most: c.Sample}}
	}
}

// purposeSample is the purpose of the number by which requests are sampled.
var purposeSample = sim.HashName("request", "sample")

// ended takes note of a request that ended.
func (c *chooser) ended(q *request, status Status, took sim.Time) {
	one := Chosen{Due: q.due, Took: took, Status: status, seed: q.seed, rank: ^uint64(took)}
	if status == OK {
		c.slowest.offer(one)
	} else {
		c.failed.offer(one)
	}
	one.rank = sim.Mix(q.seed, purposeSample)
	c.sample.offer(one)
}

// chosen returns what was chosen, by when it was due.
func (c *chooser) chosen() []Chosen {
	var all []Chosen
	slices.SortFunc(c.sample.items, func(a, b Chosen) int { return cmp.Compare(a.rank, b.rank) })
	for i := range c.sample.items {
		c.sample.items[i].Place = i + 1
	}
	for k, list := range [...][]Chosen{c.slowest.items, c.failed.items, c.sample.items} {
		for _, one := range list {
			one.Why = 1 << k
			all = append(all, one)
		}
	}
	order := func(a, b Chosen) int { return cmp.Or(cmp.Compare(a.Due, b.Due), cmp.Compare(a.seed, b.seed)) }
	slices.SortFunc(all, func(a, b Chosen) int { return cmp.Or(order(a, b), cmp.Compare(a.Why, b.Why)) })
	out := all[:0]
	for _, one := range all {
		if last := len(out) - 1; last >= 0 && order(out[last], one) == 0 {
			out[last].Why |= one.Why
			out[last].Place = max(out[last].Place, one.Place)
			continue
		}
		out = append(out, one)
	}
	return out
}

// fewest keeps those of the lowest rank, so many: a heap whose top is the first
// to go.
type fewest struct {
	most  int
	items []Chosen
}

func (h *fewest) offer(one Chosen) {
	switch {
	case len(h.items) < h.most:
		h.items = append(h.items, one)
		h.up(len(h.items) - 1)
	case h.most > 0 && one.before(&h.items[0]):
		h.items[0] = one
		h.down(0)
	}
}

func (a *Chosen) before(b *Chosen) bool {
	return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.Due, b.Due), cmp.Compare(a.seed, b.seed)) < 0
}

func (h *fewest) up(i int) {
	for i > 0 {
		p := (i - 1) / 2
		if !h.items[p].before(&h.items[i]) {
			return
		}
		h.items[p], h.items[i] = h.items[i], h.items[p]
		i = p
	}
}

func (h *fewest) down(i int) {
	for {
		k := 2*i + 1
		if k >= len(h.items) {
			return
		}
		if k+1 < len(h.items) && h.items[k].before(&h.items[k+1]) {
			k++
		}
		if !h.items[i].before(&h.items[k]) {
			return
		}
		h.items[i], h.items[k] = h.items[k], h.items[i]
		i = k
	}
}
