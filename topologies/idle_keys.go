package topologies

import (
	"slices"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
)

// idleKeys warns (W403) of keys that need something else in the file to
// change anything, where that is missing.
func (r *resolver) idleKeys() {
	ranked := r.anyServer(func(s *node.ServerConfig) bool { return s.Scheduling == "priority" })
	wired := r.anyServer(func(s *node.ServerConfig) bool { return s.Has("network") })
	network := r.cfg.file.Network
	priced := network != nil && network.Has("egress_price")
	const (
		unranked = "no server has scheduling = \"priority\": priorities change nothing"
		ranks    = `for example [server.NAME] scheduling = "priority"`
		unwired  = "no server has network: the sizes of requests change nothing"
		unpriced = "no server has network, and [network] has no egress_price: the sizes of answers change nothing"
		wires    = `for example [server.NAME] network = "1Gbps"`
	)
	idle := func(p kind.Place, key string, needed bool, message, hint string) {
		if p.Has(key) && !needed {
			r.report.Add(p.AtKey(key, "W403", message).WithHint(hint))
		}
	}
	for _, n := range r.nodes {
		if c := n.client(); c != nil {
			idle(c.Place, "priority", ranked, unranked, ranks)
			idle(c.Place, "priorities", ranked, unranked, ranks)
			idle(c.Place, "request_size", wired, unwired, wires)
			idle(c.Place, "response_size", wired || priced, unpriced, wires)
			if t := c.Arrivals.Trace; t != nil {
				idle(t.Columns.Place, "size", wired || priced, unpriced, wires)
			}
		}
		if s := n.server(); s != nil {
			for i := range s.On {
				idle(s.On[i].Place, "priority", ranked, unranked, ranks)
			}
		}
	}
	r.idleRoutes()
	r.idleSticky()
	r.idleBalance()
	idle(r.cfg.file.Place, "zones", network != nil, "without [network] all zones are at one place: they change nothing",
		"for example [network] cross_zone = \"1ms\"")
}

// anyServer reports whether a server of the file is so.
func (r *resolver) anyServer(is func(*node.ServerConfig) bool) bool {
	return slices.ContainsFunc(r.nodes, func(n *nodeConfig) bool { s := n.server(); return s != nil && is(s) })
}
