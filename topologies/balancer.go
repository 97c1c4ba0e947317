package topologies

import (
	"fmt"
	"math"
	"slices"

	"github.com/capsim/capsim/models/balance"
	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
)

// balancer resolves a [load_balancer.NAME].
func (r *resolver) balancer(i int, n *nodeConfig) {
	c := n.balancer()
	spec := &node.BalancerSpec{Type: string(c.Type), Policy: string(c.Policy)}
	r.spec.Nodes[i].Zones = r.standsIn(c.Place, c.Zones)
	r.spec.Nodes[i].Balancer = spec
	r.rented(i, c.Place, "", c.PricePerHour, c.Discount)
	spec.Health, spec.Ejects = healthCheck(c.HealthCheck), ejection(c.Ejection)
	spec.SlowStart = sim.Time(c.SlowStart)
	if len(c.Targets) == 0 && c.Has("targets") && !n.bad {
		r.report.Add(c.At("targets", "E302", "needs at least one target"))
	}
	seen := map[int]kind.Pos{}
	var weights []float64
	for _, target := range c.Targets {
		at := target.At
		t, ok := r.reference(at, node.LoadBalancer, node.Server, node.Cache)
		if !ok || r.nodes[t.Node].row.Kind == node.Cache && !r.cacheTakes(at, t, "call") {
			continue
		}
		if t.Op != "" {
			r.report.Add(at.Problem("E505", "a balancer passes the operation on; name only the node").
				WithHint("write " + kind.QuoteText(r.spec.Nodes[t.Node].Name)))
			continue
		}
		if first, twice := seen[t.Node]; twice {
			r.report.Add(at.Problem("E401", kind.QuoteText(at.Value.Text)+" is listed twice").See(first, "first here"))
			continue
		}
		seen[t.Node] = at.Value.Pos
		spec.Targets = append(spec.Targets, t.Node)
		weights = append(weights, float64(target.Weight))
	}
	r.balancingPolicy(c, spec, weights)
	r.forwarding(i, n, spec)
}

// balancingPolicy resolves what belongs to some policies only.
func (r *resolver) balancingPolicy(c *node.BalancerConfig, spec *node.BalancerSpec, weights []float64) {
	row, ok := balance.Lookup(spec.Policy)
	if !ok {
		return // reported as an unknown word
	}
	for _, setting := range policySettings() {
		if c.Has(setting) && !slices.Contains(row.Settings, setting) {
			owner := policyWith(setting)
			d := c.AtKey(setting, "E202", fmt.Sprintf("this key goes with policy = %q, not with %q", owner, row.Name)).
				WithHint(fmt.Sprintf("delete it, or write policy = %q", owner))
			if c.Has("policy") {
				d = d.See(c.KeyPos("policy"), "the policy")
			}
			r.report.Add(d)
		}
	}
	switch spec.Policy {
	case "power-of-two":
		spec.Choices = c.Choices
	case "consistent-hash":
		spec.VirtualNodes, spec.LoadFactor = c.VirtualNodes, float64(c.LoadFactor)
	}
	if slices.ContainsFunc(weights, func(w float64) bool { return w != 1 }) {
		if row.Weighted {
			spec.Weights = weights
		} else {
			r.idleWeights(c, row)
		}
	}
}

// idleWeights warns (W403) of weights that the policy does not look at.
func (r *resolver) idleWeights(c *node.BalancerConfig, row balance.Row) {
	other := "weighted-" + row.Name
	if _, ok := balance.Lookup(other); !ok {
		other = "weighted-least-connections"
	}
	for _, t := range c.Targets {
		if t.Has("weight") && t.Weight != 1 {
			r.report.Add(t.AtKey("weight", "W403", fmt.Sprintf("%s does not look at weights: this one changes nothing", row.Name)).
				WithHint(fmt.Sprintf("for example policy = %q", other)))
		}
	}
}

// policySettings are the keys that belong to one policy each.
func policySettings() []string {
	var keys []string
	for _, row := range balance.Table {
		keys = append(keys, row.Settings...)
	}
	return keys
}

func policyWith(setting string) string {
	i := slices.IndexFunc(balance.Table, func(row balance.Row) bool { return slices.Contains(row.Settings, setting) })
	return balance.Table[i].Name
}

// otherPolicies marks the settings that belong to policies other than the one
// that each balancer has.
func (r *resolver) otherPolicies(unused map[string]bool) {
	for _, n := range r.nodes {
		c := n.balancer()
		if c == nil {
			continue
		}
		row, _ := balance.Lookup(string(c.Policy))
		for _, setting := range policySettings() {
			unused[kind.JoinKey(c.Path, setting)] = !slices.Contains(row.Settings, setting)
		}
	}
}

// checkRings refuses rings of more points than capsim takes on.
func (r *resolver) checkRings() {
	for i, n := range r.nodes {
		b := r.spec.Nodes[i].Balancer
		if s := n.server(); s != nil && s.Balance == "consistent-hash" && !n.bad && r.spec.Nodes[i].Instances*balance.DefaultVirtualNodes > maxPoints {
			r.report.Add(s.At("balance", "E706", fmt.Sprintf("its instances have more than %d virtual nodes together", maxPoints)))
		}
		if b == nil || b.Policy != "consistent-hash" {
			continue
		}
		points := 0.0
		for k, t := range b.Targets {
			weight := 1.0
			if b.Weights != nil {
				weight = b.Weights[k]
			}
			each := math.Max(1, float64(float64(b.VirtualNodes)*weight))
			points += float64(float64(r.spec.Nodes[t].Instances) * each)
		}
		for _, route := range b.Routes {
			points += float64(r.spec.Nodes[route.To].Instances * b.VirtualNodes)
		}
		if points > maxPoints {
			c := n.balancer()
			key := "policy"
			if c.Has("virtual_nodes") {
				key = "virtual_nodes"
			}
			r.report.Add(c.At(key, "E706", fmt.Sprintf("the instances behind it have more than %d virtual nodes together", maxPoints)).
				WithHint("lower virtual_nodes or the weights"))
		}
	}
}

// keyed reports whether requests are about anything: a client has keys, or a
// step.
func (r *resolver) keyed() bool {
	for i := range r.spec.Nodes {
		n := &r.spec.Nodes[i]
		if c := n.Client; c != nil && (c.Keys != nil || r.traces[i] != nil && r.traces[i].trace != nil && r.traces[i].trace.Keys != nil) {
			return true
		}
		if n.Server == nil {
			continue
		}
		keyed := false
		for _, op := range n.Server.Ops {
			r.eachStep(op.Steps, func(s *node.Step) { keyed = keyed || s.Key.Source || s.Key.Law != nil })
		}
		if keyed {
			return true
		}
	}
	return false
}

// idleHashes warns (W403) of balancers that hash keys where nothing has any:
// each operation goes to one instance then.
func (r *resolver) idleHashes() {
	if r.keyed() {
		return
	}
	warn := func(p kind.Place, key, policy string) {
		if row, _ := balance.Lookup(policy); row.Hashes == balance.HashesKey {
			r.report.Add(p.At(key, "W403", "no client has keys: "+row.Name+" sends all requests for an operation to one instance").
				WithHint(`for example [client.NAME] keys = "zipf s=0.9 n=100k"`))
		}
	}
	for _, n := range r.nodes {
		if d := n.database(); d != nil && d.Shards > 1 && d.ShardKey == "item" && len(d.Read)+len(d.Write)+len(d.Transaction) > 0 {
			r.report.Add(d.At("shards", "W403", "no client has keys: all requests come to one shard").
				WithHint(`for example [client.NAME] keys = "zipf s=0.9 n=100k"`))
		}
		if c := n.balancer(); c != nil {
			warn(c.Place, "policy", string(c.Policy))
		}
		if s := n.server(); s != nil {
			warn(s.Place, "balance", string(s.Balance))
		}
	}
}

// weightOf is how much a server behind a node gets of its requests, in
// proportion to the others: by instances, and by weight where it counts.
func (r *resolver) weightOf(balancer, server int, op string) float64 {
	weight := float64(r.spec.Nodes[server].Most())
	if b := r.spec.Nodes[balancer].Balancer; b != nil && b.Weights != nil && b.Way(op) == 0 {
		if i := slices.Index(b.Targets, server); i >= 0 {
			return float64(weight * b.Weights[i])
		}
	}
	return weight
}
