package node

import (
	"slices"

	"github.com/capsim/capsim/models/kind"
)

// ClientConfig is a [client.NAME] table.
type ClientConfig struct {
	kind.Place

	Target       string         `key:"target" required:"yes" doc:"the node that the requests go to, or an operation of it" example:"target = \"lb\""`
	Arrivals     Arrivals       `key:"arrivals" doc:"how open traffic comes: \"poisson RATE\" (independent customers), \"constant RATE\" (equal gaps), \"gamma RATE cv=NUMBER\" (gaps of any regularity), \"bursty RATE peak=FACTOR on=TIME off=TIME\", each with batch=COUNT for groups; or a trace to replay" example:"arrivals = \"poisson 800/s\""`
	Stages       []StageConfig  `key:"stages" doc:"the rate (or the number of users) over time: linear ramps to each target, starting from the rate in arrivals or 0; the last target holds" example:"stages = [{ duration = \"2m\", target = \"500/s\" }, { duration = \"0s\", target = \"900/s\" }]"`
	Daily        Daily          `key:"daily" doc:"a rate that swings over 24 hours, highest at one time of day; run.start says what time it is at time 0" example:"daily = { peak = \"1200/s\", trough = \"150/s\", peak_at = \"20:00\" }"`
	Wave         Wave           `key:"wave" doc:"a rate that swings about a mean, as a sine; at time 0 it passes the mean on its way up" example:"wave = { mean = \"20/s\", amplitude = \"15/s\", period = \"60s\" }"`
	Users        int            `key:"users" min:"0" limit:"10000000" doc:"closed traffic: so many users, each of whom thinks, sends a request and waits for the answer" example:"users = 500"`
	Think        TimeLaw        `key:"think" absent:"none" doc:"how long a user thinks before each request; nothing if left out" example:"think = \"exp 7s\""`
	Requests     Weights        `key:"requests" absent:"{ request = 1 }" doc:"the operations that are asked for, and how often relative to each other; one operation, request, if left out" example:"requests = { browse = 88, search = 10, checkout = 2 }"`
	Keys         KeyLaw         `key:"keys" absent:"none" doc:"which item a request is about; keys are numbered from 0, the most popular first" example:"keys = \"zipf s=0.99 n=1M\""`
	Sources      KeyLaw         `key:"sources" absent:"its own for each" doc:"the address that a request comes from; each request, or user or session, has its own if left out" example:"sources = \"zipf s=1 n=10k\""`
	Session      *SessionConfig `key:"session" absent:"none" doc:"makes each arrival a user who sends several requests, from one address, one after the answer to the other" example:"session = { length = \"geometric 6\", think = \"exp 4s\" }"`
	RequestSize  SizeLaw        `key:"request_size" absent:"0B" doc:"bytes of a request, for the network interfaces of servers that it comes to directly or through balancers" example:"request_size = \"2kB\""`
	ResponseSize SizeLaw        `key:"response_size" absent:"0B" doc:"bytes of an ok answer, for network interfaces and for the price of egress" example:"response_size = \"lognormal mean=40kB cv=2\""`
	Zone         string         `key:"zone" absent:"the internet" doc:"the zone that the client stands in; beyond the internet if left out" example:"zone = \"a\""`
	Priority     Priority       `key:"priority" absent:"0" doc:"of all its requests, 0 if left out, where servers have scheduling = \"priority\": the higher goes first; it travels with the calls" example:"priority = 10"`
	Priorities   Priorities     `key:"priorities" doc:"of single operations, instead of priority" example:"priorities = { checkout = 10 }"`
	Timeout      kind.Duration  `key:"timeout" absent:"none" above:"0s" doc:"how long an attempt may take before the client gives it up" example:"timeout = \"2s\""`
	Deadline     kind.Duration  `key:"deadline" absent:"none" above:"0s" doc:"how long a request may take with all its attempts and pauses; then it has timed out" example:"deadline = \"5s\""`
	Retries      Retries        `key:"retries" absent:"0" doc:"further attempts after one that did not end well: a number, or a table" example:"retries = { max = 2, backoff = \"doubling 100ms max 2s\", jitter = \"full\" }"`
	Hedge        Hedge          `key:"hedge" absent:"none" doc:"sends a second copy of an attempt that has had no answer by then, to another instance if there is one; the first ok answer wins; each copy has timeout for itself" source:"J. Dean and L. A. Barroso, The Tail at Scale, CACM 56(2), 2013" example:"hedge = \"30ms\""`
	Breaker      *BreakerConfig `key:"breaker" absent:"none" doc:"stops sending while too many attempts fail; requests then end at once, as breaker" source:"M. Nygard, Release It!, 2007" example:"breaker = { error_ratio = \"50%\", window = \"10s\", min = 20, open = \"5s\" }"`
	Cancel       bool           `key:"cancel" absent:"false" doc:"what is given up leaves the queues and stops, its calls too; otherwise servers go on working for nobody" example:"cancel = true"`
}

// SessionConfig is a client's session.
type SessionConfig struct {
	kind.Place

	Length CountLaw `key:"length" required:"yes" doc:"how many requests a user sends" example:"session = { length = \"geometric 6\" }"`
	Think  TimeLaw  `key:"think" absent:"none" doc:"how long a user thinks before each further request; nothing if left out" example:"session = { length = 3, think = \"exp 4s\" }"`
}

// Priorities maps operations to priorities.
type Priorities []NamedPriority

// NamedPriority is one entry of Priorities.
type NamedPriority struct {
	Name  string
	At    kind.Cursor
	Key   kind.Pos
	Value int32
}

// Read takes the numbers.
func (p *Priorities) Read(c kind.Cursor) {
	if c.Value.Type != kind.TypeTable {
		c.Wrong("a table of priorities such as { checkout = 10 }", "")
		return
	}
	for _, e := range c.Value.Table.Entries {
		if value, ok := readPriority(c.Key(e)); ok {
			*p = append(*p, NamedPriority{e.Key, c.Key(e), e.KeyPos, value})
		}
	}
}

// Shape describes the table.
func (*Priorities) Shape() kind.Shape { return kind.Shape{Type: "a table of priorities by operation"} }

// Hedge is the time after which a second copy is sent; 0s is at once.
type Hedge struct {
	Given bool
	After kind.Duration
}

// Read takes the duration.
func (h *Hedge) Read(c kind.Cursor) {
	switch c.Value.Type {
	case kind.TypeString, kind.TypeInteger, kind.TypeFloat:
	default:
		c.Wrong(`a duration such as "30ms"`, "")
		return
	}
	text := c.Value.Text
	if c.Value.Type != kind.TypeString {
		text = c.Value.Raw
	}
	n, err := kind.ParseDuration(text)
	switch {
	case err != nil:
		c.Literal(err)
	case n < 0:
		c.Fail("E302", "must be at least 0s, got %s", kind.QuoteText(text))
	default:
		h.Given, h.After = true, kind.Duration(n)
	}
}

// Shape describes the duration.
func (*Hedge) Shape() kind.Shape { return kind.Shape{Type: "a duration"} }

// BreakerConfig stops calls that keep failing.
type BreakerConfig struct {
	kind.Place

	ErrorRatio  kind.Ratio    `key:"error_ratio" above:"0" doc:"opens when so many of the attempts within window ended badly" example:"breaker = { error_ratio = \"50%\", open = \"5s\" }"`
	Window      kind.Duration `key:"window" default:"10s" above:"0s" doc:"of error_ratio: how far back attempts count, in ten parts" example:"breaker = { error_ratio = \"50%\", window = \"30s\", open = \"5s\" }"`
	Min         int           `key:"min" default:"20" min:"1" limit:"1000000" doc:"of error_ratio: attempts within window before it counts" example:"breaker = { error_ratio = \"50%\", min = 10, open = \"5s\" }"`
	Consecutive int           `key:"consecutive" min:"1" limit:"1000000" doc:"opens after so many bad endings in a row, instead of error_ratio" example:"breaker = { consecutive = 5, open = \"5s\" }"`
	Open        kind.Duration `key:"open" default:"5s" above:"0s" doc:"how long it stays open; then one attempt is let through, and closes it or opens it again" example:"breaker = { consecutive = 5, open = \"30s\" }"`
}

// StageConfig is one stage of a client's traffic.
type StageConfig struct {
	kind.Place

	Duration kind.Duration `key:"duration" required:"yes" min:"0s" doc:"how long the ramp to the target takes; 0s is a jump" example:"stages = [{ duration = \"2m\", target = \"500/s\" }]"`
	Target   StageTarget   `key:"target" required:"yes" doc:"the rate at its end, or the number of users of a closed client" example:"stages = [{ duration = \"2m\", target = \"500/s\" }]"`
}

// StageTarget is a rate or a number of users: which of them, the client says.
type StageTarget struct{ At kind.Cursor }

// Read takes the value.
func (t *StageTarget) Read(c kind.Cursor) {
	switch c.Value.Type {
	case kind.TypeString, kind.TypeInteger, kind.TypeFloat:
		t.At = c
	default:
		c.Wrong(`a rate such as "500/s", or a number of users`, "")
	}
}

// Shape describes the value.
func (*StageTarget) Shape() kind.Shape { return kind.Shape{Type: "a rate, or a number of users"} }

// Daily is the table of a day's traffic.
type Daily struct {
	DailyConfig
	At kind.Cursor
}

// DailyConfig is what a Daily says.
type DailyConfig struct {
	kind.Place

	Peak   kind.Rate `key:"peak" required:"yes" above:"0/s" doc:"the highest rate of the day" example:"peak = \"1200/s\""`
	Trough kind.Rate `key:"trough" required:"yes" doc:"the lowest, twelve hours from the peak" example:"trough = \"150/s\""`
	PeakAt ClockTime `key:"peak_at" required:"yes" doc:"the time of day of the peak" example:"peak_at = \"20:00\""`
}

// Read takes the table.
func (d *Daily) Read(c kind.Cursor) {
	d.At = c
	kind.Decode(c, &d.DailyConfig)
}

// Shape describes the table.
func (*Daily) Shape() kind.Shape { return kind.Shape{Type: "a table", Table: DailyConfig{}} }

// Given reports whether the file has it.
func (d *Daily) Given() bool { return d.At.Value != nil }

// Wave is the table of a rate that swings.
type Wave struct {
	WaveConfig
	At kind.Cursor
}

// WaveConfig is what a Wave says.
type WaveConfig struct {
	kind.Place

	Mean      kind.Rate     `key:"mean" required:"yes" above:"0/s" doc:"the rate in the middle" example:"mean = \"20/s\""`
	Amplitude kind.Rate     `key:"amplitude" required:"yes" doc:"how far it swings to either side; at most the mean" example:"amplitude = \"15/s\""`
	Period    kind.Duration `key:"period" required:"yes" above:"0s" doc:"the time from one peak to the next" example:"period = \"60s\""`
}

// Read takes the table.
func (w *Wave) Read(c kind.Cursor) {
	w.At = c
	kind.Decode(c, &w.WaveConfig)
}

// Shape describes the table.
func (*Wave) Shape() kind.Shape { return kind.Shape{Type: "a table", Table: WaveConfig{}} }

// Given reports whether the file has it.
func (w *Wave) Given() bool { return w.At.Value != nil }

// Arrivals is the text of an arrival process, or a trace.
type Arrivals struct {
	At    kind.Cursor
	Trace *TraceConfig // nil for a text
}

// Read takes the text or the table.
func (a *Arrivals) Read(c kind.Cursor) {
	switch c.Value.Type {
	case kind.TypeString:
		a.At = c
	case kind.TypeTable:
		a.At, a.Trace = c, new(TraceConfig)
		kind.Decode(c, a.Trace)
	case kind.TypeInteger, kind.TypeFloat:
		c.Wrong(`an arrival process such as "poisson 800/s"`,
			`independent customers: "poisson `+kind.Cut(c.Value.Raw)+`/s"; equal gaps: "constant `+kind.Cut(c.Value.Raw)+`/s"`)
	default:
		c.Wrong(`an arrival process such as "poisson 800/s"`, "")
	}
}

// Shape describes the text and the table.
func (*Arrivals) Shape() kind.Shape {
	return kind.Shape{Type: "an arrival process, or a trace", Table: TraceConfig{}}
}

// Given reports whether the file has it.
func (a Arrivals) Given() bool { return a.At.Value != nil }

// TraceConfig replays a recorded series of requests.
type TraceConfig struct {
	kind.Place

	Trace   string        `key:"trace" required:"yes" doc:"the file, its path relative to the topology; .gz is unpacked" example:"arrivals = { trace = \"access.log\", format = \"clf\" }"`
	Format  TraceFormat   `key:"format" required:"yes" doc:"clf and combined are web logs, csv is a table with a header, keys is one key a line, counts is one number of arrivals a line" example:"arrivals = { trace = \"access.log\", format = \"combined\" }"`
	Columns ColumnsConfig `key:"columns" doc:"csv: which columns hold the time and what the request is" example:"arrivals = { trace = \"a.csv\", format = \"csv\", columns = { time = \"t\", op = \"op\" }, unit = \"s\" }"`
	Unit    TraceUnit     `key:"unit" doc:"csv: the unit of a numeric time column; times with a date (RFC 3339) need none" example:"arrivals = { trace = \"day.csv\", format = \"csv\", columns = { time = \"ts\" }, unit = \"ms\" }"`
	Rate    kind.Rate     `key:"rate" above:"0/s" doc:"keys: at what rate they come, at equal gaps" example:"arrivals = { trace = \"keys.txt.gz\", format = \"keys\", rate = \"500/s\" }"`
	Every   kind.Duration `key:"every" above:"0s" doc:"counts: how long each line stands for; its arrivals are spread over that time" example:"arrivals = { trace = \"per-second.txt\", format = \"counts\", every = \"1s\" }"`
	Speed   kind.Factor   `key:"speed" default:"1" above:"0" doc:"replays so many times as fast" example:"arrivals = { trace = \"access.log\", format = \"clf\", speed = 10 }"`
	Repeat  bool          `key:"repeat" absent:"false" doc:"starts over at the end, for as long as the run lasts" example:"arrivals = { trace = \"access.log\", format = \"clf\", repeat = true }"`
	Sort    bool          `key:"sort" absent:"false" doc:"puts rows into order of time; without it, rows out of order are an error" example:"arrivals = { trace = \"access.log\", format = \"clf\", sort = true }"`
}

// ColumnsConfig names the columns of a csv trace.
type ColumnsConfig struct {
	kind.Place

	Time string `key:"time" doc:"when the request came" example:"arrivals = { trace = \"day.csv\", format = \"csv\", unit = \"s\", columns = { time = \"t\" } }"`
	Op   string `key:"op" doc:"the operation that it asked for; without it, operations are drawn from requests" example:"arrivals = { trace = \"a.csv\", format = \"csv\", unit = \"s\", columns = { time = \"t\", op = \"op\" } }"`
	Key  string `key:"key" doc:"the item that it was about" example:"arrivals = { trace = \"a.csv\", format = \"csv\", unit = \"s\", columns = { time = \"t\", key = \"id\" } }"`

	Source string `key:"source" doc:"the address that it came from, instead of sources" example:"arrivals = { trace = \"a\", format = \"csv\", unit = \"s\", columns = { time = \"t\", source = \"a\" } }"`
	Size   string `key:"size" doc:"the bytes of its answer, instead of response_size" example:"arrivals = { trace = \"a\", format = \"csv\", unit = \"s\", columns = { time = \"t\", size = \"b\" } }"`
}

// TraceFormat is the form of a trace.
type TraceFormat string

// Words lists the formats.
func (TraceFormat) Words() []string { return []string{"clf", "combined", "csv", "keys", "counts"} }

// TraceUnit is the unit of a time column.
type TraceUnit string

// Words lists the units.
func (TraceUnit) Words() []string { return []string{"ns", "us", "ms", "s", "min", "h"} }

// Retries is what a caller does after an attempt that did not end well:
// retries = 2 is short for { max = 2 }.
type Retries struct {
	RetriesConfig
	At kind.Cursor
}

// RetriesConfig is the table form of Retries.
type RetriesConfig struct {
	kind.Place

	Max     int            `key:"max" required:"yes" min:"0" limit:"100" doc:"how many further attempts" example:"retries = { max = 2 }"`
	Backoff BackoffText    `key:"backoff" absent:"none" doc:"the pause before a retry: a distribution, or doubling from a first pause up to a longest; none if left out" example:"retries = { max = 2, backoff = \"doubling 100ms max 2s\" }"`
	On      RetriedEndings `key:"on" absent:"all of them" doc:"which endings are tried again, of timeout, rejected, unavailable and failed; all of them if left out" example:"retries = { max = 2, on = [\"unavailable\"] }"`
	Budget  kind.Ratio     `key:"budget" absent:"unlimited" above:"0" doc:"retries are at most this share of first attempts: each first attempt adds so much of a token, a retry takes one, at most 10 are kept" source:"https://github.com/grpc/proposal/blob/master/A6-client-retries.md (throttling)" example:"retries = { max = 2, budget = \"10%\" }"`
	Jitter  JitterName     `key:"jitter" default:"none" doc:"spreads the pauses: full takes them from 0 to the pause, equal from half of it to the whole" example:"retries = { max = 2, backoff = \"doubling 100ms max 2s\", jitter = \"full\" }"`
}

// Read takes the number or the table.
func (r *Retries) Read(c kind.Cursor) {
	r.At = c
	if c.Value.Type == kind.TypeTable {
		kind.Decode(c, &r.RetriesConfig)
		return
	}
	if c.Value.Type == kind.TypeArray || c.Value.Type == kind.TypeBoolean || c.Value.Type == kind.TypeDate {
		c.Wrong("a number of retries, or a table such as { max = 2, backoff = \"exp 100ms\" }", "")
		return
	}
	long := *c.Value
	long.Type, long.Table = kind.TypeTable, &kind.Table{Pos: c.Value.Pos}
	long.Table.Add(&kind.Entry{Key: "max", KeyPos: c.Value.Pos, Value: c.Value})
	c.Value = &long
	kind.Decode(c, &r.RetriesConfig)
}

// Shape describes the number and the table.
func (*Retries) Shape() kind.Shape {
	return kind.Shape{Type: "an integer, or a table", Table: RetriesConfig{}}
}

// Given reports whether the file has it.
func (r Retries) Given() bool { return r.At.Value != nil }

// RetriedEndings are the endings that are tried again.
type RetriedEndings struct {
	Given bool
	Set   StatusSet
}

// Read takes the words.
func (r *RetriedEndings) Read(c kind.Cursor) {
	words := []string{"timeout", "rejected", "unavailable", "failed"}
	var list Strings
	list.Read(c)
	r.Given = true
	for _, at := range list {
		if i := slices.Index(words, at.Value.Text); i >= 0 {
			r.Set |= 1 << (i + 1)
		} else {
			at.UnknownWord(at.Value.Text, words)
		}
	}
	if c.Value.Type == kind.TypeArray && len(c.Value.Items) == 0 {
		c.Report(c.Problem("E302", "needs at least one ending").WithHint("max = 0 tries nothing again"))
	}
}

// Shape describes the words.
func (*RetriedEndings) Shape() kind.Shape { return kind.Shape{Type: "an array of strings"} }

// BackoffText is a pause: a distribution, or "doubling 100ms max 2s".
type BackoffText struct{ At kind.Cursor }

// Read takes the text.
func (b *BackoffText) Read(c kind.Cursor) {
	var law TimeLaw
	law.Read(c)
	b.At = law.At
}

// Shape describes the text.
func (*BackoffText) Shape() kind.Shape {
	return kind.Shape{Type: `a distribution of a time, or "doubling FIRST max LONGEST"`}
}

// Given reports whether the file has it, and it may be read.
func (b BackoffText) Given() bool { return b.At.Value != nil }

// JitterName is the word for a Jitter.
type JitterName string

// Words lists the kinds of jitter.
func (JitterName) Words() []string { return []string{"none", "full", "equal"} }
