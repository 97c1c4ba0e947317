package node

import "github.com/capsim/capsim/sim"

// memoryUse is the memory of a server of which anything is held.
type memoryUse struct {
	size       uint64   // of each instance; 0: no limit
	sizes      []uint64 // of the instances, where they are not all the same
	base       uint64   // that a running instance needs
	perRequest timed    // bytes that each request inside holds; nil law: none
	each       []uint64 // bytes that are held, by instance
}

// UsesMemory reports whether anything of the server holds memory.
func (s *ServerSpec) UsesMemory() bool {
	return s.MemoryBase > 0 || s.MemoryPerRequest != nil || s.hasStep(StepMemory)
}

// memory prepares the memory of a server.
func (b *builder) memory(at uint32) {
	s, nd := &b.spec.Nodes[at], &b.nodes[at]
	v := s.Server
	if !v.UsesMemory() {
		return
	}
	nd.use = &memoryUse{size: v.Memory, base: v.MemoryBase, each: make([]uint64, nd.count), perRequest: b.law(v.MemoryPerRequest, sim.HashName(s.Name, "memory_per_request"))}
	for k := range nd.count {
		nd.use.each[k] = v.MemoryBase
		nd.memory += v.MemoryBase
	}
}

// allocate lets f hold memory until it ends.
func (n *Network) allocate(f uint32, in *instr) uint32 {
	n.hold(f, &in.time)
	n.frames[f].pc++
	return f
}

// hold gives f so many bytes of its instance's memory.
func (n *Network) hold(f uint32, t *timed) {
	bytes := uint64(sim.FromNanoseconds(n.sample(t, f))) // the nearest whole number
	r := &n.rare[f]
	r.memory += bytes
	n.frames[f].flags |= hasMemory
	n.changeMemory(n.frames[f].inst, int64(bytes))
}

// free gives f's memory back.
func (n *Network) free(f uint32) {
	r := &n.rare[f]
	n.changeMemory(n.frames[f].inst, -int64(r.memory))
	r.memory = 0
	n.frames[f].flags &^= hasMemory
}

// changeMemory brings the integral of a node's memory up to now.
func (n *Network) changeMemory(inst uint32, by int64) {
	nd := n.insts[inst].at
	if n.measuring {
		now := n.eng.Now()
		nd.memoryArea.AddProduct(nd.memory, uint64(now-nd.memoryChanged))
		nd.memoryChanged = now
	}
	nd.memory += uint64(by)
	held := &nd.use.each[inst-nd.first]
	*held += uint64(by)
	if size := nd.use.sizeOf(int(inst - nd.first)); n.measuring && *held > size && size > 0 {
		n.overfull(nd, int(inst-nd.first))
	}
}

// overfull notes that an instance needs more memory than it has.
func (n *Network) overfull(nd *nodeState, instance int) {
	if nd.stats.Overfull == nil {
		nd.stats.Overfull = &Overfull{Instance: instance, First: n.eng.Now()}
	}
	o := nd.stats.Overfull
	o.Most = max(o.Most, nd.use.each[instance])
}

// openMemory begins the measurement of a node's memory.
func (n *Network) openMemory(nd *nodeState) {
	nd.memoryChanged = 0
	if nd.use == nil || nd.use.size == 0 {
		return
	}
	for i, held := range nd.use.each {
		if held > nd.use.size {
			n.overfull(nd, i)
		}
	}
}

// closeMemory fills in the figures of a node's memory.
func (n *Network) closeMemory(nd *nodeState) {
	if nd.use == nil {
		return
	}
	r := &ResourceStats{Busy: nd.memoryArea}
	for k := range nd.count {
		was := nd.pastOf(k)
		r.Capacity.AddSum(was.memory)
		r.Capacity.AddProduct(nd.use.sizeOf(int(k)), uint64(n.upTime(nd.first+k)-was.up))
	}
	nd.stats.Memory = r
}
