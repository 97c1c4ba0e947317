package records

import (
	"fmt"
	"unicode/utf8"
)

// Problem is something wrong at a place of a file. Line and Col count from
// 1, columns in characters; EndCol is the column after the last.
type Problem struct {
	Line    int
	Col     int
	EndCol  int
	Code    string
	Message string
	Hint    string
}

// Error returns the place, the code and the message.
func (p Problem) Error() string {
	return fmt.Sprintf("%d:%d: %s: %s", p.Line, p.Col, p.Code, p.Message)
}

// MaxProblems is how many problems of one file are reported: who gets twenty
// has one.
const MaxProblems = 20

// Problems collects what is wrong with a file.
type Problems []Problem

// Add appends a problem, unless there are enough.
func (p *Problems) Add(problem Problem) {
	if !p.Full() {
		*p = append(*p, problem)
	}
}

// Full reports whether reading on would tell nothing new.
func (p *Problems) Full() bool { return len(*p) >= MaxProblems }

// at makes a problem about bytes from to end of a line.
func at(number int, line []byte, from, end int, code, message, hint string) Problem {
	col := 1 + utf8.RuneCount(line[:from])
	return Problem{
		Line: number, Col: col, EndCol: col + max(1, utf8.RuneCount(line[from:end])),
		Code: code, Message: message, Hint: hint,
	}
}
