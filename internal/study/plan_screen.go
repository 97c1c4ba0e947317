package study

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/capsim/capsim/internal/estimate"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim/portable"
)

// screened is what theory says of a design.
type screened struct {
	cost   planCost
	why    string  // it is surely infeasible; "" where that is not sure
	score  float64 // the worst predicted figure, as a share of what its objective allows
	p99    float64 // of the slowest client, in seconds; 0: unknown
	speaks bool    // if it fails, what has less of everything fails too
}

// screen prices a design and asks theory about it.
func screen(spec *node.Spec) screened {
	e := estimate.Of(spec)
	out := screened{cost: priceOf(spec, e), score: scoreOf(spec, e)}
	for i := range e.Clients {
		if p99 := e.Clients[i].Latency.P99; p99 > out.p99 {
			out.p99 = p99
		}
	}
	out.speaks = boundsErrors(spec)
	out.why = dearer(spec, out.cost)
	if out.why == "" {
		out.why = overAsked(spec, e)
	}
	return out
}

// dearer says that a design costs more than an objective allows.
func dearer(spec *node.Spec, c planCost) string {
	for i := range spec.Objectives {
		o := &spec.Objectives[i]
		if o.Metric == "cost" && c.known && strings.HasPrefix(o.Compare, "<") && !holds(c.low, o.Compare, o.Value) {
			return fmt.Sprintf("costs %.2f a month: %s is missed", c.low, o.Text)
		}
	}
	return ""
}

// heavier is how many times the work of an average request those may bring
// that an objective allows to go wrong.
const heavier = 4

// overAsked says which resource is asked for more than it has by requests
// that must end well. That cannot go on for ever, however it queues; so this
// is sure, where the demands are: not behind caches whose content is seen,
// nor where an answer may come from elsewhere, nor for users who wait for
// answers.
func overAsked(spec *node.Spec, e *estimate.Estimate) string {
	if !demandsKnown(spec) {
		return ""
	}
	worst, why := 0.0, ""
	for i := range e.Nodes {
		n := &e.Nodes[i]
		at := &spec.Nodes[n.Node]
		if at.Server == nil || at.Server.Autoscale != nil || at.Deployed || len(n.Resources) == 0 {
			continue
		}
		must := mustShare(spec, e, n.Node)
		for _, r := range n.Resources {
			if r.Name != "cpu" && r.Name != "disk" || r.Capacity == 0 {
				continue
			}
			if asked := float64(r.Busy/r.Capacity) * must; asked >= 1 && asked > worst {
				worst, why = asked, fmt.Sprintf("%s %s is asked for %.3g %% of what it has", at.Name, r.Name, 100*r.Busy/r.Capacity)
			}
		}
	}
	if why != "" {
		return why
	}
	return tooBusy(spec, e)
}

// tooBusy says which node is busier than an objective allows, by more than
// the indifference zone.
func tooBusy(spec *node.Spec, e *estimate.Estimate) string {
	for i := range spec.Objectives {
		o := &spec.Objectives[i]
		if o.Metric != "cpu" && o.Metric != "disk" || !strings.HasPrefix(o.Compare, "<") || spec.Nodes[o.Node].Server == nil ||
			spec.Nodes[o.Node].Server.Autoscale != nil || spec.Nodes[o.Node].Deployed || len(spec.Deploys) > 0 || len(spec.Faults) > 0 {
			continue
		}
		for _, n := range e.Nodes {
			if n.Node != o.Node {
				continue
			}
			for _, r := range n.Resources {
				if r.Name == o.Metric && float64(r.Utilization*mustShare(spec, e, o.Node)) > o.Value*(1+indifference) {
					return fmt.Sprintf("%s %s is busy %.3g %% of the time: %s is missed", spec.Nodes[o.Node].Name, r.Name, 100*r.Utilization, o.Text)
				}
			}
		}
	}
	return ""
}

// demandsKnown reports whether the traffic equations are right on average.
func demandsKnown(spec *node.Spec) bool {
	return contentsGiven(spec) && pathsKnown(spec)
}

// contentsGiven reports whether the file says how many look-ups each cache
// answers: of one that is simulated, theory only thinks so.
func contentsGiven(spec *node.Spec) bool {
	return !slices.ContainsFunc(spec.Nodes, func(n node.Node) bool {
		return n.Cache != nil && n.Cache.Emergent() || n.CDN != nil && n.CDN.Emergent()
	})
}

// pathsKnown reports whether the traffic equations are right on average, but for
// what caches hold.
func pathsKnown(spec *node.Spec) bool {
	for i := range spec.Nodes {
		n := &spec.Nodes[i]
		switch {
		case n.Client != nil && (n.Client.Open == nil || n.Client.Session != nil),
			n.Cache != nil && n.Cache.Coalesce, n.CDN != nil && n.CDN.Coalesce, n.Queue != nil:
			return false
		}
		if n.Server == nil {
			continue
		}
		for _, op := range n.Server.Ops {
			sure := true
			node.EachStep(op.Steps, func(s *node.Step) {
				sure = sure && !s.Falls && s.Need == 0 && s.Kind != node.StepSpawn && s.Kind != node.StepPublish
			})
			if !sure {
				return false
			}
		}
	}
	return true
}

// mustShare is the least share of the work at a node that must be done for
// the objectives of its clients to hold: each client lets so many of its
// requests go wrong, which may be heavier than others, and may all come here.
func mustShare(spec *node.Spec, e *estimate.Estimate, at int) float64 {
	share := 1.0
	for i := range e.Clients {
		c := &e.Clients[i]
		if v := c.Visits[at]; v > 0 {
			share = min(share, 1-heavier*mayGoWrong(spec, c.Node)/min(1, v))
		}
	}
	return max(0, share)
}

// mayGoWrong is the share of a client's requests that may fail or take for
// ever without an objective being missed.
func mayGoWrong(spec *node.Spec, client int) float64 {
	lost := mayBeLost(spec, client)
	least := 1.0
	for i := range spec.Objectives {
		o := &spec.Objectives[i]
		if o.Node != client || o.Op != "" {
			continue
		}
		switch {
		case o.Metric == "within" && o.Compare[0] == '>':
			least = min(least, 1-o.Value)
		case o.Compare[0] == '<' && o.Quantile > 0:
			least = min(least, lost+1-o.Quantile)
		case o.Compare[0] == '<' && o.Metric == "mean":
			least = min(least, lost)
		}
	}
	return least
}

// mayBeLost is the share of a client's requests that may end in an error
// without an objective being missed.
func mayBeLost(spec *node.Spec, client int) float64 {
	if !loses(spec) {
		return 0
	}
	least := 1.0
	for i := range spec.Objectives {
		o := &spec.Objectives[i]
		switch {
		case o.Node != client || o.Op != "":
		case o.Metric == "errors" && o.Compare[0] == '<':
			least = min(least, o.Value)
		case (o.Metric == "availability" || o.Metric == "within") && o.Compare[0] == '>':
			least = min(least, 1-o.Value)
		}
	}
	return least
}

// fewLost is a share of errors which is too small to take load off anything.
const fewLost = 0.02

// boundsErrors reports whether a design may lose so few requests that one
// with less of everything serves as many, and so is no faster.
func boundsErrors(spec *node.Spec) bool {
	for i := range spec.Nodes {
		if spec.Nodes[i].Client != nil && mayBeLost(spec, i) > fewLost {
			return false
		}
	}
	return true
}

// loses reports whether requests may end in anything but an ok answer.
func loses(spec *node.Spec) bool {
	if len(spec.Faults) > 0 || spec.Network != nil && spec.Network.Loss > 0 {
		return true
	}
	gives := func(p node.Policy) bool { return p.Timeout > 0 || p.Deadline > 0 || p.Breaker != nil }
	return slices.ContainsFunc(spec.Nodes, func(n node.Node) bool {
		switch {
		case n.Client != nil:
			return gives(n.Client.Policy)
		case n.Balancer != nil:
			b := n.Balancer
			return gives(b.Attempts) || b.Queue != node.None && b.Connections+b.PerTarget > 0 || b.QueueTimeout != nil || b.Health != nil || b.Ejects != nil
		case n.External != nil:
			return n.External.ErrorRatio > 0
		case n.Queue != nil:
			return true
		case n.Cache != nil:
			return n.Cache.Timeout > 0
		case n.CDN != nil:
			return n.CDN.Timeout > 0
		}
		v := n.Server
		if v.Concurrency > 0 && v.Backlog != node.None || v.QueueTimeout != nil || v.RateLimit != nil || v.Shed > 0 || v.UsesMemory() ||
			n.Database != nil && n.Database.Connections > 0 || slices.ContainsFunc(v.Pools, func(p node.Pool) bool { return p.AcquireTimeout != nil }) {
			return true
		}
		found := false
		for _, op := range v.Ops {
			node.EachStep(op.Steps, func(s *node.Step) { found = found || gives(s.Policy) || s.Kind == node.StepFail })
		}
		return found
	})
}

// forecast is the score of a specification, as theory sees it.
func forecast(spec *node.Spec) float64 {
	if spec == nil {
		return inf
	}
	return scoreOf(spec, estimate.Of(spec))
}

// hopelessScore is the score of what is asked for more than it has: in these
// units per share of the busiest resource, so that these designs too have an
// order.
const hopelessScore = 1e6

// scoreOf is the worst predicted figure as a share of what its objective
// allows: below 1 where theory thinks that all are met.
func scoreOf(spec *node.Spec, e *estimate.Estimate) float64 {
	worst := 0.0
	for i := range spec.Objectives {
		o := &spec.Objectives[i]
		x, known := foreseen(spec, e, o)
		if !known || x != x {
			continue
		}
		worst = max(worst, usedOf(x, o))
	}
	if math.IsInf(worst, 1) || worst > hopelessScore {
		worst = hopelessScore
		if e.Bottleneck != nil {
			worst *= max(1, e.Bottleneck.Utilization)
		}
	}
	return worst
}

// usedOf is a figure as a share of what an objective allows.
func usedOf(x float64, o *node.Objective) float64 {
	switch {
	case o.Compare[0] == '<' && o.Value > 0:
		return x / o.Value
	case o.Compare[0] == '<':
		return x
	case isShare(o.Metric) && o.Value < 1:
		return (1 - x) / (1 - o.Value)
	case x <= 0:
		return inf
	}
	return o.Value / x
}

// isShare reports whether what lacks to 1 is what an objective allows.
func isShare(metric string) bool { return metric == "availability" || metric == "within" }

// foreseen is the figure that theory predicts for an objective.
func foreseen(spec *node.Spec, e *estimate.Estimate, o *node.Objective) (float64, bool) {
	if o.Node == node.None {
		return 0, false // the cost is known otherwise
	}
	if spec.Nodes[o.Node].Client != nil {
		return foreseenOf(spec, e, o)
	}
	for i := range e.Nodes {
		if e.Nodes[i].Node == o.Node {
			return foreseenAt(&e.Nodes[i], o)
		}
	}
	return 0, false
}

func foreseenOf(spec *node.Spec, e *estimate.Estimate, o *node.Objective) (float64, bool) {
	k := slices.IndexFunc(e.Clients, func(c estimate.Client) bool { return c.Node == o.Node })
	if k < 0 {
		return 0, false
	}
	c := &e.Clients[k]
	t := c.Latency
	for i, op := range spec.Nodes[o.Node].Client.Ops {
		if op.Name == o.Op {
			t = c.Ops[i]
		}
	}
	switch o.Metric {
	case "errors":
		return c.ErrorRatio, true
	case "availability":
		return 1 - c.ErrorRatio, true
	case "throughput":
		return c.Throughput, true
	case "within":
		return float64((1 - c.ErrorRatio) * (1 - later(t, o.Within.Seconds()))), true
	}
	return timeAt(t, o)
}

func foreseenAt(n *estimate.Node, o *node.Objective) (float64, bool) {
	switch o.Metric {
	case "errors":
		return n.Rejected, true
	case "availability":
		return 1 - n.Rejected, true
	case "throughput":
		return float64(n.Arrivals * (1 - n.Rejected)), true
	case "hit_ratio":
		return n.HitRatio, true
	}
	for _, r := range n.Resources {
		if r.Name == o.Metric {
			return r.Utilization, true
		}
	}
	return timeAt(n.Response, o)
}

// timeAt is a mean, or a percentile of the exponential tail through p50 and
// p99.
func timeAt(t estimate.Time, o *node.Objective) (float64, bool) {
	switch {
	case o.Metric == "mean":
		return t.Mean, true
	case o.Quantile == 0:
		return 0, false
	case math.IsInf(t.Mean, 1):
		return inf, true
	}
	lack := 1 - o.Quantile
	part := (portable.Log(lack) - portable.Log(0.5)) / (portable.Log(0.01) - portable.Log(0.5))
	return max(0, t.P50+float64((t.P99-t.P50)*part)), true
}

// later is the share of requests that take longer than a time, by the same
// tail.
func later(t estimate.Time, limit float64) float64 {
	switch {
	case math.IsInf(t.Mean, 1):
		return 1
	case !(t.P99 > t.P50):
		if limit < t.P50 {
			return 1
		}
		return 0
	}
	part := (limit - t.P50) / (t.P99 - t.P50)
	return min(1, portable.Exp(portable.Log(0.5)+float64(part*(portable.Log(0.01)-portable.Log(0.5)))))
}

// maimed is a design without the instances that its fault kills, as far as
// that leaves some, nil if it leaves none. Other faults are left out.
func maimed(spec *node.Spec) *node.Spec {
	out := *spec
	out.Nodes = slices.Clone(spec.Nodes)
	for i := range spec.Faults {
		f := &spec.Faults[i]
		if what := f.Kind.String(); what != "kill" && what != "hang" || f.Random() {
			continue
		}
		for _, where := range f.Where {
			n := &out.Nodes[where.Node]
			if n.Server == nil || n.Database != nil || n.Server.Autoscale != nil {
				continue
			}
			if n.Instances -= where.Count; n.Instances <= 0 {
				return nil
			}
			if n.Initial > 0 {
				n.Initial = max(1, min(n.Initial, n.Instances))
			}
		}
	}
	out.Faults = nil
	return &out
}
