package topologies

import (
	"math"

	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
)

// shapeKeys move a rate over time. They exclude each other, and whatever else
// says when requests come.
var shapeKeys = []string{"stages", "daily", "wave"}

// open resolves traffic that comes whatever the answers.
func (r *resolver) open(c *node.ClientConfig, spec *node.ClientSpec) {
	if c.Has("arrivals") && !c.Arrivals.Given() {
		return // reported as a wrong type
	}
	setting, shape, ok := r.shape(c)
	if !ok {
		return
	}
	text := ""
	if c.Arrivals.Given() {
		text = c.Arrivals.At.Value.Text
	}
	setting.Load = r.load()
	setting.Batch = func(text string) (arrival.Count, *kind.LiteralError) { return r.batch(c, text) }
	plan, err := setting.Parse(text)
	switch {
	case err == nil:
		r.shaped = r.shaped || shape != ""
		spec.Open = plan
	case c.Arrivals.Given():
		d := c.AtPart("arrivals", err)
		if err.Code == "E207" && shape != "" {
			d = d.See(c.KeyPos(shape), shape)
		}
		r.report.Add(d)
	default:
		r.report.Add(c.At(shape, err.Code, err.Message).WithHint(err.Hint))
	}
}

// shape resolves what moves the rate of an open client, and the key that
// says so, "" if none does.
func (r *resolver) shape(c *node.ClientConfig) (s arrival.Setting, key string, ok bool) {
	switch {
	case c.Has("daily"):
		s.Wave, ok = r.daily(c)
		return s, "daily", ok
	case c.Has("wave"):
		s.Wave, ok = r.wave(c)
		return s, "wave", ok
	case c.Has("stages"):
		s.Ramps, ok = r.ramps(c, false)
		return s, "stages", ok
	}
	return s, "", true
}

// daily resolves a day's traffic.
func (r *resolver) daily(c *node.ClientConfig) (*arrival.Wave, bool) {
	d := &c.Daily
	r.clock = true
	if r.broken(c) {
		return nil, false
	}
	if d.Peak < d.Trough {
		r.report.Add(d.Place.At("peak", "E309", "the peak must be at least the trough of "+kind.FormatRate(float64(d.Trough))).
			See(d.ValueOf("trough").Pos, "the trough"))
		return nil, false
	}
	start := r.cfg.file.Run.Start.SinceMidnight
	w := arrival.Daily(float64(d.Peak), float64(d.Trough), sim.Time(d.PeakAt.SinceMidnight-start))
	return &w, true
}

// wave resolves a rate that swings about a mean.
func (r *resolver) wave(c *node.ClientConfig) (*arrival.Wave, bool) {
	w := &c.Wave
	if r.broken(c) {
		return nil, false
	}
	if w.Amplitude > w.Mean {
		r.report.Add(w.Place.At("amplitude", "E309", "the amplitude must be at most the mean of "+kind.FormatRate(float64(w.Mean))+": no rate is below 0").
			See(w.ValueOf("mean").Pos, "the mean"))
		return nil, false
	}
	return &arrival.Wave{Mean: float64(w.Mean), Amplitude: float64(w.Amplitude), Period: sim.Time(w.Period)}, true
}

// broken reports whether something is wrong within a client, so that its
// values may be missing.
func (r *resolver) broken(c *node.ClientConfig) bool {
	for _, n := range r.nodes {
		if n.client() == c {
			return n.bad
		}
	}
	return false
}

// excludes refuses what a client says besides daily, wave or stages about
// when requests come. Stages may count users.
func (r *resolver) excludes(c *node.ClientConfig) {
	first := ""
	for _, key := range shapeKeys {
		if !c.Has(key) {
			continue
		}
		other, why := "", ""
		switch {
		case key != "stages" && c.Has("users"):
			other, why = "users", "users come when they have thought; stages may count them"
		case c.Arrivals.Given() && c.Arrivals.Trace != nil:
			other, why = "arrivals", "the trace says when requests come"
		case first != "":
			other, why = first, "the rate can follow one of them"
		}
		if other != "" {
			name := other
			if other == "arrivals" {
				name = "a trace"
			}
			r.report.Add(c.AtKey(key, "E207", key+" and "+name+" exclude each other: "+why).See(c.KeyPos(other), name))
		}
		first = key
	}
}

// batch reads the distribution of a batch's size.
func (r *resolver) batch(c *node.ClientConfig, text string) (arrival.Count, *kind.LiteralError) {
	law, err := dist.Parse(text, dist.Count, lawFiles{r.file, c.Arrivals.At.Value})
	if err != nil {
		return nil, err
	}
	if _, traced := law.(dist.Trace); traced {
		return nil, &kind.LiteralError{Code: "E206", Message: "no column of a trace can be read here: a batch comes before its requests", Len: len(text)}
	}
	if math.IsInf(law.Variance(), 1) {
		r.report.Add(c.At("arrivals", "W308", "the variance of the batches is infinite: averages converge slowly, and their confidence intervals are too narrow").
			WithHint(`to bound it give a max, or "truncate 100"`))
	}
	return law, nil
}

// checkStart refuses a time of day that nothing depends on. Designs share
// [run]: another of them may have daily traffic.
func (r *resolver) checkStart() {
	run := &r.cfg.file.Run
	if run.Has("start") && !r.clock && len(r.file.designs) == 0 && !r.cfg.runBad {
		r.report.Add(run.AtKey("start", "E203", "start is the time of day of time 0, and no client has daily traffic, nor a server a schedule: the key daily is missing").
			WithHint(`for example daily = { peak = "1200/s", trough = "150/s", peak_at = "20:00" }`))
	}
}
