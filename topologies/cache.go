package topologies

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
)

// maxWarm bounds the items that a warm cache is filled with.
const maxWarm = 10_000_000

// keepingKeys say what a cache keeps, where that is not left open by a fixed
// hit ratio.
var keepingKeys = []string{"capacity", "memory", "object_size", "policy", "ttl", "warm"}

// cache resolves a [cache.NAME].
func (r *resolver) cache(i int, n *nodeConfig) {
	c := n.cache()
	spec := &node.CacheSpec{
		HitRatio: float64(c.HitRatio), Latency: r.timeLaw(c.Latency), Cores: c.Cores,
		TTL: sim.Time(c.TTL), Coalesce: c.Coalesce, Type: r.machineType(c.Place, string(c.Type)),
	}
	r.noteTraced(spec.Latency, i, "", c.Latency.At)
	r.spec.Nodes[i].Zones = r.standsIn(c.Place, c.Zones)
	r.spec.Nodes[i].Cache, r.spec.Nodes[i].Instances = spec, c.Instances
	r.rented(i, c.Place, string(c.Type), c.PricePerHour, c.Discount)
	if c.Has("cores") && !takesTime(spec.Latency) && !n.bad {
		r.report.Add(c.AtKey("cores", "W403", "without latency there is nothing to do: cores change nothing").WithHint(`for example latency = "exp 0.02ms"`))
	}
	if c.Has("hit_ratio") {
		for _, key := range keepingKeys {
			if c.Has(key) && !(key == "memory" && c.ValueOf(key).Origin != "") {
				r.report.Add(c.AtKey(key, "E207", "a fixed hit_ratio says what "+key+" would decide").See(c.KeyPos("hit_ratio"), "hit_ratio").
					WithHint("keep one of them"))
			}
		}
	} else {
		r.keeping(c, spec)
	}
	r.originOf(c.Place, &spec.Origin)
	spec.Timeout = sim.Time(c.Timeout)
	if c.Has("timeout") && !c.Has("origin") {
		r.report.Add(c.AtKey("timeout", "E203", "the key origin is missing: a cache without one asks nobody").WithHint(`for example origin = "web"; a get has a timeout of its own`))
	}
}

// keeping resolves what a cache keeps, for how long, and what goes.
func (r *resolver) keeping(c *node.CacheConfig, spec *node.CacheSpec) {
	spec.Policy = c.Policy.Choice.String()
	if !c.Has("capacity") && !c.Has("memory") && !c.Has("ttl") && !c.Has("object_size") {
		r.report.Add(c.Whole("E203", "a cache needs hit_ratio, or what it keeps: capacity, memory or ttl").WithHint("for example capacity = 100_000"))
		return
	}
	spec.Capacity, spec.Size = r.roomFor(c.Place, c.Capacity, c.Memory, c.ObjectSize)
}

// roomFor resolves how much there is room for: items, or bytes if they have a
// size.
func (r *resolver) roomFor(c kind.Place, capacity int, memory node.Bytes, size node.SizeLaw) (room uint64, law dist.Law) {
	bounded := c.Has("capacity") || c.Has("memory")
	switch {
	case c.Has("capacity") && c.Has("memory"):
		r.report.Add(c.AtKey("memory", "E207", "capacity says how much there is room for").See(c.KeyPos("capacity"), "capacity").WithHint("keep one of them"))
		return 0, nil
	case c.Has("memory") && !c.Has("object_size"):
		r.report.Add(c.AtKey("memory", "E203", "the key object_size is missing: how many items find room is not known").WithHint(`for example object_size = "20kB"`))
		return 0, nil
	case c.Has("object_size") && !bounded:
		r.report.Add(c.AtKey("object_size", "E203", "the key memory is missing: sizes need a limit").WithHint(`for example memory = "2GB", or type = "aws:r7g.large"`))
		return 0, nil
	case c.Has("capacity") && c.Has("object_size"):
		r.report.Add(c.AtKey("object_size", "W403", "capacity counts items: their size changes nothing").See(c.KeyPos("capacity"), "capacity").
			WithHint(`for example memory = "2GB" instead of capacity`))
	}
	if c.Has("policy") && !bounded {
		r.report.Add(c.AtKey("policy", "W403", "without capacity or memory there is room for all items: none has to go").WithHint("for example capacity = 100_000"))
	}
	if c.Has("capacity") || !c.Has("memory") {
		return uint64(capacity), nil
	}
	law = r.sizeLaw(size)
	switch {
	case memory.Given && memory.N == 0:
		r.report.Add(c.At("memory", "E302", "must be more than 0B, got "+kind.QuoteText(memory.Text)))
	case law != nil && law.CDF(0) == 1:
		r.report.Add(c.AtKey("object_size", "E302", "must be more than 0B: there would be room for any number of items"))
	case law != nil && memory.Given && float64(law.CDF(float64(memory.N))) == 0:
		r.report.Add(c.AtKey("object_size", "E302", "no item finds room in "+kind.FormatSize(int64(memory.N))).See(c.KeyPos("memory"), "memory"))
	}
	return memory.N, law
}

// originOf resolves what stands behind a cache.
func (r *resolver) originOf(c kind.Place, to **node.Target) {
	at, given := r.at(c, "origin")
	if !given {
		return
	}
	t, ok := r.reference(at, node.Server, node.Database, node.LoadBalancer, node.External, node.Cache)
	if !ok || r.nodes[t.Node].row.Kind == node.Cache && !r.cacheTakes(at, t, "call") {
		return
	}
	*to = &t
}

// keepsReads refuses a cache or a CDN that would answer writes of a database
// with what it keeps: they would never come there.
func (r *resolver) keepsReads(i int, at func(code, message string) kind.Diagnostic, hint string) {
	n := &r.spec.Nodes[i]
	to := n.Origin()
	if to == nil || r.nodes[i].bad {
		return
	}
	told := map[endpoint]bool{}
	for _, op := range r.askedFor(i) {
		if missing, known := n.Misses(op); known && missing == 1 {
			continue // it passes all of them on
		}
		for _, end := range r.servers(to.Node, cmp.Or(to.Op, op)) {
			db := &r.spec.Nodes[end.server]
			k, exists := r.ops[end.server][end.op]
			if db.Database == nil || !exists || told[end] {
				continue
			}
			told[end] = true
			if access := db.Database.Access[k].Kind; access == node.Write || access == node.Transaction {
				r.report.Add(at("E505", kind.QuoteText(end.op)+" is a "+access.String()+" of "+kind.QuoteText(db.Name)+": a cache would answer what never came there").
					See(r.nodes[end.server].keyPos, "the database").WithHint(hint))
			}
		}
	}
}

// cacheTakes refuses what a cache does not do: to be called without an
// origin, or asked for whether it has something with one.
func (r *resolver) cacheTakes(at kind.Cursor, t node.Target, key string) bool {
	n := r.nodes[t.Node]
	name, through := kind.QuoteText(n.name), n.cache().Has("origin")
	var d kind.Diagnostic
	switch {
	case key == "call" && !through:
		d = at.Problem("E505", name+" is a cache without an origin: it is asked by get, set and invalidate").
			WithHint("for example { get = " + name + ", miss = [ … ] }; or give the cache an origin")
	case key == "get" && through:
		d = at.Problem("E505", name+" is a read-through cache: it asks its origin itself for what it does not have").
			WithHint("write { call = " + name + " }")
	case key == "set" && through && r.originPasses(n.cache()):
		d = at.Problem("E505", name+" keeps items of each operation that it passes on: set does not say of which").
			WithHint("let the origin name an operation, or use invalidate")
	default:
		return true
	}
	r.report.Add(d.See(n.keyPos, "defined here"))
	return false
}

// originPasses reports whether the origin of a cache is asked for whatever the
// cache was asked for.
func (r *resolver) originPasses(c *node.CacheConfig) bool {
	at, given := r.at(c.Place, "origin")
	if !given {
		return false
	}
	meanings := r.meanings(at.Value.Text)
	return len(meanings) == 1 && meanings[0].Op == ""
}

// warmth decides what the warm caches hold at the start; all clients and
// steps are known by now.
func (r *resolver) warmth() {
	for i, n := range r.nodes {
		spec := &r.spec.Nodes[i]
		if c := n.cache(); c != nil && c.Warm && !n.bad && spec.Cache != nil {
			// The ring shares items out unevenly.
			spec.Cache.Warm = r.warmFor(i, c.Place, spec.Cache.Size, spec.Cache.Capacity, uint64(spec.Instances)*4)
		}
		if c := n.cdn(); c != nil && c.Warm && !n.bad && spec.CDN != nil {
			r.warmCDN(i, c)
		}
	}
}

// warmFor is what a cache with room for so much holds at the start, each
// instance times times so much at most.
func (r *resolver) warmFor(i int, c kind.Place, size dist.Law, capacity, times uint64) *node.Warmth {
	w := r.popular(i)
	room := uint64(maxWarm)
	if size == nil && capacity > 0 {
		room = min(room, capacity*times+64)
	}
	if w.Below > room {
		if room == maxWarm && (capacity == 0 || size == nil) {
			r.report.Add(c.At("warm", "E705", fmt.Sprintf("a cache can be warm with at most %d items (a limit of capsim), these would be %d", maxWarm, w.Below)))
		}
		w.Below = room
	}
	if w.Below == 0 && len(w.Items) == 0 && r.spec.Nodes[i].CDN == nil {
		r.report.Add(c.AtKey("warm", "W403", "which items are asked for most often is not known: it starts empty").
			WithHint(`for example [client.NAME] keys = "zipf s=0.9 n=100k"`))
	}
	return w
}

// popular lists the items that are asked for most often at a cache: by the
// traces of clients and by their laws of keys, or by those of the steps that
// ask it.
func (r *resolver) popular(cache int) *node.Warmth {
	w, ops := &node.Warmth{}, map[string]bool{}
	note := func(law dist.Law) {
		if law != nil {
			w.Below = max(w.Below, below(law))
		}
	}
	items, sources := false, false // of the clients are what it is asked for
	for i := range r.spec.Nodes {
		n := &r.spec.Nodes[i]
		if n.Client != nil && r.leadsTo(n.Client.Target.Node, cache) {
			items = true
			for _, op := range n.Client.Ops {
				ops[cmp.Or(n.Client.Target.Op, op.Name)] = true
			}
		}
		if n.Server == nil {
			continue
		}
		for _, op := range n.Server.Ops {
			r.eachStep(op.Steps, func(s *node.Step) {
				asks := s.Kind == node.StepCall || s.Kind == node.StepGet
				if !asks || !r.leadsTo(s.Target.Node, cache) {
					return
				}
				ops[cmp.Or(s.Target.Op, "request")] = true
				note(s.Key.Law)
				sources = sources || s.Key.Source
				items = items || s.Key.Law == nil && !s.Key.Source
			})
		}
	}
	counts, callers := map[uint64]int{}, r.spec.Callers(cache)
	for i := range r.spec.Nodes {
		c := r.spec.Nodes[i].Client
		if c == nil || !callers[i] {
			continue
		}
		if sources {
			note(c.Sources)
		}
		if one := r.traces[i]; items && one != nil && one.trace != nil && one.trace.Keys != nil {
			for _, key := range one.trace.Keys {
				counts[key]++
			}
		} else if items {
			note(c.Keys)
		}
	}
	w.Items = slices.SortedFunc(maps.Keys(counts), func(a, b uint64) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	w.Ops = slices.Sorted(maps.Keys(ops))
	return w
}

// leadsTo reports whether requests to a node may come to another through what
// passes them on.
func (r *resolver) leadsTo(from, to int) bool {
	seen := map[int]bool{}
	var visit func(i int) bool
	visit = func(i int) bool {
		if i == to || i == node.None || seen[i] {
			return i == to
		}
		seen[i] = true
		return slices.ContainsFunc(r.onward(i), visit)
	}
	return visit(from)
}

// idleItems warns (W403) of caches that are asked for one item only, since
// nothing says what requests are about.
func (r *resolver) idleItems() {
	if r.keyed() {
		return
	}
	for i, n := range r.nodes {
		if n.cache() == nil || !r.spec.Nodes[i].Cache.Emergent() {
			continue
		}
		d := n.at.Problem("W403", "no client has keys: all requests for an operation are about one item, which is there or not").
			WithHint(`for example [client.NAME] keys = "zipf s=0.9 n=100k"`)
		d.Pos = n.keyPos
		r.report.Add(d)
	}
}

// below is the number below which all keys of a law lie.
func below(law dist.Law) uint64 {
	if x, constant := dist.Constancy(law); constant {
		return uint64(x) + 1
	}
	low, high := 1.0, 1.0
	for law.CDF(high-1) < 1 && high < 1<<53 {
		low, high = high, 2*high
	}
	for low < high {
		middle := float64(uint64(low+high) / 2)
		if law.CDF(middle-1) < 1 {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return uint64(high)
}
