package node

import (
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
)

// nobodyThere answers an attempt at an instance that is dead, for which no
// frame has been made.
func (n *Network) nobodyThere(f, req uint32, in *instance) uint32 {
	if in.state != fault.Silent {
		return n.refused(f, req, in.at, Unavailable)
	}
	if n.measuring {
		in.at.stats.Errors[Unavailable-1]++
	}
	n.cold[f].child = none
	return none
}

// refuseDead answers visit g, which has come to an instance that is dead.
func (n *Network) refuseDead(g uint32, in *instance) uint32 {
	if n.measuring {
		in.at.stats.Errors[Unavailable-1]++
	}
	if in.state == fault.Silent {
		return n.lose(g)
	}
	return n.travelHome(g, Unavailable)
}

// upTime returns how long instance i was not dead within the window, which
// ends now.
func (n *Network) upTime(i uint32) sim.Time {
	if n.faults == nil {
		return n.end
	}
	return n.end - n.downTime(i)
}

// downTime returns how long instance i has been dead since the window began.
func (n *Network) downTime(i uint32) sim.Time {
	x := n.faults
	down := x.down[i]
	if n.insts[i].state >= fault.Dead {
		down += max(0, n.eng.Now()) - x.downSince[i]
	}
	return down
}
