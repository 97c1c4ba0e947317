package topologies

import (
	"fmt"

	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
)

// occurs resolves when a fault comes: at a time, or by chance.
func (r *resolver) occurs(c *node.FaultConfig, f *fault.Fault) bool {
	f.MTTF, f.MTTR, f.Crews = sim.Time(c.MTTF), sim.Time(c.MTTR), c.Crews
	var d kind.Diagnostic
	switch {
	case !c.Has("mttf") && c.Has("mttr"):
		d = c.At("mttf", "E203", "missing key \"mttf\": a repair belongs to a fault that comes by chance").See(c.KeyPos("mttr"), "mttr").
			WithHint(`for example mttf = "20d"; a fault that comes once lasts as long as "for" says`)
	case !c.Has("mttf") && c.Has("crews"):
		d = c.AtKey("crews", "E202", "this key goes with mttf: crews repair what fails by chance")
	case !c.Has("mttf") && !c.Has("at"):
		d = c.At("at", "E203", "missing key \"at\"").WithHint(`for example at = "3m"; or mttf and mttr, for a fault that comes by chance`)
	case !c.Has("mttf"):
		return true
	case c.Has("for"):
		d = c.AtKey("for", "E207", "a fault that comes by chance lasts until it is repaired, as mttr says").See(c.KeyPos("mttf"), "mttf")
	case !c.Has("mttr"):
		d = c.At("mttr", "E203", "missing key \"mttr\": how long a repair takes").See(c.KeyPos("mttf"), "mttf").WithHint(`for example mttr = "5m"`)
	default:
		return true
	}
	r.report.Add(d)
	return false
}

// enoughFailures is how many of them tell anything.
const enoughFailures = 5

// seldom warns of a fault that will hardly come within the run, and of crews
// of which some never have anything to do.
func (r *resolver) seldom(c *node.FaultConfig, f *fault.Fault) {
	count := 0
	for _, where := range f.Where {
		count += where.Count
	}
	if f.AsOne {
		count = 1
	}
	if f.Crews > count {
		r.report.Add(c.At("crews", "W403", fmt.Sprintf("there are more crews than what can fail by itself (%d): some have nothing to repair", count)))
	}
	if r.cfg.runBad {
		return
	}
	replications := max(1, r.spec.Run.Replications)
	each := float64(count) * float64(r.spec.Run.Duration-f.At) / (float64(f.MTTF) + float64(f.MTTR))
	if each*float64(replications) >= enoughFailures {
		return
	}
	r.report.Add(c.At("mttf", "W411", fmt.Sprintf("about %.2g failures are expected over the whole run (%d replications of %s): too few to tell anything",
		each*float64(replications), replications, kind.FormatDuration(int64(r.spec.Run.Duration)))).
		WithHint("a longer run, more replications, or mttf and mttr both divided by the same number"))
}
