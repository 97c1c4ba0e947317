package node

import (
	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/evict"
)

func (m *maker) publish(s *Step, i, depth int) {
	if i+1 == m.servers {
		s.Kind, s.Time = StepCPU, m.law(1)
		return
	}
	s.Kind, s.Target, s.Policy = StepPublish, Target{Node: m.queues + m.below(2)}, m.policy()
	if m.chance(30) {
		s.Key.Law = dist.Exponential{MeanValue: 5}
	}
	m.fallback(s, i, depth)
}

// queue makes a queue. Messages do not come back for ever: consumers may be
// too slow for any time-out, or always fail.
func (m *maker) queue(name string, dead int) Node {
	q := &QueueSpec{
		Consumer: Target{Node: m.servers - 1, Op: "request"}, Prefetch: 1 + m.below(6), MaxDeliveries: 1 + m.below(5), DeadLetter: None,
		Capacity: None, Volatile: m.chance(40),
	}
	if m.chance(20) {
		q.Prefetch = None
	}
	if m.lossy || m.chance(50) {
		q.Visibility = m.oneOf(3, 20, 100)
	}
	if m.chance(50) {
		q.DeadLetter = dead
	}
	if m.chance(60) {
		q.Capacity, q.WhenFull = 1+m.below(10), WhenFull(m.below(3))
	}
	if m.chance(40) {
		q.Partitions = 1 + m.below(7)
	}
	if m.chance(60) {
		q.Latency = m.law(1)
	}
	return Node{Name: name, Kind: Queue, Instances: 1, Zones: m.zones(), Queue: q}
}

func (m *maker) eviction() string {
	policy := evict.Table[m.below(len(evict.Table))]
	if policy.Samples != "" {
		return policy.Name + " 5"
	}
	return policy.Name
}

// keeper is a cache, with an origin or without.
func (m *maker) keeper(name string, origin *Target) Node {
	s := &CacheSpec{HitRatio: 0.5, Latency: m.law(0.3), Origin: origin, Coalesce: m.chance(60)}
	n := Node{Name: name, Kind: Cache, Instances: 1 + m.below(3), Zones: m.zones(), Cache: s}
	if m.lossy {
		s.Timeout = 30 * msec
	}
	if m.chance(30) {
		s.Cores = 1 + m.below(2)
	}
	if m.chance(20) {
		return n
	}
	s.Policy = m.eviction()
	switch m.below(3) {
	case 0:
		s.Capacity = 1 + uint64(m.below(12))
	case 1:
		s.Capacity, s.Size = 1+uint64(m.below(3000)), dist.Exponential{MeanValue: 300}
	}
	if s.Capacity == 0 || m.chance(50) {
		s.TTL = m.oneOf(1, 20, 300)
	}
	if m.chance(50) {
		s.Warm = &Warmth{Items: []uint64{3, 1}, Below: 20, Ops: []string{"request"}}
	}
	return n
}

// cdn is a CDN, with a shield that is used or not.
func (m *maker) cdn() []Node {
	shield := CDNSpec{Origin: Target{Node: m.servers}, Latency: m.law(0.3), HitRatio: 0.5, Coalesce: m.chance(60), Shield: None, Shields: m.edge}
	if m.lossy {
		shield.Timeout = 30 * msec
	}
	if m.chance(80) {
		shield.Cacheable = []Lifetime{{"other", msec}, {"request", m.oneOf(1, 20, 300)}}
		shield.Policy = m.eviction()
		switch m.below(3) {
		case 0:
			shield.Capacity = 1 + uint64(m.below(12))
		case 1:
			shield.Capacity, shield.Size = 1+uint64(m.below(3000)), dist.Exponential{MeanValue: 300}
		}
		if m.chance(50) {
			shield.Warm = &Warmth{Below: 20, Ops: []string{"request"}}
		}
	}
	edge := shield
	edge.Shields, edge.EgressPrice, edge.Latency = None, float64(m.below(2)), m.law(1)
	if m.chance(60) {
		edge.Shield, edge.Origin = m.edge+1, Target{Node: m.edge + 1}
	}
	return []Node{
		{Name: "zedge", Kind: CDN, Instances: 1 + m.below(4), CDN: &edge},
		{Name: "zedge.shield", Kind: CDN, Instances: 1, CDN: &shield},
	}
}
