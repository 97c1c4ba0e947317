package study

import (
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim/portable"
	"github.com/capsim/capsim/sim/stats"
	"github.com/capsim/capsim/topologies"
)

// oracle is a topology whose figures theory, or somebody who printed them,
// knows. It is written in the language and judged by the result document, so
// that everything in between is judged with it.
type oracle struct {
	name     string // in Kendall's notation where there is one
	source   string
	when     when
	topology string  // without [run]
	rate     float64 // requests per second
	millions float64 // requests to simulate, all replications together, in millions
	relax    float64 // relaxation time in seconds; the warm-up is ten of them
	facts    []fact
}

// when an oracle is asked.
type when int

const (
	always  when = iota // even with -short
	usually             // by a plain go test
	nightly             // with CAPSIM_LONG=1
)

func (w when) now() bool {
	return w == always || !testing.Short() && (w == usually || os.Getenv("CAPSIM_LONG") == "1")
}

// fact is what a figure of the result is known to be. Slack is what the
// known value itself may be off by: half a unit of the last digit that was
// printed, or the error that an approximation's authors state.
type fact struct {
	figure string
	exact  float64
	slack  float64
	wide   float64 // what the standard error may be, relative to the truth, of what is rare; 0: as usual
}

// Every oracle runs in twenty replications; a figure is accepted if it is
// within four standard errors of the truth and the standard error is small.
const (
	oracleReplications = 20
	standardErrors     = 4
)

// tolerance is how large a standard error may be, relative to the truth.
// Without a limit a noisy run would pass anything.
func (f fact) tolerance() float64 {
	switch {
	case f.wide > 0:
		return f.wide
	case strings.HasSuffix(f.figure, " p99.9"):
		return 0.02
	case strings.HasSuffix(f.figure, " p99"):
		return 0.01
	default:
		return 0.005
	}
}

// responseFacts are the percentiles of a response or latency.
func responseFacts(figure string, quantile func(float64) float64) []fact {
	var facts []fact
	for _, q := range percentiles {
		facts = append(facts, fact{figure: figure + " " + q.name, exact: quantile(q.p)})
	}
	return facts
}

// waitFacts are the percentiles of a wait that the given share of requests
// has at all, as far as they lie well beyond those who do not wait.
func waitFacts(figure string, waits float64, quantile func(float64) float64) []fact {
	var facts []fact
	for _, q := range percentiles {
		if waits > 3*(1-q.p) {
			facts = append(facts, fact{figure: figure + " " + q.name, exact: quantile(q.p)})
		}
	}
	return facts
}

// familyOf are oracles of one kind.
type familyOf struct {
	name    string
	oracles []oracle
}

func families(t *testing.T) []familyOf {
	return []familyOf{
		{"MM1", mm1Oracles()},
		{"MMc", mmcOracles()},
		{"MMcK", mmckOracles()},
		{"ErlangB", erlangBOracles()},
		{"ErlangA", erlangAOracles()},
		{"MMcD", mmcdOracles()},
		{"ClientTimeout", timeoutOracles()},
		{"MG1", mg1Oracles()},
		{"MDc", mdcOracles()},
		{"DM1", dm1Oracles()},
		{"MH2c", mh2cOracles()},
		{"GIM1", gim1Oracles()},
		{"Batches", batchOracles()},
		{"MGInf", mginfOracles()},
		{"Jackson", jacksonOracles()},
		{"Estimate", estimateOracles(t)},
		{"Closed", closedOracles()},
		{"Balancer", balancerOracles()},
		{"Forwarding", forwardingOracles()},
		{"ScatterGather", scatterOracles()},
		{"ForkJoin", forkJoinOracles()},
		{"TailAtScale", tailOracles()},
		{"Hedge", hedgeOracles()},
		{"Database", databaseOracles()},
		{"Retries", retryOracles()},
		{"RetryBudget", budgetOracles(t)},
		{"Breaker", breakerOracles()},
		{"Retrial", retrialOracles()},
		{"Priority", priorityOracles()},
		{"Sharing", sharingOracles()},
		{"Ranking", rankingOracles()},
		{"LastFirst", lastOracles()},
		{"Scalability", scalabilityOracles()},
		{"Disk", diskOracles()},
		{"Cache", cacheOracles()},
		{"Pool", poolOracles()},
		{"RateLimit", rateLimitOracles()},
		{"Memory", memoryOracles()},
		{"CDN", cdnOracles()},
		{"Queues", queueOracles()},
		{"Published", publishedOracles()},
		{"Staleness", stalenessOracles()},
		{"Acknowledgement", acknowledgementOracles()},
		{"Availability", availabilityOracles()},
		{"Attempts", attemptOracles()},
		{"SpreadRetries", spreadRetries()},
	}
}

// TestOracles simulates what theory knows. Every oracle runs with seed 1;
// one that fails runs once more with seed 2 and four times the length and
// must pass: of some hundreds of true comparisons at four standard errors of
// twenty replications, about one in 1300 fails (Student's t).
func TestOracles(t *testing.T) {
	asked, comparisons, reruns := 0, 0, 0
	for _, family := range families(t) {
		t.Run(family.name, func(t *testing.T) {
			for i := range family.oracles {
				o := &family.oracles[i]
				if !o.when.now() {
					continue
				}
				asked++
				comparisons += len(o.facts)
				t.Run(o.name, func(t *testing.T) {
					wrong := o.ask(t, 1, 1)
					if len(wrong) == 0 {
						return
					}
					reruns++
					t.Logf("rerun with seed 2 and four times the length, because:\n%s", strings.Join(wrong, "\n"))
					for _, w := range o.ask(t, 2, 4) {
						t.Errorf("%s\n%s", w, o.source)
					}
				})
			}
		})
	}
	t.Logf("%d oracles, %d comparisons, %d oracles rerun", asked, comparisons, reruns)
	assert.LessOrEqual(t, reruns, 1+comparisons/200, "more oracles had to be rerun than chance explains")
}

// ask simulates the oracle's topology and returns what is wrong.
func (o *oracle) ask(t *testing.T, seed uint64, times float64) []string {
	t.Helper()
	spec := o.spec(t, seed, times)
	outcomes, err := runAll([]*node.Spec{spec}, Options{})
	require.NoError(t, err)
	out := outcomes[0]
	holdOperationalLaws(t, out)
	var wrong []string
	farthest, widest := "", ""
	most, largest := -1.0, -1.0
	for _, f := range o.facts {
		off, wide, problem := f.judge(out)
		if problem != "" {
			wrong = append(wrong, problem)
		}
		if off > most {
			most, farthest = off, f.figure
		}
		if wide > largest {
			largest, widest = wide, f.figure
		}
	}
	t.Logf("%.3g M requests; farthest from the truth: %s, %.2f standard errors; largest standard error: %s, %.2f of what is allowed",
		float64(out.Run.Requests)/1e6, farthest, most, widest, largest)
	return wrong
}

func (o *oracle) spec(t *testing.T, seed uint64, times float64) *node.Spec {
	t.Helper()
	window := times * o.millions * 1e6 / oracleReplications / o.rate
	warmup := 10 * o.relax
	require.Less(t, warmup, window, "%s: more requests are needed for the warm-up to be shorter than the run", o.name)
	return specOf(t, o.topology+runTable(window, warmup, oracleReplications, seed))
}

// judge compares one figure: how many standard errors it is off beyond its
// slack, how large its standard error is relative to what is allowed, and
// what is wrong in words, if anything is.
func (f fact) judge(out outcome) (off, wide float64, problem string) {
	e := figureOf(out, f.figure)
	if e.Mean == nil || e.HalfWidth == nil {
		return math.Inf(1), math.Inf(1), fmt.Sprintf("%s: no estimate (%s)", f.figure, e.Note)
	}
	se := standardError(e)
	distance := max(0, math.Abs(*e.Mean-f.exact)-f.slack)
	wide = se / (f.tolerance() * math.Abs(f.exact))
	if distance > 0 {
		off = distance / se
	}
	if off > standardErrors || !(wide <= 1) {
		problem = fmt.Sprintf("%s: %.6g ± %.2g (standard error), exactly %.8g: %.2f standard errors off; the standard error is %.2f %% and may be %.1f %%",
			f.figure, *e.Mean, se, f.exact, off, 100*se/math.Abs(f.exact), 100*f.tolerance())
	}
	return off, wide, problem
}

// standardError undoes what makes an interval of it.
func standardError(e result.Estimate) float64 {
	return *e.HalfWidth / portable.StudentTQuantile(0.975, oracleReplications-1)
}

// figureOf finds a figure of the result: "users latency p99", "web in_flight",
// "web cpu wait mean". Where the document has a share only in the histogram
// of which it prints percentiles ("web cpu waits"), it is made of that.
func figureOf(out outcome, figure string) result.Estimate {
	w := append(strings.Fields(figure), "", "", "")
	if w[0] == "fault" {
		return failureFigure(out, w[1])
	}
	if c := out.Clients[w[0]]; c != nil {
		switch w[1] {
		case "latency":
			if w[2] == "deviation" {
				return deviationOf(out.figures, w[0])
			}
			return c.LatencyS[w[2]]
		case "errors":
			return c.ErrorRatio
		case "throughput":
			return c.ThroughputRPS
		}
	}
	if n := out.Nodes[w[0]]; n != nil {
		if n.Queue != nil {
			return messageFigure(out, w)
		}
		switch w[1] {
		case "in_flight":
			return n.InFlight
		case "throughput":
			return n.ThroughputRPS
		case "response":
			return n.ResponseS[w[2]]
		case "hit_ratio":
			if n.Cache != nil {
				return n.Cache.HitRatio
			}
		case "attempts":
			return attemptsAt(out.figures, w[0])
		case "refused":
			return refusedOf(out.figures, w[0])
		case "collapsed":
			return collapsedOf(out.figures, w[0])
		}
		if n.Cache != nil && (w[1] == "hits" || w[1] == "coalesced") {
			return lookedUp(out.figures, w)
		}
		if d := n.Database; d != nil {
			switch w[1] {
			case "stale_reads":
				return d.StaleReadRatio
			case "lag":
				return d.ReplicationLagS[w[2]]
			}
		}
		if r := n.Resources[w[1]]; r != nil {
			switch w[2] {
			case "utilization":
				return r.Utilization.Estimate
			case "busy":
				return r.Busy
			case "queue":
				return r.Queue
			case "wait":
				return r.WaitS[w[3]]
			case "waits", "wait<=":
				return waitShare(out.figures, w)
			}
		}
	}
	return result.Estimate{Note: "there is no such figure"}
}

// collapsedOf is how many look-ups a second wait for somebody else's.
func collapsedOf(f *figures, name string) result.Estimate {
	at := slices.IndexFunc(f.spec.Nodes, func(n node.Node) bool { return n.Name == name })
	return f.perSecond(func(s *node.Snapshot) uint64 { return s.Nodes[at].Coalesced })
}

// waitShare is the share of requests that wait at all ("web cpu waits"), or
// at most so many seconds ("web cpu wait<= 0.001").
func waitShare(f *figures, w []string) result.Estimate {
	at := indexOf(f.spec, w[0], node.Server)
	share := func(h *stats.Histogram) float64 { return 1 - h.ShareAtMost(0) }
	if w[2] == "wait<=" {
		limit, err := strconv.ParseFloat(w[3], 64)
		if err != nil {
			return result.Estimate{Note: err.Error()}
		}
		share = func(h *stats.Histogram) float64 { return h.ShareAtMost(int64(math.Round(limit * 1e9))) }
	}
	var values []float64
	for _, s := range f.snaps {
		r := s.Nodes[at].CPU
		if w[1] == "workers" {
			r = s.Nodes[at].Workers
		}
		values = append(values, share(&r.Wait))
	}
	mean, half, ok := stats.Interval(values)
	if !ok {
		return result.Estimate{Note: "no interval"}
	}
	return result.Estimate{Mean: &mean, HalfWidth: &half}
}

// specOf checks a topology of the language.
func specOf(t *testing.T, text string) *node.Spec {
	t.Helper()
	file, report := topologies.Load(inMemory(text), "oracle.toml", topologies.Options{})
	var spec *node.Spec
	if file != nil {
		spec, report = file.Spec("")
	}
	if spec == nil {
		var said strings.Builder
		require.NoError(t, report.WriteText(&said, "nothing was simulated"))
		require.FailNow(t, "the topology is refused", "%s\n%s", said.String(), text)
	}
	return spec
}

// inMemory is a file system of one file, whatever it is called.
type inMemory string

func (m inMemory) Open(string) (io.ReadCloser, error) {
	if m == "" {
		return nil, fs.ErrNotExist
	}
	return io.NopCloser(strings.NewReader(string(m))), nil
}

func (inMemory) List(string) []string { return nil }

// runTable is the [run] of a topology. Times are in seconds.
func runTable(window, warmup float64, replications int, seed uint64) string {
	return fmt.Sprintf("\n[run]\nduration = %q\nwarmup = %q\nreplications = %d\nseed = %d\n",
		seconds(window), seconds(warmup), replications, seed)
}

// seconds writes a time to the nanosecond, perSecond a rate in full.
func seconds(x float64) string { return strconv.FormatFloat(x, 'f', 9, 64) + "s" }

func perSecond(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) + "/s" }

// holdOperationalLaws asserts what holds in every run of every topology
// (Denning and Buzen 1978): requests are conserved, as whole numbers, and
// Little's law and the utilisation law to within what the ends of the window
// cut off. The exact forms, on integrals clipped to the window, are asserted
// by the simulation itself.
func holdOperationalLaws(t *testing.T, out outcome) {
	t.Helper()
	const ends = 2e-3
	for name, c := range out.Clients {
		bad := uint64(0)
		for _, n := range c.Errors {
			bad += n
		}
		assert.Equal(t, c.Offered, c.OK+bad+c.Unfinished, "%s: offered = ok + errors + unfinished", name)
		assert.Zero(t, c.Unfinished, "%s: all requests end when there is time to drain", name)
		assert.GreaterOrEqual(t, c.Attempts+c.Errors["breaker"], c.Offered, "%s: every request is tried, unless a breaker is open", name)
	}
	window := out.Run.DurationS * float64(out.Run.Replications)
	for name, n := range out.Nodes {
		bad := uint64(0)
		for _, e := range n.Errors {
			bad += e
		}
		if bad == 0 && n.Completions > 0 {
			rate := float64(n.Completions) / window
			holdEqual(t, *n.InFlight.Mean, rate**n.ResponseS["mean"].Mean, ends, name+": Little's law, L = X R")
		}
		for what, r := range n.Resources {
			if r.Utilization.Mean == nil {
				continue
			}
			u := *r.Utilization.Mean
			assert.LessOrEqual(t, u, 1.0, "%s %s: never busier than there is capacity", name, what)
			holdEqual(t, *r.Busy.Mean, u**r.Capacity.Mean, 1e-12, name+" "+what+": busy = utilisation × capacity")
		}
		holdServiceLaw(t, out, name, ends)
	}
}

// holdServiceLaw asserts the utilisation law, busy = X S, and Little's law of
// the queue, from the counts of the station itself.
func holdServiceLaw(t *testing.T, out outcome, name string, ends float64) {
	t.Helper()
	at := indexOf(out.figures.spec, name, node.Server)
	if at == node.None {
		return
	}
	served, began, waits, service, busy, queue := 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
	for _, s := range out.figures.snaps {
		r := s.Nodes[at].CPU
		served += float64(r.Served)
		began += float64(r.Wait.Count())
		waits += r.Wait.Sum().Float64()
		service += r.Service.Float64()
		busy += r.Busy.Float64()
		queue += r.Queue.Float64()
	}
	if served == 0 {
		return
	}
	holdEqual(t, began, served, ends, name+": as many end service as begin it")
	if out.figures.spec.Nodes[at].Server.Scheduling == node.ProcessorSharing {
		return // nobody waits, and the service lasts while the core is shared
	}
	holdEqual(t, busy, service, ends, name+": the utilisation law, busy time = requests × service time")
	holdEqual(t, queue+busy, waits+service, ends, name+": Little's law of the CPU with its queue")
}

// holdEqual asserts that two numbers from 0 on are equal to within a relative
// error.
func holdEqual(t *testing.T, got, want, relative float64, law string) {
	t.Helper()
	assert.InDelta(t, want, got, relative*max(got, want), law)
}
