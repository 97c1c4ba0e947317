package topologies

import (
	"strconv"
	"strings"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/models/price"
)

// applyTypes fills in what the types of nodes give and the tree leaves out:
// the sizes of a machine from the price list, the settings of a balancer from
// its preset. They stand where the type stands, and bear its name as their
// origin.
func applyTypes(root *kind.Table, report *kind.Report) {
	for _, of := range []node.Kind{node.Server, node.Database} {
		eachTyped(root, of, func(t *typed) {
			if m, known := price.LookUp(t.name.Text); known {
				for _, f := range sizesOf(m) {
					t.fill(f, report)
				}
			}
		})
	}
	eachTyped(root, node.Cache, func(t *typed) {
		if m, known := price.LookUp(t.name.Text); known && t.table.Get("object_size") != nil && t.table.Get("capacity") == nil {
			t.fill(node.Figure{Key: "memory", Value: kind.QuoteText(m.MemorySize())}, report)
		}
	})
	for _, k := range []node.Kind{node.LoadBalancer, node.Queue} {
		eachTyped(root, k, func(t *typed) {
			if p, known := presetsOf(k)(t.name.Text); known {
				for _, f := range p.Figures {
					t.fill(f, report)
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

// sizesOf lists what a machine gives.
func sizesOf(m price.Machine) []node.Figure {
	sizes := []node.Figure{{Key: "cores", Value: strconv.Itoa(m.Cores)}, {Key: "memory", Value: kind.QuoteText(m.MemorySize())}}
	if m.Network() != "" {
		sizes = append(sizes, node.Figure{Key: "network", Value: kind.QuoteText(m.Network())})
	}
	return sizes
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

// fill gives a key the figure of the type, unless the tree has one.
func (t *typed) fill(f node.Figure, report *kind.Report) {
	table := t.table
	tables, key := "", f.Key
	if at := strings.LastIndexByte(f.Key, '.'); at >= 0 {
		tables, key = f.Key[:at], f.Key[at+1:]
	}
	if tables != "" {
		e := table.Get(tables)
		switch {
		case e == nil && f.Within:
			return
		case e == nil:
			e = t.entry(tables, &kind.Value{Type: kind.TypeTable, Table: &kind.Table{Pos: t.name.Pos}})
			table.Add(e)
		case e.Value.Type != kind.TypeTable:
			return // which is said when it is read
		}
		table = e.Value.Table
	}
	one := t.entry(key, scalar(f.Value))
	have := table.Get(key)
	if have == nil {
		table.Add(one)
		return
	}
	if overlaid := t.name.Origin != "" && have.Value.Origin == ""; overlaid && have.Value.Raw != one.Value.Raw {
		report.Add(kind.Diagnostic{
			Code: "W408", Pos: t.name.Pos, Key: t.keyOfType(),
			Message: "the file gives " + f.Key + " = " + kind.Cut(have.Value.Raw) + ", which goes before the " + f.Value + " of " + kind.QuoteText(t.name.Text),
			Hint:    "change " + f.Key + " together with the type, or leave it out of the file",
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

// entry is a key of the type's.
func (t *typed) entry(key string, v *kind.Value) *kind.Entry {
	v.Pos, v.Origin = t.name.Pos, t.name.Text+" "
	return &kind.Entry{Key: key, KeyPos: t.name.Pos, Value: v}
}

// scalar makes a value of a string or a whole number as TOML writes it.
func scalar(text string) *kind.Value {
	if strings.HasPrefix(text, `"`) {
		return &kind.Value{Type: kind.TypeString, Text: strings.Trim(text, `"`), Raw: text}
	}
	if text == "true" || text == "false" {
		return &kind.Value{Type: kind.TypeBoolean, Bool: text == "true", Raw: text}
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		panic("topologies: a figure that is neither a string, a whole number nor a boolean: " + text)
	}
	return &kind.Value{Type: kind.TypeInteger, Int: n, Raw: text}
}

// machineType is the type of a server, a database or a cache, "" if it has none that is
// known.
func (r *resolver) machineType(c kind.Place, name string) string {
	if v := c.ValueOf("type"); v == nil || v.Type != kind.TypeString {
		return ""
	}
	if _, known := price.LookUp(name); known {
		return name
	}
	d := c.At("type", "E205", "unknown machine "+kind.QuoteText(name)+kind.OrMeant(price.Near(name))).
		WithHint("capsim explain machines lists those of " + strings.Join(price.Providers(), ", "))
	if _, balancer := node.LookUpPreset(name); balancer {
		d.Hint = name + " is a type of [load_balancer.NAME]; capsim explain machines lists those of a server"
	}
	r.report.Add(d)
	return ""
}
