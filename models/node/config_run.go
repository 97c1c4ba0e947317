package node

import "github.com/capsim/capsim/models/kind"

// RunConfig is the [run] table.
type RunConfig struct {
	kind.Place

	Duration     kind.Duration `key:"duration" absent:"10m" above:"0s" doc:"the measured window, after the warm-up; with stages, as long as they are if left out" example:"duration = \"10m\""`
	Warmup       Warmup        `key:"warmup" default:"auto" doc:"the time before the window; auto looks for it in a pilot run, and is 0 with a trace, stages, daily, wave or sessions" example:"warmup = \"1m\""`
	Drain        kind.Duration `key:"drain" absent:"as long as duration" min:"0s" doc:"how long, at most, the answers to the last requests are waited for" example:"drain = \"30s\""`
	Start        ClockTime     `key:"start" absent:"00:00" doc:"what time of day it is at time 0, for daily traffic and the schedules of autoscale" example:"start = \"18:00\""`
	Replications int           `key:"replications" default:"5" min:"1" limit:"10000" doc:"independent runs; the confidence intervals come from them; with precision, how many there are at least" example:"replications = 20"`
	Precision    kind.Ratio    `key:"precision" absent:"none" above:"0" doc:"adds replications, 5 at a time, until the 99th percentile of every client's latency has an interval of no more than this share of it to either side, or there are 100, in which case a warning says what was reached; designs that are compared get the number that the neediest of them needs; as many as replications says if left out" example:"precision = \"2%\""`
	Seed         uint64        `key:"seed" default:"1" min:"0" doc:"of the random numbers: another seed, other customers" example:"seed = 7"`
}

// With a precision, replications are added in waves of a fixed size, each of
// which is judged as a whole: how many run at once decides nothing.
const (
	PrecisionWave = 5
	PrecisionMost = 100
)

// Warmup is a duration, or "auto".
type Warmup struct {
	Auto   bool
	Length kind.Duration
}

// Read takes the word or the duration.
func (w *Warmup) Read(c kind.Cursor) {
	if c.Value.Type == kind.TypeString && c.Value.Text == "auto" {
		w.Auto = true
		return
	}
	if c.Value.Type != kind.TypeString && c.Value.Type != kind.TypeInteger && c.Value.Type != kind.TypeFloat {
		c.Wrong(`a duration such as "1m", or "auto"`, "")
		return
	}
	text := c.Value.Text
	if c.Value.Type != kind.TypeString {
		text = c.Value.Raw
	}
	if near := kind.Nearest(text, w.words()); len(near) > 0 {
		c.UnknownWord(text, w.words())
		return
	}
	n, err := kind.ParseDuration(text)
	if err != nil {
		c.Literal(err)
		return
	}
	w.Length = kind.Duration(n)
}

func (*Warmup) words() []string { return []string{"auto"} }

// Shape describes the value.
func (*Warmup) Shape() kind.Shape { return kind.Shape{Type: `a duration, or "auto"`} }

// ClockTime is a time of day.
type ClockTime struct{ SinceMidnight kind.Duration }

// Read takes the text.
func (t *ClockTime) Read(c kind.Cursor) {
	if c.Value.Type != kind.TypeString {
		c.Wrong(`a time of day such as "20:00"`, "")
		return
	}
	ns, err := kind.ParseClock(c.Value.Text)
	if err != nil {
		c.Literal(err)
		return
	}
	t.SinceMidnight = kind.Duration(ns)
}

// Shape describes the text.
func (*ClockTime) Shape() kind.Shape { return kind.Shape{Type: "a time of day"} }

// CheckName reports what is wrong with a key that is the name of an
// operation.
func CheckName(c kind.Cursor, e *kind.Entry) {
	if code, message := kind.BadName(e.Key); code != "" {
		c.Report(c.KeyProblem(e, code, message))
	}
}
