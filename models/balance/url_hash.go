package balance

import (
	"math/bits"

	"github.com/capsim/capsim/sim"
)

// urlHash maps the hash of operation and key onto the instances by a
// multiplication: each gets an equal part of the hash's range.
type urlHash struct{}

func (urlHash) Pick(g *Group, r Request, _ *sim.Stream) int {
	i, _ := bits.Mul64(r.Hash, uint64(g.choices()))
	return g.choice(int(i))
}
