package arrival

import (
	"bytes"
	"fmt"
	"io"
	"math"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/records"
	"github.com/capsim/capsim/sim"
)

// KeysOptions say how to read a list of keys.
type KeysOptions struct {
	Rate   float64 // keys per second
	Limits records.Limits
}

// ReadKeys reads one key a line, whatever it looks like, as a trace with equal
// gaps. With problems there is no trace.
func ReadKeys(r io.Reader, o KeysOptions) (*Trace, []Problem) {
	lines := records.Open(r, o.Limits)
	var names dense
	trace := &Trace{}
	for {
		line, ok := lines.Next()
		if !ok {
			break
		}
		trace.Keys = append(trace.Keys, names.of(bytes.TrimSpace(line)))
	}
	if problem := lines.Problem(); problem != nil {
		return nil, []Problem{*problem}
	}
	n := len(trace.Keys)
	if n == 0 {
		return nil, []Problem{empty("one key a line is expected")}
	}
	if float64(n)*1e9/o.Rate >= float64(forever) {
		return nil, []Problem{*tooLong()}
	}
	moment := func(i int) sim.Time { return sim.Time(math.Floor(float64(i)*1e9/o.Rate + 0.5)) } // k·1e9 is exact
	trace.Times = make([]sim.Time, n)
	for i := range trace.Times {
		trace.Times[i] = moment(i)
	}
	trace.Span = moment(n)
	return trace, nil
}

// CountsOptions say how to read a list of counts.
type CountsOptions struct {
	Every  sim.Time // what each line stands for
	Limits records.Limits
}

// maxArrivals is how many requests a trace of counts may stand for, where the
// limit on rows does not say so.
const maxArrivals = 20_000_000

// ReadCounts reads the number of arrivals in each of the intervals that follow
// each other, one a line, as a trace in which they are spread over their
// interval like those of one second of a log. With problems, at most
// [records.MaxProblems] of them, there is no trace.
func ReadCounts(r io.Reader, o CountsOptions) (*Trace, []Problem) {
	c := countReader{lines: records.Open(r, o.Limits), every: o.Every, most: maxArrivals, purpose: sim.HashName("counts", "within an interval")}
	if o.Limits.Rows > 0 {
		c.most = o.Limits.Rows
	}
	for !c.problems.Full() {
		line, ok := c.lines.Next()
		if !ok {
			break
		}
		if !c.row(line) {
			break
		}
	}
	if problem := c.lines.Problem(); problem != nil {
		c.problems.Add(*problem)
	}
	switch {
	case len(c.problems) > 0:
	case c.intervals == 0:
		c.problems.Add(empty("one number of arrivals a line is expected"))
	case len(c.trace.Times) == 0:
		c.problems.Add(Problem{Line: 1, Col: 1, EndCol: 2, Code: "E601", Message: "the trace has no arrivals", Hint: "all of its counts are 0"})
	}
	if len(c.problems) > 0 {
		return nil, c.problems
	}
	c.trace.Span = sim.Time(c.intervals) * c.every
	return &c.trace, nil
}

// countReader is a list of counts on its way to a trace.
type countReader struct {
	lines     *records.Lines
	problems  records.Problems
	every     sim.Time
	purpose   uint64
	intervals int
	most      int // arrivals together
	places    []float64
	trace     Trace
}

// row takes one line; false if there is no sense in going on.
func (c *countReader) row(line []byte) bool {
	if at := c.intervals + 1; c.lines.Number() != at && len(c.problems) == 0 {
		c.problems.Add(Problem{
			Line: at, Col: 1, EndCol: 2, Code: "E604", Message: "expected a number of arrivals, got an empty line",
			Hint: "write 0 where nothing came: each line stands for an interval",
		})
		return false
	}
	n, ok := wholeNumber(bytes.TrimSpace(line))
	switch {
	case !ok:
		c.problems.Add(c.lines.At(0, len(line), "E604", "expected a whole number of arrivals, got "+kind.QuoteText(string(line)),
			"one number from 0 a line, and nothing else: no header, no time"))
		n = 0
	case n > c.most-len(c.trace.Times):
		c.problems.Add(c.lines.At(0, len(line), "E703", fmt.Sprintf("more than %d arrivals together", c.most), "take a part of the file"))
		return false
	case c.every > forever/sim.Time(c.intervals+1):
		c.problems.Add(*tooLong())
		return false
	}
	c.places = placesWithin(c.places, c.purpose, uint64(c.intervals), n)
	from := sim.Time(c.intervals) * c.every
	for _, place := range c.places {
		c.trace.Times = append(c.trace.Times, from+min(sim.Time(float64(place*float64(c.every))), c.every-1))
	}
	c.intervals++
	return true
}

// wholeNumber reads digits; numbers beyond a billion are cut to it.
func wholeNumber(text []byte) (n int, ok bool) {
	if len(text) == 0 {
		return 0, false
	}
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = min(10*n+int(c-'0'), 1e9)
	}
	return n, true
}
