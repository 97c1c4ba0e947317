package topologies

import (
	"fmt"
	"slices"

	"github.com/capsim/capsim/models/balance"
	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
)

// idleKeys warns (W403) of keys that need something else in the file to
// change anything, where that is missing.
func (r *resolver) idleKeys() {
	ranked := r.anyHost(func(s host) bool { return s.Scheduling.Discipline.Ranks() })
	wired := r.anyHost(func(s host) bool { return s.Has("network") }) || slices.ContainsFunc(r.spec.Nodes, func(n node.Node) bool { return n.Server != nil && n.Wired() })
	network := r.cfg.file.Network
	priced := network != nil && network.Has("egress_price") || slices.ContainsFunc(r.nodes, func(n *nodeConfig) bool { c := n.cdn(); return c != nil && c.Has("egress_price") })
	const (
		unranked = "no server has scheduling = \"priority\" or \"preemptive-priority\": priorities change nothing"
		ranks    = `for example [server.NAME] scheduling = "priority"`
		unwired  = "no server has network: the sizes of requests change nothing"
		unpriced = "no server has network, and neither [network] nor a CDN has egress_price: the sizes of answers change nothing"
		wires    = `for example [server.NAME] network = "1Gbps"`
	)
	idle := func(p kind.Place, key string, needed bool, message, hint string) {
		if p.Has(key) && !needed {
			r.report.Add(p.AtKey(key, "W403", message).WithHint(hint))
		}
	}
	for i, n := range r.nodes {
		if c := n.client(); c != nil {
			idle(c.Place, "priority", ranked, unranked, ranks)
			idle(c.Place, "priorities", ranked, unranked, ranks)
			idle(c.Place, "request_size", wired, unwired, wires)
			idle(c.Place, "response_size", wired || priced, unpriced, wires)
			if t := c.Arrivals.Trace; t != nil {
				idle(t.Columns.Place, "size", wired || priced, unpriced, wires)
			}
		}
		if h, ok := n.host(); ok {
			r.idleDisk(h, r.spec.Nodes[i].Server)
			r.idleMemory(i, h)
		}
		if d := n.database(); d != nil {
			r.idleDatabase(i, d, func(p kind.Place) { idle(p, "priority", ranked, unranked, ranks) })
		}
		if s := n.server(); s != nil {
			for k := range s.On {
				idle(s.On[k].Place, "priority", ranked, unranked, ranks)
			}
			r.idleAdmission(i, s)
		}
	}
	r.idleMeans(network)
	r.idleRoutes()
	r.idleSticky()
	r.idleBalance()
	r.idleSlowStart()
	r.idleLines()
	idle(r.cfg.file.Place, "zones", network != nil || r.zonesFail(), "without [network] all zones are at one place, and no fault strikes one: they matter only where compare and drill --every let one fail",
		"for example [network] cross_zone = \"1ms\"")
}

// anyHost reports whether a server or a database of the file is so.
func (r *resolver) anyHost(is func(host) bool) bool {
	return slices.ContainsFunc(r.nodes, func(n *nodeConfig) bool { h, ok := n.host(); return ok && is(h) })
}

// idleMeans warns of the other side: of what messages of no size would fill
// or cost, of a time between zones where there is one zone, and of hedges
// that come when everybody has gone.
func (r *resolver) idleMeans(network *node.NetworkConfig) {
	asked, answered := false, false
	for _, n := range r.nodes {
		c := n.client()
		if c == nil {
			continue
		}
		asked = asked || c.Has("request_size")
		answered = answered || c.Has("response_size") || c.Arrivals.Trace != nil && c.Arrivals.Trace.Columns.Size != ""
		r.idleHedge(c.Place, c.Hedge, c.Timeout, "timeout")
		r.idleHedge(c.Place, c.Hedge, c.Deadline, "deadline")
		if c.Deadline > 0 && c.Timeout > c.Deadline {
			r.report.Add(c.AtKey("timeout", "W403", "the deadline comes before: this time-out changes nothing").See(c.KeyPos("deadline"), "the deadline").
				WithHint("a time-out is for each attempt, a deadline for all of them together"))
		}
	}
	for _, n := range r.nodes {
		if s, ok := n.host(); ok && s.Has("network") && s.Type == "" && !asked && !answered {
			r.report.Add(s.AtKey("network", "W403", "no client has request_size or response_size: nothing fills the network").
				WithHint(`for example [client.NAME] response_size = "20kB"`))
		}
	}
	for i := range r.cfg.file.Policies {
		p := &r.cfg.file.Policies[i]
		r.idleHedge(p.Place, p.Hedge, p.Timeout, "timeout")
	}
	r.idleCDNs(answered)
	if network == nil {
		return
	}
	if network.Has("egress_price") && !answered {
		r.report.Add(network.AtKey("egress_price", "W403", "no client has response_size: answers cost nothing").
			WithHint(`for example [client.NAME] response_size = "20kB"`))
	}
	if network.Has("cross_zone") && len(r.cfg.file.Zones) < 2 {
		r.report.Add(network.AtKey("cross_zone", "W403", "there are no two zones: no message goes from one to another").
			WithHint(`for example zones = ["a", "b"] at the top of the file`))
	}
}

// idleHedge warns of a second copy that is never sent: the attempt is given
// up before. (At the same instant it is sent.)
func (r *resolver) idleHedge(p kind.Place, hedge node.Hedge, until kind.Duration, key string) {
	if until > 0 && hedge.Given && hedge.After > until && p.Has("hedge") && p.Has(key) {
		r.report.Add(p.AtKey("hedge", "W403", "no attempt lasts so long: the "+key+" comes before, and no second copy is ever sent").
			See(p.KeyPos(key), "the "+key))
	}
}

// idleSlowStart warns of targets that never come back into rotation, and of
// policies that do not know weights.
func (r *resolver) idleSlowStart() {
	for _, n := range r.nodes {
		c := n.balancer()
		if c == nil || !c.Has("slow_start") {
			continue
		}
		if c.HealthCheck == nil && c.Ejection == nil {
			r.report.Add(c.AtKey("slow_start", "W403", "nothing takes a target out of rotation, so none comes back").
				WithHint(`for example health_check = { interval = "2s" }`))
		}
		if row, known := balance.Lookup(string(c.Policy)); known && !row.Weighted && row.Name != "round-robin" && row.Name != "least-connections" {
			r.report.Add(c.AtKey("slow_start", "W403", "the policy "+row.Name+" goes by no weights: a slow start changes nothing"))
		}
	}
}

// idleLines warns of limits of balancers that another one comes before.
func (r *resolver) idleLines() {
	for _, n := range r.nodes {
		c := n.balancer()
		if c == nil {
			continue
		}
		if c.Has("max_connections_per_target") && c.MaxConnections > 0 && c.MaxConnections <= c.MaxConnectionsPerTarget {
			r.report.Add(c.AtKey("max_connections_per_target", "W403", fmt.Sprintf("no more than %d requests are ever inside: this limit changes nothing", c.MaxConnections)).
				See(c.KeyPos("max_connections"), "max_connections"))
			continue
		}
		if c.Has("queue") && c.Queue == 0 && c.Has("queue_timeout") {
			r.report.Add(c.AtKey("queue_timeout", "W403", "with queue = 0 nobody waits for a connection: this changes nothing").See(c.KeyPos("queue"), "queue"))
		}
	}
}
