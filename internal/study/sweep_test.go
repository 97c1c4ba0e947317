package study

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/models/theory"
	"github.com/capsim/capsim/sim/stats"
	"github.com/capsim/capsim/topologies"
)

// sweepPlan is the plan of a file's [sweep].
func sweepPlan(t *testing.T, text string) SweepPlan {
	t.Helper()
	file, found := topologies.Load(keyFiles{"a.toml": text}, "a.toml", topologies.Options{})
	require.NotNil(t, file, found.Diagnostics())
	space := file.Space(file.Swept(found), nil, found)
	require.NotNil(t, space, found.Diagnostics())
	file.CheckPoints("", space, found, nil)
	require.False(t, found.Failed(), found.Diagnostics())
	p := SweepPlan{Points: space.Len(), Spec: func(i int) (*node.Spec, []result.Warning) {
		spec, _ := file.Point("", space.At(i))
		return spec, nil
	}}
	for _, d := range space.Dimensions {
		one := result.SweepDimension{Path: d.Path}
		for _, v := range d.Values {
			one.Values = append(one.Values, result.SweepValue{Text: v.Text})
		}
		p.Dimensions = append(p.Dimensions, one)
	}
	return p
}

// swept is the sweep of a file.
func swept(t *testing.T, text string) *result.Sweep {
	t.Helper()
	s, err := Sweep(sweepPlan(t, text), Options{})
	require.NoError(t, err)
	require.Len(t, s.Points, s.Grid)
	return s
}

const sweepOfCores = `[run]
duration = "600s"
warmup = "60s"
replications = 10
[client.users]
target = "web"
arrivals = "poisson 50/s"
[server.web]
cores = 1
on.request = [{ cpu = "exp 10ms" }]
[sweep]
"server.web.cores" = [1, 2, 4]
"load" = [1, 1.4, 1.8]
`

// Every point is an M/M/c, whose mean response and utilisation are known
// (Erlang C). 95 % intervals of 9 points may miss once or twice; three half
// widths may not.
func TestASweepOverCoresAndLoadIsErlangC(t *testing.T) {
	s := swept(t, sweepOfCores)
	missed := 0
	for i := range s.Points {
		p := &s.Points[i]
		c, load := []int{1, 2, 4}[i/3], []float64{1, 1.4, 1.8}[i%3]
		want := theory.MMc{Lambda: 50 * load, Mu: 100, C: c}.ResponseMean()
		mean := p.Clients["users"].LatencyS["mean"]
		off := (*mean.Mean - want) / *mean.HalfWidth
		assert.InDelta(t, 0, off, 3, "c = %d at load %v: %v, want %v", c, load, *mean.Mean, want)
		if off > 1 || off < -1 {
			missed++
		}
		busy := p.Nodes["web"].Utilization["cpu"]
		assert.InDelta(t, 0.5*load/float64(c), *busy.Mean, 3**busy.HalfWidth)
		assert.InDelta(t, 50*load, *p.Clients["users"].ThroughputRPS.Mean, 3**p.Clients["users"].ThroughputRPS.HalfWidth)
		assert.Equal(t, []string{fmt.Sprint(c), fmt.Sprint(load)}, p.Values)
	}
	assert.LessOrEqual(t, missed, 2)
}

// The same customers come to neighbouring points: the difference of their
// means is far better known than that of points of different seeds.
func TestPointsOfASweepShareTheirCustomers(t *testing.T) {
	plan := sweepPlan(t, strings.NewReplacer("[1, 2, 4]", "[4, 5]", "[1, 1.4, 1.8]", "[6]", `"600s"`, `"120s"`).Replace(sweepOfCores))
	means := func(point int, seed uint64) []float64 {
		spec, _ := plan.Spec(point)
		other := *spec
		other.Run.Seed = seed
		o, err := runAll([]*node.Spec{&other}, Options{})
		require.NoError(t, err)
		return o[0].figures.clientTimes(indexOf(spec, "users", node.Client)).sample((*stats.Histogram).Mean).values()
	}
	variance := func(a, b []float64) float64 {
		var sum, squares float64
		for i := range a {
			d := a[i] - b[i]
			sum, squares = sum+d, squares+d*d
		}
		n := float64(len(a))
		return (squares - sum*sum/n) / (n - 1)
	}
	four := means(0, 1)
	paired, apart := variance(four, means(1, 1)), variance(four, means(1, 2))
	t.Logf("variance of the difference of the means: paired %.3g, of different seeds %.3g", paired, apart)
	assert.Less(t, paired, apart/2, "the variance of the difference")

	// What a sweep says of a point is what a run of it says.
	s, err := Sweep(plan, Options{})
	require.NoError(t, err)
	spec, _ := plan.Spec(1)
	r, err := Run(spec, Options{})
	require.NoError(t, err)
	assert.Equal(t, r.Fingerprint, s.Points[1].Fingerprint)
	assert.Equal(t, written(t, r.Clients["users"].LatencyS), written(t, s.Points[1].Clients["users"].LatencyS))
	assert.Equal(t, r.Run, s.Points[1].Run)
}

const smallSweep = `objectives = ["users p99 < 200ms"]
[run]
duration = "5s"
replications = 2
[client.users]
target = "web"
arrivals = "poisson 50/s"
[server.web]
on.request = [{ cpu = "exp 10ms" }]
[sweep]
"server.web.instances" = [1, 2]
"load" = "0.5..3 step 0.5"
`

func TestASweepDoesNotDependOnHowManyRunAtOnce(t *testing.T) {
	plan := sweepPlan(t, smallSweep)
	one, err := Sweep(plan, Options{Parallel: 1})
	require.NoError(t, err)
	for _, parallel := range []int{2, 7, 40} {
		many, err := Sweep(plan, Options{Parallel: parallel})
		require.NoError(t, err)
		assert.Equal(t, written(t, one), written(t, many))
	}
	warmups := map[float64]bool{}
	for _, p := range one.Points {
		warmups[p.Run.WarmupS] = true
	}
	assert.Len(t, warmups, 1, "all points have the same warm-up")
}

// Records that an earlier sweep kept are taken as they are, whatever they
// are; nothing of them is simulated again, and the document is the same.
func TestASweepGoesOnWithWhatWasKept(t *testing.T) {
	plan := sweepPlan(t, smallSweep)
	var all []SweepRecord
	plan.Keep = func(r SweepRecord) error {
		var again SweepRecord // through JSON, as a journal has it
		require.NoError(t, json.Unmarshal([]byte(written(t, r)), &again))
		all = append(all, again)
		return nil
	}
	whole, err := Sweep(plan, Options{})
	require.NoError(t, err)
	require.Len(t, all, 2*12, "a pilot and a point each")
	for n := 0; n <= len(all); n += 5 {
		more := 0
		plan.Kept, plan.Keep = slices.Clone(all[:n]), func(SweepRecord) error { more++; return nil }
		made := 0
		spec := plan.Spec
		counted := plan
		counted.Spec = func(i int) (*node.Spec, []result.Warning) { made++; return spec(i) }
		s, err := Sweep(counted, Options{})
		require.NoError(t, err)
		assert.Equal(t, written(t, whole), written(t, s))
		assert.Equal(t, len(all)-n, more, "each is finished once")
		assert.Equal(t, len(all)-n, made)
	}
}

func TestASweepThatIsStoppedKeepsWhatIsFinished(t *testing.T) {
	plan := sweepPlan(t, smallSweep)
	var stop atomic.Bool
	var kept []SweepRecord
	plan.Keep = func(r SweepRecord) error {
		if kept = append(kept, r); len(kept) == 12+5 {
			stop.Store(true)
		}
		return nil
	}
	s, err := Sweep(plan, Options{Parallel: 1, Stop: &stop})
	require.ErrorIs(t, err, node.ErrStopped)
	assert.True(t, s.Truncated)
	assert.Len(t, s.Points, 5)
	assert.Equal(t, 12, s.Grid)

	stop.Store(true)
	plan.Keep = nil
	s, err = Sweep(plan, Options{Stop: &stop})
	require.ErrorIs(t, err, node.ErrStopped)
	assert.Nil(t, s)

	plan.Keep = func(SweepRecord) error { return assert.AnError }
	_, err = Sweep(plan, Options{})
	require.ErrorIs(t, err, assert.AnError)
}
