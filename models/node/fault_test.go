package node

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
)

// strikes makes a fault, in milliseconds; length 0 is to the end.
func strikes(kind fault.Kind, node, instance int, at, length float64) fault.Fault {
	return fault.Fault{Kind: kind, Where: []fault.Span{{Node: node, First: instance, Count: 1}}, At: sim.FromNanoseconds(at * ms), For: sim.FromNanoseconds(length * ms)}
}

// suffer runs a second of a system in which things go wrong.
func suffer(t *testing.T, faults []fault.Fault, nodes ...Node) *Snapshot {
	t.Helper()
	return sufferOf(t, specFor(1, nodes...), faults...)
}

func sufferOf(t *testing.T, spec *Spec, faults ...fault.Fault) *Snapshot {
	t.Helper()
	spec.Faults = faults
	s, err := NewNetwork(spec, 0).Run(nil)
	require.NoError(t, err)
	return s
}

// ends counts ok, timed out, rejected and unavailable.
func ends(s *Snapshot, client int) [4]uint64 {
	e := endings(s, client)
	return [4]uint64{e[OK], e[TimedOut], e[Rejected], e[Unavailable]}
}

func TestAKillFailsWhatIsThereAndRefusesWhatComes(t *testing.T) {
	// One core of 10 ms: at 25 ms the requests of 0 and 1 are done, those of
	// 2, 3 and 4 are there, one in service and two waiting. Those of 26 and 44
	// ms find nobody; that of 46 ms finds the server back, and empty.
	for _, net := range []bool{false, true} {
		spec := specFor(1, users(1, Policy{}, 0, 1, 2, 3, 4, 26, 44, 46), server("web", ServerSpec{}, cpu(10)))
		if net {
			spec.Network = &NetworkSpec{Internet: constantLawOf(2)}
			spec.Faults = []fault.Fault{strikes(fault.Kill, 1, 0, 27, 20)}
		} else {
			spec.Faults = []fault.Fault{strikes(fault.Kill, 1, 0, 25, 20)}
		}
		n := NewNetwork(spec, 0)
		s, err := n.Run(nil)
		require.NoError(t, err)
		assert.Equal(t, [4]uint64{3, 0, 0, 5}, ends(s, 0))
		web := &s.Nodes[1]
		assert.Equal(t, uint64(8), web.Arrivals)
		assert.Equal(t, uint64(5), web.Errors[Unavailable-1])
		assert.InDelta(t, 35*ms, web.CPU.Busy.Float64(), 0, "two, half of one, and the last")
		assert.InDelta(t, 980*ms, web.CPU.Capacity.Float64(), 0)
		assert.Equal(t, 980*msec, web.Instances[0].Up)
		assert.Equal(t, uint64(3), web.CPU.Served)
		assert.Equal(t, uint64(4), web.CPU.Wait.Count(), "those who got the core: nobody gets that of a dead machine")
		f := s.Faults[0]
		assert.Equal(t, sim.Never, f.Detected)
		if net {
			assert.Equal(t, 47*msec, f.Recovered)
			assert.Equal(t, uint64(5), f.Failed, "the last learns of it afterwards")
			assert.InDelta(t, 14*ms, float64(s.Clients[0].Ops[0].Latency.Min()), 0)
		} else {
			assert.Equal(t, 45*msec, f.Recovered)
			assert.Equal(t, uint64(5), f.Failed)
		}
		assert.Empty(t, n.leftover())
	}
}

func TestARefusedConnectionCostsARoundTrip(t *testing.T) {
	// The retry comes at the moment of the refusal, 4 ms after the first.
	spec := specFor(1, users(1, Policy{Retries: 2}, 0), server("web", ServerSpec{}, cpu(10)))
	spec.Network = &NetworkSpec{Internet: constantLawOf(2)}
	s := sufferOf(t, spec, strikes(fault.Kill, 1, 0, 0, 5))
	assert.Equal(t, [4]uint64{1, 0, 0, 0}, ends(s, 0))
	assert.Equal(t, uint64(2), s.Clients[0].Ops[0].Attempts, "the second arrives at 6 ms")
	assert.InDelta(t, 18*ms, float64(s.Clients[0].Ops[0].Latency.Max()), 0)
}

func TestASilentKillLeavesCallersWaiting(t *testing.T) {
	for _, net := range []bool{false, true} {
		spec := specFor(1, users(1, Policy{Timeout: 30 * msec}, 0, 12, 60), server("web", ServerSpec{}, cpu(10)))
		if net {
			spec.Network = &NetworkSpec{}
		}
		f := strikes(fault.Kill, 1, 0, 5, 45)
		f.Silent = true
		n := NewNetwork(func() *Spec { spec.Faults = []fault.Fault{f}; return spec }(), 0)
		s, err := n.Run(nil)
		require.NoError(t, err)
		assert.Equal(t, [4]uint64{1, 2, 0, 0}, ends(s, 0))
		assert.Equal(t, uint64(2), s.Nodes[1].Errors[Unavailable-1], "the server knows")
		assert.Empty(t, n.leftover())
	}
}

func TestWithoutATimeOutASilentKillIsNeverOver(t *testing.T) {
	f := strikes(fault.Kill, 1, 0, 5, 10)
	f.Silent = true
	s := suffer(t, []fault.Fault{f}, users(1, Policy{}, 0, 7, 60), server("web", ServerSpec{}, cpu(10)))
	assert.Equal(t, [4]uint64{1, 0, 0, 0}, ends(s, 0))
	assert.Equal(t, uint64(2), s.Clients[0].Ops[0].Unfinished)
}

func TestCallsOfADeadMachineAreGivenUp(t *testing.T) {
	// The database works on for nobody, unless the client cancels.
	for _, cancel := range []bool{false, true} {
		client := users(1, Policy{}, 0)
		client.Client.Cancel = cancel
		s := suffer(t, []fault.Fault{strikes(fault.Kill, 1, 0, 5, 0)}, client,
			server("web", ServerSpec{Concurrency: 1}, parallel(2, []Step{asks(2, Policy{})}, []Step{pause(3), asks(2, Policy{})})),
			server("zdb", ServerSpec{}, cpu(20)))
		assert.Equal(t, [4]uint64{0, 0, 0, 1}, ends(s, 0))
		db := &s.Nodes[2]
		if cancel {
			assert.InDelta(t, 5*ms, db.CPU.Busy.Float64(), 0)
			assert.Equal(t, uint64(2), db.Cancelled)
		} else {
			assert.InDelta(t, 40*ms, db.CPU.Busy.Float64(), 0)
			assert.Equal(t, uint64(2), db.Completions)
		}
		assert.Equal(t, sim.Never, s.Faults[0].Recovered)
	}
}

func TestAHangShiftsEverythingByItsLength(t *testing.T) {
	// D/D/1: what has not been answered when the hang begins is answered as
	// much later as the hang lasts, to the nanosecond, what comes during it
	// behind that.
	at := []float64{0, 3, 6, 9, 40, 90}
	alone := simulate(t, 1, users(1, Policy{}, at...), server("web", ServerSpec{}, cpu(10)))
	assert.InDelta(t, float64(10+17+24+31+10+10)*ms, alone.Clients[0].Ops[0].Latency.Sum().Float64(), 0)
	for _, s := range []ServerSpec{
		{}, {Concurrency: 1, Backlog: None}, {Concurrency: 1, Backlog: None, QueueTimeout: constantLawOf(35)}, {Concurrency: 1, Backlog: 3},
	} {
		hung := suffer(t, []fault.Fault{strikes(fault.Hang, 1, 0, 15, 50)}, users(1, Policy{}, at...), server("web", s, cpu(10)))
		o := &hung.Clients[0].Ops[0]
		assert.Equal(t, uint64(6), o.OK, "no queue runs over, and no wait is too long: the clock of the server stands still")
		// Answered at 10, 70, 80, 90, 100, 110.
		assert.InDelta(t, float64(10+67+74+81+60+20)*ms, o.Latency.Sum().Float64(), 0)
		assert.InDelta(t, 1000*ms, hung.Nodes[1].CPU.Capacity.Float64(), 0, "it is up")
		assert.InDelta(t, 110*ms, hung.Nodes[1].CPU.Busy.Float64(), 0, "what it is at work on stays there")
		assert.Equal(t, 65*msec, hung.Faults[0].Recovered)
	}
}

func TestTimersOfAHungMachineStandStill(t *testing.T) {
	// The call would time out after 20 ms, and pause for 10 ms; the database
	// answers nobody in time. 30 ms of hanging, during the call or during the
	// pause, come on top. Without: 20 + 10 + 20 = 50 ms.
	p := Policy{Timeout: 20 * msec, Retries: 1, Backoff: Backoff{Law: constantLawOf(10)}}
	for _, at := range []float64{5, 22, 35} {
		s := suffer(t, []fault.Fault{strikes(fault.Hang, 1, 0, at, 30)}, users(1, Policy{}, 0),
			server("web", ServerSpec{}, orElse(asks(2, p))), server("zdb", ServerSpec{Cores: 9}, cpu(500)))
		assert.InDelta(t, 80*ms, float64(s.Clients[0].Ops[0].Latency.Max()), 0, "at %g", at)
	}
}

func TestAnswersWaitForACallerThatHangs(t *testing.T) {
	// The call takes 10 ms; its answer comes while the caller hangs.
	for _, through := range []int{2, 3} {
		s := suffer(t, []fault.Fault{strikes(fault.Hang, 1, 0, 5, 30)}, users(1, Policy{}, 0),
			server("web", ServerSpec{}, asks(through, Policy{Timeout: 12 * msec}), cpu(1)), server("zdb", ServerSpec{}, cpu(10)), lb("random", 2))
		assert.Equal(t, [4]uint64{1, 0, 0, 0}, ends(s, 0))
		assert.InDelta(t, 36*ms, float64(s.Clients[0].Ops[0].Latency.Max()), 0)
	}
}

func TestABalancerThatHangsHoldsBackWhatItCarries(t *testing.T) {
	s := suffer(t, []fault.Fault{strikes(fault.Hang, 2, 0, 5, 30)}, users(2, Policy{}, 0, 20), server("app", ServerSpec{}, cpu(10)), lb("random", 1))
	// The first is done at 10 ms and answered at 35, when the second is sent on.
	assert.InDelta(t, float64(35+25)*ms, s.Clients[0].Ops[0].Latency.Sum().Float64(), 0)
	s = suffer(t, []fault.Fault{strikes(fault.Kill, 2, 0, 5, 30)}, users(2, Policy{}, 0, 20, 40), server("app", ServerSpec{}, cpu(10)), lb("random", 1))
	assert.Equal(t, [4]uint64{1, 0, 0, 2}, ends(s, 0))
	assert.Equal(t, uint64(2), s.Nodes[1].Completions, "what had been sent is done for nobody")
}

func TestWhoGivesUpAHungMachineGetsNoFurther(t *testing.T) {
	// The client gives up at 20 ms and cancels: the next in the queue gets
	// the core, but makes no progress before 65 ms.
	client := users(1, Policy{Timeout: 20 * msec}, 0)
	client.Client.Cancel = true
	patient := users(1, Policy{}, 1)
	patient.Name = "zpatient"
	s := suffer(t, []fault.Fault{strikes(fault.Hang, 1, 0, 5, 60)}, client, server("web", ServerSpec{Concurrency: 1, Backlog: None}, cpu(10)), patient)
	assert.Equal(t, [4]uint64{0, 1, 0, 0}, ends(s, 0))
	assert.InDelta(t, 74*ms, float64(s.Clients[1].Ops[0].Latency.Max()), 0)
}

func TestAWaitForACoreThatBeginsInAHangGoesOnAfterIt(t *testing.T) {
	client := users(1, Policy{Timeout: 20 * msec}, 0)
	client.Client.Cancel = true
	patient := users(1, Policy{}, 1)
	patient.Name = "zpatient"
	for length, want := range map[float64]float64{60: 74, 17: 31} {
		// 17 ms: at 22 ms the second has had the core for 2 ms, in vain, and
		// its event lies ahead.
		s := suffer(t, []fault.Fault{strikes(fault.Hang, 1, 0, 5, length)}, client, server("web", ServerSpec{}, cpu(10)), patient)
		assert.InDelta(t, want*ms, float64(s.Clients[1].Ops[0].Latency.Max()), 0)
	}
}

func TestAKillGoesBeforeAHangAndNestedFaultsEndWithTheLast(t *testing.T) {
	at := []float64{0, 21, 41, 61, 81}
	web := func() Node { return server("web", ServerSpec{}, cpu(10)) }
	// Hung from 5 to 70, dead from 20 to 40: 0 is lost, 21 is refused, 41 and
	// 61 wait until 70.
	s := suffer(t, []fault.Fault{strikes(fault.Hang, 1, 0, 5, 65), strikes(fault.Kill, 1, 0, 20, 20)}, users(1, Policy{}, at...), web())
	assert.Equal(t, [4]uint64{3, 0, 0, 2}, ends(s, 0))
	assert.InDelta(t, float64(39+29+19)*ms, s.Clients[0].Ops[0].Latency.Sum().Float64(), 0)
	assert.Equal(t, []sim.Time{70 * msec, 70 * msec}, []sim.Time{s.Faults[0].Recovered, s.Faults[1].Recovered})
	// Hung from 5 to 50 and from 30 to 80.
	s = suffer(t, []fault.Fault{strikes(fault.Hang, 1, 0, 5, 45), strikes(fault.Hang, 1, 0, 30, 50)}, users(1, Policy{}, at...), web())
	assert.Equal(t, [4]uint64{5, 0, 0, 0}, ends(s, 0))
	assert.InDelta(t, float64(85+74+64+54+44)*ms, s.Clients[0].Ops[0].Latency.Sum().Float64(), 0)
	// Dead twice: 0.02 to 0.05 s.
	s = suffer(t, []fault.Fault{strikes(fault.Kill, 1, 0, 20, 20), strikes(fault.Kill, 1, 0, 30, 20)}, users(1, Policy{}, at...), web())
	assert.Equal(t, [4]uint64{3, 0, 0, 2}, ends(s, 0))
	assert.Equal(t, 970*msec, s.Nodes[1].Instances[0].Up)
}

func TestAFaultBehindTheWindowChangesNothing(t *testing.T) {
	print := func(faults ...fault.Fault) string {
		spec := madeUp(6)
		for i := range spec.Nodes {
			if b := spec.Nodes[i].Balancer; b != nil {
				b.Health = nil
			}
		}
		spec.Faults = faults
		s, err := NewNetwork(spec, 0).Run(nil)
		require.NoError(t, err)
		s.Faults = nil
		p := sim.NewFingerprint()
		s.Fold(p)
		return p.String()
	}
	assert.Equal(t, print(), print(strikes(fault.Kill, 0, 0, 1000, 0), strikes(fault.Hang, 1, 0, 5000, 10)))
	assert.NotEqual(t, print(), print(strikes(fault.Kill, 0, 0, 300, 0)))
}

func TestAPilotKnowsOfNoFaults(t *testing.T) {
	spec := webSystem(t)
	spec.Run.Duration = 2 * sim.Second
	want, _, err := NewNetwork(spec, Pilot).FindWarmup(nil)
	require.NoError(t, err)
	for i := range spec.Nodes {
		if spec.Nodes[i].Kind == Server {
			spec.Faults = append(spec.Faults, strikes(fault.Kill, i, 0, 10, 0))
		}
	}
	got, _, err := NewNetwork(spec, Pilot).FindWarmup(nil)
	require.NoError(t, err)
	assert.Equal(t, want, got)
}

// With one of n instances dead for a share of the time, and nobody who
// notices, that share of the requests over n fails.
func TestADeadInstanceStaysInRotation(t *testing.T) {
	var at []float64
	for i := range 1000 {
		at = append(at, float64(i)+0.5)
	}
	s := suffer(t, []fault.Fault{strikes(fault.Kill, 1, 2, 200, 300)}, users(2, Policy{}, at...), spread(server("app", ServerSpec{Cores: 9}, cpu(0.1)), 4), lb("round-robin", 1))
	assert.Equal(t, [4]uint64{925, 0, 0, 75}, ends(s, 0))
	assert.Equal(t, []uint64{250, 250, 250, 250}, arrivals(s, 1))
	assert.Equal(t, uint64(75), s.Faults[0].Failed)
	assert.Equal(t, []sim.Time{1000 * msec, 1000 * msec, 700 * msec, 1000 * msec},
		[]sim.Time{s.Nodes[1].Instances[0].Up, s.Nodes[1].Instances[1].Up, s.Nodes[1].Instances[2].Up, s.Nodes[1].Instances[3].Up})
}

// A breaker of a machine that is back after a kill knows nothing any more.
func TestWhatRestartsIsEmpty(t *testing.T) {
	p := Policy{Breaker: &Breaker{Consecutive: 1, Open: 500 * msec}}
	pay := Node{Name: "zpay", Kind: External, Instances: 1, External: &ExternalSpec{ErrorRatio: 1}}
	web := spread(server("web", ServerSpec{}, asks(2, p)), 2)
	count := func(faults ...fault.Fault) [1 + Errors]uint64 {
		return endings(suffer(t, faults, users(1, Policy{}, 0, 1, 100, 101, 200, 201), web, pay), 0)
	}
	got := count()
	assert.Equal(t, uint64(2), got[Failed])
	assert.Equal(t, uint64(4), got[BreakerOpen])
	got = count(strikes(fault.Kill, 1, 1, 50, 20))
	assert.Equal(t, uint64(3), got[Failed], "the breaker of the second instance begins anew")
	assert.Equal(t, uint64(3), got[BreakerOpen])
}

// Whoever is served next, and by whatever turns: what is there when a machine
// begins to hang is answered as much later as it hangs, to the nanosecond.
func TestEveryDisciplineGoesOnWhereItWas(t *testing.T) {
	for _, how := range []Discipline{FCFS, LIFO, ByPriority, Preemptive, RoundRobin, ProcessorSharing} {
		system := func() []Node {
			web := server("web", ServerSpec{Scheduling: how, Quantum: 3 * msec, Disk: Disk{Depth: 1}}, cpu(10), Step{Kind: StepDisk, ID: 7, Time: constantLawOf(4)})
			return []Node{users(2, Policy{}, 0, 4, 5, 8, 12), named("vips", 2, 5, 2, 9), web}
		}
		took := func(s *Snapshot) float64 {
			return s.Clients[0].Ops[0].Latency.Sum().Float64() + s.Clients[1].Ops[0].Latency.Sum().Float64()
		}
		alone := suffer(t, nil, system()...)
		for _, at := range []float64{13, 15.25, 17.123457, 26.3, 41.5, 60.1, 73} {
			hung := suffer(t, []fault.Fault{strikes(fault.Hang, 2, 0, at, 50)}, system()...)
			require.Equal(t, uint64(7), hung.Nodes[2].Completions)
			done := simulate(t, at/1000, system()...).Nodes[2].Completions
			assert.InDelta(t, 50*ms*float64(7-done), took(hung)-took(alone), 20, "%s at %g ms, %d were done", how, at, done)
		}
	}
}
