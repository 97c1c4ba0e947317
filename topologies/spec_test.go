package topologies

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEveryTopologyOfTheGalleryIsRight(t *testing.T) {
	require.NotEmpty(t, Gallery())
	for _, name := range Gallery() {
		f, report := Load(GalleryFiles{}, name+".toml", Options{})
		require.NotNil(t, f, headlines(report))
		assert.Empty(t, headlines(f.Check()), name)
	}
}

func TestTheSmallestFileMeansWhatTheManualSays(t *testing.T) {
	spec := mustSpec(t, "[client.users]\ntarget = \"web\"\narrivals = \"poisson 80/s\"\n\n[server.web]\ncores = 1\non.request = [{ cpu = \"exp 10ms\" }]\n", Options{}, "")
	assert.Equal(t, node.Run{Duration: 600 * sim.Second, Warmup: node.Auto, Drain: 600 * sim.Second, Replications: 5, Seed: 1}, spec.Run)
	require.Len(t, spec.Nodes, 2)
	client, web := spec.Nodes[0], spec.Nodes[1]
	assert.Equal(t, []node.WeightedOp{{Name: "request", Weight: 1}}, client.Client.Ops)
	assert.Equal(t, node.Target{Node: 1}, client.Client.Target)
	assert.Equal(t, node.Policy{}, client.Client.Policy)
	assert.Nil(t, client.Client.Keys)
	assert.Nil(t, client.Client.Closed)
	assert.InDelta(t, 80, client.Client.Open.MeanRate(sim.Second), 0)
	assert.Equal(t, 1, web.Instances)
	assert.Equal(t, 1, web.Server.Cores)
	assert.InDelta(t, 1, web.Server.Speed, 0)
	assert.Equal(t, 0, web.Server.Concurrency)
	assert.Equal(t, node.None, web.Server.Backlog)
	assert.Nil(t, web.Server.QueueTimeout)
	require.Len(t, web.Server.Ops[0].Steps, 1)
	step := web.Server.Ops[0].Steps[0]
	assert.Equal(t, node.StepCPU, step.Kind)
	assert.InDelta(t, 10e6, step.Time.Mean(), 1e-3)
	assert.Equal(t, sim.HashName("web", "request", "#0"), step.ID)
	assert.Subset(t, spec.Defaults, []node.Default{
		{Key: "network", Value: "no time passes"},
		{Key: "run.duration", Value: "10m"}, {Key: "run.warmup", Value: "auto"}, {Key: "run.drain", Value: "10m"},
		{Key: "run.replications", Value: "5"}, {Key: "run.seed", Value: "1"},
		{Key: "client.users.priority", Value: "0"}, {Key: "client.users.timeout", Value: "none"},
		{Key: "client.users.deadline", Value: "none"}, {Key: "client.users.retries", Value: "0"},
		{Key: "client.users.hedge", Value: "none"}, {Key: "client.users.breaker", Value: "none"},
		{Key: "client.users.cancel", Value: "false"},
		{Key: "server.web.instances", Value: "1"}, {Key: "server.web.speed", Value: "1"}, {Key: "server.web.concurrency", Value: "unlimited"},
		{Key: "server.web.backlog", Value: "unlimited"}, {Key: "server.web.queue_timeout", Value: "none"},
		{Key: "server.web.scheduling", Value: "fcfs"},
	})
}

func TestStepsAreResolved(t *testing.T) {
	spec := mustSpec(t, `[client.c]
target = "lb"
arrivals = "poisson 1/s"
requests = { write = 1, read = 3 }
timeout = "2s"
retries = { max = 2, backoff = "doubling 100ms max 2s", jitter = "equal" }
keys = "zipf s=1 n=10"
[load_balancer.lb]
targets = ["b", "a"]
[server.a]
concurrency = 4
backlog = 0
queue_timeout = "exp 1s"
speed = 2
on = { read = [], write = [] }
[server.b.on]
read = [
  { get = "redis", miss = [{ call = "a.read", timeout = "300ms", retries = 1 }] },
  { set = "redis", name = "store" }, { invalidate = "redis" },
  { choose = [{ weight = 9, steps = [] }, { weight = 1, steps = [{ fail = "10%" }] }] },
  { parallel = [[{ wait = "1ms" }], []] },
  { repeat = 3, steps = [{ cpu = "2ms", name = "inner" }] },
]
write = { steps = [{ call = "a.write" }] }
[cache.redis]
hit_ratio = "80%"
latency = "exp 0.4ms"
`, Options{}, "")
	names := []string{}
	for _, n := range spec.Nodes {
		names = append(names, n.Name)
	}
	assert.Equal(t, []string{"a", "b", "c", "lb", "redis"}, names)
	c := spec.Nodes[2].Client
	assert.Equal(t, []node.WeightedOp{{Name: "read", Weight: 3}, {Name: "write", Weight: 1}}, c.Ops)
	assert.Equal(t, node.Policy{Timeout: 2 * sim.Second, Retries: 2, Backoff: node.Backoff{
		Doubling: true, First: 100 * sim.Millisecond, Max: 2 * sim.Second, Jitter: node.EqualJitter}}, c.Policy)
	assert.NotNil(t, c.Keys)
	assert.Equal(t, &node.BalancerSpec{Targets: []int{1, 0}, Policy: "round-robin"}, spec.Nodes[3].Balancer, "targets are in the order of the file")
	a := spec.Nodes[0].Server
	assert.Equal(t, 0, a.Backlog)
	assert.InDelta(t, 1e9, a.QueueTimeout.Mean(), 0)
	assert.InDelta(t, 0.8, spec.Nodes[4].Cache.HitRatio, 1e-15)

	read := spec.Nodes[1].Server.Ops[0]
	assert.Equal(t, "read", read.Name)
	kinds := []node.StepKind{}
	for _, s := range read.Steps {
		kinds = append(kinds, s.Kind)
	}
	assert.Equal(t, []node.StepKind{node.StepGet, node.StepSet, node.StepInvalidate, node.StepChoose, node.StepParallel, node.StepRepeat}, kinds)
	miss := read.Steps[0].Branches[0][0]
	assert.Equal(t, node.Target{Node: 0, Op: "read"}, miss.Target)
	assert.Equal(t, node.Policy{Timeout: 300 * sim.Millisecond, Retries: 1}, miss.Policy)
	assert.Equal(t, sim.HashName("b", "read", "#0", "miss", "#0"), miss.ID)
	assert.Equal(t, sim.HashName("b", "read", "=store"), read.Steps[1].ID)
	assert.Equal(t, []float64{9, 1}, read.Steps[3].Weights)
	assert.InDelta(t, 0.1, read.Steps[3].Branches[1][0].Ratio, 1e-15)
	assert.Len(t, read.Steps[4].Branches, 2)
	assert.InDelta(t, 3, read.Steps[5].Time.Mean(), 0)
	assert.Equal(t, sim.HashName("b", "read", "#5", "repeat", "=inner"), read.Steps[5].Branches[0][0].ID)
}

func TestAGetWithoutMissHasAnEmptyBranch(t *testing.T) {
	spec := mustSpec(t, with(`{ cpu = "exp 10ms" }`, `{ get = "r" }`)+"[cache.r]\nhit_ratio = 1\n", Options{}, "")
	assert.Equal(t, [][]node.Step{{}}, spec.Nodes[2].Server.Ops[0].Steps[0].Branches)
}

func TestStagesDecideHowLongARunIs(t *testing.T) {
	stages := `stages = [{ duration = "2m", target = "500/s" }, { duration = "0s", target = "9/s" }, { duration = "30s", target = "0/s" }]`
	spec := mustSpec(t, with(`arrivals = "poisson 80/s"`, stages), Options{}, "")
	assert.Equal(t, 150*sim.Second, spec.Run.Duration)
	assert.Equal(t, sim.Time(0), spec.Run.Warmup)
	assert.Contains(t, spec.Defaults, node.Default{Key: "run.duration", Value: "2m30s"})
	assert.Contains(t, spec.Defaults, node.Default{Key: "run.warmup", Value: "0s"})
	spec = mustSpec(t, "[run]\nduration = \"1m\"\nwarmup = \"3s\"\ndrain = \"0s\"\n"+with(`arrivals = "poisson 80/s"`, stages), Options{}, "")
	assert.Equal(t, node.Run{Duration: 60 * sim.Second, Warmup: 3 * sim.Second, Replications: 5, Seed: 1}, spec.Run)
	for text, want := range map[string]string{
		`stages = [{ duration = "2m", target = 500 }]`:                  `shop.toml:3:39: error[E301]: client.users.stages[0].target: a rate needs a unit, got "500"`,
		"users = 3\nstages = [{ duration = \"2m\", target = \"5/s\" }]": `shop.toml:4:39: error[E204]: client.users.stages[0].target: expected a number of users, got the rate "5/s"`,
		`stages = [{ duration = "2m", target = "0/s" }]`:                `shop.toml:3:10: error[E302]: client.users.stages: the rate is 0 all the time`,
		"users = 0":        `shop.toml:3:9: error[E302]: client.users.users: must be at least 1 at some time, got 0`,
		`think = "exp 3s"`: `shop.toml:1:1: error[E203]: client.users: a client needs traffic: arrivals, stages, daily, wave or users`,
	} {
		got := check(t, with(`arrivals = "poisson 80/s"`, text))
		assert.Contains(t, got, want)
	}
}

func TestObjectives(t *testing.T) {
	spec := mustSpec(t, `objectives = ["users p99 < 400ms", "users.request p99.9 <= 1s", "users within 300ms > 99%",
  "web cpu < 70%", "web queue < 2.5", "users throughput >= 79/s", "redis hit_ratio > 0.5", "users max < 1m"]
`+with(`{ cpu = "exp 10ms" }`, `{ get = "redis" }`)+"[cache.redis]\nhit_ratio = 1\n", Options{}, "")
	assert.Equal(t, []node.Objective{
		{Text: "users p99 < 400ms", Line: 1, Node: 1, Metric: "p99", Quantile: 0.99, Compare: "<", Value: 0.4},
		{Text: "users.request p99.9 <= 1s", Line: 1, Node: 1, Op: "request", Metric: "p99.9", Quantile: 0.999, Compare: "<=", Value: 1},
		{Text: "users within 300ms > 99%", Line: 1, Node: 1, Metric: "within", Within: 300 * sim.Millisecond, Compare: ">", Value: 0.99},
		{Text: "web cpu < 70%", Line: 2, Node: 2, Metric: "cpu", Compare: "<", Value: 0.7},
		{Text: "web queue < 2.5", Line: 2, Node: 2, Metric: "queue", Compare: "<", Value: 2.5},
		{Text: "users throughput >= 79/s", Line: 2, Node: 1, Metric: "throughput", Compare: ">=", Value: 79},
		{Text: "redis hit_ratio > 0.5", Line: 2, Node: 0, Metric: "hit_ratio", Compare: ">", Value: 0.5},
		{Text: "users max < 1m", Line: 2, Node: 1, Metric: "max", Compare: "<", Value: 60},
	}, spec.Objectives)
}

func TestObjectivesThatMeanNothingAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		"users p99":                 "1:16: error[E311]: objectives[0]: an objective compares: expected <, >, <= or >=",
		"users p99 <400ms":          "1:26: error[E311]: objectives[0]: expected <, >, <= or >= between spaces, got \"<400ms\"",
		"users p99 < 4s and":        "1:31: error[E311]: objectives[0]: expected one value after <",
		"p99 < 4s":                  "1:16: error[E311]: objectives[0]: expected a subject and a metric before <",
		"users p0 < 4s":             `1:22: error[E302]: objectives[0]: a percentile is more than 0 and less than 100, got "p0"`,
		"users erors < 4%":          `1:22: error[E205]: objectives[0]: unknown metric "erors"; did you mean "errors"?`,
		"user p99 < 4s":             `1:16: error[E501]: objectives[0]: unknown node "user"; did you mean "users"?`,
		"users.buy p99 < 4s":        `1:16: error[E502]: objectives[0]: "users" asks for no operation "buy"`,
		"users cpu < 4%":            `1:22: error[E311]: objectives[0]: a client has no metric "cpu" in the language yet`,
		"web hit_ratio < 4%":        `1:20: error[E311]: objectives[0]: a server has no metric "hit_ratio" in the language yet`,
		"web.request p99 < 4s":      `1:16: error[E311]: objectives[0]: objectives about an operation name a client's: CLIENT.request`,
		"cost < 4000":               `1:15: warning[W412]: objectives[0]: nothing here has a price, so that nobody knows the cost`,
		"cost_per_million <= 2.5":   `1:15: warning[W412]: objectives[0]: nothing here has a price, so that nobody knows the cost per million`,
		"web cost < 4000":           `1:16: error[E311]: objectives[0]: cost is of the whole system: it has no subject`,
		"cost < 4x":                 `1:24: error[E301]: objectives[0]: unknown unit "x"`,
		"cost < 0":                  `1:23: error[E302]: objectives[0]: nothing is less than 0: this can never be met`,
		"costs < 4000":              `1:16: error[E311]: objectives[0]: expected a subject and a metric before <`,
		"users within > 99%":        `1:22: error[E311]: objectives[0]: within needs a time`,
		"users within 300 > 99%":    `1:29: error[E301]: objectives[0]: a duration needs a unit, got "300"`,
		"users errors < 5":          `1:31: error[E302]: objectives[0]: must be from 0 to 1 (0% to 100%), got "5"`,
		"users availability > 100%": `1:37: error[E302]: objectives[0]: no share is more than 100%: this can never be met`,
		"within 300ms > 99%":        `1:16: error[E311]: objectives[0]: expected a subject before within`,
	} {
		got := check(t, "objectives = [\""+text+"\"]\n"+shop)
		assert.Equal(t, []string{"shop.toml:" + want}, got, text)
	}
	pays := with(`{ cpu = "exp 10ms" }`, `{ call = "pay" }`) + "[external.pay]\n"
	assert.Empty(t, check(t, `objectives = ["pay p99 < 4s", "pay errors < 1%"]`+"\n"+pays))
	assert.Equal(t, []string{`shop.toml:1:20: error[E311]: objectives[0]: an external service has no metric "cpu" in the language yet`},
		check(t, `objectives = ["pay cpu < 4%"]`+"\n"+pays))
}

func TestAReferenceThatMayMeanTwoThingsIsRefused(t *testing.T) {
	const two = `objectives = ["SUBJECT p99 < 1s"]
[client.x]
target = "web"
arrivals = "poisson 1/s"
requests = { y = 1, z = 1 }
[client."x.y"]
target = "web.request"
arrivals = "poisson 1/s"
[server.web]
on.request = []
on.y = []
on.z = []
`
	for subject, want := range map[string][]string{
		"x.y": {`shop.toml:1:16: error[E401]: objectives[0]: "x.y" may be the client "x.y" or the operation "y" of the client "x"`},
		"x.z": nil, "x": nil, "x.y.request": nil,
		"x.y.z": {`shop.toml:1:16: error[E502]: objectives[0]: "x.y" asks for no operation "z"`},
	} {
		assert.Equal(t, want, check(t, strings.Replace(two, "SUBJECT", subject, 1)), subject)
	}
	call := shop + `[server."web.request"]` + "\non.request = []\n"
	assert.Equal(t, []string{
		`shop.toml:2:10: error[E401]: client.users.target: "web.request" may be the server "web.request" or the operation "request" of the server "web"`,
	}, check(t, strings.Replace(call, `target = "web"`, `target = "web.request"`, 1)))
	assert.Equal(t, []string{`shop.toml:9:9: warning[W401]: server."web.request": no request reaches "web.request"`}, check(t, call),
		"a name that nobody refers to harms nobody")
}

func TestReferencesAndOperations(t *testing.T) {
	for text, want := range map[string][]string{
		with(`target = "web"`, `target = "lb"`) + "[load_balancer.lb]\ntargets = [\"web\", \"other\"]\n[server.other]\non.other = []\n": {
			`2:10: error[E502]: client.users.target: server "other", behind "lb", has no operation "request"`},
		with(`timeout = "2s"`, "requests = { request = 1, buy = 1 }"): {`4:27: error[E502]: client.users.requests.buy: server "web" has no operation "buy"`},
		with(`target = "web"`, `target = "users"`):                    {`2:10: error[E505]: client.users.target: "users" is a client; this must be a load balancer or a server or a database or an external service or a cache or a CDN or a queue`},
		with(`{ cpu = "exp 10ms" }`, `{ get = "web" }`):               {`8:23: error[E505]: server.web.on.request[0].get: "web" is a server; this must be a cache`},
		with(`{ cpu = "exp 10ms" }`, `{ call = "web.reqest" }`):       {`8:24: error[E502]: server.web.on.request[0].call: server "web" has no operation "reqest"; did you mean "request"?`},
		shop + "[load_balancer.lb]\ntargets = [\"lb\"]\n":             {`10:11: error[E403]: load_balancer.lb.targets: requests can never leave: lb → lb`},
		shop + "[load_balancer.lb]\ntargets = []\n":                   {`10:11: error[E302]: load_balancer.lb.targets: needs at least one target`},
		shop + "[load_balancer.lb]\ntargets = [\"web.request\"]\n":    {`10:12: error[E505]: load_balancer.lb.targets[0]: a balancer passes the operation on; name only the node`},
		shop + "[load_balancer.lb]\ntargets = [\"web\", \"web\"]\n":   {`10:19: error[E401]: load_balancer.lb.targets[1]: "web" is listed twice`},
		with("cores = 1", "backlog = 3"):                              {`7:1: error[E203]: server.web.backlog: the key concurrency is missing: without a limit on workers nobody waits for one`},
		with("cores = 1", `queue_timeout = "1s"`):                     {`7:1: error[E203]: server.web.queue_timeout: the key concurrency is missing: without a limit on workers nobody waits for one`},
		with("cores = 1", "instances = 600_000") + "[server.other]\ninstances = 600_000\non.request = []\n": {
			`10:13: error[E706]: server.other.instances: the servers, databases, caches, CDNs and balancers have more than 1000000 instances together`},
		with(`target = "web"`, `target = "web.request"`) + "": nil,
	} {
		got := check(t, text)
		for i := range got {
			got[i] = strings.TrimPrefix(got[i], "shop.toml:")
		}
		assert.Equal(t, want, got)
	}
}

func TestNodesMayHaveDotsInTheirNames(t *testing.T) {
	spec := mustSpec(t, strings.ReplaceAll(strings.ReplaceAll(shop, "server.web", `server."a.b"`), `"web"`, `"a.b.request"`), Options{}, "")
	assert.Equal(t, node.Target{Node: 0, Op: "request"}, spec.Nodes[1].Client.Target)
}

// tablesOf splits a file at its headers, so that each piece may stand
// anywhere after the first.
func tablesOf(text string) (head string, tables []string) {
	at := regexp.MustCompile(`(?m)^\[`).FindAllStringIndex(text, -1)
	for i, m := range at {
		end := len(text)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		tables = append(tables, text[m[0]:end])
	}
	return text[:at[0][0]], tables
}

func TestTheOrderOfTablesChangesNothing(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, name := range Gallery() {
		text, err := os.ReadFile(name + ".toml")
		require.NoError(t, err)
		head, tables := tablesOf(string(text))
		files := func(text string) Files { return layered{memory{"x.toml": text}, GalleryFiles{}} }
		want, _ := specOf(files(string(text)), "x.toml", Options{}, "")
		require.NotNil(t, want)
		for range 20 {
			random.Shuffle(len(tables), func(i, j int) { tables[i], tables[j] = tables[j], tables[i] })
			got, report := specOf(files(head+strings.Join(tables, "")), "x.toml", Options{}, "")
			require.NotNil(t, got, headlines(report))
			for _, spec := range []*node.Spec{want, got} {
				for i := range spec.Objectives {
					spec.Objectives[i].Line = 0
				}
			}
			require.Equal(t, want, got)
		}
	}
}

// everyConfig is a configuration struct of each table of the language, and
// where its table may stand.
func everyConfig() map[string]any {
	configs := map[string]any{
		"the top": &fileConfig{}, "run": &node.RunConfig{}, "a step": &node.StepConfig{}, "a choice": &node.ChoiceConfig{},
		"a stage": &node.StageConfig{}, "a trace": &node.TraceConfig{}, "columns": &node.ColumnsConfig{},
		"retries": &node.RetriesConfig{}, "an operation": &node.OperationConfig{},
	}
	for _, row := range node.Kinds {
		configs[row.Key] = row.Config()
	}
	return configs
}

func TestEveryKeyIsDescribedAndItsExampleIsRight(t *testing.T) {
	for name, config := range everyConfig() {
		for _, field := range kind.Describe(config) {
			at := name + ": " + field.Key
			assert.NotEmpty(t, field.Doc, at)
			assert.NotEmpty(t, field.Type, at)
			require.NotEmpty(t, field.Example, at)
			assert.Contains(t, field.Example, field.Key, at)
			assert.True(t, exampleIsRight(t, field), "%s: %s", at, field.Example)
		}
	}
	for _, row := range node.Kinds {
		assert.NotEmpty(t, row.Doc)
		assert.Contains(t, row.Example, "["+row.Key+".")
	}
}

// exampleIsRight reports whether some table takes the example of a key.
func exampleIsRight(t *testing.T, field kind.Field) bool {
	t.Helper()
	text := strings.TrimPrefix(field.Example, "["+field.Key+"]\n")
	if strings.HasPrefix(text, "{") {
		text = "steps = [" + text + "]"
	}
	if text != field.Example && !strings.HasPrefix(text, "steps") {
		return true // a header and a key of that table, which has an example of its own
	}
	root, ok := parseTOML(newSource("example", []byte(text+"\n")), &kind.Report{})
	require.True(t, ok, field.Example)
	for _, config := range everyConfig() {
		d := &kind.Decoder{Report: &kind.Report{}}
		kind.Decode(d.At(&kind.Value{Type: kind.TypeTable, Table: root}, ""), config)
		if !slices.ContainsFunc(d.Report.Diagnostics(), func(p kind.Diagnostic) bool {
			return p.Code != "E203" || !strings.HasPrefix(p.Message, "missing key")
		}) {
			return true
		}
	}
	return false
}

func TestEveryCodeInUseIsInTheTable(t *testing.T) {
	code := regexp.MustCompile(`"([EW]\d{3})"`)
	for _, dir := range []string{".", "../models/kind", "../models/node", "../models/dist", "../models/arrival", "../models/records"} {
		paths, err := filepath.Glob(dir + "/*.go")
		require.NoError(t, err)
		for _, path := range paths {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			for _, m := range code.FindAllSubmatch(text, -1) {
				_, known := kind.LookUpCode(string(m[1]))
				assert.True(t, known, "%s in %s", m[1], path)
			}
		}
	}
}

func TestTheReportOfAFileReadsWell(t *testing.T) {
	_, report := specOf(memory{"shop.toml": with(`target = "web"`, `target = "wbe"`) + "insances = 2\n"}, "shop.toml", Options{}, "")
	var b bytes.Buffer
	require.NoError(t, report.WriteText(&b, "nothing was simulated"))
	assert.Equal(t, `shop.toml:2:10: error[E501]: client.users.target: unknown node "wbe"; did you mean "web"?
    2 | target = "wbe"
      |          ^^^^^
  see shop.toml:6:9: "web" is defined here
shop.toml:9:1: error[E201]: server.web.insances: unknown key; did you mean "instances"?
    9 | insances = 2
      | ^^^^^^^^
2 errors, 0 warnings; nothing was simulated
`, b.String())
}
