package node

import (
	"math"

	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
)

// surge is what a client sends beyond its own while faults let more come. Its
// random numbers are its own, so that the client's requests stay as they are.
type surge struct {
	seed    uint64
	stream  sim.Stream
	source  uint32 // frame of the further arrivals; none: there are none now
	process arrival.Process
	number  uint64 // of further requests or sessions so far

	growth float64 // how many times as many users there are
	first  uint32  // the number of the first further user
	users  int     // further ones that there should be
}

// swelling prepares a client of which more may come.
func (b *builder) swelling(c *client) {
	if c.surge != nil {
		return
	}
	name := b.spec.Nodes[c.node].Name
	seed := sim.Mix(sim.Mix(b.spec.Run.Seed, uint64(b.replication)), sim.HashName(name))
	c.surge = &surge{
		seed: sim.Mix(seed, sim.HashName("surge")), stream: sim.Named(b.spec.Run.Seed, b.replication, name, "surge"),
		source: none, growth: 1,
	}
	if u := c.spec.Closed; u != nil {
		most := u.Initial
		for _, r := range u.Ramps {
			most = max(most, int(math.Ceil(r.Target)))
		}
		c.surge.first = uint32(most)
	}
}

// swells begins or ends a fault that lets more come.
func (n *Network) swells(insts []uint32, f *fault.Fault, begins bool) {
	for _, i := range insts {
		c := &n.faults.conditions[i]
		if begins {
			c.Begin(f)
		} else {
			c.End(f)
		}
		cl := n.insts[i].at.client
		cl.surge.growth = c.Growth()
		if cl.people != nil {
			n.crowd(cl)
		} else {
			n.pour(cl)
		}
	}
}

// pour lets the further arrivals of an open client begin anew, as many as
// there are to be now.
func (n *Network) pour(cl *client) {
	s := cl.surge
	if s.source != none {
		n.eng.Disarm(s.source)
	}
	if s.growth == 1 {
		if s.source != none {
			n.release(s.source)
			s.source = none
		}
		return
	}
	if s.source == none {
		f, fr, _ := n.newFrame(cl.at.first, 0, none)
		fr.state = source
		s.source = f
	}
	base := sim.Named(n.spec.Run.Seed, n.replication, n.spec.Nodes[cl.node].Name, "arrivals")
	s.process = arrival.Surge(cl.spec.Open, s.growth, -n.spec.Run.Warmup, n.eng.Now(), &base, &s.stream)
	n.scheduleFurther(cl)
}

func (n *Network) scheduleFurther(cl *client) {
	if at, _, ok := cl.surge.process.Next(); ok {
		n.eng.Arm(max(at, n.eng.Now()), sim.Arrival, cl.at.rank, cl.surge.source)
	}
}

// arriveFurther sends a further request of an open client, or lets a further
// session begin.
func (n *Network) arriveFurther(cl *client) {
	s := cl.surge
	n.scheduleFurther(cl)
	seed := sim.Mix(s.seed, s.number)
	s.number++
	if cl.spec.Session != nil {
		n.startSession(cl, seed)
		return
	}
	n.sendNew(cl, n.begin(cl, seed, seed, -1))
}

// crowd lets further users of a closed client come. Those that are too many
// go when they are done.
func (n *Network) crowd(cl *client) {
	s := cl.surge
	from := s.users
	s.users = int(math.Floor(float64(float64(cl.active)*s.growth)+0.5)) - cl.active
	for k := from; k < s.users; k++ {
		n.join(cl, int(s.first)+k)
	}
}

// isTooMany reports whether a user is one too many.
func (cl *client) isTooMany(number uint32) bool {
	if s := cl.surge; s != nil && number >= s.first {
		return int(number-s.first) >= s.users
	}
	return int(number) >= cl.active
}
