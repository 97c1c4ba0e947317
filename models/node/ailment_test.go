package node

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/models/theory"
	"github.com/capsim/capsim/sim"
)

// erring lets a share of what comes to a node fail, to the end.
func erring(node int, ratio, at float64) fault.Fault {
	f := strikes(fault.Errors, node, 0, at, 0)
	f.Ratio = ratio
	return f
}

// lagged delays what comes to a node, in milliseconds.
func lagged(node int, add dist.Law, at, length float64) fault.Fault {
	f := strikes(fault.Latency, node, 0, at, length)
	f.Add = add
	return f
}

// each lists a node of each kind that may be struck, behind a client, and those
// behind it; the first is node 1.
func each(t *testing.T) map[string][]Node {
	t.Helper()
	web := server("web", ServerSpec{Cores: 9}, cpu(10))
	behind := func(n Node) []Node { return []Node{n, web} }
	return map[string][]Node{
		"server": {web}, "database": {holds(DatabaseSpec{}, Access{Kind: Read}, cpu(10))},
		"service":      {{Name: "ext", Kind: External, Instances: 1, External: &ExternalSpec{Latency: constantLawOf(10)}}},
		"balancer":     behind(lb("random", 2)),
		"read-through": behind(Node{Name: "redis", Kind: Cache, Instances: 1, Cache: &CacheSpec{Origin: &Target{Node: 2}}}),
		"cdn":          behind(Node{Name: "edge", Kind: CDN, Instances: 1, CDN: &CDNSpec{Origin: Target{Node: 2}, Shield: None, Shields: None}}),
		"queue":        behind(mail(2, QueueSpec{})),
	}
}

func TestErrorsAreAnsweredAtOnceAndByAServiceAfterItsLatency(t *testing.T) {
	for name, nodes := range each(t) {
		spec := specFor(1, append([]Node{users(1, Policy{Retries: 1}, 0, 20)}, nodes...)...)
		s := sufferOf(t, spec, erring(1, 1, 15))
		e := endings(s, 0)
		assert.Equal(t, uint64(1), e[OK], name)
		assert.Equal(t, uint64(1), e[Failed], name)
		assert.Equal(t, uint64(3), s.Nodes[1].Arrivals, "%s: both attempts of the second", name)
		assert.Equal(t, uint64(2), s.Nodes[1].Errors[Failed-1], name)
		inside := 10.
		switch name {
		case "service":
			inside = 30
		case "queue":
			inside = 0
		}
		assert.InDelta(t, inside*ms, s.Nodes[1].InFlight.Float64(), 0, name)
	}
}

// A share p of the attempts fails, independently: oracle table A9.
func TestErrorsAreIndependentFromAttemptToAttempt(t *testing.T) {
	for _, p := range []float64{0.1, 0.3, 0.5, 0.9} {
		for _, r := range []int{1, 3, 5} {
			for name, nodes := range each(t) {
				if name != "server" && name != "service" && name != "balancer" {
					continue
				}
				c := users(1, Policy{Retries: r})
				c.Client.Open = planOf(t, "poisson 4k/s")
				spec := specFor(10, append([]Node{c}, nodes...)...)
				if spec.Nodes[1].Server != nil {
					spec.Nodes[1].Server.Cores = 100
				}
				s := sufferOf(t, spec, erring(1, p, 0))
				offered := float64(s.Clients[0].Ops[0].Offered)
				failed := float64(s.Clients[0].Ops[0].Errors[Failed-1]) / offered
				exact := theory.Retries{Failure: p, Max: r}
				assert.InDelta(t, exact.ErrorRatio(), failed, 4*deviation(exact.ErrorRatio(), offered)+1e-12, "%s: p %g, %d retries", name, p, r)
				assert.InDelta(t, exact.AttemptsMean(), float64(attempts(s, 0))/offered, 0.02*exact.AttemptsMean(), "%s: p %g, %d retries", name, p, r)
			}
		}
	}
}

func TestSharesOfErrorsThatOverlapAreIndependent(t *testing.T) {
	c := users(1, Policy{})
	c.Client.Open = planOf(t, "poisson 10k/s")
	ext := Node{Name: "ext", Kind: External, Instances: 1, External: &ExternalSpec{ErrorRatio: 0.2}}
	s := suffer(t, []fault.Fault{erring(1, 0.5, 0), erring(1, 0.5, 0)}, c, ext)
	offered := float64(s.Clients[0].Ops[0].Offered)
	assert.InDelta(t, 1-0.8*0.25, float64(s.Clients[0].Ops[0].Errors[Failed-1])/offered, 4*deviation(0.8, offered))
	for name, nodes := range each(t) {
		if len(nodes) == 1 {
			continue // at two nodes behind each other
		}
		c := users(1, Policy{})
		c.Client.Open = planOf(t, "poisson 10k/s")
		nodes[1].Server.Cores = 1000
		s := suffer(t, []fault.Fault{erring(1, 0.5, 0), erring(2, 0.5, 0)}, append([]Node{c}, nodes...)...)
		arrived := float64(s.Nodes[1].Arrivals)
		assert.InDelta(t, 0.5, float64(s.Nodes[1].Errors[Failed-1])/arrived-failedBehind(name, s)/arrived, 4*deviation(0.5, arrived), name)
		arrived = float64(s.Nodes[2].Arrivals)
		assert.InDelta(t, 0.5, float64(s.Nodes[2].Errors[Failed-1])/arrived, 4*deviation(0.5, arrived), name)
	}
}

// failedBehind is how many of a node's errors are those of the node behind it.
func failedBehind(name string, s *Snapshot) float64 {
	if name == "queue" {
		return 0
	}
	return float64(s.Nodes[2].Errors[Failed-1])
}

func TestErrorsComeBeforeLimitsAndTakeNothing(t *testing.T) {
	// One worker is taken, and nobody may wait: who fails is not refused.
	web := server("web", ServerSpec{Concurrency: 1, Backlog: 0}, cpu(10))
	s := suffer(t, []fault.Fault{erring(1, 1, 0.5)}, users(1, Policy{}, 0, 1, 2), web)
	assert.Equal(t, uint64(2), s.Nodes[1].Errors[Failed-1])
	assert.Zero(t, s.Nodes[1].Errors[Rejected-1])
	assert.InDelta(t, 10*ms, s.Nodes[1].InFlight.Float64(), 0)
}

func TestWhoIsDelayedIsInsideAndHoldsNothing(t *testing.T) {
	for name, nodes := range each(t) {
		spec := specFor(1, append([]Node{users(1, Policy{}, 0, 20, 60)}, nodes...)...)
		n := NewNetwork(func() *Spec { spec.Faults = []fault.Fault{lagged(1, constantLawOf(7), 15, 30)}; return spec }(), 0)
		s, err := n.Run(nil)
		require.NoError(t, err)
		usual := 10.
		if name == "queue" {
			usual = 0
		}
		o := &s.Clients[0].Ops[0]
		assert.InDelta(t, (3*usual+7)*ms, o.Latency.Sum().Float64(), 0, name)
		assert.InDelta(t, (usual+7)*ms, float64(s.Nodes[1].Response.Max()), 0, "%s: its response includes it", name)
		assert.InDelta(t, (3*usual+7)*ms, s.Nodes[1].InFlight.Float64(), 0, name)
		served := 7.
		if len(nodes) == 1 {
			served += 30 // its own work
		}
		assert.InDelta(t, served*ms, o.SpentAt(1).Service.Float64(), 0, name)
		assert.Empty(t, n.leftover())
	}
}

func TestDelaysAreDrawnForEachAndAddUp(t *testing.T) {
	c := users(1, Policy{})
	c.Client.Open = planOf(t, "poisson 2k/s")
	web := server("web", ServerSpec{Cores: 1000}, cpu(1))
	spec := specFor(20, c, web)
	one := sufferOf(t, spec, lagged(1, dist.Exponential{MeanValue: 20 * ms}, 0, 0))
	both := sufferOf(t, spec, lagged(1, dist.Exponential{MeanValue: 20 * ms}, 0, 0), lagged(1, constantLawOf(5), 0, 0))
	mean := func(s *Snapshot) float64 { return s.Nodes[1].Response.Mean() / ms }
	assert.InDelta(t, 21, mean(one), 4*20/200.)
	assert.InDelta(t, mean(one)+5, mean(both), 0.05, "the same draws")
	none := sufferOf(t, spec)
	assert.Equal(t, none.Clients[0].Ops[0].Offered, one.Clients[0].Ops[0].Offered)
}

func TestRefusalsComeAfterTheDelay(t *testing.T) {
	// Two come at once; the worker is taken 5 ms later by the first.
	web := server("web", ServerSpec{Concurrency: 1, Backlog: 0}, cpu(10))
	s := suffer(t, []fault.Fault{lagged(1, constantLawOf(5), 0, 0)}, users(1, Policy{}, 1, 2, 12), web)
	assert.Equal(t, [4]uint64{2, 0, 1, 0}, ends(s, 0))
	assert.InDelta(t, 30*ms, s.Clients[0].Ops[0].Latency.Sum().Float64(), 0)
	assert.InDelta(t, 20*ms, s.Nodes[1].Workers.Busy.Float64(), 0)
	assert.InDelta(t, 35*ms, s.Nodes[1].InFlight.Float64(), 0)
}

func TestConnectionsAreTakenAfterTheDelay(t *testing.T) {
	db := holds(DatabaseSpec{Connections: 1}, Access{Kind: Read}, cpu(10))
	s := suffer(t, []fault.Fault{lagged(1, constantLawOf(5), 0, 0)}, users(1, Policy{}, 1, 2, 12), db)
	assert.Equal(t, [4]uint64{2, 0, 1, 0}, ends(s, 0))
	assert.InDelta(t, 20*ms, s.Nodes[1].Connections.Busy.Float64(), 0)
}

func TestWhoIsDelayedMayBeGivenUpOrKilled(t *testing.T) {
	for _, cancel := range []bool{false, true} {
		c := users(1, Policy{Timeout: 3 * msec}, 1)
		c.Client.Cancel = cancel
		s := suffer(t, []fault.Fault{lagged(1, constantLawOf(5), 0, 0)}, c, server("web", ServerSpec{}, cpu(10)))
		assert.Equal(t, [4]uint64{0, 1, 0, 0}, ends(s, 0))
		busy, inside := 10., 15.
		if cancel {
			busy, inside = 0, 3
		}
		assert.InDelta(t, busy*ms, s.Nodes[1].CPU.Busy.Float64(), 0)
		assert.InDelta(t, inside*ms, s.Nodes[1].InFlight.Float64(), 0)
	}
	db := holds(DatabaseSpec{Connections: 1}, Access{Kind: Read}, cpu(10))
	n := NewNetwork(func() *Spec {
		spec := specFor(1, users(1, Policy{}, 1), db)
		spec.Faults = []fault.Fault{lagged(1, constantLawOf(5), 0, 0), strikes(fault.Kill, 1, 0, 3, 10)}
		return spec
	}(), 0)
	s, err := n.Run(nil)
	require.NoError(t, err)
	assert.Equal(t, [4]uint64{0, 0, 0, 1}, ends(s, 0))
	assert.InDelta(t, 2*ms, s.Nodes[1].InFlight.Float64(), 0)
	assert.Empty(t, n.leftover())
}

func TestADelayGoesOnWhileItsInstanceHangs(t *testing.T) {
	// Delayed until 6 ms, begun at 10.
	s := suffer(t, []fault.Fault{lagged(1, constantLawOf(5), 0, 0), strikes(fault.Hang, 1, 0, 2, 8)}, users(1, Policy{}, 1), server("web", ServerSpec{}, cpu(10)))
	assert.InDelta(t, 19*ms, float64(s.Clients[0].Ops[0].Latency.Max()), 0)
	s = suffer(t, []fault.Fault{erring(1, 1, 0), strikes(fault.Hang, 1, 0, 2, 8)}, users(1, Policy{}, 1, 3), server("web", ServerSpec{}, cpu(10)))
	assert.Equal(t, uint64(1), endings(s, 0)[Failed], "who hangs answers nothing, and does the work afterwards")
}

func TestProbesAreDelayedButDoNotFail(t *testing.T) {
	probed := func(faults ...fault.Fault) *Snapshot {
		balancer := lb("round-robin", 1)
		balancer.Balancer.Health = &HealthSpec{Interval: 10 * msec, Timeout: 5 * msec, Unhealthy: 2, Healthy: 1, HTTP: true}
		return suffer(t, faults, users(2, Policy{}, 1), server("web", ServerSpec{}, cpu(1)), balancer)
	}
	f := probed(lagged(1, constantLawOf(6), 100, 200)).Faults[0]
	assert.InDelta(t, 125, float64(f.Detected)/ms, 10, "two probes that time out")
	assert.InDelta(t, 310, float64(f.Recovered)/ms, 10)
	f = probed(lagged(1, constantLawOf(4), 100, 200)).Faults[0]
	assert.Equal(t, sim.Never, f.Detected)
	f = probed(erring(1, 1, 100)).Faults[0]
	assert.Equal(t, sim.Never, f.Detected)
}

// What does nothing, because it has no strength or comes after the window,
// leaves everything as it was.
func TestFaultsOfNoStrengthChangeNothing(t *testing.T) {
	for seed := range uint64(12) {
		spec := madeUp(seed)
		spec.Faults = nil
		want := printOf(t, spec)
		for _, f := range nothing(spec) {
			spec.Faults = []fault.Fault{f}
			assert.Equal(t, want, printOf(t, spec), "seed %d: %s", seed, f.Kind)
			if f.Kind == fault.Latency {
				f.Add = constantLawOf(5)
			}
			f.Ratio, f.Factor, f.At = 0.5, 3, spec.Run.Duration
			spec.Faults = []fault.Fault{f}
			assert.Equal(t, want, printOf(t, spec), "seed %d: %s after the end", seed, f.Kind)
		}
	}
}

// nothing lists faults of every node and kind that do nothing.
func nothing(spec *Spec) []fault.Fault {
	var out []fault.Fault
	for i := range spec.Nodes {
		for _, f := range []fault.Fault{{Kind: fault.Slow, Factor: 1}, {Kind: fault.Errors}, {Kind: fault.Latency, Add: constantLawOf(0)}} {
			if spec.Nodes[i].Kind == Client {
				continue
			}
			f.At, f.For = 100*msec, 300*msec
			f.Where = []fault.Span{{Node: i, Count: max(1, spec.Nodes[i].Instances)}}
			out = append(out, f)
		}
	}
	return out
}

// printOf is the fingerprint of a run.
func printOf(t *testing.T, spec *Spec) string {
	t.Helper()
	s, err := NewNetwork(spec, 0).Run(nil)
	require.NoError(t, err)
	print := sim.NewFingerprint()
	s.Fold(print)
	return print.String()
}

// deviation is the standard error of a share of so many.
func deviation(p, n float64) float64 { return math.Sqrt(p * (1 - p) / n) }
