package topologies

import (
	"bytes"
	"sort"
	"unicode/utf8"

	"github.com/capsim/capsim/models/kind"
)

// source is the text of a file, and turns offsets into positions.
type source struct {
	name  string
	data  []byte // without a byte order mark
	lines []int  // the offset at which each line begins
	arg   int    // of a flag: the number of the argument; 0 for a file

	// The last column that was worked out: the next one is mostly further
	// along the same line, and lines may be long.
	line, offset, col int
}

func newSource(name string, data []byte) *source {
	s := &source{name: name, data: bytes.TrimPrefix(data, []byte("\ufeff")), lines: []int{0}, line: -1}
	for i, c := range s.data {
		if c == '\n' {
			s.lines = append(s.lines, i+1)
		}
	}
	return s
}

// start is the position of a finding about the whole file: no part of it is
// marked.
func (s *source) start() kind.Pos { return kind.Pos{File: s.name, Line: 1, Col: 1} }

// pos returns the position of the bytes from one offset to another.
func (s *source) pos(from, to int) kind.Pos {
	if s.arg > 0 {
		return kind.Pos{File: kind.CommandLine, Line: 1, Col: s.arg, EndCol: s.arg + 1}
	}
	from = min(max(from, 0), len(s.data))
	line := sort.SearchInts(s.lines, from+1) - 1
	if line != s.line || from < s.offset {
		s.line, s.offset, s.col = line, s.lines[line], 1
	}
	s.col += utf8.RuneCount(s.data[s.offset:from])
	s.offset = from
	end := len(s.data)
	if line+1 < len(s.lines) {
		end = s.lines[line+1] - 1
	}
	end = min(max(to, from), end)
	width := 1
	if end > from {
		width = utf8.RuneCount(s.data[from:end])
	}
	return kind.Pos{File: s.name, Line: line + 1, Col: s.col, EndCol: s.col + width}
}

// problem makes a finding about the bytes from one offset to another.
func (s *source) problem(code string, from, to int, key, message string) kind.Diagnostic {
	return kind.Diagnostic{Code: code, Pos: s.pos(from, to), Key: key, Message: message}
}
