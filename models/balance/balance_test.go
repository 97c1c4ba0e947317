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
			assert.NotEmpty(t, row.Source)
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
			s, g := sim.Keyed(1), NewGroup(row.Name, Options{Instances: 8})
			assert.Zero(t, testing.AllocsPerRun(100, func() { g.Sent(g.Pick(Request{Hash: 5}, Nobody, &s)) }))
			assert.Zero(t, testing.AllocsPerRun(100, func() {
				g.Bar(3, Full)
				g.Sent(g.Pick(Request{Hash: 5}, 2, &s))
				g.Admit(3, Full)
			}))
			w := NewGroup(row.Name, Options{Instances: 8, Weights: []float64{1, 2, 1, 2, 3, 1, 1, 1}})
			assert.Zero(t, testing.AllocsPerRun(100, func() {
				w.Sent(w.Pick(Request{Hash: 5}, 2, &s))
				w.SetWeight(4, 5-w.Weight(4))
			}))
		})
	}
}

func request(hashes *sim.Stream) Request {
	return Request{Hash: hashes.Uint64(), Source: hashes.Uint64()}
}

func picks(row Row, n int) []int {
	g := NewGroup(row.Name, Options{Instances: n})
	s, hashes := sim.Keyed(7), sim.Keyed(8)
	var out []int
	for range 2000 {
		i := g.Pick(request(&hashes), Nobody, &s)
		g.Sent(i)
		out = append(out, i)
	}
	return out
}

func TestTableIsOrderedByName(t *testing.T) {
	for i := 1; i < len(Table); i++ {
		assert.Less(t, Table[i-1].Name, Table[i].Name)
	}
	assert.Panics(t, func() { NewGroup("fastest", Options{Instances: 1}) })
}

// load makes the requests in flight what is wanted.
func load(g *Group, want ...int32) {
	for i, n := range want {
		for g.InFlight(i) < n {
			g.Sent(i)
		}
		for g.InFlight(i) > n {
			g.Done(i)
		}
	}
}

func TestLeastConnectionsSendsTiesRoundInTurn(t *testing.T) {
	g := NewGroup("least-connections", Options{Instances: 3})
	assert.Equal(t, 0, g.Pick(Request{}, Nobody, nil))
	assert.Equal(t, 1, g.Pick(Request{}, Nobody, nil))
	load(g, 2, 2, 1)
	assert.Equal(t, 2, g.Pick(Request{}, Nobody, nil))
	load(g, 2, 1, 1)
	assert.Equal(t, 1, g.Pick(Request{}, Nobody, nil))
}

// Who must not be chosen is not, whatever the policy; the avoided one is only
// if there is nobody else.
func TestNobodyIsChosenWhoMustNotBe(t *testing.T) {
	for _, row := range Table {
		t.Run(row.Name, func(t *testing.T) {
			const n = 5
			for barred := range 1 << n {
				for avoid := Nobody; avoid < n; avoid++ {
					g := NewGroup(row.Name, Options{Instances: n})
					s, hashes := sim.Keyed(7), sim.Keyed(8)
					able := map[int]bool{}
					for i := range n {
						if barred&(1<<i) != 0 {
							g.Bar(i, Unhealthy|Full)
							g.Bar(i, Ejected)
							g.Admit(i, Unhealthy)
						} else {
							able[i] = true
						}
					}
					require.Equal(t, len(able), g.Able())
					if len(able) > 1 {
						delete(able, avoid)
					}
					seen := map[int]bool{}
					for range 80 {
						i := g.Pick(request(&hashes), avoid, &s)
						if len(able) == 0 {
							require.Equal(t, Nobody, i)
							continue
						}
						require.True(t, able[i], "%05b %d: %d", barred, avoid, i)
						seen[i] = true
						g.Sent(i)
					}
					require.Len(t, seen, len(able))
				}
			}
		})
	}
}

func TestRandomIsUniform(t *testing.T) {
	g := NewGroup("random", Options{Instances: 5})
	s := sim.Keyed(3)
	var counts [5]float64
	const n = 100_000
	for range n {
		counts[g.Pick(Request{}, Nobody, &s)]++
	}
	chi2 := 0.0
	for _, c := range counts {
		chi2 += (c - n/5) * (c - n/5) / (n / 5)
	}
	assert.Less(t, chi2, 18.5, "chi-square with 4 degrees of freedom, 0.1 %")
}

func TestURLHashFollowsTheKey(t *testing.T) {
	g := NewGroup("url-hash", Options{Instances: 4})
	for h := range uint64(50) {
		hash := sim.Mix(h, 0)
		want := g.Pick(Request{Hash: hash}, Nobody, nil)
		for range 3 {
			assert.Equal(t, want, g.Pick(Request{Hash: hash}, Nobody, nil))
		}
	}
}
