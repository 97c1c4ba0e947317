package study

import (
	"fmt"
	"strings"
	"testing"

	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// writer makes up topologies. Calls lead from servers to servers of a higher
// number only, so that they end.
type writer struct {
	strings.Builder
	s       sim.Stream
	servers int
}

func (w *writer) below(n int) int { return int(w.s.Below(uint64(n))) }

func (w *writer) one(of ...string) string { return of[w.below(len(of))] }

func (w *writer) line(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }

func (w *writer) law() string {
	return w.one("exp 2ms", "1ms", "lognormal mean=3ms cv=2", "uniform 0ms 4ms", "erlang k=3 mean=2ms", "hyperexp mean=2ms cv=3",
		"pareto min=0.5ms max=200ms alpha=1.2", "mix 90% exp 1ms, 10% exp 20ms", "weibull mean=2ms shape=0.7 truncate 50ms")
}

// steps writes a list of steps of server i.
func (w *writer) steps(i, depth int) string {
	var out []string
	for range 1 + w.below(3) {
		out = append(out, w.step(i, depth))
	}
	return "[" + strings.Join(out, ", ") + "]"
}

func (w *writer) step(i, depth int) string {
	if depth > 2 {
		return fmt.Sprintf(`{ cpu = "%s" }`, w.law())
	}
	switch w.below(13) {
	case 12:
		return w.one(`{ disk = "exp 2ms" }`, `{ disk = { ops = 2 } }`, `{ disk = { ops = "geometric 2", bytes = "exp 8kB" } }`)
	case 0, 1:
		return fmt.Sprintf(`{ cpu = "%s" }`, w.law())
	case 2:
		return fmt.Sprintf(`{ wait = "%s" }`, w.law())
	case 3, 4:
		target, more := w.one("pay", "pay.refund"), w.one("", `, timeout = "9ms"`)
		if i+1 < w.servers {
			target = w.target(i + 1 + w.below(w.servers-i-1))
			more = w.care(i, depth) + w.one("", "", `, key = "source"`, `, key = "zipf s=1 n=50"`)
		}
		return fmt.Sprintf(`{ call = "%s"%s }`, target, more)
	case 5:
		return fmt.Sprintf(`{ get = "cache", miss = %s%s }`, w.steps(i, depth+1), w.care(i, depth))
	case 6:
		return fmt.Sprintf(`{ choose = [{ weight = 3, steps = %s }, { weight = 1, steps = %s }] }`, w.steps(i, depth+1), w.steps(i, depth+1))
	case 7:
		return fmt.Sprintf(`{ parallel = [%s, %s, []]%s }`, w.steps(i, depth+1), w.steps(i, depth+1), w.one("", `, need = "any"`, ", need = 2"))
	case 8:
		return fmt.Sprintf(`{ spawn = %s }`, w.steps(i, depth+1))
	case 9:
		return w.one(`{ memory = "2MB" }`, `{ memory = "uniform 1kB 9kB" }`, `{ set = "cache" }`)
	case 10:
		return `{ fail = "5%" }`
	default:
		return fmt.Sprintf(`{ repeat = %s, steps = %s }`, w.one(`"geometric 2"`, `"integers 0..3"`, "2"), w.steps(i, depth+1))
	}
}

// care is what a call of server i does about slow and bad answers.
func (w *writer) care(i, depth int) string {
	care := w.one("", "", `, policy = "careful"`, `, timeout = "8ms"`, `, timeout = "300us"`) +
		w.one("", "", `, retries = 2`, `, retries = { max = 1, backoff = "exp 3ms", jitter = "full", budget = "10%" }`, `, retries = { max = 3, on = ["timeout", "rejected"] }`) +
		w.one("", "", `, hedge = "0s"`, `, hedge = "2ms"`) + w.breaker(", ")
	if w.below(4) == 0 {
		care += ", fallback = " + w.steps(i, depth+1)
	}
	return care
}

func (w *writer) breaker(before string) string {
	if w.below(2) == 0 {
		return ""
	}
	return before + w.one(`breaker = { consecutive = 3, open = "20ms" }`, `breaker = { error_ratio = "30%", window = "100ms", min = 5, open = "50ms" }`)
}

// target is server i, or a balancer in front of it.
func (w *writer) target(i int) string {
	if w.below(2) == 0 {
		return fmt.Sprintf("lb%d", i)
	}
	return fmt.Sprintf("s%d", i)
}

func randomTopology(seed uint64) string {
	w := &writer{s: sim.Keyed(sim.Mix(seed, 77))}
	w.servers = 1 + w.below(5)
	w.line("zones = [\"a\", \"b\", \"c\"]\n[run]\nduration = \"2s\"\nwarmup = \"%s\"\nreplications = 1\nseed = %d", w.one("0s", "500ms"), seed)
	w.network()
	w.line("[policy.careful]\ntimeout = \"15ms\"\nretries = 1\nhedge = \"4ms\"\n%s", w.breaker(""))
	w.line("[client.open]\ntarget = \"lb0\"\narrivals = \"%s %d/s\"\nkeys = \"zipf s=1 n=100\"", w.one("poisson", "constant"), 50+w.below(900))
	w.policy()
	if w.below(2) == 0 {
		w.line("stages = [{ duration = \"1s\", target = \"%d/s\" }, { duration = \"0s\", target = \"10/s\" }]", w.below(2000))
	}
	w.line("[client.closed]\ntarget = \"%s\"\nusers = %d\nthink = \"%s\"", w.target(0), 1+w.below(60), w.one("exp 20ms", "10ms"))
	w.policy()
	w.line("[client.visitors]\ntarget = \"%s\"\narrivals = \"poisson 60/s\"\nsession = { length = \"geometric 3\", think = \"%s\" }", w.target(0), w.one("exp 20ms", "0s"))
	w.policy()
	w.line("[cache.cache]\nhit_ratio = 0.%d\nlatency = \"%s\"%s", w.below(10), w.one("0.2ms", "exp 0.3ms"), w.zones())
	w.line("[external.pay]\nlatency = \"%s\"\nerror_ratio = \"5%%\"", w.law())
	for i := range w.servers {
		w.server(i)
	}
	return w.String()
}

func (w *writer) server(i int) {
	w.line("[load_balancer.lb%d]\ntargets = [\"s%d\"]\npolicy = \"%s\"%s", i, i, w.one("random", "round-robin", "least-connections", "url-hash"), w.zones())
	w.line("[server.s%d]\ncores = %d\ninstances = %d\nspeed = %s%s", i, 1+w.below(3), 1+w.below(3), w.one("1", "1.5", "0.5"), w.zones())
	w.line("scheduling = \"%s\"", w.one("fcfs", "lifo", "priority", "preemptive-priority", "round-robin 1ms", "ps"))
	w.line("disk = { iops = 2000, bandwidth = \"4MB/s\", depth = %d }\n%s", 1+w.below(3), w.one("", "scaling = { contention = 0.05, coherency = 0.01 }"))
	switch w.below(3) {
	case 0:
		w.line("concurrency = %d\nbacklog = %d%s", 1+w.below(8), w.below(20), w.one("", "\nshed = { delay = \"4ms\" }"))
	case 1:
		w.line("concurrency = %d\nqueue_timeout = \"%s\"", 1+w.below(8), w.one("5ms", "exp 8ms"))
	}
	w.line("%s\n%s", w.one("", "", `rate_limit = "400/s burst=20"`), w.one("", "memory = \"60MB\"\nmemory_base = \"1MB\"\nmemory_per_request = \"exp 1MB\"", "memory = \"30MB\"\nleak_per_request = \"exp 300kB\"\nmemory_per_request = \"1MB\"\nboot = \"50ms\""))
	w.line("%s", w.one("", "", `gc = { every = "40ms", pause = "exp 2ms" }`, `gc = { every_allocated = "9MB", allocates = "exp 1MB", pause = "2ms" }`))
	for k := i + 1; k < w.servers; k++ {
		w.line("%s", w.one("", fmt.Sprintf("pool.%s = { size = %d%s%s }", w.target(k), 1+w.below(9), w.one("", `, acquire_timeout = "5ms"`, `, acquire_timeout = "exp 3ms"`), w.one("", `, connect = "exp 1ms"`))))
	}
	w.line("%s\n%s", w.one("", `pool.cache = { size = 2, acquire_timeout = "9ms" }`), w.one("", `pool.pay = { size = 20, connect = "3ms" }`))
	if w.below(4) == 0 {
		w.line("on.request = { steps = %s, priority = -2 }", w.steps(i, 0))
	} else {
		w.line("on.request = %s", w.steps(i, 0))
	}
}

func (w *writer) zones() string {
	return w.one("", "\nzones = [\"a\"]", "\nzones = [\"c\", \"a\"]")
}

func (w *writer) network() {
	if w.below(3) == 0 {
		return
	}
	w.line("[network]\nsame_zone = \"%s\"\ncross_zone = \"%s\"\ninternet = \"%s\"", w.one("0.1ms", "exp 0.2ms"), w.one("1ms", "exp 0.5ms"), w.law())
	w.line("%s\n%s", w.one("", `between = [{ zones = ["a", "c"], delay = "exp 2ms" }, { zones = ["b", "b"], delay = "0s" }]`), w.one("", `loss = "1%"`))
}

func (w *writer) policy() {
	if w.below(3) > 0 {
		w.line("timeout = \"%s\"", w.one("4ms", "20ms", "200ms"))
	}
	if w.below(2) == 0 {
		w.line("retries = %s", w.one("1", `{ max = 3, backoff = "doubling 2ms max 10ms", jitter = "equal" }`, `{ max = 3, budget = "20%" }`))
	}
	w.line("%s\n%s\n%s", w.one("", "", `hedge = "3ms"`), w.one("", "", `deadline = "25ms"`), w.breaker(""))
	w.line("%s\n%s\n%s", w.one("", "cancel = true"), w.one("", `zone = "b"`), w.one("", "priority = 5", "priorities = { request = -1 }"))
	w.line("%s", w.one("", `sources = "uniform n=20"`))
}

// TestLawsHoldOnRandomTopologies runs made-up systems, overloaded ones
// included. The laws are checked in every run; here it is also checked that
// every counter of the document adds up and that the run can be repeated.
func TestLawsHoldOnRandomTopologies(t *testing.T) {
	n := uint64(300)
	if testing.Short() {
		n = 15
	}
	ends := map[string]uint64{}
	for seed := range n {
		text := randomTopology(seed)
		spec := specOf(t, text)
		r, err := Run(spec, Options{Parallel: 1})
		require.NoError(t, err, "seed %d\n%s", seed, text)
		again, err := Run(spec, Options{Parallel: 2})
		require.NoError(t, err)
		require.Equal(t, r.Fingerprint, again.Fingerprint)
		for name, c := range r.Clients {
			bad := uint64(0)
			for _, e := range c.Errors {
				bad += e
			}
			require.Equal(t, c.Offered, c.OK+bad+c.Unfinished, "seed %d client %s", seed, name)
			require.GreaterOrEqual(t, c.Attempts+c.Errors["breaker"], c.Offered, "a breaker lets no attempt be made")
			for kind, e := range c.Errors {
				ends[kind] += e
			}
		}
		for name, v := range r.Nodes {
			for res, x := range v.Resources {
				if u := x.Utilization.Mean; u != nil {
					require.LessOrEqual(t, *u, 1.0, "seed %d %s %s", seed, name, res)
				}
			}
		}
	}
	for _, what := range []string{"timeout", "rejected", "failed", "breaker"} {
		assert.NotZero(t, ends[what], "no request ended as %s: the battery has a gap", what)
	}
}

// TestLimitEndsTheRun floods a server that never catches up.
func TestLimitEndsTheRun(t *testing.T) {
	spec := specOf(t, `
[run]
duration = "10s"
warmup = "0s"
replications = 1
[client.flood]
target = "web"
arrivals = "constant 1G/s"
[server.web]
on.request = [{ cpu = "1s" }]
`)
	_, err := Run(spec, Options{})
	var limit *node.LimitError
	require.ErrorAs(t, err, &limit)
	assert.Equal(t, uint64(node.MaxInFlight), limit.Limit)
}
