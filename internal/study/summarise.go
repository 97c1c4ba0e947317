package study

import (
	"slices"
	"strings"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
	"github.com/capsim/capsim/sim/stats"
)

// summarise turns the snapshots into the document.
func (f *figures) summarise(version string) *result.Result {
	r := &result.Result{
		Schema: result.Schema, Version: version, Title: f.spec.Title, Design: f.spec.Design,
		Seed: f.spec.Run.Seed, Fingerprint: f.fingerprint(),
		Warnings: []result.Warning{},
		Run: result.Run{
			DurationS: f.seconds, WarmupS: f.spec.Run.Warmup.Seconds(), Replications: len(f.snaps),
		},
		Topology:   Topology(f.spec),
		Clients:    map[string]*result.Client{},
		Nodes:      map[string]*result.Node{},
		Objectives: []result.Objective{},
	}
	for _, s := range f.snaps {
		r.Run.Events += s.Events
		r.Run.Requests += s.Requests
	}
	for i := range f.snaps[0].Clients {
		at := f.snaps[0].Clients[i].Node
		r.Clients[f.spec.Nodes[at].Name] = f.client(i, at)
	}
	for i := range f.spec.Nodes {
		if f.spec.Nodes[i].Kind != node.Client {
			r.Nodes[f.spec.Nodes[i].Name] = f.node(i)
		}
	}
	f.theory(r)
	r.Faults = f.faults()
	r.Deploys = f.deploys()
	r.Cost = f.cost()
	for i := range f.spec.Objectives {
		r.Objectives = append(r.Objectives, f.judge(&f.spec.Objectives[i]))
	}
	r.Bottleneck = f.bottleneck(r)
	r.Series = f.series()
	f.warn(r)
	return r
}

func (f *figures) fingerprint() string {
	fp := sim.NewFingerprint()
	for i := range f.spec.Nodes {
		fp.AddString(f.spec.Nodes[i].Name)
	}
	for _, s := range f.snaps {
		s.Fold(fp)
	}
	return fp.String()
}

// client summarises client i, which is the node at.
func (f *figures) client(i, at int) *result.Client {
	spec := f.spec.Nodes[at].Client
	all := make([]int, len(spec.Ops))
	for k := range all {
		all[k] = k
	}
	c := &result.Client{Ops: map[string]*result.Traffic{}}
	c.Traffic = f.traffic(i, all, f.extraPercentiles(at, ""))
	for k, op := range spec.Ops {
		t := f.traffic(i, []int{k}, f.extraPercentiles(at, op.Name))
		c.Ops[op.Name] = &t
	}
	c.ByReplication = f.byReplication(i, at)
	return c
}

// extraPercentiles returns the percentiles that objectives name for a node.
func (f *figures) extraPercentiles(at int, op string) map[string]float64 {
	extra := map[string]float64{}
	for i := range f.spec.Objectives {
		o := &f.spec.Objectives[i]
		if o.Node == at && o.Op == op && o.Quantile > 0 {
			extra[o.Metric] = o.Quantile
		}
	}
	return extra
}

// traffic summarises some operations of client i together.
func (f *figures) traffic(i int, ops []int, extra map[string]float64) result.Traffic {
	sum := func(of func(o *node.OpStats) uint64) func(s *node.Snapshot) uint64 {
		return func(s *node.Snapshot) uint64 {
			total := uint64(0)
			for _, k := range ops {
				total += of(&s.Clients[i].Ops[k])
			}
			return total
		}
	}
	offered := sum(func(o *node.OpStats) uint64 { return o.Offered })
	ok := sum(func(o *node.OpStats) uint64 { return o.OK })
	bad := sum(func(o *node.OpStats) uint64 { return total(o.Errors[:]) })
	t := result.Traffic{
		Offered: f.count(offered), OK: f.count(ok),
		Unfinished:    f.count(sum(func(o *node.OpStats) uint64 { return o.Unfinished })),
		Attempts:      f.count(sum(func(o *node.OpStats) uint64 { return o.Attempts })),
		Errors:        map[string]uint64{},
		OfferedRPS:    f.perSecond(offered),
		ThroughputRPS: f.perSecond(sum(func(o *node.OpStats) uint64 { return o.Answered })),
		ErrorRatio:    f.ratio(bad, offered, "no requests"),
		Availability:  f.ratio(ok, offered, "no requests"),
	}
	for k, kind := range result.ErrorKinds {
		t.Errors[kind] = f.count(sum(func(o *node.OpStats) uint64 { return o.Errors[k] }))
	}
	latency := f.times(func(s *node.Snapshot) []*stats.Histogram {
		var parts []*stats.Histogram
		for _, k := range ops {
			parts = append(parts, &s.Clients[i].Ops[k].Latency)
		}
		return parts
	})
	t.LatencyS = latency.latency(extra)
	t.Curve = latency.curve()
	t.Spent = f.spent(i, ops)
	t.Slowest = f.slowest(i, ops, latency)
	return t
}

func total(counts []uint64) uint64 {
	sum := uint64(0)
	for _, c := range counts {
		sum += c
	}
	return sum
}

// count sums over replications.
func (f *figures) count(of func(s *node.Snapshot) uint64) uint64 {
	sum := uint64(0)
	for _, s := range f.snaps {
		sum += of(s)
	}
	return sum
}

func (f *figures) ratio(num, den func(s *node.Snapshot) uint64, note string) result.Estimate {
	return f.collect(func(s *node.Snapshot) (float64, float64) { return float64(num(s)), float64(den(s)) }).estimate(note)
}

// spent is where the time of client i's requests for some operations went:
// the answered visits of counted requests, by node, for each ok request.
func (f *figures) spent(i int, ops []int) map[string]any {
	out := map[string]any{}
	perOK := func(of func(o *node.OpStats) stats.Sum128) result.Estimate {
		return f.collect(func(s *node.Snapshot) (float64, float64) {
			ok, sum := uint64(0), stats.Sum128{}
			for _, k := range ops {
				o := &s.Clients[i].Ops[k]
				ok += o.OK
				sum.AddSum(of(o))
			}
			return sum.Float64() / 1e9, float64(ok)
		}).estimate("no ok requests")
	}
	for at := range f.spec.Nodes {
		if f.touched(i, at, ops) {
			out[f.spec.Nodes[at].Name] = result.Spent{
				Wait:    perOK(func(o *node.OpStats) stats.Sum128 { return o.SpentAt(at).Wait }),
				Service: perOK(func(o *node.OpStats) stats.Sum128 { return o.SpentAt(at).Service }),
			}
		}
	}
	out["network"] = perOK(func(o *node.OpStats) stats.Sum128 { return o.Network })
	out["backoff"] = perOK(func(o *node.OpStats) stats.Sum128 { return o.Backoff })
	return out
}

// touched reports whether requests of client i spent any time at a node.
func (f *figures) touched(i, at int, ops []int) bool {
	for _, s := range f.snaps {
		for _, k := range ops {
			if sp := s.Clients[i].Ops[k].SpentAt(at); !sp.Wait.IsZero() || !sp.Service.IsZero() {
				return true
			}
		}
	}
	return false
}

// node summarises one node.
func (f *figures) node(at int) *result.Node {
	spec := &f.spec.Nodes[at]
	of := func(get func(n *node.NodeStats) uint64) func(s *node.Snapshot) uint64 {
		return func(s *node.Snapshot) uint64 { return get(&s.Nodes[at]) }
	}
	completions := of(func(n *node.NodeStats) uint64 { return n.Completions })
	n := &result.Node{
		Kind: spec.Kind.String(), Instances: f.instances(at),
		Arrivals:      f.count(of(func(n *node.NodeStats) uint64 { return n.Arrivals })),
		Completions:   f.count(completions),
		Errors:        map[string]uint64{},
		Cancelled:     f.count(of(func(n *node.NodeStats) uint64 { return n.Cancelled })),
		ThroughputRPS: f.perSecond(completions),
		InFlight:      f.level(func(s *node.Snapshot) stats.Sum128 { return s.Nodes[at].InFlight }).estimate(""),
		Resources:     map[string]*result.Resource{},
		PerInstance:   []result.Instance{},
	}
	for k, kind := range result.ErrorKinds {
		n.Errors[kind] = f.count(of(func(n *node.NodeStats) uint64 { return n.Errors[k] }))
	}
	n.ResponseS = f.times(func(s *node.Snapshot) []*stats.Histogram {
		return []*stats.Histogram{&s.Nodes[at].Response}
	}).latency(f.extraPercentiles(at, ""))
	if spec.Cache != nil && spec.Cache.Cores > 0 {
		n.Resources["cpu"] = f.resource(func(s *node.Snapshot) *node.ResourceStats { return s.Nodes[at].CPU })
	}
	if spec.Server != nil {
		n.Resources["cpu"] = f.resource(func(s *node.Snapshot) *node.ResourceStats { return s.Nodes[at].CPU })
		n.Resources["workers"] = f.resource(func(s *node.Snapshot) *node.ResourceStats { return s.Nodes[at].Workers })
	}
	if f.snaps[0].Nodes[at].Network != nil {
		n.Resources["network"] = f.resource(func(s *node.Snapshot) *node.ResourceStats { return s.Nodes[at].Network })
	}
	if f.snaps[0].Nodes[at].Disk != nil {
		n.Resources["disk"] = f.resource(func(s *node.Snapshot) *node.ResourceStats { return s.Nodes[at].Disk })
	}
	if f.snaps[0].Nodes[at].Connections != nil {
		n.Resources["connections"] = f.resource(func(s *node.Snapshot) *node.ResourceStats { return s.Nodes[at].Connections })
	}
	f.admission(n, at)
	f.decay(n, at)
	if spec.Kind == node.Cache || spec.Kind == node.CDN {
		hits := of(func(n *node.NodeStats) uint64 { return n.Hits })
		misses := of(func(n *node.NodeStats) uint64 { return n.Misses })
		n.Cache = &result.Cache{
			Hits: f.count(hits), Misses: f.count(misses),
			HitRatio:    f.hitRatio(at).estimate("no look-ups"),
			Evictions:   f.count(of(func(n *node.NodeStats) uint64 { return n.Evictions })),
			Expirations: f.count(of(func(n *node.NodeStats) uint64 { return n.Expirations })),
			Coalesced:   f.count(of(func(n *node.NodeStats) uint64 { return n.Coalesced })),
		}
	}
	if spec.Kind == node.Queue {
		n.Queue = f.queue(at)
	}
	f.perInstance(n, at)
	n.Fleet = f.fleet(at)
	if spec.Database != nil {
		n.Database = f.database(n, at)
	}
	return n
}

func (f *figures) perInstance(n *result.Node, at int) {
	for k := range f.snaps[0].Nodes[at].Instances {
		in := result.Instance{Name: f.spec.Nodes[at].InstanceName(k)}
		var busy, capacity stats.Sum128
		for _, s := range f.snaps {
			st := s.Nodes[at].Instances[k]
			in.Arrivals += st.Arrivals
			busy.AddSum(st.Busy)
			capacity.AddSum(st.Capacity)
			in.UpRatio += st.Up.Seconds() / f.seconds / float64(len(f.snaps))
		}
		if !capacity.IsZero() {
			u := busy.Float64() / capacity.Float64()
			in.Utilization = &u
		}
		n.PerInstance = append(n.PerInstance, in)
	}
}

// resource summarises a station of a node.
func (f *figures) resource(of func(s *node.Snapshot) *node.ResourceStats) *result.Resource {
	level := func(get func(r *node.ResourceStats) stats.Sum128) result.Estimate {
		return f.level(func(s *node.Snapshot) stats.Sum128 { return get(of(s)) }).estimate("")
	}
	r := &result.Resource{
		Busy:  level(func(r *node.ResourceStats) stats.Sum128 { return r.Busy }),
		Queue: level(func(r *node.ResourceStats) stats.Sum128 { return r.Queue }),
		WaitS: f.times(func(s *node.Snapshot) []*stats.Histogram { return []*stats.Histogram{&of(s).Wait} }).latency(nil),
	}
	if !of(f.snaps[0]).Capacity.IsZero() {
		r.Capacity.Estimate = level(func(r *node.ResourceStats) stats.Sum128 { return r.Capacity })
		r.Utilization.Estimate = f.collect(func(s *node.Snapshot) (float64, float64) {
			return of(s).Busy.Float64(), of(s).Capacity.Float64()
		}).estimate("")
	}
	r.ServiceS.Mean = f.collect(func(s *node.Snapshot) (float64, float64) {
		return of(s).Service.Float64() / 1e9, float64(of(s).Served)
	}).estimate("no samples")
	return r
}

// bottleneck finds the resource that is asked for most. What a resource is
// asked for differs from how busy it was where requests were refused, given
// up or left over, and can be told only while the traffic is steady.
func (f *figures) bottleneck(r *result.Result) *result.Bottleneck {
	var b *result.Bottleneck
	most, steady, loads := 0.0, f.steady(), f.spec.Loads()
	for i := range f.spec.Nodes {
		n := r.Nodes[f.spec.Nodes[i].Name]
		if n == nil {
			continue
		}
		for _, res := range f.limited(i) {
			x := n.Resources[res]
			if x == nil || x.Utilization.Mean == nil || *x.Utilization.Mean == 0 {
				continue
			}
			asked := *x.Utilization.Mean
			if steady {
				asked = f.asked(n, x, loads[i], res)
			}
			if asked <= most {
				continue
			}
			most = asked
			b = &result.Bottleneck{Node: f.spec.Nodes[i].Name, Resource: res, Utilization: *x.Utilization.Mean}
			if steady && !loads[i].Unsure { // else what it gets does not grow in proportion
				at := 1 / asked
				b.SaturatesAtLoad = &at
			}
		}
	}
	return b
}

// asked is the load offered to a resource over its capacity: of the cores,
// the disk, the network and pools by the traffic equations, of the workers by the arrivals and the mean time
// that those who got one held it. The equations know nothing of retries and
// hedges: where cores were busier than they say, and no fault made them so,
// that counts.
func (f *figures) asked(n *result.Node, x *result.Resource, load node.Load, res string) float64 {
	if h := load.Hottest; h != nil && !load.Unsure {
		switch res { // a database can bear what its busiest instance can
		case "cpu":
			return h.CPU * f.unforeseen(n, x, load)
		case "disk":
			return max(h.Disk, *x.Utilization.Mean)
		case "workers":
			return max(h.Workers, *x.Utilization.Mean)
		}
	}
	if res == "cpu" && load.CPU > 0 && !load.Unsure {
		return load.CPU / load.Capacity * f.unforeseen(n, x, load)
	}
	if res == "disk" && load.Disk > 0 {
		return max(load.Disk/load.DiskCapacity, *x.Utilization.Mean)
	}
	if res == "network" && load.Network > 0 {
		return max(load.Network/load.NetworkCapacity, *x.Utilization.Mean)
	}
	if to, isPool := strings.CutPrefix(res, "pool."); isPool {
		for _, p := range load.Pools {
			if f.spec.Nodes[p.To].Name == to {
				return max(p.Asked/p.Capacity, *x.Utilization.Mean)
			}
		}
	}
	if res != "workers" || x.ServiceS.Mean.Mean == nil {
		return *x.Utilization.Mean
	}
	rate := float64(n.Arrivals) / (f.seconds * float64(len(f.snaps)))
	return rate * *x.ServiceS.Mean.Mean / *x.Capacity.Mean
}

// unforeseen is how many times as busy as the traffic equations say the cores
// of a node were; 1 unless that is more, beyond the interval and by more than
// 1 %, or where one replication has no interval by more than 10 %. It is 1 too
// where faults or deploys may have made them so, or instances that were not
// there.
func (f *figures) unforeseen(n *result.Node, cpu *result.Resource, load node.Load) float64 {
	busy, said, doubt := *cpu.Utilization.Mean, load.CPU/load.Capacity, 0.1**cpu.Utilization.Mean
	if cpu.Utilization.HalfWidth != nil {
		doubt = *cpu.Utilization.HalfWidth
	}
	away := slices.ContainsFunc(n.PerInstance, func(i result.Instance) bool { return i.UpRatio < 1-1e-9 })
	if len(f.spec.Faults)+len(f.spec.Deploys) > 0 || away || said == 0 || !(busy-doubt > float64(1.01*said)) {
		return 1
	}
	return busy / said
}

// steady reports whether all traffic comes at one rate that grows with the
// factor on the load: that of closed users does not, and of stages and traces
// the mean says little.
func (f *figures) steady() bool {
	return !slices.ContainsFunc(f.spec.Nodes, func(n node.Node) bool {
		if len(n.Machines) > 0 {
			return true // what there is changes in mid-run
		}
		return n.Kind == node.Client && (n.Client.Open == nil || !n.Client.Open.Stationary())
	})
}

// backlogFactor is how many requests came for each that left.
func backlogFactor(n *result.Node) float64 {
	left := n.Completions
	for _, kind := range result.ErrorKinds {
		left += n.Errors[kind]
	}
	left += n.Cancelled
	if left == 0 || n.Arrivals <= left {
		return 1
	}
	return float64(n.Arrivals) / float64(left)
}
