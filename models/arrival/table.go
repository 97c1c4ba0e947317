package arrival

import (
	"strings"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/sim"
)

// Row describes one arrival process, for the parser and for the manual.
type Row struct {
	Name       string
	Doc        string
	Source     string
	Example    string
	Parameters []Parameter // behind the rate, in any order

	// One of the two: start is of processes whose rate may follow stages,
	// daily and wave.
	start func(p profile, start sim.Time, s *sim.Stream) Process
	plan  func(a *arguments) Plan
}

// Parameter is one value that a process takes, written name=value.
type Parameter struct {
	Name     string
	Form     string // NUMBER, FACTOR, DURATION, COUNT
	Optional bool
	Doc      string
}

// batch makes every arrival one of several requests.
var batch = Parameter{
	Name: "batch", Form: "COUNT", Optional: true,
	Doc: "how many requests come at each arrival, at the same instant: a number, or a distribution of a count; the rate counts batches",
}

// Table lists the arrival processes, in the order of the manual. It is never
// written to.
var Table = []Row{
	{
		Name:       "poisson",
		Doc:        "Independent requests: gaps are exponential. The rate may follow stages, daily or wave.",
		Source:     "Çinlar, Introduction to Stochastic Processes, 1975, section 4.7",
		Example:    "poisson 800/s",
		Parameters: []Parameter{batch},
		start:      startPoisson,
	},
	{
		Name:       "constant",
		Doc:        "Requests at equal gaps, the first at the start. The rate may follow stages, daily or wave.",
		Example:    "constant 800/s",
		Parameters: []Parameter{batch},
		start:      startRegular,
	},
	{
		Name:    "gamma",
		Doc:     "Independent gaps with a gamma distribution: more regular than poisson for cv < 1, in clumps for cv > 1.",
		Source:  "Cox, Renewal Theory, 1962, sections 2.1 and 2.3",
		Example: "gamma 800/s cv=2",
		Parameters: []Parameter{
			{Name: "cv", Form: "NUMBER", Doc: "standard deviation / mean of the gaps, from 0.01 to 100"},
			batch,
		},
		plan: buildGamma,
	},
	{
		Name:    "bursty",
		Doc:     "Poisson requests whose rate jumps between two values, on and off for exponential times: a Markov-modulated Poisson process. The rate is the mean of both.",
		Source:  "Fischer and Meier-Hellstern, Performance Evaluation 18, 1993",
		Example: "bursty 800/s peak=4x on=10s off=60s",
		Parameters: []Parameter{
			{Name: "peak", Form: "FACTOR", Doc: "the rate while on, as a multiple of the mean; at most (on + off) / on"},
			{Name: "on", Form: "DURATION", Doc: "the mean time on"},
			{Name: "off", Form: "DURATION", Doc: "the mean time off, at the rate that is left for it"},
			batch,
		},
		plan: buildBursty,
	},
}

// maxRate is one arrival a nanosecond: simulated time has no finer moments.
const maxRate = 1e9

// find returns the row of the process that a word names.
func find(w word) (*Row, *kind.LiteralError) {
	var names []string
	for i := range Table {
		if Table[i].Name == w.text {
			return &Table[i], nil
		}
		names = append(names, Table[i].Name)
	}
	if _, err := kind.ParseRate(w.text); err == nil {
		return nil, w.fail("E205", "the name of the process must come first, got "+kind.QuoteText(w.text),
			`"poisson `+w.text+`" or "constant `+w.text+`"`)
	}
	return nil, w.fail("E205", "unknown arrival process "+kind.QuoteText(w.text)+kind.DidYouMean(w.text, names), usage())
}

// usage shows an example of each process, for a hint.
func usage() string {
	examples := make([]string, len(Table))
	for i := range Table {
		examples[i] = kind.QuoteText(Table[i].Example)
	}
	return "as in " + strings.Join(examples, " or ")
}

// usage shows what the process takes, for a hint.
func (r *Row) usage() string {
	var b strings.Builder
	b.WriteString(r.Name + " takes RATE")
	for _, p := range r.Parameters {
		form := p.Name + "=" + p.Form
		if p.Optional {
			form = "[" + form + "]"
		}
		b.WriteString(" " + form)
	}
	return b.String() + ", as in " + kind.QuoteText(r.Example)
}

// shaped is the Plan of a process whose rate follows a profile.
type shaped struct {
	row     *Row
	profile profile
}

// Start starts the process of the row.
func (p shaped) Start(start sim.Time, s *sim.Stream) Process { return p.row.start(p.profile, start, s) }

// MeanRate returns the mean of the profile.
func (p shaped) MeanRate(end sim.Time) float64 {
	if end <= 0 {
		return p.profile[0].perSecond
	}
	sum := 0.0
	for i := range p.profile {
		seg := &p.profile[i]
		from, to := max(seg.from, 0), min(seg.to, end)
		if from < to {
			sum += seg.mass(from, to)
		}
	}
	return sum / end.Seconds()
}

// Stationary reports whether the rate never changes.
func (p shaped) Stationary() bool { return len(p.profile) == 1 }
