package study

import (
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
)

func whatIfOf(t *testing.T, text string) result.WhatIfDesign {
	t.Helper()
	w, err := WhatIf(specsOf(t, text), Options{Version: "test"})
	require.NoError(t, err)
	require.Len(t, w.Designs, 1)
	return w.Designs[0]
}

func worthIn(t *testing.T, d result.WhatIfDesign, node, resource string) result.Worth {
	t.Helper()
	for _, w := range d.Resources {
		if w.Node == node && w.Resource == resource {
			return w
		}
	}
	require.Fail(t, "no such resource", "%s %s", node, resource)
	return result.Worth{}
}

func effectIn(t *testing.T, w result.Worth, metric string) result.Effect {
	t.Helper()
	for _, e := range w.Effects {
		if e.Metric == metric {
			return e
		}
	}
	require.Fail(t, "no such effect", metric)
	return result.Effect{}
}

// Two M/M/1 in a row: each has a mean response of 1/(μ−λ), whatever the other
// does (Burke 1956), so that what 10 % more of each rate brings is known.
func TestWhatIfOfATandemIsWhatTheorySays(t *testing.T) {
	const lambda = 70.0
	d := whatIfOf(t, `
[run]
duration = "10m"
warmup = "20s"
replications = 6
[client.u]
target = "a"
arrivals = "poisson 70/s"
[server.a]
on.request = [{ cpu = "exp 11ms" }, { call = "b" }]
[server.b]
on.request = [{ cpu = "exp 9ms" }]
`)
	require.Len(t, d.Resources, 2)
	assert.Equal(t, "a", d.Resources[0].Node, "the busier one first")
	for station, mean := range map[string]float64{"a": 0.011, "b": 0.009} {
		mu := 1 / mean
		want := 1/(1.1*mu-lambda) - 1/(mu-lambda)
		w := worthIn(t, d, station, "cpu")
		e := effectIn(t, w, "latency_s.mean")
		assert.InDelta(t, want, *e.Difference.Mean, 2*(*e.Difference.HalfWidth), station)
		assert.Less(t, *e.Difference.HalfWidth, -0.15*want, "%s: the interval tells something", station)
		assert.True(t, e.Significant, station)
		assert.Equal(t, result.Helps, w.Verdict, station)
		assert.InDelta(t, lambda*mean, *w.Utilization, 0.02, station)
	}
}

// A core that is 95 % busy with work that comes like clockwork, so that nobody
// waits for it, and one connection that is 76 % busy, for which many do: what
// utilisation says is not what helps.
const pooled = `
[run]
duration = "3m"
warmup = "1s"
replications = 5
[client.u]
target = "app"
arrivals = "constant 95/s"
[server.app]
pool.pay = { size = 1 }
on.request = [{ cpu = "10ms" }, { call = "pay" }]
[external.pay]
latency = "exp 8ms"
[server.idle]
on.request = [{ cpu = "1ms" }]
`

func TestWhatIfFindsThePoolAndNotTheBusierCores(t *testing.T) {
	d := whatIfOf(t, pooled)
	pool, cpu := worthIn(t, d, "app", "pool.pay"), worthIn(t, d, "app", "cpu")
	assert.Greater(t, *cpu.Utilization, *pool.Utilization, "the cores are busier")
	idle := worthIn(t, d, "idle", "cpu")
	assert.Equal(t, result.NoEffect, idle.Verdict, "nobody asks it")
	assert.Zero(t, *idle.Benefit.Mean)
	assert.Nil(t, idle.P)
	assert.Equal(t, "idle", d.Resources[len(d.Resources)-1].Node)
	assert.Equal(t, "pool.pay", d.Resources[0].Resource)
	assert.Equal(t, "latency", d.Resources[1].Resource)
	assert.Less(t, *cpu.Benefit.Mean, *pool.Benefit.Mean/5)
	assert.Equal(t, "connections 1 → 2", pool.Change)
}

// A server that is asked for a third more than it can do: what it does is what
// its one core does, and 10 % more of that is 10 % more answers.
func TestWhatIfOfAnOverloadedServerIsItsThroughput(t *testing.T) {
	d := whatIfOf(t, `
run = { duration = "60s", warmup = "5s", replications = 5 }
[client.u]
target = "a"
arrivals = "poisson 130/s"
[server.a]
concurrency = 1
backlog = 5
on.request = [{ cpu = "exp 10ms" }]
`)
	assert.Equal(t, "cpu", d.Resources[0].Resource)
	e := effectIn(t, worthIn(t, d, "a", "cpu"), "throughput_rps")
	// M/M/1/6: throughput λ(1−p6), p6 = (1−ρ)ρ⁶/(1−ρ⁷).
	through := func(mu float64) float64 {
		rho, power := 130/mu, 1.0
		for range 6 {
			power *= rho
		}
		return 130 * (1 - (1-rho)*power/(1-power*rho))
	}
	assert.InDelta(t, through(110)-through(100), *e.Difference.Mean, 2*(*e.Difference.HalfWidth))
	assert.Less(t, *e.Difference.HalfWidth, 0.1*(through(110)-through(100)))
	assert.True(t, e.Significant)
	assert.Equal(t, result.Helps, d.Resources[0].Verdict)
}

func TestWhatIfDoesNotDependOnParallel(t *testing.T) {
	text := strings.Replace(pooled, `"3m"`, `"5s"`, 1)
	one, err := WhatIf(specsOf(t, text), Options{Parallel: 1})
	require.NoError(t, err)
	seen := 0
	four, err := WhatIf(specsOf(t, text), Options{Parallel: 4, Progress: func(done, total int) {
		assert.Equal(t, 25, total)
		seen = max(seen, done)
	}})
	require.NoError(t, err)
	assert.Equal(t, one, four)
	assert.Equal(t, 25, seen, "five replications of the design and of four resources")
}

// Interrupted, it has what was finished.
func TestWhatIfStoppedHasWhatWasFinished(t *testing.T) {
	text := strings.Replace(pooled, `"3m"`, `"5s"`, 1)
	var stop atomic.Bool
	w, err := WhatIf(specsOf(t, text), Options{Parallel: 1, Stop: &stop, Progress: func(done, _ int) { stop.Store(done >= 12) }})
	require.ErrorIs(t, err, node.ErrStopped)
	assert.True(t, w.Truncated)
	require.Len(t, w.Designs, 1)
	assert.Len(t, w.Designs[0].Resources, 1)
	stop.Store(true)
	w, err = WhatIf(specsOf(t, text), Options{Parallel: 1, Stop: &stop})
	require.ErrorIs(t, err, node.ErrStopped)
	assert.Empty(t, w.Designs)
}

// With one replication the point decides, as it does for objectives.
func TestWhatIfOfASingleReplication(t *testing.T) {
	d := whatIfOf(t, strings.NewReplacer("replications = 5", "replications = 1", `"3m"`, `"5s"`).Replace(pooled))
	w := worthIn(t, d, "app", "cpu")
	assert.Nil(t, w.Benefit.HalfWidth)
	assert.Equal(t, result.Helps, w.Verdict)
	assert.Equal(t, result.NoEffect, worthIn(t, d, "idle", "cpu").Verdict)
}

func TestWorthVerdicts(t *testing.T) {
	make := func(benefits []float64, moved float64) worth {
		mean := 0.0
		for _, b := range benefits {
			mean += b / float64(len(benefits))
		}
		w := worth{benefits: benefits, effects: [][]float64{{moved}}}
		w.Benefit.Mean, w.Effects = &mean, []result.Effect{{}}
		return w
	}
	worths := []worth{
		make([]float64{0, 0, 0}, 0), make([]float64{-0.1, 0.12, 0.01}, 1), make([]float64{-0.101, -0.1, -0.099}, 1),
		make([]float64{0.101, 0.1, 0.099}, 1), make([]float64{0.201, 0.2, 0.199}, 1),
	}
	judgeWorths(worths)
	var got []string
	for _, w := range worths {
		got = append(got, w.Verdict)
	}
	assert.Equal(t, []string{result.Helps, result.Helps, result.Hurts, result.NotSeen, result.NoEffect}, got)
	assert.InDelta(t, 0.2, *worths[0].Benefit.Mean, 1e-9, "the best first")
	assert.Greater(t, *worths[3].Visible, 0.1)
	assert.Less(t, *worths[0].P, 0.001)
}
