package result

import "strings"

// StressSchema is the name and version of a [Stress].
const StressSchema = "capsim/stress/v1"

// SearchInterrupted begins the note of a load that was not found because the
// search was stopped: neither that nothing holds, nor that there is no limit.
const SearchInterrupted = "the search was interrupted"

// Interrupted says that the search for the load was stopped in the middle.
func (s *Stress) Interrupted() bool {
	return s.Held.Mean == nil && strings.HasPrefix(s.Held.Note, SearchInterrupted)
}

// Stress is the document of `capsim stress`: the highest load that a system
// holds, what breaks there, and how it fails beyond. Loads are multiples of
// today's, which is the file's traffic, times --load where it is given.
type Stress struct {
	Schema    string    `json:"schema"` // "capsim/stress/v1"
	Version   string    `json:"version"`
	Title     string    `json:"title"`
	Design    string    `json:"design"`
	Seed      uint64    `json:"seed"`
	Truncated bool      `json:"truncated"` // interrupted: loads, or what comes after the search, are missing
	Warnings  []Warning `json:"warnings"`
	Run       StressRun `json:"run"`

	// Held is the highest load at which everything that could be asked for
	// holds, its mean null where there is none or no end of it; Low and High
	// are the ends of its interval. HeldAt and MissedAt are the loads on both
	// sides of it that were simulated.
	Held     Estimate `json:"held_load"`
	Low      *float64 `json:"held_load_low"`
	High     *float64 `json:"held_load_high"`
	HeldAt   *float64 `json:"held_at"`
	MissedAt *float64 `json:"missed_at"`
	// Headroom is by how much today's traffic may grow, as a share of it; below
	// 0 it is too much already.
	Headroom Estimate `json:"headroom_ratio"`

	Criteria []StressCriterion `json:"criteria"` // what was asked for
	Breaks   *Breaking         `json:"breaks"`   // null where nothing does
	Beyond   *Beyond           `json:"beyond"`   // null where no load is held, or none missed
	Growth   *Growth           `json:"growth,omitempty"`

	Objectives []Objective   `json:"objectives"` // at today's load
	Curve      []StressPoint `json:"curve"`      // by load
}

// StressRun is how each load was simulated.
type StressRun struct {
	DurationS    float64 `json:"duration_s"`
	WarmupS      float64 `json:"warmup_s"` // the same at every load
	Replications int     `json:"replications"`
	Simulations  int     `json:"simulations"` // in all
	WidthRatio   float64 `json:"width_ratio"` // of the bracket, at most
}

// StressCriterion is what a load is judged by: an objective of the file, or a
// sign that the system does not keep up where it has none.
type StressCriterion struct {
	Text  string `json:"text"`
	Asked bool   `json:"asked"`
	Why   string `json:"why,omitempty"` // if not
}

// Breaking is what breaks first.
type Breaking struct {
	Text string  `json:"text"` // the criterion; the limit where one ended the simulation
	Load float64 `json:"load"` // the least that was simulated and missed it

	// Resource is the one that saturates first, at that load and today; null
	// where no resource has a limit.
	Resource *BreakingResource `json:"resource"`
	// Waits is where the wait of the requests has grown most since today; null
	// where it has grown nowhere.
	Waits *BreakingWait `json:"waits"`
}

// BreakingResource is a resource at two loads.
type BreakingResource struct {
	Node     string         `json:"node"`
	Resource string         `json:"resource"`
	Today    *ResourceLevel `json:"today"`
	Then     ResourceLevel  `json:"then"`
}

// ResourceLevel is how a resource does.
type ResourceLevel struct {
	Utilization Estimate `json:"utilization"`
	Queue       Estimate `json:"queue"`
	WaitS       Estimate `json:"wait_s"` // mean of those who came to it
}

// BreakingWait is how long the requests of a client wait at a node, on
// average over all that are answered ok.
type BreakingWait struct {
	Client string   `json:"client"`
	Node   string   `json:"node"`
	Today  Estimate `json:"today_s"`
	Then   Estimate `json:"then_s"`
}

// Ways in which a system fails beyond what it holds.
const (
	Graceful   = "graceful"   // ok answers a second stay where they were
	Collapse   = "collapse"   // they become fewer as more is asked
	Metastable = "metastable" // and stay few when the load is what it was
)

// Beyond is how a system fails beyond what it holds.
type Beyond struct {
	Behaviour string `json:"behaviour"`
	// HeldRPS is ok answers a second at the highest load that is held; Least
	// the fewest beyond it, at LeastLoad, up to twice that load.
	HeldRPS   Estimate `json:"held_rps"`
	LeastRPS  Estimate `json:"least_rps"`
	LeastLoad float64  `json:"least_load"`
	// ErrorRatio is of all requests at twice the load that is held.
	ErrorRatio Estimate `json:"error_ratio"`
	// BacklogGrows says that more came there than left: answers come ever
	// later, the longer it lasts.
	BacklogGrows bool    `json:"backlog_grows"`
	Surges       []Surge `json:"surges"` // tried; none of traffic from a trace
}

// Surge is an overload that comes and goes, and how the system is when it is
// over.
type Surge struct {
	Load         float64 `json:"load"` // before and after
	Peak         float64 `json:"peak_load"`
	AtS          float64 `json:"at_s"`
	ForS         float64 `json:"for_s"`
	State        string  `json:"state"` // as of a map: "back", "mending" or "stuck"
	Stuck        int     `json:"stuck"` // in so many replications
	Replications int     `json:"replications"`
	Goodput      float64 `json:"goodput"` // ok answers per request offered, in the last part of the window
}

// Growth is when traffic that grows evenly reaches what is held.
type Growth struct {
	RatePer  float64  `json:"rate_ratio"` // growth in one period
	Period   string   `json:"period"`     // "week", "month" or "year"
	Periods  *float64 `json:"periods"`    // from today; null if there is no such load, 0 if it is behind
	Earliest *float64 `json:"periods_earliest"`
	Latest   *float64 `json:"periods_latest"`
	// Dates, where the command said from when on.
	From         string `json:"from,omitempty"`
	Date         string `json:"date,omitempty"`
	EarliestDate string `json:"date_earliest,omitempty"`
	LatestDate   string `json:"date_latest,omitempty"`
}

// StressPoint is one load.
type StressPoint struct {
	Load    float64               `json:"load"`
	Holds   bool                  `json:"holds"`           // what was asked for
	Limit   string                `json:"limit,omitempty"` // reached by the simulation: there are no figures
	Clients map[string]LoadClient `json:"clients"`
	// Busiest is the resource that is asked for most.
	Busiest    *Bottleneck `json:"busiest"`
	Objectives []Objective `json:"objectives"`
}

// LoadClient is what a client sees at one load.
type LoadClient struct {
	OfferedRPS    Estimate `json:"offered_rps"`
	ThroughputRPS Estimate `json:"throughput_rps"`
	ErrorRatio    Estimate `json:"error_ratio"`
	Unfinished    uint64   `json:"unfinished"`
	LatencyS      Latency  `json:"latency_s"`
}
