package topologies

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/kind"
)

const varyShop = `objectives = ["users p99 < 1s"]
[run]
duration = "10s"
[client.users]
target = "web"
arrivals = "poisson 100/s"
timeout = "1s"
[server.web]
instances = 2
concurrency = 4
on.request = [{ wait = "exp 1ms" }]
[design.large]
server.web = { instances = 20 }
[design.small]
server.web = { instances = 1 }
`

// spaceOf makes the space of a file with a [sweep] table and flags, which are
// the fourth argument and those after it.
func spaceOf(t *testing.T, sweep string, flags ...string) (*File, *Space, *kind.Report) {
	t.Helper()
	text := varyShop
	if sweep != "" {
		text += "[sweep]\n" + sweep + "\n"
	}
	f, report := Load(memory{"shop.toml": text}, "shop.toml", Options{})
	require.NotNil(t, f, report.Diagnostics())
	var settings []Setting
	for i, flag := range flags {
		settings = append(settings, Setting{Text: flag, Arg: 4 + i})
	}
	return f, f.Space(f.Swept(report), settings, report), report
}

// texts are the values of each dimension.
func texts(s *Space) string {
	var lines []string
	for _, d := range s.Dimensions {
		var values []string
		for _, c := range d.Values {
			values = append(values, c.Text)
		}
		lines = append(lines, d.Path+": "+strings.Join(values, " "))
	}
	return strings.Join(lines, "; ")
}

func TestWhatADimensionMayBe(t *testing.T) {
	for _, tt := range []struct{ sweep, flag, want string }{
		{`"server.web.instances" = [1, 2, 4]`, "", "server.web.instances: 1 2 4"},
		{`server.web.instances = [1, 2, 4]`, "", "server.web.instances: 1 2 4"},
		{`"server.web".instances = "1..4"`, "server.web.instances=7", "server.web.instances: 7"},
		{"", "server.web.instances=1,2,4", "server.web.instances: 1 2 4"},
		{"", "server.web.instances=1..3,8", "server.web.instances: 1 2 3 8"},
		{"", "server.web.instances=[1, 2, 4]", "server.web.instances: 1 2 4"},
		{"", "server.web.instances=1..64 x2", "server.web.instances: 1 2 4 8 16 32 64"},
		{"", "load=0.25..1 step 0.25", "load: 0.25 0.5 0.75 1"},
		{"", "load=0.1..0.5 step 0.1", "load: 0.1 0.2 0.3 0.4 0.5"},
		{"", "load=1..2 step 0.5", "load: 1 1.5 2"},
		{"", "load=2..1 step -0.5", "load: 2 1.5 1"},
		{"", `client.users.timeout="1s..5s step 2s"`, "client.users.timeout: 1s 3s 5s"},
		{"", "client.users.timeout=500ms..2s step 500ms", "client.users.timeout: 500ms 1s 1.5s 2s"},
		{"", "client.users.timeout=1s..4s", "client.users.timeout: 1s 2s 3s 4s"},
		{"", "server.web.memory=1GiB..8GiB x2", "server.web.memory: 1GiB 2GiB 4GiB 8GiB"},
		{"", "server.web.memory=512MiB..2GiB step 512MiB", "server.web.memory: 512MiB 1GiB 1536MiB 2GiB"},
		{"", "keys=1M..2M step 500k", "keys: 1000000 1500000 2000000"},
		{"", "server.web.scheduling=fcfs,ps", "server.web.scheduling: fcfs ps"},
		{"", `client.users.arrivals=["poisson 10/s", "gamma 10/s cv=2"]`, "client.users.arrivals: poisson 10/s gamma 10/s cv=2"},
		{"", "client.users.arrivals=poisson 10/s,constant 10/s", "client.users.arrivals: poisson 10/s constant 10/s"},
		{`"server.web" = [{ cores = 1 }, { cores = 2, speed = 1.5 }]`, "", "server.web: { cores = 1 } { cores = 2, speed = 1.5 }"},
		{"\"load\" = \"1..2\"\n\"design\" = [\"small\", \"large\"]", "load=3", "load: 3; design: small large"},
		{`"load" = [1]`, "server.web.cores=1,2", "load: 1; server.web.cores: 1 2"},
	} {
		var flags []string
		if tt.flag != "" {
			flags = append(flags, tt.flag)
		}
		_, s, report := spaceOf(t, tt.sweep, flags...)
		if assert.NotNil(t, s, "%v: %v", tt, report.Diagnostics()) {
			assert.Equal(t, tt.want, texts(s))
		}
	}
}

func TestDimensionsThatAreNoneAreRefused(t *testing.T) {
	for _, tt := range []struct{ sweep, flag, want string }{
		{`"load" = "2..1"`, "", `shop.toml:17:10: error[E803]: sweep.load: leads away from its end: "2..1"`},
		{`"load" = "1..2 step 0"`, "", `shop.toml:17:10: error[E803]: sweep.load: the step must not be 0, got "1..2 step 0"`},
		{`"load" = "1..2 step -1"`, "", `shop.toml:17:10: error[E803]: sweep.load: leads away from its end: "1..2 step -1"`},
		{`"load" = "1..1000000000"`, "", `shop.toml:17:10: error[E803]: sweep.load: has more than 1000000 values: "1..1000000000"`},
		{`"load" = "0.5..2.5"`, "", `shop.toml:17:10: error[E803]: sweep.load: a range between numbers with a point needs a step, got "0.5..2.5"`},
		{`"load" = "0..8 x2"`, "", `shop.toml:17:10: error[E803]: sweep.load: a range that multiplies begins above 0, got "0..8 x2"`},
		{`"load" = "1..8 x1"`, "", `shop.toml:17:10: error[E803]: sweep.load: must multiply by more than 1, got "1..8 x1"`},
		{`"load" = "much"`, "", `shop.toml:17:10: error[E803]: sweep.load: expected a range, got "much"`},
		{`"load" = ["1.."]`, "", `shop.toml:17:11: error[E803]: sweep.load: expected a range, got "1.."`},
		{`"load" = "1s..5MiB step 1s"`, "", `shop.toml:17:10: error[E803]: sweep.load: the ends and the step of a range have the same unit, got "1s..5MiB step 1s"`},
		{`"load" = 2`, "", `shop.toml:17:10: error[E803]: sweep.load: expected a list of values or a range, got an integer`},
		{`"load" = []`, "", `shop.toml:17:10: error[E803]: sweep.load: the list of values is empty`},
		{`"load" = [1, 0]`, "", `shop.toml:17:14: error[E302]: sweep.load: the load must be more than 0 and at most 1000000, got 0`},
		{`"load" = [1, 2, 1]`, "", `shop.toml:17:17: error[E803]: sweep.load: 1 stands there twice`},
		{`"a b" = [1]`, "", `shop.toml:17:9: error[E803]: sweep."a b": expected the path of a key, got "a b"`},
		{`"design.large.server.web.cores" = [1]`, "", `shop.toml:17:1: error[E202]: sweep."design.large.server.web.cores": design.large.server.web.cores cannot be varied`},
		{`"extends" = ["a.toml"]`, "", `shop.toml:17:1: error[E202]: sweep.extends: extends cannot be varied`},
		{`"design" = ["large", "smal"]`, "", `shop.toml:17:22: error[E501]: sweep.design: unknown design "smal"; did you mean "small"?`},
		{"\"server.web.cores\" = [1]\nserver.web.cores = [2]", "", `shop.toml:18:12: error[E803]: sweep.server.web.cores: server.web.cores is varied twice`},
		{"", "load", `command-line:1:4: error[E802]: --vary: expected PATH=VALUES, got "load"`},
		{"", "load=", `command-line:1:4: error[E802]: --vary: expected PATH=VALUES, got "load="`},
		{"", "load=1..0", `command-line:1:4: error[E803]: --vary: leads away from its end: "1..0"`},
		{"", "load=[1, 2", `command-line:1:4: error[E101]: --vary: `},
	} {
		var flags []string
		if tt.flag != "" {
			flags = append(flags, tt.flag)
		}
		_, s, report := spaceOf(t, tt.sweep, flags...)
		assert.Nil(t, s, tt)
		if found := report.Diagnostics(); assert.NotEmpty(t, found, tt) {
			assert.Contains(t, found[0].Headline(), tt.want)
		}
	}
	_, s, report := spaceOf(t, "", "load=1,2", "load=3")
	assert.Nil(t, s)
	assert.Equal(t, "command-line:1:5: error[E803]: --vary: load is varied twice", report.Diagnostics()[0].Headline())
}

func TestASpaceMayHaveAMillionPoints(t *testing.T) {
	_, s, report := spaceOf(t, "", "server.web.instances=1..1000", "load=1..1000")
	require.NotNil(t, s, report.Diagnostics())
	assert.Equal(t, 1_000_000, s.Len())
	_, s, report = spaceOf(t, "", "server.web.instances=1..1001", "load=1..1000")
	assert.Nil(t, s)
	assert.Equal(t, "command-line:1:4: error[E706]: --vary server.web.instances: 1001 × 1000 values make too many points; at most 1000000 are allowed",
		report.Diagnostics()[0].Headline())
	_, s, report = spaceOf(t, "", "server.web.instances=1..1000000")
	require.NotNil(t, s, report.Diagnostics())
	assert.Equal(t, 1_000_000, s.Len())
}

func TestPointsAreCountedWithTheLastDimensionFirst(t *testing.T) {
	_, s, _ := spaceOf(t, "", "server.web.instances=1,2", "load=1,2,3")
	require.Equal(t, 6, s.Len())
	var names []string
	for i := range s.Len() {
		names = append(names, PointName(s.At(i)))
	}
	assert.Equal(t, []string{
		"server.web.instances = 1, load = 1", "server.web.instances = 1, load = 2", "server.web.instances = 1, load = 3",
		"server.web.instances = 2, load = 1", "server.web.instances = 2, load = 2", "server.web.instances = 2, load = 3",
	}, names)
}

func TestAPointIsWhatTheSettingsWouldMake(t *testing.T) {
	f, s, report := spaceOf(t, "", "design=large,small", "server.web.concurrency=4,8", "load=1,2.5")
	require.NotNil(t, s, report.Diagnostics())
	for i := range s.Len() {
		at := s.At(i)
		spec, found := f.Point("", at)
		require.NotNil(t, spec, found.Diagnostics())
		g, _ := Load(memory{"shop.toml": varyShop}, "shop.toml", Options{
			Set: []Setting{{Text: "server.web.concurrency=" + at[1].Text, Arg: 1}}, Load: at[2].load,
		})
		want, _ := g.Spec(at[0].Text)
		assert.Equal(t, want, spec, PointName(at))
	}
	plain, _ := f.Spec("")
	assert.Equal(t, 2, plain.Nodes[1].Instances, "the points leave the file as it was")
}

func TestWhatIsWrongWithPointsIsSaidOnce(t *testing.T) {
	f, s, report := spaceOf(t, `"server.web.instances" = [0, 1, 2, -1]`+"\n"+`"client.users.timeout" = ["1s", "2", "3s"]`, "load=1..50")
	require.NotNil(t, s, report.Diagnostics())
	f.CheckPoints("", s, report, nil)
	var lines []string
	for _, d := range report.Diagnostics() {
		lines = append(lines, d.Headline())
	}
	assert.Equal(t, []string{
		`shop.toml:17:27: error[E302]: sweep.server.web.instances: must be from 1 to 1000000, got 0`,
		`shop.toml:17:36: error[E302]: sweep.server.web.instances: must be from 1 to 1000000, got -1`,
		`shop.toml:18:33: error[E301]: sweep.client.users.timeout: a duration needs a unit, got "2"`,
	}, lines)

	f, s, report = spaceOf(t, "", "load=1,2")
	f.sets = append(f.sets, parseSetting(Setting{Text: "server.web.cores=0", Arg: 9}, report))
	f.CheckPoints("", s, report, nil)
	require.Equal(t, 1, report.Errors())
	assert.NotContains(t, report.Diagnostics()[0].Headline(), "(at ", "it is wrong at every point")

	f, s, report = spaceOf(t, "", "server.web.instance=1,2", "load=1,2")
	f.CheckPoints("", s, report, nil)
	require.Equal(t, 1, report.Errors())
	assert.Equal(t, `command-line:1:4: error[E201]: --vary server.web.instance: unknown key; did you mean "instances"?`, report.Diagnostics()[0].Headline())
}

func TestACombinationThatIsWrongIsNamed(t *testing.T) {
	// Each value is right beside the first of the other dimension.
	f, s, report := spaceOf(t, "", `run.warmup=["1s", "11s"]`, `run.duration=["20s", "10s", "11s"]`)
	require.NotNil(t, s, report.Diagnostics())
	f.CheckPoints("", s, report, nil)
	var lines []string
	for _, d := range report.Diagnostics() {
		lines = append(lines, d.Headline())
	}
	assert.Equal(t, []string{
		"command-line:1:4: error[E305]: --vary run.warmup: the warm-up of 11s must be shorter than the run of 10s (at run.warmup = 11s, run.duration = 10s)",
		"command-line:1:4: error[E305]: --vary run.warmup: the warm-up of 11s must be shorter than the run of 11s (at run.warmup = 11s, run.duration = 11s)",
	}, lines)
}

func TestTheSeedAndTheLoadAreGivenOnce(t *testing.T) {
	seed := uint64(3)
	f, report := Load(memory{"shop.toml": varyShop}, "shop.toml", Options{Seed: &seed, Load: 2})
	s := f.Space(nil, []Setting{{Text: "run.seed=1,2", Arg: 3}, {Text: "load=1,2", Arg: 4}}, report)
	assert.Nil(t, s)
	assert.Equal(t, 2, report.Errors())
}

func TestTheSweepIsReadWithTheFile(t *testing.T) {
	found := check(t, varyShop+"[sweep]\n\"load\" = \"2..1\"\n")
	assert.Contains(t, strings.Join(found, "\n"), "E803")
	assert.Empty(t, check(t, varyShop+"[sweep]\n\"load\" = \"1..2\"\n"))
}

// BenchmarkPoint is what each of 10,000 points takes.
func BenchmarkPoint(b *testing.B) {
	f, report := Load(memory{"shop.toml": varyShop}, "shop.toml", Options{})
	s := f.Space(nil, []Setting{{Text: "server.web.instances=1..100", Arg: 3}, {Text: "load=1..100", Arg: 4}}, report)
	for i := 0; b.Loop(); i++ {
		if spec, _ := f.Point("", s.At(i%s.Len())); spec == nil {
			b.Fatal("a point that is wrong")
		}
	}
}
