package topologies

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/sim"
)

// mapOf asks for a map; the faults are the fifth argument and those after it,
// the flags the eighth to the tenth.
func mapOf(t *testing.T, text string, flags [3]string, words ...string) (Map, *kind.Report) {
	t.Helper()
	file, report := Load(memory{"shop.toml": text}, "shop.toml", Options{})
	require.NotNil(t, file, report.Diagnostics())
	var asked []DrillFault
	for i, w := range words {
		asked = append(asked, DrillFault{Text: w, Arg: 5 + i})
	}
	return file.Map("", asked, MapFlags{MapFlag{flags[0], 8}, MapFlag{flags[1], 9}, MapFlag{flags[2], 10}})
}

const mapShop = `[run]
duration = "100s"
[client.users]
target = "web"
arrivals = "poisson 100/s"
stages = [{ duration = "20s", target = "300/s" }, { duration = "20s", target = "50/s" }]
[client.team]
target = "web"
users = 3
think = "1s"
[server.web]
instances = 6
on.request = [{ wait = "1ms" }]
[database.db]
on.read = [{ wait = "1ms" }]
`

func TestWhatAMapIsMadeOf(t *testing.T) {
	plain := strings.Split(mapShop, "[database")[0]
	for _, tt := range []struct {
		words string
		flags [3]string
		what  string
		sizes []float64
		lasts []sim.Time
		loads int
	}{
		{"", [3]string{}, "surge users", []float64{2, 3, 5}, []sim.Time{1e9, 3e9, 10e9}, 19},
		{"kill web[4]", [3]string{}, "kill web[4]", []float64{1, 2, 3, 6}, []sim.Time{1e9, 3e9, 10e9}, 19},
		{"slow web factor 4", [3]string{"2x, 4,2", "1500ms,20s", "0.5..2 step 0.25"}, "slow web", []float64{2, 4}, []sim.Time{1.5e9, 20e9}, 7},
		{"errors web error_ratio 30%", [3]string{"", "1s", ""}, "errors web", []float64{0.1, 0.3, 1}, []sim.Time{1e9}, 19},
		{"errors web error_ratio 30%", [3]string{"50%", "1s", ""}, "errors web", []float64{0.5}, []sim.Time{1e9}, 19},
		{"errors web error_ratio 50% for 5s", [3]string{}, "errors web", []float64{0.1, 0.3, 0.5, 1}, []sim.Time{1e9, 3e9, 5e9, 10e9}, 19},
		{"slow web factor 8 at 5s for 10s", [3]string{}, "slow web", []float64{2, 3, 5, 8}, []sim.Time{1e9, 3e9, 10e9}, 19},
		{"slow web factor 1 for 60s", [3]string{}, "slow web", []float64{2, 3, 5}, []sim.Time{1e9, 3e9, 10e9}, 19},
		{"latency web add 20ms", [3]string{}, "latency web", []float64{1}, []sim.Time{1e9, 3e9, 10e9}, 19},
		{"hang web", [3]string{"6", "25s", "1..2 step 1"}, "hang web", []float64{6}, []sim.Time{25e9}, 2},
	} {
		var words []string
		if tt.words != "" {
			words = []string{tt.words}
		}
		m, report := mapOf(t, plain, tt.flags, words...)
		require.NotNil(t, m.Spec, "%s: %v", tt.words, report.Diagnostics())
		require.Len(t, m.Spec.Faults, 1)
		assert.Equal(t, tt.what, m.Spec.Faults[0].String())
		assert.Equal(t, tt.sizes, m.Sizes, tt.words)
		assert.Equal(t, tt.lasts, m.Lasts, tt.words)
		assert.Len(t, m.Loads, tt.loads, tt.words)
		for i := range m.Spec.Nodes {
			if c := m.Spec.Nodes[i].Client; c != nil && c.Open != nil {
				assert.True(t, c.Open.Stationary())
				assert.InDelta(t, 297, c.Open.MeanRate(sim.Second), 3, "held where it is greatest")
			}
		}
	}
	m, report := mapOf(t, strings.Replace(plain, "100s", "2s", 1), [3]string{})
	require.NotNil(t, m.Spec, report.Diagnostics())
	assert.Equal(t, []sim.Time{sim.Second / 2}, m.Lasts, "a quarter of a short window")
	m, _ = mapOf(t, plain+"[[fault]]\nat = \"5s\"\nkill = \"web[1]\"\nfor = \"20s\"\n", [3]string{})
	require.NotNil(t, m.Spec)
	assert.Equal(t, []sim.Time{1e9, 3e9, 10e9, 20e9}, m.Lasts)
	assert.Equal(t, "kill web[1]", m.Spec.Faults[0].String(), "the file's own")
}

func TestWhatIsWrongWithAMap(t *testing.T) {
	plain := strings.Split(mapShop, "[database")[0]
	two := plain + "[[fault]]\nat = \"5s\"\nkill = \"web[1]\"\n[[fault]]\nat = \"6s\"\nhang = \"web[2]\"\n"
	for _, tt := range []struct {
		text    string
		words   []string
		flags   [3]string
		finding string
		hint    string
	}{
		{plain, []string{"kill web", "hang web"}, [3]string{}, `command-line:1:6: error[E802]: --fault: a map is of one trigger; this is one too many`, "--sizes"},
		{two, nil, [3]string{}, `shop.toml:1:1: error[E203]: fault: a map is of one trigger, and the file has 2 faults`, `--fault "kill web[1]"`},
		{plain, []string{"kill web mttf 1h mttr 1s"}, [3]string{}, `shop.toml:1:1: error[E207]: fault: a map asks what follows one trigger, and kill web comes by chance, again and again`, "mttf"},
		{plain, []string{"kil web"}, [3]string{}, `command-line:1:5: error[E205]: --fault: unknown kind of fault "kil"`, ""},
		{plain, []string{"kill web"}, [3]string{"7", "", ""}, `command-line:1:8: error[E802]: --sizes: expected a number of instances from 1 to 6, got "7"`, "--sizes 1,2"},
		{plain, []string{"kill web"}, [3]string{"0", "", ""}, `command-line:1:8: error[E802]: --sizes: expected a number of instances from 1 to 6, got "0"`, ""},
		{plain, []string{"slow web factor 2"}, [3]string{"1", "", ""}, `command-line:1:8: error[E802]: --sizes: a factor is more than 1 and at most 1000, got "1"`, "2,3,5"},
		{plain, []string{"slow web factor 2"}, [3]string{"two", "", ""}, `command-line:1:8: error[E802]: --sizes: `, ""},
		{plain, []string{"errors web error_ratio 10%"}, [3]string{"0%", "", ""}, `command-line:1:8: error[E802]: --sizes: a share is more than 0 and at most 1, got "0%"`, "10%"},
		{plain, []string{"latency web add 1ms"}, [3]string{"2", "", ""}, `command-line:1:8: error[E802]: --sizes: latency web has no size`, "leave it out"},
		{plain, []string{"kill web"}, [3]string{"", "26s", ""}, `command-line:1:9: error[E802]: --durations: a trigger lasts at most a quarter of the window, 25s, so that there is time to recover, got "26s"`, "1s,10s"},
		{plain, []string{"kill web"}, [3]string{"", "0s", ""}, `command-line:1:9: error[E802]: --durations: must be more than 0s, got "0s"`, ""},
		{plain, []string{"kill web"}, [3]string{"", "soon", ""}, `command-line:1:9: error[E802]: --durations: `, ""},
		{plain, []string{"kill web"}, [3]string{"", "1s,2s,3s,4s,5s,6s,7s,8s,9s,10s,11s,12s,13s", ""}, `command-line:1:9: error[E802]: --durations: at most 12 values, got 13`, ""},
		{plain, []string{"kill web"}, [3]string{"", "", "0.5"}, `command-line:1:10: error[E802]: --loads: expected FROM..TO step BY, got "0.5"`, "0.3..1.2 step 0.05"},
		{plain, []string{"kill web"}, [3]string{"", "", "1..0.5 step 0.1"}, `command-line:1:10: error[E802]: --loads: loads ascend, from more than 0 to at most 1000, got "1..0.5 step 0.1"`, ""},
		{plain, []string{"kill web"}, [3]string{"", "", "0..1 step 0.1"}, `command-line:1:10: error[E802]: --loads: loads ascend`, ""},
		{plain, []string{"kill web"}, [3]string{"", "", "0.1..1 step 0.001"}, `command-line:1:10: error[E802]: --loads: takes 1 to 200 steps`, ""},
		{plain, []string{"kill web"}, [3]string{"", "", "0.1..1 step 2"}, `command-line:1:10: error[E802]: --loads: takes 1 to 200 steps`, ""},
	} {
		m, report := mapOf(t, tt.text, tt.flags, tt.words...)
		assert.Nil(t, m.Spec, tt.finding)
		var out strings.Builder
		require.NoError(t, report.WriteText(&out, ""))
		first, _, _ := strings.Cut(out.String(), "\n")
		assert.True(t, strings.HasPrefix(first, tt.finding), "%s:\n%s", tt.finding, out.String())
		assert.Contains(t, out.String(), tt.hint)
	}
}

func TestATraceHasNoMap(t *testing.T) {
	text := "[run]\nduration = \"10s\"\n[client.users]\ntarget = \"web\"\narrivals = { trace = \"t.csv\", format = \"csv\", columns = { time = \"time\" }, unit = \"s\" }\n[server.web]\non.request = [{ wait = \"1ms\" }]\n"
	file, report := Load(memory{"shop.toml": text, "t.csv": "time\n0\n1\n2\n"}, "shop.toml", Options{})
	require.NotNil(t, file, report.Diagnostics())
	m, report := file.Map("", nil, MapFlags{})
	assert.Nil(t, m.Spec)
	at := slices.IndexFunc(report.Diagnostics(), func(d kind.Diagnostic) bool { return d.Code == "E207" })
	require.GreaterOrEqual(t, at, 0, report.Diagnostics())
	d := report.Diagnostics()[at]
	assert.Contains(t, d.Message, "replays a trace")
	assert.Contains(t, d.Hint, "client.users.arrivals")
}
