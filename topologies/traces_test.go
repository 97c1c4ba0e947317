package topologies

import (
	"strings"
	"testing"

	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	clf = `10.0.0.1 - - [01/Jul/1995:00:00:01 -0400] "GET /a HTTP/1.0" 200 6245
10.0.0.2 - - [01/Jul/1995:00:00:09 -0400] "GET /b HTTP/1.0" 200 -
`
	day = "ts,path,item,us\n0,browse,x,10\n1.5,buy,y,20\n2.5,browse,x,30\n"
)

func replaying(how, steps string) memory {
	return memory{
		"in/shop.toml": "[run]\nduration = \"2s\"\n[client.c]\ntarget = \"s\"\narrivals = { " + how + " }\n[server.s]\non.request = [" + steps +
			"]\non.browse = [" + steps + "]\n",
		"in/a.log": clf, "in/day.csv": day, "up.csv": day, "in/dir": "<directory>", "in/secret": "<secret>", "in/empty.csv": "ts\n",
		"in/combined.log": strings.ReplaceAll(clf, "\n", " \"-\" \"curl\"\n"), "in/bad.csv": "ts\n1\n0\n", "in/one.csv": "ts\n1\n1\n",
	}
}

func TestTracesAreReadBesideTheTopology(t *testing.T) {
	for how, want := range map[string]int{
		`trace = "a.log", format = "clf"`:                                                                          2,
		`trace = "combined.log", format = "combined", speed = 3`:                                                   2,
		`trace = "day.csv", format = "csv", columns = { time = "ts" }, unit = "s"`:                                 3,
		`trace = "../up.csv", format = "csv", columns = { time = "ts", key = "item" }, unit = "ms", repeat = true`: 3,
		`trace = "bad.csv", format = "csv", columns = { time = "ts" }, unit = "s", sort = true, repeat = true`:     2,
	} {
		spec, report := specOf(replaying(how, ""), "in/shop.toml", Options{}, "")
		require.NotNil(t, spec, headlines(report))
		plan := spec.Nodes[0].Client.Open.(arrival.TracePlan)
		assert.Len(t, plan.Trace.Times, want)
		assert.Equal(t, sim.Time(0), spec.Run.Warmup, "auto is 0 with a trace")
		assert.Equal(t, []node.WeightedOp{{Name: "request", Weight: 1}}, spec.Nodes[0].Client.Ops)
	}
}

func TestATraceMayNameTheOperations(t *testing.T) {
	files := replaying(`trace = "day.csv", format = "csv", columns = { time = "ts", op = "path" }, unit = "s"`, "")
	_, report := specOf(files, "in/shop.toml", Options{}, "")
	require.Len(t, report.Diagnostics(), 1)
	assert.Equal(t, `in/day.csv:3:5: error[E606]: client.c.target: server "s" has no operation "buy"`, headlines(report)[0])

	files["in/shop.toml"] += "on.buy = []\n"
	spec, report := specOf(files, "in/shop.toml", Options{}, "")
	require.NotNil(t, spec, headlines(report))
	assert.Equal(t, []node.WeightedOp{{Name: "browse", Weight: 2}, {Name: "buy", Weight: 1}}, spec.Nodes[0].Client.Ops)
}

// Which operations a trace asks for is unknown while something is wrong with
// it: nothing is said of operations that servers lack.
func TestATraceThatCannotBeReadIsTheOnlyFinding(t *testing.T) {
	for _, how := range []string{
		`trace = "dya.csv", format = "csv", columns = { time = "ts", op = "path" }, unit = "s"`,
		`trace = "day.csv", format = "csv", columns = { time = "us_", op = "path" }, unit = "s"`,
		`trace = "day.csv", format = "csv", columns = { time = "ts", op = "path" }, unit = "sec"`,
		`trace = "day.csv", format = "cvs", columns = { time = "ts" }`,
		`trcae = "day.csv", format = "clf", trace = "a.log"`,
	} {
		files := replaying(how, "")
		files["in/shop.toml"] = strings.Replace(files["in/shop.toml"], "on.request", "on.buy", 1)
		_, report := specOf(files, "in/shop.toml", Options{}, "")
		require.Len(t, headlines(report), 1, how)
		assert.NotContains(t, headlines(report)[0], "E502", how)
	}
}

func TestLawsReadColumnsOfTheTrace(t *testing.T) {
	csv := `trace = "day.csv", format = "csv", columns = { time = "ts" }, unit = "s"`
	spec, report := specOf(replaying(csv, `{ cpu = "trace us unit=us" }`), "in/shop.toml", Options{}, "")
	require.NotNil(t, spec, headlines(report))
	assert.Equal(t, []float64{10, 20, 30}, spec.Nodes[0].Client.Open.(arrival.TracePlan).Trace.Columns["us"])

	for _, tt := range []struct{ how, steps, want string }{
		{csv, `{ cpu = "trace uss unit=us" }`, `in/shop.toml:7:23: error[E602]: server.s.on.request[0].cpu: "in/day.csv": there is no column "uss"; did you mean "us"?`},
		{csv, `{ cpu = "trace path unit=us" }`, `in/day.csv:2:3: error[E604]: client.c.arrivals.trace: expected a plain decimal number from 0, got "browse"`},
		{`trace = "a.log", format = "clf"`, `{ cpu = "trace us unit=us" }`,
			`in/shop.toml:7:23: error[E602]: server.s.on.request[0].cpu: column "us" of a trace is read here, but the requests of "c" come from no csv trace`},
	} {
		_, report := specOf(replaying(tt.how, tt.steps), "in/shop.toml", Options{}, "")
		require.NotEmpty(t, report.Diagnostics())
		assert.Equal(t, tt.want, headlines(report)[0])
	}
	_, report = specOf(memory{"in/shop.toml": shop[:len(shop)-len("on.request = [{ cpu = \"exp 10ms\" }]\n")] + "on.request = [{ wait = \"trace us unit=us\" }]\n"}, "in/shop.toml", Options{}, "")
	assert.Equal(t, []string{`in/shop.toml:8:24: error[E602]: server.web.on.request[0].wait: column "us" of a trace is read here, but the requests of "users" come from no csv trace`}, headlines(report))
}

func TestWhatIsWrongWithATraceIsSaid(t *testing.T) {
	for how, want := range map[string]string{
		`trace = "b.log", format = "clf"`:                                            `in/shop.toml:5:22: error[E503]: client.c.arrivals.trace: no such file: "in/b.log"`,
		`trace = "dir", format = "clf"`:                                              `in/shop.toml:5:22: error[E002]: client.c.arrivals.trace: is a directory: "in/dir"`,
		`trace = "secret", format = "clf"`:                                           `in/shop.toml:5:22: error[E003]: client.c.arrivals.trace: permission denied: "in/secret"`,
		`trace = "day.csv", format = "csv", unit = "s"`:                              `in/shop.toml:5:12: error[E203]: client.c.arrivals: a csv trace needs columns, which say where the time stands`,
		`trace = "day.csv", format = "csv", columns = { op = "x" }, unit = "s"`:      `in/shop.toml:5:59: error[E203]: client.c.arrivals.columns: missing key "time": the column that says when a request came`,
		`trace = "day.csv", format = "csv", columns = { time = "tss" }, unit = "s"`:  `in/day.csv:1:1: error[E602]: client.c.arrivals.trace: there is no column "tss"; did you mean "ts"?`,
		`trace = "a.log", format = "clf", unit = "s"`:                                `in/shop.toml:5:47: error[E202]: client.c.arrivals.unit: this key goes with format = "csv", not with clf`,
		`trace = "day.csv", format = "clf"`:                                          `in/day.csv:1:1: error[E605]: client.c.arrivals.trace: expected host, identity, user and [time]`,
		`trace = "empty.csv", format = "csv", columns = { time = "ts" }, unit = "s"`: `in/empty.csv:1:1: error[E601]: client.c.arrivals.trace: the trace has no rows`,
		`trace = "bad.csv", format = "csv", columns = { time = "ts" }, unit = "s"`:   `in/bad.csv:3:1: error[E603]: client.c.arrivals.trace: the time "0" is before that of a row above`,
		`format = "clf"`:  `in/shop.toml:5:12: error[E203]: client.c.arrivals.trace: missing key "trace"`,
		`trace = "a.log"`: `in/shop.toml:5:12: error[E203]: client.c.arrivals.format: missing key "format"`,
		`trace = "a.log", format = "clf", speed = 0`:                                              `in/shop.toml:5:55: error[E302]: client.c.arrivals.speed: must be more than 0, got 0`,
		`trace = "a.log", format = "clf", speed = 10`:                                             `in/shop.toml:5:22: warning[W601]: client.c.arrivals.trace: the trace ends after 775ms of the 2s`,
		`trace = "one.csv", format = "csv", columns = { time = "ts" }, unit = "s", repeat = true`: `in/shop.toml:5:22: warning[W601]: client.c.arrivals.trace: the trace is over at once: all of its rows are at one time`,
	} {
		_, report := specOf(replaying(how, ""), "in/shop.toml", Options{}, "")
		require.NotEmpty(t, headlines(report), how)
		assert.Contains(t, headlines(report)[0], want)
	}
	for extra, want := range map[string]string{
		"stages = [{ duration = \"1m\", target = \"3/s\" }]": `in/shop.toml:4:1: error[E207]: client.c.stages: stages and a trace exclude each other: the trace says when requests come`,
		"requests = { browse = 1 }":                          `in/shop.toml:4:1: error[E207]: client.c.requests: the trace names the operations; requests would not be used`,
		"keys = \"uniform n=9\"":                             `in/shop.toml:4:1: error[E207]: client.c.keys: the trace gives the keys`,
	} {
		files := replaying(`trace = "day.csv", format = "csv", columns = { time = "ts", op = "path", key = "item" }, unit = "s"`, "")
		files["in/shop.toml"] = strings.Replace(files["in/shop.toml"], "target", extra+"\ntarget", 1)
		_, report := specOf(files, "in/shop.toml", Options{}, "")
		assert.Contains(t, headlines(report), want)
	}
}

func TestDataOfDistributionsIsReadBesideTheTopology(t *testing.T) {
	files := replaying(`trace = "a.log", format = "clf"`, `{ cpu = "empirical day.csv column=us unit=us" }`)
	spec, report := specOf(files, "in/shop.toml", Options{}, "")
	require.NotNil(t, spec, headlines(report))
	step := spec.Nodes[1].Server.Ops[0].Steps[0]
	assert.InDelta(t, 20e3, step.Time.Mean(), 1)
	_, report = specOf(replaying(`trace = "a.log", format = "clf"`, `{ cpu = "empirical nix.csv column=us unit=us" }`), "in/shop.toml", Options{}, "")
	require.NotEmpty(t, report.Diagnostics())
	assert.Contains(t, headlines(report)[0], `error[E503]: server.s.on.request[0].cpu: no such file: "in/nix.csv"`)
}

func TestATraceIsReadOnceForAllDesigns(t *testing.T) {
	files := &counting{memory: replaying(`trace = "a.log", format = "clf"`, "")}
	files.memory["in/shop.toml"] += "[design.a]\nserver.s.cores = 2\n[design.b]\nserver.s.cores = 4\n"
	f, report := Load(files, "in/shop.toml", Options{})
	require.Empty(t, headlines(report))
	require.Empty(t, headlines(f.Check()))
	assert.Equal(t, 1, files.opened["in/a.log"])
}
