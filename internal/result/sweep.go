package result

// SweepSchema is the name and version of a [Sweep].
const SweepSchema = "capsim/sweep/v1"

// Sweep is the document of `capsim sweep`: every point of a grid.
type Sweep struct {
	Schema    string    `json:"schema"` // "capsim/sweep/v1"
	Version   string    `json:"version"`
	Title     string    `json:"title"`
	Design    string    `json:"design"` // "" for the file as it stands
	Seed      uint64    `json:"seed"`
	Truncated bool      `json:"truncated"` // interrupted: points are missing
	Warnings  []Warning `json:"warnings"`

	Dimensions []SweepDimension `json:"dimensions"`
	Grid       int              `json:"grid"`   // how many points there are
	Points     []SweepPoint     `json:"points"` // by number; the last dimension changes first
}

// SweepDimension is a key that was varied.
type SweepDimension struct {
	Path   string       `json:"path"` // "server.app.instances", "load" or "design"
	Unit   string       `json:"unit"` // of the numbers of its values: "s", "/s", "B", or ""
	Values []SweepValue `json:"values"`
}

// SweepValue is one value of a dimension. Number is nil where it cannot be told
// by one; then none of its dimension can.
type SweepValue struct {
	Text   string   `json:"text"`
	Number *float64 `json:"number"`
}

// SweepPoint is one point of the grid. A point at which a limit was reached has
// no figures.
type SweepPoint struct {
	Point       int      `json:"point"` // its number, from 0
	Values      []string `json:"values"`
	Fingerprint string   `json:"fingerprint"` // of the results, as of a [Result]
	Limit       string   `json:"limit,omitempty"`

	Run        Run                     `json:"run"`
	Clients    map[string]*SweepClient `json:"clients"`
	Nodes      map[string]*SweepNode   `json:"nodes"`
	Bottleneck *Bottleneck             `json:"bottleneck,omitempty"`
	Cost       *SweepCost              `json:"cost,omitempty"`
	Objectives []Objective             `json:"objectives"`
	Warnings   []Warning               `json:"warnings"`
}

// SweepClient is what one client saw at a point.
type SweepClient struct {
	OfferedRPS    Estimate `json:"offered_rps"`
	ThroughputRPS Estimate `json:"throughput_rps"`
	ErrorRatio    Estimate `json:"error_ratio"`
	Availability  Estimate `json:"availability"`
	LatencyS      Latency  `json:"latency_s"`
}

// SweepNode is how busy one node was at a point: by resource, those that are
// limited.
type SweepNode struct {
	Instances   Estimate            `json:"instances"`
	Utilization map[string]Estimate `json:"utilization"`
}

// SweepCost is what a point costs.
type SweepCost struct {
	Currency           string   `json:"currency"`
	Monthly            Estimate `json:"monthly"`
	PerMillionRequests Estimate `json:"per_million_requests"`
}
