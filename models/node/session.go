package node

import "github.com/capsim/capsim/sim"

// startSession lets the user of a session of that seed come, and send the
// first request.
func (n *Network) startSession(cl *client, seed uint64) {
	i := cl.idle
	if i == none {
		i = uint32(len(cl.sessions))
		cl.sessions = append(cl.sessions, session{})
	} else {
		cl.idle = cl.sessions[i].next
	}
	s := &cl.sessions[i]
	s.seed, s.sent = seed, 0
	n.scratch = sim.Keyed(sim.Mix(s.seed, purposeLength))
	s.left = max(1, rounds(cl.spec.Session.Length.Sample(&n.scratch)))
	f, fr, c := n.newFrame(cl.at.first, 0, none)
	fr.flags, c.limit = isRoot|isUser, i
	n.sessionSends(cl, f)
}

// sessionSends sends the next request of the session of frame f.
func (n *Network) sessionSends(cl *client, f uint32) {
	s := &cl.sessions[n.cold[f].limit]
	seed := sim.Mix(s.seed, uint64(s.sent))
	s.sent++
	s.left--
	n.sendAgain(cl, f, seed, s.seed)
}

// sessionGoesOn lets the user of frame f think before the next request, or
// go after the last.
func (n *Network) sessionGoesOn(cl *client, f uint32) {
	i := n.cold[f].limit
	s := &cl.sessions[i]
	if s.left == 0 {
		s.next, cl.idle = cl.idle, i
		n.release(f)
		return
	}
	var d sim.Time
	if law := cl.spec.Session.Think; law != nil {
		n.scratch = sim.Keyed(sim.Mix(sim.Mix(s.seed, uint64(s.sent)), purposeThink))
		d = sim.FromNanoseconds(law.Sample(&n.scratch))
	}
	n.waitToThink(cl, f, d)
}
