package reports

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/capsim/capsim/internal/result"
)

// JSON writes r as an indented document that ends with a newline. A number
// that JSON cannot hold (NaN, an infinity) is an error, and nothing is written.
func JSON(w io.Writer, r *result.Result) error {
	return writeJSON(w, r)
}

// ComparisonJSON writes c as [JSON] writes a Result.
func ComparisonJSON(w io.Writer, c *result.Comparison) error {
	return writeJSON(w, c)
}

func writeJSON(w io.Writer, document any) error {
	compact, err := json.Marshal(document)
	if err != nil {
		return fmt.Errorf("reports: %w", err)
	}
	b := &beautifier{in: spelled(compact)}
	b.value(0)
	b.out.WriteByte('\n')
	_, err = w.Write(b.out.Bytes())
	return err
}

// spelled is a JSON document with every character that would act on a terminal
// written as \uXXXX, which means the same to a reader of JSON. Such characters
// stand in strings only: encoding/json puts none between its tokens.
func spelled(document []byte) []byte {
	var b bytes.Buffer
	for _, r := range string(document) {
		switch {
		case !acts(r):
			b.WriteRune(r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default: // a surrogate pair
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+(r-0x10000)>>10, 0xdc00+(r-0x10000)&0x3ff)
		}
	}
	return b.Bytes()
}

// longestObject is how many characters an object without objects inside may
// take on one line.
const longestObject = 120

// A beautifier indents compact JSON. What holds no further array or object
// stays on one line: an estimate, a row of the series, a point of the curve.
type beautifier struct {
	in  []byte
	at  int
	out bytes.Buffer
}

// value copies the value at b.at.
func (b *beautifier) value(depth int) {
	switch b.in[b.at] {
	case '{', '[':
		if end := b.leaf(); end > 0 {
			b.line(end)
			return
		}
		b.container(depth)
	default:
		b.scalar()
	}
}

// leaf returns the end of the array or object at b.at if it holds no other and
// fits on a line, else 0.
func (b *beautifier) leaf() int {
	for i := b.at + 1; ; i++ {
		switch b.in[i] {
		case '"':
			i = b.stringEnd(i) - 1
		case '{', '[':
			return 0
		case '}', ']':
			if b.in[b.at] == '{' && utf8.RuneCount(b.in[b.at:i]) > longestObject {
				return 0
			}
			return i + 1
		}
	}
}

// line copies the leaf that ends before end, with a space after each comma and
// colon.
func (b *beautifier) line(end int) {
	for b.at < end {
		if c := b.in[b.at]; c == ',' || c == ':' {
			b.out.Write([]byte{c, ' '})
			b.at++
			continue
		}
		b.scalar()
	}
}

// container copies an array or object with an item a line.
func (b *beautifier) container(depth int) {
	newline := func(depth int) {
		b.out.WriteString("\n" + strings.Repeat("  ", depth))
	}
	b.out.WriteByte(b.in[b.at])
	b.at++
	newline(depth + 1)
	for {
		switch c := b.in[b.at]; c {
		case '}', ']':
			newline(depth)
			b.out.WriteByte(c)
			b.at++
			return
		case ',':
			b.out.WriteByte(c)
			b.at++
			newline(depth + 1)
		case ':':
			b.out.WriteString(": ")
			b.at++
		default:
			b.value(depth + 1)
		}
	}
}

// scalar copies a string, or one character of anything else.
func (b *beautifier) scalar() {
	end := b.at + 1
	if b.in[b.at] == '"' {
		end = b.stringEnd(b.at)
	}
	b.out.Write(b.in[b.at:end])
	b.at = end
}

// stringEnd is where the string that begins at i ends.
func (b *beautifier) stringEnd(i int) int {
	for i++; b.in[i] != '"'; i++ {
		if b.in[i] == '\\' {
			i++
		}
	}
	return i + 1
}
