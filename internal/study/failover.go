package study

import (
	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
)

// failovers summarises how often a replica of a database was promoted, and what
// that cost.
func (f *figures) failovers(d *result.Database, at int) {
	for _, s := range f.snaps {
		if o := s.Nodes[at].Failover; o != nil {
			d.Failovers += o.Failovers
			d.LostWrites += o.Lost
			d.Conflicts += o.Conflicts
		}
	}
}

// lostWrites is how many acknowledged writes a replication lost. Without faults
// there are none.
func (f *figures) lostWrites(at int) sample {
	return f.collect(func(s *node.Snapshot) (lost, one float64) {
		if o := s.Nodes[at].Failover; o != nil {
			return float64(o.Lost), 1
		}
		return 0, 1
	})
}

// outage summarises what fault k did to the writes of databases, if it struck
// any.
func (f *figures) outage(one *result.Fault, k int) {
	struck := false
	for _, where := range f.spec.Faults[k].Where {
		struck = struck || f.spec.Nodes[where.Node].Database != nil
	}
	if !struck {
		return
	}
	random := f.spec.Faults[k].Random()
	lost, took, times, closed := 0.0, 0.0, 0.0, false
	for _, s := range f.snaps {
		o := &s.Faults[k]
		closed = closed || o.Closed > 0
		lost += float64(o.Lost)
		if random {
			took += o.Outage.Seconds()
			times += float64(o.Outages)
		} else {
			took += o.Longest.Seconds()
			times++
		}
	}
	lost, took = lost/float64(len(f.snaps)), took/max(1, times)
	one.RPOWrites = &lost
	if random && times > 0 || !closed { // of one that comes by chance those that were over
		one.RTOS = &took
	}
}
