package node

import "github.com/capsim/capsim/models/kind"

// ClientConfig is a [client.NAME] table.
type ClientConfig struct {
	kind.Place

	Target   string        `key:"target" required:"yes" doc:"the node that the requests go to, or an operation of it" example:"target = \"lb\""`
	Arrivals Arrivals      `key:"arrivals" doc:"how open traffic comes: \"poisson RATE\" (independent customers), \"constant RATE\" (equal gaps), \"gamma RATE cv=NUMBER\" (gaps of any regularity), \"bursty RATE peak=FACTOR on=TIME off=TIME\", each with batch=COUNT for groups; or a trace to replay" example:"arrivals = \"poisson 800/s\""`
	Stages   []StageConfig `key:"stages" doc:"the rate (or the number of users) over time: linear ramps to each target, starting from the rate in arrivals or 0; the last target holds" example:"stages = [{ duration = \"2m\", target = \"500/s\" }, { duration = \"0s\", target = \"900/s\" }]"`
	Daily    Daily         `key:"daily" doc:"a rate that swings over 24 hours, highest at one time of day; run.start says what time it is at time 0" example:"daily = { peak = \"1200/s\", trough = \"150/s\", peak_at = \"20:00\" }"`
	Wave     Wave          `key:"wave" doc:"a rate that swings about a mean, as a sine; at time 0 it passes the mean on its way up" example:"wave = { mean = \"20/s\", amplitude = \"15/s\", period = \"60s\" }"`
	Users    int           `key:"users" min:"0" limit:"10000000" doc:"closed traffic: so many users, each of whom thinks, sends a request and waits for the answer" example:"users = 500"`
	Think    TimeLaw       `key:"think" doc:"how long a user thinks before each request; nothing if left out" example:"think = \"exp 7s\""`
	Requests Weights       `key:"requests" doc:"the operations that are asked for, and how often relative to each other; one operation, request, if left out" example:"requests = { browse = 88, search = 10, checkout = 2 }"`
	Keys     KeyLaw        `key:"keys" doc:"which item a request is about; keys are numbered from 0, the most popular first" example:"keys = \"zipf s=0.99 n=1M\""`
	Timeout  kind.Duration `key:"timeout" absent:"none" above:"0s" doc:"how long an attempt may take before the client gives it up" example:"timeout = \"2s\""`
	Retries  Retries       `key:"retries" absent:"0" doc:"further attempts after one that did not end well: a number, or a table" example:"retries = { max = 2, backoff = \"doubling 100ms max 2s\", jitter = \"full\" }"`
}

// StageConfig is one stage of a client's traffic.
type StageConfig struct {
	kind.Place

	Duration kind.Duration `key:"duration" required:"yes" min:"0s" doc:"how long the ramp to the target takes; 0s is a jump" example:"duration = \"2m\""`
	Target   StageTarget   `key:"target" required:"yes" doc:"the rate at its end, or the number of users of a closed client" example:"target = \"500/s\""`
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
	Columns ColumnsConfig `key:"columns" doc:"csv: which columns hold the time and what the request is" example:"arrivals = { trace = \"day.csv\", format = \"csv\", columns = { time = \"arrival_s\", op = \"path\" }, unit = \"s\" }"`
	Unit    TraceUnit     `key:"unit" doc:"csv: the unit of a numeric time column; times with a date (RFC 3339) need none" example:"arrivals = { trace = \"day.csv\", format = \"csv\", columns = { time = \"ts\" }, unit = \"ms\" }"`
	Rate    kind.Rate     `key:"rate" above:"0/s" doc:"keys: at what rate they come, at equal gaps" example:"arrivals = { trace = \"keys.txt.gz\", format = \"keys\", rate = \"500/s\" }"`
	Every   kind.Duration `key:"every" above:"0s" doc:"counts: how long each line stands for; its arrivals are spread over that time" example:"arrivals = { trace = \"per-second.txt\", format = \"counts\", every = \"1s\" }"`
	Speed   kind.Factor   `key:"speed" default:"1" above:"0" doc:"replays so many times as fast" example:"arrivals = { trace = \"access.log\", format = \"clf\", speed = 10 }"`
	Repeat  bool          `key:"repeat" doc:"starts over at the end, for as long as the run lasts" example:"arrivals = { trace = \"access.log\", format = \"clf\", repeat = true }"`
	Sort    bool          `key:"sort" doc:"puts rows into order of time; without it, rows out of order are an error" example:"arrivals = { trace = \"access.log\", format = \"clf\", sort = true }"`
}

// ColumnsConfig names the columns of a csv trace.
type ColumnsConfig struct {
	kind.Place

	Time string `key:"time" doc:"when the request came" example:"columns = { time = \"arrival_s\" }"`
	Op   string `key:"op" doc:"the operation that it asked for; without it, operations are drawn from requests" example:"columns = { time = \"arrival_s\", op = \"path\" }"`
	Key  string `key:"key" doc:"the item that it was about" example:"columns = { time = \"arrival_s\", key = \"item_id\" }"`
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

	Max     int         `key:"max" required:"yes" min:"0" limit:"100" doc:"how many further attempts" example:"retries = { max = 2 }"`
	Backoff BackoffText `key:"backoff" doc:"the pause before a retry: a distribution, or doubling from a first pause up to a longest; none if left out" example:"retries = { max = 2, backoff = \"doubling 100ms max 2s\" }"`
	Jitter  JitterName  `key:"jitter" default:"none" doc:"spreads the pauses: full takes them from 0 to the pause, equal from half of it to the whole" example:"retries = { max = 2, backoff = \"doubling 100ms max 2s\", jitter = \"full\" }"`
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
