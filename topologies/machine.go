package topologies

import (
	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
)

// machine resolves what the instances are made of, and in which order
// they serve.
func (r *resolver) machine(c host, spec *node.ServerSpec) {
	spec.Scheduling, spec.Quantum = c.Scheduling.Discipline, sim.Time(c.Scheduling.Quantum)
	if s := c.Scaling; s != nil {
		spec.Scaling = node.Scaling{Contention: float64(s.Contention), Coherency: float64(s.Coherency)}
		switch {
		case len(s.Table.Entries) == 0:
			r.report.Add(s.Whole("E203", "scaling needs contention or coherency").WithHint("for example scaling = { contention = 0.03, coherency = 0.0005 }"))
		case c.Cores == 1:
			r.report.Add(c.AtKey("scaling", "W403", "one core has no other to wait for: scaling changes nothing").WithHint("for example cores = 16"))
		}
	}
	if d := c.Disk; d != nil {
		spec.Disk = node.Disk{Ops: float64(d.IOPS), Bandwidth: d.Bandwidth.PerSecond, Depth: d.Depth}
		if len(d.Table.Entries) == 0 {
			r.report.Add(d.Whole("E203", "a disk needs iops, bandwidth or depth").WithHint("for example disk = { iops = 3000, bandwidth = \"125MB/s\" }"))
		}
	}
}

// diskStep resolves a disk step.
func (r *resolver) diskStep(c *node.StepConfig, s *node.Step, in scope) {
	note := func(law dist.Law, at kind.Cursor) dist.Law {
		r.noteTraced(law, in.node, in.op, at)
		return law
	}
	t := c.Disk.Table
	if t == nil {
		s.Time = note(r.timeLaw(c.Disk.Time), c.Disk.Time.At)
		return
	}
	if s.Ops = dist.Law(dist.Constant{Value: 1}); t.Ops.Given() {
		s.Ops = note(r.countLaw(t.Ops), t.Ops.At)
	}
	s.Bytes = note(r.law(t.Bytes.At, dist.Size), t.Bytes.At)
	at, _ := r.nodes[in.node].host()
	disk := at.Disk
	const example = "for example [server.NAME] disk = { iops = 3000, bandwidth = \"125MB/s\" }"
	switch {
	case disk == nil || !disk.Has("iops") && !disk.Has("bandwidth"):
		r.report.Add(c.At("disk", "E203", "what operations and bytes take is not known: the server needs disk with iops or bandwidth").WithHint(example))
	case t.Has("bytes") && !disk.Has("bandwidth"):
		r.report.Add(t.AtKey("bytes", "W403", "the disk has no bandwidth: bytes change nothing").WithHint(example))
	case t.Has("ops") && !disk.Has("iops"):
		r.report.Add(t.AtKey("ops", "W403", "the disk has no iops: operations change nothing").WithHint(example))
	case !t.Has("bytes") && !disk.Has("iops"):
		r.report.Add(c.At("disk", "W403", "the disk has no iops: an operation without bytes takes no time").WithHint(example))
	}
}

// idleDisk warns of what a disk can do and no step asks for.
func (r *resolver) idleDisk(c host, spec *node.ServerSpec) {
	if c.Disk == nil || c.ValueOf("disk").Origin == string(c.Type)+" " { // what a type has need not be used
		return
	}
	steps, counted, sized := false, false, false
	for i := range spec.Ops {
		node.EachStep(spec.Ops[i].Steps, func(s *node.Step) {
			steps = steps || s.Kind == node.StepDisk
			counted = counted || s.Ops != nil
			sized = sized || s.Bytes != nil
		})
	}
	switch {
	case !steps:
		r.report.Add(c.AtKey("disk", "W403", "no step uses the disk: it changes nothing").WithHint("for example on.read = [{ disk = \"exp 0.8ms\" }]"))
		return
	case c.Disk.Has("iops") && !counted:
		r.report.Add(c.Disk.AtKey("iops", "W403", "all disk steps are given by their time: iops change nothing").WithHint("for example { disk = { ops = 2 } }"))
	}
	if c.Disk.Has("bandwidth") && !sized {
		r.report.Add(c.Disk.AtKey("bandwidth", "W403", "no disk step has bytes: bandwidth changes nothing").WithHint("for example { disk = { bytes = \"64kB\" } }"))
	}
}
