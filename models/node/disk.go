package node

import "github.com/capsim/capsim/sim"

// transfer is a disk step that is given by what it does, not by its time.
type transfer struct {
	ops, bytes       timed
	perOp, perByte   float64 // nanoseconds of one of the operations at once; 0: no limit
	hasOps, hasBytes bool
}

// disk compiles a disk step.
func (b *builder) disk(at uint32, s *Step) {
	if s.Time != nil {
		b.emit(instr{op: opDisk, time: b.timed(s.Time, s.ID, at, b.host.Speed)})
		return
	}
	d := b.host.Disk
	ops, bytes := sim.Mix(s.ID, sim.HashName("ops")), sim.Mix(s.ID, sim.HashName("bytes"))
	if s.Queries {
		ops, bytes = s.ID, s.ID
	}
	t := &transfer{
		ops: b.law(s.Ops, ops), bytes: b.law(s.Bytes, bytes),
		perOp: d.perOp(), perByte: d.perByte(), hasOps: s.Ops != nil && d.Ops > 0, hasBytes: s.Bytes != nil && d.Bandwidth > 0,
	}
	b.emit(instr{op: opDisk, transfer: t})
}

// perOp is the nanoseconds that one operation takes; 0 without a limit.
func (d Disk) perOp() float64 {
	if d.Ops == 0 {
		return 0
	}
	return 1e9 * float64(d.Channels()) / d.Ops
}

// perByte is the nanoseconds that one byte takes; 0 without a limit.
func (d Disk) perByte() float64 {
	if d.Bandwidth == 0 {
		return 0
	}
	return 1e9 * float64(d.Channels()) / d.Bandwidth
}

// transferTime is how long the disk step takes that f is at: what its
// operations take, or what its bytes take, whichever is longer.
func (n *Network) transferTime(f uint32, in *instr) sim.Time {
	t, ns := in.transfer, 0.0
	if t.hasOps {
		ns = n.sample(&t.ops, f) * t.perOp
	}
	if t.hasBytes {
		ns = max(ns, n.sample(&t.bytes, f)*t.perByte)
	}
	return sim.FromNanoseconds(ns)
}

// diskMean is how many seconds a disk step takes on average, at least: of what
// takes the longer of two random times, the longer of their means.
func (s *ServerSpec) diskMean(step *Step) float64 {
	if step.Time != nil {
		return known(step.Time.Mean()) / 1e9 / s.Speed
	}
	ns := known(step.Ops.Mean()) * s.Disk.perOp()
	if step.Bytes != nil {
		ns = max(ns, known(step.Bytes.Mean())*s.Disk.perByte())
	}
	return ns / 1e9
}
