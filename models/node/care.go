package node

import "github.com/capsim/capsim/sim"

// care is what a call has beyond a time-out and retries.
type care struct {
	deadline sim.Time // of a client's request; 0: none
	hedge    int32    // lane of the time until a second copy; -1: none
	copyID   uint64   // of the second copy's draws
	deposit  int64    // of the retry budget for each first attempt, in billionths; 0: no budget
	breaker  *Breaker
	guards   uint32 // of the first instance, in Network.guards
	first    uint32 // that instance
}

// guard is the memory of one caller's call: an instance, and the step.
type guard struct {
	tokens int64 // of the retry budget, in billionths

	state   breakerState
	until   sim.Time // open
	probe   uint32   // the frame whose attempt was let through
	inRow   uint32   // errors
	slice   int64    // number of the newest part of the window
	results [windowParts]results
}

// results are the endings within a part of a breaker's window.
type results struct{ all, bad uint32 }

// earliest is before any run begins.
const earliest = -sim.Never / 2

// windowParts is how many parts a breaker's window moves on by.
const windowParts = 10

type breakerState uint8

const (
	closed breakerState = iota
	open
	halfOpen
)

// oneToken is what a retry takes from its budget, mostTokens what it keeps.
const (
	oneToken   = 1_000_000_000
	mostTokens = 10 * oneToken
)

func (n *Network) guard(f uint32, in *instr) *guard {
	return &n.guards[in.care.guards+n.frames[f].inst-in.care.first]
}

// sendCarefully makes an attempt if the breaker lets it.
func (n *Network) sendCarefully(f uint32, in *instr) uint32 {
	c, care := &n.cold[f], in.care
	if care.breaker != nil && !n.guard(f, in).lets(n.eng.Now(), f) {
		n.frames[f].state = forAnswer
		return n.callAnswered(f, in, BreakerOpen)
	}
	if c.count == 0 {
		n.earnRetries(f, in)
	}
	seed := sim.MixHashed(c.seed, in.attempt(c.count))
	if care.hedge < 0 {
		return n.dispatch(f, in, seed)
	}
	n.frames[f].state = forCopies
	c.child = n.newJoin()
	n.eng.ArmLane(int(care.hedge), f)
	return n.sendCopy(f, in, seed)
}

// sendCopy sends one copy of a hedged attempt, from a frame of its own.
func (n *Network) sendCopy(f uint32, in *instr, seed uint64) uint32 {
	b, fr, c := n.newFrame(n.frames[f].inst, n.frames[f].pc, n.frames[f].req)

	fr.flags, fr.op, fr.parent = isBranch|isCopy|n.frames[f].flags&isDetached, n.frames[f].op, f
	c.seed, c.parentGen = n.cold[f].seed, n.cold[f].gen
	n.inherit(b, f)
	n.rare[b].choice = none
	j := &n.joins[n.cold[f].child]
	j.kids = append(j.kids, b)
	return n.dispatch(b, in, seed)
}

// hedge sends the second copy of an attempt that has had no answer.
func (n *Network) hedge(f uint32) uint32 {
	in := &n.code[n.frames[f].pc]
	c := &n.cold[f]
	return n.sendCopy(f, in, sim.Mix(sim.MixHashed(c.seed, in.attempt(c.count)), in.care.copyID))
}

// copyAnswered ends a copy. The first good answer is that of the attempt; a
// bad one is if no other copy is out.
func (n *Network) copyAnswered(b uint32, status Status) uint32 {
	f := n.frames[b].parent
	hit := n.frames[b].flags & tookHit
	waits := n.cold[f].gen == n.cold[b].parentGen
	cancel := n.reqs[n.frames[b].req].cancel
	if n.flights != nil && waits && status == OK {
		n.handOver(b, f)
	}
	n.release(b)
	if !waits {
		return none
	}
	j := &n.joins[n.cold[f].child]
	j.drop(b)
	if status != OK && len(j.kids) > 0 {
		return none
	}
	n.abandonCopies(f, cancel)
	n.frames[f].flags |= hit
	n.cold[f].gen++ // nobody waits for the other copy any more
	return n.callAnswered(f, &n.code[n.frames[f].pc], status)
}

// elsewhere returns another instance than the one that the first copy of a
// hedged attempt went to, if there is one.
func (n *Network) elsewhere(b uint32, in *instr, inst uint32) uint32 {
	first := n.sibling(b)
	if first == none || in.target.count == 1 || in.target.placer != nil || in.target.shared != nil || n.cold[first].count != inst {
		return inst
	}
	other := inst - in.target.first + 1
	if other == in.target.count {
		other = 0
	}
	return in.target.first + other
}

// sibling returns the other copy of a hedged attempt, none if there is none.
func (n *Network) sibling(b uint32) uint32 {
	f := n.frames[b].parent
	if n.cold[f].gen != n.cold[b].parentGen || n.cold[f].child == none {
		return none
	}
	for _, other := range n.joins[n.cold[f].child].kids {
		if other != b {
			return other
		}
	}
	return none
}

// armTimeout arms the time-out of an attempt, or the deadline if that comes
// first.
func (n *Network) armTimeout(f uint32, in *instr) {
	if in.care != nil && in.care.deadline > 0 {
		until := n.deadline(f, in)
		if in.timeout < 0 || until < n.eng.Now()+in.timeoutAfter {
			n.eng.Arm(max(until, n.eng.Now()), sim.Timer, n.rankOf(f), f)
			return
		}
	}
	if in.timeout >= 0 {
		n.eng.ArmLane(int(in.timeout), f)
	}
}

// deadline is when the request of f must have been answered.
func (n *Network) deadline(f uint32, in *instr) sim.Time {
	due := n.reqs[n.frames[f].req].due
	if in.care.deadline > sim.Never-1-max(due, 0) {
		return sim.Never - 1
	}
	return due + in.care.deadline
}

// mayRetry reports whether another attempt is allowed by the deadline and
// the budget, and takes it from the budget.
func (n *Network) mayRetry(f uint32, in *instr) bool {
	if in.care == nil {
		return true
	}
	if in.care.deadline > 0 && n.eng.Now() >= n.deadline(f, in) {
		return false
	}
	if in.care.deposit == 0 {
		return true
	}
	g := n.guard(f, in)
	if g.tokens < oneToken {
		return false
	}
	g.tokens -= oneToken
	return true
}

// earnRetries lets a first attempt add to the budget of retries.
func (n *Network) earnRetries(f uint32, in *instr) {
	if in.care.deposit > 0 {
		g := n.guard(f, in)
		g.tokens = min(g.tokens+in.care.deposit, mostTokens)
	}
}

// tell tells the breaker how an attempt ended.
func (n *Network) tell(f uint32, in *instr, status Status) {
	if in.care.breaker != nil && status != BreakerOpen {
		n.guard(f, in).took(in.care.breaker, n.eng.Now(), f, status != OK)
	}
}

// lets reports whether the breaker lets an attempt of f through.
func (g *guard) lets(now sim.Time, f uint32) bool {
	switch {
	case g.state == closed:
		return true
	case g.state == open && now >= g.until:
		g.state, g.probe = halfOpen, f
		return true
	}
	return false
}

// took learns how an attempt of f ended. Attempts that were begun before the
// breaker opened tell it nothing new.
func (g *guard) took(b *Breaker, now sim.Time, f uint32, bad bool) {
	switch g.state {
	case open:
	case halfOpen:
		if f != g.probe {
			return
		}
		if bad {
			g.trip(b, now)
		} else {
			*g = guard{tokens: g.tokens, probe: none}
		}
	case closed:
		if g.count(b, now, bad) {
			g.trip(b, now)
		}
	}
}

func (g *guard) trip(b *Breaker, now sim.Time) {
	*g = guard{tokens: g.tokens, state: open, until: now + b.Open, probe: none}
}

// lost says that the attempt of f was given up before it ended: another one
// may be let through instead.
func (g *guard) lost(now sim.Time, f uint32) {
	if g.state == halfOpen && g.probe == f {
		g.state, g.until, g.probe = open, now, none
	}
}

// count counts an ending, and reports whether the breaker is to open.
func (g *guard) count(b *Breaker, now sim.Time, bad bool) bool {
	if b.Consecutive > 0 {
		g.inRow++
		if !bad {
			g.inRow = 0
		}
		return g.inRow >= uint32(b.Consecutive)
	}
	slice := int64((now - earliest) / max(1, b.Window/windowParts))
	for steps := min(slice-g.slice, windowParts); steps > 0; steps-- {
		g.results[(slice-steps+1)%windowParts] = results{}
	}
	g.slice = slice
	r := &g.results[slice%windowParts]
	r.all++
	if bad {
		r.bad++
	}
	all, errors := uint32(0), uint32(0)
	for i := range g.results {
		all += g.results[i].all
		errors += g.results[i].bad
	}
	return all >= uint32(b.Least) && float64(errors) >= float64(b.Ratio*float64(all))
}
