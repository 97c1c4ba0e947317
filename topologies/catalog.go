package topologies

import (
	"slices"
	"strings"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/models/price"
)

// catalogKey is the key of the top level under which a file has machines of
// its own.
const catalogKey = "catalog"

// catalog is the types of machine that there are: those of the price list,
// and those of a file. In another currency than the list's its prices say
// nothing.
type catalog struct {
	own     *kind.Table
	foreign bool
}

// catalogOf returns the catalog of a tree.
func catalogOf(root *kind.Table) catalog {
	c := catalog{}
	if e := root.Get(catalogKey); e != nil && e.Value.Type == kind.TypeTable {
		c.own = e.Value.Table
	}
	if e := root.Get("currency"); e != nil && e.Value.Type == kind.TypeString {
		c.foreign = e.Value.Text != price.Currency
	}
	return c
}

// names lists the machines of the file.
func (c catalog) names() []string {
	if c.own == nil {
		return nil
	}
	return c.own.Keys()
}

// has reports whether there is a machine of a name.
func (c catalog) has(name string) bool {
	_, listed := price.LookUp(name)
	return listed || slices.Contains(c.names(), name)
}

// gives lists the keys and values that a type stands for, none if there is no
// such type or its table is wrong, which is reported where that stands.
func (c catalog) gives(name string) []*kind.Entry {
	if m, listed := price.LookUp(name); listed {
		return c.listGives(m)
	}
	if c.own == nil {
		return nil
	}
	own := c.own.Get(name)
	if own == nil || own.Value.Type != kind.TypeTable {
		return nil
	}
	probe := &kind.Decoder{Report: &kind.Report{}}
	var config node.CatalogConfig
	if kind.Decode(probe.At(own.Value, ""), &config); probe.Report.Failed() {
		return nil
	}
	var all []*kind.Entry
	for _, e := range own.Value.Table.Entries {
		if e.Key != "like" {
			all = append(all, e)
		}
	}
	if m, listed := price.LookUp(string(config.Like)); listed {
		for _, e := range c.listGives(m) {
			if own.Value.Table.Get(e.Key) == nil {
				all = append(all, e)
			}
		}
	}
	return all
}

// listGives lists what a machine of the price list stands for.
func (c catalog) listGives(m price.Machine) []*kind.Entry {
	var all []*kind.Entry
	for _, f := range sizesOf(m) {
		if c.foreign && f.Key == "price_per_hour" {
			continue
		}
		all = append(all, &kind.Entry{Key: f.Key, Value: scalar(f.Value)})
	}
	return all
}

// checkCatalog looks at the machines of the file: their names, and what they
// are like.
func (r *resolver) checkCatalog() {
	for i := range r.cfg.file.Catalog {
		m := &r.cfg.file.Catalog[i]
		path := kind.JoinKey(catalogKey, m.Name)
		if _, listed := price.LookUp(m.Name); listed {
			r.report.Add(kind.Diagnostic{Code: "E401", Pos: m.Pos, Key: path,
				Message: "the price list has a machine " + kind.QuoteText(m.Name) + ": a machine of the file needs a name of its own",
				Hint:    "for example [catalog.own] like = " + kind.QuoteText(m.Name)})
		}
		if v := m.ValueOf("like"); v != nil && v.Type == kind.TypeString {
			if _, listed := price.LookUp(v.Text); !listed {
				r.report.Add(m.At("like", "E205", "the price list has no machine "+kind.QuoteText(v.Text)+kind.OrMeant(price.Near(v.Text))).
					WithHint("capsim explain machines lists those of " + strings.Join(price.Providers(), ", ")))
			}
		}
		if m.Table != nil && len(m.Table.Entries) == 0 {
			r.report.Add(m.Whole("E203", "a machine needs a size or a price").WithHint("for example cores = 32 and price_per_hour = 0.21"))
		}
		if !r.file.names(m.Name) {
			r.report.Add(kind.Diagnostic{Code: "W403", Pos: m.Pos, Key: path,
				Message: "nothing is of the type " + kind.QuoteText(m.Name) + ": it changes nothing",
				Hint:    "a server, a database or a cache takes it with type = " + kind.QuoteText(m.Name)})
		}
	}
}

// names reports whether any value of the file, of its designs or of the
// command line is a text.
func (f *File) names(text string) bool {
	var within func(v *kind.Value) bool
	within = func(v *kind.Value) bool {
		switch v.Type {
		case kind.TypeString:
			return v.Text == text
		case kind.TypeArray:
			return slices.ContainsFunc(v.Items, within)
		case kind.TypeTable:
			return slices.ContainsFunc(v.Table.Entries, func(e *kind.Entry) bool { return within(e.Value) })
		}
		return false
	}
	for _, s := range f.sets {
		if within(s.value) {
			return true
		}
	}
	return within(&kind.Value{Type: kind.TypeTable, Table: f.whole})
}

// machineType is the type of a server, a database or a cache, "" if it has
// none that is known.
func (r *resolver) machineType(c kind.Place, name string) string {
	if v := c.ValueOf("type"); v == nil || v.Type != kind.TypeString {
		return ""
	}
	own := make([]string, len(r.cfg.file.Catalog))
	for i := range own {
		own[i] = r.cfg.file.Catalog[i].Name
	}
	if _, listed := price.LookUp(name); listed || slices.Contains(own, name) {
		return name
	}
	near := price.Near(name)
	if close := kind.Nearest(name, own); len(close) > 0 {
		near = close
	}
	hint := "capsim explain machines lists those of " + strings.Join(price.Providers(), ", ") + "; a file has its own in [catalog.NAME]"
	d := c.At("type", "E205", "unknown machine "+kind.QuoteText(name)+kind.OrMeant(near)).WithHint(hint)
	if _, balancer := node.LookUpPreset(name); balancer {
		d.Hint = name + " is a type of [load_balancer.NAME]; capsim explain machines lists those of a server"
	}
	r.report.Add(d)
	return ""
}
