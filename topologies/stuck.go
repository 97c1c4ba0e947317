package topologies

import (
	"slices"

	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
)

// stuck warns (W404) of steps that wait without end for what a fault swallows:
// their workers do not come back when it is over. Where messages are lost
// anyway that has been said of all steps.
func (r *resolver) stuck() {
	if n := r.spec.Network; n != nil && n.Loss > 0 || !r.leavesWorkBehind() {
		return
	}
	warned := map[uint64]bool{}
	for k := range r.spec.Faults {
		f := &r.spec.Faults[k]
		if !(f.Silent || f.Kind == fault.Partition) || f.At >= r.spec.Run.Duration {
			continue
		}
		for i := range r.spec.Nodes {
			server := r.spec.Nodes[i].Server
			if server == nil {
				continue
			}
			for _, op := range server.Ops {
				r.eachStep(op.Steps, func(s *node.Step) {
					if s.Calls() && s.Policy.Timeout == 0 && !warned[s.ID] && r.swallows(f, i, s.Target.Node, 0) {
						warned[s.ID] = true
						r.stuckStep(f, s)
					}
				})
			}
		}
	}
}

func (r *resolver) stuckStep(f *fault.Fault, s *node.Step) {
	key, hint := "call", `for example timeout = "300ms"`
	switch s.Kind {
	case node.StepGet:
		key = "get"
	case node.StepPublish:
		key = "publish"
	case node.StepSet:
		key, hint = "set", "put it into a spawn step: then nobody waits for it"
	case node.StepInvalidate:
		key, hint = "invalidate", "put it into a spawn step: then nobody waits for it"
	}
	r.report.Add(r.places[s.ID].At(key, "W404", kind.QuoteText(f.String())+
		" swallows what is sent there, and this never times out: who waits then, with a worker and a connection, waits until the run ends").WithHint(hint))
}

// leavesWorkBehind reports whether any client does not stop the work that it
// has given up.
func (r *resolver) leavesWorkBehind() bool {
	return slices.ContainsFunc(r.spec.Nodes, func(n node.Node) bool {
		return n.Client != nil && (!n.Client.Cancel || n.Client.Policy.Timeout == 0 && n.Client.Policy.Deadline == 0)
	})
}

// swallows reports whether a request from a node to another may get no answer
// because of a fault: there, or behind a node that waits without end itself.
func (r *resolver) swallows(f *fault.Fault, from, to, depth int) bool {
	if cutsOff(f, from, to) {
		return true
	}
	if depth > len(r.spec.Nodes) {
		return false
	}
	n := &r.spec.Nodes[to]
	behind := func(next int) bool { return r.swallows(f, to, next, depth+1) }
	switch {
	case n.Balancer != nil && n.Balancer.Attempts.Timeout == 0:
		return slices.ContainsFunc(n.Targets(), func(t node.Target) bool { return behind(t.Node) })
	case n.Cache != nil && n.Cache.Origin != nil && n.Cache.Timeout == 0:
		return behind(n.Cache.Origin.Node)
	case n.CDN != nil && n.CDN.Timeout == 0:
		return behind(n.CDN.Origin.Node)
	}
	return false
}

// cutsOff reports whether a fault swallows what some instance of a node sends
// to some of another.
func cutsOff(f *fault.Fault, from, to int) bool {
	on := func(spans []fault.Span, at int) bool {
		return slices.ContainsFunc(spans, func(s fault.Span) bool { return s.Node == at })
	}
	if f.Kind != fault.Partition {
		return on(f.Where, to)
	}
	return on(f.Sides[0], from) && on(f.Sides[1], to) || on(f.Sides[1], from) && on(f.Sides[0], to)
}

// talk reports whether anything is sent from one side of a partition to the
// other.
func (r *resolver) talk(f *fault.Fault) bool {
	for i := range r.spec.Nodes {
		n := &r.spec.Nodes[i]
		if n.Database != nil && cutsOff(f, i, i) {
			return true // writes for replicas
		}
		if slices.ContainsFunc(n.Targets(), func(t node.Target) bool { return cutsOff(f, i, t.Node) }) {
			return true
		}
	}
	return false
}
