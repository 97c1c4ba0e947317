package topologies

import (
	"strconv"
	"strings"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/models/price"
)

// applyTypes fills in what the types of nodes give and the tree leaves out:
// the sizes and the price of a machine from the catalog, the settings of a
// balancer from its preset. They stand where the type stands, and bear its name as their
// origin.
func applyTypes(root *kind.Table, report *kind.Report) {
	machines := catalogOf(root)
	for _, of := range []node.Kind{node.Server, node.Database, node.Cache} {
		eachTyped(root, of, func(t *typed) {
			for _, e := range machines.gives(t.name.Text) {
				if of != node.Cache || t.cacheTakes(e.Key) {
					t.fill(e.Key, e.Value, false, report)
				}
			}
		})
	}
	for _, k := range []node.Kind{node.LoadBalancer, node.Queue} {
		eachTyped(root, k, func(t *typed) {
			if p, known := presetsOf(k)(t.name.Text); known {
				for _, f := range p.Figures {
					t.fill(f.Key, scalar(f.Value), f.Within, report)
				}
			}
		})
	}
}

// presetsOf are the presets of a kind of node, nil if it has none.
func presetsOf(k node.Kind) func(string) (*node.Preset, bool) {
	switch k {
	case node.LoadBalancer:
		return node.LookUpPreset
	case node.Queue:
		return node.LookUpQueuePreset
	}
	return nil
}

// sizesOf lists what a machine of the price list gives.
func sizesOf(m price.Machine) []node.Figure {
	sizes := []node.Figure{{Key: "cores", Value: strconv.Itoa(m.Cores)}, {Key: "memory", Value: kind.QuoteText(m.MemorySize())}}
	if m.Network() != "" {
		sizes = append(sizes, node.Figure{Key: "network", Value: kind.QuoteText(m.Network())})
	}
	return append(sizes, node.Figure{Key: "price_per_hour", Value: m.HourlyText()})
}

// typed is a node with a type.
type typed struct {
	path  string
	table *kind.Table
	name  *kind.Value // of the type
}

// eachTyped calls with each node of a kind that has a type.
func eachTyped(root *kind.Table, of node.Kind, do func(*typed)) {
	family := root.Get(of.String())
	if family == nil || family.Value.Type != kind.TypeTable {
		return
	}
	for _, e := range family.Value.Table.Entries {
		if e.Value.Type != kind.TypeTable {
			continue
		}
		if name := e.Value.Table.Get("type"); name != nil && name.Value.Type == kind.TypeString {
			do(&typed{kind.JoinKey(family.Key, e.Key), e.Value.Table, name.Value})
		}
	}
}

// cacheTakes reports whether a cache takes a key of a machine over: its price,
// and its memory where nothing else says how much there is room for.
func (t *typed) cacheTakes(key string) bool {
	return key == "price_per_hour" || key == "memory" && t.table.Get("object_size") != nil && t.table.Get("capacity") == nil
}

// fill gives a key what the type has for it, unless the tree has something.
// With within, nothing is given where the table that the key is in is missing.
func (t *typed) fill(path string, value *kind.Value, within bool, report *kind.Report) {
	table := t.table
	tables, key := "", path
	if at := strings.LastIndexByte(path, '.'); at >= 0 {
		tables, key = path[:at], path[at+1:]
	}
	if tables != "" {
		e := table.Get(tables)
		switch {
		case e == nil && within:
			return
		case e == nil:
			e = t.entry(tables, &kind.Value{Type: kind.TypeTable, Table: &kind.Table{Pos: t.name.Pos}})
			table.Add(e)
		case e.Value.Type != kind.TypeTable:
			return // which is said when it is read
		}
		table = e.Value.Table
	}
	one := t.entry(key, value)
	have := table.Get(key)
	if have == nil {
		table.Add(one)
		return
	}
	if overlaid := t.name.Origin != "" && have.Value.Origin == ""; overlaid && have.Value.Raw != one.Value.Raw {
		report.Add(kind.Diagnostic{
			Code: "W408", Pos: t.name.Pos, Key: t.keyOfType(),
			Message: "the file gives " + path + " = " + kind.Cut(oneLine(have.Value)) + ", which goes before the " + kind.Cut(oneLine(value)) + " of " + kind.QuoteText(t.name.Text),
			Hint:    "change " + path + " together with the type, or leave it out of the file",
		}.See(have.KeyPos, "given here"))
	}
}

// keyOfType is what a message calls the type by.
func (t *typed) keyOfType() string {
	origin := t.name.Origin
	if strings.HasSuffix(origin, ".") || strings.HasSuffix(origin, " ") {
		return origin + t.path + ".type"
	}
	return origin // of a deploy: it stands for the path
}

// entry is a key of the type's, which stands where the type does.
func (t *typed) entry(key string, v *kind.Value) *kind.Entry {
	own := withOrigin(v, t.name.Text+" ")
	own.Pos = t.name.Pos
	return &kind.Entry{Key: key, KeyPos: t.name.Pos, Value: own}
}

// scalar makes a value of a string, a boolean or a number as TOML writes it.
func scalar(text string) *kind.Value {
	if strings.HasPrefix(text, `"`) {
		return &kind.Value{Type: kind.TypeString, Text: strings.Trim(text, `"`), Raw: text}
	}
	if text == "true" || text == "false" {
		return &kind.Value{Type: kind.TypeBoolean, Bool: text == "true", Raw: text}
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return &kind.Value{Type: kind.TypeInteger, Int: n, Raw: text}
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		panic("topologies: a figure that is neither a string, a number nor a boolean: " + text)
	}
	return &kind.Value{Type: kind.TypeFloat, Float: x, Raw: text}
}
