package topologies

import (
	"cmp"
	"slices"
	"strings"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
)

// shieldOf is what stands behind the name of a CDN in that of its shield.
const shieldOf = ".shield"

// shields adds a node for the shield of each CDN that has one.
func (cfg *config) shields() {
	for _, n := range slices.Clone(cfg.nodes) {
		if c := n.cdn(); c != nil && c.Shield.On {
			cfg.nodes = append(cfg.nodes, &nodeConfig{
				name: n.name + shieldOf, row: n.row, keyPos: c.KeyPos("shield"), at: n.at,
				config: &c.Shield.ShieldConfig, bad: n.bad, shields: n,
			})
		}
	}
}

// cdn resolves a [cdn.NAME], and its shield.
func (r *resolver) cdn(i int, n *nodeConfig) {
	c := n.cdn()
	spec := &node.CDNSpec{
		Origin: r.originOfCDN(c), Shield: node.None, Shields: node.None,
		HitRatio: float64(c.HitRatio), Timeout: sim.Time(c.Timeout), Coalesce: c.Coalesce,
		Latency: r.timeLaw(c.Latency), EgressPrice: c.Egress.Amount,
	}
	r.noteTraced(spec.Latency, i, "", c.Latency.At)
	for _, l := range c.Cacheable {
		spec.Cacheable = append(spec.Cacheable, node.Lifetime{Op: l.Name, TTL: sim.Time(l.TTL)})
	}
	slices.SortFunc(spec.Cacheable, func(a, b node.Lifetime) int { return strings.Compare(a.Op, b.Op) })
	r.keptBy(c, spec, n.bad)
	r.spec.Nodes[i].CDN, r.spec.Nodes[i].Instances = spec, c.Pops
	r.rented(i, c.Place, "", c.PricePerHour, c.Discount)
	r.routed = true // not all operations go on alike
	if c.Shield.On {
		r.shield(i, r.index[n.name+shieldOf], c)
	}
}

// shield puts the shield of a CDN in front of its origin: it keeps the same
// for as long, with room of its own.
func (r *resolver) shield(cdn, i int, c *node.CDNConfig) {
	s, outer := &c.Shield, r.spec.Nodes[cdn].CDN
	spec := *outer
	spec.Shields, spec.EgressPrice, spec.Latency = cdn, 0, r.timeLaw(s.Latency)
	r.noteTraced(spec.Latency, i, "", s.Latency.At)
	for _, key := range []string{"capacity", "memory"} {
		if s.Has(key) && !c.Has(key) {
			r.report.Add(s.AtKey(key, "E202", "this key goes with "+key+" of the CDN, which has none").
				WithHint("what the points of presence have no limit on, the shield has none on either"))
		}
	}
	if s.Has("capacity") {
		spec.Capacity = uint64(s.Capacity)
	}
	if s.Has("memory") {
		if spec.Capacity = s.Memory.N; s.Memory.Given && s.Memory.N == 0 {
			r.report.Add(s.At("memory", "E302", "must be more than 0B, got "+kind.QuoteText(s.Memory.Text)))
		}
	}
	if r.spec.Nodes[i].Kind == node.CDN { // or another node has taken its name, which has been reported
		r.spec.Nodes[i].CDN = &spec
	}
	outer.Shield, outer.Origin = i, node.Target{Node: i}
}

// originOfCDN resolves what stands behind a CDN.
func (r *resolver) originOfCDN(c *node.CDNConfig) node.Target {
	at, given := r.at(c.Place, "origin")
	if !given {
		return node.Target{Node: node.None}
	}
	t, ok := r.reference(at, node.Server, node.Database, node.LoadBalancer, node.External, node.Cache, node.CDN)
	if !ok || r.nodes[t.Node].row.Kind == node.Cache && !r.cacheTakes(at, t, "call") {
		return node.Target{Node: node.None}
	}
	return t
}

// standShields puts each shield where its origin stands.
func (r *resolver) standShields() {
	for i, n := range r.nodes {
		if c := r.spec.Nodes[i].CDN; n.shields != nil && c != nil && c.Origin.Node != node.None {
			r.spec.Nodes[i].Zones = r.spec.Nodes[c.Origin.Node].Zones
		}
	}
}

// withRatio are the keys of a CDN that a fixed hit ratio leaves nothing to
// decide.
var withRatio = []string{"cacheable", "shield", "capacity", "memory", "object_size", "policy", "warm", "coalesce"}

// keptBy checks what a CDN keeps.
func (r *resolver) keptBy(c *node.CDNConfig, spec *node.CDNSpec, bad bool) {
	if c.Has("hit_ratio") {
		for _, key := range withRatio {
			if c.Has(key) {
				r.report.Add(c.AtKey(key, "E207", "a fixed hit_ratio says what "+key+" would decide").See(c.KeyPos("hit_ratio"), "hit_ratio").
					WithHint("keep one of them"))
			}
		}
		return
	}
	if !c.Has("cacheable") {
		r.report.Add(c.Whole("E203", "a CDN needs cacheable, or hit_ratio: otherwise it keeps nothing").WithHint(`for example cacheable = { browse = "60s" }`))
		return
	}
	spec.Policy = c.Policy.Choice.String()
	if !bad {
		spec.Capacity, spec.Size = r.roomFor(c.Place, c.Capacity, c.Memory, c.ObjectSize)
	}
}

// warmCDN decides what the points of presence and the shield of a CDN hold at
// the start. Where nothing has keys, each operation is one item.
func (r *resolver) warmCDN(i int, c *node.CDNConfig) {
	spec := r.spec.Nodes[i].CDN
	most := spec.Capacity
	if spec.Shield != node.None {
		most = max(most, r.spec.Nodes[spec.Shield].CDN.Capacity)
	}
	w := r.warmFor(i, c.Place, spec.Size, most, 1)
	if w.Ops = nil; w.Below == 0 && len(w.Items) == 0 {
		w.Below = 1
	}
	asked := r.askedFor(i)
	for _, l := range spec.Cacheable {
		if slices.Contains(asked, l.Op) {
			w.Ops = append(w.Ops, l.Op)
		}
	}
	spec.Warm = w
	if spec.Shield != node.None {
		r.spec.Nodes[spec.Shield].CDN.Warm = w
	}
}

// idleCDNs warns (W403) of what would make no difference.
func (r *resolver) idleCDNs(answered bool) {
	for i, n := range r.nodes {
		c := n.cdn()
		if c == nil {
			continue
		}
		asked := r.askedFor(i)
		for _, l := range c.Cacheable {
			if len(asked) > 0 && !slices.Contains(asked, l.Name) {
				d := l.At.Problem("W403", "no request for "+kind.QuoteText(l.Name)+" comes to "+kind.QuoteText(n.name)+kind.DidYouMean(l.Name, asked))
				d.Pos = l.Key
				r.report.Add(d.WithHint("what comes is " + listed(asked)))
			}
		}
		if c.Has("egress_price") && !answered {
			r.report.Add(c.AtKey("egress_price", "W403", "no client has response_size: answers cost nothing").
				WithHint(`for example [client.NAME] response_size = "20kB"`))
		}
	}
}

// askedFor lists the operations that requests to a node ask for.
func (r *resolver) askedFor(at int) []string {
	found, seen := []string{}, map[passage]bool{}
	var visit func(i int, op string)
	visit = func(i int, op string) {
		if i == node.None || seen[passage{i, op}] {
			return
		}
		seen[passage{i, op}] = true
		n := &r.spec.Nodes[i]
		switch to := n.Origin(); {
		case i == at:
			found = append(found, op)
		case n.Balancer != nil:
			for _, t := range n.Balancer.Ways()[n.Balancer.Way(op)] {
				visit(t, op)
			}
		case to != nil:
			visit(to.Node, cmp.Or(to.Op, op))
		}
	}
	for i := range r.spec.Nodes {
		n := &r.spec.Nodes[i]
		if n.Client != nil {
			for _, op := range n.Client.Ops {
				visit(n.Client.Target.Node, cmp.Or(n.Client.Target.Op, op.Name))
			}
		}
		if n.Server != nil {
			for _, op := range n.Server.Ops {
				r.eachStep(op.Steps, func(s *node.Step) {
					if s.Kind == node.StepCall {
						visit(s.Target.Node, cmp.Or(s.Target.Op, "request"))
					}
				})
			}
		}
	}
	slices.Sort(found)
	return found
}

// delays reports whether every request to a node takes time there, whatever
// becomes of it.
func (r *resolver) delays(at int) bool {
	switch n := &r.spec.Nodes[at]; {
	case n.External != nil:
		return takesTime(n.External.Latency)
	case n.CDN != nil:
		return takesTime(n.CDN.Latency)
	case n.Cache != nil:
		return takesTime(n.Cache.Latency)
	case n.Queue != nil:
		return takesTime(n.Queue.Latency)
	}
	return false
}
