package topologies

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/models/scale"
	"github.com/capsim/capsim/sim"
)

// autoscale resolves the controller of a server's instances, and how many of
// them there are at the start.
func (r *resolver) autoscale(i int, n *nodeConfig) {
	s := n.server()
	c := s.Autoscale
	if c == nil {
		return
	}
	spec := &scale.Spec{
		Min: c.Min, Max: c.Max, Metric: c.Target.Metric, Target: c.Target.Value, Queue: node.None,
		Every: sim.Time(c.Every), Boot: sim.Time(c.Boot), Cooldown: sim.Time(c.Cooldown), Drain: sim.Time(c.Drain),
	}
	if len(c.Schedule) > 0 {
		spec.Start = sim.Time(r.cfg.file.Run.Start.SinceMidnight)
	}
	if c.Target.Given {
		spec.Text = c.Target.At.Value.Text
		r.scaleQueue(i, c, spec)
	}
	if !r.scaleLimits(c, spec) {
		return
	}
	first, _ := spec.Least(0)
	if !s.Has("instances") {
		s.Instances = first
		r.derived["server."+n.name+".instances"] = strconv.Itoa(first)
	}
	if s.Instances < spec.Min || s.Instances > spec.Max {
		r.report.Add(s.At("instances", "E302", fmt.Sprintf("must be from min, %d, to max, %d, of autoscale, got %d", spec.Min, spec.Max, s.Instances)).
			See(c.KeyPos("max"), "max"))
		return
	}
	at := &r.spec.Nodes[i]
	at.Server.Autoscale, at.Initial, at.Instances = spec, s.Instances, spec.Max
}

// scaleLimits checks how many instances there may be, and reads the schedule.
func (r *resolver) scaleLimits(c *node.AutoscaleConfig, spec *scale.Spec) bool {
	if c.Max < 1 {
		return false // reported: it is missing, or no such number
	}
	ok := true
	if spec.Min > spec.Max {
		r.report.Add(c.At("min", "E302", fmt.Sprintf("must be at most max, %d, got %d", spec.Max, spec.Min)).See(c.KeyPos("max"), "max"))
		ok = false
	}
	taken := map[sim.Time]kind.Pos{}
	for k := range c.Schedule {
		e := &c.Schedule[k]
		r.clock = true
		if !e.Has("at") {
			ok = false
			continue
		}
		at := sim.Time(e.From.SinceMidnight)
		if pos, twice := taken[at]; twice {
			r.report.Add(e.At("at", "E401", "there is an entry for "+kind.QuoteText(e.ValueOf("at").Text)+" already").See(pos, "this one"))
			ok = false
		}
		taken[at] = e.ValueOf("at").Pos
		if e.Min > spec.Max {
			r.report.Add(e.At("min", "E302", fmt.Sprintf("must be at most max, %d, got %d", spec.Max, e.Min)).See(c.KeyPos("max"), "max"))
			ok = false
		}
		ok = ok && e.Min >= 1
		spec.Schedule = append(spec.Schedule, scale.Entry{At: at, Min: e.Min})
	}
	slices.SortFunc(spec.Schedule, func(a, b scale.Entry) int { return cmp.Compare(a.At, b.At) })
	return ok && spec.Min >= 1
}

// scaleQueue finds the queue that a controller looks at. Whether the server is
// the one that works it off is seen when all queues are known.
func (r *resolver) scaleQueue(i int, c *node.AutoscaleConfig, spec *scale.Spec) {
	if spec.Metric != scale.Queue {
		return
	}
	at := c.Target.At
	value := *at.Value
	value.Text = c.Target.Queue
	at.Value = &value
	t, ok := r.reference(at, node.Queue)
	switch {
	case !ok:
	case t.Op != "":
		r.report.Add(at.Problem("E502", "a queue has no operations").WithHint("write " + kind.QuoteText(r.spec.Nodes[t.Node].Name)))
	default:
		spec.Queue = t.Node
	}
}

// autoscales checks the controllers against the rest of the file.
func (r *resolver) autoscales() {
	for i, n := range r.nodes {
		s := n.server()
		if s == nil || s.Autoscale == nil || r.spec.Nodes[i].Server == nil || r.spec.Nodes[i].Server.Autoscale == nil {
			continue
		}
		spec := r.spec.Nodes[i].Server.Autoscale
		if spec.Queue != node.None {
			r.worksOff(i, n, spec)
		}
		r.idleAutoscale(s.Autoscale, spec, s.Instances)
	}
}

// worksOff refuses a backlog that more instances would not work off.
func (r *resolver) worksOff(i int, n *nodeConfig, spec *scale.Spec) {
	queue := &r.spec.Nodes[spec.Queue]
	if consumer := queue.Queue.Consumer.Node; consumer != node.None && consumer != i {
		r.report.Add(n.server().Autoscale.At("target", "E505", "the consumer of "+kind.QuoteText(queue.Name)+" is "+kind.QuoteText(r.spec.Nodes[consumer].Name)+
			": more instances of "+kind.QuoteText(n.name)+" would not work it off").See(r.nodes[spec.Queue].keyPos, "the queue"))
	}
}

// idleAutoscale warns (W403) of controllers that never do anything.
func (r *resolver) idleAutoscale(c *node.AutoscaleConfig, spec *scale.Spec, initial int) {
	if r.cfg.runBad {
		return
	}
	end := r.spec.Run.Duration
	fixed := spec.Min == spec.Max
	_, next := spec.Least(0)
	switch {
	case fixed && initial == spec.Min && len(spec.Schedule) == 0:
		r.report.Add(c.At("max", "W403", fmt.Sprintf("min and max are both %d: there is nothing to scale", spec.Max)))
	case spec.Every >= end:
		r.report.Add(c.At("every", "W403", "it looks for the first time after "+kind.FormatDuration(int64(spec.Every))+
			", but the measured window ends at "+kind.FormatDuration(int64(end))).WithHint("every = \"15s\" is what Kubernetes does"))
	case spec.Boot >= end:
		r.report.Add(c.At("boot", "W403", "the measured window ends at "+kind.FormatDuration(int64(end))+", before an instance has booted: none that is started is ever in service").
			WithHint("a larger run.duration"))
	case spec.Metric == scale.CPU && float64(spec.Target*(1+scale.Tolerance)) >= 1:
		r.report.Add(c.At("target", "W403", "cores are never busier than 100 %, which is within 10 % of "+kind.QuoteText(spec.Text)+": it never starts an instance").
			WithHint("at most cpu 90%"))
	case len(spec.Schedule) > 0 && next >= end && r.scheduleWaits(spec):
		r.report.Add(c.AtKey("schedule", "W403", "the run ends before the first entry, at "+kind.FormatDuration(int64(end))+": it changes nothing").
			WithHint("run.start says what time of day it is at time 0, run.duration how long the run is"))
	}
}

// scheduleWaits reports whether no entry has come before time 0 on that day.
func (r *resolver) scheduleWaits(spec *scale.Spec) bool {
	return spec.Schedule[0].At > spec.Start
}
