package evict

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/sim"
)

// What the second implementation finds in the real traces, the first does,
// request by request.
func TestPoliciesAgreeWithTheDumbOnesOnRealKeys(t *testing.T) {
	for _, name := range []string{"web07", "web12", "orm-busy"} {
		keys := trace(t, name)
		if testing.Short() {
			keys = keys[:min(len(keys), 20_000)]
		}
		for _, choice := range everyChoice(t) {
			t.Run(name+" "+choice.String(), func(t *testing.T) {
				t.Parallel()
				compareOnKeys(t, choice, 7, keys)
				compareOnKeys(t, choice, 300, keys[:min(len(keys), 100_000)])
			})
		}
	}
}

func compareOnKeys(t *testing.T, choice Choice, capacity uint64, keys []uint64) {
	t.Helper()
	real, twin := choice.New(capacity, sim.Keyed(3)), newDumb(choice, capacity, sim.Keyed(3))
	for i, key := range keys {
		now := sim.Time(i) * 5 * sim.Millisecond
		want, got := twin.Get(key, now), real.Get(key, now)
		if got == Miss && want == Miss {
			want, got = Found(twin.Put(key, 1, now, sim.Never)), Found(real.Put(key, 1, now, sim.Never))
		}
		if want != got {
			require.Equal(t, want, got, "capacity %d, request %d for key %d", capacity, i, key)
		}
	}
}

// Anything in any order: sizes, expiry, renewal, removal.
func TestPoliciesAgreeWithTheDumbOnesOnAnything(t *testing.T) {
	for _, choice := range everyChoice(t) {
		t.Run(choice.String(), func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(60) {
				compareOnAnything(t, choice, seed)
			}
		})
	}
}

func compareOnAnything(t *testing.T, choice Choice, seed uint64) {
	t.Helper()
	draw := sim.Keyed(sim.Mix(seed, 77))
	capacity, universe, sizes := 1+draw.Below(120), 1+draw.Below(150), 1+draw.Below(12)*draw.Below(2)
	lives := 1 + draw.Below(300)
	real, twin := choice.New(capacity, sim.Keyed(seed)), newDumb(choice, capacity, sim.Keyed(seed))
	now := -20 * sim.Second
	outcomes := map[Found]int{}
	for step := range 3000 {
		now += sim.Time(draw.Below(40)) * sim.Millisecond
		key := min(draw.Below(universe), draw.Below(universe)) // some more often than others
		var want, got int
		switch draw.Below(12) {
		case 0:
			want, got = asInt(twin.Remove(key)), asInt(real.Remove(key))
		case 1, 2, 3, 4, 5:
			size, expires := 1+draw.Below(sizes), now+sim.Time(draw.Below(lives))*sim.Second
			want, got = twin.Put(key, size, now, expires), real.Put(key, size, now, expires)
		default:
			found := real.Get(key, now)
			outcomes[found]++
			want, got = int(twin.Get(key, now)), int(found)
		}
		dumb, ours := [3]int{want, int(twin.Used()), twin.Len()}, [3]int{got, int(real.Used()), real.Len()}
		if dumb != ours || real.Used() > capacity {
			require.Equal(t, dumb, ours, "seed %d, step %d, key %d: outcome, sum of sizes (at most %d), entries", seed, step, key, capacity)
			require.LessOrEqual(t, real.Used(), capacity)
		}
	}
	if universe > 20 && capacity > 20 {
		assert.Positive(t, outcomes[Hit])
		assert.Positive(t, outcomes[Miss])
	}
}

func asInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
