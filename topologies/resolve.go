package topologies

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/models/price"
	"github.com/capsim/capsim/sim"
)

// resolver turns the configuration of one design into a specification. It
// goes on after a problem, to find them all; the specification is worth
// something only if there is none.
type resolver struct {
	file   *File
	cfg    *config
	report *kind.Report
	root   *kind.Table // of the design
	spec   *node.Spec
	index  map[string]int  // of the nodes, by name
	used   map[string]bool // policies that a step names

	nodes   []*nodeConfig               // in the order of the specification's
	ops     []map[string]int            // operations of each server
	behind  map[passage][]endpoint      // what a node leads to
	relays  map[passage]float64         // attempts that balancers make of one
	routed  bool                        // a balancer has routes: not all operations go the same ways
	asked   []map[string]bool           // operations that come to each balancer
	lame    bool                        // a route leads nowhere, which has been reported
	traces  map[int]*replayed           // of clients
	places  map[uint64]kind.Place       // of the steps, by ID
	queries map[int][]*node.QueryConfig // of databases
	traced  []tracedLaw                 // laws that read a column of a trace
	steps   int                         // so far, of all operations
	span    sim.Time                    // of the longest client's stages
	shaped  bool                        // a client's rate moves, or it has a trace: no warm-up can be found by looking
	clock   bool                        // a client has daily traffic, or a server a schedule: the time of day matters
	derived map[string]string           // defaults that depend on other keys
}

// Spec checks one design, "" for the file as it stands, and returns what is
// to be simulated. The Spec is nil if the report has errors. The report holds
// what was found when the file was read as well.
func (f *File) Spec(design string) (*node.Spec, *kind.Report) {
	report := &kind.Report{}
	report.Merge(f.parsed)
	if design != "" && !f.hasDesign(design) {
		report.Add(kind.Diagnostic{Code: "E501", Pos: f.src.start(), Key: "design",
			Message: "unknown design " + kind.QuoteText(design) + kind.DidYouMean(design, f.Designs()),
			Hint:    designList(f.Designs())})
		return nil, report
	}
	r := &resolver{
		derived: map[string]string{},
		file:    f, report: report, index: map[string]int{}, places: map[uint64]kind.Place{}, queries: map[int][]*node.QueryConfig{},
		behind: map[passage][]endpoint{}, relays: map[passage]float64{}, used: map[string]bool{}, traces: map[int]*replayed{},
		spec: &node.Spec{Design: design},
	}
	root := f.overlaid(design, report)
	if len(root.Entries) == 0 && report.Failed() {
		return nil, report
	}
	if len(root.Entries) == 0 || len(f.whole.Entries) == 0 && root.Get("client") == nil {
		report.Add(kind.Diagnostic{Code: "E203", Pos: f.src.start(), Key: f.name, Message: "the file is empty: it needs a client and a server",
			Hint: smallest})
		return nil, report
	}
	r.root, r.cfg = root, decode(f.src, f.leaveSpaces(root), report, f.known)
	r.resolve()
	if report.Failed() {
		return nil, report
	}
	return r.spec, report
}

// smallest is the hint at what a file needs at least.
const smallest = `at least [client.users] with target = "web" and arrivals = "poisson 80/s", and [server.web] with on.request = [{ cpu = "exp 10ms" }]`

func designList(names []string) string {
	if len(names) == 0 {
		return "the file has no [design.NAME]"
	}
	if len(names) > 20 {
		names = append(slices.Clone(names[:20]), "…")
	}
	return "the designs are " + strings.Join(names, ", ")
}

// resolve checks everything, in an order in which later checks may rely on
// earlier ones.
func (r *resolver) resolve() {
	r.spec.Title = r.cfg.file.Title
	r.spec.Currency = string(cmp.Or(r.cfg.file.Currency, price.Currency))
	r.checkNames()
	if len(r.cfg.nodes) > maxNodes {
		r.report.Add(kind.Diagnostic{Code: "E703", Pos: r.cfg.nodes[maxNodes].keyPos, Key: r.file.name,
			Message: fmt.Sprintf("%d nodes; at most %d are allowed", len(r.cfg.nodes), maxNodes)})
		return
	}
	clients := 0
	for _, n := range r.cfg.nodes {
		if _, taken := r.index[n.name]; taken {
			continue // reported by checkNames
		}
		r.index[n.name] = len(r.spec.Nodes)
		r.spec.Nodes = append(r.spec.Nodes, node.Node{Name: n.name, Kind: n.row.Kind, Instances: 1})
		r.nodes = append(r.nodes, n)
		if n.row.Kind == node.Client {
			clients++
		}
	}
	if clients == 0 && !r.cfg.strays["client"] {
		r.report.Add(kind.Diagnostic{Code: "E402", Pos: r.file.src.start(), Key: "client",
			Message: "there is no client, so there is no traffic to simulate",
			Hint:    smallest})
	}
	r.checkCatalog()
	r.zones()
	r.network()
	r.ops, r.asked = make([]map[string]int, len(r.nodes)), make([]map[string]bool, len(r.nodes))
	for i, n := range r.nodes {
		r.node(i, n)
	}
	for i, n := range r.nodes {
		if n.row.Kind == node.Client {
			r.client(i, n)
		}
	}
	r.standShields()
	r.shardKeys()
	r.idlePolicies()
	r.checkOperations()
	r.queues()
	r.countOperations()
	r.checkInstances()
	r.checkRings()
	r.run()
	r.autoscales()
	r.checkStart()
	r.deploys() // before the faults: there may be a second set of what they strike
	r.faults()
	r.checkTraceEnds()
	r.objectives()
	r.prices()
	r.warmth()
	r.checkPlan()
	if !r.report.Failed() {
		r.graph()
	}
	if !r.report.Failed() {
		r.overload()
		r.manyConnections()
		r.idleKeys()
		r.idleHashes()
		r.idleItems()
	}
	r.defaults()
}

// node resolves a node that is no client.
func (r *resolver) node(i int, n *nodeConfig) {
	switch n.row.Kind {
	case node.LoadBalancer:
		r.balancer(i, n)
	case node.Server:
		r.server(i, n)
	case node.Cache:
		r.cache(i, n)
	case node.CDN:
		if n.shields == nil { // else it comes with the CDN
			r.cdn(i, n)
		}
	case node.Database:
		r.database(i, n)
	case node.Queue:
		r.queue(i, n)
	case node.External:
		r.external(i, n)
	}
}

// countOperations refuses more names of operations than can be told apart.
func (r *resolver) countOperations() {
	names := map[string]bool{}
	for i := range r.spec.Nodes {
		n := &r.spec.Nodes[i]
		if n.Server != nil {
			for _, op := range n.Server.Ops {
				names[op.Name] = true
			}
		}
		if n.Client != nil {
			for _, op := range n.Client.Ops {
				names[op.Name] = true
			}
		}
	}
	if len(names) > maxOperations {
		r.report.Add(kind.Diagnostic{Code: "E703", Pos: r.file.src.start(), Key: r.file.name,
			Message: fmt.Sprintf("%d different names of operations; at most %d are allowed", len(names), maxOperations)})
	}
}

// byPosition lists the nodes as they stand in the file, those of the files
// that it extends last.
func (r *resolver) byPosition() []*nodeConfig {
	rank := func(n *nodeConfig) int { return slices.Index(r.file.sources, n.keyPos.File) }
	return slices.SortedStableFunc(slices.Values(r.cfg.nodes), func(a, b *nodeConfig) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.keyPos.Line, b.keyPos.Line), cmp.Compare(a.keyPos.Col, b.keyPos.Col))
	})
}

// names lists all names of nodes.
func (r *resolver) names() []string {
	names := make([]string, len(r.spec.Nodes))
	for i := range r.spec.Nodes {
		names[i] = r.spec.Nodes[i].Name
	}
	return names
}

// target resolves a reference: the name of a node, or node.operation. The
// finding, if any, has no position yet; it has no code, and is not for the
// report, where another one says why there is no such node.
func (r *resolver) target(text string) (node.Target, *kind.Diagnostic) {
	meanings := r.meanings(text)
	if len(meanings) > 1 {
		return meanings[0], r.ambiguous(text, meanings)
	}
	if len(meanings) == 1 {
		return meanings[0], nil
	}
	name, _, dotted := strings.Cut(text, ".")
	if r.cfg.strays[text] || r.cfg.strays[name] {
		return node.Target{Node: node.None}, &kind.Diagnostic{}
	}
	d := &kind.Diagnostic{Code: "E501", Message: "unknown node " + kind.QuoteText(text)}
	if r.report.Errors() > maxSuggestions {
		return node.Target{Node: node.None}, d
	}
	near := kind.Nearest(text, r.names())
	if len(near) == 0 && dotted {
		near = kind.Nearest(name, r.names())
		text = name
		d.Message = "unknown node " + kind.QuoteText(text)
	}
	if len(near) > 0 {
		d.Message += kind.DidYouMean(text, r.names())
		for _, n := range near {
			*d = d.See(r.nodes[r.index[n]].keyPos, kind.QuoteText(n)+" is defined here")
		}
	} else if others := r.names(); len(others) > 0 && len(others) <= 20 {
		d.Hint = "the nodes are " + strings.Join(others, ", ")
	}
	return node.Target{Node: node.None}, d
}

// meanings lists what a reference may stand for: the node of that name, and
// operations that nodes have or pass on. Where no node has the operation it
// is looked for in the one with the longest name.
func (r *resolver) meanings(text string) []node.Target {
	var found, fallback []node.Target
	if i, ok := r.index[text]; ok {
		found = append(found, node.Target{Node: i})
	}
	for at := strings.LastIndexByte(text, '.'); at >= 0; at = strings.LastIndexByte(text[:at], '.') {
		i, ok := r.index[text[:at]]
		if !ok {
			continue
		}
		t := node.Target{Node: i, Op: text[at+1:]}
		if r.knows(i, t.Op) {
			found = append(found, t)
		} else {
			fallback = append(fallback, t)
		}
	}
	if len(found) == 0 && len(fallback) > 0 {
		return fallback[:1]
	}
	return found
}

// knows reports whether a node has an operation of that name. A balancer
// passes any on. Nobody refers to a client before its operations are known.
func (r *resolver) knows(i int, op string) bool {
	n := r.nodes[i]
	switch n.row.Kind {
	case node.Client:
		c := r.spec.Nodes[i].Client
		return c != nil && slices.ContainsFunc(c.Ops, func(o node.WeightedOp) bool { return o.Name == op })
	case node.Server:
		return slices.ContainsFunc(n.server().On, func(o node.OperationConfig) bool { return o.Name == op })
	case node.Database:
		return n.database().Knows(op)
	}
	if c := n.cdn(); c != nil {
		return !c.Shield.On || op != shieldOf[1:]
	}
	return n.row.Kind == node.LoadBalancer || n.row.Kind == node.Cache && n.cache().Has("origin")
}

// ambiguous makes the finding that a reference has more than one meaning.
func (r *resolver) ambiguous(text string, meanings []node.Target) *kind.Diagnostic {
	d := kind.Diagnostic{Code: "E401", Hint: "rename one of them: a name without a dot cannot be mistaken"}
	words := make([]string, len(meanings))
	for k, t := range meanings {
		n := r.nodes[t.Node]
		words[k] = "the " + strings.ReplaceAll(n.row.Key, "_", " ") + " " + kind.QuoteText(n.name)
		if t.Op != "" {
			words[k] = "the operation " + kind.QuoteText(t.Op) + " of " + words[k]
		}
		d = d.See(n.keyPos, kind.QuoteText(n.name)+" is defined here")
	}
	d.Message = kind.QuoteText(text) + " may be " + strings.Join(words, " or ")
	return &d
}

// reference resolves the string value of a key to a node of one of some
// kinds.
func (r *resolver) reference(c kind.Cursor, kinds ...node.Kind) (node.Target, bool) {
	t, d := r.target(c.Value.Text)
	switch {
	case d != nil && d.Code == "":
		return t, false
	case d != nil:
		at := c.Problem(d.Code, d.Message)
		at.Hint, at.Related = d.Hint, d.Related
		r.report.Add(at)
		return t, false
	}
	if n := &r.spec.Nodes[t.Node]; !slices.Contains(kinds, n.Kind) {
		wanted := make([]string, len(kinds))
		for i, k := range kinds {
			wanted[i] = aKind(k)
		}
		is := aKind(n.Kind)
		r.report.Add(c.Problem("E505", fmt.Sprintf("%s is %s; this must be %s", kind.QuoteText(n.Name), is, strings.Join(wanted, " or "))).
			See(r.nodes[t.Node].keyPos, "defined here").WithHint(otherStep(c, n)))
		return t, false
	}
	return t, true
}

// otherStep is the step that a call of a queue, or a message to what is called,
// was meant to be; "" for other references.
func otherStep(c kind.Cursor, n *node.Node) string {
	switch {
	case n.Kind == node.Queue && strings.HasSuffix(c.Path, ".call"):
		return "a queue is written to: { publish = " + kind.QuoteText(n.Name) + " }"
	case n.Kind != node.Client && n.Kind != node.Queue && strings.HasSuffix(c.Path, ".publish"):
		return "a queue in front of it takes messages; without one: { call = " + kind.QuoteText(n.Name) + " }"
	}
	return ""
}

// aKind is a kind of node with its article, for messages.
func aKind(k node.Kind) string {
	if k == node.External {
		return "an external service"
	}
	if k == node.CDN {
		return "a CDN"
	}
	return "a " + strings.ReplaceAll(k.String(), "_", " ")
}

// stringAt returns a cursor on the string value of a key, false if it is
// absent or no string (which has been reported).
func stringAt(p kind.Place, key string, d *kind.Decoder) (kind.Cursor, bool) {
	v := p.ValueOf(key)
	if v == nil || v.Type != kind.TypeString {
		return kind.Cursor{}, false
	}
	return d.At(v, kind.JoinKey(p.Path, key)), true
}

// at returns a cursor on the string value of a key.
func (r *resolver) at(p kind.Place, key string) (kind.Cursor, bool) {
	return stringAt(p, key, &kind.Decoder{Report: r.report})
}

// checkInstances refuses more instances than capsim takes on.
func (r *resolver) checkInstances() {
	total := 0
	for _, n := range r.byPosition() {
		if n.bad {
			continue
		}
		var at kind.Place
		before, key := total, "instances"
		if s := n.server(); s != nil {
			at, total = s.Place, total+s.Instances
			if s.Autoscale != nil {
				at, key, total = s.Autoscale.Place, "max", total-s.Instances+s.Autoscale.Max
			}
		} else if c := n.cache(); c != nil {
			at, total = c.Place, total+c.Instances
		} else if c := n.cdn(); c != nil {
			at, total, key = c.Place, total+c.Pops, "pops"
		} else if d := n.database(); d != nil {
			at, total, key = d.Place, total+d.Shards*(1+d.Replicas), "shards"
		} else if b := n.balancer(); b != nil && b.Instances > 1 {
			at, total = b.Place, total+b.Instances
		}
		if total > maxInstances && before <= maxInstances {
			r.report.Add(at.At(key, "E706", fmt.Sprintf("the servers, databases, caches, CDNs and balancers have more than %d instances together", maxInstances)))
		}
	}
}

// unusedDefaults lists the keys whose defaults are not used, because other
// keys or a trace say what they would.
func (r *resolver) unusedDefaults() map[string]bool {
	unused := map[string]bool{"currency": !r.spec.Priced()}
	r.otherPolicies(unused)
	for i, n := range r.nodes {
		if c := n.cache(); c != nil && !c.Has("capacity") && !c.Has("memory") {
			unused[kind.JoinKey(c.Path, "policy")] = true
		}
		if c := n.cdn(); c != nil && !c.Has("capacity") && !c.Has("memory") {
			unused[kind.JoinKey(c.Path, "policy")] = true
		}
		if q := n.queue(); q != nil {
			unused[kind.JoinKey(q.Path, "when_full")] = !q.Has("capacity")
		}
		if h, ok := n.host(); ok {
			unused[kind.JoinKey(h.Path, "boot")] = !r.spec.Nodes[i].MayFill()
		}
		c, spec := n.client(), r.spec.Nodes[i].Client
		if c == nil {
			continue
		}
		trace := &arrival.Trace{}
		if one := r.traces[i]; one != nil && one.trace != nil {
			trace = one.trace
		}
		leaveOut := func(key string, not bool) {
			unused[kind.JoinKey(c.Path, key)] = not
		}
		leaveOut("think", !c.Has("users"))
		leaveOut("requests", spec.Target.Op != "" || trace.Ops != nil)
		leaveOut("keys", trace.Keys != nil)
		leaveOut("sources", trace.Sources != nil)
		leaveOut("response_size", trace.Sizes != nil)
	}
	return unused
}

// defaults orders what was left out by node, so that reordering a file
// changes nothing, and fills in the values that depend on other keys.
func (r *resolver) defaults() {
	run := r.spec.Run
	unused := r.unusedDefaults()
	for _, d := range r.cfg.defaults {
		if unused[d.Key] {
			continue
		}
		if d.Key == "run.seed" && r.file.opts.Seed != nil {
			continue // it was given, beside the file
		}
		if d.Key == "run.start" && !r.clock {
			continue
		}
		if value, other := r.derived[d.Key]; other {
			d.Value = value
		}
		switch d.Key {
		case "run.duration":
			d.Value = kind.FormatDuration(int64(run.Duration))
		case "run.drain":
			d.Value = kind.FormatDuration(int64(run.Drain))
		case "run.warmup":
			if run.Warmup != node.Auto {
				d.Value = kind.FormatDuration(int64(run.Warmup))
			}
		}
		r.spec.Defaults = append(r.spec.Defaults, node.Default(d))
	}
}
