package node

import "github.com/capsim/capsim/sim"

// memoryUse is the memory of a server of which anything is held.
type memoryUse struct {
	size       uint64   // of each instance; 0: no limit
	sizes      []uint64 // of the instances, where they are not all the same
	boundless  bool     // there is a time at which an instance has no limit
	base       uint64   // that a running instance needs
	perRequest timed    // bytes that each request inside holds; nil law: none
	each       []uint64 // bytes that are held, by instance

	leak   timed    // bytes that each request leaves behind; nil law: none
	leaked []uint64 // by instance, of what is held; nil where nothing leaks
	boot   sim.Time // from a kill for memory until the instance is back
	killer []uint32 // by instance: the frame of its kill, or of its return; nil where memory is always enough
}

// UsesMemory reports whether anything of the server holds memory.
func (s *ServerSpec) UsesMemory() bool {
	return s.MemoryBase > 0 || s.MemoryPerRequest != nil || s.LeakPerRequest != nil || s.hasStep(StepMemory)
}

// MayFill reports whether instances may need more memory than they have.
func (s *ServerSpec) MayFill() bool {
	return s.Memory > 0 && (s.MemoryBase > s.Memory || s.MemoryPerRequest != nil || s.LeakPerRequest != nil || s.hasStep(StepMemory))
}

// MayFill reports whether instances of the node may need more memory than they
// have, as they are or as a deploy makes them.
func (n *Node) MayFill() bool {
	may := false
	n.eachMachine(func(s *ServerSpec) { may = may || s.MayFill() })
	return may
}

// limitsMemory reports whether the instances of the node have so much memory
// and no more, whatever a deploy makes of them.
func (n *Node) limitsMemory() bool {
	always := true
	n.eachMachine(func(s *ServerSpec) { always = always && s.Memory > 0 })
	return always
}

// memory prepares the memory of a server.
func (b *builder) memory(at uint32) {
	s, nd := &b.spec.Nodes[at], &b.nodes[at]
	v := s.Server
	if !v.UsesMemory() {
		return
	}
	u := &memoryUse{
		size: v.Memory, boundless: !s.limitsMemory(), base: v.MemoryBase, each: make([]uint64, nd.count), boot: v.Boot,
		perRequest: b.law(v.MemoryPerRequest, sim.HashName(s.Name, "memory_per_request")),
		leak:       b.law(v.LeakPerRequest, sim.HashName(s.Name, "leak_per_request")),
	}
	nd.use = u
	nd.wears = v.MemoryPerRequest != nil || v.LeakPerRequest != nil
	if v.LeakPerRequest != nil {
		u.leaked = make([]uint64, nd.count)
	}
	if s.MayFill() {
		u.killer = make([]uint32, nd.count)
	}
	for k := range nd.count {
		u.each[k] = v.MemoryBase
		nd.memory += v.MemoryBase
		if u.killer != nil {
			u.killer[k] = none
		}
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

// weighs lets the visit in frame g take what it needs of its instance's
// memory.
func (n *Network) weighs(g uint32, nd *nodeState) {
	if nd.use != nil {
		n.holdEach(g, nd.use)
	}
	if nd.collector != nil {
		n.allocates(g, nd)
	}
}

// holdEach lets the visit in frame g hold what each of its node holds, be it
// nothing, so that its end is noticed.
func (n *Network) holdEach(g uint32, u *memoryUse) {
	if u.perRequest.kind != noLaw {
		n.hold(g, &u.perRequest)
	}
	if u.leaked != nil {
		n.frames[g].flags |= hasMemory
	}
}

// free gives f's memory back, less what leaks.
func (n *Network) free(f uint32) {
	fr, r := &n.frames[f], &n.rare[f]
	n.changeMemory(fr.inst, -int64(r.memory))
	r.memory = 0
	fr.flags &^= hasMemory
	if u := n.insts[fr.inst].at.use; u.leaked != nil && fr.flags&isBranch == 0 {
		n.leak(f, u)
	}
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
	if by > 0 && nd.use.killer != nil && nd.use.tooMuch(int(inst-nd.first), *held) {
		n.overfull(inst, nd)
	}
}

// openMemory begins the measurement of a node's memory.
func (n *Network) openMemory(nd *nodeState) {
	nd.memoryChanged = 0
	if nd.use == nil || nd.use.killer == nil {
		return
	}
	for k, held := range nd.use.each {
		if nd.use.tooMuch(k, held) {
			n.overfull(nd.first+uint32(k), nd)
		}
	}
}

// closeMemory fills in the figures of a node's memory.
func (n *Network) closeMemory(nd *nodeState) {
	if nd.use == nil {
		return
	}
	r := &ResourceStats{Busy: nd.memoryArea}
	nd.stats.Memory = r
	if nd.use.boundless {
		return // how full it was nobody can say
	}
	for k := range nd.count {
		was := nd.pastOf(k)
		r.Capacity.AddSum(was.memory)
		r.Capacity.AddProduct(nd.use.sizeOf(int(k)), uint64(n.upTime(nd.first+k)-was.up))
	}
}
