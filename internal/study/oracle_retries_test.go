package study

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/models/theory"
)

// attemptOracles are of the rest of the table of attempts (A9), and of long
// rows of pauses.
func attemptOracles() []oracle {
	attempts := func(p float64, most int, w when, millions float64) oracle {
		r := theory.Retries{Max: most, Failure: p}
		return oracle{
			name: fmt.Sprintf("attempts p=%g, %d retries", p, most), source: "truncated geometric", when: w,
			topology: caring(100, fmt.Sprintf("retries = %d", most), "", fmt.Sprintf("{ wait = \"10ms\" }, { fail = %g }", p)),
			rate:     100, millions: millions, relax: 1,
			facts: []fact{{figure: "web attempts", exact: 100 * r.AttemptsMean()}, {figure: "users errors", exact: r.ErrorRatio(), wide: 0.05}},
		}
	}
	pauses := func(most int, jitter string, j theory.Jitter, w when) oracle {
		b := theory.Backoff{First: 0.1, Longest: 5, Jitter: j}
		return oracle{
			name: fmt.Sprintf("the sum of %d pauses, jitter %s", most, jitter), source: "Brooker, Exponential Backoff And Jitter, 2015", when: w,
			topology: web(20, "", fmt.Sprintf("{ call = \"bad\", retries = { max = %d, backoff = \"doubling 100ms max 5s\", jitter = %q }, fallback = [] }", most, jitter)) +
				"[server.bad]\non.request = [{ fail = 1 }]\n",
			rate: 20, millions: 0.1, relax: 10,
			facts: []fact{{figure: "users latency mean", exact: b.TotalMean(most)}},
		}
	}
	return []oracle{
		attempts(0.01, 1, nightly, 4), attempts(0.1, 1, usually, 0.1), attempts(0.1, 3, nightly, 8), attempts(0.3, 3, usually, 0.2), attempts(0.3, 5, nightly, 2),
		attempts(0.5, 5, nightly, 0.2), attempts(0.9, 1, usually, 0.1), attempts(0.9, 3, nightly, 0.1),
		pauses(3, "none", theory.NoJitter, always), pauses(5, "full", theory.FullJitter, usually), pauses(8, "equal", theory.EqualJitter, usually), pauses(8, "full", theory.FullJitter, nightly),
	}
}

// spreadRetries are oracles of retries after pauses that are so long that
// attempts come like fresh ones (Cohen 1957). That is an approximation: half a
// per cent is what finite pauses make of it.
func spreadRetries() []oracle {
	const source = "Cohen 1957, an approximation"
	retries := func(most int, pause float64) string {
		return fmt.Sprintf("retries = { max = %d, backoff = \"exp %gs\" }", most, pause)
	}
	blocked := func(lambda float64, c, k, most int, w when, millions, slack float64) oracle {
		failure := func(x float64) float64 { return theory.MMcK{Lambda: x, Mu: 1, C: c, K: k}.BlockingProbability() }
		x := theory.RetryLoadsApprox(lambda, most, failure)[0]
		r := theory.Retries{Max: most, Failure: failure(x)}
		o := oracle{
			name: fmt.Sprintf("blocked lambda=%g c=%d K=%d R=%d", lambda, c, k, most), source: source, when: w,
			topology: caring(lambda, retries(most, 100), fmt.Sprintf("concurrency = %d\nbacklog = %d", c, k-c), `{ wait = "exp 1s" }`),
			rate:     lambda, millions: millions, relax: 100,
			facts: []fact{
				{figure: "web attempts", exact: x, slack: slack * x, wide: 0.01},
				{figure: "web workers busy", exact: x * (1 - r.Failure), slack: slack * x},
			},
		}
		if r.ErrorRatio() > 1e-4 {
			o.facts = append(o.facts, fact{figure: "users errors", exact: r.ErrorRatio(), slack: 6 * slack * r.ErrorRatio(), wide: 0.05})
		}
		return o
	}
	// What is given up is served all the same. Below the second fixed point the
	// system stays at the first, for as long as no chance takes it beyond: with
	// pauses of 2000 s it would take hundreds of time-outs.
	timedOut := func(lambda, timeout float64, most int, w when, millions float64) oracle {
		x := theory.RetryLoadsApprox(lambda, most, func(x float64) float64 { return theory.MM1{Lambda: x, Mu: 1}.ResponseSurvival(timeout) })[0]
		return oracle{
			name: fmt.Sprintf("timed out lambda=%g timeout %g R=%d", lambda, timeout, most), source: source, when: w,
			topology: caring(lambda, fmt.Sprintf("timeout = \"%gs\"\n", timeout)+retries(most, 2000), "", `{ cpu = "exp 1s" }`),
			rate:     lambda, millions: millions, relax: 2000,
			facts: []fact{{figure: "web attempts", exact: x, slack: 0.005 * x, wide: 0.01}},
		}
	}
	return []oracle{
		blocked(8, 10, 10, 3, usually, 1, 0.005),
		blocked(10, 10, 10, 3, nightly, 1, 0.005),
		blocked(10, 10, 15, 3, nightly, 2.5, 0.01),
		blocked(3, 4, 6, 5, nightly, 1, 0.005),
		blocked(9, 10, 10, 1, usually, 1, 0.005),
		timedOut(0.5, 8, 3, usually, 0.4),
		timedOut(0.5, 5, 5, nightly, 1),
	}
}

// Where no rate keeps itself up but that of a collapse, every request is tried
// as often as it may be, and hardly any is answered in time.
func TestRetriesWithoutAStableLoadCollapse(t *testing.T) {
	const lambda, timeout, most = 0.6, 5.0, 3
	loads := theory.RetryLoadsApprox(lambda, most, func(x float64) float64 { return theory.MM1{Lambda: x, Mu: 1}.ResponseSurvival(timeout) })
	require.Len(t, loads, 1, "the collapse only")
	text := caring(lambda, "timeout = \"5s\"\nretries = { max = 3, backoff = \"exp 100s\" }", "", `{ cpu = "exp 1s" }`)
	outcomes, err := runAll([]*node.Spec{specOf(t, text+runTable(20_000, 15_000, 3, 1))}, Options{})
	require.NoError(t, err)
	c := outcomes[0].Clients["users"]
	assert.InDelta(t, loads[0]/lambda, float64(c.Attempts)/float64(c.Offered), 0.02)
	assert.Less(t, *c.Availability.Mean, 0.01)
}

// Three tiers that try four times each ask the last one 64 times.
func TestRetriesOfAChainMultiply(t *testing.T) {
	const text = `[client.users]
target = "a"
arrivals = "poisson 20/s"
retries = 3
[server.a]
on.request = [{ call = "b", retries = 3 }]
[server.b]
on.request = [{ call = "c", retries = 3 }]
[server.c]
on.request = [{ fail = 1 }]
`
	outcomes, err := runAll([]*node.Spec{specOf(t, text+runTable(20, 0, 3, 1))}, Options{})
	require.NoError(t, err)
	out := outcomes[0]
	want := theory.RetryChain{Max: []int{3, 3, 3}, Failure: 1}.AttemptsMean()
	assert.InDelta(t, 64, want, 0)
	assert.Equal(t, uint64(want)*out.Clients["users"].Offered, out.Nodes["c"].Arrivals)
	assert.Equal(t, out.Clients["users"].Offered, out.Clients["users"].Errors["failed"])
}
