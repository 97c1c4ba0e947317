package arrival

import (
	"math"
	"slices"
	"strings"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/sim"
)

// Row describes one arrival process, for the parser and for the manual.
type Row struct {
	Name    string
	Doc     string
	Source  string
	Example string

	start func(p profile, start sim.Time, s *sim.Stream) Process
}

// Table lists the arrival processes, in the order of the manual. It is never
// written to.
var Table = []Row{
	{
		Name:    "poisson",
		Doc:     "Independent requests: gaps are exponential. The rate may follow stages.",
		Source:  "Çinlar, Introduction to Stochastic Processes, 1975, section 4.7",
		Example: "poisson 800/s",
		start:   startPoisson,
	},
	{
		Name:    "constant",
		Doc:     "Requests at equal gaps, the first at the start. The rate may follow stages.",
		Example: "constant 800/s",
		start:   startRegular,
	},
}

// maxRate is one arrival a nanosecond: simulated time has no finer moments.
const maxRate = 1e9

// Parse reads the text of `arrivals`, such as "poisson 800/s", together with
// the ramps of `stages`, and multiplies all rates by load. With ramps the
// rate may be left out, and then begins at 0; so may the text, which then
// means "poisson".
func Parse(text string, ramps []Ramp, load float64) (Plan, *kind.LiteralError) {
	words := split(text)
	row := &Table[0]
	rate := 0.0
	switch {
	case len(words) == 0 && len(ramps) == 0:
		return nil, &kind.LiteralError{Code: "E301", Message: "expected arrivals, got an empty text", Hint: usage(), Len: len(text)}
	case len(words) > 0:
		var err *kind.LiteralError
		if row, err = find(words[0]); err != nil {
			return nil, err
		}
	}
	switch {
	case len(words) > 2:
		w := words[2]
		return nil, w.fail("E206", row.Name+" takes a rate and nothing else, got "+kind.QuoteText(w.text), usage())
	case len(words) == 2:
		var err *kind.LiteralError
		if rate, err = kind.ParseRate(words[1].text); err != nil {
			return nil, err.Moved(words[1].at)
		}
	case len(ramps) == 0:
		return nil, words[0].fail("E206", row.Name+" lacks its rate", usage())
	}
	highest := rate
	for _, r := range ramps {
		highest = max(highest, r.Target)
	}
	whole := word{text, 0}
	switch {
	case highest == 0 && len(ramps) > 0:
		return nil, whole.fail("E302", "the rate is 0 all the time", "delete the client to switch it off")
	case highest == 0:
		return nil, words[1].fail("E302", "the rate must be > 0, got "+kind.QuoteText(words[1].text), "delete the client to switch it off")
	case highest*load > maxRate:
		return nil, whole.fail("E705", "the rate must be at most 1G/s, one request a nanosecond", "")
	}
	return shaped{row, newProfile(rate, ramps, load)}, nil
}

// word is a part of a text and where it begins.
type word struct {
	text string
	at   int
}

func (w word) fail(code, message, hint string) *kind.LiteralError {
	return &kind.LiteralError{Code: code, Message: message, Hint: hint, Offset: w.at, Len: len(w.text)}
}

// split cuts a text at blanks.
func split(text string) []word {
	var words []word
	for i := 0; i < len(text); i++ {
		if text[i] == ' ' || text[i] == '\t' {
			continue
		}
		end := i
		for end < len(text) && text[end] != ' ' && text[end] != '\t' {
			end++
		}
		words = append(words, word{text[i:end], i})
		i = end
	}
	return words
}

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

func usage() string {
	examples := make([]string, len(Table))
	for i := range Table {
		examples[i] = kind.QuoteText(Table[i].Example)
	}
	return "as in " + strings.Join(examples, " or ")
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

// Stationary reports whether there are no stages that change anything.
func (p shaped) Stationary() bool { return len(p.profile) == 1 }

// forever is beyond the end of every run, and far enough from the largest
// Time for sums.
const forever = sim.Never / 2

// profile is a rate over time: segments that follow each other without gaps,
// the first from before any start, the last until forever.
type profile []segment

// segment is a time over which the rate is linear.
type segment struct {
	from, to  sim.Time
	perSecond float64 // the rate at from
	slope     float64 // its growth per second, per second
}

// newProfile lays out a rate and its ramps.
func newProfile(perSecond float64, ramps []Ramp, load float64) profile {
	rate := float64(perSecond * load)
	at := sim.Time(0)
	var p profile
	for _, r := range ramps {
		target := float64(r.Target * load)
		if r.Duration > 0 && at < forever {
			to := at + min(r.Duration, forever-at)
			p = append(p, segment{at, to, rate, (target - rate) / r.Duration.Seconds()})
			at = to
		}
		rate = target
	}
	p = append(p, segment{at, forever, rate, 0})
	before := p[0].perSecond
	flat := !slices.ContainsFunc(p, func(s segment) bool { return s.slope != 0 || s.perSecond != before })
	if flat {
		return profile{{-forever, forever, before, 0}}
	}
	return append(profile{{-forever, 0, before, 0}}, p...)
}

// rateAt returns the rate at some time within the segment.
func (s *segment) rateAt(t sim.Time) float64 {
	if s.slope == 0 {
		return s.perSecond
	}
	return max(0, s.perSecond+float64(s.slope*(t-s.from).Seconds()))
}

// mass is the expected number of arrivals between two times within the
// segment.
func (s *segment) mass(from, to sim.Time) float64 {
	return float64((s.rateAt(from) + s.rateAt(to)) / 2 * (to - from).Seconds())
}

// reach returns the seconds after which a rate that grows by slope has summed
// up to mass; +Inf if it never does. Of the two forms of the root of
// rate·x + slope·x²/2 = mass, this one has no cancellation, for small and
// negative slopes too.
func reach(rate, slope, mass float64) float64 {
	switch {
	case slope == 0:
		return mass / rate
	case mass == 0:
		return 0
	}
	square := float64(rate*rate) + float64(2*slope*mass)
	if square < 0 {
		return math.Inf(1)
	}
	return 2 * mass / (rate + math.Sqrt(square))
}
