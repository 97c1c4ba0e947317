package study

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/theory"
)

// caring is a client with keys of its own in front of a server whose requests
// hold nothing but time.
func caring(rate float64, keys, server, steps string) string {
	return fmt.Sprintf("[client.users]\ntarget = \"web\"\narrivals = \"poisson %g/s\"\n%s\n[server.web]\n%s\non.request = [%s]\n",
		rate, keys, server, steps)
}

// hedgeOracles are of two independent copies, the second sent after a delay,
// with a server for everybody: min(X, d + X').
func hedgeOracles() []oracle {
	row := func(name, law string, call theory.Latency, delay float64, w when, millions float64) oracle {
		h := theory.Hedge{Call: call, Delay: delay}
		return oracle{
			name: fmt.Sprintf("%s hedged after %g s", name, delay), source: "Dean and Barroso 2013; min(X, d + X')", when: w,
			topology: caring(20, fmt.Sprintf(`hedge = "%.0fns"`, delay*1e9), "instances = 3", "{ wait = \""+law+"\" }"),
			rate:     20, millions: millions, relax: 5,
			facts: append(responseFacts("users latency", h.Quantile),
				fact{figure: "users latency mean", exact: h.Mean()},
				fact{figure: "web throughput", exact: 20 * (1 + h.Load())}),
		}
	}
	exp, logn := theory.ExponentialLatency(1), theory.LogNormalLatency(1, 2)
	mix := theory.MixedLatency([]float64{0.99, 0.01}, []theory.Latency{theory.ExponentialLatency(0.01), theory.ExponentialLatency(1)})
	return []oracle{
		row("exponential", "exp 1s", exp, 0, usually, lasting(0.2, 0.6)),
		row("exponential", "exp 1s", exp, 2.9957323, usually, 0.6),
		row("lognormal", "lognormal mean=1s cv=2", logn, 3.6038473, usually, lasting(0.35, 1)),
		row("lognormal", "lognormal mean=1s cv=2", logn, 0, nightly, 1),
		row("a slow one in a hundred", "mix 99% exp 10ms, 1% exp 1s", mix, 0.032009806, usually, lasting(0.2, 2)),
	}
}

// retryOracles are of attempts that fail by chance, each after 10 ms.
func retryOracles() []oracle {
	row := func(p float64, most int, jitter string, j theory.Jitter, w when, millions float64) oracle {
		pauses := theory.Backoff{First: 0.1, Longest: 0.4, Jitter: j}
		r := theory.Retries{Max: most, Failure: p}
		o := oracle{
			name: fmt.Sprintf("p=%g, %d retries, jitter %s", p, most, jitter), source: "truncated geometric", when: w,
			topology: caring(100, fmt.Sprintf("retries = { max = %d, backoff = \"doubling 100ms max 400ms\", jitter = %q }", most, jitter), "",
				fmt.Sprintf("{ wait = \"10ms\" }, { fail = %g }", p)),
			rate: 100, millions: millions, relax: 1,
			facts: []fact{
				{figure: "users errors", exact: r.ErrorRatio()},
				{figure: "web in_flight", exact: 100 * r.AttemptsMean() * 0.01},
				{figure: "users latency mean", exact: r.SuccessTimeMean(theory.RetryTimes{Failed: 0.01, Success: 0.01, Pauses: pauses})},
			},
		}
		return o
	}
	return []oracle{
		row(0.5, 3, "none", theory.NoJitter, usually, 1),
		row(0.5, 3, "full", theory.FullJitter, usually, 1),
		row(0.5, 1, "equal", theory.EqualJitter, usually, 0.3),
		row(0.3, 1, "none", theory.NoJitter, nightly, 0.6),
		row(0.9, 5, "full", theory.FullJitter, usually, 0.3),
	}
}

// budgetOracles are of a token chain: calls that do not overlap.
func budgetOracles(t *testing.T) []oracle {
	t.Helper()
	row := func(p, budget float64, millions float64) oracle {
		solved, err := theory.RetryBudget{Ratio: budget, Kept: 10}.Solve(theory.Retries{Max: 2, Failure: p})
		require.NoError(t, err)
		return oracle{
			name: fmt.Sprintf("p=%g, budget %g", p, budget), source: "the chain of tokens, solved", when: usually,
			topology: caring(100, fmt.Sprintf("retries = { max = 2, budget = %g }", budget), "", fmt.Sprintf("{ wait = \"1us\" }, { fail = %g }", p)),
			rate:     100, millions: millions, relax: 2,
			facts: []fact{
				{figure: "users errors", exact: solved.ErrorRatio, slack: 1e-4 * solved.ErrorRatio}, // one in 10⁴ overlaps
				{figure: "web in_flight", exact: 1e-4 * (1 + solved.RetriesMean), slack: 1e-8},
			},
		}
	}
	return []oracle{row(0.5, 0.1, 0.4), row(0.2, 0.2, 2)}
}

// breakerOracles are of the cycle of a breaker that opens after so many
// failures in a row.
func breakerOracles() []oracle {
	row := func(p float64, k int, lambda, open float64, w when, millions float64) oracle {
		b := theory.Breaker{Lambda: lambda, Failure: p, Consecutive: k, Open: open}
		rare := 0.0
		if b.Goodput() < lambda/100 {
			rare = 0.04
		}
		return oracle{
			name: fmt.Sprintf("p=%g k=%d lambda=%g open %g s", p, k, lambda, open), source: "renewal and reward", when: w,
			topology: caring(lambda, fmt.Sprintf("breaker = { consecutive = %d, open = \"%gs\" }", k, open), "", fmt.Sprintf("{ fail = %g }", p)),
			rate:     lambda, millions: millions, relax: open,
			facts: []fact{
				{figure: "users errors", exact: b.ErrorRatio()},
				{figure: "users throughput", exact: b.Goodput(), wide: rare},
			},
		}
	}
	return []oracle{
		row(0.1, 3, 50, 5, usually, 16),
		row(0.5, 5, 10, 30, nightly, 60),
		row(0.2, 5, 100, 10, nightly, 60),
		row(0.9, 5, 10, 30, nightly, 6),
	}
}

// retrialOracles are of the M/M/1 whose refused customers come again.
func retrialOracles() []oracle {
	row := func(lambda, theta float64, w when, millions float64) oracle {
		m := theory.MM1Retrial{Lambda: lambda, Mu: 1, Theta: theta}
		return oracle{
			name: fmt.Sprintf("lambda=%g theta=%g", lambda, theta), source: "Falin and Templeton 1997", when: w,
			topology: caring(lambda, fmt.Sprintf("retries = { max = 100, backoff = \"exp %gs\" }", 1/theta),
				"concurrency = 1\nbacklog = 0", `{ wait = "exp 1s" }`),
			rate: lambda, millions: millions, relax: 100,
			facts: []fact{{figure: "users latency mean", exact: m.ResponseMean()}, {figure: "web workers utilization", exact: lambda}},
		}
	}
	return []oracle{row(0.6, 0.5, usually, lasting(1.2, 4)), row(0.5, 0.1, nightly, 8)}
}

// priorityOracles are of two classes before one core, neither interrupted.
func priorityOracles() []oracle {
	row := func(high, low float64, law string, scv float64, w when, millions float64) oracle {
		q := theory.MG1Priority{{Lambda: high, Mean: 0.001, SCV: scv}, {Lambda: low, Mean: 0.001, SCV: scv}}
		return oracle{
			name: fmt.Sprintf("M/%s/1 of %g and %g", law, high, low), source: "Cobham 1954", when: w,
			topology: fmt.Sprintf("[client.gold]\ntarget = \"web\"\npriority = 5\narrivals = \"poisson %g/s\"\n", high) +
				caring(low, "", `scheduling = "priority"`, `{ cpu = "`+law+`" }`),
			rate: high + low, millions: millions, relax: 0.2,
			facts: []fact{
				{figure: "gold latency mean", exact: q.ResponseMean(0)},
				{figure: "users latency mean", exact: q.ResponseMean(1)},
			},
		}
	}
	return []oracle{
		row(300, 500, "exp 1ms", 1, usually, 8),
		row(300, 400, "1ms", 0, usually, 2),
	}
}
