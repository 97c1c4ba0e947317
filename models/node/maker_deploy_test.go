package node

import (
	"cmp"
	"slices"

	"github.com/capsim/capsim/sim"
)

// deploys replaces instances of servers, caches and the database, some of
// them by other machines.
func (m *maker) deploys() {
	if m.chance(50) {
		return
	}
	for range 1 + m.below(4) {
		d := Deploy{
			At: sim.Time(m.below(900)) * msec, Strategy: Strategy(m.below(3)), Drain: m.oneOf(0, 5, 100), Boot: m.oneOf(0, 10, 80),
			Node: []int{m.below(m.servers), m.cache, m.front, m.database}[max(0, m.below(6)-2)], Machine: None,
		}
		if d.Strategy == BlueGreen {
			d.Node = m.below(m.servers)
		}
		n := &m.spec.Nodes[d.Node]
		d.Count = n.Most()
		if d.Strategy != BlueGreen && !n.autoscales() && m.chance(30) {
			d.First, d.Count = m.below(d.Count), 1
		}
		d.Batch = 1 + m.below(d.Count)
		n.Deployed = true
		if d.Strategy == BlueGreen && !n.twice() {
			n.Initial, n.MostInService, n.Instances = n.AtStart(), n.Instances, 2*n.Instances
		}
		if n.Server != nil && m.chance(60) {
			d.Machine = len(n.Machines)
			n.Machines = append(n.Machines, m.machine(n.Server))
		}
		m.spec.Deploys = append(m.spec.Deploys, d)
	}
	slices.SortStableFunc(m.spec.Deploys, func(a, b Deploy) int { return cmp.Compare(a.At, b.At) })
}

// machine makes another machine of a server's.
func (m *maker) machine(v *ServerSpec) *ServerSpec {
	other := *v
	other.Cores, other.Speed = 1+m.below(3), float64(1+m.below(3))/2
	other.Memory, other.Network = uint64(m.below(2))*8000, float64(m.below(2))*1e6
	if v.Concurrency > 0 {
		other.Concurrency = 1 + m.below(8)
	}
	other.Disk.Depth = m.below(3)
	return &other
}
