package topologies

import (
	"fmt"
	"slices"

	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
)

// stepPolicy resolves what a call does about slow and bad answers: what its
// policy says, unless the step says otherwise.
func (r *resolver) stepPolicy(c *node.StepConfig, s *node.Step, in scope) {
	timeout, retries, hedge, breaker, fallback := c.Timeout, &c.Retries, c.Hedge, c.Breaker, c.Fallback
	r.idleHedge(c.Place, hedge, timeout, "timeout")
	if at, given := r.at(c.Place, "policy"); given {
		p := r.policyNamed(at)
		if p == nil {
			p = &namedPolicy{}
		}
		if !c.Has("timeout") {
			timeout = p.Timeout
		}
		if !c.Has("retries") {
			retries = &p.Retries
		}
		if !c.Has("hedge") {
			hedge = p.Hedge
		}
		if !c.Has("breaker") {
			breaker = p.Breaker
		}
		if !c.Has("fallback") {
			fallback = p.Fallback
		}
	}
	s.Policy = r.policy(timeout, retries, hedge, breaker)
	if fallback != nil {
		s.Falls, s.Fallback = true, r.program(*fallback, in.within("fallback"))
	}
}

// policyNamed finds a [policy.NAME].
func (r *resolver) policyNamed(at kind.Cursor) *namedPolicy {
	all := r.cfg.file.Policies
	names := make([]string, len(all))
	for i := range all {
		if names[i] = all[i].name; names[i] == at.Value.Text {
			r.used[names[i]] = true
			return &all[i]
		}
	}
	hint := "the policies are " + listed(names)
	if len(names) == 0 {
		hint = "the file has no [policy.NAME]"
	}
	r.report.Add(at.Problem("E501", "unknown policy "+kind.QuoteText(at.Value.Text)+kind.DidYouMean(at.Value.Text, names)).WithHint(hint))
	return nil
}

// idlePolicies warns of policies that no step names.
func (r *resolver) idlePolicies() {
	for i := range r.cfg.file.Policies {
		if p := &r.cfg.file.Policies[i]; !r.used[p.name] {
			r.report.Add(kind.Diagnostic{Code: "W402", Pos: p.pos, Key: kind.JoinKey("policy", p.name),
				Message: "no step names the policy " + kind.QuoteText(p.name),
				Hint:    "a call takes it with policy = " + kind.QuoteText(p.name)})
		}
	}
}

// breaker resolves a circuit breaker, nil if there is none.
func (r *resolver) breaker(c *node.BreakerConfig) *node.Breaker {
	if c == nil {
		return nil
	}
	b := &node.Breaker{
		Ratio: float64(c.ErrorRatio), Window: sim.Time(c.Window), Least: c.Min,
		Consecutive: c.Consecutive, Open: sim.Time(c.Open),
	}
	switch {
	case c.Has("error_ratio") && c.Has("consecutive"):
		r.report.Add(c.AtKey("consecutive", "E207", "a breaker opens by error_ratio or by consecutive errors, not by both").
			See(c.KeyPos("error_ratio"), "error_ratio"))
	case c.Has("consecutive"):
		for _, key := range []string{"window", "min"} {
			if c.Has(key) {
				r.report.Add(c.AtKey(key, "E202", "this key goes with error_ratio, not with consecutive").
					See(c.KeyPos("consecutive"), "consecutive"))
			}
		}
	case !c.Has("error_ratio"):
		r.report.Add(c.Whole("E203", "a breaker needs error_ratio or consecutive").
			WithHint(`for example breaker = { error_ratio = "50%", window = "10s", min = 20, open = "5s" }`))
	}
	return b
}

// keyWords are the values of key that are no distributions.
var keyWords = []string{"item", "source"}

// keyOf resolves what a call is about.
func (r *resolver) keyOf(c *node.StepConfig) node.KeyOf {
	switch {
	case !c.Key.Given() || c.Key.At.Value.Text == "item":
		return node.KeyOf{}
	case c.Key.At.Value.Text == "source":
		return node.KeyOf{Source: true}
	case len(kind.Nearest(c.Key.At.Value.Text, keyWords)) > 0:
		c.Key.At.UnknownWord(c.Key.At.Value.Text, keyWords)
		return node.KeyOf{}
	}
	return node.KeyOf{Law: r.keyLaw(node.KeyLaw(c.Key))}
}

// session resolves the sessions of a client.
func (r *resolver) session(c *node.ClientConfig, spec *node.ClientSpec) {
	if c.Session == nil {
		return
	}
	r.shaped = true
	if c.Has("users") {
		r.report.Add(c.AtKey("session", "E207", "users and session exclude each other: users never go").See(c.KeyPos("users"), "users"))
	}
	if c.Arrivals.Trace != nil {
		r.report.Add(c.AtKey("session", "E207", "a trace holds single requests, not sessions").See(c.KeyPos("arrivals"), "the trace"))
	}
	s := &node.Session{Length: r.roundsLaw(c.Session.Length), Think: r.timeLaw(c.Session.Think)}
	for _, law := range []struct {
		law dist.Law
		at  kind.Cursor
	}{{s.Length, c.Session.Length.At}, {s.Think, c.Session.Think.At}} {
		r.noTrace(law.law, law.at, "sessions do not come from a trace")
	}
	if value, constant := dist.Constancy(s.Length); s.Length != nil && constant && value < 1 {
		r.report.Add(c.Session.At("length", "E302", fmt.Sprintf("must be at least 1, got %g", value)))
	}
	if s.Length != nil {
		spec.Session = s
	}
}

// priorities gives the operations of a client their priorities.
func (r *resolver) priorities(c *node.ClientConfig, spec *node.ClientSpec) {
	for i := range spec.Ops {
		spec.Ops[i].Priority = c.Priority.Value
	}
	for _, p := range c.Priorities {
		i := slices.IndexFunc(spec.Ops, func(op node.WeightedOp) bool { return op.Name == p.Name })
		if i < 0 {
			names := make([]string, len(spec.Ops))
			for k := range spec.Ops {
				names[k] = spec.Ops[k].Name
			}
			d := p.At.Problem("E502", "the client asks for no operation "+kind.QuoteText(p.Name)+kind.DidYouMean(p.Name, names)).
				WithHint("its operations are " + listed(names))
			d.Pos = p.Key
			r.report.Add(d)
			continue
		}
		spec.Ops[i].Priority = p.Value
	}
}
