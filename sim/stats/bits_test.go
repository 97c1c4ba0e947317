package stats

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
)

// A processor or a compiler that fuses a product into a sum, and an edit that
// changes one bit of one figure, fail here. The generator draws whole numbers
// and their quotients only, which are the same everywhere.
func TestFiguresHaveTheSameBitsOnEveryProcessor(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	h := fnv.New64a()
	add := func(values ...float64) {
		for _, v := range values {
			var b [8]byte
			binary.LittleEndian.PutUint64(b[:], math.Float64bits(v))
			h.Write(b[:])
		}
	}
	for range 200 {
		values := spread(r, 2+r.IntN(300))
		floats := make([]float64, len(values))
		for i, v := range values {
			floats[i] = float64(v) / 3
		}
		mean, half, _ := Interval(floats)
		add(mean, half)

		g := histogramOf(values)
		add(g.Mean(), g.Sum().Float64())
		for _, p := range someQuantiles {
			q, _ := g.Quantile(p)
			add(q, float64(g.Beyond(p)), g.ShareAtMost(int64(q*0.9)))
		}
		m := NewMSER5()
		for i := range 500 {
			m.Add(int64(i), 100/float64(1+i)+r.Float64())
		}
		at, _ := m.Cut()
		add(float64(at))
	}
	assert.Equal(t, uint64(0x9b338828afddeb33), h.Sum64(), "0x%x", h.Sum64())
}
