package study

import (
	"math"

	"github.com/capsim/capsim/internal/estimate"
	"github.com/capsim/capsim/models/node"
)

// A design in which almost nothing is lost or sent again is calm: what waits
// in its queues is what the clients ask for, and each queue hands on what it
// got. With less of anything requests then leave every queue later, or some
// are lost. A design that loses or repeats much may be saved by less: a tier in
// front that holds requests back keeps the one behind from collapsing.
const (
	calmLost  = 0.001 // of what is offered
	calmAgain = 0.01  // of what is asked of a node
)

// calm reports whether the figures are those of a calm design.
func (f *figures) calm() bool {
	if !loses(f.spec) {
		return true
	}
	for i := range f.snaps[0].Clients {
		offered, lost, attempts := 0.0, 0.0, 0.0
		for _, s := range f.snaps {
			for k := range s.Clients[i].Ops {
				op := &s.Clients[i].Ops[k]
				offered += float64(op.Offered)
				lost += float64(op.Offered) - float64(op.OK)
				attempts += float64(op.Attempts)
			}
		}
		if lost > float64(calmLost*offered) || attempts > float64((1+calmAgain)*offered) {
			return false
		}
	}
	e := estimate.Of(f.spec)
	seconds := f.seconds * float64(len(f.snaps))
	for i := range e.Nodes {
		came, asked := 0.0, float64(e.Nodes[i].Arrivals*seconds)
		for _, s := range f.snaps {
			came += float64(s.Nodes[e.Nodes[i].Node].Arrivals)
		}
		if came > float64((1+calmAgain)*asked)+float64(5*math.Sqrt(asked)) {
			return false
		}
	}
	return true
}

// last reports whether a node is one that nothing with a limit stands behind:
// more of it takes load off nobody, and puts none on anybody.
func last(spec *node.Spec, n *node.Node) bool {
	if n.Server == nil {
		return false
	}
	ends := true
	for _, op := range n.Server.Ops {
		node.EachStep(op.Steps, func(s *node.Step) {
			if s.Calls() {
				to := &spec.Nodes[s.Target.Node]
				ends = ends && (to.External != nil || to.Cache != nil && to.Cache.Origin == nil)
			}
		})
	}
	return ends
}
