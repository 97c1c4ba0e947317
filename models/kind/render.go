package kind

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// maxExcerpt is how many characters of a line an excerpt shows.
const maxExcerpt = 64

// WriteText prints the findings for people: for each its headline, the line
// that it is about with a mark below, other places and a hint; then how many
// there were. Outcome ends the last line ("nothing was simulated") and may be
// empty. Nothing is printed where nothing was found.
func (r *Report) WriteText(w io.Writer, outcome string) error {
	if r.errors+r.warnings == 0 {
		return nil
	}
	var b bytes.Buffer
	shown := r.shown()
	for i := range shown {
		r.writeOne(&b, &shown[i])
	}
	if rest := r.errors + r.warnings - len(shown); rest > 0 {
		fmt.Fprintf(&b, "… and %d more\n", rest)
	}
	fmt.Fprintf(&b, "%s, %s", plural(r.errors, "error"), plural(r.warnings, "warning"))
	if outcome != "" {
		b.WriteString("; " + outcome)
	}
	b.WriteByte('\n')
	_, err := w.Write(b.Bytes())
	return err
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func (r *Report) writeOne(b *bytes.Buffer, d *Diagnostic) {
	b.WriteString(d.Headline())
	b.WriteByte('\n')
	r.writeExcerpt(b, d.Pos)
	for _, other := range d.Related {
		fmt.Fprintf(b, "  see %s:%d:%d: %s\n", escape(other.File), other.Line, other.Col, escape(other.Message))
	}
	if d.Hint != "" {
		fmt.Fprintf(b, "  hint: %s\n", escape(d.Hint))
	}
}

// writeExcerpt shows a line of a source and marks a part of it. What is
// about a whole file has no end, and nothing to show.
func (r *Report) writeExcerpt(b *bytes.Buffer, pos Pos) {
	rank := r.rank(pos.File)
	if rank == len(r.sources) || pos.EndCol <= pos.Col {
		return
	}
	text, from, to := r.sources[rank].line(pos)
	if text == "" {
		return
	}
	text, from, to = window(text, from, to)
	var shown strings.Builder
	mark, width := -1, 0
	for at, column := 0, 0; at < len(text); column++ {
		r, size := utf8.DecodeRuneInString(text[at:])
		if column == from {
			mark = countRunes(shown.String())
		}
		if r == '\t' {
			shown.WriteByte(' ')
		} else {
			shown.WriteString(escapeRune(r, size, text[at]))
		}
		if column < to {
			width = countRunes(shown.String()) - max(mark, 0)
		}
		at += size
	}
	if mark < 0 { // just past the end of the line
		mark, width = countRunes(shown.String()), 1
	}
	fmt.Fprintf(b, "%5d | %s\n", pos.Line, strings.TrimRight(shown.String(), " "))
	fmt.Fprintf(b, "      | %s%s\n", strings.Repeat(" ", mark), strings.Repeat("^", max(width, 1)))
}

// line returns the text of a position's line, and from which to which
// character (counted from 0) it reaches.
func (s *source) line(pos Pos) (text string, from, to int) {
	if s.words != nil {
		if pos.Col < 1 || pos.Col > len(s.words) {
			return "", 0, 0
		}
		from = countRunes(strings.Join(s.words[:pos.Col-1], " "))
		if pos.Col > 1 {
			from++
		}
		return strings.Join(s.words, " "), from, from + countRunes(s.words[pos.Col-1])
	}
	if pos.Line < 1 || pos.Line > len(s.lines) {
		return "", 0, 0
	}
	text = strings.TrimSuffix(s.lines[pos.Line-1], "\r")
	if pos.Line == 1 {
		text = strings.TrimPrefix(text, "\ufeff")
	}
	return text, pos.Col - 1, max(pos.EndCol, pos.Col+1) - 1
}

// window cuts a long line to the part around from.
func window(text string, from, to int) (string, int, int) {
	total := countRunes(text)
	if total <= maxExcerpt {
		return text, from, min(to, max(total, from+1))
	}
	first := 0
	if to > maxExcerpt-2 {
		first = max(min(from-maxExcerpt/4, total-maxExcerpt+2), 0)
	}
	last := min(first+maxExcerpt-2, total)
	start, end, column := 0, len(text), 0
	for at := range text {
		switch column {
		case first:
			start = at
		case last:
			end = at
		}
		column++
	}
	cut := text[start:end]
	from, to = from-first, min(to, last)-first
	if first > 0 {
		cut, from, to = "…"+cut, from+1, to+1
	}
	if last < total {
		cut += "…"
	}
	return cut, from, max(to, from+1)
}

// jsonDiagnostic is the shape of a finding in JSON.
type jsonDiagnostic struct {
	Code     string        `json:"code"`
	Severity string        `json:"severity"`
	File     string        `json:"file"`
	Line     int           `json:"line"`
	Col      int           `json:"col"`
	EndCol   int           `json:"end_col"`
	Key      string        `json:"key"`
	Message  string        `json:"message"`
	Hint     string        `json:"hint"`
	Related  []jsonRelated `json:"related"`
}

type jsonRelated struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Col     int    `json:"col"`
	EndCol  int    `json:"end_col"`
	Message string `json:"message"`
}

// WriteJSON prints the findings as one JSON array, for machines: the same
// ones in the same order as WriteText.
func (r *Report) WriteJSON(w io.Writer) error {
	out := []jsonDiagnostic{}
	for _, d := range r.shown() {
		j := jsonDiagnostic{
			Code: d.Code, Severity: d.Severity().String(), File: escape(d.File),
			Line: max(d.Line, 1), Col: max(d.Col, 1), EndCol: max(d.EndCol, d.Col+1, 2),
			Key: escape(d.Key), Message: escape(d.Message), Hint: escape(d.Hint), Related: []jsonRelated{},
		}
		for _, other := range d.Related {
			j.Related = append(j.Related, jsonRelated{
				escape(other.File), other.Line, other.Col, max(other.EndCol, other.Col+1), escape(other.Message),
			})
		}
		out = append(out, j)
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(out)
}
