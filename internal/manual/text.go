package manual

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// TextOptions say what a terminal can do.
type TextOptions struct {
	Width int // of lines; 0 is 80
	Color bool
}

// The narrowest and the widest lines that are pleasant to read.
const (
	narrowest = 40
	usual     = 80
	widest    = 100
)

// text sets pages for a terminal.
type text struct {
	b     strings.Builder
	width int
	color bool
}

func newText(o TextOptions) *text {
	t := &text{width: min(max(o.Width, narrowest), widest), color: o.Color}
	if o.Width == 0 {
		t.width = usual
	}
	return t
}

// Text prints pages, one after the other.
func (b *Book) Text(w io.Writer, pages []*Page, o TextOptions) error {
	t := newText(o)
	for i, p := range pages {
		if i > 0 {
			t.b.WriteByte('\n')
		}
		t.page(b, p)
	}
	_, err := io.WriteString(w, t.b.String())
	return err
}

// Contents prints the table of contents.
func (b *Book) Contents(w io.Writer, o TextOptions) error {
	t := newText(o)
	t.line(t.bold("The language of capsim"))
	t.line("")
	for _, c := range b.Chapters {
		t.line(t.bold(c.Title))
		names := slices.Clone(c.names)
		for _, p := range c.Pages[min(1, len(c.Pages)):] {
			if c.names == nil {
				names = append(names, strings.TrimPrefix(p.Path, c.Path+"."))
			}
		}
		if len(names) == 0 {
			names = []string{c.Path}
		}
		if c.names == nil {
			names = compact(names)
		}
		t.wrapped("  ", "  ", strings.Join(names, ", "))
		t.line("")
	}
	t.wrapped("", "", "capsim explain TOPIC explains any of these: capsim explain "+b.Chapters[0].Path+", capsim explain server.instances, "+
		"capsim explain lognormal, capsim explain E302.")
	_, err := io.WriteString(w, t.b.String())
	return err
}

// compact leaves out the keys of tables within tables: their table's page
// lists them.
func compact(names []string) []string {
	var short []string
	seen := map[string]bool{}
	for _, name := range names {
		first, _, _ := strings.Cut(name, ".")
		if !seen[first] {
			seen[first] = true
			short = append(short, first)
		}
	}
	return short
}

func (t *text) page(b *Book, p *Page) {
	t.wrapped("", "  ", t.bold(p.Path)+" — "+p.Sort)
	t.line("")
	t.wrapped("  ", "  ", p.Doc)
	if len(p.Facts) > 0 {
		t.line("")
		column := 0
		for _, f := range p.Facts {
			column = max(column, utf8.RuneCountInString(f.Name)+2)
		}
		for _, f := range p.Facts {
			label := f.Name + strings.Repeat(" ", column-utf8.RuneCountInString(f.Name))
			t.wrapped("  "+t.dim(label), "  "+strings.Repeat(" ", column), f.Text)
		}
	}
	t.rows(p.Rows)
	t.words(b, p)
	if p.Example != "" {
		t.line("")
		t.line("  " + t.dim("Example"))
		for line := range strings.SplitSeq(p.Example, "\n") {
			t.line("    " + line)
		}
	}
	if len(p.See) > 0 {
		t.line("")
		t.wrapped("  "+t.dim("See also")+"  ", "            ", "capsim explain "+strings.Join(p.See, ", capsim explain "))
	}
}

// words explains the values that a key may have, where they have pages.
func (t *text) words(b *Book, p *Page) {
	if p.field == nil {
		return
	}
	var rows []Row
	for _, word := range p.field.Words {
		if pages := b.pages[word]; len(pages) > 0 {
			rows = append(rows, Row{word, firstSentence(pages[0].Doc)})
		}
	}
	t.rows(rows)
}

// rows prints names and what they mean, below each other.
func (t *text) rows(rows []Row) {
	if len(rows) == 0 {
		return
	}
	t.line("")
	column := 0
	for _, r := range rows {
		if n := utf8.RuneCountInString(r.Name); n <= t.width/3 {
			column = max(column, n+2)
		}
	}
	for _, r := range rows {
		n := utf8.RuneCountInString(r.Name)
		if n+2 > column {
			t.line("  " + r.Name)
			t.wrapped("  "+strings.Repeat(" ", column), "  "+strings.Repeat(" ", column), r.Doc)
			continue
		}
		t.wrapped("  "+r.Name+strings.Repeat(" ", column-n), "  "+strings.Repeat(" ", column), r.Doc)
	}
}

func (t *text) line(s string) { t.b.WriteString(strings.TrimRight(s, " ") + "\n") }

// wrapped sets words into lines, the first and the others each after their
// indent. A word that is longer than a line has one for itself.
func (t *text) wrapped(first, others, words string) {
	line, used := first, visible(first)
	begun := false
	for _, word := range strings.Fields(words) {
		n := visible(word)
		if begun && used+1+n > t.width {
			t.line(line)
			line, used, begun = others, visible(others), false
		}
		if begun {
			line, used = line+" ", used+1
		}
		line, used, begun = line+word, used+n, true
	}
	t.line(line)
}

// The escapes of a terminal.
const (
	escBold  = "\x1b[1m"
	escDim   = "\x1b[2m"
	escReset = "\x1b[0m"
)

// visible is the width of a text without its escapes.
func visible(s string) int {
	for _, esc := range []string{escBold, escDim, escReset} {
		s = strings.ReplaceAll(s, esc, "")
	}
	return utf8.RuneCountInString(s)
}

func (t *text) bold(s string) string { return t.escaped(escBold, s) }
func (t *text) dim(s string) string  { return t.escaped(escDim, s) }

func (t *text) escaped(esc, s string) string {
	if !t.color {
		return s
	}
	return fmt.Sprint(esc, s, escReset)
}
