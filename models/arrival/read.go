package arrival

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/records"
	"github.com/capsim/capsim/sim"
)

// Problem is something wrong at a place of a trace file.
type Problem = records.Problem

// dense numbers texts in order of first appearance.
type dense struct{ number map[string]uint64 }

func (d *dense) of(text []byte) uint64 {
	n, known := d.number[string(text)]
	if !known {
		if d.number == nil {
			d.number = map[string]uint64{}
		}
		n = uint64(len(d.number))
		d.number[string(text)] = n
	}
	return n
}

// renumber makes numbers dense in order of first appearance again.
func renumber(numbers []uint64) {
	seen := make(map[uint64]uint64)
	for i, n := range numbers {
		first, known := seen[n]
		if !known {
			first = uint64(len(seen))
			seen[n] = first
		}
		numbers[i] = first
	}
}

// order watches that times do not go back.
type order struct {
	sort   bool
	latest int64
	rows   int
	back   int // rows that are earlier than one before them
	first  Problem
}

// note takes the next row's time; problem makes the problem of a row that
// goes back.
func (o *order) note(t int64, problem func() Problem) {
	if o.rows++; o.rows == 1 || t >= o.latest {
		o.latest = t
		return
	}
	if o.back++; o.back == 1 {
		o.first = problem()
	}
}

// report adds the problem of unsorted rows, unless they are to be sorted.
func (o *order) report(problems *records.Problems) {
	if o.back == 0 || o.sort {
		return
	}
	if o.back > 1 {
		o.first.Message += fmt.Sprintf(", and %d later rows go back as well", o.back-1)
	}
	o.first.Hint = "sort = true sorts the rows by time"
	problems.Add(o.first)
	slices.SortStableFunc(*problems, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
}

// sorted puts the rows of a trace, with its numeric columns, in order of their
// stamps, rows of equal stamps in the order of the file.
func (t *Trace) sorted(stamps []int64, columns []wanted) {
	if slices.IsSorted(stamps) {
		return
	}
	by := make([]int32, len(stamps))
	for i := range by {
		by[i] = int32(i)
	}
	slices.SortStableFunc(by, func(a, b int32) int { return cmp.Compare(stamps[a], stamps[b]) })
	arrange(by, stamps)
	arrange(by, t.Ops)
	arrange(by, t.Keys)
	arrange(by, t.Sources)
	arrange(by, t.Sizes)
	for _, c := range columns {
		arrange(by, c.values)
	}
	renumber(t.Keys)
	renumber(t.Sources)
}

// arrange puts values, if there are any, in another order.
func arrange[T any](by []int32, values []T) {
	if values == nil {
		return
	}
	old := slices.Clone(values)
	for i, from := range by {
		values[i] = old[from]
	}
}

// relative turns rising stamps into times from the first. It fails if they
// span more than simulated time can.
func relative(stamps []int64) ([]sim.Time, *Problem) {
	times := make([]sim.Time, len(stamps))
	for i, t := range stamps {
		span := uint64(t) - uint64(stamps[0]) // exact, whatever the signs
		if span > uint64(forever) {
			return nil, tooLong()
		}
		times[i] = sim.Time(span)
	}
	return times, nil
}

// tooLong is the problem of a trace that simulated time cannot hold.
func tooLong() *Problem {
	return &Problem{Line: 1, Col: 1, EndCol: 2, Code: "E304", Message: "the trace is longer than 146 years", Hint: "take a part of the file"}
}

// placesWithin draws n places in [0, 1), in order, from what they are for
// and a number alone: they are the same wherever they are asked for.
func placesWithin(places []float64, purpose, number uint64, n int) []float64 {
	s := sim.Keyed(sim.Mix(purpose, number))
	places = places[:0]
	for range n {
		places = append(places, s.Float64())
	}
	slices.Sort(places)
	return places
}

// empty is the problem of a trace without rows.
func empty(what string) Problem {
	return Problem{Line: 1, Col: 1, EndCol: 2, Code: "E601", Message: "the trace has no rows", Hint: what}
}

// stamp reads an RFC 3339 time as nanoseconds since 1970; the T may be a
// blank, and without a zone the time is UTC. ok is false for other text, and
// for years that nanoseconds do not reach.
func stamp(text []byte) (ns int64, zoned, ok bool) {
	const day = len("2006-01-02T")
	if len(text) < day || len(text) > 64 || text[day-1] != 'T' && text[day-1] != ' ' {
		return 0, false, false
	}
	normal := string(text[:day-1]) + "T" + string(text[day:])
	at, err := time.Parse(time.RFC3339Nano, normal)
	if zoned = err == nil; !zoned {
		if at, err = time.Parse(time.RFC3339Nano, normal+"Z"); err != nil {
			return 0, false, false
		}
	}
	if year := at.Year(); year < 1700 || year > 2200 {
		return 0, false, false
	}
	return at.UnixNano(), zoned, true
}

// units are the units of numeric time stamps.
var units = []struct {
	name string
	ns   sim.Time
}{
	{"ns", sim.Nanosecond}, {"us", sim.Microsecond}, {"ms", sim.Millisecond},
	{"s", sim.Second}, {"min", 60 * sim.Second}, {"h", 3600 * sim.Second},
}

// ParseUnit reads the unit of numeric time stamps: ns, us, ms, s, min or h.
func ParseUnit(text string) (sim.Time, *kind.LiteralError) {
	var names []string
	for _, u := range units {
		if u.name == text {
			return u.ns, nil
		}
		names = append(names, u.name)
	}
	return 0, &kind.LiteralError{
		Code: "E301", Message: "unknown unit " + kind.QuoteText(text) + kind.DidYouMean(text, names),
		Hint: "units: ns, us, ms, s, min, h", Len: len(text),
	}
}
