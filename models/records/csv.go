package records

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/capsim/capsim/models/kind"
)

// Cell is one field of a row. It stays valid until the next row.
type Cell struct {
	Text []byte
	from int // bytes of the line, quotes included
	end  int
}

// CSV reads a table with a header, comma-separated as in RFC 4180.
type CSV struct {
	lines  *Lines
	header []string
	cells  []Cell
}

// OpenCSV reads the header of a table. With an error the CSV is nil.
func OpenCSV(r io.Reader, limits Limits) (*CSV, *Problem) {
	c := &CSV{lines: Open(r, limits)}
	line, ok := c.lines.Next()
	if !ok {
		if p := c.lines.Problem(); p != nil {
			return nil, p
		}
		return nil, &Problem{Line: 1, Col: 1, EndCol: 2, Code: "E601", Message: "the file is empty", Hint: "a table has a header and at least one row"}
	}
	if p := c.split(line); p != nil {
		return nil, p
	}
	seen := make(map[string]bool, len(c.cells))
	for i := range c.cells {
		name := string(bytes.TrimSpace(c.cells[i].Text))
		if seen[name] && name != "" {
			p := c.At(&c.cells[i], "E602", "column "+kind.QuoteText(name)+" appears twice", "")
			return nil, &p
		}
		seen[name] = true
		c.header = append(c.header, name)
	}
	return c, nil
}

// Column returns the number of the column of that name; a problem at the
// header if there is none.
func (c *CSV) Column(name string) (int, *Problem) {
	for i, h := range c.header {
		if h == name {
			return i, nil
		}
	}
	p := c.lines.At(0, len(c.lines.line), "E602",
		"there is no column "+kind.QuoteText(name)+kind.DidYouMean(name, c.header), "the columns are "+list(c.header))
	return 0, &p
}

// list writes names for a hint.
func list(names []string) string {
	quoted := make([]string, 0, len(names))
	for i, name := range names {
		if i == 20 {
			quoted = append(quoted, fmt.Sprintf("and %d more", len(names)-i))
			break
		}
		quoted = append(quoted, kind.QuoteText(name))
	}
	return strings.Join(quoted, ", ")
}

// Next returns the cells of the next row, as many as the header has. A
// ragged or broken row is a problem without cells; reading may go on after
// it. ok is false at the end, and with a problem that nothing can be read
// after.
func (c *CSV) Next() (cells []Cell, problem *Problem, ok bool) {
	line, ok := c.lines.Next()
	if !ok {
		return nil, c.lines.Problem(), false
	}
	if p := c.split(line); p != nil {
		return nil, p, true
	}
	if got, want := len(c.cells), len(c.header); got != want {
		from := 0
		if got > want {
			from = c.cells[want].from
		}
		p := c.lines.At(from, len(line), "E605", fmt.Sprintf("expected %d fields, got %d", want, got),
			"the file may be cut off here, or a field with a comma needs quotes")
		return nil, &p, true
	}
	return c.cells, nil, true
}

// Line returns the number of the current line, from 1.
func (c *CSV) Line() int { return c.lines.Number() }

// At makes a problem about a cell of the current row.
func (c *CSV) At(cell *Cell, code, message, hint string) Problem {
	return c.lines.At(cell.from, cell.end, code, message, hint)
}

// split cuts a line into c.cells.
func (c *CSV) split(line []byte) *Problem {
	c.cells = c.cells[:0]
	for i := 0; ; i++ {
		cell := Cell{from: i}
		if i < len(line) && line[i] == '"' {
			end := closingQuote(line, i)
			if end < 0 {
				p := c.lines.At(i, i+1, "E605", "this quote is not closed on its line", "a field may not span lines; the file may be cut off here")
				return &p
			}
			cell.Text = unquoted(line[i+1 : end])
			if i = end + 1; i < len(line) && line[i] != ',' {
				p := c.lines.At(i, i+1, "E605", "expected a comma after a quoted field, got "+kind.QuoteText(firstRune(line[i:])), `a quote inside a quoted field is doubled: ""`)
				return &p
			}
		} else {
			for i < len(line) && line[i] != ',' {
				i++
			}
			cell.Text = line[cell.from:i]
		}
		cell.end = i
		c.cells = append(c.cells, cell)
		if i >= len(line) {
			return nil
		}
	}
}

// closingQuote returns where the field quoted at from closes, -1 if nowhere.
func closingQuote(line []byte, from int) int {
	for i := from + 1; i < len(line); i++ {
		if line[i] != '"' {
			continue
		}
		if i+1 < len(line) && line[i+1] == '"' {
			i++
			continue
		}
		return i
	}
	return -1
}

// unquoted undoes the doubling of quotes.
func unquoted(text []byte) []byte {
	if !bytes.Contains(text, []byte(`""`)) {
		return text
	}
	return bytes.ReplaceAll(text, []byte(`""`), []byte(`"`))
}

func firstRune(text []byte) string {
	for i := range string(text) {
		if i > 0 {
			return string(text[:i])
		}
	}
	return string(text)
}
