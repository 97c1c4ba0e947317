package topologies

import (
	"cmp"
	"slices"
	"strings"

	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
)

// faultKey is a key that goes with some kinds of fault only.
type faultKey struct {
	key     string
	with    []fault.Kind
	example string // of those that need it; "": none does
}

// faultKeys lists such keys.
var faultKeys = []faultKey{
	{"silent", []fault.Kind{fault.Kill}, ""},
	{"factor", []fault.Kind{fault.Slow, fault.Surge}, "factor = 3"},
	{"error_ratio", []fault.Kind{fault.Errors}, `error_ratio = "30%"`},
	{"add", []fault.Kind{fault.Latency}, `add = "exp 50ms"`},
}

// measures resolves how much of what goes wrong there is: the keys that go
// with one kind of fault and not with others.
func (r *resolver) measures(c *node.FaultConfig, key string, f *fault.Fault) bool {
	for _, k := range faultKeys {
		goes := slices.Contains(k.with, f.Kind)
		switch {
		case c.Has(k.key) && !goes:
			names := make([]string, len(k.with))
			for i, one := range k.with {
				names[i] = one.String()
			}
			r.report.Add(c.AtKey(k.key, "E202", "this key goes with "+strings.Join(names, " and ")+", not with "+key).See(c.KeyPos(key), key))
			return false
		case !c.Has(k.key) && goes && k.example != "":
			r.report.Add(c.AtKey(key, "E203", key+" needs the key "+k.key).WithHint("for example " + k.example))
			return false
		}
	}
	if f.Kind == fault.Flush {
		for _, length := range []string{"for", "mttf"} {
			if c.Has(length) {
				r.report.Add(c.AtKey(length, "E202", "a flush happens at one instant: it has no length, and nothing to repair").See(c.KeyPos(key), key))
				return false
			}
		}
	}
	f.Factor, f.Ratio = float64(c.Factor), float64(c.ErrorRatio)
	switch {
	case f.Kind == fault.Errors && f.Ratio == 0 && !isRatio(c.ValueOf("error_ratio")), c.Has("factor") && !(f.Factor >= 1), c.Has("add") && !c.Add.Given():
		return false // which has been reported
	case f.Kind == fault.Latency:
		f.Add = r.timeLaw(c.Add)
		r.noTrace(f.Add, c.Add.At, "requests of several clients may come here")
		return f.Add != nil
	}
	return true
}

// isRatio tells a share of 0 from one that could not be read.
func isRatio(v *kind.Value) bool {
	_, err := kind.ParseRatio(strings.Trim(v.Raw, `"'`))
	return err == nil
}

// byMeasure orders faults that differ in nothing but how much goes wrong.
func byMeasure(a, b *fault.Fault) int {
	mean := func(f *fault.Fault) (m, v float64) {
		if f.Add == nil {
			return 0, 0
		}
		return f.Add.Mean(), f.Add.Variance()
	}
	am, av := mean(a)
	bm, bv := mean(b)
	return cmp.Or(cmp.Compare(a.Factor, b.Factor), cmp.Compare(a.Ratio, b.Ratio), cmp.Compare(am, bm), cmp.Compare(av, bv))
}

// strikable lists the kinds of node that a kind of fault may strike.
func strikable(k fault.Kind) []node.Kind {
	switch k {
	case fault.Surge:
		return []node.Kind{node.Client}
	case fault.Flush:
		return []node.Kind{node.Cache, node.CDN}
	}
	return canFail
}

// swells refuses a surge of a trace: there is no more of it.
func (r *resolver) swells(c *node.FaultConfig, f *fault.Fault) bool {
	if f.Kind != fault.Surge {
		return true
	}
	for _, where := range f.Where {
		spec := r.spec.Nodes[where.Node].Client
		if spec == nil {
			return false // which has been reported
		}
		if spec.Open == nil || arrival.CanSurge(spec.Open) {
			continue
		}
		r.report.Add(c.At("surge", "E207", kind.QuoteText(r.nodes[where.Node].name)+" replays a trace, of which there is no more than it holds").
			See(r.nodes[where.Node].keyPos, "the client").WithHint(`a second client with arrivals of a rate may surge; --load 3 repeats the trace at three times its rate`))
		return false
	}
	return true
}

// idleFault warns of a fault that changes nothing, because what it strikes has
// nothing of the kind.
func (r *resolver) idleFault(c *node.FaultConfig, key string, f *fault.Fault) {
	for _, none := range []struct {
		key string
		is  bool
		why string
	}{
		{"factor", c.Has("factor") && f.Factor == 1, "once as long, or as much, is as ever: the fault changes nothing"},
		{"error_ratio", f.Kind == fault.Errors && f.Ratio == 0 && strings.Trim(c.ValueOf("error_ratio").Raw, `"0.%`) == "", "none is answered failed: the fault changes nothing"},
		{"partition", f.Kind == fault.Partition && !r.talk(f), "neither side sends anything to the other itself: the fault changes nothing"},
		{"add", f.Add != nil && !takesTime(f.Add), "no time is added: the fault changes nothing"},
	} {
		if none.is {
			r.report.Add(c.At(none.key, "W403", none.why))
			return
		}
	}
	var has func(n *node.Node) bool
	what := ""
	switch f.Kind {
	case fault.Slow:
		has, what = takesWork, "nothing takes time there: it cannot be slow"
	case fault.Flush:
		has, what = keeps, "it keeps nothing, but answers a fixed share: there is nothing to flush"
	default:
		return
	}
	if !slices.ContainsFunc(f.Where, func(s fault.Span) bool { return has(&r.spec.Nodes[s.Node]) }) {
		r.report.Add(c.At(key, "W403", what).See(r.nodes[f.Where[0].Node].keyPos, "defined here"))
	}
}

// keeps reports whether a cache or CDN keeps what it is asked for.
func keeps(n *node.Node) bool {
	return n.Cache != nil && n.Cache.Emergent() || n.CDN != nil && n.CDN.Emergent()
}

// takesWork reports whether anything takes time at a node itself.
func takesWork(n *node.Node) bool {
	switch {
	case n.Server != nil:
		works := false
		for i := range n.Server.Ops {
			node.EachStep(n.Server.Ops[i].Steps, func(s *node.Step) {
				works = works || s.Kind == node.StepCPU || s.Kind == node.StepDisk || s.Kind == node.StepWait
			})
		}
		return works
	case n.Balancer != nil:
		return takesTime(n.Balancer.Overhead)
	case n.Cache != nil:
		return takesTime(n.Cache.Latency)
	case n.CDN != nil:
		return takesTime(n.CDN.Latency)
	case n.External != nil:
		return takesTime(n.External.Latency)
	case n.Queue != nil:
		return takesTime(n.Queue.Latency)
	}
	return false
}

// failsAtOnce reports whether a fault answers whatever comes with an error, in
// no time.
func (r *resolver) failsAtOnce(f *fault.Fault) bool {
	switch f.Kind {
	case fault.Kill:
		return !f.Silent
	case fault.Errors:
		return f.Ratio == 1 && !slices.ContainsFunc(f.Where, func(s fault.Span) bool {
			n := &r.spec.Nodes[s.Node]
			return n.External != nil && takesTime(n.External.Latency)
		})
	}
	return false
}
