package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/topologies"
)

const galleryDir = "../../topologies"

// capsim runs the program in this process.
func capsim(t *testing.T, args ...string) (status int, stdout string) {
	t.Helper()
	var out, errors bytes.Buffer
	status = run(args, strings.NewReader(""), &out, &errors)
	if status > exitMissed {
		t.Fatalf("capsim %s: exit status %d\n%s", strings.Join(args, " "), status, errors.String())
	}
	return status, out.String()
}

// golden compares a text with a file of testdata, or writes it there.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "go test ./cmd/capsim -update writes it")
	assert.Equal(t, string(want), got, "%s differs; if that is right, go test ./cmd/capsim -update, and read what changed", path)
}

// exhibit is a topology of the gallery and its results at full length: by
// design, "" for the file as it stands.
type exhibit struct {
	name    string
	text    string // what the terminal shows
	results map[string]*result.Result
}

// show simulates a topology of the gallery as a newcomer would: run, or
// compare where there are designs.
func show(t *testing.T, name string) exhibit {
	t.Helper()
	e := exhibit{name: name, results: map[string]*result.Result{}}
	path, dir := filepath.Join(galleryDir, name+".toml"), t.TempDir()
	verb, document, far := "run", "result.json", []string(nil)
	if len(load(t, name).Designs()) > 1 {
		verb, document, far = "compare", "comparison.json", onlyToday
	}
	_, e.text = capsim(t, append([]string{verb, path, "--out", dir, "--quiet"}, far...)...)
	data, err := os.ReadFile(filepath.Join(dir, document))
	require.NoError(t, err)
	if verb == "run" {
		r := &result.Result{}
		require.NoError(t, json.Unmarshal(data, r))
		e.results[""] = r
		return e
	}
	c := &result.Comparison{}
	require.NoError(t, json.Unmarshal(data, c))
	for _, r := range c.Designs {
		e.results[r.Design] = r
	}
	return e
}

// onlyToday leaves out of a comparison what takes long.
var onlyToday = []string{"--loads", "1", "--no-failures"}

func load(t *testing.T, name string) *topologies.File {
	t.Helper()
	path := filepath.Join(galleryDir, name+".toml")
	file, report := topologies.Load(&diskFiles{}, path, topologies.Options{})
	require.NotNil(t, file, findingsOf(report))
	return file
}

func findingsOf(report *kind.Report) string {
	var b strings.Builder
	_ = report.WriteText(&b, "")
	return b.String()
}

func TestGalleryIsInTheProgram(t *testing.T) {
	onDisk, err := filepath.Glob(filepath.Join(galleryDir, "*.toml"))
	require.NoError(t, err)
	for i := range onDisk {
		onDisk[i] = strings.TrimSuffix(filepath.Base(onDisk[i]), ".toml")
	}
	assert.Equal(t, onDisk, topologies.Gallery())
	assert.NotEmpty(t, onDisk)
}

func TestGalleryIsReadableByNewcomers(t *testing.T) {
	for _, name := range topologies.Gallery() {
		data, err := os.ReadFile(filepath.Join(galleryDir, name+".toml"))
		require.NoError(t, err)
		lines := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
		comments := slices.IndexFunc(lines, func(l string) bool { return !strings.HasPrefix(l, "# ") })
		assert.Equal(t, 3, comments, "%s begins with three comment lines", name)
		assert.True(t, strings.HasSuffix(lines[0], "?"), "the first line of %s is the question that it answers", name)
		assert.Empty(t, lines[3], "%s has an empty line after them", name)
		for i, line := range lines {
			assert.LessOrEqual(t, len([]rune(line)), 100, "%s:%d is a long line", name, i+1)
		}
		assert.Empty(t, findingsOf(load(t, name).Check()), "capsim check has nothing to say about %s", name)
	}
	hello, err := os.ReadFile(filepath.Join(galleryDir, "hello.toml"))
	require.NoError(t, err)
	assert.LessOrEqual(t, bytes.Count(hello, []byte("\n")), 15, "hello.toml is short")
}

// fingerprints pins the results of the gallery.
const fingerprints = "testdata/fingerprints.txt"

func TestGalleryAnswersItsQuestions(t *testing.T) {
	pinned, err := os.ReadFile(fingerprints)
	require.NoError(t, err)
	var found strings.Builder
	for _, name := range topologies.Gallery() {
		t.Run(name, func(t *testing.T) {
			e := show(t, name)
			golden(t, filepath.Join("gallery", name+".txt"), e.text)
			for _, design := range slices.Sorted(maps.Keys(e.results)) {
				line := fmt.Sprintf("%s %s\n", strings.TrimSuffix(name+":"+design, ":"), e.results[design].Fingerprint)
				found.WriteString(line)
				assert.True(t, *update || strings.Contains(string(pinned), line),
					"the same topology and seed give other results: an entry in CHANGELOG.md says why, then go test ./cmd/capsim -update\n%s", line)
				agreesWithTraffic(t, name, design, e.results[design])
			}
			if claim := claims[name]; assert.NotNil(t, claim, "what %s says must be tested here", name) {
				claim(t, e.results)
			}
		})
	}
	if *update {
		require.NoError(t, os.WriteFile(fingerprints, []byte(found.String()), 0o644))
	}
}

// agreesWithTraffic checks the simulated utilisations against the traffic
// equations, which is what the warning of overload (W406) is made of. They
// know of no faults.
func agreesWithTraffic(t *testing.T, name, design string, r *result.Result) {
	t.Helper()
	spec, report := load(t, name).Spec(design)
	require.NotNil(t, spec, findingsOf(report))
	if len(spec.Faults) > 0 {
		return
	}
	for i, l := range spec.Loads() {
		n := r.Nodes[spec.Nodes[i].Name]
		if l.Unsure || l.Capacity == 0 || l.CPU == 0 || n.Fleet != nil || n.Errors["rejected"] > 0 || poolTurnsAway(r, spec.Nodes[i].Name) || queueTurnsAway(r, spec.Nodes[i].Name) {
			continue
		}
		assert.InEpsilon(t, l.CPU/l.Capacity, *n.Resources["cpu"].Utilization.Mean, 0.03, "cpu of %s %s %s", name, design, spec.Nodes[i].Name)
	}
}

// poolTurnsAway says whether requests on their way to a node gave up waiting
// for a connection: fewer reach it than were sent.
func poolTurnsAway(r *result.Result, node string) bool {
	for _, n := range r.Nodes {
		if n.Resources["pool."+node] != nil && n.Errors["rejected"] > 0 {
			return true
		}
	}
	return false
}

// claims are what the comments of the topologies say, and what their
// objectives are there to show.
var claims = map[string]func(t *testing.T, results map[string]*result.Result){
	"soak-memory-leak": soakMemoryLeak,
	"hello": func(t *testing.T, results map[string]*result.Result) {
		visitors := results[""].Clients["visitors"]
		within(t, 0.050, visitors.LatencyS["mean"])
		within(t, 0.23026, visitors.LatencyS["p99"])
		assert.Equal(t, []string{"met"}, verdicts(results[""]))
	},
	"web-shop": func(t *testing.T, results map[string]*result.Result) {
		r := results[""]
		assert.Equal(t, []string{"met", "met", "met", "met", "met"}, verdicts(r))
		// 4 and 1 of m7i.xlarge, one r7g.large, and the balancer, for 730 hours.
		assert.InDelta(t, 730*(5*0.2016+0.1071+0.03), *r.Cost.Monthly.Mean, 1e-9)
		assert.Empty(t, r.Cost.Without)
		assert.Equal(t, "app", r.Bottleneck.Node)
		assert.InDelta(t, 0.7, r.Bottleneck.Utilization, 0.01)
		assert.InDelta(t, 0.200, *r.Clients["shoppers"].Ops["checkout"].LatencyS["p95"].Mean, 0.005, "a promise that is only just kept")
	},
	"nasa-1995": func(t *testing.T, results map[string]*result.Result) {
		few, many := results["four-cores"], results["eight-cores"]
		assert.Equal(t, []string{"missed", "missed"}, verdicts(few))
		assert.Equal(t, []string{"met", "met"}, verdicts(many))
		assert.EqualValues(t, 10*30_969, few.Clients["visitors"].Offered, "every line of the log, in each replication")
		assert.InDelta(t, 460, *few.Clients["visitors"].OfferedRPS.Mean, 5)
	},
	"bursty": func(t *testing.T, results map[string]*result.Result) {
		assert.Equal(t, []string{"met"}, verdicts(results["steady"]))
		assert.Equal(t, []string{"met"}, verdicts(results["batches"]))
		assert.Equal(t, []string{"missed"}, verdicts(results["bursts"]))
		// M/M/4 at a load of 0.5: 10 ms and Erlang's wait.
		within(t, 0.010870, results["steady"].Clients["users"].LatencyS["mean"])
		for _, r := range results {
			assert.InEpsilon(t, 200, *r.Clients["users"].OfferedRPS.Mean, 0.03, r.Design)
		}
	},
	"daily-traffic": func(t *testing.T, results map[string]*result.Result) {
		three, four := results["three-cores"], results["four-cores"]
		assert.Equal(t, []string{"missed"}, verdicts(three))
		assert.Equal(t, []string{"met"}, verdicts(four))
		// A fluid of 1.8 + 1.5 cos(θ) a second comes to a server of 3 a second.
		longest := 86_400 / (2 * math.Pi) * (2*1.5*0.6 - 2*1.2*math.Acos(0.8)) / 3
		assert.InDelta(t, 20*60, longest, 60)
		assert.InDelta(t, longest, *three.Clients["photographers"].LatencyS["p99"].Mean, 300)
		assert.InDelta(t, 1.8, *three.Clients["photographers"].OfferedRPS.Mean, 4*0.00144, "a Poisson count of 1.56 million")
	},
	"azure-llm": func(t *testing.T, results map[string]*result.Result) {
		for design, want := range map[string]string{"4-slots": "missed", "8-slots": "missed", "16-slots": "met", "32-slots": "met"} {
			r := results[design]
			assert.Equal(t, []string{want}, verdicts(r), design)
			assert.EqualValues(t, 5*8819, r.Clients["developers"].Offered, "every request of the trace, in each replication")
			assert.InDelta(t, 1.4, *r.Nodes["model"].Resources["workers"].Busy.Mean, 0.05, design)
		}
	},
	"closed-users": func(t *testing.T, results map[string]*result.Result) {
		assert.Equal(t, []string{"met", "met"}, verdicts(results["today"]))
		assert.Equal(t, []string{"missed", "met"}, verdicts(results["more_clerks"]))
		assert.Equal(t, []string{"met", "met"}, verdicts(results["larger_machine"]))
		for design, users := range map[string]float64{"today": 300, "more_clerks": 480, "larger_machine": 480} {
			// The interactive response time law: X = N / (Z + R).
			c := results[design].Clients["clerks"]
			assert.InEpsilon(t, users/(7+*c.LatencyS["mean"].Mean), *c.ThroughputRPS.Mean, 0.01, design)
		}
	},
	"sessions": func(t *testing.T, results map[string]*result.Result) {
		for design, want := range map[string]string{"strangers": "met", "visitors": "met", "visitors_at_once": "missed"} {
			assert.Equal(t, want, verdicts(results[design])[0], design)
			assert.InEpsilon(t, 120, *results[design].Clients["visitors"].OfferedRPS.Mean, 0.02, design)
		}
		mean := func(design string) float64 { return *results[design].Clients["visitors"].LatencyS["mean"].Mean }
		assert.InEpsilon(t, mean("strangers"), mean("visitors"), 0.05, "one after the other they queue like strangers")
	},
	"third-party": func(t *testing.T, results map[string]*result.Result) {
		assert.Equal(t, []string{"missed", "missed"}, verdicts(results["patient"]))
		assert.Equal(t, []string{"met", "met"}, verdicts(results["time_out"]))
		assert.Equal(t, []string{"met", "met"}, verdicts(results["fallback"]))
		assert.Zero(t, results["fallback"].Clients["shoppers"].Errors["timeout"])
	},
	"microservices-fanout": func(t *testing.T, results map[string]*result.Result) {
		assert.Equal(t, []string{"met", "missed"}, verdicts(results[""]))
	},
	"vertical-vs-horizontal":         verticalVersusHorizontal,
	"vertical-vs-horizontal-upgrade": verticalUpgrade,
	"vertical-vs-horizontal-year":    verticalYear,
	"vertical-vs-horizontal-data":    verticalData,
	"rolling-vs-in-place":            rollingVersusInPlace,
	"slow-backend":                   slowBackend,
	"noisy-scheduling":               noisyScheduling,
	"bigger-machine":                 biggerMachine,
	"sticky-vs-stateless":            stickyVsStateless,
	"connection-pool":                connectionPool,
	"cache-stampede":                 cacheStampede,
	"cache-sizes":                    cacheSizes,
	"cdn-static":                     cdnStatic,
	"queue-burst":                    queueBurst,
	"sync-vs-async-email":            syncVsAsyncEmail,
	"sharding-hot-key":               shardingHotKey,
	"index-vs-scan":                  indexVersusScan,
	"read-replicas":                  readReplicas,
	"zone-failover":                  zoneFailover,
	"retry-storm":                    retryStorm,
	"gray-failure":                   grayFailure,
	"cache-flush":                    cacheFlush,
	"primary-failover":               primaryFailover,
}

func within(t *testing.T, truth float64, e result.Estimate) {
	t.Helper()
	require.NotNil(t, e.HalfWidth)
	assert.InDelta(t, truth, *e.Mean, *e.HalfWidth)
}

func verdicts(r *result.Result) []string {
	out := []string{}
	for _, o := range r.Objectives {
		out = append(out, o.Verdict)
	}
	return out
}

func TestGalleryIsTheSameOnAnyNumberOfCores(t *testing.T) {
	short := []string{"--duration", "4s", "--warmup", "1s", "--replications", "3", "--out", "-", "--format", "json", "--quiet"}
	for _, name := range topologies.Gallery() {
		verb, far := "run", []string(nil)
		if len(load(t, name).Designs()) > 1 {
			verb, far = "compare", onlyToday
		}
		once := ""
		for _, cores := range []int{1, 2} {
			before := runtime.GOMAXPROCS(cores)
			for _, parallel := range []string{"1", "2", "8"} {
				args := append([]string{verb, filepath.Join(galleryDir, name+".toml"), "--parallel", parallel}, append(short, far...)...)
				_, document := capsim(t, args...)
				if once == "" {
					once = document
				}
				assert.Equal(t, once, document, "%s on %d cores, %s replications at once", name, cores, parallel)
			}
			runtime.GOMAXPROCS(before)
		}
	}
}
