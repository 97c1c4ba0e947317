package topologies

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/sim"
)

// drillOf asks for faults in words; they are the fifth argument and those
// after it.
func drillOf(t *testing.T, text string, every bool, words ...string) (Drills, *kind.Report) {
	t.Helper()
	file, report := Load(memory{"shop.toml": text}, "shop.toml", Options{})
	require.NotNil(t, file, report.Diagnostics())
	var asked []DrillFault
	for i, w := range words {
		asked = append(asked, DrillFault{Text: w, Arg: 5 + i})
	}
	return file.Drills("", asked, every)
}

func TestAFaultInWordsIsAFault(t *testing.T) {
	text := twoBehind("[run]\nduration = \"100s\"\n")
	for _, tt := range []struct {
		words string
		want  fault.Fault
	}{
		{"kill web[0] at 60s for 90s", fault.Fault{Kind: fault.Kill, At: 60 * sim.Second, For: 90 * sim.Second, Target: "web[0]"}},
		{"  hang   lb  for 5s at 1m", fault.Fault{Kind: fault.Hang, At: 60 * sim.Second, For: 5 * sim.Second, Target: "lb"}},
		{"kill web silent at 1s", fault.Fault{Kind: fault.Kill, Silent: true, At: sim.Second, For: 20 * sim.Second, Target: "web"}},
		{"kill web silent true", fault.Fault{Kind: fault.Kill, Silent: true, At: 10 * sim.Second, For: 20 * sim.Second, Target: "web"}},
		{"kill 'web[0]' at \"1s\"", fault.Fault{Kind: fault.Kill, At: sim.Second, For: 20 * sim.Second, Target: "web[0]"}},
		{"kill web", fault.Fault{Kind: fault.Kill, At: 10 * sim.Second, For: 20 * sim.Second, Target: "web"}},
	} {
		d, report := drillOf(t, text, false, tt.words)
		require.NotNil(t, d.Spec, "%s: %v", tt.words, report.Diagnostics())
		require.Len(t, d.Spec.Faults, 1)
		got := d.Spec.Faults[0]
		assert.NotEmpty(t, got.Where)
		got.Where = nil
		assert.Equal(t, tt.want, got, tt.words)
	}
}

func TestWhatIsWrongWithAFaultInWords(t *testing.T) {
	for _, tt := range []struct{ words, finding, hint string }{
		{"", `command-line:1:5: error[E802]: --fault: expected KIND TARGET [at TIME] [for TIME], got nothing`, "kill app[0] at 60s for 90s"},
		{"kil web", `command-line:1:5: error[E205]: --fault: unknown kind of fault "kil"; did you mean "kill"?`, "the kinds are "},
		{"kill at 5s", `command-line:1:5: error[E802]: --fault: expected what it strikes after "kill"`, ""},
		{"kill web at 5s at 6s", `command-line:1:5: error[E802]: --fault: "at" is given twice`, ""},
		{"kill web at noon", `command-line:1:5: error[E301]: --fault fault[0].at: `, ""},
		{"kill web for 5", `command-line:1:5: error[E301]: --fault fault[0].for: `, "unit"},
		{"kill wep", `command-line:1:5: error[E501]: --fault fault[0].kill: unknown node "wep"; did you mean "web"?`, ""},
		{"kill web[7]", `command-line:1:5: error[E501]: --fault fault[0].kill: unknown instance "web[7]"`, ""},
		{"kill web lb", `command-line:1:5: error[E802]: --fault: unknown word "lb"`, "one thing"},
		{"kill web fro 5s", `command-line:1:5: error[E802]: --fault: unknown word "fro"; did you mean "for"?`, ""},
		{"kill web for", `command-line:1:5: error[E802]: --fault: expected a value after "for"`, ""},
		{"slow web factor at 5s", `command-line:1:5: error[E802]: --fault: expected a value after "factor"`, ""},
		{"partition web", `command-line:1:5: error[E`, "for example"},
		{"kill \"wep\"", `command-line:1:5: error[E501]: --fault fault[0].kill: unknown node "wep"`, ""},
		{"kill we\x1bb", `command-line:1:5: error[E`, ""},
		{"hang web silent", `command-line:1:5: error[E202]: --fault fault[0].silent: this key goes with kill, not with hang`, ""},
		{"kill web at 1h", `command-line:1:5: warning[W403]: --fault fault[0].at: the fault would begin at 1h, but the measured window ends at 10m: it never does`, ""},
		{strings.Repeat("x", 70_000), `command-line:1:5: error[E704]: --fault: longer than 64 KiB`, ""},
	} {
		d, report := drillOf(t, twoBehind(""), false, tt.words)
		assert.Equal(t, report.Failed(), d.Spec == nil, tt.words)
		var out strings.Builder
		require.NoError(t, report.WriteText(&out, ""))
		first, _, _ := strings.Cut(out.String(), "\n")
		assert.True(t, strings.HasPrefix(first, tt.finding), "%s:\n%s", tt.words, out.String())
		assert.Contains(t, out.String(), tt.hint)
	}
}

func TestThereMustBeSomethingToDrill(t *testing.T) {
	d, report := drillOf(t, shop, false)
	assert.Nil(t, d.Spec)
	require.Len(t, report.Diagnostics(), 1)
	assert.Equal(t, "the file has no [[fault]], so there is nothing to drill", report.Diagnostics()[0].Message)
	assert.Contains(t, report.Diagnostics()[0].Hint, "--every")

	d, report = drillOf(t, failing("at = \"3s\"\nkill = \"web\"\n"), false)
	require.NotNil(t, d.Spec, report.Diagnostics())
	assert.Len(t, d.Spec.Faults, 1, "those of the file")
	d, _ = drillOf(t, failing("at = \"3s\"\nkill = \"web\"\n"), false, "hang web at 9s")
	require.Len(t, d.Spec.Faults, 1, "instead of the file's")
	assert.Equal(t, fault.Hang, d.Spec.Faults[0].Kind)
}

func TestDrillsBeginWhenTheTrafficIsGreatest(t *testing.T) {
	for _, tt := range []struct {
		arrivals string
		want     sim.Time
	}{
		{`arrivals = "poisson 10/s"`, 24 * sim.Second},
		{"arrivals = \"poisson 10/s\"\nstages = [{ duration = \"60s\", target = \"100/s\" }, { duration = \"60s\", target = \"10/s\" }]", 59 * sim.Second},
		{"arrivals = \"poisson 10/s\"\nstages = [{ duration = \"200s\", target = \"10/s\" }, { duration = \"0s\", target = \"100/s\" }]", 24 * sim.Second},
		{"users = 5\nthink = \"1s\"\nstages = [{ duration = \"60s\", target = 50 }, { duration = \"60s\", target = 5 }]", 60 * sim.Second},
		{"arrivals = \"poisson 10/s\"\nwave = { mean = \"20/s\", amplitude = \"15/s\", period = \"240s\" }", 59 * sim.Second},
	} {
		text := "[run]\nduration = \"240s\"\nwarmup = \"1s\"\n[client.users]\ntarget = \"web\"\n" + tt.arrivals + "\n[server.web]\ncores = 8\non.request = [{ cpu = \"exp 10ms\" }]\n"
		text = strings.Replace(text, "arrivals = \"poisson 10/s\"\nwave", "wave", 1)
		d, report := drillOf(t, text, false, "kill web")
		require.NotNil(t, d.Spec, "%s: %v", tt.arrivals, report.Diagnostics())
		assert.InDelta(t, tt.want.Seconds(), d.Spec.Faults[0].At.Seconds(), 1.01, tt.arrivals)
		assert.Equal(t, 48*sim.Second, d.Spec.Faults[0].For)
	}
}

func TestEverythingThatCanBreakIsListed(t *testing.T) {
	text := `zones = ["a", "b"]
[client.users]
target = "lb"
arrivals = "poisson 10/s"
timeout = "2s"
[load_balancer.lb]
targets = ["web"]
[server.web]
instances = 4
on.request = [{ cpu = "exp 1ms" }, { call = "db.read" }, { call = "pay" }, { get = "redis", miss = [] }]
[database.db]
replicas = 2
read.read = [{ cpu = "exp 1ms" }]
replication = { mode = "async", lag = "10ms" }
[external.pay]
latency = "exp 20ms"
[cache.redis]
hit_ratio = "50%"
`
	d, report := drillOf(t, text, true)
	require.NotNil(t, d.Spec, report.Diagnostics())
	names := map[string]string{}
	for _, f := range d.Spec.Faults {
		names[f.String()] = d.AnyOf[f.String()]
	}
	for name, anyOf := range map[string]string{
		"kill lb": "", "kill web": "", "kill web[0]": "any of 2 in zone a", "kill web[1]": "any of 2 in zone b",
		"kill db": "", "kill db.primary": "", "kill pay": "", "kill redis": "",
	} {
		got, listed := names[name]
		assert.True(t, listed, "%s of %v", name, names)
		assert.Equal(t, anyOf, got, name)
	}
	assert.NotContains(t, names, "kill web[2]")
	assert.NotContains(t, names, "kill users")
	for _, s := range d.Skipped {
		assert.NotContains(t, s, "web[", "what is skipped says why")
	}

	// Neither a second set nor what autoscale may start is more of them.
	for _, more := range []string{
		text + "[[deploy]]\nat = \"1s\"\ntarget = \"web\"\nstrategy = \"blue-green\"\n",
		strings.Replace(text, "instances = 4\n", "instances = 4\nautoscale = { min = 2, max = 9, target = \"cpu 60%\" }\n", 1),
	} {
		d, report = drillOf(t, more, true)
		require.NotNil(t, d.Spec, report.Diagnostics())
		assert.Equal(t, "any of 2 in zone b", d.AnyOf["kill web[1]"])
	}
}

func TestRecoveriesThatNothingSays(t *testing.T) {
	told(t, []finding{
		{"objectives = [\"users recovery < 5s\"]\n" + shop, `1:15: error[E311]: objectives[0]: nothing says when "users" has recovered: it has no other objective`, `hint: for example "users errors < 1%"`},
		{"objectives = [\"users recovery < 5s\", \"users p99 > 5ms\"]\n" + shop, `1:15: error[E311]: objectives[0]: nothing says when "users" has recovered: it has no other objective`, ""},
		{"objectives = [\"users.request recovery < 5s\", \"users p99 < 5s\"]\n" + shop, `1:16: error[E311]: objectives[0]: a client recovers, not one of its operations`, `hint: write "users"`},
		{"objectives = [\"web recovery < 5s\"]\n" + shop, `1:20: error[E311]: objectives[0]: a server has no metric "recovery" in the language yet`, "its metrics are"},
		{"objectives = [\"users recovery < 5\", \"users p99 < 5s\"]\n" + shop, `1:33: error[E301]: objectives[0]: …`, ""},
	})
}

// Instances that have their own keys or customers are not alike: each is tried.
// Names are taken as they are, whatever is in them.
func TestUnlikeInstancesBreakEachAlone(t *testing.T) {
	text := `
[client.users]
target = "lb"
arrivals = "poisson 10/s"
[load_balancer.lb]
targets = ["the web", "for"]
policy = "ip-hash"
[server."the web"]
instances = 3
on.request = [{ get = "redis", miss = [] }]
[server.for]
instances = 2
on.request = [{ call = "it's" }, { call = "turns" }]
[server."it's"]
balance = "consistent-hash"
instances = 2
on.request = []
[server.turns]
instances = 3
on.request = []
[cache.redis]
instances = 2
capacity = 10
`
	d, report := drillOf(t, text, true)
	require.NotNil(t, d.Spec, report.Diagnostics())
	assert.Empty(t, d.Skipped)
	var names []string
	for i := range d.Spec.Faults {
		name := d.Spec.Faults[i].String()
		names = append(names, name)
		want := ""
		if name == "kill turns[0]" {
			want = "any of 3"
		}
		assert.Equal(t, want, d.AnyOf[name], name)
	}
	slices.Sort(names)
	assert.Equal(t, []string{
		"kill for", "kill for[0]", "kill for[1]", "kill it's", "kill it's[0]", "kill it's[1]", "kill lb", "kill redis", "kill redis[0]", "kill redis[1]",
		"kill the web", "kill the web[0]", "kill the web[1]", "kill the web[2]", "kill turns", "kill turns[0]",
	}, names)

	file, report := Load(memory{"shop.toml": `
[client."all of us"]
target = "web"
arrivals = "poisson 10/s"
[server.web]
on.request = []
`}, "shop.toml", Options{})
	require.NotNil(t, file, report.Diagnostics())
	m, report := file.Map("", nil, MapFlags{})
	require.NotNil(t, m.Spec, report.Diagnostics())
	assert.Equal(t, "surge all of us", m.Spec.Faults[0].String())
}
