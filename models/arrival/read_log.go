package arrival

import (
	"bytes"
	"io"
	"time"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/records"
	"github.com/capsim/capsim/sim"
)

// LogOptions say how to read a web log.
type LogOptions struct {
	Sort   bool // sort the rows by time
	Limits records.Limits
}

// ReadCLF reads a web log in the Common Log Format,
//
//	host ident user [02/Jan/2006:15:04:05 -0700] "GET /path HTTP/1.1" 200 1234
//
// as a trace. The key of a row is the path of its request with the query, its
// source the host. With problems, at most [records.MaxProblems] of them,
// there is no trace.
func ReadCLF(r io.Reader, o LogOptions) (*Trace, []Problem) { return readLog(r, o, false) }

// ReadCombined reads a web log in the combined format: the common one and
// then the referer and the agent in quotes. Whatever a server writes after
// them is not read, and an agent that the server cut off is no obstacle.
func ReadCombined(r io.Reader, o LogOptions) (*Trace, []Problem) { return readLog(r, o, true) }

func readLog(r io.Reader, o LogOptions, combined bool) (*Trace, []Problem) {
	l := logReader{lines: records.Open(r, o.Limits), combined: combined, order: order{sort: o.Sort}}
	for !l.problems.Full() {
		line, ok := l.lines.Next()
		if !ok {
			break
		}
		l.row(line)
	}
	if problem := l.lines.Problem(); problem != nil {
		l.problems.Add(*problem)
	}
	l.order.report(&l.problems)
	if len(l.problems) == 0 && len(l.stamps) == 0 {
		l.problems.Add(empty("the file is empty"))
	}
	if len(l.problems) > 0 {
		return nil, l.problems
	}
	l.trace.sorted(l.stamps, nil)
	if problem := l.spread(); problem != nil {
		return nil, []Problem{*problem}
	}
	return &l.trace, nil
}

// logReader is a log on its way to a trace.
type logReader struct {
	lines    *records.Lines
	combined bool
	problems records.Problems
	order    order
	trace    Trace
	stamps   []int64 // seconds since 1970

	hosts, paths dense
	lastText     []byte // the last time stamp, and what it says
	lastStamp    int64
}

// row takes one line.
func (l *logReader) row(line []byte) {
	f, problem := l.split(line)
	if problem != nil {
		l.problems.Add(*problem)
		return
	}
	at, ok := l.when(f.time)
	if !ok {
		l.problems.Add(l.lines.At(f.timeAt, f.timeAt+len(f.time), "E604",
			"expected a time like 01/Aug/1995:02:00:00 -0400, got "+kind.QuoteText(string(f.time)),
			"day/month/year:hour:minute:second and the offset from UTC, each with all of its digits"))
		return
	}
	l.order.note(at, func() Problem {
		return l.lines.At(f.timeAt, f.timeAt+len(f.time), "E603",
			"the time "+kind.QuoteText(string(f.time))+" is before that of a row above", "")
	})
	l.stamps = append(l.stamps, at)
	l.trace.Keys = append(l.trace.Keys, l.paths.of(path(f.request)))
	l.trace.Sources = append(l.trace.Sources, l.hosts.of(f.host))
}

// fields are the parts of a line that are used.
type fields struct {
	host, time, request []byte
	timeAt              int
}

// split cuts a line into its fields.
func (l *logReader) split(line []byte) (f fields, problem *Problem) {
	broken := func(at int, message, hint string) (fields, *Problem) {
		at = min(at, len(line))
		p := l.lines.At(at, len(line), "E605", message, hint)
		return fields{}, &p
	}
	open := bytes.Index(line, []byte(" ["))
	if open < 0 || len(bytes.Fields(line[:open])) < 3 {
		return broken(0, "expected host, identity, user and [time]", l.format())
	}
	f.host, _, _ = bytes.Cut(line, []byte(" "))
	f.timeAt = open + 2
	length := bytes.IndexByte(line[f.timeAt:], ']')
	if length < 0 {
		return broken(open+1, "the [time] is not closed", l.format())
	}
	f.time = line[f.timeAt : f.timeAt+length]
	at := f.timeAt + length + 1
	if second := stampIn(line, at); second >= 0 {
		p := l.lines.At(second, second+1+len(logTime)+1, "E605", "two rows on one line: another [time] stands here",
			"each row needs a line of its own; files that do not end with a line end were joined, or a row was cut off")
		return fields{}, &p
	}
	if !bytes.HasPrefix(line[at:], []byte(` "`)) {
		return broken(at, `expected the request in quotes`, l.format())
	}
	from := at + 2
	end := closesRequest(line, from)
	if end < 0 {
		return broken(at+1, "the request is not closed by a quote and followed by a status", l.format())
	}
	f.request = line[from:end]
	at = end + len(`" 200 `)
	size := at
	for size < len(line) && line[size] != ' ' {
		size++
	}
	if bytes := line[at:size]; string(bytes) != "-" && !allDigits(bytes) {
		return broken(at, "expected the bytes of the answer or -", l.format())
	}
	return f, l.rest(line, size)
}

// logTime is how web logs write the time.
const logTime = "02/Jan/2006:15:04:05 -0700"

// stampIn returns where the next [time] with a quote behind it begins, which
// within a row cannot be: a quote inside a quoted field is escaped; -1 if
// nowhere.
func stampIn(line []byte, from int) int {
	const length = len("[" + logTime + `] "`)
	for {
		i := bytes.IndexByte(line[from:], '[')
		if i < 0 || from+i+length > len(line) {
			return -1
		}
		at := from + i
		shape := line[at+len("[02/Jan/2006")] == ':' && line[at+len("[02")] == '/' && string(line[at+length-3:at+length]) == `] "`
		if shape && allDigits(line[at+1:at+3]) && allDigits(line[at+len("[02/Jan/"):at+len("[02/Jan/2006")]) {
			return at
		}
		from = at + 1
	}
}

// rest checks what follows the bytes of the answer.
func (l *logReader) rest(line []byte, at int) *Problem {
	broken := func(at int, message, hint string) *Problem {
		p := l.lines.At(at, len(line), "E605", message, hint)
		return &p
	}
	if !l.combined {
		if at < len(line) {
			return broken(at, "expected the end of the row", `a log with referer and agent has format = "combined"`)
		}
		return nil
	}
	for _, what := range []string{"referer", "agent"} {
		if !bytes.HasPrefix(line[at:], []byte(` "`)) {
			return broken(at, "expected the "+what+" in quotes", `a log without referer and agent has format = "clf"`)
		}
		end := closesQuote(line, at+2)
		if end < 0 && (what == "referer" || l.lines.CutOff()) {
			return broken(at+1, "the "+what+" is not closed by a quote", "the file may be cut off here")
		}
		if end < 0 {
			return nil // cut off by the server, and not used
		}
		at = end + 1
	}
	return nil
}

func (l *logReader) format() string {
	if l.combined {
		return `as in: 10.0.0.1 - - [02/Jan/2006:15:04:05 -0700] "GET / HTTP/1.1" 200 1234 "-" "curl/8"`
	}
	return `as in: 10.0.0.1 - - [02/Jan/2006:15:04:05 -0700] "GET / HTTP/1.1" 200 1234`
}

// closesRequest returns where the quote stands that ends the request: the
// first that is followed by a status, since some servers do not escape
// quotes within.
func closesRequest(line []byte, from int) int {
	for i := from; i+6 <= len(line); i++ {
		if line[i] == '"' && line[i+1] == ' ' && allDigits(line[i+2:i+5]) && line[i+5] == ' ' {
			return i
		}
	}
	return -1
}

// closesQuote returns where the next quote stands that no backslash escapes.
func closesQuote(line []byte, from int) int {
	for i := from; i < len(line); i++ {
		switch line[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}

func allDigits(text []byte) bool {
	for _, c := range text {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(text) > 0
}

// path returns what a request line asks for; all of a line that has no three
// parts, as broken requests are logged.
func path(request []byte) []byte {
	_, rest, found := bytes.Cut(request, []byte(" "))
	if !found {
		return request
	}
	if i := bytes.LastIndexByte(rest, ' '); i >= 0 {
		return rest[:i]
	}
	return rest
}

// when reads a time stamp as seconds since 1970. Rows of one second follow
// each other, so that most stamps are the one before.
func (l *logReader) when(text []byte) (int64, bool) {
	if l.lastText != nil && bytes.Equal(text, l.lastText) {
		return l.lastStamp, true
	}
	at, err := time.Parse(logTime, string(text))
	if err != nil || len(text) != len(logTime) {
		return 0, false
	}
	l.lastText = append(l.lastText[:0], text...)
	l.lastStamp = at.Unix()
	return l.lastStamp, true
}

// spread turns stamps of whole seconds into times: the n rows of a second
// get n places in it, drawn from the stamp, in the order of the file.
func (l *logReader) spread() *Problem {
	purpose := sim.HashName("log", "within a second")
	exact := make([]int64, len(l.stamps))
	var places []float64
	for i := 0; i < len(l.stamps); {
		second := l.stamps[i]
		end := i + 1
		for end < len(l.stamps) && l.stamps[end] == second {
			end++
		}
		places = placesWithin(places, purpose, uint64(second), end-i)
		since := second - l.stamps[0]
		if since > int64(forever/sim.Second) {
			return tooLong()
		}
		for k, place := range places {
			exact[i+k] = since*int64(sim.Second) + int64(float64(place*1e9))
		}
		i = end
	}
	var problem *Problem
	l.trace.Times, problem = relative(exact)
	return problem
}
