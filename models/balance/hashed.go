package balance

import (
	"math/bits"

	"github.com/capsim/capsim/sim"
)

// hashTries is how often nginx hashes again to pass over an instance that is
// out, before it takes any other.
const hashTries = 20

// hashed maps a hash onto the instances: each gets a part of the hash's range
// as large as its weight. Where that leads to one that must not be chosen,
// the hash is hashed again, so that the others keep what they have.
type hashed struct {
	source  bool  // hashes the source, not operation and key
	weights *sums // of all instances, whether they may be chosen or not; nil: all alike
}

func newHashed(o Options, source bool) Policy {
	if o.Weights == nil {
		return hashed{source: source}
	}
	return &weightedHashed{hashed{source, weighed(o)}}
}

func (p hashed) Pick(g *Group, r Request, _ *sim.Stream) int {
	h := r.Hash
	if p.source {
		h = sim.Mix(r.Source, 0)
	}
	for try := range uint64(hashTries) {
		if i := p.at(h, len(g.inFlight)); g.eligible(i) {
			return i
		}
		h = sim.Mix(h, try)
	}
	return g.choice(share(h, g.choices()))
}

func (p hashed) at(h uint64, n int) int {
	if p.weights == nil {
		return share(h, n)
	}
	return p.weights.find(float64(h>>11) * 0x1p-53)
}

// share returns in which of n equal parts of its range a hash lies.
func share(h uint64, n int) int {
	i, _ := bits.Mul64(h, uint64(n))
	return int(i)
}

// weightedHashed hears of other weights.
type weightedHashed struct{ hashed }

// Changed takes a new weight.
func (p *weightedHashed) Changed(g *Group, i int) {
	if weight := g.Weight(i); weight != p.weights.get(i) {
		p.weights.set(i, weight)
	}
}
