package topologies

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/capsim/capsim/models/kind"
)

// guard looks at the bytes of a file before any TOML library does: both of
// the ones in use can be kept busy for minutes by a small file. It takes one
// pass and constant memory. It reports the first thing that is wrong, if any.
func guard(src *source, report *kind.Report) bool { return guardAfter(src, report, &counts{}) }

// guardAfter is guard for a file that is read after others, with which it
// shares the limits on what there is of everything.
func guardAfter(src *source, report *kind.Report, c *counts) bool {
	if !guardEncoding(src, report) {
		return false
	}
	g := scanner{data: src.data, counts: c}
	if code, message, hint, at, size := g.run(); code != "" {
		report.Add(src.problem(code, at, at+size, src.name, message).WithHint(hint))
		return false
	}
	return true
}

// guardEncoding refuses what is not text in UTF-8.
func guardEncoding(src *source, report *kind.Report) bool {
	data := src.data
	whole := func(code, message, hint string) bool {
		report.Add(kind.Diagnostic{Code: code, Pos: src.start(), Key: src.name, Message: message, Hint: hint})
		return false
	}
	switch {
	case bytes.HasPrefix(data, []byte{0x1f, 0x8b}):
		return whole("E101", "expected TOML; this looks like gzip", "unpack it first: gunzip")
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}), bytes.HasPrefix(data, []byte{0xfe, 0xff}),
		len(data) >= 4 && (data[0] == 0) != (data[1] == 0) && (data[0] == 0) == (data[2] == 0) && (data[1] == 0) == (data[3] == 0):
		return whole("E102", "the file is UTF-16, and TOML must be UTF-8", "iconv -f UTF-16 -t UTF-8 FILE > FILE.utf8")
	}
	lineStart := 0
	for i := 0; i < len(data); {
		c := data[i]
		switch {
		case c == '\n':
			lineStart = i + 1
		case c == '\r' && i+1 < len(data) && data[i+1] == '\n', c == '\t':
		case c < ' ' || c == 0x7f:
			message := fmt.Sprintf(`the control character \x%02X is not allowed`, c)
			hint := fmt.Sprintf(`remove it; within a string it is written \u%04x`, c)
			if c == '\r' {
				hint = "end lines with a line feed (Unix) or carriage return and line feed (Windows)"
			}
			report.Add(src.problem("E101", i, i+1, src.name, message).WithHint(hint))
			return false
		case c >= utf8.RuneSelf:
			r, size := utf8.DecodeRune(data[i:])
			if r == utf8.RuneError && size == 1 {
				report.Add(src.problem("E102", i, i+1, src.name, fmt.Sprintf(`invalid UTF-8: the byte \x%02X`, c)).
					WithHint("save the file as UTF-8; from Latin-1: iconv -f LATIN1 -t UTF-8"))
				return false
			}
			i += size - 1
		}
		if i-lineStart >= maxLine {
			report.Add(src.problem("E704", lineStart, lineStart+1, src.name, "this line is longer than 1 MiB").
				WithHint("put long data in a file of its own"))
			return false
		}
		i++
	}
	return true
}

// scanner counts brackets, parts of keys and values outside of strings and
// comments. Where the file is not TOML it may miscount, which the parser will
// find out.
type scanner struct {
	data     []byte
	items    [maxDepth + 1]int // commas in each open bracket
	depth    int
	dots     int  // since the last character that ends a key
	lineHead bool // nothing but spaces so far on this line

	*counts
}

// counts is how much there is of what is limited over all files.
type counts struct{ keys, commas, headers int }

// run returns the limit that is exceeded first, its code empty if none is.
func (g *scanner) run() (code, message, hint string, at, size int) {
	g.lineHead = true
	for i := 0; i < len(g.data); {
		c := g.data[i]
		next := i + 1
		switch c {
		case ' ', '\t', '\r':
			i++
			continue
		case '\n':
			g.lineHead, g.dots = true, 0
			i++
			continue
		case '#':
			next = g.lineEnd(i)
		case '"', '\'':
			next, _ = g.stringEnd(i)
		case '[', '{':
			if c == '[' && g.lineHead && g.depth == 0 {
				if g.headers++; g.headers > maxHeaders {
					return "E703", fmt.Sprintf("more than %d tables", maxHeaders), "", i, 1
				}
			}
			if g.depth++; g.depth > maxDepth {
				return "E702", fmt.Sprintf("nested deeper than %d levels", maxDepth), "", i, 1
			}
			g.items[g.depth], g.dots = 0, 0
		case ']', '}':
			g.depth, g.dots = max(g.depth-1, 0), 0
		case '=':
			g.dots = 0
			if g.keys++; g.keys > maxKeys {
				return "E703", fmt.Sprintf("more than %d keys", maxKeys), "", i, 1
			}
		case ',':
			g.dots = 0
			if g.commas++; g.commas > maxValues {
				return "E703", fmt.Sprintf("more than %d values", maxValues), "", i, 1
			}
			if g.items[g.depth]++; g.depth > 0 && g.items[g.depth] > maxItems {
				return "E703", fmt.Sprintf("more than %d items in an array", maxItems), "put long data in a file of its own", i, 1
			}
		case '.':
			if g.dots++; g.dots >= maxDepth {
				return "E702", fmt.Sprintf("a key of more than %d parts", maxDepth), "", i, 1
			}
		}
		g.lineHead = false
		i = next
	}
	return "", "", "", 0, 0
}

func (g *scanner) lineEnd(i int) int {
	if n := bytes.IndexByte(g.data[i:], '\n'); n >= 0 {
		return i + n
	}
	return len(g.data)
}

// stringEnd returns the offset after the string that begins at i, and whether
// it is closed; if not, the end of the line, or of the file.
func (g *scanner) stringEnd(i int) (end int, closed bool) {
	quote := g.data[i]
	if triple := bytes.Repeat([]byte{quote}, 3); bytes.HasPrefix(g.data[i:], triple) {
		for j := i + 3; j < len(g.data); j++ {
			switch {
			case g.data[j] == '\\' && quote == '"':
				j++
			case bytes.HasPrefix(g.data[j:], triple):
				j += 3
				for extra := 0; extra < 2 && j < len(g.data) && g.data[j] == quote; extra++ {
					j++
				}
				return j, true
			}
		}
		return len(g.data), false
	}
	for j := i + 1; j < len(g.data); j++ {
		switch g.data[j] {
		case '\\':
			if quote == '"' && j+1 < len(g.data) && g.data[j+1] != '\n' {
				j++
			}
		case '\n':
			return j, false
		case quote:
			return j + 1, true
		}
	}
	return len(g.data), false
}
