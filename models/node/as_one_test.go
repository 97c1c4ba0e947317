package node

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
)

// wholly lets a fault come by chance, as one.
func wholly(f fault.Fault, mttf, mttr sim.Time) fault.Fault {
	f.At, f.For, f.MTTF, f.MTTR, f.AsOne = 0, 0, mttf, mttr, true
	return f
}

// A zone fails as one: all that stands there goes and comes at once, and its
// clock runs on while one of its machines is dead anyhow.
func TestAZoneFailsByChanceAsOne(t *testing.T) {
	const window = 4000 * sim.Second
	trace := &arrival.Trace{}
	for at := sim.Time(0); at < window; at += 100 * msec {
		trace.Times = append(trace.Times, at)
	}
	client := users(1, Policy{Timeout: sim.Second}, 0)
	client.Client.Open = arrival.TracePlan{Trace: trace, Speed: 1, Load: 1}
	run := func(faults ...fault.Fault) *Snapshot {
		spec := specFor(window.Seconds(), client, in(spread(server("app", ServerSpec{}, cpu(1)), 4), 0, 1), in(lb("round-robin", 1), 0))
		spec.Zones = []string{"a", "b"}
		for i := range faults {
			if faults[i].Where == nil {
				faults[i].Where = standing(spec, 1)
			}
			if faults[i].Kind == fault.Partition {
				faults[i].Sides = [2][]fault.Span{standing(spec, 0), standing(spec, 1)}
				faults[i].Where = append(standing(spec, 0), standing(spec, 1)...)
			}
		}
		spec.Nodes[0].Client.Target.Node = 2
		spec.Faults = faults
		s, err := NewNetwork(spec, 0).Run(nil)
		require.NoError(t, err)
		return s
	}
	s := run(wholly(fault.Fault{Kind: fault.Kill, Target: "zone:b"}, 9*sim.Second, sim.Second))
	r, app := s.Faults[0].Random, &s.Nodes[1]
	assert.Equal(t, 1, r.Instances)
	// A renewal process of mean 10 s and variance 82 s²: 400 ± 4·18.
	assert.InDelta(t, 400, float64(r.Occurrences), 72)
	down := sim.FromNanoseconds(r.Lasted.Float64())
	assert.InDelta(t, 0.1, down.Seconds()/window.Seconds(), 0.03)
	for k, want := range []sim.Time{window, window - down, window, window - down} {
		assert.Equal(t, want, app.Instances[k].Up, "%d", k)
	}
	// Half of the requests of that time are lost.
	assert.InDelta(t, 5*down.Seconds(), float64(endings(s, 0)[Unavailable]), 5*20, "each outage begins and ends within a request or two")

	dead := strikes(fault.Kill, 1, 1, 0, 0)
	again := run(wholly(fault.Fault{Kind: fault.Kill, Target: "zone:b"}, 9*sim.Second, sim.Second), dead)
	assert.Equal(t, r.Occurrences, again.Faults[0].Random.Occurrences, "one of its machines is dead all the time")
	assert.Equal(t, r.Lasted, again.Faults[0].Random.Lasted)

	s = run(wholly(fault.Fault{Kind: fault.Partition, Target: "zone:a zone:b"}, 9*sim.Second, sim.Second))
	r = s.Faults[0].Random
	assert.Equal(t, 1, r.Instances)
	assert.InDelta(t, 400, float64(r.Occurrences), 72)
	assert.InDelta(t, 5*r.Lasted.Float64()/1e9, float64(endings(s, 0)[TimedOut]), 5*20)
	assert.Equal(t, r.Occurrences, r.Recovery.Count(), "it has passed whenever it is over")
}
