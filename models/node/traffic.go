package node

import "github.com/capsim/capsim/sim"

// Purposes of the draws that belong to a request as a whole.
var (
	purposeOp     = sim.HashName("request", "operation")
	purposeKey    = sim.HashName("request", "key")
	purposeSource = sim.HashName("request", "source")
	purposeThink  = sim.HashName("user", "think")
	purposeLength = sim.HashName("session", "length")
)

// startTraffic schedules every client's first arrival, or its users.
func (n *Network) startTraffic() {
	for i := range n.clients {
		cl := &n.clients[i]
		inst := cl.at.first
		cl.source, _, _ = n.newFrame(inst, 0, none)
		if cl.process != nil {
			n.frames[cl.source].state = source
			n.scheduleArrival(cl)
			continue
		}
		n.frames[cl.source].state = population
		for range cl.spec.Closed.Initial {
			cl.active++
			n.join(cl, cl.active-1)
		}
		n.schedulePopulation(cl)
	}
}

func (n *Network) scheduleArrival(cl *client) {
	at, row, ok := cl.process.Next()
	if !ok {
		return
	}
	cl.row = int32(row)
	n.eng.ScheduleArrival(max(at, n.eng.Now()), cl.at.rank, 0, cl.source)
}

// arrive sends the next request of an open client.
func (n *Network) arrive(f uint32) {
	cl := n.insts[n.frames[f].inst].at.client
	if cl.surge != nil && f != cl.source {
		n.arriveFurther(cl)
		return
	}
	row := cl.row
	n.scheduleArrival(cl)
	if cl.spec.Session != nil {
		n.startSession(cl, sim.Mix(cl.seed, cl.begun))
		cl.begun++
		return
	}
	seed := sim.Mix(cl.seed, cl.number)
	cl.number++
	n.sendNew(cl, n.begin(cl, seed, seed, row))
}

// sendNew sends a request that belongs to no user or session.
func (n *Network) sendNew(cl *client, r uint32) {
	if cl.direct {
		n.resume(n.sendDirect(cl, r))
		return
	}
	n.resume(n.send(n.newRoot(cl, r, isRoot)))
}

// newRoot makes the frame that a request is tried from.
func (n *Network) newRoot(cl *client, r uint32, flags uint8) uint32 {
	root, fr, c := n.newFrame(cl.at.first, cl.at.entries[0].pc, none)
	q := &n.reqs[r]
	fr.flags, fr.req, fr.op = flags, r, cl.ops[q.op]
	c.seed = q.seed
	if n.tracer != nil {
		n.tracer.rootOpens(n, root)
	}
	return root
}

// begin makes a request that is due now, of the owner with that seed: itself,
// a user or a session. It is held by whoever tries it.
func (n *Network) begin(cl *client, seed, owner uint64, row int32) uint32 {
	now := n.eng.Now()
	r := n.newRequest()
	q := &n.reqs[r]
	// Field by field: a literal would be built on the stack and copied, and
	// the copy would wait for the stores.
	q.seed, q.due, q.key, q.backoff = seed, now, 0, 0
	q.client, q.row, q.op, q.refs = cl.index, row, 0, 1
	q.window, q.counted, q.cancel, q.tally = 0, n.measuring, cl.spec.Cancel, 0
	n.requests++
	switch {
	case cl.rowOps != nil:
		q.op = uint32(cl.rowOps[row])
	case len(cl.ops) > 1:
		s := sim.Keyed(sim.Mix(seed, purposeOp))
		q.op = uint32(cl.weights.pick(&s))
	}
	switch {
	case cl.keys != nil:
		q.key = cl.keys[row]
	case cl.spec.Keys != nil:
		n.scratch = sim.Keyed(sim.Mix(seed, purposeKey))
		q.key = uint64(cl.spec.Keys.Sample(&n.scratch))
	}
	if n.sourced {
		q.source = n.sourceOf(cl, owner, row)
	}
	if n.owned {
		n.own(r, seed, owner)
	}
	if q.counted {
		n.outstanding++
		cl.stats.Ops[q.op].Offered++
		q.window = uint16(n.row)
		if seed&cl.following.mask == 0 {
			n.openTally(q)
		}
		cl.stats.Series[n.row].Offered++
		if t := cl.stats.Timeline; t != nil {
			t.offered(now, q.op)
		}
	}
	if n.tracer != nil {
		n.tracer.requestBegins(n, r)
	}
	return r
}

// tried counts an attempt of a request.
func (s *ClientStats) tried(q *request) {
	s.Ops[q.op].Attempts++
	if t := s.Timeline; t != nil {
		t.tried(q.due)
	}
}

// sourceOf is the address that a request comes from.
func (n *Network) sourceOf(cl *client, owner uint64, row int32) uint64 {
	switch {
	case cl.sources != nil:
		return cl.sources[row]
	case cl.spec.Sources != nil:
		n.scratch = sim.Keyed(sim.Mix(owner, purposeSource))
		return uint64(cl.spec.Sources.Sample(&n.scratch))
	}
	return sim.Mix(owner, purposeSource)
}

// sendDirect makes the only attempt of a request that no time-out or retry
// watches over: there is nothing to keep a frame for.
func (n *Network) sendDirect(cl *client, r uint32) uint32 {
	in := cl.attempt
	q := &n.reqs[r]
	if q.counted {
		cl.stats.tried(q)
	}
	callee := in.callee
	if in.forward {
		callee = cl.ops[q.op]
	}
	inst, pc := n.destination(in, callee)
	g := n.visit(none, r, inst, pc, callee, sim.MixHashed(q.seed, in.hashed))
	n.unref(r)
	return g
}

// rootEnded ends a request that was tried from a frame of its own.
func (n *Network) rootEnded(root uint32, status Status) {
	n.requestEnded(n.frames[root].req, status)
	if n.frames[root].flags&isUser == 0 {
		n.release(root)
		return
	}
	cl := &n.clients[n.reqs[n.frames[root].req].client]
	n.unref(n.frames[root].req)
	n.frames[root].req = none
	n.cold[root].gen++
	if cl.spec.Session != nil {
		n.sessionGoesOn(cl, root)
		return
	}
	n.think(cl, root)
}

// requestEnded records how a request ended.
func (n *Network) requestEnded(r uint32, status Status) {
	now := n.eng.Now()
	q := &n.reqs[r]
	cl := &n.clients[q.client]
	o := &cl.stats.Ops[q.op]
	if status == OK && n.measuring {
		o.Answered++
		cl.stats.Series[n.row].Answered++
		if t := cl.stats.Timeline; t != nil {
			t.answered(now, q.op)
		}
	}
	if n.pilot != nil && status == OK {
		n.pilot[cl.index].Add(int64(now), float64(now-q.due))
	}
	if q.counted {
		n.outstanding--
		if n.tracer != nil {
			n.tracer.requestEnds(n, r, status)
		}
		n.count(cl, o, q, status, now)
		q.counted = false // what is still done for it is done for nobody
	}
}

func (n *Network) count(cl *client, o *OpStats, q *request, status Status, now sim.Time) {
	if q.tally != 0 {
		n.closeTally(cl, q, status, now-q.due)
	}
	if n.choosers != nil {
		n.choosers[cl.index].ended(q, status, now-q.due)
	}
	if t := cl.stats.Timeline; t != nil {
		t.ended(q.due, q.op, status, now-q.due)
	}
	if status != OK {
		n.blame(q.due)
		o.Errors[status-1]++
		if n.measuring {
			cl.stats.Series[n.row].Errors++
		}
		return
	}
	latency := now - q.due
	o.OK++
	if len(cl.ops) > 1 { // else the series has it all
		o.Latency.Record(int64(latency))
	}
	for i, limit := range cl.limits {
		if latency <= limit {
			o.Within[i]++
		}
	}
	if q.backoff > 0 {
		o.Backoff.Add(uint64(q.backoff))
	}
	cl.stats.Series[q.window].Latency.Record(int64(latency))
}

// join adds the closed client's user of that number.
func (n *Network) join(cl *client, number int) {
	for number >= len(cl.users) {
		cl.users = append(cl.users, user{})
	}
	if cl.users[number].alive {
		return // has not got round to leaving
	}
	cl.users[number].alive = true
	f, fr, c := n.newFrame(cl.at.first, 0, none)
	fr.flags, c.limit = isRoot|isUser, uint32(number)
	n.think(cl, f)
}

// think lets the user of frame f think before the next request.
func (n *Network) think(cl *client, f uint32) {
	number := n.cold[f].limit
	u := &cl.users[number]
	var d sim.Time
	if law := cl.spec.Think; law != nil {
		n.scratch = sim.Keyed(sim.Mix(sim.Mix(sim.Mix(cl.seed, uint64(number)), u.sent), purposeThink))
		d = sim.FromNanoseconds(law.Sample(&n.scratch))
	}
	n.waitToThink(cl, f, d)
}

// waitToThink lets the owner of frame f send its next request after d.
func (n *Network) waitToThink(cl *client, f uint32, d sim.Time) {
	n.frames[f].state = thinking
	n.eng.ScheduleArrival(n.eng.Now()+d, cl.at.rank, uint64(n.cold[f].limit), f)
}

// thought sends the request of a user who has thought, or lets one go of
// whom there are too many.
func (n *Network) thought(f uint32) {
	cl := n.insts[n.frames[f].inst].at.client
	if cl.spec.Session != nil {
		n.sessionSends(cl, f)
		return
	}
	number := n.cold[f].limit
	u := &cl.users[number]
	if cl.isTooMany(number) {
		u.alive = false
		n.release(f)
		return
	}
	owner := sim.Mix(cl.seed, uint64(number))
	seed := sim.Mix(owner, u.sent)
	u.sent++
	n.sendAgain(cl, f, seed, owner)
}

// sendAgain sends the next request from the frame of a user or a session.
func (n *Network) sendAgain(cl *client, f uint32, seed, owner uint64) {
	r := n.begin(cl, seed, owner, -1)
	fr, c := &n.frames[f], &n.cold[f]
	fr.req, fr.op, fr.pc = r, cl.ops[n.reqs[r].op], cl.at.entries[0].pc
	c.seed, c.count, c.child = seed, 0, none
	if n.tracer != nil {
		n.tracer.rootOpens(n, f)
	}
	n.resume(n.send(f))
}

func (n *Network) schedulePopulation(cl *client) {
	at, delta, ok := cl.people.Next()
	if !ok {
		return
	}
	n.cold[cl.source].limit = uint32(int32(delta))
	n.eng.Schedule(max(at, n.eng.Now()), sim.Timer, cl.at.rank, cl.source)
}

// peopleChange lets users of a closed client come or go.
func (n *Network) peopleChange(f uint32) {
	cl := n.insts[n.frames[f].inst].at.client
	delta := int(int32(n.cold[f].limit))
	from := cl.active
	cl.active += delta
	for number := from; number < cl.active; number++ {
		n.join(cl, number)
	}
	if cl.surge != nil {
		n.crowd(cl)
	}
	n.schedulePopulation(cl)
}
