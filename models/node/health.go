package node

import (
	"github.com/capsim/capsim/models/balance"
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
)

// prober is what asks one target of a balancer instance how it is, again and
// again. Its frame stands at the balancer and waits for the next probe to be
// due or, with a probe out, for its time to be up. A probe is a frame at the
// target that works for no request.
type prober struct {
	spec     *HealthSpec
	balancer *balancer
	at       uint32 // the balancer's instance
	way      int    // of the balancer
	member   int    // of the way
	frame    uint32 // its own
	interval int32  // lane
	timeout  int32  // lane
	seed     uint64
	sent     uint64
	phase    sim.Stream
	down     bool // it has taken the target out
	inRow    int  // results that speak against down
}

// health prepares the health checks of all balancers.
func (b *builder) health() {
	for i := range b.spec.Nodes {
		s := b.spec.Nodes[i].Balancer
		if s == nil || s.Health == nil && s.Ejects == nil {
			continue
		}
		nd := &b.nodes[i]
		for at := nd.first; at < nd.first+nd.count; at++ {
			ways := b.insts[at].balancer.ways
			for k := range ways {
				if s.Ejects != nil {
					ways[k].outliers = make([]outlier, len(ways[k].insts))
				}
			}
			if s.Health != nil {
				b.probersOf(uint32(i), at, s.Health)
			}
		}
	}
	if len(b.probers) > 0 {
		b.probePC = b.emit(instr{op: opProbe})
	}
}

// probersOf makes the probers of one instance of a balancer.
func (b *builder) probersOf(node, at uint32, s *HealthSpec) {
	lb, nd := b.insts[at].balancer, &b.nodes[node]
	interval := int32(b.eng.NewLane(s.Interval, sim.Timer, nd.rank))
	timeout := int32(b.eng.NewLane(s.Timeout, sim.Timer, nd.rank))
	name := b.spec.Nodes[node].Name
	own := sim.Mix(sim.Mix(sim.Mix(b.spec.Run.Seed, uint64(b.replication)), sim.HashName(name, "health")), uint64(at-nd.first))
	for way := range lb.ways {
		for member := range lb.ways[way].insts {
			seed := sim.Mix(sim.Mix(own, uint64(way)), uint64(member))
			b.probers = append(b.probers, prober{
				spec: s, balancer: lb, at: at, way: way, member: member, frame: none, interval: interval, timeout: timeout,
				seed: seed, phase: sim.Keyed(sim.Mix(seed, sim.HashName("phase"))),
			})
		}
	}
}

// startProbes lets all probers begin.
func (n *Network) startProbes() {
	for i := range n.insts {
		if n.insts[i].balancer != nil {
			n.startProbers(uint32(i))
		}
	}
}

// startProbers lets the probers of a balancer instance begin. Who is not in
// service is not asked.
func (n *Network) startProbers(at uint32) {
	for k := range n.probers {
		if p := &n.probers[k]; p.at == at && n.stageOf(p.target()) == serving {
			n.startProber(k)
		}
	}
}

// startProber lets a prober begin, at a random phase. The target is taken to
// be well.
func (n *Network) startProber(k int) {
	p := &n.probers[k]
	f, fr, c := n.newFrame(p.at, 0, none)
	fr.state, fr.since, c.count, c.limit = probing, n.eng.Now(), uint32(k), 0
	p.frame, p.down, p.inRow = f, false, 0
	phase := sim.FromNanoseconds(float64(p.spec.Interval) * p.phase.Float64())
	n.eng.Arm(n.eng.Now()+phase, sim.Timer, n.rankOf(f), f)
}

// target is the instance that is asked.
func (p *prober) target() uint32 { return p.balancer.ways[p.way].insts[p.member] }

// stopProber ends a prober whose balancer dies.
func (n *Network) stopProber(f uint32) {
	n.eng.Disarm(f)
	n.dropProbe(f)
	n.probers[n.cold[f].count].frame = none
	n.release(f)
}

// probeDue sends the next probe or, if one is out, gives it up.
func (n *Network) probeDue(f uint32) {
	if n.cold[f].limit != 0 {
		n.dropProbe(f)
		n.probed(f, false)
		return
	}
	p := &n.probers[n.cold[f].count]
	n.cold[f].limit = 1 // a probe is out
	n.eng.ArmLane(int(p.timeout), f)
	inst := p.balancer.ways[p.way].insts[p.member]
	g, fr, c := n.newFrame(inst, n.probePC, none)
	fr.flags, fr.parent = isBranch, f
	c.seed, c.parentGen = sim.Mix(p.seed, p.sent), n.cold[f].gen
	n.cold[f].child = g
	p.sent++
	if n.rares {
		n.rare[g].priority = 0
	}
	if n.net == nil {
		n.probeArrives(g)
		return
	}
	n.sendProbe(g, purposeThere, probeOutbound)
}

// sendProbe sends a probe, or its answer, on its way.
func (n *Network) sendProbe(g uint32, purpose uint64, on state) {
	d, lost := n.message(g, n.frames[n.frames[g].parent].inst, purpose)
	if n.lags && on == probeOutbound {
		d += n.lagOf(g, &n.insts[n.frames[g].inst])
	}
	switch {
	case lost:
		n.loseProbe(g)
	case d > 0:
		n.frames[g].state = on
		n.eng.Arm(n.eng.Now()+d, sim.Completion, n.rankOf(g), g)
	case on == probeOutbound:
		n.probeArrives(g)
	default:
		n.probeBack(g)
	}
}

// probeArrives lets a probe arrive at its target. A machine that hangs still
// takes connections: its kernel does.
func (n *Network) probeArrives(g uint32) {
	in := &n.insts[n.frames[g].inst]
	nd := in.at
	n.frames[g].state = running
	p := &n.probers[n.cold[n.frames[g].parent].count]
	if p.spec.HTTP {
		nd.workers.asks(&in.workers)
	}
	switch {
	case in.state == fault.Silent:
		n.loseProbe(g)
	case in.state == fault.Dead:
		n.probeAnswers(g, Unavailable)
	case !p.spec.HTTP:
		n.probeAnswers(g, OK)
	case nd.concurrency == 0 || !in.workers.full():
		n.resume(g) // takes no time, and so no worker
	case nd.noRoom(in):
		n.probeAnswers(g, Rejected)
	default:
		n.probeWaits(g, in, nd)
	}
}

// probeWaits puts a probe into the queue for a worker, like any request.
func (n *Network) probeWaits(g uint32, in *instance, nd *nodeState) {
	now := n.eng.Now()
	n.frames[g].since, n.frames[g].state = now, forWorker
	in.workers.account(now)
	n.enqueue(&in.workers, g)
	if nd.queueTimeout.kind != traceLaw {
		n.armPatience(&nd.queueTimeout, g)
	}
}

// probeServed answers a probe that a worker has come to.
func (n *Network) probeServed(g uint32) {
	n.giveBack(g)
	n.probeAnswers(g, OK)
}

// giveBack passes on the worker that a probe has, if any.
func (n *Network) giveBack(g uint32) {
	fr := &n.frames[g]
	if fr.flags&hasWorker == 0 {
		return
	}
	now := n.eng.Now()
	in := &n.insts[fr.inst]
	fr.flags &^= hasWorker
	in.workers.account(now)
	if n.measuring {
		in.at.workers.brokenOff(n.cold[g].held, now)
	}
	n.passWorker(&in.workers, in.at, now)
}

// probeAnswers sends the answer of a probe on its way.
func (n *Network) probeAnswers(g uint32, status Status) {
	n.cold[g].limit = uint32(status)
	if n.net == nil {
		n.probeBack(g)
		return
	}
	n.sendProbe(g, purposeBack, probeHomebound)
}

// probeBack takes the answer of a probe.
func (n *Network) probeBack(g uint32) {
	f, status := n.frames[g].parent, Status(n.cold[g].limit)
	if in := &n.insts[n.frames[f].inst]; in.state == fault.Hung {
		n.frames[g].state = undelivered
		n.keep(in.hang, g, 0)
		return
	}
	n.cold[f].child = none
	n.release(g)
	n.eng.Disarm(f)
	n.probed(f, status == OK)
}

// loseProbe lets a probe, or its answer, be swallowed.
func (n *Network) loseProbe(g uint32) {
	n.cold[n.frames[g].parent].child = none
	n.release(g)
}

// dropProbe gives up the probe of prober f, wherever it is.
func (n *Network) dropProbe(f uint32) {
	g := n.cold[f].child
	if g == none {
		return
	}
	n.eng.Disarm(g)
	if n.frames[g].state == forWorker {
		n.leaveQueue(g)
	}
	n.giveBack(g)
	n.loseProbe(g)
}

// probeDies stops a probe at a target that dies.
func (n *Network) probeDies(g uint32) {
	n.giveBack(g)
	n.frames[g].state = probeHomebound
	n.faults.fallen = append(n.faults.fallen, heldFrame{frame: g, gen: n.cold[g].gen})
}

// probed learns how a probe of prober f ended, and lets the next begin an
// interval later.
func (n *Network) probed(f uint32, well bool) {
	k := n.cold[f].count
	p := &n.probers[k]
	n.cold[f].limit = 0
	n.eng.ArmLane(int(p.interval), f)
	if well != p.down {
		p.inRow = 0
		return
	}
	p.inRow++
	switch {
	case p.down && p.inRow >= p.spec.Healthy:
		p.down, p.inRow = false, 0
		n.trusts(p.balancer, &p.balancer.ways[p.way], p.member, balance.Unhealthy)
	case !p.down && p.inRow >= p.spec.Unhealthy:
		p.down, p.inRow = true, 0
		n.distrusts(p.balancer, &p.balancer.ways[p.way], p.member, balance.Unhealthy)
	}
}
