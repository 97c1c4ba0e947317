package result

// ReportSchema is the name and version of a [Report].
const ReportSchema = "capsim/report/v1"

// Report is the document of `capsim report`: all that is known of one design,
// for people who have never seen its topology. Each part is the whole document
// of the verb that it is named after.
type Report struct {
	Schema    string `json:"schema"` // "capsim/report/v1"
	Version   string `json:"version"`
	Title     string `json:"title"`
	Design    string `json:"design"`    // that it is about; "" for the file as it stands
	Truncated bool   `json:"truncated"` // interrupted: parts are missing, or parts of parts
	// Missing are the parts that are not there, and why.
	Missing []MissingPart `json:"missing"`

	Result     *Result      `json:"result"`     // today: as of capsim run
	Stress     *Stress      `json:"stress"`     // headroom; as of capsim stress
	Drill      *DrillReport `json:"drill"`      // when one thing dies; as of capsim drill --every
	Runway     []Growth     `json:"runway"`     // when growth uses the headroom up, the growth that was asked about first
	Comparison *Comparison  `json:"comparison"` // of all designs; as of capsim compare
}

// Parts of a Report beside the result.
const (
	HeadroomPart = "headroom"
	FailuresPart = "failures"
	RunwayPart   = "runway"
	DesignsPart  = "designs"
)

// MissingPart says why a part is not there.
type MissingPart struct {
	Part string `json:"part"`
	Why  string `json:"why"` // a sentence without its full stop
}

// WhyMissing is why a part is not there, "" if nothing is said of it.
func (r *Report) WhyMissing(part string) string {
	for _, m := range r.Missing {
		if m.Part == part {
			return m.Why
		}
	}
	return ""
}
