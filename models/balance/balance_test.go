package balance

import (
	"testing"

	"github.com/capsim/capsim/sim"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestEveryPolicy is the battery: it runs over every row of the table.
func TestEveryPolicy(t *testing.T) {
	for _, row := range Table {
		t.Run(row.Name, func(t *testing.T) {
			assert.NotEmpty(t, row.Doc)
			for _, n := range []int{1, 2, 3, 7, 64} {
				first, second := picks(row, n), picks(row, n)
				require.Equal(t, first, second, "the same calls give the same choices")
				seen := map[int]bool{}
				for _, i := range first {
					require.GreaterOrEqual(t, i, 0)
					require.Less(t, i, n)
					seen[i] = true
				}
				assert.Len(t, seen, n, "every instance gets some of 2000 requests")
			}
			b := &Backends{InFlight: make([]int32, 8), Avoid: Nobody}
			s, p := sim.Keyed(1), row.New()
			assert.Zero(t, testing.AllocsPerRun(100, func() { p.Pick(b, Request{Hash: 5}, &s) }))
		})
	}
}

func picks(row Row, n int) []int {
	b := &Backends{InFlight: make([]int32, n), Avoid: Nobody}
	s, hashes, p := sim.Keyed(7), sim.Keyed(8), row.New()
	var out []int
	for range 2000 {
		i := p.Pick(b, Request{Hash: hashes.Uint64()}, &s)
		b.InFlight[i]++
		out = append(out, i)
	}
	return out
}

func TestTableIsOrderedByName(t *testing.T) {
	for i := 1; i < len(Table); i++ {
		assert.Less(t, Table[i-1].Name, Table[i].Name)
	}
	assert.Nil(t, New("fastest"))
}

func TestLeastConnectionsSendsTiesRoundInTurn(t *testing.T) {
	p := New("least-connections")
	b := &Backends{InFlight: []int32{0, 0, 0}, Avoid: Nobody}
	assert.Equal(t, 0, p.Pick(b, Request{}, nil))
	assert.Equal(t, 1, p.Pick(b, Request{}, nil))
	b.InFlight = []int32{2, 2, 1}
	assert.Equal(t, 2, p.Pick(b, Request{}, nil))
	b.InFlight = []int32{2, 1, 1}
	assert.Equal(t, 1, p.Pick(b, Request{}, nil))
}

func TestRandomIsUniform(t *testing.T) {
	b := &Backends{InFlight: make([]int32, 5), Avoid: Nobody}
	s, p := sim.Keyed(3), New("random")
	var counts [5]float64
	const n = 100_000
	for range n {
		counts[p.Pick(b, Request{}, &s)]++
	}
	chi2 := 0.0
	for _, c := range counts {
		chi2 += (c - n/5) * (c - n/5) / (n / 5)
	}
	assert.Less(t, chi2, 18.5, "chi-square with 4 degrees of freedom, 0.1 %")
}

func TestURLHashFollowsTheKey(t *testing.T) {
	b := &Backends{InFlight: make([]int32, 4), Avoid: Nobody}
	p := New("url-hash")
	for h := range uint64(50) {
		hash := sim.Mix(h, 0)
		want := p.Pick(b, Request{Hash: hash}, nil)
		for range 3 {
			assert.Equal(t, want, p.Pick(b, Request{Hash: hash}, nil))
		}
	}
}
