package topologies

import (
	"fmt"
	"slices"
	"strings"

	"github.com/capsim/capsim/models/balance"
	"github.com/capsim/capsim/models/node"
)

// candidate is something that can break.
type candidate struct {
	kind, target string
	rest         string // of what --fault says
	anyOf        string // what it stands for: instances that are alike
	alone        bool   // it is one instance
}

// name is that of the fault, text what --fault says.
func (c candidate) name() string { return c.kind + " " + c.target }
func (c candidate) text() string { return c.kind + " " + drillWord(c.target) + c.rest }

// everything lists what can break: an instance of each group of instances that
// are alike, each node, each zone, each service of somebody else.
func (p plan) everything(spec *node.Spec) []candidate {
	var all []candidate
	kinds := faultKinds()
	for i := range spec.Nodes {
		n := &spec.Nodes[i]
		if n.Kind == node.Client {
			continue
		}
		if n.Kind == node.External {
			if slices.Contains(kinds, "slow") {
				all = append(all, candidate{kind: "slow", target: n.Name, rest: " factor 10"})
			}
		}
		var groups []candidate
		if n.Kind != node.External {
			groups = alike(spec, i)
		}
		all = append(all, groups...)
		all = append(all, candidate{kind: "kill", target: n.Name, alone: n.Kind != node.External && len(groups) == 0})
	}
	if len(spec.Zones) > 1 {
		for _, z := range spec.Zones {
			all = append(all, candidate{kind: "kill", target: zonePrefix + z})
		}
	}
	return all
}

// zoneName is the zone that an instance stands in, "" for none.
func zoneName(spec *node.Spec, n *node.Node, k int) string {
	if z := n.Zone(k); z >= 0 {
		return spec.Zones[z]
	}
	return ""
}

// mostUnlike is how many instances of a node are drilled one by one.
const mostUnlike = 64

// unlike reports whether what is sent to the instances of a node depends on
// keys or addresses: the one with the popular ones is not like the others.
func unlike(spec *node.Spec, at int) bool {
	hashed := func(policy string) bool {
		row, ok := balance.Lookup(policy)
		return ok && row.Hashes != balance.HashesNothing
	}
	n := &spec.Nodes[at]
	if n.Cache != nil || n.Server != nil && hashed(n.Server.Balance) {
		return n.AtStart() <= mostUnlike
	}
	return slices.ContainsFunc(spec.Nodes, func(lb node.Node) bool {
		return lb.Balancer != nil && slices.Contains(lb.Balancer.Targets, at) && hashed(lb.Balancer.Policy)
	}) && n.AtStart() <= mostUnlike
}

// alike groups the instances of a node that stand in the same zone and do the
// same, of those that there are at the start: a second set and what autoscale
// starts are like them. A node that has only one is that instance.
func alike(spec *node.Spec, at int) []candidate {
	n, each := &spec.Nodes[at], unlike(spec, at)
	count := n.AtStart()
	if count == 1 {
		return nil
	}
	type group struct {
		first, number int
		role, zone    string
	}
	var groups []group
	for k := range count {
		role := n.InstanceName(k)
		if at := strings.LastIndexByte(role, '['); at >= 0 && strings.HasSuffix(role, "]") {
			role = role[:at]
		}
		g := group{first: k, number: 1, role: role, zone: zoneName(spec, n, k)}
		at := slices.IndexFunc(groups, func(h group) bool { return !each && h.role == g.role && h.zone == g.zone })
		if at < 0 {
			groups = append(groups, g)
			continue
		}
		groups[at].number++
	}
	var out []candidate
	for _, g := range groups {
		c := candidate{kind: "kill", target: n.InstanceName(g.first), alone: true}
		if g.number > 1 {
			c.anyOf = fmt.Sprintf("any of %d", g.number)
			if len(spec.Zones) > 1 && g.zone != "" {
				c.anyOf += " in zone " + g.zone
			}
		}
		out = append(out, c)
	}
	return out
}
