package node

import (
	"cmp"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
	"github.com/capsim/capsim/sim/stats"
)

// byChance makes a fault of all instances of a node that comes by chance, in
// milliseconds.
func byChance(kind fault.Kind, node, count int, mttf, mttr float64, crews int) fault.Fault {
	return fault.Fault{
		Kind: kind, Where: []fault.Span{{Node: node, Count: count}}, Target: "it",
		MTTF: sim.FromNanoseconds(mttf * ms), MTTR: sim.FromNanoseconds(mttr * ms), Crews: crews,
	}
}

// idle is a group of servers to which nobody goes, for so many seconds.
func idle(seconds float64, instances int, faults ...fault.Fault) *Spec {
	client := users(1, Policy{})
	client.Client.Open = arrival.TracePlan{Trace: &arrival.Trace{}, Speed: 1, Load: 1}
	spec := specFor(seconds, client, spread(server("app", ServerSpec{}, cpu(1)), instances))
	spec.Faults = faults
	return spec
}

// outage is a time in which an instance was broken, in a second account of it.
type outage struct{ from, to sim.Time }

// outages replays what one fault does to its instances, from the streams
// alone: a list of what is due, searched through from the front.
func outages(f *fault.Fault, names []string, seed uint64, end sim.Time) [][]outage {
	type machine struct {
		s     sim.Stream
		fails sim.Time // when it does next, or did
		whole sim.Time // when its repair is over; 0: it is up, −1: it waits
	}
	draw := func(s *sim.Stream, mean sim.Time) sim.Time { return max(1, sim.FromNanoseconds(float64(mean)*s.Exp())) }
	all, out := make([]machine, len(names)), make([][]outage, len(names))
	for i, name := range names {
		all[i].s = sim.Named(seed, 0, name, f.String()+"#0")
		all[i].fails = f.At + draw(&all[i].s, f.MTTF)
	}
	crews := f.Crews
	if crews == 0 {
		crews = len(names)
	}
	var line []int
	for {
		due := slices.MinFunc(all, func(a, b machine) int { return cmp.Compare(next(a.fails, a.whole), next(b.fails, b.whole)) })
		now := next(due.fails, due.whole)
		if now == sim.Never {
			return out
		}
		i := slices.IndexFunc(all, func(m machine) bool { return next(m.fails, m.whole) == now })
		m := &all[i]
		if m.whole == 0 { // it fails
			if now >= end {
				m.fails, m.whole = sim.Never, 0
				continue
			}
			m.whole = -1
			line = append(line, i)
		} else {
			out[i] = append(out[i], outage{m.fails, now})
			m.fails, m.whole = now+draw(&m.s, f.MTTF), 0
			crews++
		}
		for crews > 0 && len(line) > 0 {
			w := &all[line[0]]
			w.whole, line = now+draw(&w.s, f.MTTR), line[1:]
			crews--
		}
	}
}

// next is when something happens to a machine of outages.
func next(fails, whole sim.Time) sim.Time {
	switch whole {
	case 0:
		return fails
	case -1:
		return sim.Never
	}
	return whole
}

func TestBreakdownsAreThoseOfASecondAccount(t *testing.T) {
	names := []string{"app[0]", "app[1]", "app[2]", "app[3]"}
	for _, crews := range []int{0, 1, 2} {
		for _, at := range []sim.Time{0, 5 * sim.Second} {
			f := byChance(fault.Kill, 1, 4, 300, 200, crews)
			f.At = at
			spec := idle(20, 4, f)
			spec.Run.Warmup = sim.Second
			s, err := NewNetwork(spec, 0).Run(nil)
			require.NoError(t, err)
			var down, last sim.Time
			failures, recovered := uint64(0), uint64(0)
			for i, list := range outages(&f, names, spec.Run.Seed, 20*sim.Second) {
				up := 20 * sim.Second
				for _, o := range list {
					up -= min(o.to, 20*sim.Second) - o.from
					failures++
					last = max(last, o.from)
					if o.to < 20*sim.Second {
						recovered++
					}
				}
				assert.Equal(t, up, s.Nodes[1].Instances[i].Up, "%d crews, from %v, %d", crews, at, i)
				down += 20*sim.Second - up
			}
			r := s.Faults[0].Random
			require.NotNil(t, r)
			assert.Equal(t, failures, r.Occurrences)
			assert.Greater(t, failures, uint64(60))
			assert.Greater(t, last, 19*sim.Second, "to the end")
			assert.InDelta(t, float64(down), r.Lasted.Float64(), 0)
			assert.Equal(t, recovered, r.Recovery.Count(), "nobody leaves it out: it is back when it is whole")
			assert.Zero(t, r.Detection.Count())
			assert.Equal(t, 4, r.Instances)
		}
	}
}

// What is not there does not break: a scripted kill of 6 s in which the clock
// stands still moves all that comes by chance by as much, whatever it is.
func TestTheClockStandsStillWhileAnInstanceIsDown(t *testing.T) {
	for _, kind := range []fault.Kind{fault.Kill, fault.Hang} {
		f := byChance(kind, 1, 1, 3000, 1, 0)
		alone := NewNetwork(idle(100, 1, f), 0)
		first := outages(&f, []string{"app[0]"}, alone.spec.Run.Seed, 100*sim.Second)[0]
		begin := (first[1].to + first[2].from) / 2
		kill := fault.Fault{Kind: fault.Kill, Where: f.Where, Target: "app", At: begin, For: 6 * sim.Second}
		at := func(faults ...fault.Fault) (times []sim.Time) {
			n := NewNetwork(idle(100, 1, faults...), 0)
			n.start(0)
			n.scheduleFaults()
			n.openWindow()
			for range first[:10] {
				was := n.snap.Faults[0].Random.Occurrences
				for n.snap.Faults[0].Random.Occurrences == was {
					f, ok := n.eng.Next(n.end)
					require.True(t, ok)
					n.handle(f)
				}
				times = append(times, n.eng.Now())
			}
			return times
		}
		before, after := at(f), at(f, kill)
		for i := range before {
			assert.Equal(t, first[i].from, before[i])
			if i < 2 {
				assert.Equal(t, before[i], after[i])
			} else {
				assert.Equal(t, before[i]+6*sim.Second, after[i], "%s %d", kind, i)
			}
		}
	}
}

// A second fault of the same instance, of another one, or the same one twice:
// each goes on as it was.
func TestBreakdownsHaveTheirOwnStreams(t *testing.T) {
	// Its recovery may wait for the other one's.
	type lot struct {
		times  uint64
		lasted stats.Sum128
	}
	run := func(instances int, faults ...fault.Fault) (lots []lot) {
		s, err := NewNetwork(idle(50, instances, faults...), 0).Run(nil)
		require.NoError(t, err)
		for k := range s.Faults {
			lots = append(lots, lot{s.Faults[k].Random.Occurrences, s.Faults[k].Random.Lasted})
		}
		return lots
	}
	a, b := byChance(fault.Hang, 1, 2, 500, 20, 0), byChance(fault.Hang, 1, 1, 700, 30, 0)
	b.Target = "other"
	alone := run(2, a)[0]
	assert.Equal(t, []lot{alone, run(2, b)[0]}, run(2, a, b))
	twice := run(2, a, a)
	assert.Equal(t, alone, twice[0])
	assert.NotEqual(t, alone, twice[1], "the same fault twice is two faults")
	c := a
	c.Where = []fault.Span{{Node: 1, Count: 3}}
	one := byChance(fault.Hang, 1, 1, 500, 20, 0)
	one.Where[0].First = 2
	assert.Equal(t, alone.times+run(3, one)[0].times, run(3, c)[0].times, "another instance changes none")
}

// What never comes leaves everything as it was, to the last bit.
func TestAFaultThatNeverComesLeavesTheFingerprint(t *testing.T) {
	print := func(spec *Spec) string {
		s, err := NewNetwork(spec, 0).Run(nil)
		require.NoError(t, err)
		p := sim.NewFingerprint()
		s.Fold(p)
		return p.String()
	}
	for seed := range uint64(60) {
		spec := madeUp(seed)
		was := print(spec)
		never, late := byChance(fault.Kill, 0, spec.Nodes[0].Instances, 1e12, 1000, 0), strikes(fault.Hang, 0, 0, 1000, 50)
		late.At = spec.Run.Duration
		after := byChance(fault.Kill, 0, 1, 1, 1, 0)
		after.At = spec.Run.Duration
		spec.Faults = append(spec.Faults, never, late, after)
		assert.Equal(t, was, print(spec), "seed %d", seed)
		spec = madeUp(seed)
		spec.Faults = append(nothings(spec), spec.Faults...)
		assert.Equal(t, was, print(spec), "seed %d", seed)
	}
}

// nothings are faults of probability 0 and their like, at a time and by chance:
// of all nodes, and of the clients whom more could come from.
func nothings(spec *Spec) (list []fault.Fault) {
	for _, f := range []fault.Fault{
		{Kind: fault.Errors}, {Kind: fault.Slow, Factor: 1}, {Kind: fault.Latency, Add: dist.Constant{}}, {Kind: fault.Surge, Factor: 1},
	} {
		for i := range spec.Nodes {
			if strikable(f.Kind, &spec.Nodes[i]) {
				f.Where = append(f.Where, fault.Span{Node: i, Count: max(1, spec.Nodes[i].Instances)})
			}
		}
		if len(f.Where) == 0 {
			continue
		}
		once, chance := f, f
		once.At, once.For = 100*msec, 300*msec
		chance.MTTF, chance.MTTR = 30*msec, 20*msec
		list = append(list, once, chance)
	}
	return list
}

// A machine that refuses is found out after unhealthy−1 to unhealthy
// intervals, one that vanished keeps every probe waiting: each delay as likely,
// failure after failure.
func TestDetectionsOfBreakdownsAreUniform(t *testing.T) {
	const interval, timeout = 10 * msec, 4 * msec
	for _, silent := range []bool{false, true} {
		for _, unhealthy := range []int{1, 3} {
			client := users(1, Policy{})
			client.Client.Open = arrival.TracePlan{Trace: &arrival.Trace{}, Speed: 1, Load: 1}
			b := checked(HealthSpec{Interval: interval, Timeout: timeout, Unhealthy: unhealthy, Healthy: 1}, 1)
			spec := specFor(1500, client, spread(server("app", ServerSpec{}, cpu(1)), 3), b)
			f := byChance(fault.Kill, 1, 3, 900, 600, 0)
			f.Silent = silent
			spec.Faults = []fault.Fault{f}
			s, err := NewNetwork(spec, 0).Run(nil)
			require.NoError(t, err)
			h := &s.Faults[0].Random.Detection
			least := sim.Time(unhealthy-1) * interval
			if silent {
				least += sim.Time(unhealthy) * timeout
			}
			// Of one that failed shortly before, some probes have failed already.
			assert.Less(t, h.ShareAtMost(int64(least)*99/100), 0.01)
			assert.LessOrEqual(t, sim.Time(h.Max()), least+interval)
			n := float64(h.Count())
			require.Greater(t, n, 2500.0)
			for q := 0.1; q < 1; q += 0.1 {
				// A bucket is 0.8 % wide; failures that are repaired before they
				// are noticed leave out 1.6 % more of the late than of the early.
				x := least + sim.Time(q*float64(interval))
				slack := 0.008*float64(x)/float64(interval) + 0.005
				assert.InDelta(t, q, h.ShareAtMost(int64(x)), 4*math.Sqrt(q*(1-q)/n)+slack, "%v %d %g", silent, unhealthy, q)
			}
		}
	}
}

// One that is back in no rotation yet when it fails again has not recovered:
// its recovery counts from the first failure on.
func TestRecoveryWaitsForTheBalancer(t *testing.T) {
	client := users(1, Policy{})
	client.Client.Open = arrival.TracePlan{Trace: &arrival.Trace{}, Speed: 1, Load: 1}
	b := checked(HealthSpec{Interval: 10 * msec, Timeout: 10 * msec, Unhealthy: 1, Healthy: 5}, 1)
	spec := specFor(400, client, spread(server("app", ServerSpec{}, cpu(1)), 3), b)
	spec.Faults = []fault.Fault{byChance(fault.Kill, 1, 3, 100, 40, 1)}
	s, err := NewNetwork(spec, 0).Run(nil)
	require.NoError(t, err)
	r := s.Faults[0].Random
	assert.Less(t, r.Recovery.Count(), r.Occurrences*9/10)
	assert.Less(t, r.Detection.Count(), r.Occurrences)
	assert.Greater(t, r.Recovery.Sum().Float64()/float64(r.Recovery.Count()), 1.3*r.Lasted.Float64()/float64(r.Occurrences))
}
