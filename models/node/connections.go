package node

import (
	"github.com/capsim/capsim/models/balance"
	"github.com/capsim/capsim/sim"
)

// connections are those of a way of a balancer instance, so many to each
// target, and who waits for one.
type connections struct {
	of   []station // by instance of the way; its queue: those who are bound to it
	line station   // the queue of everybody else
}

func newConnections(each, instances int, m *meter) *connections {
	c := &connections{of: make([]station, instances), line: newStation(0, FCFS, m)}
	for i := range c.of {
		c.of[i] = newStation(each, FCFS, m)
	}
	return c
}

// each calls with every station.
func (c *connections) each(with func(*station)) {
	if c == nil {
		return
	}
	with(&c.line)
	for i := range c.of {
		with(&c.of[i])
	}
}

// someoneIsFull reports whether an instance could be chosen if it only had a
// free connection.
func (w *way) someoneIsFull() bool {
	for i := range w.insts {
		if w.group.Barred(i) == balance.Full {
			return true
		}
	}
	return false
}

// takeConnection gives f a connection to instance i, which has a free one.
func (n *Network) takeConnection(f uint32, w *way, i int) {
	now := n.eng.Now()
	st := &w.conns.of[i]
	st.account(now)
	st.busy++
	if st.full() {
		w.group.Bar(i, balance.Full)
	}
	fr := &n.frames[f]
	if n.measuring {
		n.insts[fr.inst].at.conns.waited(now, now, true)
	}
}

// wait lets f wait for a connection: one to instance i, none for whichever has
// one first.
func (n *Network) wait(f uint32, in *instr, b *balancer, w *way, i uint32) uint32 {
	switch {
	case n.late(f): // the caller has hung up
		n.forgetTried(f, in)
		n.halt(f, OK)
		return none
	case in.relay.queue != None && b.waiting >= in.relay.queue:
		n.forgetTried(f, in)
		return n.leave(f, Rejected)
	}
	now := n.eng.Now()
	fr := &n.frames[f]
	fr.state, fr.since = forConnection, now
	n.cold[f].limit = i
	line := w.conns.lineOf(i)
	line.account(now)
	n.enqueue(line, f)
	b.waiting++
	t := &in.relay.queueTimeout
	switch {
	case t.law == nil:
	case t.lane >= 0:
		n.eng.ArmLane(int(t.lane), f)
	default:
		n.eng.Arm(now+sim.FromNanoseconds(n.sample(t, f)), sim.Timer, n.rankOf(f), f)
	}
	return none
}

// noConnection refuses a request that has waited for a connection for as long
// as the balancer lets it.
func (n *Network) noConnection(f uint32) uint32 {
	in := &n.code[n.frames[f].pc]
	n.leaveLine(f, in)
	n.forgetTried(f, in)
	return n.leave(f, Rejected)
}

// leaveLine takes f out of the line that it stands in.
func (n *Network) leaveLine(f uint32, in *instr) {
	now := n.eng.Now()
	b := n.insts[n.frames[f].inst].balancer
	line := b.ways[in.way].conns.lineOf(n.cold[f].limit)
	line.account(now)
	n.unlink(line, f)
	b.waiting--
	if n.measuring {
		n.insts[n.frames[f].inst].at.conns.waited(n.frames[f].since, now, false)
	}
}

// lineOf is the line for an instance, none for whichever.
func (c *connections) lineOf(i uint32) *station {
	if i == none {
		return &c.line
	}
	return &c.of[i]
}

// freeConnection takes back the connection that f had to instance i, and
// gives it to whoever has waited longest.
func (n *Network) freeConnection(f uint32, b *balancer, w *way, i int, answered bool) {
	now := n.eng.Now()
	st := &w.conns.of[i]
	st.account(now)
	st.busy--
	if nd := n.insts[n.frames[f].inst].at; n.measuring && answered {
		nd.conns.served(n.frames[f].since, now)
	} else if n.measuring {
		nd.conns.brokenOff(n.frames[f].since, now)
	}
	w.group.Admit(i, balance.Full)
	n.serveLine(b, w, i)
}

// serveLine gives the free connections of instance i to those who wait.
func (n *Network) serveLine(b *balancer, w *way, i int) {
	now := n.eng.Now()
	st := &w.conns.of[i]
	for !st.full() && w.group.Barred(i)&^balance.Full == 0 {
		line := n.longest(st, &w.conns.line)
		if line == nil {
			return
		}
		line.account(now)
		f := n.dequeue(line)
		b.waiting--
		fr, c := &n.frames[f], &n.cold[f]
		if n.code[fr.pc].relay.queueTimeout.law != nil {
			n.eng.Disarm(f)
		}
		c.waited += now - fr.since
		if n.measuring {
			n.insts[fr.inst].at.conns.waited(fr.since, now, true)
		}
		c.limit, fr.since, fr.state = uint32(i), now, connecting
		st.account(now)
		st.busy++
		if st.full() {
			w.group.Bar(i, balance.Full)
		}
		n.ready = append(n.ready, f)
		n.tried(f, w, i)
	}
}

// longest returns which of two lines has the request that came first, nil if
// both are empty.
func (n *Network) longest(a, b *station) *station {
	switch {
	case a.queued == 0 && b.queued == 0:
		return nil
	case a.queued == 0 || b.queued > 0 && n.frames[b.head].since <= n.frames[a.head].since:
		return b
	}
	return a
}
