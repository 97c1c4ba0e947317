package study

import (
	"cmp"
	"math"
	"slices"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim/stats"
)

// monthSeconds is a month of costs.
const monthSeconds = node.HoursPerMonth * 3600

// noPrice is the note of what a topology without any price costs.
const noPrice = "nothing has a price"

// priced is an item that is paid for.
type priced struct {
	node, item, unit string
	price            float64 // of a unit, the discount taken off; NaN: not known
	factor           float64 // units in a month of one
	source           string  // of the price; "": the file

	// used is how much of it there is: a mean number, or so many a month.
	used func(s *node.Snapshot) float64
}

// month is what so much of it costs a month.
func (p *priced) month(quantity float64) float64 {
	return float64(quantity * float64(p.price*p.factor))
}

// known reports whether it has a price.
func (p *priced) known() bool { return !math.IsNaN(p.price) }

// prices lists what is paid for, in the order of the nodes: with a price, and
// without one where nothing of a node that is paid by the hour has one.
func (f *figures) prices() []priced {
	var items []priced
	months := f.seconds / monthSeconds
	if n := f.spec.Network; n != nil && n.EgressPrice > 0 {
		items = append(items, priced{"network", "egress GB", "GB", n.EgressPrice, 1, "",
			func(s *node.Snapshot) float64 { return s.Egress.Float64() / 1e9 / months }})
	}
	for i := range f.spec.Nodes {
		n := &f.spec.Nodes[i]
		items = append(items, f.rents(i)...)
		if n.CDN != nil && n.CDN.EgressPrice > 0 {
			items = append(items, priced{n.Name, "egress GB", "GB", n.Discounted(n.CDN.EgressPrice), 1, "",
				func(s *node.Snapshot) float64 { return s.Nodes[i].Egress.Float64() / 1e9 / months }})
		}
		if n.External != nil && n.External.PricePerCall > 0 {
			items = append(items, priced{n.Name, "calls", "call", n.Discounted(n.External.PricePerCall), 1, "",
				func(s *node.Snapshot) float64 { return float64(s.Nodes[i].Arrivals) / months }})
		}
	}
	return items
}

// rents lists what is paid for by the hour at a node: its instances by what
// they are made of.
func (f *figures) rents(at int) []priced {
	n := &f.spec.Nodes[at]
	if !n.Rentable() || n.Rent == nil && n.Priced() && len(n.Rents) == 0 {
		return nil // it is paid for otherwise
	}
	var items []priced
	for build := range 1 + len(n.Rents) {
		p := priced{node: n.Name, item: rentItem(n, build), unit: "hour", price: math.NaN(), factor: node.HoursPerMonth}
		if r := n.RentOf(build); r != nil {
			p.price, p.source = n.Discounted(r.Hourly), r.Source
		}
		p.used = func(s *node.Snapshot) float64 { return f.started(s, at, build) }
		items = append(items, p)
	}
	return sameItems(items)
}

// rentItem names the instances of a build, by the type that they are of.
func rentItem(n *node.Node, build int) string {
	item := "instances"
	if n.Kind == node.Queue || n.Kind == node.CDN {
		item = "service" // of which nobody counts instances
	}
	if of := n.MachineOf(build); of != "" {
		item += " (" + of + ")"
	}
	return item
}

// sameItems makes one item of those that nobody could tell apart.
func sameItems(items []priced) []priced {
	var out []priced
	for _, p := range items {
		k := slices.IndexFunc(out, func(o priced) bool {
			return o.item == p.item && (o.price == p.price || !o.known() && !p.known())
		})
		if k < 0 {
			out = append(out, p)
			continue
		}
		one, other := out[k].used, p.used
		out[k].used = func(s *node.Snapshot) float64 { return one(s) + other(s) }
	}
	return out
}

// started is the mean number of instances of a build in a replication, from
// the start of each to its end.
func (f *figures) started(s *node.Snapshot, at, build int) float64 {
	n, fleet := &f.spec.Nodes[at], s.Nodes[at].Fleet
	mean := func(area stats.Sum128) float64 { return area.Float64() / float64(f.seconds*1e9) }
	switch {
	case n.Kind == node.Queue || n.Kind == node.CDN:
		return 1
	case fleet == nil && build > 0:
		return 0
	case fleet == nil:
		return float64(n.AtStart())
	case fleet.StartedBy == nil:
		return mean(fleet.Started)
	}
	return mean(fleet.StartedBy[build])
}

// monthly is what a month costs that is like the window, by replication.
func (f *figures) monthly() sample {
	items := f.prices()
	return f.collect(func(s *node.Snapshot) (float64, float64) { return monthOf(items, s), 1 })
}

// perMillion is the same for each million ok answers.
func (f *figures) perMillion() sample {
	items, months := f.prices(), f.seconds/monthSeconds
	return f.collect(func(s *node.Snapshot) (float64, float64) {
		return float64(monthOf(items, s) * months), float64(answers(s)) / 1e6
	})
}

// costSubject is what differences of cost are about, which no node has.
const costSubject = "cost"

// costs lists what designs may differ in that the whole system has. Nobody
// writes to it.
var costs = []struct {
	metric string
	of     func(f *figures) sample
}{{"monthly", (*figures).monthly}, {"per_million_requests", (*figures).perMillion}}

// monthOf is what all that has a price costs.
func monthOf(items []priced, s *node.Snapshot) float64 {
	sum := 0.0
	for k := range items {
		if items[k].known() {
			sum += items[k].month(items[k].used(s))
		}
	}
	return sum
}

// answers counts the ok answers of all clients within the window.
func answers(s *node.Snapshot) uint64 {
	n := uint64(0)
	for i := range s.Clients {
		for k := range s.Clients[i].Ops {
			n += s.Clients[i].Ops[k].Answered
		}
	}
	return n
}

// cost is what a month costs that is like the window, nil if nothing has a
// price.
func (f *figures) cost() *result.Cost {
	if !f.spec.Priced() {
		return nil
	}
	c := &result.Cost{
		Currency: f.spec.Currency, Monthly: f.monthly().estimate(""), PerMillionRequests: f.perMillion().estimate("no ok requests"),
		Lines: []result.CostLine{}, Without: []string{}, Sources: []string{},
	}
	if half := c.Monthly.HalfWidth; half != nil && *half > 0 {
		c.ByReplication = map[string][]*float64{"monthly": byReplication(f.monthly())}
	}
	items := f.prices()
	for k := range items {
		p := &items[k]
		line := f.costLine(p)
		if !p.known() && !slices.Contains(c.Without, p.node) {
			c.Without = append(c.Without, p.node)
		}
		if p.source != "" && !slices.Contains(c.Sources, p.source) {
			c.Sources = append(c.Sources, p.source)
		}
		c.Lines = append(c.Lines, line)
	}
	slices.Sort(c.Sources)
	slices.SortStableFunc(c.Lines, func(a, b result.CostLine) int { return cmp.Compare(amount(b.Monthly), amount(a.Monthly)) })
	return c
}

// costLine is an item over all replications.
func (f *figures) costLine(p *priced) result.CostLine {
	quantity := 0.0
	for _, s := range f.snaps {
		quantity += p.used(s)
	}
	line := result.CostLine{Node: p.node, Item: p.item, Quantity: quantity / float64(len(f.snaps)), Unit: p.unit}
	if !p.known() {
		line.Note = "no price"
		return line
	}
	month := p.month(line.Quantity)
	line.Price, line.Monthly = &p.price, &month
	return line
}

// amount is a sum of money, less than any where it is not known.
func amount(x *float64) float64 {
	if x == nil {
		return -1
	}
	return *x
}

// wasted reports whether a system cost something, was asked, and gave no ok
// answer at all.
func (f *figures) wasted() bool {
	offered, answered := uint64(0), uint64(0)
	for _, s := range f.snaps {
		answered += answers(s)
		for i := range s.Clients {
			for k := range s.Clients[i].Ops {
				offered += s.Clients[i].Ops[k].Offered
			}
		}
	}
	if offered == 0 || answered > 0 || !f.spec.Priced() {
		return false
	}
	monthly := f.monthly().estimate("").Mean
	return monthly != nil && *monthly > 0
}

// actualCost is the figure of an objective on what the system costs.
func (f *figures) actualCost(o *node.Objective) result.Estimate {
	switch {
	case !f.spec.Priced():
		return result.Estimate{Note: noPrice}
	case o.Metric == "cost":
		return f.monthly().estimate("")
	}
	return f.perMillion().estimate("no ok requests")
}
