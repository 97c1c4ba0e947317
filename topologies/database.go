package topologies

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
)

// database resolves a [database.NAME].
func (r *resolver) database(i int, n *nodeConfig) {
	c := n.database()
	spec := &node.ServerSpec{}
	r.host(i, host{c.Place, &c.HostConfig}, spec)
	db := &node.DatabaseSpec{
		Shards: c.Shards, Replicas: c.Replicas, By: c.ShardBy, BySource: c.ShardKey == "source",
		Connections: c.MaxConnections, Connect: r.timeLaw(c.Connect),
	}
	r.noteTraced(db.Connect, i, "", c.Connect.At)
	r.spec.Nodes[i].Server, r.spec.Nodes[i].Database = spec, db
	r.spec.Nodes[i].Instances = db.Shards * db.PerShard()
	r.rented(i, c.Place, string(c.Type), c.PricePerHour, c.Discount)
	if !c.Has("read") && !c.Has("write") && !c.Has("scatter") && !c.Has("transaction") {
		r.report.Add(c.Whole("E203", "a database needs an operation: read, write, scatter or transaction").
			WithHint("for example read.by_id = [{ cpu = \"exp 0.6ms\" }]"))
		n.bad = true // that it lacks the operations which are asked for has been said
	}
	a := &accesses{r: r, node: i, name: n.name, taken: map[string]kind.Pos{}}
	for k := range c.Read {
		a.read(&c.Read[k], node.Read, c.RouteReads)
	}
	for k := range c.Write {
		one := &c.Write[k]
		a.add(node.Access{Kind: node.Write}, one.Name, one.At, one.Steps, one.Priority)
	}
	for k := range c.Scatter {
		a.read(&c.Scatter[k], node.Scatter, c.RouteReads)
	}
	for k := range c.Transaction {
		a.transaction(&c.Transaction[k], db.Shards)
	}
	a.into(spec, db)
	r.replication(c, db)
	r.failover(c, db)
	r.engine(i, c)
}

// accesses are the operations of a database while they are gathered.
type accesses struct {
	r     *resolver
	node  int
	name  string
	taken map[string]kind.Pos
	list  []access
}

type access struct {
	op     node.Operation
	how    node.Access
	commit string // of a transaction: the operation of its second phase
}

// add adds an operation, unless another table has one of that name.
func (a *accesses) add(how node.Access, name string, at kind.Cursor, steps node.Steps, priority node.Priority) *access {
	if first, taken := a.taken[name]; taken {
		d := at.Problem("E401", "the operation "+kind.QuoteText(name)+" is declared twice: it can be of one kind only").See(first, "first here")
		a.r.report.Add(d)
		return nil
	}
	a.taken[name] = at.Value.Pos
	one := access{how: how, op: node.Operation{Name: name}}
	one.op.Steps = a.r.program(steps, scope{node: a.node, op: name, path: []string{a.name, name}})
	if priority.Given {
		one.op.Priority = &priority.Value
	}
	a.list = append(a.list, one)
	return &a.list[len(a.list)-1]
}

// read adds an operation that reads.
func (a *accesses) read(c *node.ReadConfig, how node.AccessKind, route node.ReadRoute) {
	if c.Route != "" {
		route = c.Route
	}
	a.add(node.Access{Kind: how, Route: route}, c.Name, c.At, c.Steps, c.Priority)
}

// transaction adds a transaction and its second phase.
func (a *accesses) transaction(c *node.TransactionConfig, shards int) {
	if c.Table == nil {
		return // it is no table, which has been reported
	}
	one := a.add(node.Access{Kind: node.Transaction, Shards: c.Shards}, c.Name, c.At, c.Steps, c.Priority)
	if one == nil {
		return
	}
	if c.Shards > shards {
		hint := fmt.Sprintf("for example shards = %d of the database", c.Shards)
		if shards == 1 {
			hint += "; on a single shard a transaction is a write"
		}
		d := c.Place.At("shards", "E302", fmt.Sprintf("must be at most the shards of the database, %d, got %d", shards, c.Shards)).WithHint(hint)
		a.r.report.Add(d)
	}
	op := one.op
	op.Name = node.CommitOf(c.Name)
	if c.Commit != nil {
		op.Steps = a.r.program(*c.Commit, scope{node: a.node, op: c.Name, path: []string{a.name, c.Name, "commit"}})
	}
	one.commit = op.Name
	a.list = append(a.list, access{how: node.Access{Kind: node.Commit}, op: op})
}

// into fills in the operations, ordered by name, and notes their numbers.
func (a *accesses) into(spec *node.ServerSpec, db *node.DatabaseSpec) {
	slices.SortStableFunc(a.list, func(x, y access) int { return strings.Compare(x.op.Name, y.op.Name) })
	numbers := map[string]int{}
	for k := range a.list {
		one := &a.list[k]
		if _, taken := numbers[one.op.Name]; taken { // by the second phase of a transaction
			d := a.r.nodes[a.node].at.Problem("E401", "the name "+kind.QuoteText(one.op.Name)+" is taken: this is how the second phase of a transaction is called")
			d.Pos = a.taken[one.op.Name]
			a.r.report.Add(d)
		}
		numbers[one.op.Name] = k
		spec.Ops = append(spec.Ops, one.op)
	}
	visible := make(map[string]int, len(a.list))
	for k := range a.list {
		one := &a.list[k]
		if one.commit != "" {
			one.how.Commit = numbers[one.commit]
		}
		db.Access = append(db.Access, one.how)
		if one.how.Kind != node.Commit {
			visible[one.op.Name] = k
		}
	}
	a.r.ops[a.node] = visible
}

// shardKeys finds out how many keys the databases have that are sharded by
// range, once all clients are known.
func (r *resolver) shardKeys() {
	for i, n := range r.nodes {
		db := r.spec.Nodes[i].Database
		if db == nil || db.By != node.ByRange {
			continue
		}
		db.Keys = r.largestKey(db.BySource) + 1
		if db.Keys == 1 && db.Shards > 1 {
			c := n.database()
			what, hint := "keys", `for example [client.NAME] keys = "zipf s=0.9 n=100k"`
			if db.BySource {
				what, hint = "sources", `for example [client.NAME] sources = "uniform n=10k"`
			}
			r.report.Add(c.At("shard_by", "E203", "no client has "+what+": what is to be divided into ranges is not known").WithHint(hint))
		}
	}
}

// largestKey is the largest key that a client or a step may give; of
// addresses, if sources is set.
func (r *resolver) largestKey(sources bool) uint64 {
	largest := uint64(0)
	note := func(law dist.Law) {
		if law != nil {
			largest = max(largest, dist.KeyCount(law)-1)
		}
	}
	for i := range r.spec.Nodes {
		n := &r.spec.Nodes[i]
		if c := n.Client; c != nil {
			law, traced := c.Keys, []uint64(nil)
			if one := r.traces[i]; one != nil && one.trace != nil {
				traced = one.trace.Keys
			}
			if sources {
				law, traced = c.Sources, nil
				if one := r.traces[i]; one != nil && one.trace != nil {
					traced = one.trace.Sources
				}
			}
			note(law)
			for _, k := range traced {
				largest = max(largest, k)
			}
		}
		if n.Server != nil && !sources {
			for _, op := range n.Server.Ops {
				r.eachStep(op.Steps, func(s *node.Step) { note(s.Key.Law) })
			}
		}
	}
	return largest
}

// databasePart is how the instances of a database, and its shards, are called
// behind its name.
var databasePart = regexp.MustCompile(`^(?:\.shard\[(\d+)\])?(?:\.(primary)|\.replica\[(\d+)\])?$`)

// partOfDatabase resolves the name of an instance or a shard of a database,
// such as orders.shard[2].primary. It returns false if it is no such name.
func (r *resolver) partOfDatabase(at kind.Cursor, f *fault.Span) (found, ok bool) {
	text := at.Value.Text
	best, parts := "", []string(nil)
	for i := range r.nodes {
		name := r.spec.Nodes[i].Name
		rest, within := strings.CutPrefix(text, name)
		if r.spec.Nodes[i].Database == nil || !within || rest == "" || len(name) <= len(best) {
			continue
		}
		if m := databasePart.FindStringSubmatch(rest); m != nil {
			best, parts = name, m
		}
	}
	if _, taken := r.index[text]; taken || best == "" {
		return false, false
	}
	at0 := r.index[best]
	db := r.spec.Nodes[at0].Database
	fail := func(what string) (bool, bool) {
		r.report.Add(at.Problem("E501", "unknown instance "+kind.QuoteText(text)+": "+what).
			See(r.nodes[at0].keyPos, "defined here"))
		return true, false
	}
	shard, primary, replica := parts[1], parts[2] != "", parts[3]
	f.Node, f.First, f.Count = at0, 0, db.PerShard()
	if shard == "" && db.Shards > 1 {
		return fail(fmt.Sprintf("%s has %d shards; say which, as in %s.shard[0]%s", kind.QuoteText(best), db.Shards, best, text[len(best):]))
	}
	if shard != "" {
		s, err := strconv.Atoi(shard)
		if err != nil || s >= db.Shards {
			return fail(fmt.Sprintf("%s has %s", kind.QuoteText(best), howMany(db.Shards, "shard")))
		}
		f.First = s * db.PerShard()
	}
	if replica != "" {
		k, err := strconv.Atoi(replica)
		if err != nil || k >= db.Replicas {
			return fail(fmt.Sprintf("each shard of %s has %s", kind.QuoteText(best), howMany(db.Replicas, "replica")))
		}
		f.First, f.Count = f.First+1+k, 1
	}
	if primary {
		f.Count = 1
	}
	return true, true
}

// howMany says how many of something there are, and how they are numbered.
func howMany(n int, noun string) string {
	switch n {
	case 0:
		return "no " + noun + "s"
	case 1:
		return "one " + noun + ", [0]"
	}
	return fmt.Sprintf("%d %ss, [0] to [%d]", n, noun, n-1)
}

// idleDatabase warns (W403) of keys of a database that change nothing.
func (r *resolver) idleDatabase(i int, c *node.DatabaseConfig, priority func(kind.Place)) {
	for _, list := range []node.Reads{c.Read, c.Scatter} {
		for k := range list {
			if one := &list[k]; one.Table != nil {
				priority(one.Place)
				r.idleRoute(c, one.Place, "route", one.Route)
			}
		}
	}
	for k := range c.Write {
		if one := &c.Write[k]; one.Table != nil {
			priority(one.Place)
		}
	}
	for k := range c.Transaction {
		if one := &c.Transaction[k]; one.Table != nil {
			priority(one.Place)
		}
	}
	r.idleRoute(c, c.Place, "route_reads", c.RouteReads)
	if c.Has("route_reads") && len(c.Read) == 0 && len(c.Scatter) == 0 {
		r.report.Add(c.AtKey("route_reads", "W403", "the database has no reads: how they are routed changes nothing").
			WithHint("for example read.by_id = [{ cpu = \"exp 0.6ms\" }]"))
	}
	r.idleReplication(i, c)
	r.idleFailover(c)
	if c.Has("replicas") && c.Replicas > 0 && c.Failover == nil && !r.spec.Nodes[i].Database.ReadsReplicas() && r.spec.Nodes[i].Database.Acks() == 0 {
		r.report.Add(c.AtKey("replicas", "W403", "no operation goes to a replica: they only stand by").
			WithHint(`for example route_reads = "replicas"`))
	}
	for _, key := range []string{"shard_by", "shard_key"} {
		if c.Has(key) && c.Shards == 1 {
			r.report.Add(c.AtKey(key, "W403", "there is one shard: it has all keys").WithHint("for example shards = 8"))
		}
	}
}

// idleRoute warns of reads that are to go to replicas where there are none.
func (r *resolver) idleRoute(c *node.DatabaseConfig, p kind.Place, key string, route node.ReadRoute) {
	if p.Has(key) && route != node.ReadPrimary && c.Replicas == 0 {
		r.report.Add(p.At(key, "W403", "there are no replicas: every read goes to the primary").WithHint("for example replicas = 2"))
	}
}
