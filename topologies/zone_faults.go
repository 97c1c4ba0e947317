package topologies

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
)

// struck resolves what a fault strikes: an instance, a node with all of its
// instances, or what stands in a zone; of some kinds of node.
func (r *resolver) struck(at kind.Cursor, kinds ...node.Kind) ([]fault.Span, bool) {
	if strings.HasPrefix(at.Value.Text, zonePrefix) {
		return r.standing(at, kinds...)
	}
	one, ok := r.faultTarget(at, kinds...)
	return []fault.Span{one}, ok
}

// zonePrefix begins the name of a zone where a node could stand.
const zonePrefix = "zone:"

// standing lists the instances in a zone, of some kinds of node, by node.
func (r *resolver) standing(at kind.Cursor, kinds ...node.Kind) ([]fault.Span, bool) {
	named := at
	value := *at.Value
	value.Text = strings.TrimPrefix(value.Text, zonePrefix)
	named.Value = &value
	zone, ok := r.zone(named)
	if !ok {
		return nil, false
	}
	var out []fault.Span
	for i := range r.spec.Nodes {
		if n := &r.spec.Nodes[i]; slices.Contains(kinds, n.Kind) {
			out = append(out, inZone(i, n, zone)...)
		}
	}
	if len(out) == 0 {
		r.report.Add(at.Problem("E501", "nothing that this could strike stands in zone "+kind.QuoteText(value.Text)).
			WithHint("the instances of a node stand in the zones of the file, or of its own zones key, in turn; external services and points of presence stand beyond them"))
	}
	return out, len(out) > 0
}

// zonesFail reports whether a fault is about a zone.
func (r *resolver) zonesFail() bool {
	if p := r.cfg.file.Plan; p != nil && slices.ContainsFunc(p.Survive, func(at kind.Cursor) bool { return strings.Contains(at.Value.Text, zonePrefix) }) {
		return true
	}
	return slices.ContainsFunc(r.spec.Faults, func(f fault.Fault) bool { return strings.Contains(f.Target, zonePrefix) })
}

// inZone lists the instances of a node that stand in a zone.
func inZone(i int, n *node.Node, zone int) []fault.Span {
	var out []fault.Span
	for k := range max(1, n.Instances) {
		if n.Zone(k) != zone {
			continue
		}
		if last := len(out) - 1; last >= 0 && out[last].First+out[last].Count == k {
			out[last].Count++
		} else {
			out = append(out, fault.Span{Node: i, First: k, Count: 1})
		}
	}
	return out
}

// mayPart are the kinds of node that may stand on a side of a partition: all.
var mayPart = append([]node.Kind{node.Client}, canFail...)

// partition resolves what a partition parts.
func (r *resolver) partition(c *node.FaultConfig, f *fault.Fault) bool {
	list := c.Partition
	if v := c.ValueOf("partition"); v == nil || v.Type != kind.TypeArray || len(list) < len(v.Items) {
		return false // which has been reported
	}
	if len(list) != len(f.Sides) {
		r.report.Add(c.At("partition", "E302", fmt.Sprintf("a partition has two sides, got %d", len(list))).
			WithHint(`for example partition = ["zone:a", "zone:b"]`))
		return false
	}
	good := true
	for side, at := range list {
		spans, ok := r.struck(at, mayPart...)
		f.Sides[side], good = spans, good && ok
		f.Where = append(f.Where, spans...)
	}
	if !good {
		return false
	}
	f.Target = list[0].Value.Text + " " + list[1].Value.Text
	slices.SortFunc(f.Where, func(a, b fault.Span) int {
		return cmp.Or(cmp.Compare(a.Node, b.Node), cmp.Compare(a.First, b.First))
	})
	for k, s := range f.Where[1:] {
		if before := f.Where[k]; before.Node == s.Node && before.First+before.Count > s.First {
			r.report.Add(list[1].Problem("E401", kind.QuoteText(r.spec.Nodes[s.Node].InstanceName(s.First))+" stands on both sides").
				See(list[0].Value.Pos, "the other side"))
			return false
		}
	}
	return true
}

// covered counts the instances of a node that a fault strikes, and reports
// which they are.
func covered(f *fault.Fault, at int) (number int, has func(i int) bool) {
	var spans []fault.Span
	for _, where := range f.Where {
		if where.Node == at {
			spans = append(spans, where)
			number += where.Count
		}
	}
	return number, func(i int) bool {
		return slices.ContainsFunc(spans, func(s fault.Span) bool { return s.First <= i && i < s.First+s.Count })
	}
}
