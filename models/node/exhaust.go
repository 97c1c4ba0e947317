package node

import (
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
)

// What happens to an instance whose memory is not enough: it is killed, and
// begins anew after its boot time. Memory that nobody gives back gets it
// there in the end. As with faults nothing is killed, and nothing leaks,
// before the window begins or after it ends.

// leak lets f, which ends, leave memory behind.
func (n *Network) leak(f uint32, u *memoryUse) {
	in := &n.insts[n.frames[f].inst]
	if !n.measuring || in.state >= fault.Dead {
		return
	}
	i := n.frames[f].inst
	bytes := uint64(sim.FromNanoseconds(n.sample(&u.leak, f))) // the nearest whole number
	u.leaked[i-in.at.first] += bytes
	n.changeMemory(i, int64(bytes))
}

// overfull has an instance killed that needs more memory than it has: at this
// very moment, but not in the middle of what is being done.
func (n *Network) overfull(i uint32, nd *nodeState) {
	killer := &nd.use.killer[i-nd.first]
	if !n.measuring || *killer != none || n.insts[i].state >= fault.Dead {
		return
	}
	f, fr, c := n.newFrame(i, 0, none)
	fr.state, c.count = exhausted, 0
	c.served = sim.Time(min(nd.use.each[i-nd.first], uint64(sim.Never))) // what it needed
	*killer = f
	n.eng.Arm(max(n.eng.Now(), 0), sim.Timer, nd.rank, f)
}

// exhaustion kills the instance of f, or lets it begin anew.
func (n *Network) exhaustion(f uint32) {
	i := n.frames[f].inst
	nd := n.insts[i].at
	if n.cold[f].count == 1 {
		nd.use.killer[i-nd.first] = none
		n.release(f)
		n.comesUp(i)
		return
	}
	n.cold[f].count = 1
	n.countKill(i, nd, uint64(n.cold[f].served))
	n.goesDown(i)
	n.eng.Arm(n.eng.Now()+nd.use.boot, sim.Timer, nd.rank, f)
}

// countKill counts a kill in the figures of a node.
func (n *Network) countKill(i uint32, nd *nodeState, needed uint64) {
	if !n.measuring {
		return
	}
	k := nd.stats.Exhausted
	if k == nil {
		k = &Exhaustion{Instance: int(i - nd.first), First: n.eng.Now()}
		nd.stats.Exhausted = k
	}
	k.Kills++
	if needed > k.Most {
		k.Most, k.Size = needed, nd.use.sizeOf(int(i-nd.first))
	}
}

// forgetMemory takes the memory of an instance that has died.
func (n *Network) forgetMemory(i uint32, nd *nodeState) {
	u, k := nd.use, i-nd.first
	gone := u.base
	if u.leaked != nil {
		gone += u.leaked[k]
		u.leaked[k] = 0
	}
	n.changeMemory(i, -int64(gone))
	if u.killer == nil || u.killer[k] == none || n.cold[u.killer[k]].count == 1 {
		return
	}
	// Something else has killed it at the very moment at which it ran out.
	n.eng.Disarm(u.killer[k])
	n.release(u.killer[k])
	u.killer[k] = none
}

// forgetRestart has an instance that is stopped while it begins anew after a
// kill for its memory never come to the end of that: who starts it afterwards
// starts another one.
func (n *Network) forgetRestart(i uint32, nd *nodeState) {
	if nd.use == nil || nd.use.killer == nil {
		return
	}
	killer := &nd.use.killer[i-nd.first]
	if *killer == none {
		return
	}
	n.eng.Disarm(*killer)
	n.release(*killer)
	*killer = none
	n.comesUp(i) // which leaves it down: its stop holds it there
}
