package topologies

import (
	"slices"
	"strings"
	"unicode"

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
	d, found := f.drillsOf(design, asked, every, func(candidate) bool { return true })
	if d.Spec != nil && len(d.Spec.Faults) == 0 {
		found.Add(kind.Diagnostic{Code: "E203", Pos: f.src.start(), Key: "fault", Message: "nothing here can break, so there is nothing to drill",
			Hint: "a fault strikes a node that is no client"})
		d.Spec = nil
	}
	return d, found
}

// drillsOf are the drills of the faults that are asked for, and, if every is
// true, of what can break and is wanted.
func (f *File) drillsOf(design string, asked []DrillFault, every bool, wanted func(candidate) bool) (Drills, *kind.Report) {
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
			if !wanted(c) {
				continue
			}
			v := p.parse(DrillFault{Text: c.text()}, &kind.Report{})
			if spec, found := f.withFaults([]*kind.Value{v}).Spec(design); spec == nil {
				d.Skipped = append(d.Skipped, c.name()+": "+firstError(found))
				continue
			}
			faults = append(faults, v)
			d.AnyOf[c.name()] = c.anyOf
		}
	}
	spec, found := f.withFaults(faults).Spec(design)
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
	words := drillWords(f.Text)
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
		given := words[first:i]
		one := key != "partition" && first == 1
		switch {
		case t.Get(key) != nil:
			return fail("E802", kind.QuoteText(key)+" is given twice", form)
		case len(given) == 0 && first == 1:
			return fail("E802", "expected what it strikes after "+kind.QuoteText(key), form)
		case len(given) == 0 && key != "silent":
			return fail("E802", "expected a value after "+kind.QuoteText(key), form)
		case one && len(given) > 1:
			return fail("E802", "unknown word "+kind.QuoteText(given[1])+kind.DidYouMean(given[1], known),
				"a fault strikes one thing, and goes on with at, for or another key; a name that has spaces is put in quotes")
		}
		value := drillValue(f.Arg, given, first == 1, one)
		if value == nil {
			return fail("E802", "what follows "+kind.QuoteText(key)+" is no text of TOML: "+kind.QuoteText(strings.Join(given, " ")), form)
		}
		t.Add(&kind.Entry{Key: key, KeyPos: pos, Value: withOrigin(value, "--fault ")})
	}
	p.fill(t, pos)
	return &kind.Value{Type: kind.TypeTable, Pos: pos, Table: t, Origin: "--fault "}
}

// drillWords splits a text at its spaces. A word that begins with a quote goes
// on to the next one, and keeps them: it is no key.
func drillWords(text string) []string {
	var words []string
	for {
		text = strings.TrimSpace(text)
		if text == "" {
			return words
		}
		n := strings.IndexFunc(text, unicode.IsSpace)
		if text[0] == '"' || text[0] == '\'' {
			if end := strings.IndexByte(text[1:], text[0]); end >= 0 {
				n = end + 2
				if strings.HasPrefix(text[n:], ",") {
					n++
				}
			}
		}
		if n < 0 {
			n = len(text)
		}
		words, text = append(words, text[:n]), text[n:]
	}
}

// drillWord is a name as drillWords takes it.
func drillWord(name string) string {
	if strings.Contains(name, `"`) {
		return "'" + name + "'"
	}
	return `"` + name + `"`
}

// drillValue reads the words behind a key: of the kind the target, or both
// sides; of another key what TOML makes of them, else a string; none is true.
func drillValue(arg int, words []string, target, one bool) *kind.Value {
	text := strings.Join(words, " ")
	switch {
	case target:
		var names []string
		for _, word := range words {
			name := strings.TrimRight(word, ",")
			if n := len(name); n > 1 && (name[0] == '"' || name[0] == '\'') && name[n-1] == name[0] {
				name = name[1 : n-1]
			}
			names = append(names, quoteTOML(name))
		}
		text = strings.Join(names, ", ")
		if !one {
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
		return nil
	}
	return t.Entries[0].Value
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
