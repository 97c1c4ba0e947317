package result

import "encoding/json"

// Schema is the name and version of the document that this package writes.
const Schema = "capsim/result/v1"

// Result is everything that a run found out. Counts are sums over
// replications; times are in seconds, sizes in bytes, rates per second.
type Result struct {
	Schema      string `json:"schema"`
	Version     string `json:"version"`
	Title       string `json:"title"`
	Design      string `json:"design"` // "" for the file as it stands
	Seed        uint64 `json:"seed"`
	Fingerprint string `json:"fingerprint"`
	Truncated   bool   `json:"truncated"`

	Warnings   []Warning          `json:"warnings"`
	Run        Run                `json:"run"`
	Topology   Topology           `json:"topology"`
	Clients    map[string]*Client `json:"clients"`
	Nodes      map[string]*Node   `json:"nodes"`
	Faults     []Fault            `json:"faults,omitempty"`  // in the order in which they begin
	Deploys    []Deploy           `json:"deploys,omitempty"` // in the order in which they are due
	Cost       *Cost              `json:"cost,omitempty"`    // nil where nothing has a price
	Objectives []Objective        `json:"objectives"`
	Bottleneck *Bottleneck        `json:"bottleneck,omitempty"`
	Series     *Series            `json:"series,omitempty"`
	Baseline   *Baseline          `json:"baseline,omitempty"` // nil unless it was compared with an earlier result
}

// Estimate is a figure and its doubt. Mean is the pooled value of a ratio or
// a percentile, the largest of a maximum, the mean over replications of
// anything else; nil where there is too little to tell, and then Note says
// how much would be enough. HalfWidth is half of the 95 % confidence interval
// over replications, nil with one replication.
type Estimate struct {
	Mean      *float64 `json:"mean"`
	HalfWidth *float64 `json:"half_width"`
	Note      string   `json:"note,omitempty"`
}

// Optional is an estimate that may be null: there is no such figure. Its Mean
// is nil then.
type Optional struct{ Estimate }

// MarshalJSON writes null where there is no figure.
func (o Optional) MarshalJSON() ([]byte, error) {
	if o.Mean == nil {
		return []byte("null"), nil
	}
	return json.Marshal(o.Estimate)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (o *Optional) UnmarshalJSON(data []byte) error {
	o.Estimate = Estimate{}
	if string(data) == "null" {
		return nil
	}
	return json.Unmarshal(data, &o.Estimate)
}

// Warning is something that the reader of the figures should know.
type Warning struct {
	Code    string `json:"code"` // "W" and three digits
	Message string `json:"message"`
}

// Run says how the figures came about.
type Run struct {
	DurationS    float64 `json:"duration_s"` // of the measured window
	WarmupS      float64 `json:"warmup_s"`
	Replications int     `json:"replications"`
	Events       uint64  `json:"events"`
	Requests     uint64  `json:"requests"` // all that were sent, warm-up and drain included
}

// Topology is what was simulated, for pictures and for the record.
type Topology struct {
	Nodes    []TopologyNode `json:"nodes"` // clients too, by name
	Edges    []Edge         `json:"edges"`
	Defaults []Default      `json:"defaults"`

	// Source is the topology file as it was simulated, what it extends and the
	// changes of the design and of the command line merged in: TOML that gives
	// the same figures. "" where it is too long to go with every document, or the
	// document is not of a whole design.
	Source string `json:"source,omitempty"`
}

// TopologyNode is one node; Detail is a line for people ("4 cores, 64 workers").
type TopologyNode struct {
	Name      string `json:"name"`
	Kind      string `json:"kind"`
	Instances int    `json:"instances"`
	Detail    string `json:"detail"`
}

// Edge says that From sends requests for Op to To. Op is "" where any goes.
type Edge struct {
	From string `json:"from"`
	To   string `json:"to"`
	Op   string `json:"op"`
}

// Default is a key that the file left out, and the value that was used.
type Default struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// Traffic is what one client, or one operation of it, saw.
type Traffic struct {
	Offered    uint64            `json:"offered"`
	OK         uint64            `json:"ok"`
	Unfinished uint64            `json:"unfinished"`
	Attempts   uint64            `json:"attempts"`
	Errors     map[string]uint64 `json:"errors"` // by kind, always all five

	OfferedRPS    Estimate `json:"offered_rps"`
	ThroughputRPS Estimate `json:"throughput_rps"`
	ErrorRatio    Estimate `json:"error_ratio"`
	Availability  Estimate `json:"availability"`

	LatencyS Latency      `json:"latency_s"`
	Curve    [][2]float64 `json:"curve"` // quantile in 0..1, seconds

	// Spent is where the time of an ok request went, on average: by node, and
	// "backoff" for the pauses between attempts, those of calls included, and
	// "network" for the way there and back.
	// Branches that run at once add up to more than the latency; attempts that
	// were given up, and failed ones, are missing from it.
	Spent TimeSpent `json:"time_spent_s"`

	// Slowest is the same of the slowest hundredth of the ok requests; nil in
	// documents of before there was one, and of verbs that do not look.
	Slowest *Slowest `json:"slowest,omitempty"`
}

// Slowest is where the time of the slowest ok requests went, on average: of
// those that took as long as the pooled p99 of the same requests, to the width
// of a histogram's bucket (0.8 %), or longer. They are a sample where there were
// very many: of each replication's requests one in so many is followed, chosen
// by a part of its seed.
type Slowest struct {
	AtLeastS     *float64  `json:"at_least_s"` // the shortest that counts as slow; null: too few
	Requests     uint64    `json:"requests"`   // that were followed and were that slow
	OneIn        uint64    `json:"one_in"`     // so many requests one was followed; 1: all were
	LatencyMeanS Estimate  `json:"latency_mean_s"`
	Spent        TimeSpent `json:"time_spent_s"` // as Traffic.Spent
	Note         string    `json:"note,omitempty"`
}

// Client is a client's traffic, altogether and by operation.
type Client struct {
	Traffic
	Ops map[string]*Traffic `json:"ops"`

	// ByReplication has the figures that a later run is compared by, a value for
	// each replication (null without samples): the same customers come to
	// replication i of both. Nil with one replication.
	ByReplication map[string][]*float64 `json:"by_replication,omitempty"`
}

// Latency is a distribution of times in seconds, by the name of the figure:
// "mean", "p50", "p90", "p95", "p99", "p99.9", "max", and any percentile that
// an objective names.
type Latency map[string]Estimate

// Spent is where the time of one ok request went, on average: at one node.
type Spent struct {
	Wait    Estimate `json:"wait"`
	Service Estimate `json:"service"`
}

// Node is what happened at one node within the window.
type Node struct {
	Kind          string            `json:"kind"`
	Instances     Estimate          `json:"instances"`
	Arrivals      uint64            `json:"arrivals"`
	Completions   uint64            `json:"completions"`
	Errors        map[string]uint64 `json:"errors"`
	Cancelled     uint64            `json:"cancelled,omitempty"` // stopped because their answers had become useless
	ThroughputRPS Estimate          `json:"throughput_rps"`
	InFlight      Estimate          `json:"in_flight"`
	ResponseS     Latency           `json:"response_s"`

	MemoryKills uint64               `json:"memory_kills,omitempty"`        // of its instances, because they needed more memory than they have
	FirstKillS  *float64             `json:"first_memory_kill_s,omitempty"` // since the start of the window, of any replication
	GC          *Collector           `json:"gc,omitempty"`                  // nil where nothing is collected
	Resources   map[string]*Resource `json:"resources"`                     // "cpu", "workers", …
	PerInstance []Instance           `json:"per_instance"`
	Theory      *Theory              `json:"theory,omitempty"` // nil in documents of before there was one
	Fleet       *Fleet               `json:"fleet,omitempty"`  // of servers whose instances come and go
	Cache       *Cache               `json:"cache,omitempty"`
	Queue       *Queue               `json:"queue,omitempty"`
	Database    *Database            `json:"database,omitempty"`
}

// Theory is what queueing theory says of a node, beside what was simulated:
// as busy as its cores, else its first resource that has a limit, and its mean
// response. What theory has no answer for is null, and the note says why; it
// also says what an approximation leaves out.
type Theory struct {
	Utilization   *float64 `json:"utilization"`
	ResponseMeanS *float64 `json:"response_mean_s"`
	Exact         bool     `json:"exact"` // not an approximation: the simulation must agree
	Note          string   `json:"note,omitempty"`
}

// Fleet is the instances of a server that come and go. Node.Instances counts
// all that cost: those that boot or drain too.
type Fleet struct {
	InService Estimate `json:"in_service"` // the mean number of those in service
	Started   uint64   `json:"started"`    // starts within the window
	Stopped   uint64   `json:"stopped"`
}

// Collector is the garbage collection of a node: pauses in which an instance
// stands still. PausedRatio is of the time that its instances were up.
type Collector struct {
	Pauses      uint64   `json:"pauses"`
	PausedRatio Estimate `json:"paused_ratio"`
	PauseS      Latency  `json:"pause_s"` // how long they were; of those that a death cut short none
}

// Resource is a station of a node, over all of its instances. Capacity and
// Utilization are null where the resource is unlimited.
type Resource struct {
	Capacity    Optional      `json:"capacity"`
	Busy        Estimate      `json:"busy"`
	Utilization Optional      `json:"utilization"`
	Queue       Estimate      `json:"queue"`
	WaitS       Latency       `json:"wait_s"`
	ServiceS    ServiceFigure `json:"service_s"`
}

// ServiceFigure is the mean time in service.
type ServiceFigure struct {
	Mean Estimate `json:"mean"`
}

// Instance is one machine of a node.
type Instance struct {
	Name        string   `json:"name"`
	Utilization *float64 `json:"utilization"` // of its cores, else of its workers
	Arrivals    uint64   `json:"arrivals"`
	UpRatio     float64  `json:"up_ratio"`
}

// Database is what the shards of a database answered.
type Database struct {
	Reads  uint64 `json:"reads"`  // answered ok; a scatter is one on each shard
	Writes uint64 `json:"writes"` // the same, with each commit of a transaction

	// StaleReads missed the newest acknowledged write of their record when
	// they began; the ratio is of all reads that began. Redirected went to a
	// primary because a replica lacked a write of the reader's own.
	StaleReads     uint64   `json:"stale_reads"`
	StaleReadRatio Estimate `json:"stale_read_ratio"`
	Redirected     uint64   `json:"redirected_reads"`

	// LostWrites had been acknowledged, and were not on the replica that was
	// promoted. Conflicts are acknowledged writes of one side of a partition
	// that gave way to newer ones of the other.
	LostWrites uint64 `json:"lost_writes"`
	Conflicts  uint64 `json:"conflicts"`

	// ReplicationLagS is the time from each write at its primary until each
	// replica had applied it; nil where none can be late.
	ReplicationLagS Latency `json:"replication_lag_s"`
	Failovers       uint64  `json:"failovers"` // replicas that were promoted
	Shards          []Shard `json:"shards"`
}

// Shard is a part of the data.
type Shard struct {
	Reads       uint64   `json:"reads"`
	Writes      uint64   `json:"writes"`
	Utilization *float64 `json:"utilization"` // of the cores of its busiest instance
}

// Cache is how often a cache had the answer. Each look-up is one of three: a
// hit found its item; a miss did not, and went for it; a coalesced one did
// not, and was answered with what another's miss had fetched. The hit ratio is
// hits ÷ (hits + misses).
type Cache struct {
	Hits        uint64   `json:"hits"`
	Misses      uint64   `json:"misses"`
	HitRatio    Estimate `json:"hit_ratio"`
	Evictions   uint64   `json:"evictions"`   // entries that had to make room
	Expirations uint64   `json:"expirations"` // entries that were there for too long, when that was noticed
	Coalesced   uint64   `json:"coalesced"`
}

// Queue is what happened to the messages of a queue. Published, with those that
// were there before, is Acknowledged + DeadLettered + Dropped + Lost and those
// that are left.
type Queue struct {
	Published    uint64   `json:"published"`
	Delivered    uint64   `json:"delivered"`
	Acknowledged uint64   `json:"acknowledged"`
	Redelivered  uint64   `json:"redelivered"` // of the deliveries, not the first of their message
	DeadLettered uint64   `json:"dead_lettered"`
	Dropped      uint64   `json:"dropped"`
	Lost         uint64   `json:"lost"`    // with the broker
	Depth        Estimate `json:"depth"`   // messages that wait for a delivery
	AgeS         Latency  `json:"age_s"`   // of messages when they are first delivered
	TotalS       Latency  `json:"total_s"` // from publication to acknowledgement
}

// Fault is something that went wrong on purpose. Times are in seconds since
// the start of the window, averaged over replications.
type Fault struct {
	What string   `json:"what"`
	AtS  *float64 `json:"at_s"` // nil of one that comes by chance

	// DetectedS is when the first balancer took one of the instances out of
	// rotation, or a database noticed that a primary was gone, nil if none did,
	// and of one that comes by chance. RecoveredS is when the fault had ended,
	// all balancers had the instances back and all shards a primary, nil if that
	// was not so in every replication before the run was over.
	DetectedS  *float64 `json:"detected_s"`
	RecoveredS *float64 `json:"recovered_s"`

	// FailedRequests counts the clients' requests that ended with an error
	// and were under way between the beginning of the fault and then: a sum
	// over replications.
	FailedRequests uint64 `json:"failed_requests"`

	// RTOS is for how long a shard of a database took no writes, the longest of
	// those that the fault took them from, and of a fault that comes by chance
	// the mean of those that were over; 0 if it took them from none, nil if it
	// struck no database, or one that took none when the run was over.
	// RPOWrites counts the acknowledged writes that were lost by promotions
	// because of it.
	RTOS      *float64 `json:"rto_s"`
	RPOWrites *float64 `json:"rpo_writes"`

	Random *RandomFault `json:"random,omitempty"` // of one that comes by chance
}

// RandomFault is what a fault that comes by chance did, over its instances
// and all its failures within the window.
type RandomFault struct {
	Occurrences     Estimate `json:"occurrences"`       // failures, a replication
	DownRatio       Estimate `json:"down_ratio"`        // share of the instances' time that it held: of a kill, 1 − availability
	DownS           Estimate `json:"down_s"`            // how long it held each time, the wait for a crew included
	DetectionDelayS Estimate `json:"detection_delay_s"` // until a balancer took the instance out, or a database noticed that its primary was gone, of those times that one did
	RecoveryDelayS  Estimate `json:"recovery_delay_s"`  // until it was repaired and all balancers had it back
}

// Deploy is something that was replaced while the system worked. Times are in
// seconds since the start of the window, averaged over replications.
type Deploy struct {
	What string  `json:"what"`
	AtS  float64 `json:"at_s"` // when it was due

	// FinishedS is when all new instances were in service and all old ones had
	// stopped, nil if that was not so in every replication before the run was
	// over.
	FinishedS *float64 `json:"finished_s"`

	// FailedRequests counts the clients' requests that ended with an error
	// while it was under way: a sum over replications.
	FailedRequests uint64 `json:"failed_requests"`
}

// Cost is what a month of 730 hours costs of which the window is a picture.
// It holds only what has a price, in the file or in the price list.
type Cost struct {
	Currency           string     `json:"currency"`
	Monthly            Estimate   `json:"monthly"`
	PerMillionRequests Estimate   `json:"per_million_requests"` // per million ok answers
	Lines              []CostLine `json:"lines"`                // the dearest first, those without a price last

	// ByReplication has what a month costs ("monthly") in each replication, which
	// a later run is compared by: nothing where all cost the same.
	ByReplication map[string][]*float64 `json:"by_replication,omitempty"`

	// Without lists the nodes that have no price, so that their part is
	// missing.
	Without []string `json:"without"`

	// Sources lists where the prices that are not the file's own are from: the
	// region, the date, and who published them.
	Sources []string `json:"sources"`
}

// CostLine is one item of a cost.
type CostLine struct {
	Node     string   `json:"node"`
	Item     string   `json:"item"`
	Quantity float64  `json:"quantity"` // instances: the mean number; else so many a month
	Unit     string   `json:"unit"`     // that the price is for: "hour", "call", "GB"
	Price    *float64 `json:"price"`    // of a unit, the discount taken off; nil: not known
	Monthly  *float64 `json:"monthly"`  // nil: not known
	Note     string   `json:"note,omitempty"`
}

// Verdict of an objective.
const (
	Met       = "met"
	Missed    = "missed"
	Undecided = "undecided"
)

// Objective is a demand of the file, and whether it holds.
type Objective struct {
	Text    string   `json:"text"`
	Actual  Estimate `json:"actual"`
	Verdict string   `json:"verdict"`
}

// Bottleneck is the resource that saturates first as the load grows, and the
// factor on today's load at which it does.
type Bottleneck struct {
	Node        string  `json:"node"`
	Resource    string  `json:"resource"`
	Utilization float64 `json:"utilization"`
	// SaturatesAtLoad is null where the load on it does not grow in proportion:
	// of users, stages and traces, and behind balancers that adapt.
	SaturatesAtLoad *float64 `json:"saturates_at_load"`
}

// Series is the run over time, averaged over replications: a row per window
// of WindowS seconds, a column per figure. Columns[0] is "time_s", the start
// of the window; the others are "SUBJECT METRIC". nil is a window without any.
type Series struct {
	WindowS float64      `json:"window_s"`
	Columns []string     `json:"columns"`
	Rows    [][]*float64 `json:"rows"`
}

// ErrorKinds are the ways for a request not to end well, in the order in
// which they are printed.
var ErrorKinds = [...]string{"timeout", "rejected", "unavailable", "failed", "breaker"}
