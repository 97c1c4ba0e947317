package reports

import (
	"fmt"

	"github.com/capsim/capsim/internal/result"
)

// A datum is one figure of a document: of what, which, how much, how sure. A
// verdict has a word in place of a number.
type datum struct {
	subject, metric string
	value, half     *float64
	word            string
}

// cell is the value as a cell of CSV: one that could not be told is empty.
func (d *datum) cell() string {
	if d.word != "" {
		return cellText(d.word)
	}
	return exact(d.value)
}

// A reader collects the figures of a document in a fixed order.
type reader struct {
	data []datum
}

// reading is every single figure of r: of the run, the objectives, the
// bottleneck, the clients and their operations, the nodes, their resources and
// instances.
func reading(r *result.Result) []datum {
	d := &reader{}
	d.number("run", "duration_s", r.Run.DurationS)
	d.number("run", "warmup_s", r.Run.WarmupS)
	d.number("run", "replications", float64(r.Run.Replications))
	d.count("run", "events", r.Run.Events)
	d.count("run", "requests", r.Run.Requests)
	for _, o := range r.Objectives {
		d.estimate("objective", o.Text, o.Actual)
		d.data = append(d.data, datum{subject: "verdict", metric: o.Text, word: o.Verdict})
	}
	if b := r.Bottleneck; b != nil {
		d.number("bottleneck", b.Node+" "+b.Resource+" utilization", b.Utilization)
		d.add("bottleneck", b.Node+" "+b.Resource+" saturates_at_load", b.SaturatesAtLoad, nil)
	}
	if r.Baseline != nil {
		d.baseline(r.Baseline)
	}
	for _, name := range sorted(r.Clients) {
		d.traffic(name, &r.Clients[name].Traffic)
		for _, op := range sorted(r.Clients[name].Ops) {
			d.traffic(name+"."+op, r.Clients[name].Ops[op])
		}
	}
	for _, name := range sorted(r.Nodes) {
		d.node(name, r.Nodes[name])
	}
	for i := range r.Faults {
		d.fault(&r.Faults[i])
	}
	for i := range r.Deploys {
		one := &r.Deploys[i]
		d.number("deploy", one.What+" at_s", one.AtS)
		d.add("deploy", one.What+" finished_s", one.FinishedS, nil)
		d.count("deploy", one.What+" failed_requests", one.FailedRequests)
	}
	if c := r.Cost; c != nil {
		d.estimate("cost", "monthly", c.Monthly)
		d.estimate("cost", "per_million_requests", c.PerMillionRequests)
		for _, line := range c.Lines {
			d.add("cost", line.Node+" "+line.Item+" monthly", line.Monthly, nil)
		}
	}
	return d.data
}

func (d *reader) add(subject, metric string, value, half *float64) {
	d.data = append(d.data, datum{subject: subject, metric: metric, value: value, half: half})
}

func (d *reader) number(subject, metric string, v float64) {
	d.add(subject, metric, &v, nil)
}

// count loses nothing below 2^53, about nine thousand million million.
func (d *reader) count(subject, metric string, n uint64) {
	d.number(subject, metric, float64(n))
}

func (d *reader) estimate(subject, metric string, e result.Estimate) {
	d.add(subject, metric, e.Mean, e.HalfWidth)
}

// fault is what a fault led to. One that comes by chance has no single time.
func (d *reader) fault(f *result.Fault) {
	if f.Random != nil {
		d.random(f.What+" ", f.Random)
	} else {
		d.add("fault", f.What+" at_s", f.AtS, nil)
		d.add("fault", f.What+" detected_s", f.DetectedS, nil)
		d.add("fault", f.What+" recovered_s", f.RecoveredS, nil)
	}
	d.count("fault", f.What+" failed_requests", f.FailedRequests)
	d.add("fault", f.What+" rto_s", f.RTOS, nil)
	d.add("fault", f.What+" rpo_writes", f.RPOWrites, nil)
}

func (d *reader) latency(subject, metric string, l result.Latency) {
	for _, name := range sorted(l) {
		d.estimate(subject, metric+"."+name, l[name])
	}
}

func (d *reader) errors(subject string, errors map[string]uint64) {
	for _, kind := range result.ErrorKinds {
		d.count(subject, "errors."+kind, errors[kind])
	}
}

func (d *reader) traffic(subject string, t *result.Traffic) {
	d.count(subject, "offered", t.Offered)
	d.count(subject, "ok", t.OK)
	d.count(subject, "unfinished", t.Unfinished)
	d.count(subject, "attempts", t.Attempts)
	d.errors(subject, t.Errors)
	d.estimate(subject, "offered_rps", t.OfferedRPS)
	d.estimate(subject, "throughput_rps", t.ThroughputRPS)
	d.estimate(subject, "error_ratio", t.ErrorRatio)
	d.estimate(subject, "availability", t.Availability)
	d.latency(subject, "latency_s", t.LatencyS)
	for _, place := range sorted(t.Spent) {
		d.spent(subject, "time_spent_s."+place, t.Spent[place])
	}
	if s := t.Slowest; s != nil {
		d.add(subject, "slowest.at_least_s", s.AtLeastS, nil)
		d.count(subject, "slowest.requests", s.Requests)
		d.estimate(subject, "slowest.latency_mean_s", s.LatencyMeanS)
		for _, place := range sorted(s.Spent) {
			d.spent(subject, "slowest.time_spent_s."+place, s.Spent[place])
		}
	}
}

// spent adds where time went: a node's waiting and service, or a single
// estimate (network, backoff). A document that was read back from JSON has
// maps where a fresh one has the types.
func (d *reader) spent(subject, metric string, where any) {
	switch v := where.(type) {
	case result.Estimate:
		d.estimate(subject, metric, v)
	case *result.Estimate:
		d.estimate(subject, metric, *v)
	case result.Spent:
		d.estimate(subject, metric+".wait", v.Wait)
		d.estimate(subject, metric+".service", v.Service)
	case *result.Spent:
		d.spent(subject, metric, *v)
	case map[string]any:
		if _, ok := v["mean"]; ok {
			d.add(subject, metric, decoded(v["mean"]), decoded(v["half_width"]))
			return
		}
		for _, part := range [...]string{"wait", "service"} {
			if e, ok := v[part]; ok {
				d.spent(subject, metric+"."+part, e)
			}
		}
	}
}

// decoded is a number of a JSON document, nil where that was null.
func decoded(v any) *float64 {
	if f, ok := v.(float64); ok {
		return &f
	}
	return nil
}

func (d *reader) node(name string, n *result.Node) {
	d.estimate(name, "instances", n.Instances)
	if x := n.Fleet; x != nil {
		d.estimate(name, "fleet.in_service", x.InService)
		d.count(name, "fleet.started", x.Started)
		d.count(name, "fleet.stopped", x.Stopped)
	}
	d.count(name, "arrivals", n.Arrivals)
	d.count(name, "completions", n.Completions)
	d.errors(name, n.Errors)
	d.estimate(name, "throughput_rps", n.ThroughputRPS)
	d.estimate(name, "in_flight", n.InFlight)
	d.latency(name, "response_s", n.ResponseS)
	if t := n.Theory; t != nil {
		d.add(name, "theory.utilization", t.Utilization, nil)
		d.add(name, "theory.response_mean_s", t.ResponseMeanS, nil)
	}
	for _, resource := range sorted(n.Resources) {
		r := n.Resources[resource]
		d.estimate(name, resource+".capacity", r.Capacity.Estimate)
		d.estimate(name, resource+".busy", r.Busy)
		d.estimate(name, resource+".utilization", r.Utilization.Estimate)
		d.estimate(name, resource+".queue", r.Queue)
		d.latency(name, resource+".wait_s", r.WaitS)
		d.estimate(name, resource+".service_s.mean", r.ServiceS.Mean)
	}
	if c := n.Cache; c != nil {
		d.count(name, "cache.hits", c.Hits)
		d.count(name, "cache.misses", c.Misses)
		d.estimate(name, "cache.hit_ratio", c.HitRatio)
		d.count(name, "cache.evictions", c.Evictions)
		d.count(name, "cache.expirations", c.Expirations)
		d.count(name, "cache.coalesced", c.Coalesced)
	}
	if q := n.Queue; q != nil {
		d.count(name, "queue.published", q.Published)
		d.count(name, "queue.delivered", q.Delivered)
		d.count(name, "queue.acknowledged", q.Acknowledged)
		d.count(name, "queue.redelivered", q.Redelivered)
		d.count(name, "queue.dead_lettered", q.DeadLettered)
		d.count(name, "queue.dropped", q.Dropped)
		d.count(name, "queue.lost", q.Lost)
		d.estimate(name, "queue.depth", q.Depth)
		d.latency(name, "queue.age_s", q.AgeS)
		d.latency(name, "queue.total_s", q.TotalS)
	}
	if n.Database != nil {
		d.database(name, n.Database)
	}
	if n.MemoryKills > 0 {
		d.count(name, "memory_kills", n.MemoryKills)
		d.add(name, "first_memory_kill_s", n.FirstKillS, nil)
	}
	if c := n.GC; c != nil {
		d.count(name, "gc.pauses", c.Pauses)
		d.estimate(name, "gc.paused_ratio", c.PausedRatio)
		d.latency(name, "gc.pause_s", c.PauseS)
	}
	if n.Cancelled > 0 {
		d.count(name, "cancelled", n.Cancelled)
	}
	for _, i := range n.PerInstance {
		d.add(i.Name, "utilization", i.Utilization, nil)
		d.count(i.Name, "arrivals", i.Arrivals)
		d.number(i.Name, "up_ratio", i.UpRatio)
	}
}

func (d *reader) database(name string, b *result.Database) {
	d.count(name, "database.reads", b.Reads)
	d.count(name, "database.writes", b.Writes)
	if b.Failovers+b.LostWrites+b.Conflicts > 0 {
		d.count(name, "database.failovers", b.Failovers)
		d.count(name, "database.lost_writes", b.LostWrites)
		d.count(name, "database.conflicts", b.Conflicts)
	}
	for k := range b.Shards {
		shard := fmt.Sprintf("%s.shard[%d]", name, k)
		d.count(shard, "reads", b.Shards[k].Reads)
		d.count(shard, "writes", b.Shards[k].Writes)
		d.add(shard, "utilization", b.Shards[k].Utilization, nil)
	}
	if b.ReplicationLagS != nil {
		d.count(name, "database.stale_reads", b.StaleReads)
		d.count(name, "database.redirected_reads", b.Redirected)
		d.estimate(name, "database.stale_read_ratio", b.StaleReadRatio)
		d.latency(name, "database.replication_lag_s", b.ReplicationLagS)
	}
}

// random is what a fault that comes by chance did.
func (d *reader) random(prefix string, x *result.RandomFault) {
	d.estimate("fault", prefix+"occurrences", x.Occurrences)
	d.estimate("fault", prefix+"down_ratio", x.DownRatio)
	d.estimate("fault", prefix+"down_s", x.DownS)
	d.estimate("fault", prefix+"detection_delay_s", x.DetectionDelayS)
	d.estimate("fault", prefix+"recovery_delay_s", x.RecoveryDelayS)
}
