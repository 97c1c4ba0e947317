package node

import (
	"slices"

	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/models/scale"
	"github.com/capsim/capsim/sim"
)

// None marks an index that points nowhere.
const None = -1

// Spec is a checked topology: every name resolved to an index, every default
// filled in, nothing contradictory. It never changes once made, so that any
// number of replications may compile it at once.
//
// Nodes are ordered by name, operations of a node by name, so that reordering
// the file changes nothing.
type Spec struct {
	Title      string
	Design     string
	Currency   string // of all prices
	Run        Run
	Zones      []string      // at least one; instances spread over them in turn
	Network    *NetworkSpec  // nil: no time passes between nodes
	Nodes      []Node        // of all kinds, ordered by name
	Faults     []fault.Fault // ordered by time
	Deploys    []Deploy      // ordered by time
	Objectives []Objective
	Timeline   bool      // clients keep a Timeline
	Follow     bool      // operations keep FollowedStats
	Defaults   []Default // what the file left out, in document order of their tables
	Source     string    // the file as it is simulated, for the record; may be ""
}

// Run says how long and how often to simulate.
type Run struct {
	Duration     sim.Time
	Warmup       sim.Time // Auto: to be found by a pilot
	Drain        sim.Time
	Replications int
	Precision    float64 // 0, or the share of every client's p99 that its interval may reach to either side
	Seed         uint64
}

// Auto is the warm-up that a pilot run is to find (MSER-5).
const Auto sim.Time = -1

// Kind tells what a node is.
type Kind uint8

// The kinds of node.
const (
	Client Kind = iota
	LoadBalancer
	Server
	Cache
	External
	CDN
	Database
	Queue
)

// Node is one named thing. The pointer that belongs to its Kind is set, and
// no other: but for a database, each instance of which is a server too.
type Node struct {
	Name      string
	Kind      Kind
	Instances int // the most that may ever be there; 1 for clients, caches of a fixed ratio and externals
	Initial   int // those of them, the first ones, that are there at the start; 0: all
	// MostInService is how many of them may be in service together; 0: all.
	MostInService int
	Deployed      bool          // a deploy replaces instances of it
	Away          int           // most of them that deploys take away at once, while others stay
	Machines      []*ServerSpec // what deploys make of its instances
	Rent          *Rent         // what an hour of an instance costs; nil: it has no price
	Rents         []*Rent       // the same of Machines
	Discount      float64       // off all prices of the node
	Zones         []int         // that the instances are spread over in turn, in Spec.Zones; none: beyond the internet

	Client   *ClientSpec
	Balancer *BalancerSpec
	Server   *ServerSpec // of a database too
	Database *DatabaseSpec
	Cache    *CacheSpec
	External *ExternalSpec
	CDN      *CDNSpec
	Queue    *QueueSpec
}

// NetworkSpec is how long a message takes from one instance to another: one
// way, so that a call and its answer take two. A law is nil where no time
// passes.
type NetworkSpec struct {
	SameZone, CrossZone, Internet dist.Law
	Between                       []ZoneDelay
	Loss                          float64 // of each message
	EgressPrice                   float64 // for each GB of answers to the internet
}

// ZoneDelay is the one-way time between two zones, in either direction.
type ZoneDelay struct {
	A, B  int // in Spec.Zones; A may be B
	Delay dist.Law
}

// Target is where a request goes: a node, and an operation of it by name.
// Op is "" where the caller's operation is passed on.
type Target struct {
	Node int
	Op   string
}

// ClientSpec is a source of traffic.
type ClientSpec struct {
	Target Target
	Ops    []WeightedOp // at least one, ordered by name

	// Exactly one of these two feeds an open or a closed client.
	Open   arrival.Plan   // nil for a closed client
	Closed *arrival.Users // nil for an open client
	Think  dist.Law       // of a closed client

	Keys    dist.Law // which item, a whole number from 0; nil: none, or the trace's
	Sources dist.Law // which address, a whole number from 0; nil: each request, user or session its own
	Session *Session // nil: each arrival is one request
	Policy  Policy   // of each request
	// Bytes of a request and of its answer; nil: none.
	RequestSize, ResponseSize dist.Law

	Cancel bool // what is given up is stopped, instead of being done for nobody
}

// Session makes each arrival a user who sends several requests, one after
// the answer to the other.
type Session struct {
	Length dist.Law // requests
	Think  dist.Law // between them; nil: none
}

// WeightedOp is an operation and how often it is asked for, relative to the
// others. With a trace that names operations the weights are not used.
type WeightedOp struct {
	Name     string
	Weight   float64
	Priority int32 // the higher goes first
}

// Policy is what a caller does about slow and bad answers.
type Policy struct {
	Timeout  sim.Time  // of each attempt; 0: none
	Deadline sim.Time  // of a client's request with all its attempts; 0: none
	Retries  int       // further attempts
	On       StatusSet // endings that are tried again
	Backoff  Backoff
	Budget   float64  // retries allowed for each first attempt; 0: no limit
	Hedged   bool     // a second copy is sent if there is no answer
	Hedge    sim.Time // by then
	Breaker  *Breaker // nil: none
}

// Breaker stops calls that keep failing: while it is open they fail at once.
// Exactly one of Ratio and Consecutive is set.
type Breaker struct {
	Ratio       float64 // of errors among the attempts of the last Window
	Window      sim.Time
	Least       int      // attempts in the window before Ratio counts
	Consecutive int      // errors in a row
	Open        sim.Time // how long; then one attempt is let through
}

// Backoff is the pause before a retry. Law is nil for none. With Doubling
// the pause before retry i is First·2^(i−1), at most Max.
type Backoff struct {
	Law      dist.Law
	Doubling bool
	First    sim.Time
	Max      sim.Time // 0: no limit
	Jitter   Jitter
}

// Jitter spreads the pauses of callers that failed together.
type Jitter uint8

// The kinds of jitter: none; uniform from 0 to the pause; half the pause and
// a uniform half.
const (
	NoJitter Jitter = iota
	FullJitter
	EqualJitter
)

// BalancerSpec is a load balancer. The instances of all targets, in the order
// of the file, are what the policy chooses among.
type BalancerSpec struct {
	Type    string    // the preset that it is, for people; "" for none
	Targets []int     // nodes, in the order of the file
	Weights []float64 // of each instance, by target; nil: all alike
	Policy  string    // a name in balance.Table

	Choices      int     // of power-of-two; 0: its default
	VirtualNodes int     // of consistent-hash; 0: its default
	LoadFactor   float64 // of consistent-hash; 0: no bound
	Routes       []Route

	Sticky       *Sticky       // nil: each request is chosen for anew
	Overhead     dist.Law      // before a request is passed on; nil: none
	Connections  int           // requests that may be inside, per instance; 0: no limit
	PerTarget    int           // requests in flight from each instance to each target instance; 0: no limit
	Queue        int           // requests that may wait for one of these, per instance; None: unlimited
	QueueTimeout dist.Law      // longest wait for one; nil: none
	Attempts     Policy        // time-out, retries, backoff and budget of its attempts
	SlowStart    sim.Time      // how long an instance that is back takes to get its full share; 0: none
	Health       *HealthSpec   // nil: it does not ask how its targets are
	Ejects       *EjectionSpec // nil: it does not look at how they answer
}

// Route sends some operations elsewhere than to the targets. The first route
// that names an operation takes it.
type Route struct {
	Ops []string
	To  int // node
}

// Sticky binds a user, or an address, to the instance that it got first.
type Sticky struct {
	Source bool     // an address; else a user or session
	TTL    sim.Time // from its last request on
}

// Ways returns the sets of nodes that a balancer chooses among: its targets
// (there may be none beside routes), and then each route's.
func (b *BalancerSpec) Ways() [][]int {
	ways := [][]int{b.Targets}
	for i := range b.Routes {
		ways = append(ways, []int{b.Routes[i].To})
	}
	return ways
}

// Way returns which of its ways an operation takes.
func (b *BalancerSpec) Way(op string) int {
	if op == "" {
		op = "request"
	}
	for i := range b.Routes {
		if slices.Contains(b.Routes[i].Ops, op) {
			return i + 1
		}
	}
	return 0
}

// HealthSpec is the health check of a balancer: each of its instances sends
// probes to each target.
type HealthSpec struct {
	Interval  sim.Time // from the end of a probe to the next
	Timeout   sim.Time // of a probe
	Unhealthy int      // failures in a row that take a target out
	Healthy   int      // answers in a row that take it back
	HTTP      bool     // a worker must answer; else it is enough that the machine does
}

// EjectionSpec takes targets out by how they answer requests.
type EjectionSpec struct {
	Consecutive int      // errors in a row that take a target out
	For         sim.Time // how long; then one request is let through
}

// ServerSpec is a group of machines that run operations.
type ServerSpec struct {
	Type         string // the machine that it is, for people; "" for none
	Cores        int
	Speed        float64    // divides the times of cpu, disk and wait steps
	Concurrency  int        // workers per instance; 0: unlimited
	Backlog      int        // requests that may wait for a worker, per instance; None: unlimited
	QueueTimeout dist.Law   // longest wait for a worker; nil: none
	Network      float64    // bytes per second of each instance; 0: no limit
	Pools        []Pool     // ordered by what they lead to
	RateLimit    *RateLimit // of each instance; nil: none
	Shed         sim.Time   // arrivals are rejected while the next in line for a worker has waited longer; 0: never
	Memory       uint64     // bytes of each instance; 0: no limit
	MemoryBase   uint64     // bytes that each instance uses by itself
	// MemoryPerRequest is how many bytes each request inside holds; nil: none.
	MemoryPerRequest dist.Law
	LeakPerRequest   dist.Law       // bytes that each request leaves behind when it ends; nil: none
	Boot             sim.Time       // from a kill for memory until the instance is back
	Collector        *CollectorSpec // nil: nothing stops it for its garbage
	Scheduling       Discipline     // of the wait for a worker and of the cores
	Quantum          sim.Time       // of RoundRobin
	Scaling          Scaling        // what the cores cost each other
	Disk             Disk           // of each instance, where it has disk steps
	Balance          string         // the policy of those who call it directly; "": its instances take turns
	Autoscale        *scale.Spec    // nil: the number of its instances is fixed
	Ops              []Operation    // ordered by name
}

// Pool is the connections of each instance of a server to another node. A
// call takes one and has it until it is answered.
type Pool struct {
	To             int // a node
	Size           int
	AcquireTimeout dist.Law // longest wait for a connection; nil: none
	Connect        dist.Law // time to open one; nil: none
}

// RateLimit is a token bucket: full at first, it fills by Tokens/Per tokens a
// nanosecond up to Burst. A request takes one, and is rejected if there is
// none.
type RateLimit struct {
	Tokens, Per uint64
	Burst       uint64
	PerSecond   float64 // for people
}

// Discipline is an order of service. FCFS, LIFO and ByPriority interrupt
// nobody, and hold for every queue of a server. The others say how the cores
// are given away: the queue for workers then is FCFS, and by priority under
// Preemptive.
type Discipline uint8

// The orders of service.
const (
	FCFS Discipline = iota
	LIFO
	ByPriority
	Preemptive // and resumed later
	RoundRobin
	ProcessorSharing
)

// queueing is the order of the queues for workers and for the disk.
func (d Discipline) queueing() Discipline {
	switch d {
	case Preemptive:
		return ByPriority
	case RoundRobin, ProcessorSharing:
		return FCFS
	}
	return d
}

// Ranks reports whether priorities count.
func (d Discipline) Ranks() bool { return d == ByPriority || d == Preemptive }

// Scaling is how much the cores of a machine keep each other from working.
type Scaling struct {
	Contention float64 // share of the work that only one core can do at a time
	Coherency  float64 // cost of each pair of cores that must agree
}

// CoreSpeed is what divides the times of cpu steps: the speed of a core, less
// what the cores cost each other. N cores do the work of
// N/(1 + α(N−1) + βN(N−1)) (the Universal Scalability Law; N. J. Gunther,
// Guerrilla Capacity Planning, 2007).
func (s *ServerSpec) CoreSpeed() float64 {
	n := float64(s.Cores)
	cost := 1 + float64(s.Scaling.Contention*(n-1)) + float64(s.Scaling.Coherency*float64(n*(n-1)))
	return s.Speed / cost
}

// Disk is what the disk of an instance can do. Its limits are those of the
// whole disk: each of Depth operations that are served at once gets an equal
// part of them.
type Disk struct {
	Ops       float64 // operations per second; 0: no limit
	Bandwidth float64 // bytes per second; 0: no limit
	Depth     int     // operations that are served at once; 0: one
}

// Channels is how many operations are served at once.
func (d Disk) Channels() int { return max(1, d.Depth) }

// Operation is a named program.
type Operation struct {
	Name     string
	Steps    []Step
	Priority *int32 // instead of the request's; nil: the request's
}

// StepKind tells what a step does.
type StepKind uint8

// The kinds of step.
const (
	StepCPU StepKind = iota
	StepWait
	StepCall
	StepGet
	StepSet        // one latency of the cache
	StepInvalidate // one latency of the cache
	StepChoose
	StepParallel
	StepRepeat
	StepFail
	StepMemory
	StepSpawn
	StepDisk
	StepPublish
	StepQuery // in a file only: it becomes a cpu and a disk step
)

// Step is one thing that an operation does. ID is its stable identity for
// random numbers: its node, operation and name or position, never its place
// in the file.
type Step struct {
	Kind StepKind
	ID   uint64

	Time     dist.Law  // cpu, wait, disk: nanoseconds. repeat: how often. memory: bytes
	Ops      dist.Law  // disk: operations, if Time is nil
	Bytes    dist.Law  // disk: if Time is nil; nil: none
	Queries  bool      // disk: of a query; it draws the rows that the cpu step of the same ID draws
	Target   Target    // call, get, set, invalidate, publish
	Policy   Policy    // call, get, publish
	Key      KeyOf     // call, publish: what it is about
	Ratio    float64   // fail: probability
	Need     int       // parallel: branches that must end well; 0: all
	Weights  []float64 // choose: one for each branch
	Branches [][]Step  // choose, parallel: alternatives; get: [0] on a miss; repeat, spawn: [0] the body
	Fallback []Step    // call, get, publish: what is done after an error that is left
	Falls    bool      // there is a fallback, perhaps an empty one
}

// Calls reports whether the step sends a request to its target.
func (s *Step) Calls() bool {
	switch s.Kind {
	case StepCall, StepGet, StepSet, StepInvalidate, StepPublish:
		return true
	}
	return false
}

// KeyOf says what a call is about.
type KeyOf struct {
	Source bool     // the address that the request came from
	Law    dist.Law // drawn afresh for each call
} // neither: the request's item

// CacheSpec is a cache. Without a policy a fixed share of the look-ups finds
// its item; with one it is seen what is there.
type CacheSpec struct {
	HitRatio float64  // without a policy
	Latency  dist.Law // of each request, hit or miss; nil: none
	Type     string   // the machine that it is, for people; "" for none
	Cores    int      // of each instance, that serve the latency; 0: nobody waits for it

	Policy   string   // who goes where there is no room, as evict.Parse reads it; "": the hit ratio is fixed
	Capacity uint64   // of each instance: items, or bytes with Size; 0: no limit
	Size     dist.Law // bytes of an item, drawn from it; nil: capacity counts items
	TTL      sim.Time // of an entry, from when it was made; 0: for ever
	Coalesce bool     // one miss at a time for each item
	Warm     *Warmth  // what is there from the start; nil: nothing
	Origin   *Target  // asked for what is not there; nil: the caller sees to that
	Timeout  sim.Time // of what the origin is asked; 0: none
}

// Emergent reports whether it is seen what is there, instead of being given.
func (s *CacheSpec) Emergent() bool { return s.Policy != "" }

// Warmth is what a warm cache holds at the start, the most popular first.
type Warmth struct {
	Items []uint64 // that traces ask for most often
	Below uint64   // then those from 0 to below this number
	Ops   []string // of a cache that tells operations apart
}

// ExternalSpec is a service of somebody else: it has no limits that we know.
type ExternalSpec struct {
	Latency      dist.Law // nil: none
	ErrorRatio   float64
	PricePerCall float64
}

// Objective is a demand on a figure of the result.
type Objective struct {
	Text     string   // as in the file
	Line     int      // where in the file
	Node     int      // None where the subject is the whole system
	Op       string   // operation of a client; "" for all
	Metric   string   // "mean", "p99", "max", "errors", "availability", "throughput", "within", "cpu", "disk", "network", "hit_ratio", "queue", "cost", "cost_per_million"
	Quantile float64  // of a percentile
	Within   sim.Time // of "within"
	Compare  string   // "<", ">", "<=", ">="
	Value    float64  // seconds, a ratio, per second, or money
}

// Default is a key that the file left out, and the value that was used.
type Default struct {
	Key   string
	Value string
}
