package result

// BaselineSchema is the name and version of a Baseline.
const BaselineSchema = "capsim/baseline/v1"

// Baseline is how a run differs from an earlier one, of which only the
// document is left. Figures that both have by replication are paired if the same
// customers came to both. Others are taken for independent: their difference
// has Welch's interval, made from the half-widths of both.
type Baseline struct {
	Schema      string   `json:"schema"`
	Version     string   `json:"version"` // of the program that made the earlier document
	Title       string   `json:"title"`
	Design      string   `json:"design"`
	Seed        uint64   `json:"seed"`
	Fingerprint string   `json:"fingerprint"`
	Run         Run      `json:"run"`
	Identical   bool     `json:"identical"`          // the fingerprints are equal: nothing that is simulated differs
	Currency    string   `json:"currency,omitempty"` // of costs
	Tolerance   float64  `json:"tolerance"`          // share of the earlier value by which a figure may become worse
	Verdict     string   `json:"verdict"`            // Regression, Improvement or NoDifference
	Notes       []string `json:"notes"`              // what should be known before the differences are believed
	Missing     []string `json:"missing"`            // clients and nodes of the earlier document that are gone
	Added       []string `json:"added"`              // clients and nodes that it did not have
	Changes     []Change `json:"changes"`
}

// Verdicts of a Baseline and of each Change. A Baseline is a Regression if any
// of its judged figures is one, else an Improvement if any is.
const (
	Regression   = "regression"    // worse beyond its interval and the tolerance
	Tolerated    = "tolerated"     // worse beyond its interval, but not by more than the tolerance
	Improvement  = "improvement"   // better beyond its interval
	Changed      = "changed"       // differs beyond its interval, where neither way is worse by itself
	NoDifference = "no difference" // that the noise allows to see
	Unknown      = "unknown"       // one of the two documents does not have it
)

// Change is a figure of the earlier document and of this one.
type Change struct {
	Subject    string   `json:"subject"` // a client, a node, or "cost"
	Metric     string   `json:"metric"`  // its path in the document: "latency_s.p99", "cpu.utilization", "monthly"
	Baseline   Estimate `json:"baseline"`
	Current    Estimate `json:"current"`
	Difference Estimate `json:"difference"` // current − baseline
	Ratio      *float64 `json:"ratio"`      // the difference as a share of the earlier value, null where that is 0

	// P is the probability that noise alone makes a difference as large, null
	// without intervals. Visible is the smallest difference that would have been
	// believed, with all figures of its family together held to 5 %.
	P       *float64 `json:"p"`
	Visible *float64 `json:"smallest_visible"`

	Paired  bool   `json:"paired"` // by replication
	Judged  bool   `json:"judged"` // it can be a regression; others explain those that are
	Verdict string `json:"verdict"`
}

// Regressions are the changes for the worse.
func (b *Baseline) Regressions() []Change { return b.of(Regression) }

// Improvements are the judged changes for the better.
func (b *Baseline) Improvements() []Change { return b.of(Improvement) }

func (b *Baseline) of(verdict string) []Change {
	var out []Change
	for i := range b.Changes {
		if b.Changes[i].Judged && b.Changes[i].Verdict == verdict {
			out = append(out, b.Changes[i])
		}
	}
	return out
}
