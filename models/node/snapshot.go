package node

import (
	"github.com/capsim/capsim/sim"
	"github.com/capsim/capsim/sim/stats"
)

// Status is how an attempt or a request ended.
type Status uint8

// The ways to end. The errors stand in the order of result.ErrorKinds.
const (
	OK Status = iota
	TimedOut
	Rejected
	Unavailable
	Failed
	BreakerOpen

	statuses
)

// StatusSet is a set of ways not to end well.
type StatusSet uint8

// Has reports whether the set has a status.
func (s StatusSet) Has(one Status) bool { return s>>one&1 != 0 }

// Retried is what is tried again unless a file says otherwise.
const Retried StatusSet = 1<<TimedOut | 1<<Rejected | 1<<Unavailable | 1<<Failed

// Errors is the number of ways not to end well; Status−1 is the index.
const Errors = int(statuses) - 1

// Snapshot is what one replication found out, in exact integer form.
type Snapshot struct {
	Replication int
	Events      uint64
	Requests    uint64        // all that were sent, counted or not
	Clients     []ClientStats // in the order of the clients in Spec.Nodes
	Nodes       []NodeStats   // as Spec.Nodes; empty for clients
	WindowSize  sim.Time      // of a row of the series
	Faults      []FaultStats  // as Spec.Faults
	Deploys     []DeployStats // as Spec.Deploys
	Egress      stats.Sum128  // bytes of answers that went out to the internet within the window
	Asked       []Asked       // as Spec.Nodes
	Chosen      [][]Chosen    // by client; nil unless asked for
}

// ClientStats is what a client saw of the requests that were due within the
// window.
type ClientStats struct {
	Node   int // in Spec.Nodes
	Ops    []OpStats
	Series []ClientWindow

	Timeline *Timeline // nil unless Spec.Timeline

	FollowedOneIn uint64 // requests, of which one was followed; 0: none was
}

// OpStats counts the requests of one operation. Offered = OK + ΣErrors +
// Unfinished, always.
type OpStats struct {
	Offered, OK, Unfinished, Attempts uint64
	Errors                            [Errors]uint64
	Answered                          uint64 // ok answers given inside the window, whenever due
	Latency                           stats.Histogram
	Within                            []uint64 // ok within each of the client's objectives' limits
	Spent                             []Spent  // by node; nil where no time was spent anywhere
	Backoff                           stats.Sum128
	Network                           stats.Sum128   // on the way, there and back
	Followed                          *FollowedStats // nil unless Spec.Follow
}

// SpentAt returns the time that requests of the operation spent at a node.
func (o *OpStats) SpentAt(node int) Spent {
	if o.Spent == nil {
		return Spent{}
	}
	return o.Spent[node]
}

// Spent is the time that requests spent at one node.
type Spent struct{ Wait, Service stats.Sum128 }

// ClientWindow is a client's traffic in one row of the series: requests by
// when they were due, answers by when they came.
type ClientWindow struct {
	Offered, Answered, Errors uint64
	Latency                   stats.Histogram // of ok requests, by when they were due
}

// NodeStats is what happened at a node within the window.
type NodeStats struct {
	Arrivals, Completions uint64
	Errors                [Errors]uint64
	Cancelled             uint64       // stopped because nobody needed them any more
	Stuck                 uint64       // inside when the window closed, for longer, by a tenth, than any ok answer had taken
	InFlight              stats.Sum128 // ∫ requests inside dt
	Response              stats.Histogram
	CPU, Workers          *ResourceStats  // of servers
	Memory                *ResourceStats  // of servers of whose memory something is held: bytes
	Exhausted             *Exhaustion     // instances of it were killed because they needed more memory than they have
	Collector             *CollectorStats // of servers whose garbage is collected
	Pools                 []PoolStats     // of servers, in the order of the specification
	Network               *ResourceStats  // of servers with a limited network interface
	Disk                  *ResourceStats  // of servers with disk steps
	Connections           *ResourceStats  // of balancers and databases with a limit on them
	Instances             []InstanceStats
	Hits, Misses          uint64            // of caches
	Evictions             uint64            // of entries that had to make room
	Expirations           uint64            // of entries that were there for too long, when that was noticed
	Coalesced             uint64            // look-ups that were answered with what another one had fetched
	Egress                stats.Sum128      // bytes of answers of a CDN to clients, if they have a price
	Queue                 *QueueStats       // of queues
	Shards                []ShardStats      // of databases
	Replication           *ReplicationStats // of databases with replicas that may be late
	Fleet                 *FleetStats       // of servers whose instances come and go
	Failover              *FailoverStats    // of databases, in topologies in which something may go wrong
	Series                []NodeWindow
}

// ResourceStats is a station of a node over all of its instances, in
// integrals over the window.
type ResourceStats struct {
	Capacity stats.Sum128    // ∫ channels dt; zero where there is no limit
	Busy     stats.Sum128    // ∫ busy channels dt
	Queue    stats.Sum128    // ∫ waiting requests dt
	Wait     stats.Histogram // of those that began service
	Service  stats.Sum128    // of those that ended it
	Served   uint64
}

// PoolStats is a pool of connections over all instances of a node.
type PoolStats struct {
	To int // in Spec.Nodes
	*ResourceStats
}

// Exhaustion says how often instances were killed for their memory within the
// window.
type Exhaustion struct {
	Kills    uint64
	Instance int      // that was the first
	First    sim.Time // when
	Most     uint64   // bytes that one needed
	Size     uint64   // bytes that this one had
}

// InstanceStats is one machine of a node.
type InstanceStats struct {
	Arrivals uint64
	Busy     stats.Sum128 // of its cores, else of its workers
	Up       sim.Time     // within the window
	Capacity stats.Sum128
}

// ShardStats is what a shard of a database has answered: reads, and writes
// with the commits of transactions.
type ShardStats struct{ Reads, Writes uint64 }

// FaultStats is what a fault led to. Times are since the start of the window;
// Never is when it did not happen.
type FaultStats struct {
	Detected  sim.Time          // when a balancer first took one of its instances out
	Recovered sim.Time          // when the fault had ended and no balancer left one out any more
	Failed    uint64            // clients' requests that ended with an error between its beginning and then
	Random    *RandomFaultStats // of a fault that comes by chance, which has no single beginning
	OutageStats
}

// OutageStats is what a fault did to the writes of databases.
type OutageStats struct {
	Outages uint64   // times that a shard had nobody who took writes, and that are over
	Outage  sim.Time // how long they were, all together
	Longest sim.Time // the longest of them
	Closed  uint64   // such times that are not over
	Lost    uint64   // acknowledged writes that were lost by promotions
}

// RandomFaultStats is what a fault that comes by chance did within the window.
type RandomFaultStats struct {
	Instances   int // 1 if they fail as one
	Occurrences uint64
	Lasted      stats.Sum128    // until it was repaired, each time at each instance
	Detection   stats.Histogram // from each failure until a balancer took the instance out
	Recovery    stats.Histogram // from each failure until it was repaired and no balancer left it out any more
}

// DeployStats is what a deploy led to.
type DeployStats struct {
	Finished sim.Time // when the last new instance was in service, and the last old one had stopped; Never: it was not
	Failed   uint64   // clients' requests that ended with an error while it was under way
}

// NodeWindow is a node in one row of the series: means over the row.
type NodeWindow struct {
	CPU, Workers, Queue, InFlight float64 // busy channels; Queue is of workers, cores and disk together, or of messages
	Started                       float64 // instances that cost, where they come and go
	CoresUp, WorkersUp            float64 // of those that are capacity
	Memory                        float64 // bytes that are held
}

// Fold adds every count, integral and bucket to the fingerprint.
func (s *Snapshot) Fold(f *sim.Fingerprint) {
	f.Add(uint64(s.Replication), s.Events, s.Requests)
	foldRare(f, s.Egress)
	for i := range s.Faults {
		s.Faults[i].fold(f)
	}
	s.foldDeploys(f)
	for i := range s.Clients {
		c := &s.Clients[i]
		for j := range c.Ops {
			o := &c.Ops[j]
			f.Add(o.Offered, o.OK, o.Unfinished, o.Attempts, o.Answered)
			f.Add(o.Errors[:]...)
			f.Add(o.Within...)
			foldHistogram(f, &o.Latency)
			for _, sp := range o.Spent {
				foldSums(f, sp.Wait, sp.Service)
			}
			foldSums(f, o.Backoff)
			foldRare(f, o.Network)
		}
	}
	for i := range s.Nodes {
		s.Nodes[i].fold(f)
	}
}

// fold adds the figures of a node.
func (n *NodeStats) fold(f *sim.Fingerprint) {
	f.Add(n.Arrivals, n.Completions, n.Hits, n.Misses)
	f.Add(n.Errors[:]...)
	foldSums(f, n.InFlight)
	foldHistogram(f, &n.Response)
	foldRare(f, stats.Sum128{Lo: n.Cancelled})
	foldRare(f, n.Egress)
	if n.Evictions|n.Expirations|n.Coalesced != 0 {
		f.Add(n.Evictions, n.Expirations, n.Coalesced)
	}
	for _, r := range []*ResourceStats{n.CPU, n.Workers, n.Memory, n.Network, n.Disk, n.Connections} {
		if r != nil {
			foldSums(f, r.Capacity, r.Busy, r.Queue, r.Service)
			f.Add(r.Served)
			foldHistogram(f, &r.Wait)
		}
	}
	for _, p := range n.Pools {
		foldSums(f, p.Capacity, p.Busy, p.Queue, p.Service)
		f.Add(p.Served)
		foldHistogram(f, &p.Wait)
	}
	n.foldTier(f)
}

// foldTier adds the figures that only some nodes have.
func (n *NodeStats) foldTier(f *sim.Fingerprint) {
	if r := n.Replication; r != nil {
		f.Add(r.Reads, r.Stale, r.Redirected)
		foldHistogram(f, &r.Lag)
	}
	if o := n.Failover; o != nil && *o != (FailoverStats{}) {
		f.Add(o.Failovers, o.Lost, o.Conflicts)
	}
	if o := n.Exhausted; o != nil {
		f.Add(o.Kills, uint64(o.Instance), uint64(o.First), o.Most)
	}
	if c := n.Collector; c != nil {
		f.Add(c.Pauses)
		foldSums(f, c.Paused)
		foldHistogram(f, &c.Pause)
	}
	if q := n.Queue; q != nil {
		f.Add(q.Published, q.Delivered, q.Redelivered, q.Acknowledged, q.DeadLettered, q.Dropped, q.Lost)
		foldSums(f, q.Depth)
		foldHistogram(f, &q.Age)
		foldHistogram(f, &q.Total)
	}
	n.Fleet.fold(f)
	for _, s := range n.Shards {
		f.Add(s.Reads, s.Writes)
	}
	for _, in := range n.Instances {
		f.Add(in.Arrivals)
		foldSums(f, in.Busy, in.Capacity)
	}
}

// fold adds what a fault led to; one that led to nothing adds nothing, so
// that it leaves the fingerprint as it was.
func (s *FaultStats) fold(f *sim.Fingerprint) {
	if s.Detected != sim.Never || s.Recovered != sim.Never || s.Failed > 0 {
		f.Add(uint64(s.Detected), uint64(s.Recovered), s.Failed)
	}
	if r := s.Random; r != nil && r.Occurrences > 0 {
		f.Add(r.Occurrences)
		foldSums(f, r.Lasted)
		foldHistogram(f, &r.Detection)
		foldHistogram(f, &r.Recovery)
	}
}

func (s *Snapshot) foldDeploys(f *sim.Fingerprint) {
	for _, one := range s.Deploys {
		f.Add(uint64(one.Finished), one.Failed)
	}
}

// fold adds the figures of instances that come and go, if there are any.
func (x *FleetStats) fold(f *sim.Fingerprint) {
	if x != nil {
		foldSums(f, x.Started, x.InService)
		foldSums(f, x.StartedBy...)
		f.Add(x.Starts, x.Stops)
	}
}

func foldSums(f *sim.Fingerprint, sums ...stats.Sum128) {
	for _, s := range sums {
		f.Add(s.Hi, s.Lo)
	}
}

// foldRare adds a figure that only some topologies have.
func foldRare(f *sim.Fingerprint, s stats.Sum128) {
	if !s.IsZero() {
		foldSums(f, s)
	}
}

func foldHistogram(f *sim.Fingerprint, h *stats.Histogram) {
	f.Add(h.Count(), uint64(h.Min()), uint64(h.Max()))
	for b := range h.Buckets() {
		f.Add(uint64(b.Low), b.Count)
	}
}
