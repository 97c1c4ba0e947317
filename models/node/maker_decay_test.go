package node

import "github.com/capsim/capsim/models/dist"

// decays lets the memory of servers and databases fill up, and stops them for
// their garbage. Those with little memory are killed when it is full.
func (m *maker) decays() {
	for i := range m.spec.Nodes {
		v := m.spec.Nodes[i].Server
		if v == nil {
			continue
		}
		if v.Memory > 0 {
			v.Boot = m.oneOf(1, 20, 200)
		}
		if v.Memory > 0 && m.chance(70) {
			v.LeakPerRequest = dist.Exponential{MeanValue: 200}
		}
		if m.chance(15) {
			v.Collector = &CollectorSpec{Pause: m.law(3)}
			if m.chance(50) {
				v.Collector.Every = m.oneOf(5, 50)
			} else {
				v.Collector.Threshold, v.Collector.Allocates = 1+uint64(m.below(5000)), dist.Exponential{MeanValue: 500}
			}
		}
	}
}
