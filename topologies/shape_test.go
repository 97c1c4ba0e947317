package topologies

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
)

// traffic is a topology whose client has the given keys.
func traffic(keys string) memory {
	return memory{"shop.toml": "[client.c]\n" + keys + "\ntarget = \"s\"\n[server.s]\non.request = []\n"}
}

func trafficSpec(t *testing.T, keys string, opts Options) *node.Spec {
	t.Helper()
	spec, report := specOf(traffic(keys), "shop.toml", opts, "")
	require.NotNil(t, spec, headlines(report))
	return spec
}

// counted is how many requests come from one second to another.
func counted(p arrival.Plan, start sim.Time, from, to float64) float64 {
	s := sim.Keyed(5)
	process := p.Start(start, &s)
	n := 0.0
	for {
		at, _, ok := process.Next()
		if !ok || at.Seconds() >= to {
			return n
		}
		if at.Seconds() >= from {
			n++
		}
	}
}

func TestRatesMoveOverTime(t *testing.T) {
	for keys, want := range map[string]struct{ early, late, mean float64 }{
		// Sine: ∫ over a quarter period from 0 is mean·P/4 + amplitude·P/2π.
		`wave = { mean = "20/s", amplitude = "15/s", period = "40m" }` + "\narrivals = \"constant\"":              {12000 + 15*2400/6.283185307, 12000 + 15*2400/6.283185307, 20},
		`daily = { peak = "30/s", trough = "10/s", peak_at = "00:10" }` + "\narrivals = \"constant\"":             {17998.9, 17998.9, 20},
		`daily = { peak = "30/s", trough = "10/s", peak_at = "12:10" }` + "\narrivals = \"constant\"":             {6001.1, 6001.1, 20},
		`daily = { peak = "30/s", trough = "30/s", peak_at = "12:10" }` + "\narrivals = \"constant batch=2\"":     {36000, 36000, 60},
		`wave = { mean = "20/s", amplitude = "0/s", period = "40m" }` + "\narrivals = \"constant batch=(3 + 1)\"": {48000, 48000, 80},
		`stages = [{ duration = "1h", target = "20/s" }]` + "\narrivals = \"constant 20/s batch=integers 2..2\"":  {24000, 24000, 40},
		`arrivals = "gamma 20/s cv=0.01 batch=2"`:                                                                 {24000, 24000, 40},
		`arrivals = "bursty 20/s batch=2 peak=1 on=1s off=100s"`:                                                  {24000, 24000, 40},
	} {
		spec := trafficSpec(t, keys, Options{})
		plan := spec.Nodes[0].Client.Open
		assert.InDelta(t, want.early, counted(plan, 0, 0, 600), 0.03*want.early, keys)
		assert.InDelta(t, want.mean, plan.MeanRate(86_400*sim.Second), 1e-6, keys)
		moves := !strings.Contains(keys, "cv") && !strings.Contains(keys, "peak=1")
		assert.Equal(t, moves, spec.Run.Warmup == 0, "auto is 0 where the rate moves: %s", keys)
		double := trafficSpec(t, keys, Options{Load: 2}).Nodes[0].Client.Open
		assert.InDelta(t, 2*want.mean, double.MeanRate(86_400*sim.Second), 1e-6, keys)
		assert.InDelta(t, 2*want.late, counted(double, 0, 0, 600), 0.03*2*want.late, keys)
	}
}

func TestTheDayBeginsAtRunStart(t *testing.T) {
	const keys = `daily = { peak = "30/s", trough = "10/s", peak_at = "20:00" }`
	for start, early := range map[string]float64{"20:00": 30, "08:00": 10, "14:00:00": 20, "02:00": 20} {
		spec, report := specOf(memory{"a.toml": "[run]\nstart = \"" + start + "\"\n" + traffic(keys)["shop.toml"]}, "a.toml", Options{}, "")
		require.NotNil(t, spec, headlines(report))
		assert.InDelta(t, early, spec.Nodes[0].Client.Open.MeanRate(sim.Second), 1e-3, start)
	}
	spec := trafficSpec(t, keys, Options{})
	assert.Contains(t, spec.Defaults, node.Default{Key: "run.start", Value: "00:00"})
	during := counted(spec.Nodes[0].Client.Open, -600*sim.Second, -600, 0)
	assert.InDelta(t, 600*25, during, 4*123, "the warm-up holds the rate of midnight, 20 + 10 cos 60°")
}

func TestWhatIsWrongWithShapesIsSaid(t *testing.T) {
	const daily, wave = `daily = { peak = "30/s", trough = "10/s", peak_at = "20:00" }`, `wave = { mean = "20/s", amplitude = "15/s", period = "40m" }`
	for keys, want := range map[string][]string{
		daily + "\n" + wave: {"3:1: error[E207]: client.c.wave: wave and daily exclude each other: the rate can follow one of them"},
		daily + "\nstages = [{ duration = \"1m\", target = \"3/s\" }]": {"2:1: error[E207]: client.c.daily: daily and stages exclude each other: the rate can follow one of them"},
		daily + "\nusers = 5\nthink = \"1s\"":                          {"2:1: error[E207]: client.c.daily: daily and users exclude each other: users come when they have thought; stages may count them"},
		wave + "\narrivals = \"poisson 80/s\"":                         {`3:21: error[E207]: client.c.arrivals: the rate is given twice: here, and over time beside it`},
		wave + "\narrivals = \"gamma cv=2\"":                           {`3:13: error[E207]: client.c.arrivals: only poisson and constant arrivals follow stages, daily or wave; gamma has one rate`},
		"arrivals = \"bursty 8/s peak=2 on=1s off=2s\"\nstages = [{ duration = \"1m\", target = \"3/s\" }]": {
			`2:13: error[E207]: client.c.arrivals: only poisson and constant arrivals follow stages, daily or wave; bursty has one rate`},
		strings.Replace(daily, "30/s", "3/s", 1):                {"2:18: error[E309]: client.c.daily.peak: the peak must be at least the trough of 10/s"},
		strings.Replace(daily, "20:00", "25:00", 1):             {`2:53: error[E302]: client.c.daily.peak_at: must be from 00:00 to 23:59:59, got "25:00"`},
		strings.Replace(daily, `"20:00"`, "20", 1):              {`2:53: error[E204]: client.c.daily.peak_at: expected a time of day such as "20:00", got an integer`},
		strings.Replace(daily, "trough", "thru", 1):             {`2:9: error[E203]: client.c.daily.trough: missing key "trough"`, `2:26: error[E201]: client.c.daily.thru: unknown key; the keys here are peak, trough, peak_at`},
		strings.Replace(wave, "15/s", "25/s", 1):                {"2:37: error[E309]: client.c.wave.amplitude: the amplitude must be at most the mean of 20/s: no rate is below 0"},
		strings.Replace(wave, "40m", "0s", 1):                   {"2:54: error[E302]: client.c.wave.period: must be more than 0s, got \"0s\""},
		`arrivals = "bursty 800/s peak=8x on=10s off=60s"`:      {"2:31: error[E309]: client.c.arrivals: peak must be at most 7x, got \"8x\": on for 14.3% of the time, it would bring more than the mean by itself"},
		`arrivals = "gamma 800/s cw=2"`:                         {`2:25: error[E206]: client.c.arrivals: gamma has no parameter "cw"; did you mean "cv"?`},
		`arrivals = "poisson 2/s batch=geometrik 4"`:            {`2:31: error[E205]: client.c.arrivals: unknown distribution "geometrik"; did you mean "geometric"?`},
		`arrivals = "poisson 2/s batch=trace n"`:                {`2:31: error[E206]: client.c.arrivals: no column of a trace can be read here: a batch comes before its requests`},
		`arrivals = "poisson 2/s batch=pareto min=1 alpha=1.5"`: {"2:12: warning[W308]: client.c.arrivals: the variance of the batches is infinite: averages converge slowly, and their confidence intervals are too narrow"},
	} {
		files := traffic(keys)
		files["shop.toml"] = "\n" + files["shop.toml"]
		files["shop.toml"] = strings.TrimPrefix(files["shop.toml"], "\n")
		_, report := specOf(files, "shop.toml", Options{}, "")
		got := headlines(report)
		for i := range got {
			got[i] = strings.TrimPrefix(got[i], "shop.toml:")
		}
		assert.Equal(t, want, got, keys)
	}
	_, report := specOf(memory{"a.toml": "[run]\nstart = \"20:00\"\n" + traffic(wave)["shop.toml"]}, "a.toml", Options{}, "")
	assert.Equal(t, []string{"a.toml:2:1: error[E203]: run.start: start is the time of day of time 0, and no client has daily traffic, nor a server a schedule: the key daily is missing"}, headlines(report))
	_, report = specOf(memory{"a.toml": "[run]\nstart = \"20:00\"\n" + traffic(wave)["shop.toml"] + "[design.d]\nclient.c.target = \"s\"\n"}, "a.toml", Options{}, "")
	assert.Empty(t, headlines(report), "another design may have daily traffic")
}

func packed(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.String()
}

func TestListsOfKeysAndCountsAreTraces(t *testing.T) {
	files := func(how string) memory {
		f := replaying(how, "")
		f["in/keys.txt"], f["in/counts.txt"] = "a\nb\na\nc\n", "0\n3\n1\n0\n"
		f["in/keys.txt.gz"], f["in/counts.txt.gz"] = packed(t, f["in/keys.txt"]), packed(t, f["in/counts.txt"])
		return f
	}
	for _, gz := range []string{"", ".gz"} {
		spec, report := specOf(files(`trace = "keys.txt`+gz+`", format = "keys", rate = "2/s"`), "in/shop.toml", Options{}, "")
		require.NotNil(t, spec, headlines(report))
		plan := spec.Nodes[0].Client.Open.(arrival.TracePlan)
		assert.Equal(t, []uint64{0, 1, 0, 2}, plan.Trace.Keys)
		assert.Equal(t, []sim.Time{0, sim.Second / 2, sim.Second, 3 * sim.Second / 2}, plan.Trace.Times)
		assert.Empty(t, headlines(report), "it lasts as long as the run")

		spec, report = specOf(files(`trace = "counts.txt`+gz+`", format = "counts", every = "500ms"`), "in/shop.toml", Options{}, "")
		require.NotNil(t, spec, headlines(report))
		assert.Empty(t, headlines(report))
		plan = spec.Nodes[0].Client.Open.(arrival.TracePlan)
		assert.Equal(t, []float64{0, 3, 1, 0}, []float64{
			counted(plan, 0, 0, 0.5), counted(plan, 0, 0.5, 1), counted(plan, 0, 1, 1.5), counted(plan, 0, 1.5, 2)})
		spec, _ = specOf(files(`trace = "counts.txt`+gz+`", format = "counts", every = "500ms", speed = 2`), "in/shop.toml", Options{Load: 2}, "")
		assert.InDelta(t, 16, counted(spec.Nodes[0].Client.Open, 0, 0, 2), 0, "four times as fast, and again")
	}
	for how, want := range map[string]string{
		`trace = "keys.txt", format = "keys"`:                                                      `5:12: error[E203]: client.c.arrivals: a trace of keys needs a rate: it does not say when they came`,
		`trace = "counts.txt", format = "counts"`:                                                  `5:12: error[E203]: client.c.arrivals: a trace of counts needs every: how long each line stands for`,
		`trace = "counts.txt", format = "counts", every = "1s", rate = "2/s"`:                      `5:69: error[E202]: client.c.arrivals.rate: this key goes with format = "keys", not with counts`,
		`trace = "keys.txt", format = "keys", rate = "2/s", every = "1s"`:                          `5:65: error[E202]: client.c.arrivals.every: this key goes with format = "counts", not with keys`,
		`trace = "keys.txt", format = "keys", rate = "2/s", sort = true`:                           `5:65: error[E202]: client.c.arrivals.sort: this key goes with format = "clf" or "combined" or "csv", not with keys`,
		`trace = "keys.txt", format = "keys", rate = "0/s"`:                                        `5:58: error[E302]: client.c.arrivals.rate: must be more than 0/s, got "0/s"`,
		`trace = "keys.txt", format = "counts", every = "1s"`:                                      `in/keys.txt:1:1: error[E604]: client.c.arrivals.trace: expected a whole number of arrivals, got "a"`,
		`trace = "a.log", format = "key", rate = "2/s"`:                                            `5:40: error[E205]: client.c.arrivals.format: unknown value "key"; did you mean "keys"?`,
		`trace = "day.csv", format = "csv", columns = { time = "ts", sauce = "item" }, unit = "s"`: `5:74: error[E201]: client.c.arrivals.columns.sauce: unknown key; the keys here are time, op, key, source, size`,
	} {
		_, report := specOf(files(how), "in/shop.toml", Options{}, "")
		require.NotEmpty(t, headlines(report), how)
		assert.Equal(t, want, strings.TrimPrefix(headlines(report)[0], "in/shop.toml:"), how)
	}
	for how, why := range map[string]string{
		`trace = "keys.txt", format = "keys", rate = "2/s"`: "the trace gives the keys",
		`trace = "a.log", format = "clf"`:                   "the trace gives the keys: the paths that were asked for",
	} {
		f := files(how)
		f["in/shop.toml"] = strings.Replace(f["in/shop.toml"], "target", "keys = \"uniform n=9\"\ntarget", 1)
		_, report := specOf(f, "in/shop.toml", Options{}, "")
		assert.Contains(t, headlines(report), "in/shop.toml:4:1: error[E207]: client.c.keys: "+why)
	}
}

// What people hand over instead of a trace: each finding stands in the trace
// where the fault is, or at its name, and says what would be right.
func TestWhatIsNoTraceIsNamed(t *testing.T) {
	const row = `10.0.0.1 - - [01/Jul/1995:00:00:01 -0400] "GET /a HTTP/1.0" 200 6245`
	for _, tt := range []struct{ name, text, want, hint string }{
		{"pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n", "in/pointer:1:1: error[E605]: client.c.arrivals.trace: this is a Git LFS pointer, not a table or a log", "git lfs pull"},
		{"page", "<!DOCTYPE html>\n<html><body>Not found</body></html>\n", "in/page:1:1: error[E605]: client.c.arrivals.trace: this is an HTML page, not a table or a log", "raw file"},
		{"glued", row + "\n" + row + row + "\n", "in/glued:2:82: error[E605]: client.c.arrivals.trace: two rows on one line: another [time] stands here", "a line of its own"},
		{"cut", row + "\n" + row[:50] + "\n", "in/cut:2:43: error[E605]: client.c.arrivals.trace: the request is not closed by a quote and followed by a status", "as in: 10.0.0.1"},
		{"pipe", "<pipe>", "in/shop.toml:5:22: error[E004]: client.c.arrivals.trace: is not a regular file: \"in/pipe\"", "write the data to a file"},
		{"folder", "<directory>", "in/shop.toml:5:22: error[E002]: client.c.arrivals.trace: is a directory: \"in/folder\"", "name a file in it"},
		{"nothing", "", "in/nothing:1:1: error[E601]: client.c.arrivals.trace: the trace has no rows", "the file is empty"},
		{"long", strings.Repeat("x", 100_000), "in/long:1:1: error[E704]: client.c.arrivals.trace: the row is longer than 65536 bytes", "line ends may be missing"},
		{"zip", "PK\x03\x04rest", "in/zip:1:1: error[E605]: client.c.arrivals.trace: this is a zip archive, not a table or a log", "unpack it"},
		{"binary", "\x00\x01\x02", "in/binary:1:1: error[E605]: client.c.arrivals.trace: this is binary data, not a table or a log", "text is expected"},
		{"short.gz", packed(t, strings.Repeat(row+"\n", 1000))[:60], "in/short.gz:1:1: error[E605]: client.c.arrivals.trace: the gzip data end early: the file is cut off", "fetch it again"},
	} {
		for _, format := range []string{"clf", "csv", "counts"} {
			more := map[string]string{"csv": `, columns = { time = "ts" }, unit = "s"`, "counts": `, every = "1s"`}[format]
			files := replaying(fmt.Sprintf("trace = %q, format = %q%s", tt.name, format, more), "")
			files["in/"+tt.name] = tt.text
			_, report := specOf(files, "in/shop.toml", Options{}, "")
			require.NotEmpty(t, report.Diagnostics(), tt.name)
			d := report.Diagnostics()[0]
			assert.NotEmpty(t, d.Hint, "%s as %s", tt.name, format)
			if format == "clf" {
				assert.Equal(t, tt.want, d.Headline())
				assert.Contains(t, d.Hint, tt.hint)
			}
		}
	}
	files := replaying(`trace = "nan.csv", format = "csv", columns = { time = "ts" }, unit = "s"`, `{ cpu = "trace ms unit=ms" }`)
	for cell, want := range map[string]string{"NaN": "3:3", "Infinity": "3:3", "0x1p4": "3:3", "1_000": "3:3", "": "3:3", "-4": "3:3"} {
		files["in/nan.csv"] = "ts,ms\n1,2\n2," + cell + "\n"
		_, report := specOf(files, "in/shop.toml", Options{}, "")
		require.Len(t, report.Diagnostics(), 1, cell)
		d := report.Diagnostics()[0]
		assert.Equal(t, fmt.Sprintf("in/nan.csv:%s: error[E604]: client.c.arrivals.trace: expected a plain decimal number from 0, got %q", want, cell), d.Headline())
		assert.Contains(t, d.Hint, "no NaN")
	}
}
