package result

// DrillSchema is the name and version of a [DrillReport].
const DrillSchema = "capsim/drill/v1"

// DrillReport is the document of `capsim drill`: what each fault alone did, in
// comparison with the same system, and the same customers, without any.
type DrillReport struct {
	Schema    string    `json:"schema"` // "capsim/drill/v1"
	Version   string    `json:"version"`
	Title     string    `json:"title"`
	Design    string    `json:"design"`
	Truncated bool      `json:"truncated"` // interrupted: drills are missing
	Warnings  []Warning `json:"warnings"`
	Baseline  *Result   `json:"baseline"` // the twin without faults
	Drills    []Drill   `json:"drills"`   // in order of time; of capsim drill --every, the worst first
	Skipped   []string  `json:"skipped"`  // what no drill could be made of, and why
}

// Drill is one fault, and what came of it. Times are in seconds since the
// start of the window, means over replications. Differences are of this run
// minus the twin's, a replication, paired by it.
type Drill struct {
	What        string   `json:"what"`             // and how bad it is, where another drill is the same but for that
	AnyOf       string   `json:"any_of,omitempty"` // instances that are like the one that was struck: "any of 4"
	Fingerprint string   `json:"fingerprint"`
	Limit       string   `json:"limit,omitempty"` // the limit that ended the run; then there are no figures
	Began       bool     `json:"began"`           // false where the window ended before, or it changes nothing, or chance never brought it
	AtS         *float64 `json:"at_s"`            // nil of a fault that comes by chance
	ForS        *float64 `json:"for_s"`           // nil to the end, or by chance

	// As in the faults of a Result: when a balancer took an instance out, and
	// when the fault had ended and all were back in rotation.
	DetectedS  *float64 `json:"detected_s"`
	RecoveredS *float64 `json:"recovered_s"`

	// RTOS is how long writes to a database were not served, or, if they always
	// were, how long it took until all clients with objectives were back within
	// them; nil where there is neither, or that did not end within the run.
	// RPOWrites is how many acknowledged writes were lost.
	RTOS      *float64 `json:"rto_s"`
	RPOWrites *float64 `json:"rpo_writes"`

	Random *RandomFault `json:"random,omitempty"` // of one that comes by chance: how often, how long

	FailedRequests Estimate                `json:"failed_requests"` // of all clients together
	FailedRatio    Estimate                `json:"failed_ratio"`    // of those that were offered
	Clients        map[string]*DrillClient `json:"clients"`
	Objectives     []Objective             `json:"objectives"`
	Series         *Series                 `json:"series,omitempty"` // of the clients; the twin's is in Baseline
}

// DrillClient is what a fault did to one client.
type DrillClient struct {
	// FailedRequests counts the requests that were not answered ok and would
	// have been; Failed the same by kind, "unfinished" among them.
	FailedRequests Estimate            `json:"failed_requests"`
	FailedRatio    Estimate            `json:"failed_ratio"`
	Failed         map[string]Estimate `json:"failed"`

	// ExtraLatencyS is over the window; OutageLatencyS is over those rows of
	// the series that the time from the beginning of the fault to the recovery
	// lies in, without a value where the client was never out. "mean", "p50"
	// and "p99" each.
	ExtraLatencyS  Latency `json:"extra_latency_s"`
	OutageLatencyS Latency `json:"outage_latency_s"`

	// RecoveryS is how long after the fault began the client was back within
	// its objectives, or, if Against is "twin" because it has none, back at the
	// twin's level. It has no value where the client was not back in every
	// replication: then it took longer than RecoveryAboveS, unless the fault
	// began too late in the window for anybody to tell.
	RecoveryS      Estimate `json:"recovery_s"`
	RecoveryAboveS *float64 `json:"recovery_above_s"`
	Against        string   `json:"against"` // "objectives" or "twin"

	Budgets []Budget `json:"budgets"` // of each objective on a share of requests
}

// Budget is what a fault spent of the bad requests that an objective allows.
type Budget struct {
	Objective    string   `json:"objective"`
	AllowedRatio float64  `json:"allowed_ratio"` // of the requests offered
	BadRequests  Estimate `json:"bad_requests"`  // that the fault added
	OfWindow     Estimate `json:"of_window"`     // as a share of what is allowed in the window
	OfMonth      Estimate `json:"of_month"`      // in thirty days of this traffic
}

// What the recovery of a client was judged against.
const (
	AgainstObjectives = "objectives"
	AgainstTwin       = "twin"
)
