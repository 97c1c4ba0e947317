package node

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
)

// leftover lists what is not back on the free lists, and what is not empty,
// although nothing happens any more.
func (n *Network) leftover() []string {
	var list []string
	for f := range n.frames {
		if s := n.frames[f].state; s != free && s != source && s != population && s != ticking && s != scaleDue && s != collecting && !n.clockStands(uint32(f)) && !n.pausesSteer(uint32(f)) {
			list = append(list, "a frame at "+n.spec.Nodes[n.insts[n.frames[f].inst].node].Name+" in state "+itoa(int(s)))
		}
	}
	requests, joins := 0, 0
	for r := n.freeRequest; r != none; r = n.reqs[r].refs {
		requests++
	}
	for j := n.freeJoin; j != none; j = n.joins[j].next {
		joins++
	}
	if requests != len(n.reqs) || joins != len(n.joins) {
		list = append(list, itoa(len(n.reqs)-requests)+" requests, "+itoa(len(n.joins)-joins)+" joins")
	}
	if x := n.flights; x != nil && x.used != 0 {
		list = append(list, itoa(x.used)+" flights")
	}
	for i := range n.nodes {
		nd, base := &n.nodes[i], uint64(0)
		if v := n.spec.Nodes[i].Server; v != nil {
			for k := nd.first; k < nd.first+nd.count; k++ {
				if n.insts[k].state < fault.Dead {
					base += v.MemoryBase
				}
			}
		}
		if nd.use != nil {
			for _, leaked := range nd.use.leaked {
				base += leaked
			}
		}
		if nd.inside != 0 || nd.memory != base || nd.shared != nil && nd.shared.sent() != 0 {
			list = append(list, "requests, memory or attempts at "+n.spec.Nodes[i].Name)
		}
		if q := nd.broker; q != nil {
			left := q.there + int64(q.line.queued)
			for k := range q.takers {
				left += int64(q.takers[k].held)
			}
			if left != 0 {
				list = append(list, "messages, deliveries or publishers at "+n.spec.Nodes[i].Name)
			}
		}
		if rp := nd.replication; rp != nil && (rp.records.used > 0 || rp.authors.used > 0 || rp.pending() > 0) {
			list = append(list, "writes that are not applied everywhere, of "+n.spec.Nodes[i].Name)
		}
		for k := range nd.pools {
			for _, p := range nd.pools[k].each {
				if p.busy+p.queued != 0 {
					list = append(list, "connections that are used, or waited for, at "+n.spec.Nodes[i].Name)
				}
			}
		}
	}
	list = append(list, n.unsteered()...)
	for i := range n.insts {
		in := &n.insts[i]
		left := sentBy(in)
		if in.slots != nil {
			left += in.slots.busy
		}
		for st := range in.stations() {
			left += st.busy + st.queued
			if st.turns != nil {
				left += int32(len(st.turns.bench))
			}
		}
		if left != 0 {
			list = append(list, "busy channels or attempts at "+n.spec.Nodes[in.node].Name)
		}
	}
	return list
}

// clockStands reports whether frame f is to break something that is not there
// any more, so that it never comes to it.
func (n *Network) clockStands(f uint32) bool {
	k := int(n.cold[f].count) - len(n.spec.Faults)
	return n.frames[f].state == faultDue && k >= 0 && n.faults.chance.each[k].stands && n.insts[n.frames[f].inst].at.fleet != nil
}

// pausesSteer reports whether frame f watches over a shard whose instances stand
// still for their garbage now and then, for ever.
func (n *Network) pausesSteer(f uint32) bool {
	return n.frames[f].state == steering && n.insts[n.frames[f].inst].at.collector != nil
}

// TestNothingIsLeftWhenAllTrafficHasEnded runs made-up systems, overloaded
// ones included, until nothing happens any more. The laws are checked in
// every run.
func TestNothingIsLeftWhenAllTrafficHasEnded(t *testing.T) {
	ends := [1 + Errors]uint64{}
	var cancelled, offered, tried, pooled, exhausted, leaked, paused, hits, coalesced, evicted, expired, stale, redirected, lagged uint64
	var broke, mended, noticed uint64
	var queued QueueStats
	var partings, outages, promoted uint64 // partitions, faults of more than one node, and failovers
	var happened happenings
	var scaled [2]uint64
	var deployed [3]uint64 // deploys that finished, by strategy
	var stored [3]uint64   // reads, writes, and what was rejected where connections are few
	runs, all := uint64(0), batteryOf(t, 500, 60)
	all.each(t, func(seed uint64) {
		spec := madeUp(seed)
		var prints []string
		times := 1
		if seed%5 == 0 {
			times = 2
		}
		for range times {
			runs++
			n := NewNetwork(spec, 0)
			s, err := n.Run(nil)
			require.NoError(t, err, "seed %d", seed)
			print := sim.NewFingerprint()
			s.Fold(print)
			prints = append(prints, print.String())
			n.advance(n.eng.Now() + 100*sim.Second)
			happened.count(n, s)
			for k := range spec.Faults {
				switch f := &spec.Faults[k]; {
				case f.Kind == fault.Partition:
					partings++
				case len(f.Where) > 1:
					outages++
				}
			}
			for i := range n.probers {
				if f := n.probers[i].frame; f != none {
					n.stopProber(f)
				}
			}
			n.advance(n.eng.Now() + 400*sim.Second) // a consumer that refuses rests each time
			require.Empty(t, n.leftover(), "seed %d", seed)
			for c := range s.Clients {
				for k, count := range endings(s, c) {
					ends[k] += count
				}
				offered += s.Clients[c].Ops[0].Offered
				tried += attempts(s, c)
				require.Zero(t, s.Clients[c].Ops[0].Unfinished, "seed %d", seed)
			}
			for k := range s.Faults {
				if r := s.Faults[k].Random; r != nil {
					broke, mended, noticed = broke+r.Occurrences, mended+r.Recovery.Count(), noticed+r.Detection.Count()
				}
			}
			for k := range s.Deploys {
				require.NotEqual(t, sim.Never, s.Deploys[k].Finished, "seed %d", seed)
				deployed[spec.Deploys[k].Strategy]++
			}
			for k := range s.Nodes {
				cancelled += s.Nodes[k].Cancelled
				hits, coalesced = hits+s.Nodes[k].Hits, coalesced+s.Nodes[k].Coalesced
				evicted, expired = evicted+s.Nodes[k].Evictions, expired+s.Nodes[k].Expirations
				for _, p := range s.Nodes[k].Pools {
					pooled += p.Served
				}
				if q := s.Nodes[k].Queue; q != nil {
					queued.Acknowledged += q.Acknowledged
					queued.Redelivered += q.Redelivered
					queued.DeadLettered += q.DeadLettered
					queued.Dropped += q.Dropped
					queued.Lost += q.Lost
				}
				if r := s.Nodes[k].Replication; r != nil {
					stale, redirected, lagged = stale+r.Stale, redirected+r.Redirected, lagged+r.Lag.Count()
				}
				if x := s.Nodes[k].Fleet; x != nil {
					scaled[0], scaled[1] = scaled[0]+x.Starts, scaled[1]+x.Stops
				}
				if o := s.Nodes[k].Failover; o != nil {
					promoted += o.Failovers
				}
				if x := s.Nodes[k].Exhausted; x != nil {
					exhausted += x.Kills
				}
				if u := n.nodes[k].use; u != nil {
					for _, bytes := range u.leaked {
						leaked += bytes
					}
				}
				if x := s.Nodes[k].Collector; x != nil {
					paused += x.Pauses
				}
				for _, shard := range s.Nodes[k].Shards {
					stored[0] += shard.Reads
					stored[1] += shard.Writes
				}
				if spec.Nodes[k].Database != nil && s.Nodes[k].Connections != nil {
					stored[2] += s.Nodes[k].Errors[Rejected-1]
				}
			}
		}
		require.Equal(t, prints[0], prints[len(prints)-1], "seed %d", seed)
	})
	if !all.judged {
		return
	}
	seeds, least := runs/2, runs
	assert.Greater(t, min(scaled[0], scaled[1]), seeds, "the battery has a gap: instances that come, and that go")
	for _, what := range stored {
		assert.Greater(t, what, least, "the battery has a gap: %v", stored)
	}
	for _, how := range []Status{OK, TimedOut, Rejected, Unavailable, Failed, BreakerOpen} {
		assert.Greater(t, ends[how], least, "the battery has a gap: %d", how)
	}
	assert.Greater(t, cancelled, least)
	assert.Greater(t, tried, offered)
	assert.Greater(t, pooled, least)
	assert.Greater(t, exhausted, seeds)
	assert.Greater(t, leaked, seeds)
	assert.Greater(t, paused, seeds)
	for what, count := range map[string]uint64{"hits": hits, "coalesced": coalesced, "evicted": evicted, "expired": expired} {
		assert.Greater(t, count, least, what)
	}
	for _, count := range []uint64{queued.Acknowledged, queued.Redelivered, queued.DeadLettered, queued.Dropped, queued.Lost} {
		assert.Greater(t, count, seeds/10)
	}
	assert.Greater(t, partings, seeds/2)
	assert.Greater(t, outages, seeds/3)
	assert.Greater(t, promoted, seeds/3)
	if !testing.Short() { // rare
		assert.Empty(t, happened.missing(1), "the battery has a gap")
		assert.Greater(t, stale, seeds/30)
		assert.Greater(t, redirected, seeds/30)
	}
	assert.Greater(t, lagged, least)
	assert.Greater(t, broke, least)
	assert.Greater(t, mended, least)
	assert.Greater(t, noticed, seeds/30)
	for _, count := range deployed {
		assert.Greater(t, count, seeds/5, "the battery has a gap: %v", deployed)
	}
}
