package topologies

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
)

// MapFlag is what a flag of `capsim drill --map` says, "" where it is not
// given.
type MapFlag struct {
	Text string
	Arg  int // which argument of the command, from 1
}

// MapFlags say over what a map is made.
type MapFlags struct {
	Sizes, Durations, Loads MapFlag
}

// Map is what a map is made of: a system whose traffic keeps the rate that it
// has when it is greatest, its trigger, and the sizes, lengths and loads.
type Map struct {
	Spec  *node.Spec // with the trigger as its one fault
	Sizes []float64
	Lasts []sim.Time
	Loads []float64
}

// What is tried where the command does not say.
var (
	mapFactors   = []float64{2, 3, 5}
	mapShares    = []float64{0.1, 0.3, 1}
	mapDurations = []sim.Time{sim.Second, 3 * sim.Second, 10 * sim.Second, 30 * sim.Second}
	mapLoads     = MapFlag{Text: "0.3..1.2 step 0.05"}
)

const (
	mapLongest   = 4   // a trigger may last this part of the window
	mapMost      = 12  // sizes, and durations
	mapMostLoads = 200 // steps of the load
	mapMaxLoad   = 1000
)

// Map checks one design of the file with its trigger: the fault that is asked
// for, or that of the file, or else a surge of the client that sends most, or
// where that cannot be a server that is slow.
func (f *File) Map(design string, asked []DrillFault, flags MapFlags) (Map, *kind.Report) {
	if len(asked) > 1 {
		report := &kind.Report{}
		report.Add(kind.Diagnostic{Code: "E802", Pos: argumentPos(asked[1].Arg), Key: "--fault",
			Message: "a map is of one trigger; this is one too many", Hint: "its sizes and how long it lasts are --sizes and --durations"})
		return Map{}, report
	}
	spec, report := f.triggered(design, asked)
	if spec == nil || !f.mappable(spec, report) {
		return Map{}, report
	}
	m := Map{Spec: hold(spec)}
	trigger := &m.Spec.Faults[0]
	m.Sizes = mapSizes(m.Spec, trigger, flags.Sizes, report)
	m.Lasts = mapLasts(m.Spec, trigger, flags.Durations, report)
	m.Loads = loadsOf(flags.Loads, report)
	if report.Failed() {
		return Map{}, report
	}
	return m, report
}

// triggered is the system with its trigger.
func (f *File) triggered(design string, asked []DrillFault) (*node.Spec, *kind.Report) {
	if len(asked) > 0 {
		return f.asTrigger(design, asked[0])
	}
	spec, report := f.Spec(design)
	switch {
	case spec == nil:
	case len(spec.Faults) > 1:
		report.Add(kind.Diagnostic{Code: "E203", Pos: f.src.start(), Key: "fault",
			Message: fmt.Sprintf("a map is of one trigger, and the file has %d faults", len(spec.Faults)),
			Hint:    fmt.Sprintf("name one: --fault %q", spec.Faults[0].String())})
		return nil, report
	case len(spec.Faults) == 0:
		return f.asTrigger(design, DrillFault{Text: usualTrigger(spec), Arg: 1})
	}
	return spec, report
}

// asTrigger is the system with a trigger in words. One that does not say how
// long it lasts has no length of its own, as it would have in a drill.
func (f *File) asTrigger(design string, one DrillFault) (*node.Spec, *kind.Report) {
	d, report := f.Drills(design, []DrillFault{one}, false)
	if d.Spec != nil && !slices.Contains(strings.Fields(one.Text), "for") {
		d.Spec.Faults[0].For = 0
	}
	return d.Spec, report
}

// usualTrigger is that of a file that has none.
func usualTrigger(spec *node.Spec) string {
	p, best, most := drillPlan(spec), "", -1.0
	slowest := ""
	for i := range spec.Nodes {
		n := &spec.Nodes[i]
		switch {
		case n.Client != nil && n.Client.Open != nil && !arrival.CanSurge(n.Client.Open):
		case n.Client != nil:
			rate := 0.0
			if n.Client.Open != nil {
				rate = n.Client.Open.MeanRate(p.at + 1)
			} else {
				rate = usersAt(n.Client.Closed, p.at) / 1e9 // if there is nothing else
			}
			if rate > most {
				best, most = n.Name, rate
			}
		case slowest == "" && n.Server != nil:
			slowest = n.Name
		}
	}
	if best == "" {
		return "slow " + drillWord(slowest) + " factor 3"
	}
	return "surge " + drillWord(best) + " factor 3"
}

// mappable reports whether a map can be made, and if not why.
func (f *File) mappable(spec *node.Spec, report *kind.Report) bool {
	t := &spec.Faults[0]
	fail := func(key, message, hint string) {
		report.Add(kind.Diagnostic{Code: "E207", Pos: f.src.start(), Key: key, Message: message, Hint: hint})
	}
	if t.Random() {
		fail("fault", "a map asks what follows one trigger, and "+t.String()+" comes by chance, again and again", "leave out mttf, and give it a time")
	}
	for i := range spec.Nodes {
		n := &spec.Nodes[i]
		if n.Client == nil || n.Client.Open == nil {
			continue
		}
		if _, ok := arrival.Held(n.Client.Open, 0); !ok {
			fail("client."+n.Name, "replays a trace, which has no rate that a map could hold", `give it a rate: --set client.`+n.Name+`.arrivals="poisson 100/s"`)
		}
	}
	return !report.Failed()
}

// hold keeps all traffic at what it is when it is greatest.
func hold(spec *node.Spec) *node.Spec {
	at := drillPlan(spec).at
	return spec.WithClients(func(c *node.ClientSpec) {
		if c.Open != nil {
			c.Open, _ = arrival.Held(c.Open, at)
			return
		}
		users := arrival.NewUsers(int(math.Round(usersAt(c.Closed, at))), nil)
		c.Closed = &users
	})
}

func argumentPos(arg int) kind.Pos {
	return kind.Pos{File: kind.CommandLine, Line: 1, Col: max(arg, 1), EndCol: max(arg, 1) + 1}
}

// complain adds what is wrong with a flag.
func (m MapFlag) complain(report *kind.Report, flag, hint, format string, args ...any) {
	report.Add(kind.Diagnostic{Code: "E802", Pos: argumentPos(m.Arg), Key: flag, Message: fmt.Sprintf(format, args...), Hint: hint})
}

// list splits the values of a flag and reads each.
func list[T int64 | float64](m MapFlag, flag, hint string, report *kind.Report, read func(string) (T, string)) []T {
	var all []T
	for _, word := range strings.Split(m.Text, ",") {
		v, problem := read(strings.TrimSpace(word))
		if problem != "" {
			m.complain(report, flag, hint, "%s", problem)
			return nil
		}
		all = append(all, v)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	if len(all) > mapMost {
		m.complain(report, flag, hint, "at most %d values, got %d", mapMost, len(all))
		return nil
	}
	return all
}

// mapSizes are the sizes of a trigger: the file's own, where there is nothing
// to choose.
func mapSizes(spec *node.Spec, t *fault.Fault, flag MapFlag, report *kind.Report) []float64 {
	what := spec.SizeOf(t)
	if flag.Text == "" {
		return usualSizes(spec, t)
	}
	if what == "" {
		flag.complain(report, "--sizes", "leave it out", "%s has no size", t.String())
		return nil
	}
	most := math.Inf(1)
	if what == node.SizeInstances {
		most = float64(max(1, spec.Nodes[t.Where[0].Node].Instances))
	}
	hint := map[string]string{node.SizeFactor: "factors, such as --sizes 2,3,5", node.SizeShare: "shares, such as --sizes 10%,50%", node.SizeInstances: "numbers of instances, such as --sizes 1,2"}[what]
	return list(flag, "--sizes", hint, report, func(word string) (float64, string) {
		switch what {
		case node.SizeShare:
			v, err := kind.ParseRatio(word)
			if err != nil {
				return 0, err.Message
			}
			if !(v > 0 && v <= 1) {
				return 0, "a share is more than 0 and at most 1, got " + kind.QuoteText(word)
			}
			return v, ""
		case node.SizeInstances:
			n, err := strconv.Atoi(word)
			if err != nil || n < 1 || float64(n) > most {
				return 0, fmt.Sprintf("expected a number of instances from 1 to %.0f, got %s", most, kind.QuoteText(word))
			}
			return float64(n), ""
		}
		v, err := kind.ParseFactor(word)
		if err != nil {
			return 0, err.Message
		}
		if !(v > 1 && v <= mapMaxLoad) {
			return 0, fmt.Sprintf("a factor is more than 1 and at most %d, got %s", mapMaxLoad, kind.QuoteText(word))
		}
		return v, ""
	})
}

// usualSizes are those that are tried of a trigger, its own among them.
func usualSizes(spec *node.Spec, t *fault.Fault) []float64 {
	switch what := spec.SizeOf(t); {
	case what == node.SizeFactor && t.Nothing():
		return mapFactors
	case what == node.SizeFactor:
		return withOwn(mapFactors, t.Factor)
	case what == node.SizeShare && t.Nothing():
		return mapShares
	case what == node.SizeShare:
		return withOwn(mapShares, t.Ratio)
	case what == node.SizeInstances:
		n := spec.Nodes[t.Where[0].Node].Instances
		sizes := []float64{1, 2, 3, 4}[:min(n, 4)]
		if n > 4 {
			sizes = []float64{1, math.Round(float64(n) / 4), math.Round(float64(n) / 2), float64(n)}
		}
		return slices.Compact(sizes)
	}
	return []float64{1}
}

// withOwn adds what the trigger itself has to what is usual.
func withOwn[T cmp.Ordered](usual []T, own T) []T {
	all := append(slices.Clone(usual), own)
	slices.Sort(all)
	return slices.Compact(all)
}

// mapLasts are how long the trigger lasts.
func mapLasts(spec *node.Spec, t *fault.Fault, flag MapFlag, report *kind.Report) []sim.Time {
	longest := spec.Run.Duration / mapLongest
	switch {
	case t.Kind == fault.Flush && flag.Text != "":
		flag.complain(report, "--durations", "leave it out", "%s happens at one instant", t.String())
		return nil
	case t.Kind == fault.Flush:
		return []sim.Time{0}
	case flag.Text == "":
		fit := slices.DeleteFunc(slices.Clone(mapDurations), func(d sim.Time) bool { return d > longest })
		if len(fit) == 0 {
			fit = []sim.Time{longest}
		}
		if t.For > 0 && t.For <= longest {
			fit = withOwn(fit, t.For)
		}
		return fit
	}
	var out []sim.Time
	for _, d := range list(flag, "--durations", "for example --durations 1s,10s", report, func(word string) (int64, string) {
		d, err := kind.ParseDuration(word)
		switch {
		case err != nil:
			return 0, err.Message
		case d <= 0:
			return 0, "must be more than 0s, got " + kind.QuoteText(word)
		case sim.Time(d) > longest:
			return 0, fmt.Sprintf("a trigger lasts at most a quarter of the window, %s, so that there is time to recover, got %s", kind.FormatDuration(int64(longest)), kind.QuoteText(word))
		}
		return d, ""
	}) {
		out = append(out, sim.Time(d))
	}
	return out
}

// loadsOf are the loads of a map: "0.3..1.2 step 0.05".
func loadsOf(flag MapFlag, report *kind.Report) []float64 {
	if flag.Text == "" {
		flag = mapLoads
	}
	hint := `for example --loads "` + mapLoads.Text + `"`
	from, rest, ok := strings.Cut(flag.Text, "..")
	to, by, stepped := strings.Cut(rest, "step")
	var v [3]float64
	for i, word := range [...]string{from, to, by} {
		var err *kind.LiteralError
		if v[i], err = kind.ParseFactor(strings.TrimSpace(word)); err != nil || !ok || !stepped {
			flag.complain(report, "--loads", hint, "expected FROM..TO step BY, got %s", kind.QuoteText(flag.Text))
			return nil
		}
	}
	switch n := math.Floor((v[1]-v[0])/v[2] + 1e-9); {
	case !(v[0] > 0) || !(v[1] > v[0]) || !(v[2] > 0) || v[1] > mapMaxLoad:
		flag.complain(report, "--loads", hint, "loads ascend, from more than 0 to at most %d, got %s", mapMaxLoad, kind.QuoteText(flag.Text))
		return nil
	case n < 1 || n > mapMostLoads:
		flag.complain(report, "--loads", hint, "takes 1 to %d steps, got %s", mapMostLoads, kind.QuoteText(flag.Text))
		return nil
	default:
		var loads []float64
		for i := range int(n) + 1 {
			loads = append(loads, math.Round((v[0]+float64(v[2]*float64(i)))*1e9)/1e9)
		}
		return loads
	}
}
