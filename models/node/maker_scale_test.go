package node

import "github.com/capsim/capsim/models/scale"

// scaling lets the number of some servers' instances follow their load.
func (m *maker) scaling() {
	for i := range m.servers {
		if !m.chance(40) {
			continue
		}
		n := &m.spec.Nodes[i]
		s := scale.Spec{
			Min: 1 + m.below(n.Instances), Max: n.Instances + m.below(4), Metric: scale.Metric(m.below(4)), Queue: None,
			Every: m.oneOf(7, 30, 100), Boot: m.oneOf(0, 5, 60), Cooldown: m.oneOf(0, 20, 200), Drain: m.oneOf(0, 10, 1500),
		}
		switch s.Metric {
		case scale.CPU:
			s.Target = 0.3
		case scale.Concurrency:
			s.Target = float64(1+m.below(6)) / 2
		case scale.Requests:
			s.Target = float64(50 + m.below(300))
		default:
			if s.Target, s.Queue = float64(1+m.below(5)), m.queues; i != m.servers-1 {
				s.Metric, s.Target, s.Queue = scale.Concurrency, 0.5, None
			}
		}
		if m.chance(30) {
			s.Schedule = []scale.Entry{{At: 300 * msec, Min: s.Max}, {At: 600 * msec, Min: 1}}
		}
		n.Initial, n.Instances, n.Server.Autoscale = n.Instances, s.Max, &s
	}
}
