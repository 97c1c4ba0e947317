package node

import (
	"slices"

	"github.com/capsim/capsim/sim"
)

// deployRun is a deploy in operation. It moves on when instances stop, and
// when they come into service.
type deployRun struct {
	spec    *Deploy
	number  int // in Spec.Deploys
	due     bool
	begun   bool
	open    bool     // it is under way
	at      sim.Time // when it began
	first   uint32   // of the instances that go: those of Rolling and InPlace come back
	order   []uint32 // of the instances, counted from first
	next    int      // of order
	pending int      // instances that it waits for
	leaving bool     // of BlueGreen: the second set has taken over
}

// deploys prepares the deploys. Replicas go before their primaries, which
// stand before them.
func (b *builder) deploys() {
	for k := range b.spec.Deploys {
		d := &b.spec.Deploys[k]
		run := deployRun{spec: d, number: k}
		for i := range uint32(d.Count) {
			run.order = append(run.order, uint32(d.First)+i)
		}
		if b.spec.Nodes[d.Node].Database != nil {
			slices.Reverse(run.order)
		}
		b.deployed = append(b.deployed, run)
		b.snap.Deploys = append(b.snap.Deploys, DeployStats{Finished: sim.Never})
	}
}

// scheduleDeploys makes the deploys due, those that are within the window.
func (n *Network) scheduleDeploys() {
	for k := range n.deployed {
		d := &n.deployed[k]
		if d.spec.At >= n.end {
			continue
		}
		nd := &n.nodes[d.spec.Node]
		f, fr, c := n.newFrame(nd.first, 0, none)
		fr.state, c.count = deployDue, uint32(k)
		n.eng.Arm(d.spec.At, sim.Timer, nd.rank, f)
	}
}

// deployComes lets the deploy of frame f begin, or wait for another one of
// the same node.
func (n *Network) deployComes(f uint32) {
	d := &n.deployed[n.cold[f].count]
	n.release(f)
	d.due = true
	n.deployNext(&n.nodes[d.spec.Node])
}

// deployNext lets the first deploy of a node begin that is due, unless one is
// under way.
func (n *Network) deployNext(nd *nodeState) {
	for k := range n.deployed {
		d := &n.deployed[k]
		if nd.fleet.deploy != nil || !d.due || d.begun || &n.nodes[d.spec.Node] != nd {
			continue
		}
		nd.fleet.deploy = d
		d.begun, d.open, d.first, d.at = true, true, nd.first+nd.fleet.base, n.eng.Now()
		if n.spec.Nodes[d.spec.Node].autoscales() {
			d.order = nd.fleet.present(d.order)
		}
		if d.spec.Strategy == BlueGreen {
			n.bootSecond(nd, d)
			continue
		}
		if d.spec.Machine != None {
			nd.fleet.made = uint32(d.spec.Machine + 1)
		}
		n.nextBatch(nd, d)
	}
}

// present picks those of the instances of the set that is in service that
// there are: which ones is for a controller to say.
func (x *fleet) present(order []uint32) []uint32 {
	return slices.DeleteFunc(order, func(k uint32) bool {
		stage := x.members[x.base+k].stage
		return stage != booting && stage != serving
	})
}

// isNew reports whether an instance need not be replaced any more: a
// controller has stopped it since the deploy began, or started it.
func (d *deployRun) isNew(m *member) bool {
	return m.stage == absent || m.stage == draining || m.born > d.at
}

// nextBatch lets the next instances drain, or ends the deploy.
func (n *Network) nextBatch(nd *nodeState, d *deployRun) {
	for d.next < len(d.order) && d.pending < d.spec.Away() {
		i := d.first + d.order[d.next]
		d.next++
		m := nd.memberOf(i)
		if d.isNew(m) {
			continue
		}
		d.pending++
		m.replaced = true
		n.drains(i, d.spec.Drain)
	}
	if d.pending == 0 && d.open { // or it has ended with one that stopped at once
		n.deployEnds(nd, d)
	}
}

// bootSecond starts the set of instances that is not there.
func (n *Network) bootSecond(nd *nodeState, d *deployRun) {
	other := nd.first
	if nd.fleet.base == 0 {
		other += nd.count / 2
	}
	d.pending = len(d.order)
	if d.pending == 0 {
		n.deployEnds(nd, d) // a controller has stopped them all
		return
	}
	for _, k := range d.order {
		if nd.memberOf(other+k).stage != absent {
			n.vanishes(other + k) // it was still draining
		}
		build := d.spec.Machine + 1
		if d.spec.Machine == None {
			build = int(nd.memberOf(d.first + k).build)
		}
		nd.memberOf(other + k).replaced = true
		n.equip(other+k, build)
		n.starts(other+k, d.spec.Boot)
	}
}

// takesOver lets all traffic go to the second set of instances.
func (n *Network) takesOver(nd *nodeState, d *deployRun) {
	d.leaving, d.pending = true, len(d.order)
	if d.spec.Machine != None {
		nd.fleet.made = uint32(d.spec.Machine + 1)
	}
	nd.fleet.base = nd.count/2 - nd.fleet.base
	for _, k := range d.order {
		nd.memberOf(d.first + k).replaced = true
		n.drains(d.first+k, d.spec.Drain)
	}
}

// replacedStops goes on with a deploy when one of its instances has stopped.
func (n *Network) replacedStops(i uint32) {
	nd := n.insts[i].at
	d, m := nd.fleet.deploy, nd.memberOf(i)
	if d == nil || !m.replaced {
		return
	}
	if d.spec.Strategy != BlueGreen {
		if d.spec.Machine != None {
			n.equip(i, d.spec.Machine+1)
		}
		n.starts(i, d.spec.Boot)
		return
	}
	m.replaced = false
	if d.pending--; d.pending == 0 {
		n.deployEnds(nd, d)
	}
}

// replacedServes goes on with a deploy when one of its instances is in
// service.
func (n *Network) replacedServes(i uint32) {
	nd := n.insts[i].at
	d, m := nd.fleet.deploy, nd.memberOf(i)
	if d == nil || !m.replaced {
		return
	}
	m.replaced = false
	if d.pending--; d.pending > 0 {
		return
	}
	if d.spec.Strategy == BlueGreen {
		n.takesOver(nd, d)
	} else {
		n.nextBatch(nd, d)
	}
}

// deployEnds ends a deploy, and lets the next one of its node begin.
func (n *Network) deployEnds(nd *nodeState, d *deployRun) {
	d.open = false
	n.snap.Deploys[d.number].Finished = n.eng.Now()
	nd.fleet.deploy = nil
	n.deployNext(nd)
}

// leftBefore reports whether an instance does not take what was sent to it at
// a time, because it was draining by then: whoever sent it there had no choice.
func (n *Network) leftBefore(i uint32, sent sim.Time) bool {
	return n.stageOf(i) == draining && sent > n.insts[i].at.memberOf(i).drained
}

// given reports whether a controller has to leave the instances of a fleet
// alone: a second set of them boots, which is to be as large as the first.
func (x *fleet) given() bool {
	return x.deploy != nil && x.deploy.spec.Strategy == BlueGreen && !x.deploy.leaving
}

// comesBack reports whether an instance that drains is there again afterwards,
// because it is replaced where it stands.
func (x *fleet) comesBack(m *member) bool {
	return m.stage == draining && m.replaced && x.deploy != nil && x.deploy.spec.Strategy != BlueGreen
}

// spares lets a deploy do without one of its instances, which a controller
// stops for good.
func (x *fleet) spares(m *member) {
	if m.replaced && x.deploy != nil {
		m.replaced = false
		x.deploy.pending--
	}
}
