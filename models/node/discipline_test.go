package node

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/sim"
)

// job is a request that needs a core once.
type job struct {
	at, work sim.Time
	priority int32
	patience sim.Time // then it is cancelled; 0: never

	left  float64
	slice sim.Time // round robin: of its turn
	ended sim.Time
	done  bool // served, not cancelled
}

// cpuTwin is a second, deliberately dumb implementation of the disciplines: at
// every event it looks at every job.
type cpuTwin struct {
	how     Discipline
	cores   int
	quantum sim.Time
	waiting []*job // round robin, and where nobody is interrupted: in the order in which they came, or came back
	running []*job

	paces []pace // still to come
	pace  pace   // now
	held  []*job // that have come while it hangs
}

// pace is how fast the cores are from some time on.
type pace struct {
	at   sim.Time
	slow float64 // how many times as long work takes
	hung bool
}

// pick fills the cores.
func (c *cpuTwin) pick() {
	if c.pace.hung {
		return
	}
	best := func(i, k int) bool { // whether waiting[i] goes before waiting[k]
		switch a, b := c.waiting[i], c.waiting[k]; c.how {
		case LIFO:
			return a.at > b.at
		case ByPriority, Preemptive:
			return a.priority > b.priority || a.priority == b.priority && a.at < b.at
		}
		return i < k
	}
	switch c.how {
	case ProcessorSharing:
		c.running, c.waiting = append(c.running, c.waiting...), nil
		return
	case Preemptive: // everybody is asked anew
		c.waiting, c.running = append(c.waiting, c.running...), nil
	}
	for len(c.running) < c.cores && len(c.waiting) > 0 {
		first := 0
		for i := range c.waiting {
			if best(i, first) {
				first = i
			}
		}
		c.waiting[first].slice = c.quantum
		c.running = append(c.running, c.waiting[first])
		c.waiting = slices.Delete(c.waiting, first, first+1)
	}
}

func (c *cpuTwin) rate() float64 {
	return min(1, float64(c.cores)/float64(len(c.running))) / max(1, c.pace.slow)
}

// next is when the first of those who run is done, or its turn is over.
func (c *cpuTwin) next(now sim.Time) (at sim.Time, first *job) {
	at = sim.Never
	if c.pace.hung {
		return at, nil
	}
	for _, j := range c.running {
		end := now + sim.FromNanoseconds(j.left/c.rate())
		if c.how == RoundRobin {
			end = min(end, now+j.slice)
		}
		if end < at {
			at, first = end, j
		}
	}
	return at, first
}

func (c *cpuTwin) work(d sim.Time) {
	if c.pace.hung {
		return
	}
	rate := c.rate()
	for _, j := range c.running {
		j.left -= float64(d) * rate
		j.slice -= d
	}
}

func without(list []*job, j *job) []*job {
	return slices.DeleteFunc(list, func(k *job) bool { return k == j })
}

// change goes on to the next pace. What has come during a hang comes then, one
// after the other.
func (c *cpuTwin) change() {
	c.pace, c.paces = c.paces[0], c.paces[1:]
	if c.pace.hung {
		return
	}
	for _, j := range c.held {
		c.pick()
		c.waiting = append(c.waiting, j)
	}
	c.held = nil
}

// run serves jobs, which are in the order of their times.
func (c *cpuTwin) run(jobs []*job) {
	now, coming := sim.Time(0), jobs
	for {
		c.pick()
		at, first := c.next(now)
		what := 0
		for _, j := range append(slices.Clone(c.waiting), c.running...) {
			if j.patience > 0 && j.at+j.patience < at {
				at, first, what = j.at+j.patience, j, 1
			}
		}
		if len(coming) > 0 && coming[0].at < at {
			at, first, what = coming[0].at, coming[0], 2
		}
		if len(c.paces) > 0 && c.paces[0].at < at {
			at, what = c.paces[0].at, 3
		}
		if first == nil && what != 3 {
			return
		}
		c.work(at - now)
		now = at
		switch {
		case what == 3:
			c.change()
		case what == 2:
			coming = coming[1:]
			first.left = float64(first.work)
			if c.pace.hung {
				c.held = append(c.held, first)
				continue
			}
			c.waiting = append(c.waiting, first)
		case what == 0 && c.how == RoundRobin && first.left > 0.5:
			c.running = without(c.running, first)
			c.waiting = append(c.waiting, first)
		default:
			c.running, c.waiting = without(c.running, first), without(c.waiting, first)
			first.ended, first.done = now, what == 0
		}
	}
}

// someJobs makes up jobs that need about as much as the cores can do.
func someJobs(s *sim.Stream, n, cores int, cancelled bool) []*job {
	var jobs []*job
	at := 0.0
	for range n {
		at += s.Exp() * ms
		j := &job{at: sim.FromNanoseconds(at), work: sim.FromNanoseconds(s.Exp() * float64(cores) * ms), priority: int32(s.Below(3))}
		if cancelled && s.Below(2) == 0 {
			j.patience = sim.FromNanoseconds(s.Exp() * 6 * ms)
		}
		jobs = append(jobs, j)
	}
	return jobs
}

// jobSystem is a server that some jobs come to, each of a client of its own.
func jobSystem(how Discipline, cores int, jobs []*job) []Node {
	web := server("web", ServerSpec{Cores: cores, Scheduling: how, Quantum: 700 * sim.Microsecond})
	nodes := []Node{web}
	for i, j := range jobs {
		op := "op" + itoa(i)
		offering(web, op, Step{Kind: StepCPU, ID: uint64(i), Time: constantLawOf(float64(j.work) / ms)})
		c := cancelling(ranked(asking("u"+itoa(i), op, 0, Policy{Timeout: j.patience}), j.priority))
		c.Client.Open = arrival.TracePlan{Trace: &arrival.Trace{Times: []sim.Time{j.at}}, Speed: 1, Load: 1}
		nodes = append(nodes, c)
	}
	return nodes
}

func TestEveryDisciplineServesLikeItsDumbTwin(t *testing.T) {
	for how := range ProcessorSharing + 1 {
		exact := 0.0
		if how == ProcessorSharing {
			exact = 3 // nanoseconds: an end on half of one is rounded up or down, and the next ones follow
		}
		served, cancelled, slow := 0, 0, 0
		for seed := range uint64(24) {
			s := sim.Keyed(sim.Mix(seed, uint64(how)))
			cores := 1 + int(seed%3)
			jobs := someJobs(&s, 80, cores, seed%2 == 0)
			got := simulate(t, 10, jobSystem(how, cores, jobs)...)
			twin := &cpuTwin{how: how, cores: cores, quantum: 700 * sim.Microsecond}
			twin.run(jobs)
			for i, j := range jobs {
				o := &got.Clients[i].Ops[0]
				if !j.done {
					cancelled++
					require.Equal(t, uint64(1), o.Errors[TimedOut-1], "%s: seed %d, job %d", how, seed, i)
					continue
				}
				require.Equal(t, uint64(1), o.OK, "%s: seed %d, job %d", how, seed, i)
				require.InDelta(t, float64(j.ended-j.at), float64(o.Latency.Max()), exact, "%s: seed %d, job %d, in nanoseconds", how, seed, i)
				served++
				if j.ended-j.at > 2*j.work {
					slow++
				}
			}
		}
		assert.Greater(t, served, 1200, how)
		assert.Greater(t, cancelled, 120, how)
		assert.Greater(t, slow, 400, "jobs get in each other's way")
	}
}

// Ciw's expectation of M/M/3 with shared servers (commit 05f17273,
// tests/test_processor_sharing.py, test_capacitated_ps): how often n are
// there.
func TestTheNumberAtSharedCoresIsCiws(t *testing.T) {
	plan, problem := arrival.Parse("poisson 10/s", nil, 1)
	require.Nil(t, problem)
	c := users(0, Policy{})
	c.Client.Open = plan
	web := server("web", ServerSpec{Cores: 3, Scheduling: ProcessorSharing}, Step{Kind: StepCPU, ID: 1, Time: exponentialOf(1000.0 / 12)})
	n := NewNetwork(specFor(1e6, web, c), 0)
	n.start(0)
	var times [100]float64
	const end = 100_000 * sim.Second
	last := sim.Time(0)
	for {
		f, more := n.eng.Next(end)
		times[n.nodes[0].inside] += float64(n.eng.Now() - last)
		last = n.eng.Now()
		if !more {
			break
		}
		n.handle(f)
	}
	for i, p := range []float64{.4321329639889196, .3601108033240997, .1500461680517082, .041679491125474505, .011577636423742918, .003216010117706367} {
		assert.InDelta(t, p, times[i]/float64(end), 0.002, "%d there", i)
	}
}

func TestTheBenchKeepsOrderWhateverIsTakenOut(t *testing.T) {
	s := sim.Keyed(7)
	turns := make([]turn, 300)
	var b bench
	inside := map[uint32]seat{}
	for range 20_000 {
		f := uint32(s.Below(300))
		if _, there := inside[f]; there {
			b.drop(turns, f)
			delete(inside, f)
		} else {
			one := seat{float64(s.Below(40)), s.Below(1 << 40), f}
			b.put(turns, one)
			inside[f] = one
		}
		require.Len(t, b, len(inside))
		for i, one := range b {
			require.Equal(t, inside[one.frame], one)
			require.Equal(t, int32(i), turns[one.frame].seat)
			require.False(t, i > 0 && one.before(b[(i-1)/2]))
		}
	}
}

// Work at shared cores costs a logarithm of their number: of events there are
// no more than two for each request, however many share.
func TestSharingTakesOneEventForEachEnd(t *testing.T) {
	var at []float64
	for i := range 10_000 {
		at = append(at, float64(i)*1e-3)
	}
	s := simulate(t, 100, users(1, Policy{}, at...), server("web", ServerSpec{Scheduling: ProcessorSharing}, Step{Kind: StepCPU, ID: 1, Time: exponentialOf(5)}))
	assert.Equal(t, uint64(10_000), s.Nodes[1].Completions)
	assert.LessOrEqual(t, s.Events, uint64(20_001))
}

func TestTheShareOfACore(t *testing.T) {
	// The second comes at 4 ms and both get half: the first, of 10 ms, has 6
	// left and ends at 16 ms; the second, of 10 ms too, has 4 left and ends at
	// 20 ms.
	web := server("web", ServerSpec{Scheduling: ProcessorSharing}, cpu(10))
	s := simulate(t, 1, named("a", 1, 0, 0), web, named("b", 1, 0, 4))
	assert.InDelta(t, 16, took(s, 0), 1e-6)
	assert.InDelta(t, 16, took(s, 1), 1e-6)
	r := s.Nodes[1].CPU
	assert.InDelta(t, 20*ms, r.Busy.Float64(), 0)
	assert.Zero(t, r.Queue.Float64(), "nobody waits")
	assert.Zero(t, r.Wait.Max())
	assert.InDelta(t, 32*ms, r.Service.Float64(), 0, "the service lasts as long as the visit")
	assert.InDelta(t, 32*ms, s.Clients[0].Ops[0].SpentAt(1).Service.Float64()+s.Clients[1].Ops[0].SpentAt(1).Service.Float64(), 0)

	web.Server.Cores = 2
	s = simulate(t, 1, named("a", 1, 0, 0), web, named("b", 1, 0, 4))
	assert.InDelta(t, 10, took(s, 0), 0, "nobody gets more than a core")
	assert.InDelta(t, 10, took(s, 1), 0)
}

func TestWorkThatIsInterruptedKeepsItsPlace(t *testing.T) {
	// a runs from 0 and is interrupted at 2 ms by c, which ends at 12 ms; then
	// a has 8 ms left, before b, which came at 1 ms.
	web := server("web", ServerSpec{Scheduling: Preemptive}, cpu(10))
	s := simulate(t, 1, named("a", 1, 0, 0), web, named("b", 1, 0, 1), named("c", 1, 5, 2), named("d", 1, 5, 3))
	assert.InDelta(t, 10+20, took(s, 0), 0)
	assert.InDelta(t, 40-1, took(s, 1), 0)
	assert.InDelta(t, 12-2, took(s, 2), 0)
	assert.InDelta(t, 22-3, took(s, 3), 0, "an equal one is not interrupted")
	r := s.Nodes[1].CPU
	assert.InDelta(t, 40*ms, r.Busy.Float64(), 0)
	assert.InDelta(t, (20+29+9)*ms, r.Queue.Float64(), 0)
	assert.InDelta(t, (20+29+9)*ms, r.Wait.Sum().Float64(), 0, "one wait for each, however often")
	assert.Equal(t, uint64(4), r.Wait.Count())
	assert.InDelta(t, 40*ms, r.Service.Float64(), 0)
	assert.InDelta(t, 20*ms, s.Clients[0].Ops[0].SpentAt(1).Wait.Float64(), 0)
	assert.InDelta(t, 10*ms, s.Clients[0].Ops[0].SpentAt(1).Service.Float64(), 0)
}

func TestWhoIsDoneAtThatMomentIsNotInterrupted(t *testing.T) {
	// What comes to the second server at 10 ms comes as something is done at
	// the first, which is before the second's own work ends.
	front := server("front", ServerSpec{Cores: 3}, cpu(10), Step{Kind: StepCall, ID: 2, Target: Target{Node: 2}})
	web := server("web", ServerSpec{Cores: 2, Scheduling: Preemptive}, cpu(10))
	s := simulate(t, 1, named("a", 1, 5, 0, 0), front, web, named("y", 2, 0, 0), named("z", 2, 0, 5))
	assert.InDelta(t, 10, took(s, 1), 0, "it is done when they come")
	assert.InDelta(t, 2*20, took(s, 0), 0, "one gets its core, the other interrupts the last")
	assert.InDelta(t, 25-5, took(s, 2), 0, "which goes on when they are done")
}

func TestTurnsGoRound(t *testing.T) {
	// Turns of 4 ms: a 0–4, b 4–8, a 8–12, b 12–16, a 16–18, b 18–20.
	web := server("web", ServerSpec{Scheduling: RoundRobin, Quantum: 4 * msec}, cpu(10))
	s := simulate(t, 1, named("a", 1, 0, 0), web, named("b", 1, 0, 1))
	assert.InDelta(t, 18, took(s, 0), 0)
	assert.InDelta(t, 20-1, took(s, 1), 0)
	r := s.Nodes[1].CPU
	assert.InDelta(t, 20*ms, r.Busy.Float64(), 0)
	assert.InDelta(t, (8+9)*ms, r.Wait.Sum().Float64(), 0)
	assert.Equal(t, uint64(2), r.Served)
}

func TestWorkersAreNeverTakenAway(t *testing.T) {
	// The worker is held for 10 ms; then the high one goes before the low one.
	for how, took2 := range map[Discipline]float64{Preemptive: 20 - 2, ProcessorSharing: 30 - 2, RoundRobin: 30 - 2, LIFO: 20 - 2, FCFS: 30 - 2} {
		web := server("web", ServerSpec{Concurrency: 1, Backlog: 9, Scheduling: how, Quantum: msec}, cpu(10))
		s := simulate(t, 1, named("a", 1, 0, 0), web, named("b", 1, 0, 1), named("c", 1, 7, 2))
		assert.InDelta(t, 10, took(s, 0), 0, how)
		assert.InDelta(t, took2, took(s, 2), 0, how)
		assert.InDelta(t, math.Abs(50-1-2-took2), took(s, 1), 0, how)
	}
}

// Each core runs at C(cores)/cores of its speed; what needs no core does not
// change.
func TestCoresThatHinderEachOtherAreSlower(t *testing.T) {
	web := server("web", ServerSpec{Cores: 8, Scaling: Scaling{Contention: 0.02, Coherency: 0.02}}, cpu(10), pause(10), diskFor(10))
	s := simulate(t, 1, named("a", 1, 0, 0), web)
	assert.InDelta(t, 10*8/3.539823+20, took(s, 0), 1e-5, "ORACLES A14.1")
	web.Server.Cores = 1
	assert.InDelta(t, 30, took(simulate(t, 1, named("a", 1, 0, 0), web), 0), 0, "one core has no other")
	web.Server.Cores, web.Server.Speed = 8, 2
	assert.InDelta(t, (10*8/3.539823+20)/2, took(simulate(t, 1, named("a", 1, 0, 0), web), 0), 1e-5, "speed divides disk times too")
}
