package node

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/models/theory"
	"github.com/capsim/capsim/sim"
)

func planOf(tb testing.TB, text string) arrival.Plan {
	tb.Helper()
	plan, problem := arrival.Parse(text, nil, 1)
	require.Nil(tb, problem)
	return plan
}

// comes is a client with such arrivals.
func comes(tb testing.TB, target int, arrivals string) Node {
	tb.Helper()
	c := users(target, Policy{})
	c.Client.Open = planOf(tb, arrivals)
	return c
}

// surging lets more come from a client, in seconds.
func surging(node int, factor, at, length float64) fault.Fault {
	f := strikes(fault.Surge, node, 0, 1000*at, 1000*length)
	f.Factor = factor
	return f
}

// A step of overload, and all services as long as each other: the fluid to
// the nanosecond (A13: 80/s onto 100/s, 130/s for a minute).
func TestASurgeIsTheFluidOverload(t *testing.T) {
	fluid := theory.FluidOverload{Base: 80, Peak: 130, Capacity: 100, Duration: 60}
	spec := specFor(300, comes(t, 1, "constant 80/s"), server("web", ServerSpec{}, cpu(10)))
	spec.Faults = []fault.Fault{surging(0, 130./80, 30, 60)}
	n := NewNetwork(spec, 0)
	n.start(0)
	n.scheduleFaults()
	n.openWindow()
	n.advance(30 * sim.Second)
	assert.Zero(t, n.nodes[1].inside)
	n.advance(90 * sim.Second)
	assert.InDelta(t, 1800, fluid.BacklogMax(), 0)
	assert.InEpsilon(t, fluid.BacklogMax(), backlog(n), 1e-9)
	for _, after := range []float64{9, 45, 72} {
		n.advance(sim.FromNanoseconds((90 + after) * 1e9))
		assert.InEpsilon(t, fluid.BacklogAt(60+after), backlog(n), 1e-9, "%g s after the surge", after)
	}
	drained := sim.FromNanoseconds((90 + fluid.DrainTime()) * 1e9)
	n.advance(drained - 1)
	assert.InEpsilon(t, 1e-7, backlog(n), 1e-9, "a nanosecond of the last")
	n.advance(drained + 1)
	assert.InDelta(t, 1-1e-7, backlog(n), 1e-9, "the next has come at that moment, and waits for nobody")
	s := sufferOf(t, spec, spec.Faults...)
	o := &s.Clients[0].Ops[0]
	assert.Equal(t, uint64(80*300+50*60), o.Offered)
	assert.InEpsilon(t, fluid.DelayMax()+0.01, float64(o.Latency.Max())/1e9, 1e-9, "the last of the surge")
}

// backlog is the work at the server, in requests of 10 ms.
func backlog(n *Network) float64 {
	number := float64(n.nodes[1].inside)
	for f := range n.frames {
		if fr := &n.frames[f]; fr.state == onCore {
			number -= float64(n.eng.Now()-fr.since) / (10 * ms)
		}
	}
	return number
}

// The M(t)/M/c rows of oracle table A13.
func TestASurgeOfMMcFollowsItsEquations(t *testing.T) {
	for _, row := range []struct {
		base, peak   float64
		c            int
		from, lasts  float64
		mid, end, l4 float64 // as printed
	}{
		{0.5, 1.5, 1, 20, 20, 7.1518, 12.3558, 1.21588},
		{6, 14, 10, 20, 10, 28.8056, 48.8625, 6.16471},
		{2, 5, 4, 10, 30, 20.6212, 35.8793, 2.17391},
	} {
		const runs = 4000
		spec := specFor(row.from+4*row.lasts+1, comes(t, 1, fmt.Sprintf("poisson %g/s", row.base)),
			server("web", ServerSpec{Cores: row.c}, Step{Kind: StepCPU, ID: 1, Time: dist.Exponential{MeanValue: 1e9}}))
		spec.Faults = []fault.Fault{surging(0, row.peak/row.base, row.from, row.lasts)}
		times := []float64{row.from + row.lasts/2, row.from + row.lasts, row.from + 4*row.lasts}
		sums, squares := make([]float64, 3), make([]float64, 3)
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
		for i, exact := range []float64{row.mid, row.end, row.l4} {
			mean, error := meanOf(sums[i], squares[i], runs)
			assert.InDelta(t, exact, mean, 4*error, "%v at %g s", row, times[i])
			assert.Less(t, error, 0.03*exact, "%v at %g s", row, times[i])
		}
	}
}

// Whatever way more come, those who would have come anyway do so at the same
// times, and as many more come as the factor says.
func TestTheUsualCustomersOfASurgeAreTheSame(t *testing.T) {
	for _, text := range []string{"poisson 400/s", "constant 400/s", "gamma 400/s cv=2", "bursty 400/s peak=3x on=300ms off=1s"} {
		for _, session := range []bool{false, true} {
			c := comes(t, 1, text)
			if session {
				c = visitor(c, 3, dist.Exponential{MeanValue: 5 * ms})
			}
			c.Client.Keys = keysOf("uniform n=100G")
			spec := specFor(60, c, server("web", ServerSpec{Cores: 100}, cpu(1)))
			usual := requestsOf(t, spec)
			spec.Faults = []fault.Fault{surging(0, 3, 10, 30)}
			surged := requestsOf(t, spec)
			further, outside := 0, 0
			for key, at := range surged {
				if was, known := usual[key]; known {
					require.Equal(t, was, at, text)
					continue
				}
				further++
				if at < 10*sim.Second || at > 41*sim.Second {
					outside++
				}
			}
			require.Len(t, surged, len(usual)+further, "%s: nobody is missing", text)
			assert.Zero(t, outside, text)
			within := 0
			for _, at := range usual {
				if at >= 10*sim.Second && at < 40*sim.Second {
					within++
				}
			}
			assert.InEpsilon(t, 2*within, further, 0.05, "%s, sessions %t", text, session)
		}
	}
}

// requestsOf is when each request of a client came, by its key.
func requestsOf(t *testing.T, spec *Spec) map[uint64]sim.Time {
	t.Helper()
	n := NewNetwork(spec, 0)
	n.start(0)
	n.scheduleFaults()
	n.openWindow()
	out := map[uint64]sim.Time{}
	for {
		f, ok := n.eng.Next(n.end)
		if !ok {
			return out
		}
		before := n.requests
		n.handle(f)
		if n.requests == before {
			continue
		}
		for r := range n.reqs {
			if q := &n.reqs[r]; q.refs > 0 && q.due == n.eng.Now() {
				out[q.key] = q.due
			}
		}
	}
}

func TestASurgeFollowsStagesAndWaves(t *testing.T) {
	ramp, problem := arrival.Parse("poisson 100/s", []arrival.Ramp{{Duration: 20 * sim.Second, Target: 500}}, 1)
	require.Nil(t, problem)
	wave, problem := arrival.Setting{Wave: &arrival.Wave{Mean: 300, Amplitude: 200, Period: 40 * sim.Second}}.Parse("poisson")
	require.Nil(t, problem)
	batch := planOf(t, "poisson 100/s")
	for name, plan := range map[string]arrival.Plan{"ramp": ramp, "wave": wave, "level": batch} {
		c := users(1, Policy{})
		c.Client.Open = plan
		spec := specFor(40, c, server("web", ServerSpec{Cores: 100}, cpu(1)))
		usual := sufferOf(t, spec).Clients[0].Ops[0].Offered
		surged := sufferOf(t, spec, surging(0, 2.5, 10, 10)).Clients[0].Ops[0].Offered
		mean := 1.5 * (20*plan.MeanRate(20*sim.Second) - 10*plan.MeanRate(10*sim.Second))
		assert.InDelta(t, mean, float64(surged-usual), 4*math.Sqrt(mean), name)
	}
}

func TestUsersOfASurgeComeAndGo(t *testing.T) {
	// Ten users who think a second and are answered in no time, and ten to
	// thirty from 20 s on: half as many again between 10 and 30 s.
	c := users(1, Policy{})
	c.Client.Open, c.Client.Think = nil, dist.Exponential{MeanValue: 1e9}
	c.Client.Closed = &arrival.Users{Initial: 10, Ramps: []arrival.Ramp{{Duration: 20 * sim.Second, Target: 10}, {Target: 30}}}
	spec := specFor(40, c, server("web", ServerSpec{Cores: 100}, cpu(1)))
	spec.Faults = []fault.Fault{surging(0, 1.5, 10, 20), surging(0, 2, 25, 5)}
	n := NewNetwork(spec, 0)
	n.start(0)
	n.scheduleFaults()
	n.openWindow()
	for _, row := range []struct {
		at    sim.Time
		alive int
	}{{9, 10}, {11, 15}, {19, 15}, {21, 45}, {26, 90}, {39, 30}} {
		n.advance(row.at * sim.Second)
		alive := 0
		for _, u := range n.clients[0].users {
			if u.alive {
				alive++
			}
		}
		assert.Equal(t, row.alive, alive, "at %d s", row.at)
	}
}

func TestSurgesThatOverlapMultiply(t *testing.T) {
	spec := specFor(40, comes(t, 1, "poisson 500/s"), server("web", ServerSpec{Cores: 100}, cpu(1)))
	s := sufferOf(t, spec, surging(0, 2, 0, 20), surging(0, 3, 10, 20))
	mean := 500. * (10*2 + 10*6 + 10*3 + 10)
	assert.InDelta(t, mean, float64(s.Clients[0].Ops[0].Offered), 4*math.Sqrt(mean))
	assert.Equal(t, 20*sim.Second, s.Faults[0].Recovered)
}
