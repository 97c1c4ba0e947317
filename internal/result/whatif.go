package result

// WhatIfSchema is the name and version of a WhatIf.
const WhatIfSchema = "capsim/whatif/v1"

// WhatIf is the document of `capsim compare --whatif`: what it would bring if
// one resource were a little better, for each resource in turn.
type WhatIf struct {
	Schema    string         `json:"schema"`
	Version   string         `json:"version"`
	Title     string         `json:"title"`
	Truncated bool           `json:"truncated"` // interrupted: resources, or designs, are missing
	Percent   int            `json:"percent"`   // by how much each is better
	Designs   []WhatIfDesign `json:"designs"`
}

// WhatIfDesign is a design as it is, and what each of its resources is worth.
type WhatIfDesign struct {
	Design    string  `json:"design"`
	Baseline  *Result `json:"baseline"`
	Resources []Worth `json:"resources"` // the one that helps most first; those that do not, behind
}

// Worth is what a resource is worth: the differences between the design with a
// better one and as it is, paired by replication, under the same customers.
//
// Benefit is by how much of itself the 99th percentile of latency falls, plus
// by how much of itself the throughput of ok answers rises: 0.05 is five
// percent. It is the mean over clients, each as important as it sends
// requests. Where there is too little for the percentile, it is the mean latency.
type Worth struct {
	Node        string   `json:"node"`        // "network" for the time between instances
	Resource    string   `json:"resource"`    // "cpu", "workers", "pool.orders", "latency", …
	Change      string   `json:"change"`      // what was made better, in words
	Utilization *float64 `json:"utilization"` // of the resource as it is, null where it has none

	Benefit Estimate `json:"benefit"`
	P       *float64 `json:"p"`                // that noise alone makes a benefit as large; null where there is no noise
	Visible *float64 `json:"smallest_visible"` // benefit that would have been believed, with all resources held to 5 %
	Verdict string   `json:"verdict"`          // Helps, Hurts, NotSeen or NoEffect
	Effects []Effect `json:"effects"`
}

// Verdicts of a Worth.
const (
	Helps    = "helps"
	Hurts    = "hurts"
	NotSeen  = "not seen"  // if it does anything, the noise hides it
	NoEffect = "no effect" // nothing at all differs
)

// Effect is how a figure of a client differs.
type Effect struct {
	Client      string   `json:"client"`
	Metric      string   `json:"metric"` // "latency_s.mean", "latency_s.p99", "throughput_rps", "error_ratio"
	Baseline    Estimate `json:"baseline"`
	Difference  Estimate `json:"difference"`
	Significant bool     `json:"significant"` // with all effects of the design together held to 5 % (Holm)
}
