package study

import (
	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
)

// faults summarises what went wrong on purpose.
func (f *figures) faults() []result.Fault {
	var out []result.Fault
	for k := range f.spec.Faults {
		spec := &f.spec.Faults[k]
		one := result.Fault{What: spec.String()}
		if spec.Random() {
			one.Random = f.randomFault(k)
		} else {
			at := spec.At.Seconds()
			one.AtS = &at
			one.DetectedS, _ = f.meanTime(func(s *node.Snapshot) sim.Time { return s.Faults[k].Detected })
		}
		recovered, always := f.meanTime(func(s *node.Snapshot) sim.Time { return s.Faults[k].Recovered })
		if always {
			one.RecoveredS = recovered
		}
		one.FailedRequests = f.count(func(s *node.Snapshot) uint64 { return s.Faults[k].Failed })
		f.outage(&one, k)
		out = append(out, one)
	}
	return out
}

// meanTime averages a time over the replications in which it came, nil if it
// did in none, and tells whether it always did.
func (f *figures) meanTime(of func(s *node.Snapshot) sim.Time) (mean *float64, always bool) {
	sum, n := 0.0, 0
	for _, s := range f.snaps {
		if t := of(s); t != sim.Never {
			sum += t.Seconds()
			n++
		}
	}
	if n == 0 {
		return nil, false
	}
	sum /= float64(n)
	return &sum, n == len(f.snaps)
}
