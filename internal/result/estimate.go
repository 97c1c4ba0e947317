package result

// EstimateSchema is the name and version of an Estimates.
const EstimateSchema = "capsim/estimate/v1"

// Estimates is the document of `capsim estimate`: what queueing theory says of
// the designs of a file. Times are in seconds, rates per second. null is what
// has no steady state, because more is asked than can be done, or what theory
// has no answer for.
type Estimates struct {
	Schema   string           `json:"schema"`
	Version  string           `json:"version"`
	Title    string           `json:"title"`
	Warnings []Warning        `json:"warnings"` // of the input
	Designs  []DesignEstimate `json:"designs"`
}

// DesignEstimate is what theory says of one design.
type DesignEstimate struct {
	Design      string                    `json:"design"` // "" for the file as it stands
	Clients     map[string]EstimateClient `json:"clients"`
	Nodes       map[string]EstimateNode   `json:"nodes"`
	Bottleneck  *Bottleneck               `json:"bottleneck"` // nil where nothing has a limit
	Assumptions []Assumption              `json:"assumptions"`
}

// EstimateClient is what a client sees.
type EstimateClient struct {
	Users         int                     `json:"users,omitempty"` // of a closed client
	OfferedRPS    *float64                `json:"offered_rps"`
	ThroughputRPS *float64                `json:"throughput_rps"`
	ErrorRatio    *float64                `json:"error_ratio"` // of errors that theory knows of
	LatencyS      EstimateTime            `json:"latency_s"`
	Ops           map[string]EstimateTime `json:"ops"`
	Bounds        EstimateBounds          `json:"bounds"`
}

// EstimateTime is a time of what ends well. Exact is about the mean; the
// percentiles are by a law that was fitted to two moments, unless ExactTail.
type EstimateTime struct {
	Mean      *float64 `json:"mean"`
	P50       *float64 `json:"p50"`
	P99       *float64 `json:"p99"`
	Exact     bool     `json:"exact"`
	ExactTail bool     `json:"exact_tail"`
}

// EstimateBounds is what no way of queueing can exceed.
type EstimateBounds struct {
	DemandS          float64  `json:"demand_s"`           // service that a request needs of all resources together
	DelayS           *float64 `json:"delay_s"`            // what it takes besides, where nobody ever waits
	ThroughputMaxRPS *float64 `json:"throughput_max_rps"` // one over the largest demand; of users at most N ÷ (D + Z)
	LatencyMinS      *float64 `json:"latency_min_s"`

	// Of users, where each resource has one server: the balanced job bounds.
	BalancedMaxRPS  *float64 `json:"balanced_throughput_max_rps,omitempty"`
	BalancedMinRPS  *float64 `json:"balanced_throughput_min_rps,omitempty"`
	SaturationUsers *float64 `json:"saturation_users,omitempty"` // from about so many on they wait for each other
}

// EstimateNode is what is asked of a node.
type EstimateNode struct {
	Kind        string                      `json:"kind"`
	Instances   int                         `json:"instances"`
	ArrivalsRPS *float64                    `json:"arrivals_rps"`
	Resources   map[string]EstimateResource `json:"resources"`
	ResponseS   EstimateTime                `json:"response_s"`
	Rejected    *float64                    `json:"rejected_ratio"`
	HitRatio    *float64                    `json:"hit_ratio,omitempty"` // of a cache
	Note        string                      `json:"note,omitempty"`      // why it is not exact
}

// EstimateResource is something that a node has a limited amount of. A
// utilisation above 1 is more than it can do.
type EstimateResource struct {
	Capacity    float64  `json:"capacity"`
	Busy        *float64 `json:"busy"`
	Utilization *float64 `json:"utilization"` // on average over the instances
	Hottest     *float64 `json:"hottest"`     // of the instance that most is asked of
	WaitS       *float64 `json:"wait_s"`
}

// Assumption is something in the file that theory leaves out, or takes for
// something simpler.
type Assumption struct {
	Node string `json:"node"` // "" for the whole file
	Text string `json:"text"`
}
