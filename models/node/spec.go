package node

import (
	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/dist"
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
	Run        Run
	Nodes      []Node // of all kinds, ordered by name
	Objectives []Objective
	Defaults   []Default // what the file left out, in document order of their tables
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
)

// Node is one named thing. Exactly the pointer that belongs to its Kind is
// set.
type Node struct {
	Name      string
	Kind      Kind
	Instances int // 1 for clients, balancers and caches of a fixed ratio

	Client   *ClientSpec
	Balancer *BalancerSpec
	Server   *ServerSpec
	Cache    *CacheSpec
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

	Keys   dist.Law // which item, a whole number from 0; nil: none, or the trace's
	Policy Policy   // time-out and retries of each request
}

// WeightedOp is an operation and how often it is asked for, relative to the
// others. With a trace that names operations the weights are not used.
type WeightedOp struct {
	Name   string
	Weight float64
}

// Policy is what a caller does about slow and bad answers.
type Policy struct {
	Timeout sim.Time // of each attempt; 0: none
	Retries int      // further attempts
	Backoff Backoff
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
	Targets []int  // nodes, in the order of the file
	Policy  string // a name in balance.Table
}

// ServerSpec is a group of machines that run operations.
type ServerSpec struct {
	Cores        int
	Speed        float64     // divides the times of cpu and wait steps
	Concurrency  int         // workers per instance; 0: unlimited
	Backlog      int         // requests that may wait for a worker, per instance; None: unlimited
	QueueTimeout dist.Law    // longest wait for a worker; nil: none
	Ops          []Operation // ordered by name
}

// Operation is a named program.
type Operation struct {
	Name  string
	Steps []Step
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
)

// Step is one thing that an operation does. ID is its stable identity for
// random numbers: its node, operation and name or position, never its place
// in the file.
type Step struct {
	Kind StepKind
	ID   uint64

	Time     dist.Law  // cpu, wait: nanoseconds. repeat: how often
	Target   Target    // call, get, set, invalidate
	Policy   Policy    // call, get
	Ratio    float64   // fail: probability
	Weights  []float64 // choose: one for each branch
	Branches [][]Step  // choose, parallel: alternatives; get: [0] on a miss; repeat: [0] the body
}

// CacheSpec is a cache of a fixed hit ratio.
type CacheSpec struct {
	HitRatio float64
	Latency  dist.Law // nil: none
}

// Objective is a demand on a figure of the result.
type Objective struct {
	Text     string   // as in the file
	Line     int      // where in the file
	Node     int      // None where the subject is the whole system
	Op       string   // operation of a client; "" for all
	Metric   string   // "mean", "p99", "max", "errors", "availability", "throughput", "within", "cpu", "hit_ratio", "queue"
	Quantile float64  // of a percentile
	Within   sim.Time // of "within"
	Compare  string   // "<", ">", "<=", ">="
	Value    float64  // seconds, a ratio, or per second
}

// Default is a key that the file left out, and the value that was used.
type Default struct {
	Key   string
	Value string
}
