package node

import (
	"slices"

	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
)

// steer looks at who leads the shards of some instances with which something
// has happened, because of fault cause (None: of none of the file). Of instances
// that are back, others may be back at the same instant: who is promoted is
// chosen when all of them are.
func (n *Network) steer(insts []uint32, cause int, back bool) {
	for _, i := range insts {
		if d := n.insts[i].at.database; d != nil && d.helm != nil {
			n.steerShard(d, (i-d.first)/d.per, cause, back)
		}
	}
}

// numberOf is the number of a fault of the file, None if it is none.
func (n *Network) numberOf(f *fault.Fault) int {
	for k := range n.spec.Faults {
		if &n.spec.Faults[k] == f {
			return k
		}
	}
	return None
}

// steerShard finds out who can lead a shard, and lets what is due happen: a
// primary that has been gone for too long loses its office, a replica is
// promoted, unless that is to be later at this instant, and of two that meet
// again one steps down.
func (n *Network) steerShard(d *database, shard uint32, cause int, later bool) {
	s := &d.helm.shards[shard]
	if d.helm.Promotes {
		n.unite(d, shard)
	}
	n.lookOut(d, shard)
	n.noteOutage(d, shard, cause)
	if !d.helm.strict() {
		return
	}
	n.failWaiting(d, shard)
	if !d.helm.Promotes {
		return
	}
	n.depose(d, shard)
	for p := n.candidate(d, shard); p != none && !later; p = n.candidate(d, shard) {
		n.promote(d, shard, p)
		n.lookOut(d, shard)
	}
	n.noteOutage(d, shard, cause)
	n.armHelm(d, shard, s)
}

// lookOut notes which instances of a shard have nobody to follow.
func (n *Network) lookOut(d *database, shard uint32) {
	s, first, now := &d.helm.shards[shard], d.first+shard*d.per, n.eng.Now()
	calm := !slices.ContainsFunc(s.adrift, func(t sim.Time) bool { return t != sim.Never })
	for k := range s.adrift {
		i := first + uint32(k)
		follows := slices.ContainsFunc(s.leaders, func(l uint32) bool { return n.well(d, l) && (l == i || !n.cut(l, i)) })
		switch {
		case follows:
			s.adrift[k] = sim.Never
			if s.out[k] && n.insts[i].state == fault.Up {
				s.out[k] = false
				n.sendUnsent(i)
			}
		case s.adrift[k] == sim.Never:
			s.adrift[k] = now
			if calm {
				calm = false
				n.drawHelm(d, shard)
			}
		}
	}
}

// drawHelm draws how long it takes this time to notice and to promote.
func (n *Network) drawHelm(d *database, shard uint32) {
	h, s := d.helm, &d.helm.shards[shard]
	n.scratch = sim.Keyed(sim.Mix(sim.Mix(h.seed, uint64(shard)), s.times))
	s.times++
	s.detect, s.promote = n.drawTime(h.Detect), n.drawTime(h.Promote)
}

func (n *Network) drawTime(law dist.Law) sim.Time {
	if law == nil {
		return 0
	}
	return sim.FromNanoseconds(law.Sample(&n.scratch))
}

// depose takes the office from leaders that have not been well for so long that
// it has been noticed. There is no way back: who returns later is a replica.
func (n *Network) depose(d *database, shard uint32) {
	s, first, now := &d.helm.shards[shard], d.first+shard*d.per, n.eng.Now()
	for _, since := range s.adrift {
		if since != sim.Never && since+s.detect <= now {
			n.noteDetected(s)
		}
	}
	for k := 0; k < len(s.leaders); {
		l := s.leaders[k]
		since := s.adrift[l-first]
		if n.well(d, l) || since == sim.Never || since+s.detect > now {
			k++
			continue
		}
		s.leaders, s.last, s.out[l-first] = slices.Delete(s.leaders, k, k+1), l, true
		n.dropIdle(l)
		n.failWaiting(d, shard)
		n.leaderMissed(l)
		n.takesOffice(l)
	}
}

// candidate is the instance of a shard that is to be promoted now, none if none
// is: of those that have been without a primary for long enough the one that
// lacks the fewest acknowledged writes, the first among equals; that is who led
// last, if it is back.
func (n *Network) candidate(d *database, shard uint32) uint32 {
	s, first, now := &d.helm.shards[shard], d.first+shard*d.per, n.eng.Now()
	if d.helm.Consistent && len(s.leaders) > 0 {
		return none
	}
	best, fewest := uint32(none), 0
	for k, since := range s.adrift {
		i := first + uint32(k)
		if since == sim.Never || since+s.detect+s.promote > now || d.leads(i) || !n.well(d, i) {
			continue
		}
		if lacks := n.lacking(d, shard, i); best == none || lacks < fewest {
			best, fewest = i, lacks
		}
	}
	return best
}

// promote makes an instance a primary of its shard.
func (n *Network) promote(d *database, shard, p uint32) {
	s, h := &d.helm.shards[shard], d.helm
	again := len(s.leaders) == 0 && p == s.last
	lost := n.takeOver(d, shard, p)
	s.leaders = append(s.leaders, p)
	n.takesOffice(p)
	if s.cause != None && s.closed != sim.Never {
		n.snap.Faults[s.cause].Lost += lost
	}
	if n.measuring {
		h.stats.Lost += lost
		if !again {
			h.stats.Failovers++
		}
	}
}

// noteOutage notes since when nobody takes the writes of a shard, and for how
// long nobody has done. Of two sides of a partition each counts that may have a
// primary of its own.
func (n *Network) noteOutage(d *database, shard uint32, cause int) {
	s, first := &d.helm.shards[shard], d.first+shard*d.per
	open := slices.ContainsFunc(s.leaders, func(l uint32) bool { return n.well(d, l) })
	if d.helm.Promotes && !d.helm.Consistent {
		for k, since := range s.adrift {
			open = open && (since == sim.Never || n.insts[first+uint32(k)].state != fault.Up)
		}
	}
	switch now := n.eng.Now(); {
	case !open && s.closed == sim.Never:
		s.closed, s.cause = now, cause
		if cause != None {
			n.snap.Faults[cause].Closed++
		}
	case open && s.closed != sim.Never:
		if s.cause != None {
			one := &n.snap.Faults[s.cause]
			one.Closed--
			one.Outages++
			one.Outage += now - s.closed
			one.Longest = max(one.Longest, now-s.closed)
		}
		s.closed, s.cause = sim.Never, None
		n.recovered()
	}
}

// noteDetected notes that the monitor has noticed the fault that a shard
// suffers from.
func (n *Network) noteDetected(s *shardHelm) {
	if s.cause == None {
		return
	}
	if one := &n.snap.Faults[s.cause]; one.Detected == sim.Never {
		one.Detected = n.eng.Now()
	}
}

// armHelm sets the clock for what is due next in a shard.
func (n *Network) armHelm(d *database, shard uint32, s *shardHelm) {
	next, now := sim.Never, n.eng.Now()
	if n.candidate(d, shard) != none {
		next = now
	}
	for _, since := range s.adrift {
		if since == sim.Never {
			continue
		}
		for _, at := range []sim.Time{since + s.detect, since + s.detect + s.promote} {
			if at > now && (next == sim.Never || at < next) {
				next = at
			}
		}
	}
	if s.waiting != none {
		n.eng.Disarm(s.waiting)
	}
	switch {
	case next != sim.Never && s.waiting == none:
		f, fr, c := n.newFrame(d.first+shard*d.per, 0, none)
		fr.state, c.count, s.waiting = steering, shard, f
	case next == sim.Never && s.waiting != none:
		n.release(s.waiting)
		s.waiting = none
	}
	if next != sim.Never {
		n.eng.Arm(next, sim.Timer, n.rankOf(s.waiting), s.waiting)
	}
}

// helmDue lets happen what is due in the shard of frame f.
func (n *Network) helmDue(f uint32) {
	n.steerShard(n.insts[n.frames[f].inst].at.database, n.cold[f].count, None, false)
}
