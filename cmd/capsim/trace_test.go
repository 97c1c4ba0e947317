package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
)

const tracedShop = `title = "A shop"
[run]
duration = "60s"
replications = 2
[network]
internet = "constant 2ms"
same_zone = "constant 200us"
[client.users]
target = "lb"
requests = { browse = 3, buy = 1 }
arrivals = "poisson 60/s"
timeout = "150ms"
retries = { max = 2, backoff = "5ms" }
[load_balancer.lb]
targets = ["web"]
[server.web]
instances = 2
cores = 1
concurrency = 2
on.browse = [{ cpu = "exp 10ms" }, { get = "cache", miss = [{ call = "db.read" }] }]
on.buy = [{ cpu = "exp 10ms" }, { parallel = [[{ call = "db.read" }], [{ call = "db.read" }]] }, { publish = "mail" }]
[cache.cache]
hit_ratio = "50%"
latency = "1ms"
[server.db]
cores = 2
on.read = [{ cpu = "exp 8ms" }, { wait = "1ms" }]
[queue.mail]
consumer = "post.send"
[server.post]
on.send = [{ cpu = "exp 4ms" }]
`

// traceShop runs the shop and returns its result, its trace and its profile.
func traceShop(t *testing.T, more ...string) (r *result.Result, trace, profile []byte) {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "shop.toml")
	require.NoError(t, os.WriteFile(file, []byte(tracedShop), 0o666))
	var stdout, stderr bytes.Buffer
	args := []string{"run", file, "--out", "-", "--quiet", "--format", "json", "--trace", filepath.Join(dir, "trace.json"), "--profile", filepath.Join(dir, "p.pb.gz")}
	require.Zero(t, run(append(args, more...), strings.NewReader(""), &stdout, &stderr), stderr.String())
	r, err := result.Read(stdout.Bytes())
	require.NoError(t, err)
	trace, err = os.ReadFile(filepath.Join(dir, "trace.json"))
	require.NoError(t, err)
	profile, err = os.ReadFile(filepath.Join(dir, "p.pb.gz"))
	require.NoError(t, err)
	return r, trace, profile
}

func TestATraceIsTheSameWhateverRunsAtOnce(t *testing.T) {
	_, trace, profile := traceShop(t, "--parallel", "1")
	_, other, otherProfile := traceShop(t, "--parallel", "2")
	assert.Equal(t, string(trace), string(other))
	assert.Equal(t, profile, otherProfile)
}

// traceEvent is an event of a trace, as its readers see it.
type traceEvent struct {
	Ph, Name, Cat string
	Pid, Tid      int
	Ts, Dur       float64
	Args          map[string]any
}

// On every track, what begins inside of something ends inside of it: readers draw
// nonsense otherwise.
func TestTheEventsOfATraceLieInsideOfEachOther(t *testing.T) {
	r, trace, _ := traceShop(t)
	var doc struct {
		TraceEvents     []traceEvent
		DisplayTimeUnit string
		OtherData       map[string]string
	}
	require.NoError(t, json.Unmarshal(trace, &doc))
	assert.Equal(t, "ms", doc.DisplayTimeUnit)
	assert.Equal(t, r.Fingerprint, doc.OtherData["fingerprint"])
	open, requests, groups, names := map[int][]traceEvent{}, 0, 0, map[string]int{}
	longest := 0.0
	for _, e := range doc.TraceEvents {
		if e.Name == "process_name" {
			groups++
		}
		if e.Ph != "X" {
			continue
		}
		names[e.Name]++
		stack := open[e.Tid]
		for len(stack) > 0 && e.Ts >= stack[len(stack)-1].Ts+stack[len(stack)-1].Dur-1e-4 && e.Ts+e.Dur > stack[len(stack)-1].Ts+stack[len(stack)-1].Dur+1e-4 {
			stack = stack[:len(stack)-1]
		}
		if len(stack) > 0 {
			top := stack[len(stack)-1]
			require.True(t, e.Ts >= top.Ts && e.Ts+e.Dur <= top.Ts+top.Dur+1e-4, "%+v in %+v", e, top)
		}
		open[e.Tid] = append(stack, e)
		if e.Cat == "request" {
			requests++
			if e.Args["status"] == "ok" {
				longest = max(longest, e.Dur)
			}
		}
	}
	assert.Greater(t, requests, 100)
	assert.GreaterOrEqual(t, groups, 2, "the slowest, and a sample")
	for _, name := range []string{"users.browse", "lb.buy", "web.browse", "db.read", "post.send", "call cache get", "delivery", "branch", "attempt 1", "network, there", "waits for a core", "cpu", "wait step"} {
		assert.NotZero(t, names[name], name)
	}
	// The result has the slowest request of all replications, the trace that of one.
	assert.LessOrEqual(t, longest/1e6, *r.Clients["users"].LatencyS["max"].Mean+1e-9)
	assert.Greater(t, longest/1e6, *r.Clients["users"].LatencyS["p99"].Mean)
}

// A profile's times are those of the result, all replications together: read by
// pprof itself.
func TestAProfileHasTheTimesOfTheResult(t *testing.T) {
	r, _, profile := traceShop(t)
	file := filepath.Join(t.TempDir(), "p.pb.gz")
	require.NoError(t, os.WriteFile(file, profile, 0o666))
	out, err := exec.Command("go", "tool", "pprof", "-raw", file).Output()
	require.NoError(t, err)
	got, stacks := rawProfile(t, string(out))
	want := map[string]float64{}
	for op, traffic := range r.Clients["users"].Ops {
		n := float64(traffic.OK)
		want["users."+op+" requests"] = n
		for place, spent := range traffic.Spent {
			at, isNode := spent.(result.Spent)
			if !isNode {
				want["users."+op+" time"] += n * 1e9 * *spent.(result.Estimate).Mean
				continue
			}
			for kind, e := range map[string]result.Estimate{"wait": at.Wait, "service": at.Service} {
				x := n * 1e9 * *e.Mean
				want["users."+op+" time"] += x
				want["users."+op+" "+kind] += x
				want[place+" "+kind] += x
			}
		}
	}
	for key, x := range want {
		assert.InDelta(t, x, got[key], 2000, key)
	}
	assert.Contains(t, stacks, "users < users.browse < lb.browse < web.browse < db.read < db.read, step 1: cpu")
	assert.Contains(t, stacks, "users < users.browse < lb.browse < web.browse < web.browse: waits for a worker")
	assert.Contains(t, stacks, "users < users.buy < lb.buy < lb.buy: network, there")
}

// rawProfile adds up what `pprof -raw` prints: by operation, and by the node at
// the end of the stack.
func rawProfile(t *testing.T, text string) (sums map[string]float64, stacks []string) {
	t.Helper()
	_, samples, _ := strings.Cut(text, "Samples:\n")
	samples, locations, found := strings.Cut(samples, "Locations\n")
	require.True(t, found)
	names := map[string]string{}
	for line := range strings.Lines(locations) {
		number, rest, is := strings.Cut(strings.TrimSpace(line), ": 0x0 ")
		if is {
			name, _, _ := strings.Cut(strings.TrimPrefix(rest, "M=1 "), " :0")
			names[number] = name
		}
	}
	lines := strings.Split(strings.TrimSpace(samples), "\n")
	sums = map[string]float64{}
	for _, line := range lines[1:] {
		values, stack, is := strings.Cut(line, ": ")
		require.True(t, is, line)
		var frames []string
		for _, number := range strings.Fields(stack) {
			frames = append([]string{names[number]}, frames...)
		}
		stacks = append(stacks, strings.Join(frames, " < "))
		leaf := frames[len(frames)-1]
		node := strings.FieldsFunc(leaf, func(r rune) bool { return r == '.' || r == ':' || r == ' ' || r == ',' })[0]
		for i, kind := range []string{"requests", "wait", "service", "time"} {
			x, err := strconv.ParseFloat(strings.Fields(values)[i], 64)
			require.NoError(t, err)
			sums[frames[1]+" "+kind] += x
			if kind == "wait" || kind == "service" {
				sums[node+" "+kind] += x
			}
		}
	}
	return sums, stacks
}

func TestATraceThatCannotBeWrittenIsRefusedFirst(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "shop.toml")
	require.NoError(t, os.WriteFile(file, []byte(tracedShop), 0o666))
	for _, one := range []struct{ flag, path, says string }{
		{"--trace", "", "E802"}, {"--trace", "-", "E802"}, {"--profile", dir, "is a directory"},
		{"--trace", file, "would overwrite the input"}, {"--profile", filepath.Join(dir, "out", "result.json"), "is a file of the report already"},
	} {
		var stderr bytes.Buffer
		status := run([]string{"run", file, "--out", filepath.Join(dir, "out"), one.flag, one.path}, strings.NewReader(""), io.Discard, &stderr)
		assert.NotZero(t, status)
		assert.Contains(t, stderr.String(), one.says)
		assert.Contains(t, stderr.String(), "for example "+one.flag)
	}
	same := filepath.Join(dir, "x")
	var stderr bytes.Buffer
	assert.Equal(t, 2, run([]string{"run", file, "--out", "-", "--trace", same, "--profile", same}, strings.NewReader(""), io.Discard, &stderr))
	assert.Contains(t, stderr.String(), "is the file of --trace too")
	assert.NoFileExists(t, same)
}
