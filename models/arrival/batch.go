package arrival

import (
	"math"

	"github.com/capsim/capsim/sim"
)

// Count is a distribution of whole numbers.
type Count interface {
	Sample(s *sim.Stream) float64
	Mean() float64
}

// batches is the Plan of a process each of whose arrivals is several
// requests.
type batches struct {
	Plan
	size Count
}

// maxBatch is how many requests one batch may hold; a larger draw is cut.
const maxBatch = 1 << 20

// Start starts the process of the batches. Their sizes have random numbers of
// their own: with another law, they come at the same times.
func (p batches) Start(start sim.Time, s *sim.Stream) Process {
	return &batched{process: p.Plan.Start(start, s), size: p.size, stream: aside(s, "batch")}
}

// MeanRate counts requests, not batches.
func (p batches) MeanRate(end sim.Time) float64 { return p.Plan.MeanRate(end) * p.size.Mean() }

// batched is the Process of batches.
type batched struct {
	process Process
	size    Count
	stream  sim.Stream
	at      sim.Time
	left    int
}

// Next returns the next request of the batch, or the first of the next one
// that is not empty.
func (b *batched) Next() (sim.Time, int, bool) {
	for b.left == 0 {
		at, _, ok := b.process.Next()
		if !ok {
			return sim.Never, -1, false
		}
		b.at = at
		b.left = int(math.Floor(min(max(0, b.size.Sample(&b.stream)), maxBatch) + 0.5))
	}
	b.left--
	return b.at, -1, true
}
