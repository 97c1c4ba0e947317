package node

import (
	"github.com/capsim/capsim/models/balance"
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
)

// distrusts takes a member of a way out of rotation.
func (n *Network) distrusts(b *balancer, w *way, member int, why balance.Reason) {
	n.outOfRotation(b, w, member, why)
	if n.faults == nil {
		return
	}
	for k := range n.faults.runs {
		one := &n.snap.Faults[k]
		if n.faults.runs[k].open && one.Detected == sim.Never && n.concerns(k, b, w.insts[member]) {
			one.Detected = n.eng.Now()
		}
	}
	n.noticed(b, w.insts[member])
}

// trusts takes a member back into rotation.
func (n *Network) trusts(b *balancer, w *way, member int, why balance.Reason) {
	n.backInRotation(b, w, member, why)
	n.recovered()
}

// recovered looks for faults that have passed: they have ended, and no
// balancer leaves one of their instances out any more.
func (n *Network) recovered() {
	if n.faults == nil {
		return
	}
	for k := range n.faults.runs {
		run := &n.faults.runs[k]
		if run.open && run.ended && n.passed(k, n.faults.targets[k]) {
			run.open, run.passed = false, n.eng.Now()
			n.snap.Faults[k].Recovered = run.passed
		}
	}
	n.mended()
}

// inRotation reports whether some instances are up, and every balancer
// believes so.
func (n *Network) inRotation(insts []uint32) bool {
	for _, i := range insts {
		if stage := n.stageOf(i); stage == absent || stage == booting {
			continue // it is not meant to be there
		}
		if n.insts[i].state != fault.Up {
			return false
		}
		for _, at := range n.faults.watches[i] {
			if !at.trusted() {
				return false
			}
		}
	}
	return true
}
