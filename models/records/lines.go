package records

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
)

// Limits bound what is read from one file. Reaching one is a problem, never
// a silent cut.
type Limits struct {
	Row   int   // bytes of one row; 0: 64 KiB
	Rows  int   // rows; 0: 20 million
	Bytes int64 // of the expanded file; 0: 4 GiB
}

// The limits that stand where a field of Limits is 0.
const (
	maxRow   = 64 << 10
	maxRows  = 20_000_000
	maxBytes = 4 << 30
)

func (l Limits) filled() Limits {
	if l.Row == 0 {
		l.Row = maxRow
	}
	if l.Rows == 0 {
		l.Rows = maxRows
	}
	if l.Bytes == 0 {
		l.Bytes = maxBytes
	}
	return l
}

// Lines reads a file line by line.
type Lines struct {
	limits  Limits
	in      *bufio.Reader
	meter   *meter
	line    []byte
	number  int
	rows    int
	ended   bool
	problem *Problem
}

// meter counts what comes out of a reader and stops it at a limit.
type meter struct {
	in   io.Reader
	left int64
	err  error
}

var errTooLarge = errors.New("records: expanded size limit")

func (m *meter) Read(p []byte) (int, error) {
	if m.err != nil {
		return 0, m.err
	}
	n := 0
	if m.left > 0 {
		n, m.err = m.in.Read(p[:min(int64(len(p)), m.left)])
		m.left -= int64(n)
		return n, m.err
	}
	// One byte more tells a file of exactly the limit from a longer one.
	if n, m.err = m.in.Read(p[:1]); n > 0 {
		m.err = errTooLarge
	}
	return 0, m.err
}

// Open starts reading the lines of r.
func Open(r io.Reader, limits Limits) *Lines {
	l := &Lines{limits: limits.filled()}
	raw := bufio.NewReaderSize(r, 64<<10)
	head, err := raw.Peek(512)
	if err != nil && !errors.Is(err, io.EOF) {
		l.fail("E005", "cannot be read: "+err.Error(), "")
		return l
	}
	in := io.Reader(raw)
	if bytes.HasPrefix(head, []byte{0x1f, 0x8b}) {
		if in, err = gzip.NewReader(raw); err != nil {
			l.fail("E605", "the gzip data are damaged: "+err.Error(), "")
			return l
		}
	}
	l.meter = &meter{in: in, left: l.limits.Bytes}
	l.in = bufio.NewReaderSize(l.meter, 64<<10)
	if head, err = l.in.Peek(512); err != nil && len(head) == 0 {
		l.failRead(err)
		return l
	}
	if what, hint := impostor(head); what != "" {
		l.fail("E605", "this is "+what+", not a table or a log", hint)
		return l
	}
	if bytes.HasPrefix(head, []byte("\xef\xbb\xbf")) {
		_, _ = l.in.Discard(3) // just peeked
	}
	return l
}

// impostor names data that cannot be rows of text.
func impostor(head []byte) (what, hint string) {
	text := bytes.ToLower(bytes.TrimLeft(head, "\xef\xbb\xbf \t\r\n"))
	switch {
	case bytes.HasPrefix(text, []byte("version https://git-lfs.github.com/spec/")):
		return "a Git LFS pointer", "fetch the data themselves with git lfs pull"
	case bytes.HasPrefix(text, []byte("<!doctype html")), bytes.HasPrefix(text, []byte("<html")):
		return "an HTML page", "the download was a page about the file; fetch the raw file"
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return "a zip archive", "unpack it, or compress the file inside with gzip"
	case bytes.HasPrefix(head, []byte("\xfd7zXZ")), bytes.HasPrefix(head, []byte("BZh")), bytes.HasPrefix(head, []byte("\x28\xb5\x2f\xfd")):
		return "compressed in a way that is not gzip", "unpack it, or compress it with gzip"
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		return "UTF-16 text", "convert it with iconv -f UTF-16 -t UTF-8"
	case bytes.HasPrefix(head, []byte("\x1f\x8b")):
		return "gzip inside gzip", "unpack it once"
	case bytes.IndexByte(head, 0) >= 0:
		return "binary data", "text is expected, one record a line; gzip is unpacked by itself"
	}
	return "", ""
}

// Next returns the next line that is not blank, without its end. It stays
// valid until the next call. ok is false at the end and after a problem,
// which [Lines.Problem] then returns.
func (l *Lines) Next() (line []byte, ok bool) {
	for !l.ended && l.problem == nil {
		l.number++
		if !l.read() {
			break
		}
		if len(bytes.TrimSpace(l.line)) == 0 {
			continue
		}
		if l.rows++; l.rows > l.limits.Rows {
			l.fail("E703", fmt.Sprintf("more than %d rows", l.limits.Rows), "take a part of the file")
			break
		}
		return l.line, true
	}
	return nil, false
}

// read fetches one line into l.line.
func (l *Lines) read() bool {
	l.line = l.line[:0]
	for {
		part, err := l.in.ReadSlice('\n')
		if len(l.line)+len(part) > l.limits.Row+2 { // the line end is not part of the row
			l.tooLong()
			return false
		}
		l.line = append(l.line, part...)
		switch {
		case err == nil:
			l.line = bytes.TrimSuffix(bytes.TrimSuffix(l.line, []byte("\n")), []byte("\r"))
			return l.checkLength()
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF):
			l.ended = true
			return len(l.line) > 0 && l.checkLength()
		}
		l.failRead(err)
		return false
	}
}

func (l *Lines) checkLength() bool {
	if len(l.line) > l.limits.Row {
		l.tooLong()
		return false
	}
	return true
}

func (l *Lines) tooLong() {
	l.fail("E704", fmt.Sprintf("the row is longer than %d bytes", l.limits.Row), "one record a line is expected; line ends may be missing here")
}

// failRead explains why no more could be read.
func (l *Lines) failRead(err error) {
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, io.EOF):
		l.ended = true
	case errors.Is(err, errTooLarge):
		l.fail("E708", fmt.Sprintf("the expanded file is larger than %d bytes", l.limits.Bytes), "take a part of the file")
	case errors.Is(err, io.ErrUnexpectedEOF):
		l.fail("E605", "the gzip data end early: the file is cut off", "fetch it again")
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader), errors.As(err, &corrupt):
		l.fail("E605", "the gzip data are damaged: "+err.Error(), "fetch it again")
	default:
		l.fail("E005", "cannot be read: "+err.Error(), "")
	}
}

func (l *Lines) fail(code, message, hint string) {
	number := max(1, l.number)
	l.problem = &Problem{Line: number, Col: 1, EndCol: 2, Code: code, Message: message, Hint: hint}
}

// CutOff reports whether the line that Next returned ends with the file
// instead of with a line end.
func (l *Lines) CutOff() bool { return l.ended }

// Number returns the number of the line that Next returned, from 1.
func (l *Lines) Number() int { return l.number }

// Problem returns what ended the reading early, or nil.
func (l *Lines) Problem() *Problem { return l.problem }

// At makes a problem about bytes from to end of the line that Next returned.
func (l *Lines) At(from, end int, code, message, hint string) Problem {
	return at(l.number, l.line, from, end, code, message, hint)
}
