package topologies

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
)

// client resolves a [client.NAME].
func (r *resolver) client(i int, n *nodeConfig) {
	c := n.client()
	spec := &node.ClientSpec{Target: node.Target{Node: node.None}}
	r.spec.Nodes[i].Client = spec
	if at, ok := r.at(c.Place, "target"); ok {
		var found bool
		spec.Target, found = r.reference(at, node.LoadBalancer, node.Server, node.Database, node.External, node.Cache, node.CDN, node.Queue)
		if found && r.nodes[spec.Target.Node].row.Kind == node.Cache && !r.cacheTakes(at, spec.Target, "call") {
			spec.Target.Node = node.None
		}
	}
	spec.Policy = r.policy(c.Timeout, &c.Retries, c.Hedge, c.Breaker)
	spec.Policy.Deadline = sim.Time(c.Deadline)
	spec.Keys = r.keyLaw(c.Keys)
	spec.Sources = r.keyLaw(c.Sources)
	spec.Cancel = c.Cancel
	spec.RequestSize = r.sizeLaw(c.RequestSize)
	spec.ResponseSize = r.sizeLaw(c.ResponseSize)
	r.clientZone(i, c)
	r.session(c, spec)
	r.excludes(c)
	var trace *arrival.Trace
	switch {
	case c.Has("users"):
		r.closed(c, spec, n.bad)
	case c.Arrivals.Given() && c.Arrivals.Trace != nil:
		trace = r.replay(i, c, spec)
	case c.Has("arrivals") || c.Has("stages") || c.Has("daily") || c.Has("wave"):
		r.open(c, spec)
	default:
		r.report.Add(c.Whole("E203", "a client needs traffic: arrivals, stages, daily, wave or users").
			WithHint(`for example arrivals = "poisson 80/s", or users = 50 with think = "exp 5s"`))
	}
	if !c.Has("users") && c.Has("think") {
		d := c.AtKey("think", "E203", "only users think: the key users is missing")
		if c.Has("arrivals") {
			d = c.AtKey("think", "E207", "arrivals and think exclude each other: open traffic does not wait for answers").
				See(c.KeyPos("arrivals"), "arrivals")
		}
		r.report.Add(d)
	}
	r.operationsOf(c, spec, trace)
	r.priorities(c, spec)
}

// operationsOf fills in which operations a client asks for.
func (r *resolver) operationsOf(c *node.ClientConfig, spec *node.ClientSpec, trace *arrival.Trace) {
	switch {
	case trace != nil && trace.Ops != nil:
		counts := map[string]int{}
		for _, op := range trace.Ops {
			counts[op]++
		}
		for op, n := range counts {
			spec.Ops = append(spec.Ops, node.WeightedOp{Name: op, Weight: float64(n)})
		}
		if c.Has("requests") {
			r.report.Add(c.AtKey("requests", "E207", "the trace names the operations; requests would not be used").
				See(c.KeyPos("arrivals"), "the trace"))
		}
	case c.Has("requests"):
		for _, w := range c.Requests {
			spec.Ops = append(spec.Ops, node.WeightedOp{Name: w.Name, Weight: w.Weight})
		}
		if op := spec.Target.Op; op != "" {
			r.report.Add(c.AtKey("requests", "E207", "target names the operation "+kind.QuoteText(op)+" already").
				See(c.ValueOf("target").Pos, "the target"))
		}
	case spec.Target.Op != "":
		spec.Ops = []node.WeightedOp{{Name: spec.Target.Op, Weight: 1}}
	case trace == nil && c.Arrivals.Trace != nil:
		// The trace may name the operations, and could not be read.
	default:
		spec.Ops = []node.WeightedOp{{Name: "request", Weight: 1}}
	}
	slices.SortFunc(spec.Ops, func(a, b node.WeightedOp) int { return strings.Compare(a.Name, b.Name) })
}

// closed resolves users who wait for their answers.
func (r *resolver) closed(c *node.ClientConfig, spec *node.ClientSpec, bad bool) {
	if c.Has("arrivals") {
		r.report.Add(c.AtKey("arrivals", "E207", "arrivals and users exclude each other: traffic is open or closed").
			See(c.KeyPos("users"), "users").WithHint("two clients may send both kinds of traffic"))
	}
	ramps, ok := r.ramps(c, true)
	if !ok {
		return
	}
	initial := r.people(float64(c.Users))
	most := initial
	for i := range ramps {
		ramps[i].Target = float64(r.people(ramps[i].Target))
		most = max(most, int(ramps[i].Target))
	}
	if most == 0 && !bad {
		r.report.Add(c.At("users", "E302", "must be at least 1 at some time, got 0").WithHint("delete the client to switch it off"))
	}
	if most > maxUsers {
		r.report.Add(c.At("users", "E705", fmt.Sprintf("%d users; at most %d are allowed (a limit of capsim)", most, maxUsers)))
	}
	users := arrival.NewUsers(initial, ramps)
	spec.Closed = &users
	r.shaped = r.shaped || len(ramps) > 0
	spec.Think = r.timeLaw(c.Think)
	r.noTrace(spec.Think, c.Think.At, "users do not come from a trace")
}

// people multiplies a number of users by the load, rounded.
func (r *resolver) people(n float64) int {
	return int(math.Floor(min(n*r.load(), 2*maxUsers) + 0.5))
}

// ramps resolves the stages of a client.
func (r *resolver) ramps(c *node.ClientConfig, users bool) (ramps []arrival.Ramp, ok bool) {
	ok = true
	if v := c.ValueOf("stages"); v != nil && v.Type == kind.TypeArray && len(v.Items) == 0 {
		r.report.Add(c.At("stages", "E302", "needs at least one stage"))
		return nil, false
	}
	span := sim.Time(0)
	for i := range c.Stages {
		s := &c.Stages[i]
		target, known := r.stageTarget(s, users)
		ok = ok && known
		if sim.Time(s.Duration) > sim.Never-span {
			r.report.Add(s.At("duration", "E304", "the stages are longer than 292 years together"))
			return nil, false
		}
		span += sim.Time(s.Duration)
		ramps = append(ramps, arrival.Ramp{Duration: sim.Time(s.Duration), Target: target})
	}
	r.span = max(r.span, span)
	return ramps, ok
}

// stageTarget reads what a stage leads to.
func (r *resolver) stageTarget(s *node.StageConfig, users bool) (float64, bool) {
	at := s.Target.At
	if at.Value == nil {
		return 0, false
	}
	if users {
		if at.Value.Type == kind.TypeString && strings.Contains(at.Value.Text, "/") {
			at.Fail("E204", "expected a number of users, got the rate %s", kind.QuoteText(at.Value.Text))
			return 0, false
		}
		n, ok := at.Count("a number of users")
		switch {
		case ok && n < 0:
			at.Fail("E302", "must be at least 0, got %d", n)
		case ok && n > maxUsers:
			at.Fail("E705", "must be at most %d (a limit of capsim), got %d", maxUsers, n)
		case ok:
			return float64(n), true
		}
		return 0, false
	}
	text := at.Value.Text
	if at.Value.Type != kind.TypeString {
		text = strings.ReplaceAll(at.Value.Raw, "_", "")
	}
	rate, err := kind.ParseRate(text)
	if err != nil {
		at.Literal(err)
		return 0, false
	}
	return rate, true
}

// policy resolves what a caller does about slow and bad answers.
func (r *resolver) policy(timeout kind.Duration, retries *node.Retries, hedge node.Hedge, breaker *node.BreakerConfig) node.Policy {
	p := node.Policy{
		Timeout: sim.Time(timeout), Retries: retries.Max, On: retries.On.Set, Budget: float64(retries.Budget),
		Hedged: hedge.Given, Hedge: sim.Time(hedge.After), Breaker: r.breaker(breaker),
	}
	switch retries.Jitter {
	case "full":
		p.Backoff.Jitter = node.FullJitter
	case "equal":
		p.Backoff.Jitter = node.EqualJitter
	}
	if retries.Given() && retries.Jitter != "none" && retries.Jitter != "" && !retries.Has("backoff") {
		r.report.Add(retries.AtKey("jitter", "E203", "jitter spreads the pauses, and there are none: the key backoff is missing").
			WithHint(`for example backoff = "doubling 100ms max 2s"`))
	}
	if !retries.Backoff.Given() {
		return p
	}
	at := retries.Backoff.At
	words := strings.Fields(at.Value.Text)
	if len(words) > 0 && words[0] == "doubling" {
		r.doubling(at, &p.Backoff)
		return p
	}
	p.Backoff.Law = r.timeLaw(node.TimeLaw{At: at})
	r.noTrace(p.Backoff.Law, at, "a pause does not come from a trace")
	return p
}

// doubling reads "doubling 100ms max 2s".
func (r *resolver) doubling(at kind.Cursor, b *node.Backoff) {
	text := at.Value.Text
	words := strings.Fields(text)
	if len(words) != 2 && (len(words) != 4 || words[2] != "max") {
		at.Report(at.Problem("E206", "doubling takes a first pause and, if wanted, a longest one").
			WithHint(`for example "doubling 100ms max 2s"`))
		return
	}
	b.Doubling = true
	parse := func(word string) sim.Time {
		offset := strings.LastIndex(text, word)
		ns, err := kind.ParseDuration(word)
		if err == nil && ns == 0 {
			err = &kind.LiteralError{Code: "E302", Message: "must be more than 0s", Len: len(word)}
		}
		if err != nil {
			at.Part(err.Moved(offset))
		}
		return sim.Time(ns)
	}
	b.First = parse(words[1])
	if len(words) == 4 {
		if b.Max = parse(words[3]); b.Max > 0 && b.Max < b.First {
			at.Part(&kind.LiteralError{Code: "E309", Message: "the longest pause is shorter than the first",
				Offset: strings.LastIndex(text, words[3]), Len: len(words[3])})
		}
	}
}

// noTrace refuses a law that reads a column of a trace where no request
// stands behind.
func (r *resolver) noTrace(law dist.Law, at kind.Cursor, why string) {
	if _, traced := law.(dist.Trace); traced {
		at.Fail("E206", "no column of a trace can be read here: %s", why)
	}
}
