package node

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/balance"
	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/models/theory"
	"github.com/capsim/capsim/sim"
)

// slowed makes work take longer by a factor, in milliseconds.
func slowed(node, instance int, factor, at, length float64) fault.Fault {
	f := strikes(fault.Slow, node, instance, at, length)
	f.Factor = factor
	return f
}

func TestWorkUnderWayIsStretchedAndShortenedAgain(t *testing.T) {
	// 10 ms of work that begins at 0; it is four times slower from 4 ms on:
	// 6 ms are left, 24 ms then. After 12 ms of them it is as fast as before:
	// of the 12 ms that are left 3 remain.
	disk := func() Node {
		web := server("web", ServerSpec{}, Step{Kind: StepDisk, ID: 1, Ops: constantCount(10)})
		web.Server.Disk = Disk{Ops: 1000, Depth: 1}
		return web
	}
	for name, web := range map[string]Node{
		"cpu": server("web", ServerSpec{}, cpu(10)), "wait": server("web", ServerSpec{}, pause(10)), "disk": disk(),
		"time of a disk": server("web", ServerSpec{}, Step{Kind: StepDisk, ID: 1, Time: constantLawOf(10)}),
		"shares":         server("web", ServerSpec{Scheduling: ProcessorSharing}, cpu(10)),
		"turns":          server("web", ServerSpec{Scheduling: RoundRobin, Quantum: 3 * msec}, cpu(10)),
		"priorities":     server("web", ServerSpec{Scheduling: Preemptive}, cpu(10)),
		"service":        {Name: "web", Kind: External, Instances: 1, External: &ExternalSpec{Latency: constantLawOf(10)}},
	} {
		s := suffer(t, []fault.Fault{slowed(1, 0, 4, 4, 12)}, users(1, Policy{}, 0), web)
		assert.InDelta(t, 19*ms, float64(s.Clients[0].Ops[0].Latency.Max()), 1, name)
		s = suffer(t, []fault.Fault{slowed(1, 0, 4, 4, 0)}, users(1, Policy{}, 0, 50), web)
		assert.InDelta(t, float64(28+40)*ms, s.Clients[0].Ops[0].Latency.Sum().Float64(), 2, "%s: what begins then is slow from the start", name)
		if name != "wait" && name != "service" && name != "disk" && name != "time of a disk" {
			assert.InDelta(t, 68*ms, s.Nodes[1].CPU.Busy.Float64(), 2, "%s: real time", name)
		}
	}
}

func constantCount(n float64) dist.Law { return dist.Constant{Value: n} }

func TestSlowFaultsMultiplyAndMeetHangsAndKills(t *testing.T) {
	web := func() Node { return server("web", ServerSpec{}, cpu(10)) }
	latest := func(faults ...fault.Fault) float64 {
		s := suffer(t, faults, users(1, Policy{}, 0), web())
		return float64(s.Clients[0].Ops[0].Latency.Max()) / ms
	}
	// 2 ms alone, 2 of 4 ms, 2 of 12 ms: 2 + 1 + 1/3 of the work; the rest,
	// 7 - 1/3 ms, at a third.
	assert.InDelta(t, 2+2+2+3*(7-1/3.), latest(slowed(1, 0, 2, 2, 4), slowed(1, 0, 3, 4, 0)), 1e-5)
	// A hang of 5 ms in the middle of it, and the end of the slowness in the
	// middle of that: 2 ms, 8 ms of slow work that are 2, then 6.
	assert.InDelta(t, 10+5+6, latest(slowed(1, 0, 4, 2, 11), strikes(fault.Hang, 1, 0, 10, 5)), 1e-5)
	// It begins within a hang.
	assert.InDelta(t, 5+5+4*5, latest(slowed(1, 0, 4, 7, 0), strikes(fault.Hang, 1, 0, 5, 5)), 1e-5)
	// Who comes back from the dead is still slow.
	s := suffer(t, []fault.Fault{slowed(1, 0, 4, 2, 0), strikes(fault.Kill, 1, 0, 5, 5)}, users(1, Policy{}, 0, 20), web())
	assert.Equal(t, [4]uint64{1, 0, 0, 1}, ends(s, 0))
	assert.InDelta(t, 40*ms, float64(s.Clients[0].Ops[0].Latency.Max()), 0)
}

func TestOnlyWorkIsSlow(t *testing.T) {
	// Time-outs, pauses, connecting and messages keep their times: 12 ms and 5
	// of waiting, 12 again.
	p := Policy{Timeout: 12 * msec, Retries: 1, Backoff: Backoff{Law: constantLawOf(5)}}
	s := suffer(t, []fault.Fault{slowed(1, 0, 9, 0, 0)}, users(1, Policy{}, 1), server("web", ServerSpec{}, orElse(asks(2, p))), server("zdb", ServerSpec{Cores: 9}, cpu(500)))
	assert.InDelta(t, 29*ms, float64(s.Clients[0].Ops[0].Latency.Max()), 0)
	spec := specFor(1, users(1, Policy{}, 1), holds(DatabaseSpec{Connect: constantLawOf(3)}, Access{Kind: Read}, cpu(10)))
	spec.Network = &NetworkSpec{Internet: constantLawOf(2)}
	s = sufferOf(t, spec, slowed(1, 0, 3, 0, 0))
	assert.InDelta(t, (2*2+3+30)*ms, float64(s.Clients[0].Ops[0].Latency.Max()), 0)
}

// Every discipline of cores that are slow now and then, and hang now and then,
// is what a second account makes of it.
func TestEveryDisciplineIsSlowLikeItsDumbTwin(t *testing.T) {
	for how := range ProcessorSharing + 1 {
		longer := 0
		for seed := range uint64(24) {
			s := sim.Keyed(sim.Mix(seed, 77+uint64(how)))
			cores := 1 + int(seed%3)
			jobs := someJobs(&s, 60, cores, seed%2 == 0)
			faults := []fault.Fault{slowed(0, 0, 3, 5+10*s.Float64(), 15), slowed(0, 0, 2, 16+5*s.Float64(), 15)}
			if seed%4 == 3 {
				faults = append(faults, strikes(fault.Hang, 0, 0, 10+10*s.Float64(), 12))
			}
			twin := &cpuTwin{how: how, cores: cores, quantum: 700 * sim.Microsecond, paces: pacesOf(faults)}
			spec := specFor(10, jobSystem(how, cores, jobs)...)
			got := sufferOf(t, spec, faults...)
			twin.run(jobs)
			for i, j := range jobs {
				o := &got.Clients[i].Ops[0]
				if !j.done {
					require.Equal(t, uint64(1), o.Errors[TimedOut-1], "%s: seed %d, job %d", how, seed, i)
					continue
				}
				require.Equal(t, uint64(1), o.OK, "%s: seed %d, job %d", how, seed, i)
				require.InDelta(t, float64(j.ended-j.at), float64(o.Latency.Max()), 100, "%s: seed %d, job %d, in nanoseconds", how, seed, i)
				if j.ended-j.at > 4*j.work {
					longer++
				}
			}
		}
		assert.Greater(t, longer, 300, how)
	}
}

// pacesOf is how fast cores are over time.
func pacesOf(faults []fault.Fault) []pace {
	var out []pace
	for _, f := range faults {
		out = append(out, pace{at: f.At}, pace{at: f.At + f.For})
	}
	slices.SortFunc(out, func(a, b pace) int { return int(a.at - b.at) })
	for i := range out {
		out[i].slow = 1
		for _, f := range faults {
			switch holds := f.At <= out[i].at && out[i].at < f.At+f.For; {
			case holds && f.Kind == fault.Hang:
				out[i].hung = true
			case holds:
				out[i].slow *= f.Factor
			}
		}
	}
	return out
}

// An M/M/1 that is slow for a time is one whose arrivals come so many times as
// fast for a shorter one (MMct, exact).
func TestASlowMM1FollowsItsEquations(t *testing.T) {
	const lambda, mu, factor, from, lasts = 50.0, 100.0, 4.0, 0.2, 0.8
	plan, problem := arrival.Parse("poisson 50/s", nil, 1)
	require.Nil(t, problem)
	m := theory.MMct{Steps: []theory.RateStep{{Lambda: lambda, Duration: from}, {Lambda: factor * lambda, Duration: lasts / factor}, {Lambda: lambda}}, Mu: mu, C: 1}
	times := []float64{0.1, 0.2, 0.4, 0.7, 1, 1.3, 2}
	for how := range ProcessorSharing + 1 {
		sums, squares := make([]float64, len(times)), make([]float64, len(times))
		const runs = 12_000
		web := server("web", ServerSpec{Scheduling: how, Quantum: 3 * msec}, Step{Kind: StepCPU, ID: 1, Time: dist.Exponential{MeanValue: 10 * ms}})
		c := users(1, Policy{})
		c.Client.Open = plan
		spec := specFor(3, c, web)
		spec.Faults = []fault.Fault{slowed(1, 0, factor, from*1000, lasts*1000)}
		for r := range runs {
			n := NewNetwork(spec, r)
			n.start(0)
			n.scheduleFaults()
			n.openWindow()
			for i, at := range times {
				n.advance(sim.FromNanoseconds(at * 1e9))
				x := float64(n.nodes[1].inside)
				sums[i] += x
				squares[i] += x * x
			}
		}
		for i, at := range times {
			exact := m.NumberMeanAt(at)
			switch {
			case at > from+lasts:
				exact = m.NumberMeanAt(at - lasts + lasts/factor)
			case at > from:
				exact = m.NumberMeanAt(from + (at-from)/factor)
			}
			mean, error := meanOf(sums[i], squares[i], runs)
			assert.InDelta(t, exact, mean, 4*error, "%s at %g s", how, at)
			assert.Less(t, error, 0.015*exact, "%s at %g s", how, at)
		}
	}
}

func TestASlowInstanceIsLeftAloneOfTheOthers(t *testing.T) {
	// Round robin gives each two requests; only those of the second take long.
	s := suffer(t, []fault.Fault{slowed(1, 1, 3, 0, 0)}, users(2, Policy{}, 1, 2, 3, 4), spread(server("app", ServerSpec{Cores: 9}, cpu(10)), 2), lb(balance.Table[0].Name, 1))
	slow := s.Nodes[1].Instances[1].Arrivals
	assert.InDelta(t, (40+20*float64(slow))*ms, s.Clients[0].Ops[0].Latency.Sum().Float64(), 0)
	assert.Positive(t, slow)
}

// meanOf is the mean of so many numbers, and its standard error.
func meanOf(sum, squares float64, n int) (mean, error float64) {
	mean = sum / float64(n)
	return mean, math.Sqrt((squares/float64(n) - mean*mean) / float64(n))
}
