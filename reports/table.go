package reports

import (
	"slices"

	"github.com/capsim/capsim/internal/result"
)

// A tone is what a cell means, for colour: never the only sign of it.
type tone string

const (
	neutral tone = ""
	good    tone = "good"
	bad     tone = "bad"
	unsure  tone = "unsure"
)

// A cell is one figure, or one word, of a table.
type cell struct {
	figure
	Mark  string // what stands after the unit, a star
	Note  int    // number of a footnote; 0 is none
	Tone  tone
	Depth int // how far a label is indented
}

// word makes a cell of text that a topology may have brought.
func word(s string) cell {
	return cell{figure: figure{Num: visible(s)}}
}

// empty reports whether the cell says nothing.
func (c cell) empty() bool {
	return (c.Num == "" || c.Num == noNumber) && c.Note == 0
}

// A column is the heading of one.
type column struct {
	Title string
	Left  bool   // text; figures are aligned on the right
	Long  bool   // text that may take several lines
	Again bool   // tells apart the rows of one name: a terminal has it again where a table goes on below
	Spare int    // a terminal too narrow for all leaves out the columns that have one, the greatest first
	Help  string // a sentence about the figures below
}

// A table is what text, Markdown and HTML render alike. Its first Labels
// columns name the row; in a terminal they are cut at LabelWidth columns.
type table struct {
	Title      string
	Labels     int
	LabelWidth int
	Headed     bool // a terminal shows the titles of the labels, and not that of the table
	Columns    []column
	Rows       [][]cell
}

const (
	nameWidth      = 36 // of a node, client or operation
	objectiveWidth = 60
)

// add appends a row.
func (t *table) add(cells ...cell) {
	t.Rows = append(t.Rows, cells)
}

// trimmed is t without the columns of figures in which every cell is empty. A
// table that has no figures at all has no rows: its names alone say nothing.
func (t table) trimmed() table {
	kept := t
	kept.Columns, kept.Rows = nil, nil
	var at []int
	for i, c := range t.Columns {
		full := func(row []cell) bool { return i < len(row) && !row[i].empty() }
		if i < t.Labels || slices.ContainsFunc(t.Rows, full) {
			kept.Columns = append(kept.Columns, c)
			at = append(at, i)
		}
	}
	if len(at) == t.Labels && len(t.Columns) > t.Labels {
		return kept
	}
	for _, row := range t.Rows {
		var cells []cell
		for _, i := range at {
			cells = append(cells, row[i])
		}
		kept.add(cells...)
	}
	return kept
}

// merged is t with a first label left out where it is that of the row above.
func (t table) merged() table {
	rows := slices.Clone(t.Rows)
	for i := range rows {
		if i > 0 && t.Rows[i][0] == t.Rows[i-1][0] {
			rows[i] = slices.Clone(rows[i])
			rows[i][0] = cell{}
		}
	}
	t.Rows = rows
	return t
}

// footnotes collects the notes of estimates and numbers them as they come.
// Equal notes share a number.
type footnotes struct {
	texts []string
}

func (n *footnotes) number(text string) int {
	if text == "" {
		return 0
	}
	text = visible(text)
	if i := slices.Index(n.texts, text); i >= 0 {
		return i + 1
	}
	n.texts = append(n.texts, text)
	return len(n.texts)
}

// estimate is the cell of e.
func (n *footnotes) estimate(e result.Estimate, u unit) cell {
	c := cell{Note: n.number(e.Note)}
	switch {
	case e.Mean != nil:
		c.figure = newFigure(*e.Mean, e.HalfWidth, u, significant)
	case c.Note == 0:
		c.Num = noNumber
	}
	return c
}

// value is the cell of a number without an interval.
func value(v float64, u unit) cell {
	return cell{figure: newFigure(v, nil, u, significant)}
}
