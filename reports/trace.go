package reports

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/capsim/capsim/internal/result"
)

// shownSample is how many requests of a client's sample are drawn.
const shownSample = 100

// ChromeTrace writes what requests went through as events for ui.perfetto.dev
// and chrome://tracing (the JSON of "Trace Event Format", Google 2016). Every
// client has a group for its slowest requests, for those that failed, and for a
// sample; in it every request has a track, with all that was done for it one
// inside the other. What went on at the same time has a track of its own below.
func ChromeTrace(w io.Writer, t *result.Trace) error {
	c := &chrome{}
	for _, client := range t.Clients {
		c.group(t, client.Name+": slowest", func(r *result.TracedRequest) bool { return r.Client == client.Name && r.Slowest }, slowestFirst)
		c.group(t, client.Name+": failed", func(r *result.TracedRequest) bool { return r.Client == client.Name && r.Failed }, slowestFirst)
		c.group(t, fmt.Sprintf("%s: some of %d, by chance", client.Name, client.Offered),
			func(r *result.TracedRequest) bool {
				return r.Client == client.Name && r.Place > 0 && r.Place <= shownSample && !r.Slowest && !r.Failed
			}, firstDue)
	}
	about := fields{}
	about.text("about", "capsim: simulated requests of replication "+strconv.Itoa(t.Replication)+"; time 0 is the start of the window")
	about.text("title", t.Title)
	about.text("design", t.Design)
	about.text("seed", strconv.FormatUint(t.Seed, 10))
	about.text("fingerprint", t.Fingerprint)
	if _, err := fmt.Fprintf(w, "{\"displayTimeUnit\":\"ms\",\"otherData\":%s,\"traceEvents\":[\n", about.close()); err != nil {
		return err
	}
	_, err := w.Write(append(bytes.TrimSuffix(c.out.Bytes(), []byte(",\n")), "\n]}\n"...))
	return err
}

func slowestFirst(a, b *result.TracedRequest) int {
	return cmp.Or(cmp.Compare(b.Took, a.Took), firstDue(a, b))
}

func firstDue(a, b *result.TracedRequest) int {
	return cmp.Or(cmp.Compare(a.Due, b.Due), cmp.Compare(a.Number, b.Number))
}

// chrome draws events, one to a line.
type chrome struct {
	out      bytes.Buffer
	pid, tid int
}

// group draws some requests as a process, in some order.
func (c *chrome) group(t *result.Trace, name string, of func(*result.TracedRequest) bool, order func(a, b *result.TracedRequest) int) {
	var list []*result.TracedRequest
	for i := range t.Requests {
		if of(&t.Requests[i]) {
			list = append(list, &t.Requests[i])
		}
	}
	if len(list) == 0 {
		return
	}
	slices.SortFunc(list, order)
	c.pid++
	c.meta("process_name", "name", name, 0)
	c.meta("process_sort_index", "sort_index", "", c.pid)
	for _, r := range list {
		c.request(r)
	}
}

// meta draws what is said of a process or a track.
func (c *chrome) meta(what, key, text string, number int) {
	args := fields{}
	if key == "name" {
		args.text(key, text)
	} else {
		args.raw(key, strconv.Itoa(number))
	}
	f := fields{}
	f.text("ph", "M")
	f.text("name", what)
	f.raw("pid", strconv.Itoa(c.pid))
	if strings.HasPrefix(what, "thread") {
		f.raw("tid", strconv.Itoa(c.tid))
	}
	f.raw("args", args.close())
	c.line(f)
}

func (c *chrome) line(f fields) { c.out.WriteString(f.close() + ",\n") }

// traceTrack is a row of the drawing: its number, and until when it is taken.
type traceTrack struct {
	tid   int
	until int64
}

// request draws a request: on a track, and what went on beside it on more.
func (c *chrome) request(r *result.TracedRequest) {
	children := make([][]int, len(r.Spans))
	for i := range r.Spans[1:] {
		p := r.Spans[i+1].Parent
		children[p] = append(children[p], i+1)
	}
	for _, list := range children {
		slices.SortStableFunc(list, func(a, b int) int { return cmp.Compare(r.Spans[a].From, r.Spans[b].From) })
	}
	name := fmt.Sprintf("#%d %s, %s", r.Number, r.Op, milliseconds(r.Took))
	d := &drawnRequest{chrome: c, request: r, children: children, name: name}
	d.tracks = []traceTrack{d.track(name)}
	d.span(0, 0)
}

type drawnRequest struct {
	*chrome
	request  *result.TracedRequest
	children [][]int
	name     string
	tracks   []traceTrack
}

// track begins a track.
func (d *drawnRequest) track(name string) traceTrack {
	d.tid++
	d.meta("thread_name", "name", name, 0)
	d.meta("thread_sort_index", "sort_index", "", d.tid)
	return traceTrack{tid: d.tid}
}

// span draws a span on a track, and what is a part of it: inside, or on another
// track if it goes on at the same time as something else, or ends later.
func (d *drawnRequest) span(i, at int) {
	s := &d.request.Spans[i]
	d.event(s, d.tracks[at].tid)
	inside := s.From
	for _, k := range d.children[i] {
		child := &d.request.Spans[k]
		if !child.Aside && child.From >= inside && child.To <= s.To || child.Aside && s.Aside && child.From >= inside && child.To <= s.To {
			inside = child.To
			d.span(k, at)
			continue
		}
		other := slices.IndexFunc(d.tracks[1:], func(t traceTrack) bool { return t.until <= child.From }) + 1
		if other == 0 {
			other = len(d.tracks)
			d.tracks = append(d.tracks, d.track(d.name+": beside"))
		}
		d.tracks[other].until = child.To
		d.span(k, other)
	}
}

// event draws a span as a complete event.
func (d *drawnRequest) event(s *result.Span, tid int) {
	args := fields{}
	args.text("instance", s.Instance)
	args.text("step", s.Step)
	if s.Kind == result.SpanRequest {
		args.text("client", d.request.Client)
		args.raw("number", strconv.FormatUint(d.request.Number, 10))
		args.text("operation", d.request.Op)
	}
	args.text("status", d.statusOf(s))
	if s.Kind == result.SpanRequest && d.request.Cut > 0 {
		args.raw("spans_left_out", strconv.FormatUint(d.request.Cut, 10))
	}
	f := fields{}
	f.text("ph", "X")
	f.raw("pid", strconv.Itoa(d.pid))
	f.raw("tid", strconv.Itoa(tid))
	f.raw("ts", microseconds(s.From))
	f.raw("dur", microseconds(s.To-s.From))
	f.text("name", spanName(s))
	f.text("cat", string(s.Kind))
	f.raw("args", args.close())
	d.line(f)
}

// statusOf says how a span ended, "" where that goes without saying.
func (d *drawnRequest) statusOf(s *result.Span) string {
	switch {
	case s.Open:
		return "unfinished"
	case s.GivenUp:
		return "given up: nobody waits for it"
	case s.Kind == result.SpanRequest, s.Kind == result.SpanVisit, s.Kind == result.SpanPart:
		return s.Status
	case s.Kind == result.SpanCall && s.Status != "ok":
		return s.Status
	}
	return ""
}

// spanName says what a span is in a few words.
func spanName(s *result.Span) string {
	switch s.Kind {
	case result.SpanRequest:
		return s.Node + "." + s.What
	case result.SpanVisit:
		if op, internal := strings.CutPrefix(s.What, "("); internal {
			return s.Node + " " + strings.TrimSuffix(op, ")")
		}
		return s.Node + "." + s.What
	}
	return s.What
}

// microseconds is a time in nanoseconds, exactly, in microseconds.
func microseconds(ns int64) string {
	sign := ""
	if ns < 0 {
		sign, ns = "-", -ns
	}
	return fmt.Sprintf("%s%d.%03d", sign, ns/1000, ns%1000)
}

// milliseconds is a time in nanoseconds for people, to the microsecond.
func milliseconds(ns int64) string {
	us := (ns + 500) / 1000
	return fmt.Sprintf("%d.%03d ms", us/1000, us%1000)
}

// fields is a JSON object that is being written, in the order of its keys.
type fields struct{ b bytes.Buffer }

// text adds a text, unless it is empty.
func (f *fields) text(key, value string) {
	if value != "" {
		f.raw(key, quoted(value))
	}
}

func (f *fields) raw(key, value string) {
	if f.b.Len() > 0 {
		f.b.WriteByte(',')
	}
	f.b.WriteString(quoted(key) + ":" + value)
}

func (f *fields) close() string { return "{" + f.b.String() + "}" }

// quoted is a text as JSON, in which nothing acts on whoever shows it.
func quoted(s string) string {
	b, err := json.Marshal(visible(s))
	if err != nil {
		panic(err) // texts have no errors
	}
	return string(b)
}
