package topologies

import (
	"fmt"
	"slices"

	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
)

// maxZones bounds the zones of a file.
const maxZones = 64

// zones resolves the availability zones.
func (r *resolver) zones() {
	seen := map[string]kind.Pos{}
	for _, at := range r.cfg.file.Zones {
		name := at.Value.Text
		code, message := kind.BadName(name)
		switch first, twice := seen[name]; {
		case code != "":
			r.report.Add(at.Problem(code, message))
		case twice:
			r.report.Add(at.Problem("E401", kind.QuoteText(name)+" is listed twice").See(first, "first here"))
		default:
			seen[name] = at.Value.Pos
			r.spec.Zones = append(r.spec.Zones, name)
		}
	}
	if n := len(r.spec.Zones); n > maxZones {
		r.report.Add(r.cfg.file.At("zones", "E703", fmt.Sprintf("%d zones; at most %d are allowed", n, maxZones)))
	}
	if emptyArray(r.cfg.file.Place, "zones") {
		r.report.Add(r.cfg.file.At("zones", "E302", "needs at least one zone").WithHint("leave it out for a single zone"))
	}
	if len(r.spec.Zones) == 0 {
		r.spec.Zones = []string{""}
	}
}

// emptyArray reports whether the value of a key is [].
func emptyArray(p kind.Place, key string) bool {
	v := p.ValueOf(key)
	return v != nil && v.Type == kind.TypeArray && len(v.Items) == 0
}

// zone finds a zone by name.
func (r *resolver) zone(at kind.Cursor) (int, bool) {
	i := slices.Index(r.spec.Zones, at.Value.Text)
	if i >= 0 && r.cfg.file.Has("zones") {
		return i, true
	}
	message, hint := "unknown zone "+kind.QuoteText(at.Value.Text), "the file has no zones; list them at its top: zones = [\"a\", \"b\"]"
	if r.cfg.file.Has("zones") {
		message += kind.DidYouMean(at.Value.Text, r.spec.Zones)
		hint = "the zones are " + listed(r.spec.Zones)
	}
	r.report.Add(at.Problem("E501", message).WithHint(hint))
	return 0, false
}

// standsIn resolves the zones of a node: all, if none are given.
func (r *resolver) standsIn(p kind.Place, list node.Strings) []int {
	var out []int
	if emptyArray(p, "zones") {
		r.report.Add(p.At("zones", "E302", "needs at least one zone").WithHint("leave it out to use all zones"))
	}
	for _, at := range list {
		if i, ok := r.zone(at); ok {
			if slices.Contains(out, i) {
				r.report.Add(at.Problem("E401", kind.QuoteText(at.Value.Text)+" is listed twice"))
				continue
			}
			out = append(out, i)
		}
	}
	if len(out) == 0 {
		for i := range r.spec.Zones {
			out = append(out, i)
		}
	}
	return out
}

// clientZone resolves where a client stands.
func (r *resolver) clientZone(i int, c *node.ClientConfig) {
	if at, given := r.at(c.Place, "zone"); given {
		if z, ok := r.zone(at); ok {
			r.spec.Nodes[i].Zones = []int{z}
		}
	}
}

// network resolves the [network].
func (r *resolver) network() {
	c := r.cfg.file.Network
	if c == nil {
		return
	}
	way := func(l node.TimeLaw) dist.Law {
		law := r.timeLaw(l)
		r.noTrace(law, l.At, "messages do not come from a trace")
		return law
	}
	s := &node.NetworkSpec{SameZone: way(c.SameZone), CrossZone: way(c.CrossZone), Internet: way(c.Internet), Loss: float64(c.Loss), EgressPrice: c.EgressPrice.Amount}
	taken := map[[2]int]kind.Pos{}
	for i := range c.Between {
		b := &c.Between[i]
		z := node.ZoneDelay{Delay: way(b.Delay)}
		if len(b.Zones) != 2 {
			if v := b.ValueOf("zones"); v != nil && v.Type == kind.TypeArray && len(v.Items) != 2 {
				r.report.Add(b.At("zones", "E302", fmt.Sprintf("needs two zones, got %d", len(v.Items))))
			}
			continue
		}
		var ok [2]bool
		z.A, ok[0] = r.zone(b.Zones[0])
		z.B, ok[1] = r.zone(b.Zones[1])
		if !ok[0] || !ok[1] {
			continue
		}
		pair := [2]int{min(z.A, z.B), max(z.A, z.B)}
		if first, twice := taken[pair]; twice {
			r.report.Add(b.At("zones", "E401", "the time between these zones is given twice").See(first, "first here"))
		}
		taken[pair] = b.ValueOf("zones").Pos
		s.Between = append(s.Between, z)
	}
	r.spec.Network = s
}

// external resolves an [external.NAME].
func (r *resolver) external(i int, n *nodeConfig) {
	c := n.external()
	r.spec.Nodes[i].External = &node.ExternalSpec{Latency: r.timeLaw(c.Latency), ErrorRatio: float64(c.ErrorRatio), PricePerCall: c.PricePerCall.Amount}
	r.discount(i, c.Place, c.Discount)
	r.noteTraced(r.spec.Nodes[i].External.Latency, i, "", c.Latency.At)
}

// lossy warns of callers who wait for lost messages without end.
func (r *resolver) lossy() {
	if r.spec.Network == nil || r.spec.Network.Loss == 0 {
		return
	}
	const message = "messages are lost, and nothing here ever times out: what waits for a lost answer waits until the run ends"
	for i, n := range r.nodes {
		spec := &r.spec.Nodes[i]
		if c := spec.Client; c != nil && c.Policy.Timeout == 0 && c.Policy.Deadline == 0 {
			d := n.at.Problem("W404", message).WithHint(`for example timeout = "2s"`)
			d.Pos = n.keyPos
			r.report.Add(d)
		}
		if c := spec.Cache; c != nil && c.Origin != nil && c.Timeout == 0 {
			r.report.Add(n.cache().At("origin", "W404", message).WithHint(`for example timeout = "2s"`))
		}
		if c := n.cdn(); c != nil && !c.Has("timeout") {
			r.report.Add(c.At("origin", "W404", message).WithHint(`for example timeout = "30s"`))
		}
		if q := n.queue(); q != nil && q.Visibility == 0 {
			d := n.at.Problem("W404", "messages are lost, and no delivery ever times out: one that is lost keeps its place until the run ends").
				WithHint(`for example visibility_timeout = "30s"`)
			d.Pos = n.keyPos
			r.report.Add(d)
		}
		if spec.Server != nil {
			r.lossyServer(spec.Server, message)
		}
	}
}

// lossyServer warns of steps that wait for lost messages without end. A set
// or an invalidation cannot time out, but nobody needs to wait for it.
func (r *resolver) lossyServer(spec *node.ServerSpec, message string) {
	aside := map[uint64]bool{}
	for _, op := range spec.Ops {
		r.eachStep(op.Steps, func(s *node.Step) {
			key, hint := "", `for example timeout = "300ms"`
			switch s.Kind {
			case node.StepSpawn:
				r.eachStep(s.Branches[0], func(inside *node.Step) { aside[inside.ID] = true })
			case node.StepCall:
				key = "call"
			case node.StepPublish:
				key = "publish"
			case node.StepGet:
				key = "get"
			case node.StepSet:
				key, hint = "set", "put it into a spawn step: then nobody waits for it"
			case node.StepInvalidate:
				key, hint = "invalidate", "put it into a spawn step: then nobody waits for it"
			}
			writes := s.Kind == node.StepSet || s.Kind == node.StepInvalidate
			if key != "" && s.Policy.Timeout == 0 && (!writes || !aside[s.ID]) {
				r.report.Add(r.places[s.ID].At(key, "W404", message).WithHint(hint))
			}
		})
	}
}
