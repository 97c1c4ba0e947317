package node

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
	"github.com/capsim/capsim/sim/stats"
)

// checked is a balancer that asks its targets how they are.
func checked(s HealthSpec, targets ...int) Node {
	n := lb("round-robin", targets...)
	n.Balancer.Health = &s
	return n
}

// pool is a client, three servers of unlimited size, and a balancer that looks
// after them. Requests come every millisecond.
func checkedPool(balancer Node, seconds float64, s ServerSpec, steps ...Step) *Spec {
	t := &arrival.Trace{}
	for at := sim.Time(0); at < sim.FromNanoseconds(seconds*1e9); at += msec {
		t.Times = append(t.Times, at+msec/2)
	}
	client := users(2, Policy{Timeout: 5 * sim.Second}, 0)
	client.Client.Open = arrival.TracePlan{Trace: t, Speed: 1, Load: 1}
	return specFor(seconds, client, spread(server("app", s, steps...), 3), balancer)
}

// repeated runs a system many times and returns how long after a fault at 2 s
// it was detected.
func repeated(t *testing.T, spec *Spec, runs int) *stats.Histogram {
	t.Helper()
	h := &stats.Histogram{}
	for k := range runs {
		s, err := NewNetwork(spec, k).Run(nil)
		require.NoError(t, err)
		if d := s.Faults[0].Detected; d != sim.Never {
			h.Record(int64(d - 2*sim.Second))
		}
	}
	return h
}

// The phase of the probes is uniform: a dead machine, which refuses at once,
// is found out after unhealthy−1 to unhealthy intervals, each as likely. One
// that vanished, or hangs, keeps every probe waiting for its time-out, and the
// interval counts from then: that takes unhealthy time-outs longer, and the
// interval is one of interval + time-out for the last answer before the fault
// came at once. A machine that hangs takes connections: tcp does not see it.
func TestHowLongItTakesToNoticeDependsOnThePhase(t *testing.T) {
	const interval, timeout = 200 * msec, 150 * msec
	for _, unhealthy := range []int{1, 2, 5} {
		for _, c := range []struct {
			kind   fault.Kind
			silent bool
			http   bool
			waits  bool
			blind  bool
		}{
			{kind: fault.Kill}, {kind: fault.Kill, http: true}, {kind: fault.Kill, silent: true, waits: true}, {kind: fault.Kill, silent: true, http: true, waits: true},
			{kind: fault.Hang, http: true, waits: true}, {kind: fault.Hang, blind: true},
		} {
			balancer := checked(HealthSpec{Interval: interval, Timeout: timeout, Unhealthy: unhealthy, Healthy: 2, HTTP: c.http}, 1)
			spec := checkedPool(balancer, 5, ServerSpec{Cores: 99, Concurrency: 99, Backlog: None}, cpu(0.1))
			spec.Nodes[0].Client.Open = arrival.TracePlan{Trace: &arrival.Trace{}, Speed: 1, Load: 1}
			f := strikes(c.kind, 1, 1, 2000, 0)
			f.Silent = c.silent
			spec.Faults = []fault.Fault{f}
			const runs = 400
			h := repeated(t, spec, runs)
			if c.blind {
				assert.Zero(t, h.Count())
				continue
			}
			require.Equal(t, uint64(runs), h.Count())
			least := sim.Time(unhealthy-1) * interval
			if c.waits {
				least += sim.Time(unhealthy) * timeout
			}
			assert.GreaterOrEqual(t, sim.Time(h.Min()), least)
			assert.LessOrEqual(t, sim.Time(h.Max()), least+interval)
			mean := float64(h.Sum().Float64()) / runs
			// A uniform variable on an interval has a standard deviation of 1/√12 of it.
			assert.InDelta(t, float64(least+interval/2), mean, 4*float64(interval)/3.4641/20, "%d failures, %v", unhealthy, c)
		}
	}
}

func TestProbesTravelAndAreLost(t *testing.T) {
	// There and back takes 20 ms more for each of the two probes; the first
	// of them comes no sooner than 10 ms after it was sent.
	balancer := checked(HealthSpec{Interval: 200 * msec, Timeout: 150 * msec, Unhealthy: 2, Healthy: 2, HTTP: true}, 1)
	spec := checkedPool(balancer, 5, ServerSpec{}, cpu(0.1))
	spec.Nodes[0].Client.Open = arrival.TracePlan{Trace: &arrival.Trace{}, Speed: 1, Load: 1}
	spec.Network = &NetworkSpec{SameZone: constantLawOf(10), Internet: constantLawOf(10)}
	spec.Faults = []fault.Fault{strikes(fault.Kill, 1, 0, 2000, 0)}
	h := repeated(t, spec, 300)
	require.Equal(t, uint64(300), h.Count())
	// A period is 220 ms. The first probe that fails arrives within one after
	// the fault; its answer takes 10, the next 200 + 20.
	assert.GreaterOrEqual(t, sim.Time(h.Min()), 230*msec)
	assert.LessOrEqual(t, sim.Time(h.Max()), 450*msec)
	assert.InDelta(t, 340*ms, h.Sum().Float64()/300, 4*220*ms/3.4641/17)

	// Slower than the time-out, every probe fails, though all are well.
	spec.Network.SameZone, spec.Network.Internet = constantLawOf(80), constantLawOf(80)
	spec.Faults = nil
	n := NewNetwork(spec, 0)
	_, err := n.Run(nil)
	require.NoError(t, err)
	assert.Zero(t, n.insts[n.nodes[2].first].balancer.ways[0].group.Able())
	// With 30 % of messages lost, half of the probes fail; one failure is enough.
	spec.Network = &NetworkSpec{SameZone: constantLawOf(1), Loss: 0.3}
	spec.Nodes[2].Balancer.Health.Unhealthy = 1
	spec.Nodes[2].Balancer.Health.Healthy = 1000
	n = NewNetwork(spec, 0)
	_, err = n.Run(nil)
	require.NoError(t, err)
	assert.Zero(t, n.insts[n.nodes[2].first].balancer.ways[0].group.Able())
}

func TestHealthChecksTakeOutAndTakeBack(t *testing.T) {
	balancer := checked(HealthSpec{Interval: 50 * msec, Timeout: 50 * msec, Unhealthy: 2, Healthy: 3}, 1)
	spec := checkedPool(balancer, 5, ServerSpec{Cores: 99}, cpu(0.1))
	spec.Faults = []fault.Fault{strikes(fault.Kill, 1, 1, 2000, 1000)}
	s, err := NewNetwork(spec, 0).Run(nil)
	require.NoError(t, err)
	f := s.Faults[0]
	detected, recovered := f.Detected-2*sim.Second, f.Recovered-3*sim.Second
	assert.GreaterOrEqual(t, detected, 50*msec)
	assert.LessOrEqual(t, detected, 100*msec)
	assert.GreaterOrEqual(t, recovered, 100*msec)
	assert.LessOrEqual(t, recovered, 150*msec)
	// Every third request of those before it was detected has failed.
	assert.InDelta(t, float64(detected/msec)/3, float64(f.Failed), 1)
	assert.Equal(t, f.Failed, endings(s, 0)[Unavailable])
	// It missed its third from then on until it was back.
	missed := float64((f.Recovered-f.Detected)/msec) / 3
	assert.InDelta(t, 5000.0/3-missed, float64(s.Nodes[1].Instances[1].Arrivals), 2)
	assert.Equal(t, uint64(5000), s.Nodes[1].Arrivals, "probes are not counted")
}

func TestWithNobodyLeftRequestsAreUnavailableAtOnce(t *testing.T) {
	balancer := checked(HealthSpec{Interval: 50 * msec, Timeout: 50 * msec, Unhealthy: 1, Healthy: 1}, 1)
	spec := checkedPool(balancer, 5, ServerSpec{Cores: 99}, cpu(0.1))
	all := strikes(fault.Kill, 1, 0, 2000, 1000)
	all.Where[0].Count = 3
	spec.Faults = []fault.Fault{all}
	s, err := NewNetwork(spec, 0).Run(nil)
	require.NoError(t, err)
	failed := endings(s, 0)[Unavailable]
	assert.InDelta(t, 1000, float64(failed), 51, "until the first is back")
	assert.Equal(t, failed, s.Nodes[2].Errors[Unavailable-1])
	assert.Less(t, s.Nodes[1].Errors[Unavailable-1], uint64(51), "who is known to be dead is not asked")
	assert.LessOrEqual(t, s.Faults[0].Detected, 2050*msec)
	assert.LessOrEqual(t, s.Faults[0].Recovered, 3050*msec)
}

func TestAnHTTPProbeWaitsForAWorkerLikeAnyRequest(t *testing.T) {
	// One worker that is always busy, with two or three in its queue: a probe
	// waits for 30 ms and longer, and is too late; tcp does not wait. Where
	// probes have time they take none from the others: 10 ms of work for each
	// request, one every 10 ms.
	run := func(h HealthSpec, s ServerSpec) *Snapshot {
		var at []float64
		for i := range 100 {
			at = append(at, float64(10*i), float64(10*i))
			if i > 3 {
				at = at[:len(at)-1]
			}
		}
		s.Concurrency, s.Backlog = 1, max(s.Backlog, None)
		spec := specFor(1, users(2, Policy{}, at...), server("app", s, cpu(10)), checked(h, 1))
		n, err := NewNetwork(spec, 0).Run(nil)
		require.NoError(t, err)
		return n
	}
	quick := HealthSpec{Interval: 100 * msec, Timeout: 15 * msec, Unhealthy: 1, Healthy: 1, HTTP: true}
	assert.Positive(t, endings(run(quick, ServerSpec{Backlog: None}), 0)[Unavailable])
	quick.HTTP = false
	without := run(quick, ServerSpec{Backlog: None})
	assert.Zero(t, endings(without, 0)[Unavailable])
	patient := HealthSpec{Interval: 7 * msec, Timeout: 500 * msec, Unhealthy: 1, Healthy: 1, HTTP: true}
	with := run(patient, ServerSpec{Backlog: None})
	assert.Zero(t, endings(with, 0)[Unavailable])
	assert.Equal(t, without.Clients[0].Ops[0].Latency.Sum(), with.Clients[0].Ops[0].Latency.Sum())
	assert.Equal(t, without.Nodes[1].Workers.Served, with.Nodes[1].Workers.Served)
	assert.Equal(t, without.Nodes[1].Workers.Wait.Count(), with.Nodes[1].Workers.Wait.Count())
	assert.Equal(t, without.Nodes[1].Workers.Busy, with.Nodes[1].Workers.Busy)
	// A full queue refuses a probe too, and a wait may be too long for it.
	full := run(patient, ServerSpec{Backlog: 2})
	assert.Positive(t, endings(full, 0)[Unavailable])
	late := run(patient, ServerSpec{Backlog: None, QueueTimeout: constantLawOf(45)})
	assert.Zero(t, endings(late, 0)[Unavailable])
	late = run(patient, ServerSpec{Backlog: None, QueueTimeout: constantLawOf(2)})
	assert.Positive(t, endings(late, 0)[Unavailable])
}

// Every instance of a balancer asks for itself, at its own phases.
func TestAKilledBalancerBeginsAnew(t *testing.T) {
	balancer := checked(HealthSpec{Interval: 50 * msec, Timeout: 50 * msec, Unhealthy: 1, Healthy: 1000}, 1)
	spec := checkedPool(balancer, 5, ServerSpec{Cores: 99}, cpu(0.1))
	spec.Faults = []fault.Fault{strikes(fault.Kill, 1, 1, 1000, 100), strikes(fault.Kill, 2, 0, 2000, 100)}
	n := NewNetwork(spec, 0)
	s, err := n.Run(nil)
	require.NoError(t, err)
	assert.Equal(t, sim.Time(2100*msec), s.Faults[0].Recovered, "the balancer has forgotten what it knew")
	assert.Equal(t, 3, n.insts[n.nodes[2].first].balancer.ways[0].group.Able())
	assert.InDelta(t, 100, float64(s.Faults[1].Failed), 1)
	assert.Len(t, n.probers, 3)
}

// ejecting is a balancer that looks at how its targets answer.
func ejecting(consecutive int, milliseconds float64, targets ...int) Node {
	n := lb("round-robin", targets...)
	n.Balancer.Ejects = &EjectionSpec{Consecutive: consecutive, For: sim.FromNanoseconds(milliseconds * ms)}
	return n
}

func TestErrorsInARowEjectATarget(t *testing.T) {
	// Three instances in turn, a request each millisecond; the second is dead
	// from 2 to 3 s. It fails five requests (15 ms), is out for 300 ms, fails
	// the one that is let through, and so on; after 3 s that one is answered.
	spec := checkedPool(ejecting(5, 300, 1), 5, ServerSpec{Cores: 99}, cpu(0.1))
	spec.Faults = []fault.Fault{strikes(fault.Kill, 1, 1, 2000, 1000)}
	n := NewNetwork(spec, 0)
	s, err := n.Run(nil)
	require.NoError(t, err)
	assert.Equal(t, uint64(5+3), endings(s, 0)[Unavailable], "five in a row, then one every 0.3 s")
	f := s.Faults[0]
	assert.InDelta(t, 2.0145, f.Detected.Seconds(), 0.0021)
	assert.InDelta(t, f.Detected.Seconds()+4*0.3, f.Recovered.Seconds(), 0.012)
	assert.Equal(t, uint64(8), f.Failed)
	assert.Empty(t, n.leftover())
}

// One request at a time is let through: the others go elsewhere, however long
// it takes.
func TestOneRequestAtATimeIsLetThrough(t *testing.T) {
	spec := checkedPool(ejecting(1, 100, 1), 5, ServerSpec{Cores: 9999}, cpu(400))
	spec.Faults = []fault.Fault{strikes(fault.Kill, 1, 1, 1000, 50)}
	s, err := NewNetwork(spec, 0).Run(nil)
	require.NoError(t, err)
	// 400 ms of requests in flight there are lost at 1 s. Out until 1.1 s;
	// one until 1.5 s.
	assert.Equal(t, sim.Time(0), (s.Faults[0].Detected-sim.Second)/msec)
	assert.InDelta(t, 1.5, s.Faults[0].Recovered.Seconds(), 0.005)
	assert.InDelta(t, 5000.0/3-500.0/3, float64(s.Nodes[1].Instances[1].Arrivals), 4)
}

func TestWhatCountsForAnEjection(t *testing.T) {
	// The target rejects, or its own breaker is open: it stays in rotation.
	// One that fails does not.
	run := func(app Node) [1 + Errors]uint64 {
		var at []float64
		for i := range 100 {
			at = append(at, float64(2*i))
		}
		pay := Node{Name: "zpay", Kind: External, Instances: 1, External: &ExternalSpec{ErrorRatio: 1}}
		s, err := NewNetwork(specFor(1, users(2, Policy{}, at...), app, ejecting(3, 5000, 1), pay), 0).Run(nil)
		require.NoError(t, err)
		return endings(s, 0)
	}
	got := run(server("app", ServerSpec{Concurrency: 1}, cpu(1000)))
	assert.Equal(t, uint64(99), got[Rejected])
	got = run(server("app", ServerSpec{}, asks(3, Policy{})))
	assert.Equal(t, uint64(3), got[Failed])
	assert.Equal(t, uint64(97), got[Unavailable])
	got = run(server("app", ServerSpec{}, asks(3, Policy{Breaker: &Breaker{Consecutive: 2, Open: 5 * sim.Second}})))
	assert.Equal(t, uint64(2), got[Failed])
	assert.Equal(t, uint64(98), got[BreakerOpen], "two failures and 98 breakers are no three failures in a row")
	got = run(server("app", ServerSpec{}, failing(0.5)))
	assert.Greater(t, got[OK], uint64(0), "an ok answer between them starts the count anew")
}

// A trial whose client gave up is another's.
func TestATrialThatNobodyWaitsForIsGivenToAnother(t *testing.T) {
	client := users(2, Policy{Timeout: 50 * msec}, 0, 120, 130, 200, 210)
	s, err := NewNetwork(func() *Spec {
		spec := specFor(1, client, server("app", ServerSpec{Cores: 9}, cpu(10)), ejecting(1, 100, 1))
		// Dead at 0; from 110 to 190 it hangs.
		spec.Faults = []fault.Fault{strikes(fault.Kill, 1, 0, 0, 10), strikes(fault.Hang, 1, 0, 110, 80)}
		return spec
	}(), 0).Run(nil)
	require.NoError(t, err)
	// 0 fails, and ejects. 120 is let through and times out at 170; 130 finds
	// nobody; 200 is let through and done at 210, when 210 comes.
	assert.Equal(t, [4]uint64{2, 1, 0, 2}, ends(s, 0))
}

// Who waits for a connection gets the trial, before those who come later, and
// the next who waits gets it when nobody waits for its answer any more.
func TestWhoWaitsForAConnectionGetsTheTrial(t *testing.T) {
	run := func(timeout sim.Time) *Snapshot {
		balancer := relaying(BalancerSpec{PerTarget: 2, Queue: None, Ejects: &EjectionSpec{Consecutive: 1, For: 100 * msec}}, 3)
		hasty := users(2, Policy{Timeout: timeout}, 50, 62, 72)
		hasty.Name = "hasty"
		// The first instance fails 0 and is out until 100; the second hangs with
		// the two of 1.
		faults := []fault.Fault{strikes(fault.Kill, 3, 0, 0, 5), strikes(fault.Hang, 3, 1, 2, 0)}
		return suffer(t, faults, users(2, Policy{}, 0, 1, 1, 105), hasty, balancer, lasting(10, 2))
	}
	s := run(0) // 50 goes at 100, 62 and 72 at 110, 105 at 120
	assert.Equal(t, [4]uint64{1, 0, 0, 1}, ends(s, 0))
	assert.Equal(t, [4]uint64{3, 0, 0, 0}, ends(s, 1))
	assert.InDelta(t, 25*ms, s.Clients[0].Ops[0].Latency.Sum().Float64(), 0)
	assert.InDelta(t, (60+58+48)*ms, s.Clients[1].Ops[0].Latency.Sum().Float64(), 0)

	s = run(55 * msec) // 50 goes at 100 and is given up at 105, when 62 goes; 72 and 105 go at 115
	assert.Equal(t, [4]uint64{1, 0, 0, 1}, ends(s, 0))
	assert.Equal(t, [4]uint64{2, 1, 0, 0}, ends(s, 1))
	assert.InDelta(t, 20*ms, s.Clients[0].Ops[0].Latency.Sum().Float64(), 0)
	assert.InDelta(t, (53+53)*ms, s.Clients[1].Ops[0].Latency.Sum().Float64(), 0)
}

// A probe that waits at a machine that dies has failed at once.
func TestAProbeThatIsThereWhenTheMachineDiesHasFailed(t *testing.T) {
	for _, silent := range []bool{false, true} {
		balancer := checked(HealthSpec{Interval: 1 * msec, Timeout: 300 * msec, Unhealthy: 1, Healthy: 1, HTTP: true}, 1)
		spec := specFor(1, users(1, Policy{}, 0), server("app", ServerSpec{Concurrency: 1, Backlog: None}, cpu(500)), balancer)
		f := strikes(fault.Kill, 1, 0, 100, 0)
		f.Silent = silent
		spec.Faults = []fault.Fault{f}
		n := NewNetwork(spec, 0)
		s, err := n.Run(nil)
		require.NoError(t, err)
		if silent {
			assert.Greater(t, s.Faults[0].Detected, 299*msec, "it was sent before 1 ms")
			assert.Less(t, s.Faults[0].Detected, 302*msec)
		} else {
			assert.Equal(t, 100*msec, s.Faults[0].Detected)
		}
	}
}
