package node

import (
	"slices"

	"github.com/capsim/capsim/sim"
	"github.com/capsim/capsim/sim/stats"
)

// build is what instances of a node may be made of. The programs of a node
// are compiled once for each, alike but for their speeds, so that a visit
// begins as far behind its operation's program as the build's lies.
type build struct {
	spec  *ServerSpec
	shift uint32
}

// past is what an instance was as long as it was made of something else.
type past struct {
	up                         sim.Time
	cpu, workers, disk, memory stats.Sum128 // ∫ what there was dt, while it was up
}

// eachMachine calls with what the instances of a node are made of at first,
// and then with what deploys make of them.
func (n *Node) eachMachine(do func(*ServerSpec)) {
	do(n.Server)
	for _, m := range n.Machines {
		do(m)
	}
}

// Wired reports whether instances of a server or a database ever have a limit
// on what passes through their network interface.
func (n *Node) Wired() bool {
	limited := false
	n.eachMachine(func(m *ServerSpec) { limited = limited || m.Network > 0 })
	return limited
}

// programs compiles the operations of a node, once for each of the machines
// that its instances may be.
func (b *builder) programs(at uint32) {
	s, nd := &b.spec.Nodes[at], &b.nodes[at]
	first := b.pc()
	s.eachMachine(func(m *ServerSpec) {
		b.host = m
		if len(s.Machines) > 0 {
			b.builds[at] = append(b.builds[at], build{m, b.pc() - first})
		}
		for k, op := range s.Server.Ops {
			begin := b.pc()
			b.sees(at, k)
			b.steps(at, op.Steps)
			b.commits(at, k)
			end := b.emit(instr{op: opEnd})
			if m == s.Server {
				nd.entries = append(nd.entries, entry{uint32(b.op(op.Name)), begin, op.Priority})
				b.ends = append(b.ends, end)
			}
		}
	})
}

// equip makes an instance, which is not there, of build k of its node.
func (n *Network) equip(i uint32, k int) {
	in := &n.insts[i]
	nd := in.at
	x, m := nd.fleet, nd.memberOf(i)
	if x.builds == nil || m.build == uint32(k) {
		return
	}
	span := max(0, n.eng.Now()) - n.downTime(i) - m.past.up
	m.past.add(x.builds[m.build].spec, span)
	is := x.builds[k].spec
	m.build, m.shift = uint32(k), x.builds[k].shift
	in.cpu.capacity, in.workers.capacity = int32(is.Cores), int32(is.Concurrency)
	if in.disk != nil {
		in.disk.capacity = int32(is.Disk.Channels())
	}
	if nd.use != nil {
		nd.use.resize(i-nd.first, is.Memory)
	}
}

// memberOf returns what a fleet knows of an instance.
func (nd *nodeState) memberOf(i uint32) *member { return &nd.fleet.members[i-nd.first] }

// bandwidth is the bytes a second of the network interface of an instance; 0
// if there is no limit.
func (n *Network) bandwidth(i uint32) float64 {
	nd := n.insts[i].at
	if nd.fleet == nil || nd.fleet.builds == nil {
		return nd.wire.perSecond
	}
	return nd.fleet.builds[nd.memberOf(i).build].spec.Network
}

// add counts a time in which an instance was up as it was made.
func (p *past) add(was *ServerSpec, span sim.Time) {
	p.up += span
	t := uint64(span)
	p.cpu.AddProduct(uint64(was.Cores), t)
	p.workers.AddProduct(uint64(was.Concurrency), t)
	p.disk.AddProduct(uint64(was.Disk.Channels()), t)
	p.memory.AddProduct(was.Memory, t)
}

// pastOf is what instance k of a node was before, nothing where it has always
// been the same.
func (nd *nodeState) pastOf(k uint32) *past {
	if nd.fleet == nil {
		return &noPast
	}
	return &nd.fleet.members[k].past
}

// noPast is of what has always been the same. Nobody writes to it.
var noPast past

// gatherPast adds what an instance was before to the capacities of its node.
func (n *Network) gatherPast(in *instance, p *past) {
	nd := in.at
	if p.up == 0 {
		return
	}
	nd.cpu.Capacity.AddSum(p.cpu)
	nd.workers.Capacity.AddSum(p.workers)
	if nd.disk != nil {
		nd.disk.Capacity.AddSum(p.disk)
	}
	if nd.wire != nil {
		nd.wire.meter.Capacity.AddProduct(1, uint64(p.up))
	}
}

// channelsUp adds the channels of an instance that have been up since the
// window began, times nanoseconds: its cores and its workers.
func (n *Network) channelsUp(i uint32, cores, workers *stats.Sum128) {
	in := &n.insts[i]
	p := in.at.pastOf(i - in.at.first)
	span := uint64(max(0, n.eng.Now()) - n.downTime(i) - p.up)
	cores.AddSum(p.cpu)
	cores.AddProduct(uint64(in.cpu.capacity), span)
	workers.AddSum(p.workers)
	workers.AddProduct(uint64(in.workers.capacity), span)
}

// resize gives instance k another size.
func (u *memoryUse) resize(k uint32, size uint64) {
	if u.sizes == nil {
		u.sizes = slices.Repeat([]uint64{u.size}, len(u.each))
	}
	u.sizes[k] = size
}

// sizeOf is how much memory instance k has; 0: no limit.
func (u *memoryUse) sizeOf(k int) uint64 {
	if u.sizes == nil {
		return u.size
	}
	return u.sizes[k]
}

// tooMuch reports whether so many bytes are more than instance k has.
func (u *memoryUse) tooMuch(k int, held uint64) bool {
	size := u.sizeOf(k)
	return size > 0 && held > size
}

// shiftOf is how far the programs of an instance lie behind those of the first
// build.
func (n *Network) shiftOf(i uint32) uint32 {
	nd := n.insts[i].at
	if nd.fleet == nil {
		return 0
	}
	return nd.memberOf(i).shift
}
