package topologies

import (
	"errors"
	"io/fs"
	"slices"
	"strings"

	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/models/records"
	"github.com/capsim/capsim/sim"
)

// traceKey is everything that decides what a trace file means.
type traceKey struct {
	path, format, unit        string
	timeColumn, opColumn, key string
	source, size              string
	rate                      float64
	every                     sim.Time
	sort                      bool
	want                      string // numeric columns, joined
}

// loadedTrace is a trace, or what was wrong with it.
type loadedTrace struct {
	trace    *arrival.Trace
	problems []arrival.Problem
	err      error // the file could not be opened
}

// replayed is a client's trace.
type replayed struct {
	config *node.TraceConfig
	key    traceKey
	trace  *arrival.Trace
}

// replay resolves traffic from a trace. It returns nil if there is none to
// be had.
func (r *resolver) replay(i int, c *node.ClientConfig, spec *node.ClientSpec) *arrival.Trace {
	config := c.Arrivals.Trace
	r.shaped = true
	if c.Has("keys") {
		r.keysOfTrace(c)
	}
	for _, one := range []struct{ key, column, given string }{
		{"sources", "source", config.Columns.Source}, {"response_size", "size", config.Columns.Size},
	} {
		if c.Has(one.key) && one.given != "" {
			r.report.Add(c.AtKey(one.key, "E207", "the trace gives them").See(config.Columns.KeyPos(one.column), "in this column"))
		}
	}
	if !r.traceForm(config) || r.nodes[i].bad {
		return nil
	}
	one := &replayed{config: config, key: traceKey{
		path: r.file.resolvePath(config.ValueOf("trace"), config.Trace), format: string(config.Format), unit: string(config.Unit),
		timeColumn: config.Columns.Time, opColumn: config.Columns.Op, key: config.Columns.Key, sort: config.Sort,
		source: config.Columns.Source, size: config.Columns.Size,
		rate: float64(config.Rate), every: sim.Time(config.Every),
	}}
	r.traces[i] = one
	if one.trace = r.readTrace(one, nil); one.trace != nil {
		spec.Open = r.plan(one)
	}
	return one.trace
}

// plan is the way in which a trace is replayed.
func (r *resolver) plan(one *replayed) arrival.TracePlan {
	return arrival.TracePlan{Trace: one.trace, Speed: float64(one.config.Speed), Load: r.load(), Repeat: one.config.Repeat}
}

// keysOfTrace refuses a law of keys beside a trace that has them.
func (r *resolver) keysOfTrace(c *node.ClientConfig) {
	config := c.Arrivals.Trace
	switch config.Format {
	case "csv":
		if config.Columns.Key != "" {
			r.report.Add(c.AtKey("keys", "E207", "the trace gives the keys").See(config.Columns.KeyPos("key"), "in this column"))
		}
	case "keys":
		r.report.Add(c.AtKey("keys", "E207", "the trace gives the keys").See(config.ValueOf("format").Pos, "one a line"))
	case "clf", "combined":
		r.report.Add(c.AtKey("keys", "E207", "the trace gives the keys: the paths that were asked for").See(config.ValueOf("format").Pos, "a web log"))
	}
}

// traceKeys are the keys that go with some formats of a trace only.
var traceKeys = []struct {
	key     string
	formats []node.TraceFormat
}{
	{"columns", []node.TraceFormat{"csv"}},
	{"unit", []node.TraceFormat{"csv"}},
	{"rate", []node.TraceFormat{"keys"}},
	{"every", []node.TraceFormat{"counts"}},
	{"sort", []node.TraceFormat{"clf", "combined", "csv"}},
}

// traceForm checks that the keys of a trace go with its format.
func (r *resolver) traceForm(c *node.TraceConfig) bool {
	if c.Format == "" {
		return false
	}
	ok := true
	fail := func(d kind.Diagnostic) {
		r.report.Add(d)
		ok = false
	}
	for _, row := range traceKeys {
		if c.Has(row.key) && !slices.Contains(row.formats, c.Format) {
			quoted := make([]string, len(row.formats))
			for i, format := range row.formats {
				quoted[i] = kind.QuoteText(string(format))
			}
			fail(c.AtKey(row.key, "E202", "this key goes with format = "+strings.Join(quoted, " or ")+", not with "+string(c.Format)).
				See(c.ValueOf("format").Pos, "the format"))
		}
	}
	switch {
	case c.Format == "csv" && !c.Has("columns"):
		fail(c.Whole("E203", "a csv trace needs columns, which say where the time stands").
			WithHint(`for example columns = { time = "arrival_s" }, unit = "s"`))
	case c.Format == "csv" && c.Columns.Time == "":
		fail(c.At("columns", "E203", `missing key "time": the column that says when a request came`).
			WithHint(`for example columns = { time = "arrival_s" }`))
	case c.Format == "keys" && !c.Has("rate"):
		fail(c.Whole("E203", "a trace of keys needs a rate: it does not say when they came").WithHint(`for example rate = "500/s"`))
	case c.Format == "counts" && !c.Has("every"):
		fail(c.Whole("E203", "a trace of counts needs every: how long each line stands for").WithHint(`for example every = "1s"`))
	}
	return ok
}

// readTrace reads a trace with some of its numeric columns, or takes it from
// those that were read before, and reports what is wrong with it.
func (r *resolver) readTrace(one *replayed, want []string) *arrival.Trace {
	key := one.key
	key.want = strings.Join(want, "\x00")
	found := r.file.traces[key]
	if found == nil {
		found = r.file.read(key, want)
		r.file.traces[key] = found
	}
	if found.err != nil {
		code, message := FileProblem(found.err)
		hint := map[string]string{
			"E002": "name a file in it",
			"E003": "the user who runs capsim must be allowed to read it",
			"E004": "a pipe or a device may never end: write the data to a file first",
		}[code]
		if errors.Is(found.err, fs.ErrNotExist) {
			if code, hint = "E503", nearFile(r.file.files, key.path); hint == "" {
				hint = "the path counts from the folder of the topology"
			}
		}
		r.report.Add(one.config.At("trace", code, message+": "+kind.QuoteText(key.path)).WithHint(hint))
	}
	for _, p := range found.problems {
		r.report.Add(kind.Diagnostic{
			Code: p.Code, Pos: kind.Pos{File: key.path, Line: p.Line, Col: p.Col, EndCol: p.EndCol},
			Key: kind.JoinKey(one.config.Path, "trace"), Message: p.Message, Hint: p.Hint,
		})
	}
	return found.trace
}

// read reads a trace file.
func (f *File) read(key traceKey, want []string) *loadedTrace {
	in, err := f.files.Open(key.path)
	if err != nil {
		return &loadedTrace{err: err}
	}
	defer in.Close() // read only: nothing can be lost
	out := &loadedTrace{}
	switch key.format {
	case "clf":
		out.trace, out.problems = arrival.ReadCLF(in, arrival.LogOptions{Sort: key.sort})
	case "combined":
		out.trace, out.problems = arrival.ReadCombined(in, arrival.LogOptions{Sort: key.sort})
	case "keys":
		out.trace, out.problems = arrival.ReadKeys(in, arrival.KeysOptions{Rate: key.rate})
	case "counts":
		out.trace, out.problems = arrival.ReadCounts(in, arrival.CountsOptions{Every: key.every})
	default:
		out.trace, out.problems = arrival.ReadCSV(in, arrival.CSVOptions{
			Time: key.timeColumn, Op: key.opColumn, Key: key.key, Source: key.source, Size: key.size, Unit: key.unit, Want: want, Sort: key.sort,
		})
	}
	return out
}

// traceOp finds the first row of a client's trace that asks for an
// operation; false if its operations do not come from a trace.
func (r *resolver) traceOp(i int, op string) (kind.Pos, bool) {
	one := r.traces[i]
	if one == nil || one.trace == nil || one.trace.Ops == nil {
		return kind.Pos{}, false
	}
	pos := kind.Pos{File: one.key.path, Line: 1, Col: 1}
	in, err := r.file.files.Open(one.key.path)
	if err != nil {
		return pos, true // it could be read a moment ago
	}
	defer in.Close() // read only: nothing can be lost
	table, problem := records.OpenCSV(in, records.Limits{})
	if problem != nil {
		return pos, true
	}
	column, problem := table.Column(one.key.opColumn)
	if problem != nil {
		return pos, true
	}
	for {
		cells, _, ok := table.Next()
		if !ok {
			return pos, true
		}
		if cells != nil && string(cells[column].Text) == op {
			at := table.At(&cells[column], "E606", "", "")
			return kind.Pos{File: one.key.path, Line: at.Line, Col: at.Col, EndCol: at.EndCol}, true
		}
	}
}

// tracedColumns gives every client the columns of its trace that laws read
// on the way of its requests, and refuses such laws where a request has no
// such column.
func (r *resolver) tracedColumns(g *callGraph) {
	if len(r.traced) == 0 {
		return
	}
	for i := range r.nodes {
		c := r.spec.Nodes[i].Client
		if c == nil {
			continue
		}
		seen := g.from(g.starts(c))
		one := r.traces[i]
		var want []string
		for _, law := range r.traced {
			if !g.comesTo(c, seen, law) {
				continue
			}
			if one == nil || one.key.format != "csv" {
				r.report.Add(law.at.Problem("E602", "column "+kind.QuoteText(law.column)+" of a trace is read here, but the requests of "+
					kind.QuoteText(r.nodes[i].name)+" come from no csv trace").See(r.nodes[i].keyPos, "the client"))
				continue
			}
			if !slices.Contains(want, law.column) && r.hasColumn(one, law) {
				want = append(want, law.column)
			}
		}
		if len(want) > 0 {
			slices.Sort(want)
			if one.trace = r.readTrace(one, want); one.trace != nil {
				c.Open = r.plan(one)
			}
		}
	}
}

// hasColumn reports whether a trace has the column that a law reads.
func (r *resolver) hasColumn(one *replayed, law tracedLaw) bool {
	in, err := r.file.files.Open(one.key.path)
	if err != nil {
		return true // it could be read a moment ago; reading it again will tell
	}
	defer in.Close() // read only: nothing can be lost
	table, problem := records.OpenCSV(in, records.Limits{})
	if problem != nil {
		return true
	}
	if _, problem = table.Column(law.column); problem != nil {
		r.report.Add(law.at.Problem(problem.Code, kind.QuoteText(one.key.path)+": "+problem.Message).WithHint(problem.Hint))
		return false
	}
	return true
}

// comesTo reports whether requests of a client, which reach the marked
// vertices, come to a law.
func (g *callGraph) comesTo(c *node.ClientSpec, seen []bool, law tracedLaw) bool {
	if law.op != "" {
		return seen[g.vertex(law.node, law.op)]
	}
	if slices.Contains(g.r.passes(c.Target.Node), law.node) {
		return true
	}
	for v := range seen {
		if seen[v] && (g.node[v] == law.node || slices.Contains(g.caches[v], law.node)) {
			return true
		}
		for _, lb := range g.lbs[v] {
			if seen[v] && slices.Contains(g.r.passes(lb), law.node) {
				return true
			}
		}
	}
	return false
}

// checkTraceEnds warns of traces that are over well before the run is.
func (r *resolver) checkTraceEnds() {
	for i := range r.nodes {
		one := r.traces[i]
		if one == nil || one.trace == nil {
			continue
		}
		plan := r.plan(one)
		lasts, run := plan.Length(), r.spec.Run.Duration+max(r.spec.Run.Warmup, 0)
		if repeats := plan.Repeat || plan.Load != 1; repeats && lasts > 0 || float64(lasts) >= 0.95*float64(run) {
			continue
		} else if repeats {
			r.report.Add(one.config.At("trace", "W601", "the trace is over at once: all of its rows are at one time, so that it cannot start over").
				WithHint("a trace starts over a mean gap behind its last row"))
			continue
		}
		last := sim.Time(float64(one.trace.Times[len(one.trace.Times)-1]) / (plan.Speed * plan.Load))
		last -= last % sim.Millisecond
		r.report.Add(one.config.At("trace", "W601", "the trace ends after "+kind.FormatDuration(int64(last))+" of the "+
			kind.FormatDuration(int64(run))+" that are simulated").
			WithHint("figures per second count the silence behind it; set run.duration, or repeat = true"))
	}
}
