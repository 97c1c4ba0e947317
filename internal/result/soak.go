package result

// SoakSchema is the name and version of a Soak.
const SoakSchema = "capsim/soak/v1"

// Soak is the document of `capsim soak`: a long run, and what drifts in it.
type Soak struct {
	Schema    string `json:"schema"` // "capsim/soak/v1"
	Version   string `json:"version"`
	Title     string `json:"title"`
	Truncated bool   `json:"truncated"` // interrupted: replications are missing

	Trends []Trend  `json:"trends"` // clients first, then nodes, each by name
	Gives  *Giving  `json:"gives"`  // what gives first, nil where nothing is about to
	Notes  []string `json:"notes"`  // what the reader of the trends should know
	Result *Result  `json:"result"` // of the run
}

// Trend says whether a figure of the series goes one way. What could not be
// tested has a note, and null for the figures of the test.
type Trend struct {
	Subject string  `json:"subject"` // a client or a node
	Metric  string  `json:"metric"`  // as in the series: "memory_bytes", "latency_p99_s", …
	Windows int     `json:"windows"` // that have a value, until UntilS
	UntilS  float64 `json:"until_s"` // of the run: up to the first kill for memory, where there is one

	// From and To are the line of the trend at the beginning and at UntilS.
	// The slope is in units per hour, with its 95 % interval.
	From      *float64 `json:"from"`
	To        *float64 `json:"to"`
	PerHour   *float64 `json:"per_hour"`
	LowHour   *float64 `json:"per_hour_low"`
	HighHour  *float64 `json:"per_hour_high"`
	PValue    *float64 `json:"p_value"` // of the test, two-sided, of this figure alone
	Drifts    bool     `json:"drifts"`  // significant at 5 % over all figures that were tested
	Note      string   `json:"note,omitempty"`
	NextLimit *Giving  `json:"next_limit"` // that the drift leads to first, nil if it leads to none
}

// Giving is when something gives: a memory is full, a queue is, an objective
// is missed. Times are in seconds since the start of the window. LatestS is
// nil where the slope may be too small to get there.
type Giving struct {
	Subject   string   `json:"subject"`
	What      string   `json:"what"` // "memory full", "queue full", or an objective
	AtS       float64  `json:"at_s"`
	EarliestS *float64 `json:"earliest_s"` // nil where it was seen
	LatestS   *float64 `json:"latest_s"`
	Seen      bool     `json:"seen"` // it happened in the run, and is not extrapolated
}
