package topologies

import (
	"fmt"
	"math"
	"math/bits"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
)

// defaultDuration is the measured window where the file gives none.
const defaultDuration = 600 * sim.Second

// run resolves [run]. It comes after the clients: stages decide how long a
// run is that does not say so itself.
func (r *resolver) run() {
	c := &r.cfg.file.Run
	run := &r.spec.Run
	run.Seed, run.Replications, run.Precision = c.Seed, c.Replications, float64(c.Precision)
	if r.file.opts.Seed != nil {
		run.Seed = *r.file.opts.Seed
	}
	if r.cfg.runBad {
		return
	}
	run.Duration = sim.Time(c.Duration)
	if !c.Has("duration") {
		run.Duration = defaultDuration
		if r.span > 0 {
			run.Duration = r.span
		}
	}
	run.Drain = run.Duration
	if c.Has("drain") {
		run.Drain = sim.Time(c.Drain)
	}
	run.Warmup = sim.Time(c.Warmup.Length)
	if c.Warmup.Auto {
		if run.Warmup = node.Auto; r.shaped {
			run.Warmup = 0
		}
	}
	if run.Warmup >= run.Duration {
		d := c.At("warmup", "E305", "the warm-up of "+kind.FormatDuration(int64(run.Warmup))+
			" must be shorter than the run of "+kind.FormatDuration(int64(run.Duration)))
		if c.Has("duration") {
			d = d.See(c.ValueOf("duration").Pos, "the duration")
		}
		r.report.Add(d)
	}
	// A warm-up that is yet to be found is shorter than the run.
	warmup := uint64(max(run.Warmup, 0))
	if run.Warmup == node.Auto {
		warmup = uint64(run.Duration)
	}
	sum, carry := bits.Add64(uint64(run.Duration)+warmup, uint64(run.Drain), 0)
	if carry != 0 || sum > maxSimulated {
		key := "duration"
		if c.Has("drain") && run.Drain > run.Duration {
			key = "drain"
		}
		r.report.Add(c.At(key, "E304", "warm-up, run and drain together are longer than 146 years").
			WithHint("time is counted in nanoseconds of 64 bits"))
	}
	if designs := max(len(r.file.designs), 1); designs*run.Replications > maxRunsInAll && run.Replications <= maxRunsInAll {
		r.report.Add(c.At("replications", "E706", fmt.Sprintf("%d designs of %d replications are %d runs; at most %d are allowed",
			designs, run.Replications, designs*run.Replications, maxRunsInAll)))
	}
}

// load is what the command line multiplies the traffic by.
func (r *resolver) load() float64 {
	if l := r.file.opts.Load; l > 0 && !math.IsInf(l, 0) {
		return l
	}
	return 1
}
