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

// maxDeploys bounds the deploys of a file.
const maxDeploys = 1000

// canBeReplaced are the kinds of node whose instances a deploy may replace.
var canBeReplaced = []node.Kind{node.Server, node.Database, node.Cache}

// deploys resolves what is replaced while the system works. It comes after
// the run: a deploy lies within it.
func (r *resolver) deploys() {
	list := r.cfg.file.Deploys
	if len(list) > maxDeploys {
		r.report.Add(list[maxDeploys].Whole("E703", fmt.Sprintf("more than %d deploys", maxDeploys)))
		return
	}
	twice := map[int]*node.DeployConfig{}
	for i := range list {
		c := &list[i]
		d, ok := r.deploy(c)
		if !ok {
			continue
		}
		if !r.cfg.runBad && d.At >= r.spec.Run.Duration {
			r.report.Add(c.At("at", "W403", "the deploy would begin at "+kind.FormatDuration(int64(d.At))+
				", but the measured window ends at "+kind.FormatDuration(int64(r.spec.Run.Duration))+": it never does").
				WithHint("deploys count from the start of the window"))
			continue // it changes nothing, not even what could be
		}
		if d.Strategy == node.BlueGreen {
			twice[d.Node] = c
		}
		r.spec.Deploys = append(r.spec.Deploys, d)
	}
	// Their order in the file changes nothing.
	slices.SortStableFunc(r.spec.Deploys, func(a, b node.Deploy) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Node, b.Node), cmp.Compare(a.First, b.First), cmp.Compare(a.Count, b.Count),
			cmp.Compare(a.Strategy, b.Strategy), cmp.Compare(a.Batch, b.Batch), cmp.Compare(a.Drain, b.Drain), cmp.Compare(a.Boot, b.Boot))
	})
	for k := range r.spec.Deploys {
		d := &r.spec.Deploys[k]
		n := &r.spec.Nodes[d.Node]
		n.Deployed = true
		if d.Away() < n.AtStart() {
			n.Away = max(n.Away, d.Away())
		}
	}
	for i := range r.spec.Nodes {
		if c := twice[i]; c != nil {
			r.secondSet(&r.spec.Nodes[i], c)
		}
	}
}

// secondSet makes room for as many instances of a node as there are.
func (r *resolver) secondSet(n *node.Node, c *node.DeployConfig) {
	if 2*n.Instances > maxInstances {
		r.report.Add(c.At("strategy", "E706", fmt.Sprintf("a second set makes more than %d instances", maxInstances)))
		return
	}
	n.Initial, n.MostInService, n.Instances = n.Instances, n.Instances, 2*n.Instances
}

// deploy resolves one deploy.
func (r *resolver) deploy(c *node.DeployConfig) (node.Deploy, bool) {
	d := node.Deploy{
		At: sim.Time(c.Begins), Strategy: c.Strategy.Strategy(), Batch: c.Batch, Drain: sim.Time(c.Drain), Boot: sim.Time(c.Boot),
		Machine: node.None, Target: c.Target,
	}
	at, given := r.at(c.Place, "target")
	if !given {
		return d, false
	}
	where, ok := r.deployTarget(at)
	if !ok {
		return d, false
	}
	d.Node, d.First, d.Count = where.Node, where.First, where.Count
	n, config := &r.spec.Nodes[d.Node], r.nodes[d.Node]
	if config.bad {
		return d, false
	}
	if s := config.server(); s != nil && s.Autoscale != nil {
		r.report.Add(at.Problem("E207", kind.QuoteText(n.Name)+" has autoscale, which starts and stops its instances by itself: it cannot have deploys as well").
			See(s.KeyPos("autoscale"), "autoscale").WithHint("take one of them out, for example in a design of its own"))
		return d, false
	}
	if !r.strategyFits(c, &d, at) {
		return d, false
	}
	if c.Set == nil {
		return d, !c.Has("set") // or it is no table, which has been reported
	}
	return d, r.deployedMachine(c, &d)
}

// strategyFits checks that what is replaced can be replaced so.
func (r *resolver) strategyFits(c *node.DeployConfig, d *node.Deploy, at kind.Cursor) bool {
	n := &r.spec.Nodes[d.Node]
	whole := d.Count == max(1, n.Instances)
	switch {
	case c.Has("batch") && d.Strategy != node.Rolling:
		r.report.Add(c.AtKey("batch", "E202", "this key goes with rolling, not with "+d.Strategy.String()).See(c.KeyPos("strategy"), "strategy"))
		return false
	case d.Strategy == node.Rolling && d.Batch > d.Count:
		r.report.Add(c.At("batch", "E302", fmt.Sprintf("must be at most the number of instances, %d, got %d", d.Count, d.Batch)))
		return false
	case d.Strategy == node.BlueGreen && n.Kind != node.Server:
		r.report.Add(at.Problem("E505", kind.QuoteText(n.Name)+" is "+aKind(n.Kind)+"; blue-green replaces a server: a second set of what keeps data would be without it").
			WithHint(`for example strategy = "rolling"`))
		return false
	case d.Strategy == node.BlueGreen && !whole:
		r.report.Add(at.Problem("E505", "blue-green replaces all instances of a server").WithHint("write " + kind.QuoteText(n.Name)))
		return false
	case d.Strategy == node.InPlace && d.Boot == 0:
		r.report.Add(c.AtKey("boot", "W403", "without boot its instances are back at once: there is no downtime but that of draining").WithHint(`for example boot = "90s"`))
	}
	return true
}

// deployTarget resolves what a deploy replaces: a node, or an instance of it.
func (r *resolver) deployTarget(at kind.Cursor) (where fault.Span, ok bool) {
	if found, ok := r.partOfDatabase(at, &where); found {
		return where, ok
	}
	text, number := at.Value.Text, -1
	if i := instanceName.FindStringIndex(text); i != nil {
		number, _ = strconv.Atoi(text[i[0]+1 : i[1]-1])
		text = text[:i[0]]
	}
	if strings.HasPrefix(text, "zone:") {
		r.report.Add(at.Problem("E501", "a deploy replaces instances of one node, not those of a zone").WithHint("name the node"))
		return where, false
	}
	whole, value := at, *at.Value
	value.Text, whole.Value = text, &value
	t, ok := r.reference(whole, canBeReplaced...)
	if !ok {
		return where, false
	}
	n := &r.spec.Nodes[t.Node]
	where = fault.Span{Node: t.Node, Count: max(1, n.Instances)}
	switch {
	case t.Op != "":
		r.report.Add(at.Problem("E505", "a deploy replaces a node or an instance of it, not an operation").WithHint("write " + kind.QuoteText(n.Name)))
		return where, false
	case number < 0:
		return where, true
	case n.Database != nil:
		r.report.Add(at.Problem("E501", "unknown instance "+kind.QuoteText(at.Value.Text)+": the instances of a database are its primary and its replicas").
			WithHint("write " + kind.QuoteText(n.InstanceName(min(number, where.Count-1)))))
		return where, false
	case number >= where.Count:
		r.report.Add(at.Problem("E501", fmt.Sprintf("unknown instance %s: %s has %s", kind.QuoteText(at.Value.Text), kind.QuoteText(n.Name), instancesOf(where.Count))).
			See(r.nodes[t.Node].keyPos, "defined here"))
		return where, false
	}
	where.First, where.Count = number, 1
	return where, true
}

// deployedMachine resolves what a deploy makes of the instances: the keys of
// set are merged over those of the node, and read as those are.
func (r *resolver) deployedMachine(c *node.DeployConfig, d *node.Deploy) bool {
	n := &r.spec.Nodes[d.Node]
	if n.Server == nil {
		r.report.Add(c.AtKey("set", "E202", "this key goes with servers and databases: "+kind.QuoteText(n.Name)+" is "+aKind(n.Kind)))
		return false
	}
	if len(c.Set.Table.Entries) == 0 {
		r.report.Add(c.Set.Whole("E203", "set says what the new instances are: it needs a key").WithHint("for example set = { cores = 8 }"))
		return false
	}
	may := kind.KeysOf(kind.Describe(*c.Set))
	if slices.ContainsFunc(c.Set.Table.Entries, func(e *kind.Entry) bool { return !slices.Contains(may, e.Key) }) {
		return false // reported
	}
	if c.Set.Has("concurrency") && n.Server.Concurrency == 0 {
		r.report.Add(c.Set.AtKey("concurrency", "E203", "the key concurrency is missing in "+kind.QuoteText(n.Name)+": workers without a limit cannot get one in mid-run").
			See(r.nodes[d.Node].keyPos, "defined here"))
		return false
	}
	m, rent, ok := r.overlaidMachine(c, d)
	if !ok {
		return false
	}
	if sameMachine(m, n.Server) && sameRent(rent, n.Rent) && len(n.Machines) == 0 {
		r.report.Add(c.AtKey("set", "W403", "the new instances are what the old ones are: set changes nothing"))
		return true
	}
	d.Machine = len(n.Machines)
	n.Machines, n.Rents = append(n.Machines, m), append(n.Rents, rent)
	return true
}

// overlaidMachine reads the machine of a node with the keys of set in the
// place of its own.
func (r *resolver) overlaidMachine(c *node.DeployConfig, d *node.Deploy) (*node.ServerSpec, *node.Rent, bool) {
	config := r.nodes[d.Node]
	root := r.withSet(config, c.Set.Place)
	scratch := &kind.Report{}
	applyTypes(root, scratch)
	table := root.Get(config.row.Key).Value.Table.Get(config.name).Value
	again := *config
	again.config = config.row.Config()
	decoder := &kind.Decoder{Report: scratch, Elsewhere: elsewhere()}
	kind.Decode(decoder.At(table, kind.JoinKey(config.row.Key, config.name)), again.config)
	h, _ := again.host()
	resolved := &node.ServerSpec{}
	outer, traced := r.report, r.traced
	r.report = scratch
	r.host(d.Node, h, resolved)
	r.report, r.traced = outer, traced
	r.addNew(scratch)
	if scratch.Failed() {
		return nil, nil, false
	}
	m := *r.spec.Nodes[d.Node].Server
	m.Type, m.Cores, m.Speed, m.Scaling = resolved.Type, resolved.Cores, resolved.Speed, resolved.Scaling
	m.Concurrency, m.Memory, m.Network, m.Disk = resolved.Concurrency, resolved.Memory, resolved.Network, resolved.Disk
	return &m, rent(string(h.Type), h.PricePerHour), true
}

// withSet is the tree of a single node with the keys of set in it. What the
// type gave that it had is left out: the new one, if there is one, gives its
// own.
func (r *resolver) withSet(config *nodeConfig, set kind.Place) *kind.Table {
	own := &kind.Table{Pos: config.at.Value.Table.Pos}
	name, typed := config.at.Value.Table.Get("type"), set.Table.Get("type") != nil
	for _, e := range config.at.Value.Table.Clone().Entries {
		if typed && name != nil && e.Value.Origin == name.Value.Text+" " {
			continue
		}
		own.Add(e)
	}
	path := set.Whole("", "").Key
	for _, e := range set.Table.Entries {
		mergeEntry(own, &kind.Entry{Key: e.Key, KeyPos: e.KeyPos, Value: withOrigin(e.Value, kind.JoinKey(path, e.Key))})
	}
	value := *config.at.Value
	value.Table = own
	family := &kind.Table{Pos: own.Pos}
	family.Add(&kind.Entry{Key: config.name, KeyPos: config.keyPos, Value: &value})
	root := &kind.Table{Pos: own.Pos}
	if machines := catalogOf(r.root); machines.own != nil {
		root.Add(&kind.Entry{Key: catalogKey, Value: &kind.Value{Type: kind.TypeTable, Pos: machines.own.Pos, Table: machines.own}})
	}
	root.Add(&kind.Entry{Key: config.row.Key, KeyPos: config.keyPos, Value: &kind.Value{Type: kind.TypeTable, Pos: own.Pos, Table: family}})
	return root
}

// addNew reports the findings that have not been reported yet.
func (r *resolver) addNew(found *kind.Report) {
	have := r.report.Diagnostics()
	for _, d := range found.Diagnostics() {
		if !slices.ContainsFunc(have, func(other kind.Diagnostic) bool {
			return other.Code == d.Code && other.Pos == d.Pos && other.Message == d.Message
		}) {
			r.report.Add(d)
		}
	}
}

// sameMachine reports whether two machines are alike.
func sameMachine(a, b *node.ServerSpec) bool {
	return a.Type == b.Type && a.Cores == b.Cores && a.Speed == b.Speed && a.Scaling == b.Scaling && a.Concurrency == b.Concurrency &&
		a.Memory == b.Memory && a.Network == b.Network && (a.Disk == b.Disk || !a.HasDisk())
}

// sameRent reports whether two machines cost the same.
func sameRent(a, b *node.Rent) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Hourly == b.Hourly
}

// away reports whether nothing is left of a node, or behind it, while a deploy
// is under way.
func (r *resolver) away(at int, d *node.Deploy, depth int) bool {
	n := &r.spec.Nodes[at]
	switch {
	case d.Away() == 0 || depth > len(r.spec.Nodes):
		return false
	case at == d.Node && n.Database != nil:
		return n.Database.Gone(func(i int) bool { return d.First <= i && i < d.First+d.Count })
	case at == d.Node:
		return d.Away() >= n.AtStart()
	case n.Balancer == nil:
		return false
	}
	return !slices.ContainsFunc(n.Balancer.Targets, func(t int) bool { return !r.away(t, d, depth+1) })
}

// fillSets gives the set of each deploy what the type in it gives and the file
// does not, for a file that is printed: there all that the old type gave is
// written out, and would go before what the new one gives.
func fillSets(root *kind.Table) {
	list := root.Get("deploy")
	if list == nil {
		return
	}
	for _, item := range list.Value.Items {
		set, target := item.Table.Get("set"), item.Table.Get("target")
		if set == nil || target == nil || set.Value.Table.Get("type") == nil {
			continue
		}
		machine := machineTable(root, target.Value.Text)
		t := &typed{"", set.Value.Table, set.Value.Table.Get("type").Value}
		if machine == nil {
			continue
		}
		for _, e := range catalogOf(root).gives(t.name.Text) {
			have := machine.Get(e.Key)
			if t.table.Get(e.Key) == nil && (have == nil || machine.Get("type") != nil && have.Value.Origin == machine.Get("type").Value.Text+" ") {
				t.fill(e.Key, e.Value, false, &kind.Report{})
			}
		}
	}
}

// machineTable is the table of the server or database that a deploy replaces,
// or an instance of which, nil if there is none.
func machineTable(root *kind.Table, target string) *kind.Table {
	for _, family := range []node.Kind{node.Server, node.Database} {
		e := root.Get(family.String())
		if e == nil {
			continue
		}
		best := ""
		for _, one := range e.Value.Table.Entries {
			rest, found := strings.CutPrefix(target, one.Key)
			if found && (rest == "" || rest[0] == '[' || rest[0] == '.') && len(one.Key) > len(best) {
				best = one.Key
			}
		}
		if best != "" {
			return e.Value.Table.Get(best).Value.Table
		}
	}
	return nil
}
