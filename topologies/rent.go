package topologies

import (
	"cmp"
	"slices"
	"strings"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/models/price"
)

// rent is what an hour of an instance costs, nil if nothing says so.
func rent(of string, p node.Price) *node.Rent {
	if !p.Given {
		return nil
	}
	one := &node.Rent{Hourly: p.Amount}
	if m, listed := price.LookUp(of); listed && m.Hourly == p.Amount {
		one.Source = m.Provenance()
	}
	return one
}

// rented notes what the instances of a node cost.
func (r *resolver) rented(i int, c kind.Place, of string, hourly node.Price, off kind.Ratio) {
	r.spec.Nodes[i].Rent = rent(of, hourly)
	r.discount(i, c, off)
}

// discount notes what is taken off the prices of a node.
func (r *resolver) discount(i int, c kind.Place, share kind.Ratio) {
	r.spec.Nodes[i].Discount = float64(share)
	if c.Has("discount") && !r.spec.Nodes[i].Priced() && !r.nodes[i].bad {
		hint := "for example price_per_hour = 0.19"
		if r.spec.Nodes[i].Kind == node.External {
			hint = "for example price_per_call = 0.0001"
		}
		r.report.Add(c.AtKey("discount", "W403", kind.QuoteText(r.spec.Nodes[i].Name)+" has no price: there is nothing to take a discount off").WithHint(hint))
	}
}

// countsRents reports whether the cost of machines matters to whoever wrote the
// file: some cost something, or an objective is on the cost. Where only calls or
// bytes have one, the result says what it leaves out, and that is enough.
func (r *resolver) countsRents() bool {
	return slices.ContainsFunc(r.spec.Nodes, func(n node.Node) bool { return n.Rent != nil && n.Rent.Hourly > 0 || len(n.Rents) > 0 && n.Priced() }) ||
		slices.ContainsFunc(r.spec.Objectives, func(o node.Objective) bool { return o.Node == node.None })
}

// prices says what a cost leaves out, because nothing says what it costs.
func (r *resolver) prices() {
	if r.report.Failed() {
		return // what has no price may have a wrong one
	}
	if missing := r.spec.Unpriced(); len(missing) > 0 && r.countsRents() {
		var names []string
		for _, i := range missing {
			names = append(names, kind.QuoteText(r.spec.Nodes[i].Name))
		}
		verb, them := " has no price: the cost leaves it out", "it"
		if len(names) > 1 {
			verb, them = " have no price: the cost leaves them out", "them"
		}
		first := r.nodes[missing[0]]
		r.report.Add(kind.Diagnostic{Code: "W412", Pos: first.keyPos, Key: kind.JoinKey(first.row.Key, first.name),
			Message: listed(names) + verb,
			Hint:    "give " + them + " price_per_hour, 0 for what is free" + r.typeHint(missing)})
	}
	if r.spec.Priced() {
		return
	}
	hint := `for example [server.NAME] type = "aws:m7i.large", or price_per_hour = 0.19`
	if foreign := r.foreign(); foreign != "" {
		hint = "for example [server.NAME] price_per_hour = 0.19" + foreign
	}
	for k := range r.spec.Objectives {
		if o := &r.spec.Objectives[k]; o.Node == node.None {
			r.report.Add(r.cfg.file.Objectives[k].Problem("W412", "nothing here has a price, so that nobody knows the "+strings.ReplaceAll(o.Metric, "_", " ")).
				WithHint(hint))
			return
		}
	}
}

// foreign says why the list has no prices for the file, "" if it has.
func (r *resolver) foreign() string {
	if r.spec.Currency == price.Currency {
		return ""
	}
	return "; the prices of the list are in " + price.Currency + ", and the file is in " + r.spec.Currency
}

// typeHint adds that a type would do, where one of the nodes can have one that
// has a price, or why none has.
func (r *resolver) typeHint(missing []int) string {
	for _, i := range missing {
		switch r.spec.Nodes[i].Kind {
		case node.Server, node.Database, node.Cache:
			return cmp.Or(r.foreign(), `, or a type that has a price, such as "aws:m7i.large"`)
		}
	}
	return ""
}
