package estimate

import (
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/models/theory"
	"github.com/capsim/capsim/topologies"
)

type text string

func (m text) Open(string) (io.ReadCloser, error) {
	return io.NopCloser(strings.NewReader(string(m))), nil
}
func (text) List(string) []string { return nil }

type folder struct{}

func (folder) Open(name string) (io.ReadCloser, error) { return os.Open(name) }
func (folder) List(string) []string                    { return nil }

func specOf(t testing.TB, topology string) *node.Spec {
	t.Helper()
	file, report := topologies.Load(text(topology), "test.toml", topologies.Options{})
	require.NotNil(t, file)
	spec, report := file.Spec("")
	if spec == nil {
		var said strings.Builder
		require.NoError(t, report.WriteText(&said, ""))
		require.FailNow(t, "refused", "%s\n%s", said.String(), topology)
	}
	return spec
}

func of(t testing.TB, topology string) *Estimate { t.Helper(); return Of(specOf(t, topology)) }

// at finds a node of an estimate.
func at(t testing.TB, e *Estimate, name string) *Node {
	t.Helper()
	for i := range e.Nodes {
		if e.spec.Nodes[e.Nodes[i].Node].Name == name {
			return &e.Nodes[i]
		}
	}
	require.FailNow(t, "no such node", name)
	return nil
}

func resourceOf(t testing.TB, n *Node, name string) Resource {
	t.Helper()
	for _, r := range n.Resources {
		if r.Name == name {
			return r
		}
	}
	require.FailNow(t, "no such resource", name)
	return Resource{}
}

const open = "[client.users]\ntarget = \"web\"\narrivals = \"poisson 80/s\"\n"

func TestSingleQueuesAreThoseOfTheory(t *testing.T) {
	mm4 := theory.MMc{Lambda: 80, Mu: 25, C: 4}
	mm1 := theory.MM1{Lambda: 80, Mu: 100}
	round := theory.RoundRobin(3, 80, 40)
	limited := theory.MMcK{Lambda: 80, Mu: 25, C: 4, K: 9}
	mg1 := theory.MG1{Lambda: 80, Mean: 0.01, SCV: 0}
	for _, test := range []struct {
		name, server      string
		mean, utilization float64
		exact             bool
	}{
		{"M/M/1", "on.request = [{ cpu = \"exp 10ms\" }]", mm1.ResponseMean(), 0.8, true},
		{"M/M/4", "cores = 4\non.request = [{ cpu = \"exp 40ms\" }]", mm4.ResponseMean(), 0.8, true},
		{"M/M/4 by its workers", "cores = 9\nconcurrency = 4\non.request = [{ cpu = \"exp 40ms\" }]", mm4.ResponseMean(), 80 * 0.04 / 9, true},
		{"M/M/4/9", "cores = 4\nconcurrency = 4\nbacklog = 5\non.request = [{ cpu = \"exp 40ms\" }]", limited.ResponseMean(), math.NaN(), true},
		{"M/D/1", "on.request = [{ cpu = \"10ms\" }]", mg1.ResponseMean(), 0.8, true},
		{"M/G/1-PS", "scheduling = \"ps\"\non.request = [{ cpu = \"lognormal mean=10ms cv=3\" }]", 0.05, 0.8, true},
		{"M/G/∞", "cores = 4\non.request = [{ wait = \"lognormal mean=40ms cv=2\" }]", 0.04, 0, true},
		{"E3/M/1", "instances = 3\nbalance = \"round-robin\"\non.request = [{ cpu = \"exp 25ms\" }]", round.ResponseMean(), 80 * 0.025 / 3, true},
		{"three M/M/1", "instances = 3\nbalance = \"random\"\non.request = [{ cpu = \"exp 25ms\" }]", theory.MM1{Lambda: 80.0 / 3, Mu: 40}.ResponseMean(), 80 * 0.025 / 3, true},
		{"M/H2/4", "cores = 4\non.request = [{ cpu = \"hyperexp mean=40ms cv=2\" }]", math.NaN(), 0.8, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := of(t, open+"[server.web]\n"+test.server+"\n")
			web := at(t, e, "web")
			assert.Equal(t, test.exact, web.Response.Exact, web.Why)
			assert.Equal(t, test.exact, e.Clients[0].Latency.Exact)
			if !math.IsNaN(test.mean) {
				assert.InEpsilon(t, test.mean, web.Response.Mean, 1e-9)
				assert.InEpsilon(t, test.mean, e.Clients[0].Latency.Mean, 1e-9)
			}
			if !math.IsNaN(test.utilization) {
				assert.InDelta(t, test.utilization, web.Utilization, 1e-12)
			}
		})
	}
	e := of(t, open+"[server.web]\ncores = 4\nconcurrency = 4\nbacklog = 5\non.request = [{ cpu = \"exp 40ms\" }]\n")
	assert.InEpsilon(t, limited.BlockingProbability(), at(t, e, "web").Rejected, 1e-9)
	assert.InEpsilon(t, limited.BlockingProbability(), e.Clients[0].ErrorRatio, 1e-9)
}

func TestPercentilesOfMM1AreExact(t *testing.T) {
	e := of(t, open+"[server.web]\non.request = [{ cpu = \"exp 10ms\" }]\n")
	m := theory.MM1{Lambda: 80, Mu: 100}
	assert.True(t, e.Clients[0].Latency.TailExact)
	assert.InEpsilon(t, m.ResponseQuantile(0.99), e.Clients[0].Latency.P99, 1e-9)
	assert.InEpsilon(t, m.ResponseQuantile(0.5), e.Clients[0].Latency.P50, 1e-9)
	assert.InEpsilon(t, 1.25, e.Bottleneck.SaturatesAt, 1e-9)
}

func TestOverloadHasNoSteadyState(t *testing.T) {
	e := of(t, open+"[server.web]\non.request = [{ cpu = \"exp 20ms\" }]\n")
	assert.True(t, math.IsInf(at(t, e, "web").Response.Mean, 1))
	assert.InEpsilon(t, 1.6, e.Bottleneck.Utilization, 1e-9)
	assert.InEpsilon(t, 1/1.6, e.Bottleneck.SaturatesAt, 1e-9)
	d := e.Document()
	assert.Nil(t, d.Clients["users"].LatencyS.Mean)
	assert.False(t, d.Clients["users"].LatencyS.Exact)
}

func TestRetriesAnswerNoMoreThanTheBound(t *testing.T) {
	e := of(t, "[client.users]\ntarget = \"web\"\narrivals = \"poisson 150/s\"\nretries = 3\n"+
		"[server.web]\nconcurrency = 4\nbacklog = 10\non.request = [{ cpu = \"exp 10ms\" }]\n")
	assert.InEpsilon(t, 100, e.Clients[0].Throughput, 1e-9) // one core, 10 ms each
	assert.InEpsilon(t, 1.0/3, e.Clients[0].ErrorRatio, 1e-9)
}

func TestMessagesWaitInTheQueueAndNotForAWorker(t *testing.T) {
	e := of(t, "[client.users]\ntarget = \"web\"\narrivals = \"poisson 100/s\"\n"+
		"[queue.jobs]\nconsumer = \"worker.do\"\n[server.worker]\ncores = 2\nconcurrency = 2\non.do = [{ cpu = \"exp 18ms\" }]\n"+
		"[server.web]\non.request = [{ cpu = \"exp 1ms\" }, { publish = \"jobs\" }]\n")
	assert.InEpsilon(t, theory.MMc{Lambda: 100, Mu: 1 / 0.018, C: 2}.WaitMean(), at(t, e, "jobs").Resources[0].Wait, 1e-9)
	assert.InEpsilon(t, 0.018, at(t, e, "worker").Response.Mean, 1e-9) // nobody waits for a worker there
	assert.Equal(t, "worker", e.spec.Nodes[e.Bottleneck.Node].Name)
}

func TestBoundsLeaveOutWhatNobodyWaitsFor(t *testing.T) {
	worker := "[queue.jobs]\nconsumer = \"worker.do\"\n[server.worker]\nconcurrency = 5\non.do = [{ cpu = \"exp 18ms\" }]\n" +
		"[server.web]\non.request = [{ cpu = \"exp 4ms\" }, { publish = \"jobs\" }]\n"
	e := of(t, "[client.users]\ntarget = \"web\"\narrivals = \"poisson 50/s\"\n"+worker)
	assert.InEpsilon(t, 0.004, e.Clients[0].Bounds.LatencyMin, 1e-9)
	assert.InEpsilon(t, 1/0.018, e.Clients[0].Bounds.ThroughputMax, 1e-9)
	assert.Equal(t, "worker", e.spec.Nodes[e.Bottleneck.Node].Name) // and not the places of its queue
	assert.InEpsilon(t, 1/0.9, e.Bottleneck.SaturatesAt, 1e-9)

	e = of(t, "[client.users]\ntarget = \"web\"\nusers = 1\nthink = \"exp 100ms\"\n"+worker)
	assert.InEpsilon(t, 0.004, e.Clients[0].Bounds.LatencyMin, 1e-9)
	assert.InEpsilon(t, 1/0.104, e.Clients[0].Bounds.ThroughputMax, 1e-9)
	assert.Zero(t, e.Clients[0].Bounds.BalancedMax)
}

func TestFormulasAgreeWithThoseOfTheory(t *testing.T) {
	for _, c := range []int{1, 2, 7, 64, 1000} {
		for _, rho := range []float64{0.1, 0.5, 0.9, 0.99} {
			a := rho * float64(c)
			assert.InDelta(t, theory.ErlangC(c, a), erlangC(c, a), 1e-12, "c = %d, ρ = %g", c, rho)
			q := queue{servers: c, rate: a, service: moments{1, 1}, arrive: 1}
			mean, _ := q.wait(0)
			assert.InDelta(t, theory.MMc{Lambda: a, Mu: 1, C: c}.WaitMean(), mean, 1e-9)
		}
	}
	for _, k := range []int{1, 2, 3, 10} {
		for _, rho := range []float64{0.3, 0.7, 0.95} {
			assert.InEpsilon(t, theory.RoundRobin(k, rho*float64(k), 1).ResponseMean(), dealt(k, rho, 1), 1e-8)
		}
	}
}

// The rest of join-the-shortest-queue was fitted; this is how good the fit is.
func TestShortestQueueIsWithinSomePercent(t *testing.T) {
	for _, k := range []int{2, 3} {
		for _, rho := range []float64{0.3, 0.6, 0.9} {
			if k == 3 && rho > 0.8 {
				continue // its exact solution takes seconds
			}
			exact, err := theory.NewJSQ(k, rho*float64(k), 1)
			require.NoError(t, err)
			q := queue{servers: 1, rate: rho, service: moments{1, 1}, arrive: 1}
			wait, _, _ := q.waitAmong(k, byLeast, [2]float64{})
			assert.InEpsilon(t, exact.NumberMean()/(rho*float64(k)), 1+wait, 0.03, "k = %d, ρ = %g", k, rho)
		}
	}
}

func TestMixedServiceOnSeveralCoresIsNearTheTruth(t *testing.T) {
	for _, c := range []int{2, 4, 8} {
		for _, rho := range []float64{0.5, 0.8, 0.95} {
			q := queue{servers: c, rate: rho * float64(c), service: moments{1, 0}, arrive: 1}
			mean, _ := q.wait(0)
			exact, err := theory.NewMDc(rho*float64(c), 1, c)
			require.NoError(t, err)
			assert.InEpsilon(t, 1+exact.WaitMean(), 1+mean, 0.01, "M/D/%d at %g", c, rho)
		}
	}
}

func TestFittedTailsAreThoseOfKnownLaws(t *testing.T) {
	assert.InEpsilon(t, -math.Log(0.01), moments{1, 1}.quantile(0.99), 1e-12, "exponential")
	assert.InEpsilon(t, 3.3192, moments{1, 0.5}.quantile(0.99), 0.005, "Erlang of two phases")
	assert.InEpsilon(t, 1.7056, moments{1, 0.1}.quantile(0.975), 0.01, "Erlang of ten phases")
	assert.InEpsilon(t, math.Exp(2.3263479*math.Sqrt(math.Log(5))-math.Log(5)/2), moments{1, 4}.quantile(0.99), 1e-6, "lognormal")
	assert.InDelta(t, 0.5, moments{3, 7}.cdf(moments{3, 7}.quantile(0.5)), 0.08)
}

func TestSlowestBranch(t *testing.T) {
	one := moments{1, 1}
	for n, want := range map[int]float64{1: 1, 2: 1.5, 4: 1 + 1.0/2 + 1.0/3 + 1.0/4} {
		parts := make([]moments, n)
		for i := range parts {
			parts[i] = one
		}
		assert.InEpsilon(t, want, enoughOf(parts, n).mean, 0.02, "the slowest of %d", n)
	}
	assert.InEpsilon(t, 0.5, enoughOf([]moments{one, one}, 1).mean, 0.03, "the faster of two")
	assert.InEpsilon(t, 1.0/3+1.0/2, enoughOf([]moments{one, one, one}, 2).mean, 0.02, "the second of three")
}

func TestConstantsOfBusyNetworksStayFinite(t *testing.T) {
	for _, users := range []int{1, 3, 50, 5000} {
		for _, stations := range [][]theory.ClosedStation{
			{{Demand: 0.1, Servers: 1}, {Demand: 0.05, Servers: 3}},
			{{Demand: 0.7, Servers: 64}, {Demand: 0.001, Servers: 1}},
		} {
			net := theory.ClosedNetwork{Think: 2, Stations: stations}
			want, err := net.Solve(users)
			require.NoError(t, err)
			p := product{users: users, stations: []station{{2, 0}}}
			for _, s := range stations {
				p.stations = append(p.stations, station{s.Demand, s.Servers})
			}
			x, numbers := p.solve()
			assert.InEpsilon(t, want.Throughput, x, 1e-9)
			for i := range stations {
				assert.InEpsilon(t, want.Stations[i].NumberMean, numbers[i+1], 1e-7)
			}
		}
	}
}

func TestHitRatiosAreThoseOfChe(t *testing.T) {
	e := of(t, open+"keys = \"zipf s=0.9 n=2000\"\n[server.web]\non.request = [{ get = \"c\", miss = [{ call = \"db\" }] }]\n"+
		"[cache.c]\ncapacity = 300\n[server.db]\non.request = [{ cpu = \"exp 1ms\" }]\n")
	want := theory.IRM{P: theory.ZipfLaw(2000, 0.9), M: 300}.LRUHitRatioApprox()
	assert.InDelta(t, want, at(t, e, "c").HitRatio, 0.005)
	assert.InEpsilon(t, 80*(1-at(t, e, "c").HitRatio), at(t, e, "db").Arrivals, 1e-9)
	e = of(t, open+"keys = \"integers 1..100\"\n[server.web]\non.request = [{ get = \"c\", miss = [] }]\n[cache.c]\nttl = \"5s\"\n")
	assert.InEpsilon(t, theory.TTLHitRatio(0.8, 5), at(t, e, "c").HitRatio, 1e-6)
}

// A cache is asked by all who lead to it, about the keys of each, as often as
// they come there; where it passes operations on, each has items of its own.
func TestHitRatiosAreOfWhatIsAsked(t *testing.T) {
	mixed := make([]float64, 2000)
	for k := range mixed {
		mixed[k] = 0.75*theory.ZipfLaw(2000, 0.9)[k] + 0.25/2000
	}
	whole := of(t, strings.Replace(open, "80/s", "75/s", 1)+`keys = "zipf s=0.9 n=2000"
[client.all]
target = "web"
arrivals = "poisson 25/s"
keys = "uniform n=2000"
[client.aside]
target = "web.other"
arrivals = "poisson 1000/s"
keys = "uniform n=10"
[server.web]
cores = 4
on.request = [{ get = "c", miss = [] }]
on.other = [{ cpu = "1us" }]
[cache.c]
capacity = 300
`)
	assert.InDelta(t, theory.IRM{P: mixed, M: 300}.LRUHitRatioApprox(), at(t, whole, "c").HitRatio, 0.005)

	ops := of(t, strings.Replace(open, "80/s", "100/s", 1)+`requests = { page = 1, picture = 9, form = 2.5 }
keys = "uniform n=100"
[cdn.web]
origin = "behind"
cacheable = { page = "10s", picture = "20s" }
[server.behind]
cores = 4
on.page = [{ cpu = "1ms" }]
on.picture = [{ cpu = "1ms" }]
on.form = [{ cpu = "1ms" }]
`)
	page, picture := 0.08*10/(1+0.08*10), 0.72*20/(1+0.72*20) // each item is asked for 0.08 and 0.72 times a second
	assert.InEpsilon(t, 0.1*page+0.9*picture, at(t, ops, "web").HitRatio, 1e-6, "of what it may have, as in a run")
	assert.InEpsilon(t, 8*(1-page)+72*(1-picture)+20, at(t, ops, "behind").Arrivals, 1e-6)
}

// What is behind a cache is asked for what that does not have: mostly for what few
// ask for. As simulated, the second of these has 23 % of what comes to it; of keys
// that come to it as they do to the first it would have 68 %.
func TestCachesBehindCachesAreAskedForTheRest(t *testing.T) {
	const tail = "\n[server.db]\ncores = 4\non.request = [{ cpu = \"exp 1ms\" }]\n"
	aside := of(t, open+`keys = "zipf s=0.9 n=2000"
[server.web]
cores = 4
on.request = [{ get = "near", miss = [{ get = "far", miss = [{ call = "db" }] }] }]
[cache.near]
capacity = 300
[cache.far]
capacity = 500
`+tail)
	through := of(t, strings.Replace(open, "web", "near", 1)+`keys = "zipf s=0.9 n=2000"
[cache.near]
origin = "far"
capacity = 300
[cache.far]
origin = "db"
capacity = 500
`+tail)
	assert.InDelta(t, at(t, aside, "far").HitRatio, at(t, through, "far").HitRatio, 1e-9)
	assert.InDelta(t, at(t, aside, "db").Arrivals, at(t, through, "db").Arrivals, 1e-6)
	assert.InDelta(t, 0.30, at(t, aside, "far").HitRatio, 0.08)
}

// What a cache is asked about may be the address, a law of its own, or what a
// trace has.
func TestHitRatiosAreOfTheKeysOfSteps(t *testing.T) {
	e := of(t, `[client.users]
target = "web"
users = 50
think = "exp 1s"
keys = "uniform n=1M"
[server.web]
cores = 4
on.request = [{ get = "people", key = "source", miss = [] }, { get = "drawn", key = "uniform n=200", miss = [] }]
[cache.people]
capacity = 100
[cache.drawn]
capacity = 100
`)
	assert.InDelta(t, 1, at(t, e, "people").HitRatio, 1e-9, "each user has an address")
	assert.InDelta(t, 0.5, at(t, e, "drawn").HitRatio, 1e-6)
	assert.Equal(t, []class{{2, 0.125}, {1, 0.25}, {1, 0.5}}, popularity([]uint64{0, 1, 1, 3, 4, 4, 4, 4}))
}

func TestPrioritiesAreThoseOfCobham(t *testing.T) {
	e := of(t, `[client.users]
target = "web"
arrivals = "poisson 80/s"
requests = { quick = 3, slow = 1 }
[server.web]
scheduling = "priority"
on.quick = { steps = [{ cpu = "exp 10ms" }], priority = 1 }
on.slow  = [{ cpu = "exp 10ms" }]
`)
	quick, slow := 0.6, 0.2
	residual := 0.8 * 0.01
	assert.InEpsilon(t, 0.01+residual/(1-quick), e.Clients[0].Ops[0].Mean, 1e-9)
	assert.InEpsilon(t, 0.01+residual/((1-quick)*(1-quick-slow)), e.Clients[0].Ops[1].Mean, 1e-9)
}

func TestWhatIsLeftOutIsSaid(t *testing.T) {
	e := of(t, open+`timeout = "1s"
retries = 2
[server.web]
cores = 4
instances = 2
concurrency = 20
pool.db = { size = 3 }
on.request = [{ cpu = "lognormal mean=5ms cv=2" }, { parallel = [[{ call = "db" }], [{ wait = "3ms" }]] }]
[server.db]
on.request = [{ cpu = "exp 2ms" }]
[[fault]]
at = "1s"
kill = "db"
for = "1s"
`)
	var said []string
	for _, a := range e.Document().Assumptions {
		said = append(said, a.Node+": "+a.Text)
	}
	all := strings.Join(said, "\n")
	for _, want := range []string{
		": 1 fault is left out", "users: its time-out of 1 s is left out", "users: retries bring no load", "web: pool of 3 to db",
		"web: 20 workers are held", "web: service is not exponential", "web: branches at once", "web: each of 2 instances in turn",
	} {
		assert.Contains(t, all, want)
	}
	for _, n := range e.Nodes {
		assert.False(t, n.Response.Exact, "nothing is exact where faults come")
	}
}

// Whatever the gallery holds has an answer: finite, or one that says that it
// has none; and the same one each time.
func TestWholeGalleryHasAnAnswer(t *testing.T) {
	files, err := filepath.Glob("../../topologies/*.toml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, name := range files {
		file, _ := topologies.Load(folder{}, name, topologies.Options{})
		require.NotNil(t, file, name)
		for _, design := range append([]string{""}, file.Designs()...) {
			spec, _ := file.Spec(design)
			if spec == nil {
				continue // a file that is only for its designs
			}
			e := Of(spec)
			assert.Equal(t, e.Document(), Of(spec).Document(), name)
			for _, n := range e.Nodes {
				if n.Response.Exact {
					assert.False(t, math.IsNaN(n.Response.Mean), "%s %s: exactly nothing", name, design)
				}
			}
		}
	}
}
