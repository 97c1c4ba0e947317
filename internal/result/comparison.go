package result

// ComparisonSchema is the name and version of a Comparison.
const ComparisonSchema = "capsim/comparison/v1"

// Comparison is the document of `capsim compare`: the results of several
// designs under the same customers, and what differs between them: today,
// against load, and when something breaks. Loads are multiples of today's,
// which is the file's traffic, times --load where it is given.
type Comparison struct {
	Schema      string       `json:"schema"` // "capsim/comparison/v1"
	Version     string       `json:"version"`
	Title       string       `json:"title"`
	Truncated   bool         `json:"truncated"` // interrupted: designs, replications of one, or what comes after them, are missing
	Designs     []*Result    `json:"designs"`   // the first is what the others are compared with
	Differences []Difference `json:"differences"`

	// Correction is how the tests of Differences are kept from false alarms.
	Correction *Correction `json:"correction,omitempty"`

	Curves   *Curves         `json:"curves,omitempty"`   // null where they were left out
	Failures []DesignFailure `json:"failures,omitempty"` // by design; none where they were left out
	Verdict  *Decision       `json:"verdict,omitempty"`  // null of a comparison that was interrupted
}

// Difference is Design minus Baseline, paired by replication unless Unpaired:
// designs that have no client in common meet different customers. Significant
// says that it would be a false alarm less often than the level of the
// Correction that it is of, all tests of that together.
type Difference struct {
	Baseline    string   `json:"baseline"`
	Design      string   `json:"design"`
	Subject     string   `json:"subject"` // a client or a node
	Metric      string   `json:"metric"`  // "latency_s.p99", "error_ratio", "cpu.utilization", …
	Difference  Estimate `json:"difference"`
	PValue      *float64 `json:"p_value"` // of this test alone; null with one replication
	Significant bool     `json:"significant"`
	Unpaired    bool     `json:"unpaired,omitempty"`
}

// Correction is how the significance of many tests is judged together.
type Correction struct {
	Method string  `json:"method"` // "holm"
	Level  float64 `json:"level"`  // the chance of any false alarm among all of them, at most
	Tests  int     `json:"tests"`
}

// Curves are the designs against load. Their simulations may be shorter than
// those of the designs and of the searches for what they hold, and have a
// warm-up that suits the highest load held.
type Curves struct {
	DurationS    float64   `json:"duration_s"`
	WarmupS      float64   `json:"warmup_s"` // of the common loads
	Replications int       `json:"replications"`
	Loads        []float64 `json:"loads"` // common to all designs

	Designs     []DesignCurve    `json:"designs"`     // in the order of the designs
	Differences []LoadDifference `json:"differences"` // at the common loads, and where crossings were looked for
	Correction  Correction       `json:"correction"`
	Crossings   []Crossing       `json:"crossings"`
}

// DesignCurve is a design against load.
type DesignCurve struct {
	Design string `json:"design"`

	// Held is the highest load at which all objectives hold that can be asked
	// for, as capsim stress finds it, with the ends of its interval, and the
	// loads that were simulated on both sides of it. Headroom is by how much
	// today's traffic may grow, as a share of it.
	Held     Estimate `json:"held_load"`
	Low      *float64 `json:"held_load_low"`
	High     *float64 `json:"held_load_high"`
	HeldAt   *float64 `json:"held_at"`
	MissedAt *float64 `json:"missed_at"`
	Headroom Estimate `json:"headroom_ratio"`
	// HeldDifference is from what the first design holds, paired by replication;
	// null of the first, and where either has no such load.
	HeldDifference *Estimate `json:"held_difference"`
	Breaks         string    `json:"breaks"`  // what is missed first
	Unasked        []string  `json:"unasked"` // what is missed at any load, or else not asked for
	// How the search simulated each load: with the replications of the run.
	DurationS float64 `json:"duration_s"`
	WarmupS   float64 `json:"warmup_s"`

	Points []CurvePoint `json:"points"` // by load
}

// Why a load was simulated.
const (
	CommonLoad   = "common"
	BreakingLoad = "breaking" // of this design: on either side of what it holds
	CrossingLoad = "crossing" // to find where a verdict turns
)

// CurvePoint is a design at one load.
type CurvePoint struct {
	Load    float64               `json:"load"`
	Why     string                `json:"why"`
	Limit   string                `json:"limit,omitempty"` // reached by the simulation: there are no figures
	Clients map[string]LoadClient `json:"clients"`
	Busiest *Bottleneck           `json:"busiest"`
	// Monthly and PerMillionRequests are what that load costs, null where
	// nothing has a price.
	Monthly            *Estimate `json:"monthly"`
	PerMillionRequests *Estimate `json:"per_million_requests"`
	Missed             []string  `json:"missed"` // objectives
}

// LoadDifference is a Difference at one load.
type LoadDifference struct {
	Load float64 `json:"load"`
	Difference
}

// Crossing is a load at which the sign of a difference turns: Below is the
// design with the lower value at lighter loads, Above at heavier ones. From
// Low to High is what was simulated on both sides: there the difference
// excludes zero. Load lies between, with its interval.
type Crossing struct {
	Baseline string   `json:"baseline"`
	Design   string   `json:"design"`
	Subject  string   `json:"subject"`
	Metric   string   `json:"metric"`
	Below    string   `json:"lower_below"`
	Above    string   `json:"lower_above"`
	Load     Estimate `json:"load"`
	Low      float64  `json:"low"`
	High     float64  `json:"high"`
}

// DesignFailure is what failures do to a design.
type DesignFailure struct {
	Design    string  `json:"design"`
	DurationS float64 `json:"duration_s"` // of the losses

	Faults []Drill `json:"faults"` // those of the file, each alone, as of capsim drill
	Losses []Loss  `json:"losses"` // of one instance, or one zone
	// Survives says that all objectives are met with any one of them lost; null
	// where there is no objective, or it cannot be told.
	Survives *bool    `json:"survives"`
	Skipped  []string `json:"skipped"` // what no drill could be made of, and why
}

// Loss is a part of the system that is not there, all through the measured
// window.
type Loss struct {
	What    string   `json:"what"`
	AnyOf   string   `json:"any_of,omitempty"` // instances like it: "any of 4"
	Limit   string   `json:"limit,omitempty"`
	Verdict string   `json:"verdict"` // of all objectives together; "" where there is none
	Missed  []string `json:"missed"`  // objectives
	Unsure  []string `json:"undecided"`

	FailedRatio   Estimate            `json:"failed_ratio"`        // of the requests, more than without the loss
	ExtraLatencyS map[string]Estimate `json:"extra_latency_p99_s"` // by client
	// OneMoreMonthly is what one more instance of the node costs a month; null
	// where it has no price by the hour.
	OneMoreMonthly *float64 `json:"one_more_monthly"`
}

// Decision is a verdict in words, each of which follows from figures of the
// document.
type Decision struct {
	Recommended    *string     `json:"recommended"` // a design; null for none
	Recommendation string      `json:"recommendation"`
	Statements     []Statement `json:"statements"`
}

// Statement is one thing that can be said of a design, or that cannot.
type Statement struct {
	Design  string `json:"design"`
	Against string `json:"against"`
	About   string `json:"about"` // "cost", "latency", "errors", "capacity", "failure", "crossing"
	Text    string `json:"text"`
	Decided bool   `json:"decided"` // false: the interval straddles zero, or may by chance
}
