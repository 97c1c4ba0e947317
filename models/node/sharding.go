package node

import (
	"math"
	"math/bits"

	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/balance"
	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/sim"
)

// sharding is which shard of a database has a key.
type sharding struct {
	by     ShardBy
	shards uint32
	keys   uint64         // of ByRange
	ring   *balance.Group // of ByConsistentHash
}

func newSharding(name string, d *DatabaseSpec) sharding {
	s := sharding{by: d.By, shards: uint32(d.Shards), keys: d.Keys}
	if d.By == ByConsistentHash {
		options := balance.Options{Instances: d.Shards}
		for k := range d.Shards {
			options.Names = append(options.Names, sim.Mix(sim.HashName(name, "shard"), uint64(k)))
		}
		s.ring = balance.NewGroup(string(ByConsistentHash), options)
	}
	return s
}

// saltOfShards keeps the hash of a key here from being its hash elsewhere.
var saltOfShards = sim.HashName("database", "shard")

// of is the shard that has a key.
func (s *sharding) of(key uint64) uint32 {
	m := uint64(s.shards)
	switch s.by {
	case ByModulo:
		return uint32(key % m)
	case ByRange:
		high, low := bits.Mul64(min(key, s.keys-1), m)
		shard, _ := bits.Div64(high, low, s.keys)
		return uint32(shard)
	case ByConsistentHash:
		return uint32(s.ring.Pick(balance.Request{Hash: sim.Mix(key, saltOfShards)}, balance.Nobody, nil))
	}
	return uint32(sim.Mix(key, saltOfShards) % m)
}

// mostKeysCounted is how many keys are looked at one by one; those beyond
// them, the least popular, are taken to be spread evenly.
const mostKeysCounted = 1 << 20

// share adds to each shard the share of requests that it gets under a law of
// keys.
func (s *sharding) share(law dist.Law) []float64 {
	out := make([]float64, s.shards)
	if s.by == ByRange {
		below := 0.0
		for k := range out {
			first := math.Ceil(float64(k+1) * float64(s.keys) / float64(s.shards)) // of the next shard
			upTo := law.CDF(first - 1)
			out[k], below = upTo-below, upTo
		}
		return out
	}
	shareKeys(law, s.of, out)
	return out
}

// shareKeys adds to each part of what is divided by keys the share that it
// gets under a law of theirs.
func shareKeys(law dist.Law, of func(key uint64) uint32, out []float64) {
	n := min(dist.KeyCount(law), mostKeysCounted)
	left := 1.0
	for key := range n {
		p := dist.KeyShare(law, key)
		out[of(key)] += p
		left -= p
	}
	for k := range out {
		out[k] += max(0, left) / float64(len(out))
	}
}

// shardShares returns which share of the requests for a database each shard
// gets; false if that is not known, because it is different for different
// callers, or in a trace.
func (s *Spec) shardShares(at int) (shares []float64, known bool) {
	n := &s.Nodes[at]
	sharding := newSharding(n.Name, n.Database)
	return s.sharesOf(at, n.Database.Shards, n.Database.BySource, sharding.share)
}

// sharesOf returns which share of all requests each part gets of what is
// divided by items, or by sources, if share says that under a law of them.
func (s *Spec) sharesOf(at, parts int, bySource bool, share func(law dist.Law) []float64) (shares []float64, known bool) {
	even := evenWeights(parts)
	for k := range even {
		even[k] /= float64(parts)
	}
	if parts == 1 {
		return even, true
	}
	add := func(law dist.Law) bool {
		one := even
		if law != nil {
			one = share(law)
		}
		if shares == nil {
			shares = one
		}
		for k := range one {
			if math.Abs(one[k]-shares[k]) > 1e-9 {
				return false
			}
		}
		return true
	}
	callers := s.Callers(at)
	for i := range s.Nodes {
		if c := s.Nodes[i].Client; c != nil && callers[i] {
			law := c.Keys
			if law == nil {
				law = dist.Constant{} // they are all about item 0
			}
			p, traced := c.Open.(arrival.TracePlan)
			unknown := traced && p.Trace.Keys != nil
			if bySource {
				law, unknown = c.Sources, traced && p.Trace.Sources != nil
			}
			if unknown || !add(law) {
				return even, false
			}
		}
		if v := s.Nodes[i].Server; v != nil && !bySource {
			alike := true
			for _, op := range v.Ops {
				EachStep(op.Steps, func(step *Step) {
					if step.Calls() && callers[step.Target.Node] && (step.Key.Source || step.Key.Law != nil && !add(step.Key.Law)) {
						alike = false
					}
				})
			}
			if !alike {
				return even, false
			}
		}
	}
	if shares == nil {
		return even, true // nobody asks it
	}
	return shares, true
}

// Hottest is the instance of a database, or of a cache with cores, that is
// asked for most, and what is asked of it over what it has.
type Hottest struct {
	Instance           int // by its cores
	CPU, Disk, Workers float64
}

// hottest finds the instance of a database that is asked for most, at the
// rates of visits; held is how long a visit to each row holds a worker.
func (t *traffic) hottest(at int, rates []float64, held func(row int) float64, l *Load) {
	n := &t.spec.Nodes[at]
	shares, known := t.spec.shardShares(at)
	l.Unsure = l.Unsure || !known
	cpu, disk, workers := make([]float64, n.Instances), make([]float64, n.Instances), make([]float64, n.Instances)
	for k := range n.Server.Ops {
		row := t.first[at] + k
		work, on, hold := float64(rates[row]*t.work[row]), rates[row]*t.disk[row], rates[row]*held(row)
		if n.Database.Access[k].Route == ReadNearest && len(t.spec.Zones) > 1 && t.spec.Network != nil {
			l.Unsure = true // it depends on where the callers are
		}
		if n.Database.Access[k].Route == ReadOwn && n.Database.replicates() {
			l.Unsure = true // some go to the primary
		}
		applying := float64(rates[row] * n.applying(k))
		work -= applying
		n.Database.spread(k, shares, func(instance int, share float64) {
			for r := 0; applying > 0 && r < n.Database.Replicas; r++ { // it is at the primary
				cpu[instance+1+r] += float64(applying * share / float64(n.Database.Replicas))
			}
			cpu[instance] += float64(work * share)
			disk[instance] += float64(on * share)
			workers[instance] += float64(hold * share)
		})
	}
	h := &Hottest{}
	for i := range cpu {
		if cpu[i] > cpu[h.Instance] {
			h.Instance = i
		}
		h.CPU = max(h.CPU, cpu[i]/float64(n.Server.Cores))
		h.Disk = max(h.Disk, disk[i]/float64(n.Server.Disk.Channels()))
		if n.Server.Concurrency > 0 {
			h.Workers = max(h.Workers, workers[i]/float64(n.Server.Concurrency))
		}
	}
	l.Hottest = h
}

// spread calls with the share of the visits to operation k that each instance
// gets, if each shard gets its share of the keys.
func (d *DatabaseSpec) spread(k int, shares []float64, with func(instance int, share float64)) {
	a, per := d.Access[k], d.PerShard()
	m := float64(d.Shards)
	for shard, share := range shares {
		switch a.Kind {
		case Scatter:
			share = 1 / m
		case Transaction, Commit:
			if a.Kind == Commit {
				a.Shards = d.partners(k)
			}
			parts := float64(a.Shards)
			if d.Shards > 1 {
				share += float64((1 - share) * (parts - 1) / (m - 1))
			}
			share /= parts
		}
		first, number := 0, 1
		switch {
		case d.Replicas == 0:
		case a.Route.fromReplicas():
			first, number = 1, d.Replicas
		case a.Route == ReadNearest:
			number = per
		}
		for i := range number {
			with(shard*per+first+i, share/float64(number))
		}
	}
}

// partners is how many shards take part in the transaction whose second phase
// is operation k.
func (d *DatabaseSpec) partners(k int) int {
	for _, a := range d.Access {
		if a.Kind == Transaction && a.Commit == k {
			return a.Shards
		}
	}
	return 1
}
