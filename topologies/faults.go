package topologies

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
)

// maxFaults bounds the faults of a file.
const maxFaults = 1000

// healthCheck resolves a balancer's health check, nil if there is none.
func healthCheck(c *node.HealthConfig) *node.HealthSpec {
	if c == nil {
		return nil
	}
	s := &node.HealthSpec{
		Interval: sim.Time(c.Interval), Timeout: sim.Time(c.Timeout),
		Unhealthy: c.Unhealthy, Healthy: c.Healthy, HTTP: c.Kind != "tcp",
	}
	if !c.Has("timeout") {
		s.Timeout = s.Interval
	}
	return s
}

// ejection resolves a balancer's ejection, nil if there is none.
func ejection(c *node.EjectionConfig) *node.EjectionSpec {
	if c == nil {
		return nil
	}
	return &node.EjectionSpec{Consecutive: c.Consecutive, For: sim.Time(c.For)}
}

// faults resolves what goes wrong. It comes after the run: a fault lies
// within it.
func (r *resolver) faults() {
	list := r.cfg.file.Faults
	if len(list) > maxFaults {
		r.report.Add(list[maxFaults].Whole("E703", fmt.Sprintf("more than %d faults", maxFaults)))
		return
	}
	for i := range list {
		if f, ok := r.fault(&list[i]); ok {
			r.spec.Faults = append(r.spec.Faults, f)
			switch {
			case f.Silent:
				r.vanished(&list[i], "silent", "what is sent there is swallowed")
			case f.Kind == fault.Partition:
				r.vanished(&list[i], "partition", "what one side sends to the other is swallowed")
			}
		}
	}
	// Their order in the file changes nothing.
	slices.SortStableFunc(r.spec.Faults, func(a, b fault.Fault) int {
		return cmp.Or(cmp.Compare(a.At, b.At), slices.CompareFunc(a.Where, b.Where, func(a, b fault.Span) int {
			return cmp.Or(cmp.Compare(a.Node, b.Node), cmp.Compare(a.First, b.First), cmp.Compare(a.Count, b.Count))
		}), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.For, b.For), cmp.Compare(a.MTTF, b.MTTF), cmp.Compare(a.MTTR, b.MTTR), cmp.Compare(a.Crews, b.Crews), cmp.Compare(a.Target, b.Target), byMeasure(&a, &b))
	})
}

// fault resolves one fault.
func (r *resolver) fault(c *node.FaultConfig) (fault.Fault, bool) {
	f := fault.Fault{At: sim.Time(c.Begins), For: sim.Time(c.For), Silent: c.Silent}
	key := ""
	for _, row := range fault.Table {
		switch {
		case !c.Has(row.Key):
		case key == "":
			key, f.Kind = row.Key, row.Kind
		default:
			r.report.Add(c.AtKey(row.Key, "E207", "a fault is one thing: "+key+" or "+row.Key+", not both").See(c.KeyPos(key), key))
			return f, false
		}
	}
	if key == "" {
		known := kind.KeysOf(kind.Describe(*c))
		if slices.ContainsFunc(c.Table.Entries, func(e *kind.Entry) bool { return !slices.Contains(known, e.Key) }) {
			return f, false // it says what, in a word that is unknown
		}
		r.report.Add(c.Whole("E203", "a fault says what goes wrong: "+kindsOfFault()).WithHint(`for example kill = "app[0]"`))
		return f, false
	}
	if !r.occurs(c, &f) || !r.measures(c, key, &f) || !r.strikes(c, key, &f) || !r.swells(c, &f) {
		return f, false
	}
	r.idleFault(c, key, &f)
	if c.Has("at") && !r.cfg.runBad && f.At >= r.spec.Run.Duration {
		r.report.Add(c.At("at", "W403", "the fault would begin at "+kind.FormatDuration(int64(f.At))+
			", but the measured window ends at "+kind.FormatDuration(int64(r.spec.Run.Duration))+": it never does").
			WithHint("faults count from the start of the window"))
		return f, true
	}
	if f.Random() {
		r.seldom(c, &f)
	}
	return f, true
}

// kindsOfFault lists the keys of what goes wrong.
func kindsOfFault() string {
	keys := make([]string, len(fault.Table))
	for i, row := range fault.Table {
		keys[i] = row.Key
	}
	return strings.Join(keys[:len(keys)-1], ", ") + " or " + keys[len(keys)-1]
}

// strikes resolves what a fault strikes, which the key says.
func (r *resolver) strikes(c *node.FaultConfig, key string, f *fault.Fault) (ok bool) {
	if f.Kind == fault.Partition {
		f.AsOne = f.Random()
		return r.partition(c, f)
	}
	at, given := r.at(c.Place, key)
	if !given {
		return false
	}
	f.Target, f.AsOne = at.Value.Text, f.Random() && strings.HasPrefix(at.Value.Text, zonePrefix)
	f.Where, ok = r.struck(at, strikable(f.Kind)...)
	return ok
}

// canFail are the kinds of node that a fault may strike.
var canFail = []node.Kind{node.LoadBalancer, node.Server, node.Database, node.Cache, node.CDN, node.External, node.Queue}

// faultTarget resolves an instance, or a node with all of its instances, of
// some kinds.
func (r *resolver) faultTarget(at kind.Cursor, kinds ...node.Kind) (f fault.Span, ok bool) {
	text := at.Value.Text
	if found, ok := r.partOfDatabase(at, &f); found {
		return f, ok
	}
	number := -1
	if where := instanceName.FindStringIndex(text); where != nil {
		number, _ = strconv.Atoi(text[where[0]+1 : where[1]-1])
		text = text[:where[0]]
	}
	if name, pop := strings.CutSuffix(text, ".pop"); pop && number >= 0 {
		if i, ok := r.index[name]; ok && r.nodes[i].cdn() != nil {
			text = name
		}
	}
	whole := at
	value := *at.Value
	value.Text = text
	whole.Value = &value
	t, ok := r.reference(whole, kinds...)
	if !ok {
		return f, false
	}
	n := &r.spec.Nodes[t.Node]
	if t.Op != "" {
		r.report.Add(at.Problem("E505", "a fault strikes a node or an instance of it, not an operation").WithHint("write " + kind.QuoteText(n.Name)))
		return f, false
	}
	f.Node, f.Count = t.Node, max(1, n.Instances)
	if number < 0 {
		return f, true
	}
	if n.Database != nil {
		r.report.Add(at.Problem("E501", "unknown instance "+kind.QuoteText(at.Value.Text)+": the instances of a database are its primary and its replicas").
			WithHint("write " + kind.QuoteText(n.InstanceName(min(number, f.Count-1)))))
		return f, false
	}
	if number >= f.Count {
		d := at.Problem("E501", fmt.Sprintf("unknown instance %s: %s has %s", kind.QuoteText(at.Value.Text), kind.QuoteText(n.Name), instancesOf(f.Count))).
			See(r.nodes[t.Node].keyPos, "defined here")
		r.report.Add(d)
		return f, false
	}
	f.First, f.Count = number, 1
	return f, true
}

// instancesOf names the instances of a node that has so many.
func instancesOf(n int) string {
	if n == 1 {
		return "one instance, [0]"
	}
	return fmt.Sprintf("%d instances, [0] to [%d]", n, n-1)
}

// vanished warns of clients who wait without end for what a fault swallows, as
// a key of it says.
func (r *resolver) vanished(c *node.FaultConfig, key, what string) {
	for i, n := range r.nodes {
		spec := r.spec.Nodes[i].Client
		if spec == nil || spec.Policy.Timeout > 0 || spec.Policy.Deadline > 0 {
			continue
		}
		r.report.Add(c.AtKey(key, "W404", what+", and the client "+kind.QuoteText(n.name)+
			" never times out: it waits until the run ends").See(n.keyPos, "the client").WithHint(`for example timeout = "2s"`))
	}
}

// hammers refuses (E404) users without think time all of whom are refused at
// once while a fault lasts: they would come again at the same instant, for
// ever.
func (r *resolver) hammers(c *node.ClientSpec, config *node.ClientConfig) bool {
	paused := c.Policy.Retries > 0 && (c.Policy.Backoff.Doubling || takesTime(c.Policy.Backoff.Law))
	if paused {
		return false
	}
	for k := range r.spec.Faults {
		f := &r.spec.Faults[k]
		if r.failsAtOnce(f) && r.gone(c.Target.Node, f, 0) {
			r.report.Add(config.At("users", "E404", "users without think time would be refused and come again at once, for ever, during the fault "+kind.QuoteText(f.String())).
				WithHint(`for example think = "exp 5s", or retries with a backoff`))
			return true
		}
	}
	return false
}

// gone reports whether nothing is left of a node, or behind it, during a kill.
func (r *resolver) gone(at int, f *fault.Fault, depth int) bool {
	n := &r.spec.Nodes[at]
	number, dead := covered(f, at)
	if number > 0 && n.Database == nil {
		all := true
		for i := range n.Fewest() {
			all = all && dead(i)
		}
		if all {
			return true
		}
	}
	if number == max(1, n.Instances) || n.Database != nil && n.Database.Gone(dead) {
		return true
	}
	if n.Database != nil {
		return false
	}
	if n.Balancer == nil || depth > len(r.spec.Nodes) {
		return false
	}
	for _, t := range n.Balancer.Targets {
		if !r.gone(t, f, depth+1) {
			return false
		}
	}
	return true
}
