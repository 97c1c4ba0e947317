package arrival

import (
	"bytes"
	"io"
	"slices"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/records"
	"github.com/capsim/capsim/sim"
)

// CSVOptions say which columns of a table are what. Only Time must be named.
type CSVOptions struct {
	Time   string // when the request came
	Op     string // operation
	Key    string // which item: any text
	Source string // client address: any text
	Size   string // bytes of the answer

	Unit   string   // of numeric times; "": times are RFC 3339
	Want   []string // numeric columns to keep, for trace laws
	Sort   bool     // sort the rows by time
	Limits records.Limits
}

// ReadCSV reads a table with a header as a trace. With problems, at most
// [records.MaxProblems] of them, there is no trace.
func ReadCSV(r io.Reader, o CSVOptions) (*Trace, []Problem) {
	table, problem := records.OpenCSV(r, o.Limits)
	if problem != nil {
		return nil, []Problem{*problem}
	}
	c := csvReader{table: table, order: order{sort: o.Sort}}
	c.choose(o)
	if len(c.problems) > 0 {
		return nil, c.problems
	}
	for !c.problems.Full() {
		cells, problem, ok := table.Next()
		if problem != nil {
			c.problems.Add(*problem)
		}
		if !ok {
			break
		}
		if cells != nil {
			c.row(cells)
		}
	}
	c.order.report(&c.problems)
	if len(c.problems) == 0 && len(c.stamps) == 0 {
		c.problems.Add(empty("there is only a header"))
	}
	if len(c.problems) > 0 {
		return nil, c.problems
	}
	c.keep()
	c.trace.sorted(c.stamps, c.wanted)
	if c.trace.Times, problem = relative(c.stamps); problem != nil {
		return nil, []Problem{*problem}
	}
	return &c.trace, nil
}

// csvReader is a table on its way to a trace.
type csvReader struct {
	table    *records.CSV
	problems records.Problems
	order    order
	unit     sim.Time // 0: RFC 3339
	dated    bool     // a row has had an RFC 3339 time,
	zoned    bool     // with a zone
	trace    Trace
	stamps   []int64

	time, op, key, source, size int // column numbers, absent: none
	keys, sources               dense
	ops                         map[string]string // one copy of each
	wanted                      []wanted
}

// absent is the number of a column that is not used.
const absent = -1

// wanted is a numeric column that is kept.
type wanted struct {
	name   string
	column int
	values []float64
}

// choose finds the columns.
func (c *csvReader) choose(o CSVOptions) {
	if o.Unit != "" {
		unit, err := ParseUnit(o.Unit)
		if err != nil {
			c.problems.Add(Problem{Line: 1, Col: 1, EndCol: 2, Code: err.Code, Message: err.Message, Hint: err.Hint})
		}
		c.unit = unit
	}
	c.time = c.column(o.Time)
	c.op, c.key, c.source, c.size = c.optional(o.Op), c.optional(o.Key), c.optional(o.Source), c.optional(o.Size)
	names := slices.Compact(slices.Sorted(slices.Values(o.Want)))
	for _, name := range names {
		c.wanted = append(c.wanted, wanted{name: name, column: c.column(name)})
	}
	c.ops = map[string]string{}
}

func (c *csvReader) optional(name string) int {
	if name == "" {
		return absent
	}
	return c.column(name)
}

// column finds a column that must be there.
func (c *csvReader) column(name string) int {
	i, problem := c.table.Column(name)
	if problem != nil {
		c.problems.Add(*problem)
	}
	return i
}

// row takes one row.
func (c *csvReader) row(cells []records.Cell) {
	at, ok := c.when(&cells[c.time])
	if ok {
		c.order.note(at, func() Problem {
			return c.table.At(&cells[c.time], "E603", "the time "+kind.QuoteText(string(cells[c.time].Text))+" is before that of a row above", "")
		})
	}
	c.stamps = append(c.stamps, at)
	t := &c.trace
	if c.op != absent {
		t.Ops = append(t.Ops, c.operation(&cells[c.op]))
	}
	if c.key != absent {
		t.Keys = append(t.Keys, c.keys.of(cells[c.key].Text))
	}
	if c.source != absent {
		t.Sources = append(t.Sources, c.sources.of(cells[c.source].Text))
	}
	if c.size != absent {
		t.Sizes = append(t.Sizes, c.number(&cells[c.size]))
	}
	for i := range c.wanted {
		w := &c.wanted[i]
		w.values = append(w.values, c.number(&cells[w.column]))
	}
}

// keep gives the trace its numeric columns.
func (c *csvReader) keep() {
	if len(c.wanted) > 0 {
		c.trace.Columns = make(map[string][]float64, len(c.wanted))
	}
	for _, w := range c.wanted {
		c.trace.Columns[w.name] = w.values
	}
}

// when reads a time as nanoseconds.
func (c *csvReader) when(cell *records.Cell) (int64, bool) {
	text := bytes.TrimSpace(cell.Text)
	got := kind.QuoteText(string(cell.Text))
	if c.unit == 0 {
		at, zoned, ok := stamp(text)
		switch {
		case !ok:
		case !c.dated:
			c.dated, c.zoned = true, zoned
		case zoned != c.zoned:
			c.problems.Add(c.table.At(cell, "E604", "expected a time "+withZone(c.zoned)+" as in the rows above, got "+got,
				"give all times a zone, as in 2023-11-16T18:15:46Z, or none: where some have one, nobody can say when the others are"))
			return at, false
		}
		if !ok {
			hint := `as in "2023-11-16T18:15:46.68Z" or "2023-11-16 18:15:46.68"`
			if _, plain := records.Decimal(text); plain {
				hint = `for numbers give their unit, as in unit = "s"`
			}
			c.problems.Add(c.table.At(cell, "E604", "expected an RFC 3339 time, got "+got, hint))
		}
		return at, ok
	}
	at, ok := records.Nanoseconds(text, int64(c.unit))
	if !ok {
		hint := plainNumbers
		if _, _, isStamp := stamp(text); isStamp {
			hint = "leave out unit for RFC 3339 times"
		}
		if x, plain := records.Decimal(text); plain && x >= 0 {
			c.problems.Add(c.table.At(cell, "E304", "the time is past 146 years, got "+got,
				"is it in another unit? Since 1970, it is 10 digits of seconds, 13 of milliseconds, 16 of microseconds and 19 of nanoseconds"))
			return at, false
		}
		c.problems.Add(c.table.At(cell, "E604", "expected a plain decimal number from 0, got "+got, hint))
	}
	return at, ok
}

func withZone(zoned bool) string {
	if zoned {
		return "with a zone"
	}
	return "without a zone"
}

// number reads a number that is not negative.
func (c *csvReader) number(cell *records.Cell) float64 {
	x, ok := records.Decimal(bytes.TrimSpace(cell.Text))
	if !ok || x < 0 {
		c.problems.Add(c.table.At(cell, "E604", "expected a plain decimal number from 0, got "+kind.QuoteText(string(cell.Text)), plainNumbers))
	}
	return x
}

// plainNumbers is the hint at what a numeric column holds.
const plainNumbers = "as in 12, 0.5 or 1.5e-3: no sign, no separators, no NaN; a row without a value does not belong in a trace"

// operation reads the name of an operation.
func (c *csvReader) operation(cell *records.Cell) string {
	if len(cell.Text) == 0 {
		c.problems.Add(c.table.At(cell, "E604", "the name of the operation is missing", "every row names the operation that it asks for"))
	}
	name, known := c.ops[string(cell.Text)]
	if !known {
		name = string(cell.Text)
		c.ops[name] = name
	}
	return name
}
