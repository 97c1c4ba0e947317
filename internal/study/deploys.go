package study

import (
	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
)

// deploys summarises what was replaced on purpose.
func (f *figures) deploys() []result.Deploy {
	var out []result.Deploy
	for k := range f.spec.Deploys {
		spec := &f.spec.Deploys[k]
		one := result.Deploy{What: spec.String(), AtS: spec.At.Seconds()}
		finished, always := f.meanTime(func(s *node.Snapshot) sim.Time { return s.Deploys[k].Finished })
		if always {
			one.FinishedS = finished
		}
		one.FailedRequests = f.count(func(s *node.Snapshot) uint64 { return s.Deploys[k].Failed })
		out = append(out, one)
	}
	return out
}
