package node

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
)

// edgeOf is a CDN before node 2 that keeps the answers to request for 50 ms,
// with a latency of 1 ms.
func edgeOf(pops int, s CDNSpec) Node {
	if s.Origin == (Target{}) {
		s.Origin = Target{Node: 2}
	}
	if s.Cacheable == nil {
		s.Cacheable = []Lifetime{{"request", 50 * msec}}
	}
	s.Policy, s.Latency, s.Shields = lru, constantLawOf(1), None
	return Node{Name: "edge", Kind: CDN, Instances: pops, CDN: &s}
}

// from lets the requests of a client come from some addresses, one after the
// other.
func from(c Node, sources ...uint64) Node {
	c.Client.Open.(arrival.TracePlan).Trace.Sources = sources
	return c
}

func TestACDNKeepsAnswersForTheirLifetime(t *testing.T) {
	// Fetched at 6 ms: there at 50 ms, not at 56 ms any more. What is asked at
	// 57 ms is fetched as well, since nobody waits for another's.
	s := simulate(t, 1, users(1, Policy{}, 0, 49, 55, 56, 80), edgeOf(1, CDNSpec{}), server("web", ServerSpec{}, pause(5)))
	assert.Equal(t, [3]uint64{2, 3, 0}, lookUps(s, 1))
	assert.Equal(t, uint64(1), s.Nodes[1].Expirations)
	sum, _ := latencies(s, 0)
	assert.InDelta(t, 3*6+2*1, sum, 0)
	s = simulate(t, 1, users(1, Policy{}, 0, 49, 55, 56, 80), edgeOf(1, CDNSpec{Coalesce: true}), server("web", ServerSpec{}, pause(5)))
	assert.Equal(t, [3]uint64{2, 2, 1}, lookUps(s, 1))
	assert.Equal(t, uint64(2), s.Nodes[2].Arrivals)
}

func TestWhatIsNotCacheablePassesThrough(t *testing.T) {
	c := users(1, Policy{}, 0, 10, 20)
	c.Client.Ops = []WeightedOp{{Name: "cart", Weight: 1}}
	web := server("web", ServerSpec{}, pause(5))
	web.Server.Ops[0].Name = "cart"
	s := simulate(t, 1, c, edgeOf(1, CDNSpec{}), web)
	assert.Equal(t, [3]uint64{0, 0, 0}, lookUps(s, 1), "nobody has looked")
	assert.Equal(t, uint64(3), s.Nodes[2].Arrivals)
	sum, _ := latencies(s, 0)
	assert.InDelta(t, 3*6, sum, 0, "it costs the latency too")

	// A named operation is asked for whatever the CDN was asked for.
	web.Server.Ops[0].Name = "render"
	s = simulate(t, 1, users(1, Policy{}, 0, 10), edgeOf(1, CDNSpec{Origin: Target{2, "render"}}), web)
	assert.Equal(t, [3]uint64{1, 1, 0}, lookUps(s, 1))
}

func TestErrorsAreNotKept(t *testing.T) {
	s := simulate(t, 1, users(1, Policy{}, 0, 10, 20), edgeOf(1, CDNSpec{}), server("web", ServerSpec{}, failing(1)))
	assert.Equal(t, onlyOne(Failed, 3), endings(s, 0))
	assert.Equal(t, [3]uint64{0, 3, 0}, lookUps(s, 1))
	assert.Equal(t, uint64(3), s.Nodes[1].Errors[Failed-1])

	s = simulate(t, 1, users(1, Policy{}, 0), edgeOf(1, CDNSpec{Timeout: 3 * msec}), server("web", ServerSpec{}, pause(5)))
	assert.Equal(t, onlyOne(TimedOut, 1), endings(s, 0))
	assert.Equal(t, uint64(1), s.Nodes[2].Completions, "the origin works on for nobody")
}

func TestASourceAlwaysComesToTheSamePop(t *testing.T) {
	var times []float64
	var sources []uint64
	for k := range 60 {
		times, sources = append(times, float64(10*k)), append(sources, uint64(k%6))
	}
	c := from(users(1, Policy{}, times...), sources...)
	edge := edgeOf(3, CDNSpec{Cacheable: []Lifetime{{"request", sim.Second}}})
	s := simulate(t, 1, c, edge, server("web", ServerSpec{}, pause(5)))
	used := uint64(0)
	for _, a := range arrivals(s, 1) {
		assert.Zero(t, a%10, "each source has all of its ten requests at one place")
		if a > 0 {
			used++
		}
	}
	assert.Greater(t, used, uint64(1), "but not all sources at the same one")
	assert.Equal(t, used, s.Nodes[1].Misses, "each place keeps an answer of its own")
	assert.Equal(t, used, s.Nodes[2].Arrivals)
}

func TestTheUsersOfADeadPopGoToTheNext(t *testing.T) {
	// One user, every 10 ms; his point of presence is dead from 15 to 35 ms.
	alone := from(users(1, Policy{}, 0, 10, 20, 30, 40, 50), 7, 7, 7, 7, 7, 7)
	edge := edgeOf(3, CDNSpec{Cacheable: []Lifetime{{"request", sim.Second}}})
	web := server("web", ServerSpec{}, pause(5))
	s := simulate(t, 1, alone, edge, web)
	home := 0
	for k, a := range arrivals(s, 1) {
		if a > 0 {
			home = k
		}
	}
	want := make([]uint64, 3)
	want[home], want[(home+1)%3] = 4, 2
	s = suffer(t, []fault.Fault{strikes(fault.Kill, 1, home, 15, 20)}, alone, edge, web)
	assert.Equal(t, want, arrivals(s, 1))
	assert.Equal(t, [3]uint64{3, 3, 0}, lookUps(s, 1), "the next one is cold, and so is his own when it is back")
	assert.Equal(t, [4]uint64{6, 0, 0, 0}, ends(s, 0))

	all := strikes(fault.Kill, 1, 0, 15, 20)
	all.Where[0].Count = 3
	s = suffer(t, []fault.Fault{all}, alone, edge, web)
	assert.Equal(t, [4]uint64{4, 0, 0, 2}, ends(s, 0))

	// Who hangs has his users all the same.
	s = suffer(t, []fault.Fault{strikes(fault.Hang, 1, home, 15, 20)}, alone, edge, web)
	want[home], want[(home+1)%3] = 6, 0
	assert.Equal(t, want, arrivals(s, 1))
	_, longest := latencies(s, 0)
	assert.InDelta(t, 16, longest, 0.2, "from 20 to 35 ms, and then the latency")
}

// shielded are a client, a CDN of two points of presence, its shield and an
// origin that takes 5 ms.
func shielded(c Node, s CDNSpec) []Node {
	edge := edgeOf(2, s)
	edge.CDN.Shield, edge.CDN.Origin = 2, Target{Node: 2}
	shield := edgeOf(1, s)
	shield.Name, shield.CDN.Shields, shield.CDN.Shield, shield.CDN.Origin = "edge.shield", 1, None, Target{Node: 3}
	shield.CDN.EgressPrice = 0
	return []Node{c, edge, shield, server("web", ServerSpec{}, pause(5))}
}

// twoSources are addresses whose points of presence differ.
func twoSources(t *testing.T) (a, b uint64) {
	t.Helper()
	first := arrivals(simulate(t, 1, shielded(from(users(1, Policy{}, 0), 0), CDNSpec{})...), 1)
	for b = 1; ; b++ {
		if s := simulate(t, 1, shielded(from(users(1, Policy{}, 0), b), CDNSpec{})...); arrivals(s, 1)[0] != first[0] {
			return 0, b
		}
	}
}

func TestAShieldTellsHowOldItsAnswersAre(t *testing.T) {
	a, b := twoSources(t)
	// The shield gets it at 2+5 ms and has it until 57 ms, and so has the other
	// point of presence, which gets it from there at 40 ms: it finds it at 55
	// ms, not at 57 ms. The shield fetches it anew then, and has it for both.
	s := simulate(t, 1, shielded(from(users(1, Policy{}, 0, 38, 54, 56, 80, 81), a, b, b, b, a, b), CDNSpec{})...)
	assert.Equal(t, [3]uint64{2, 4, 0}, lookUps(s, 1))
	assert.Equal(t, [3]uint64{2, 2, 0}, lookUps(s, 2))
	assert.Equal(t, uint64(2), s.Nodes[3].Arrivals, "the origin is asked once for each lifetime")
}

func TestADeadShieldLeavesWhatThePopsHave(t *testing.T) {
	a, b := twoSources(t)
	s := suffer(t, []fault.Fault{strikes(fault.Kill, 2, 0, 15, 20)}, shielded(from(users(1, Policy{}, 0, 20, 25, 40), a, a, b, b), CDNSpec{})...)
	assert.Equal(t, [4]uint64{3, 0, 0, 1}, ends(s, 0))
	assert.Equal(t, uint64(2), s.Nodes[3].Arrivals, "it is back empty")
}

func TestNoNetworkLiesBeforeAPop(t *testing.T) {
	// Behind it, 10 ms each way to the shield and to the origin in its zone.
	spec := specFor(1, shielded(from(users(1, Policy{}, 0, 60), 3, 3), CDNSpec{Cacheable: []Lifetime{{"request", sim.Second}}})...)
	spec.Nodes[3].Zones = []int{0}
	spec.Zones, spec.Network = []string{"a"}, &NetworkSpec{Internet: constantLawOf(10)}
	s, err := NewNetwork(spec, 0).Run(nil)
	require.NoError(t, err)
	sum, longest := latencies(s, 0)
	assert.InDelta(t, 1+10+1+10+5+10+10, longest, 0.2)
	assert.InDelta(t, 47+1, sum, 0.01)

	spec.Nodes[0].Client.Policy.Timeout = 100 * msec
	spec.Network.Loss = 1
	s, err = NewNetwork(spec, 0).Run(nil)
	require.NoError(t, err)
	assert.Equal(t, onlyOne(TimedOut, 2), endings(s, 0), "what is lost is lost there too")
}

func TestEgressIsCountedWhereItHasItsPrice(t *testing.T) {
	// Ten answers of 1000 bytes, the first of which comes from the origin.
	var at []float64
	for k := range 10 {
		at = append(at, float64(20*k))
	}
	c := users(1, Policy{}, at...)
	c.Client.ResponseSize = dist.Constant{Value: 1000}
	edge := edgeOf(1, CDNSpec{Cacheable: []Lifetime{{"request", sim.Second}}, EgressPrice: 1})
	spec := specFor(1, c, edge, server("web", ServerSpec{Network: 1e9}, pause(5)))
	spec.Nodes[2].Zones = []int{0}
	spec.Zones, spec.Network = []string{"a"}, &NetworkSpec{Internet: constantLawOf(1)}
	s, err := NewNetwork(spec, 0).Run(nil)
	require.NoError(t, err)
	assert.Equal(t, uint64(10_000), s.Nodes[1].Egress.Lo, "what the CDN sends to clients")
	assert.Equal(t, uint64(1000), s.Egress.Lo, "what the origin sends to the CDN")
	assert.Equal(t, uint64(1), s.Nodes[2].Network.Served, "the answers to the CDN pass its interface")

	spec.Nodes[1].CDN.EgressPrice = 0
	s, err = NewNetwork(spec, 0).Run(nil)
	require.NoError(t, err)
	assert.Zero(t, s.Nodes[1].Egress.Lo)
}

func TestTheOriginDoesTheSameWorkBehindACDN(t *testing.T) {
	work := func(nodes ...Node) float64 {
		return simulate(t, 1, nodes...).Nodes[len(nodes)-1].CPU.Busy.Float64()
	}
	at := []float64{0, 40, 80}
	web := server("web", ServerSpec{}, Step{Kind: StepCPU, ID: 1, Time: dist.Exponential{MeanValue: 3 * ms}})
	pass := CDNSpec{Cacheable: []Lifetime{{"other", sim.Second}}}
	direct := users(1, Policy{}, at...)
	assert.InDelta(t, work(direct, web), work(users(1, Policy{}, at...), edgeOf(1, pass), web), 0)
}

func TestAWarmCDNHasEverythingEverywhere(t *testing.T) {
	a, b := twoSources(t)
	s := CDNSpec{Capacity: 2, Cacheable: []Lifetime{{"request", 10 * sim.Second}}, Warm: &Warmth{Below: 9, Ops: []string{"request"}}}
	c := about(from(users(1, Policy{}, 0, 10, 20, 30), a, b, a, a), 0, 1, 1, 5)
	got := simulate(t, 1, shielded(c, s)...)
	assert.Equal(t, [3]uint64{3, 1, 0}, lookUps(got, 1), "both have the two most popular items")
	assert.Equal(t, [3]uint64{0, 1, 0}, lookUps(got, 2))
}
