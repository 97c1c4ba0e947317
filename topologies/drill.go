package topologies

import (
	"fmt"
	"slices"
	"strings"

	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
)

// DrillFault is one --fault "KIND TARGET [at T] [for D] [KEY VALUE…]".
type DrillFault struct {
	Text string
	Arg  int // which argument of the command, from 1
}

// Drills are the faults that a system is to be tried with, each alone.
type Drills struct {
	Spec    *node.Spec        // with all of them in Faults
	AnyOf   map[string]string // by the fault's name: what it stands for beside itself
	Skipped []string          // what no drill can be made of, and why
}

// Drills checks one design of the file with the faults that are asked for, or
// if every is true with one for each thing that can break, or if neither with
// those of the file. What a fault does not say of its time is filled in: it
// begins when the traffic is greatest.
func (f *File) Drills(design string, asked []DrillFault, every bool) (Drills, *kind.Report) {
	if len(asked) == 0 && !every {
		spec, report := f.Spec(design)
		if spec != nil && len(spec.Faults) == 0 {
			report.Add(kind.Diagnostic{Code: "E203", Pos: f.src.start(), Key: "fault",
				Message: "the file has no [[fault]], so there is nothing to drill",
				Hint:    `give one: --fault "kill app[0]", or all that can break: --every`})
			spec = nil
		}
		return Drills{Spec: spec}, report
	}
	whole, report := f.withFaults(nil).Spec(design)
	if whole == nil {
		return Drills{}, report
	}
	p := drillPlan(whole)
	var faults []*kind.Value
	for _, one := range asked {
		if v := p.parse(one, report); v != nil {
			faults = append(faults, v)
		}
	}
	if report.Failed() {
		return Drills{}, report
	}
	d := Drills{AnyOf: map[string]string{}}
	if every {
		for _, c := range p.everything(whole) {
			v := p.parse(DrillFault{Text: c.text}, &kind.Report{})
			if spec, found := f.withFaults([]*kind.Value{v}).Spec(design); spec == nil {
				d.Skipped = append(d.Skipped, c.text+": "+firstError(found))
				continue
			}
			faults = append(faults, v)
			d.AnyOf[c.name()] = c.anyOf
		}
	}
	spec, found := f.withFaults(faults).Spec(design)
	if spec != nil && len(spec.Faults) == 0 {
		found.Add(kind.Diagnostic{Code: "E203", Pos: f.src.start(), Key: "fault", Message: "nothing here can break, so there is nothing to drill",
			Hint: "a fault strikes a node that is no client"})
		spec = nil
	}
	d.Spec = spec
	return d, found
}

func firstError(report *kind.Report) string {
	for _, d := range report.Diagnostics() {
		if d.Severity() != kind.Warning {
			return d.Message
		}
	}
	return ""
}

// withFaults is the file with these faults instead of its own.
func (f *File) withFaults(faults []*kind.Value) *File {
	g := *f
	g.faults = &faults
	return &g
}

// replaceFaults puts the faults of a drill in place of the file's.
func (f *File) replaceFaults(root *kind.Table) {
	if f.faults == nil {
		return
	}
	at := f.src.start()
	if e := root.Get("fault"); e != nil {
		at = e.KeyPos
	}
	root.Set(&kind.Entry{Key: "fault", KeyPos: at, Value: &kind.Value{Type: kind.TypeArray, Pos: at, Items: *f.faults}})
}

// plan is when a drill's fault begins and ends that does not say it.
type plan struct{ at, lasts sim.Time }

// The window in so many parts, in which the traffic is compared; a drill
// begins within the first two thirds of them, for there to be time to recover.
const (
	planParts  = 240
	planBefore = planParts * 2 / 3
	planSteady = planParts / 10 // where the traffic is the same all the time
	planLasts  = planParts / 5
)

// drillPlan finds when the traffic is greatest.
func drillPlan(spec *node.Spec) plan {
	part := func(i int) sim.Time {
		d := spec.Run.Duration
		return d/planParts*sim.Time(i) + d%planParts*sim.Time(i)/planParts
	}
	best, most, least := 0, -1.0, -1.0
	for i := range planBefore {
		rate := trafficBetween(spec, part(i), part(i+1))
		if rate > most*(1+1e-9) {
			best, most = i, rate
		}
		if least < 0 || rate < least {
			least = rate
		}
	}
	if most <= least*(1+1e-6) {
		best = planSteady
	}
	return plan{at: part(best), lasts: part(planLasts)}
}

// trafficBetween is the mean rate of all open clients; the users, where there
// are no others.
func trafficBetween(spec *node.Spec, from, to sim.Time) float64 {
	rate, users, open := 0.0, 0.0, false
	for i := range spec.Nodes {
		c := spec.Nodes[i].Client
		switch {
		case c == nil:
		case c.Open != nil:
			open = true
			upTo := func(t sim.Time) float64 {
				if t == 0 {
					return 0
				}
				return c.Open.MeanRate(t) * t.Seconds()
			}
			rate += (upTo(to) - upTo(from)) / (to - from).Seconds()
		case c.Closed != nil:
			users += usersAt(c.Closed, from)
		}
	}
	if open {
		return rate
	}
	return users
}

// usersAt is how many users there are at a time.
func usersAt(u *arrival.Users, at sim.Time) float64 {
	users, from := float64(u.Initial), sim.Time(0)
	for _, r := range u.Ramps {
		if at < from+r.Duration {
			return users + (r.Target-users)*(at-from).Seconds()/r.Duration.Seconds()
		}
		users, from = r.Target, from+r.Duration
	}
	return users
}

// parse makes a [[fault]] table of a text. What is wrong with the values is
// found when the table is read.
func (p plan) parse(f DrillFault, report *kind.Report) *kind.Value {
	pos := kind.Pos{File: kind.CommandLine, Line: 1, Col: max(f.Arg, 1), EndCol: max(f.Arg, 1) + 1}
	fail := func(code, message, hint string) *kind.Value {
		report.Add(kind.Diagnostic{Code: code, Pos: pos, Key: "--fault", Message: message, Hint: hint})
		return nil
	}
	const form = `for example --fault "kill app[0] at 60s for 90s"`
	words := strings.Fields(f.Text)
	kinds := faultKinds()
	switch {
	case len(f.Text) > maxArgument:
		return fail("E704", "longer than 64 KiB", "")
	case len(words) == 0:
		return fail("E802", "expected KIND TARGET [at TIME] [for TIME], got nothing", form)
	case !slices.Contains(kinds, words[0]):
		return fail("E205", "unknown kind of fault "+kind.QuoteText(words[0])+kind.DidYouMean(words[0], kinds), "the kinds are "+strings.Join(kinds, ", "))
	}
	known := kind.KeysOf(kind.Describe(node.FaultConfig{}))
	t := &kind.Table{Pos: pos}
	for i := 0; i < len(words); {
		key, first := words[i], i+1
		for i = first; i < len(words) && !slices.Contains(known, words[i]); i++ {
		}
		if t.Get(key) != nil {
			return fail("E802", kind.QuoteText(key)+" is given twice", form)
		}
		value, ok := drillValue(f.Arg, words[first:i], first == 1)
		if !ok {
			return fail("E802", "expected what it strikes after "+kind.QuoteText(key), form)
		}
		t.Add(&kind.Entry{Key: key, KeyPos: pos, Value: withOrigin(value, "--fault ")})
	}
	p.fill(t, pos)
	return &kind.Value{Type: kind.TypeTable, Pos: pos, Table: t, Origin: "--fault "}
}

// drillValue reads the words behind a key: of the kind the target, or several;
// of another key what TOML makes of them, else a string; none is true.
func drillValue(arg int, words []string, target bool) (*kind.Value, bool) {
	text := strings.Join(words, " ")
	switch {
	case target && len(words) == 0:
		return nil, false
	case target:
		var names []string
		for name := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ' ' || r == ',' }) {
			names = append(names, quoteTOML(name))
		}
		text = strings.Join(names, ", ")
		if len(names) != 1 {
			text = "[" + text + "]"
		}
	case len(words) == 0:
		text = "true"
	}
	t := parseArgument(max(arg, 1), "value = "+text)
	if t == nil {
		t = parseArgument(max(arg, 1), "value = "+quoteTOML(text))
	}
	if t == nil {
		return nil, false
	}
	return t.Entries[0].Value, true
}

// fill says when a fault begins that does not say so, and how long it lasts.
// What comes by chance, or is over at once, needs less.
func (p plan) fill(t *kind.Table, pos kind.Pos) {
	add := func(key string, d sim.Time) {
		text := kind.FormatDuration(int64(d))
		t.Add(&kind.Entry{Key: key, KeyPos: pos, Value: &kind.Value{
			Type: kind.TypeString, Text: text, Raw: quoteTOML(text), Pos: pos, Origin: "--fault ",
		}})
	}
	if t.Get("mttf") != nil {
		return
	}
	if t.Get("at") == nil {
		add("at", p.at)
	}
	if t.Get("for") == nil && t.Entries[0].Key != "flush" {
		add("for", p.lasts)
	}
}

func faultKinds() []string {
	var keys []string
	for _, row := range fault.Table {
		keys = append(keys, row.Key)
	}
	return keys
}

// candidate is something that can break.
type candidate struct {
	text  string // as --fault has it
	anyOf string // what it stands for: instances that are alike
}

// name is that of the fault.
func (c candidate) name() string { return strings.Join(strings.Fields(c.text)[:2], " ") }

// everything lists what can break: an instance of each group of instances that
// are alike, each node, each zone, each service of somebody else.
func (p plan) everything(spec *node.Spec) []candidate {
	var all []candidate
	kinds := faultKinds()
	for i := range spec.Nodes {
		n := &spec.Nodes[i]
		if n.Kind == node.Client {
			continue
		}
		if n.Kind == node.External {
			if slices.Contains(kinds, "slow") {
				all = append(all, candidate{text: "slow " + n.Name + " factor 10"})
			}
		} else if groups := alike(spec, n); len(groups) > 0 {
			all = append(all, groups...)
		}
		all = append(all, candidate{text: "kill " + n.Name})
	}
	if len(spec.Zones) > 1 {
		for _, z := range spec.Zones {
			all = append(all, candidate{text: "kill zone:" + z})
		}
	}
	return all
}

// zoneName is the zone that an instance stands in, "" for none.
func zoneName(spec *node.Spec, n *node.Node, k int) string {
	if z := n.Zone(k); z >= 0 {
		return spec.Zones[z]
	}
	return ""
}

// alike groups the instances of a node that stand in the same zone and do the
// same, of those that there are at the start: a second set and what autoscale
// starts are like them. A node that has only one is that instance.
func alike(spec *node.Spec, n *node.Node) []candidate {
	count := n.AtStart()
	if count == 1 {
		return nil
	}
	type group struct {
		first, number int
		role, zone    string
	}
	var groups []group
	for k := range count {
		role := n.InstanceName(k)
		if at := strings.LastIndexByte(role, '['); at >= 0 && strings.HasSuffix(role, "]") {
			role = role[:at]
		}
		g := group{first: k, number: 1, role: role, zone: zoneName(spec, n, k)}
		at := slices.IndexFunc(groups, func(h group) bool { return h.role == g.role && h.zone == g.zone })
		if at < 0 {
			groups = append(groups, g)
			continue
		}
		groups[at].number++
	}
	var out []candidate
	for _, g := range groups {
		c := candidate{text: "kill " + n.InstanceName(g.first)}
		if g.number > 1 {
			c.anyOf = fmt.Sprintf("any of %d", g.number)
			if len(spec.Zones) > 1 {
				c.anyOf += " in zone " + g.zone
			}
		}
		out = append(out, c)
	}
	return out
}
