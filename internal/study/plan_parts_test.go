package study

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/estimate"
	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/models/theory"
)

// The cheapest number of cores with a mean response below a value is known by
// Erlang C.
func TestAPlanOverCoresIsErlangC(t *testing.T) {
	text := `objectives = ["users mean < 11.5ms"]
[run]
duration = "300s"
warmup = "20s"
[client.users]
target = "web"
arrivals = "poisson 700/s"
[catalog.c6]
cores = 6
price_per_hour = 0.6
[server.web]
cores = 1
price_per_hour = 0.1
on.request = [{ cpu = "exp 10ms" }]
[plan]
vary = { "server.web.type" = [%s] }
`
	var names, tables []string
	want := 0
	for c := 6; c <= 14; c++ {
		names = append(names, fmt.Sprintf("%q", fmt.Sprintf("m%d", c)))
		tables = append(tables, fmt.Sprintf("[catalog.m%d]\ncores = %d\nprice_per_hour = %.2f\n", c, c, 0.1*float64(c)))
		if mmc := (theory.MMc{Lambda: 700, Mu: 100, C: c}); want == 0 && c > 7 && mmc.ResponseMean() < 0.0115 {
			want = c
		}
	}
	text = strings.Replace(fmt.Sprintf(text, strings.Join(names, ", ")), "cores = 1\nprice_per_hour = 0.1\n", "type = \"m6\"\n", 1) + strings.Join(tables, "")
	_, p := plansOf(t, text)
	require.NotNil(t, p.Winner)
	assert.Equal(t, []string{fmt.Sprintf("m%d", want)}, p.Winner.Values)
	assert.Equal(t, 2, p.Counts.Screened, "six and seven cores have too little")
	assert.InDelta(t, 73*float64(want), *p.Winner.Monthly.Mean, 1e-6, "730 hours of 0.1 for each core")
	assert.True(t, p.Dimensions[0].Monotone)
}

// A plan does not depend on how many replications run at once.
func TestAPlanIsTheSameHoweverManyRunAtOnce(t *testing.T) {
	space := planSpace(t, planBreaks)
	var documents []string
	for _, parallel := range []int{1, 3} {
		p, err := Plan(space, Options{Parallel: parallel})
		require.NoError(t, err)
		data, err := json.Marshal(p)
		require.NoError(t, err)
		documents = append(documents, string(data))
	}
	assert.Equal(t, documents[0], documents[1])
}

// A plan that is stopped has what it had, and is marked.
func TestAPlanThatIsStoppedIsMarked(t *testing.T) {
	space := planSpace(t, planTiers)
	var stop atomic.Bool
	p, err := Plan(space, Options{Stop: &stop, Progress: func(done, _ int) {
		if done > 0 {
			stop.Store(true)
		}
	}})
	require.ErrorIs(t, err, node.ErrStopped)
	require.NotNil(t, p)
	assert.True(t, p.Truncated)
	assert.Positive(t, p.Counts.Simulated)
	stop.Store(true)
	p, err = Plan(space, Options{Stop: &stop})
	require.ErrorIs(t, err, node.ErrStopped)
	assert.Nil(t, p)
}

// A limit on the number of designs leaves cheaper ones, and says so.
func TestAPlanSaysHowManyDesignsItDidNotLookAt(t *testing.T) {
	space := planSpace(t, planTiers)
	space.Most = 1
	p, err := Plan(space, Options{})
	require.NoError(t, err)
	assert.Equal(t, 1, p.Counts.Simulated)
	assert.Positive(t, p.Counts.Unsettled)
	assert.Equal(t, "W921", p.Warnings[len(p.Warnings)-1].Code)
}

func estimateOfText(t *testing.T, text string) (*node.Spec, *estimate.Estimate) {
	t.Helper()
	spec := planSpace(t, text).Spec(0)
	return spec, estimate.Of(spec)
}

// What is asked for more than it has is ruled out only where that is sure.
func TestScreeningRulesOutOnlyWhatIsSure(t *testing.T) {
	const text = `objectives = ["users p99 < 100ms", "users errors < 0.1%"]
[client.users]
target = "web"
arrivals = "poisson 110/s"
[server.web]
cores = 1
price_per_hour = 0.1
on.request = [{ cpu = "exp 10ms" }]
[plan]
vary = { "server.web.cores" = [1, 2] }
`
	for _, tt := range []struct {
		name, old, new string
		ruled          bool
	}{
		{"more than it has", "", "", true},
		{"just as much as it has", "110/s", "99/s", false},
		{"a hundredth may wait for ever, of whom each may be heavier", "110/s", "102/s", false},
		{"errors are bounded", `"poisson 110/s"`, "\"poisson 110/s\"\ntimeout = \"1s\"", true},
		{"errors are not bounded", `, "users errors < 0.1%"]`, "]\n#", true},
		{"nor can they be left out", `"users errors < 0.1%"]`, "\"users throughput > 1/s\"]", true},
		{"an objective that nobody waits for", `"users p99 < 100ms", `, "", false},
		{"most may be refused", `"users p99 < 100ms", "users errors < 0.1%"`, `"users p99 < 100ms", "users errors < 50%"`, true},
		{"users wait for answers", `arrivals = "poisson 110/s"`, "users = 500", false},
		{"another answer will do", `[{ cpu = "exp 10ms" }]`, "[{ call = \"db\", fallback = [] }]\n[server.db]\non.request = [{ cpu = \"exp 10ms\" }]", false},
	} {
		changed := text
		if tt.old != "" {
			require.Contains(t, text, tt.old)
			changed = strings.Replace(text, tt.old, tt.new, 1)
		}
		spec, e := estimateOfText(t, changed)
		assert.Equal(t, tt.ruled, overAsked(spec, e) != "", "%s: %q", tt.name, overAsked(spec, e))
	}
}

// Where requests may be refused and no objective bounds how many, nothing is
// ruled out, and a design that fails does not speak for others.
func TestWhereAnyNumberMayBeLostNothingIsSure(t *testing.T) {
	const text = `objectives = ["users p99 < 100ms"]
[client.users]
target = "web"
arrivals = "poisson 200/s"
[server.web]
cores = 1
concurrency = 1
backlog = 2
on.request = [{ cpu = "exp 10ms" }]
[plan]
vary = { "server.web.cores" = [1, 2] }
`
	spec, e := estimateOfText(t, text)
	assert.Empty(t, overAsked(spec, e))
	assert.False(t, boundsErrors(spec))
	bounded, e := estimateOfText(t, strings.Replace(text, `100ms"]`, `100ms", "users errors < 1%"]`, 1))
	assert.NotEmpty(t, overAsked(bounded, e))
	assert.True(t, boundsErrors(bounded))
}

// The price of a fixed fleet is exact, that of an autoscaled one has a bound.
func TestDesignsArePricedBeforehand(t *testing.T) {
	const text = `objectives = ["users p99 < 100ms"]
[run]
duration = "60s"
warmup = "0s"
[client.users]
target = "lb"
arrivals = "poisson 50/s"
response_size = "constant 20kB"
[load_balancer.lb]
targets = ["web"]
price_per_hour = 0.03
[server.web]
instances = 3
price_per_hour = 0.2
discount = "25%"
on.request = [{ cpu = "exp 10ms" }]
[plan]
vary = { "server.web.cores" = [1, 2] }
`
	spec, e := estimateOfText(t, text)
	c := priceOf(spec, e)
	assert.InDelta(t, 730*(0.03+3*0.15), c.month, 1e-9)
	assert.InDelta(t, c.month, c.low, 1e-9)
	assert.True(t, c.exact)
	r, err := Run(spec, Options{})
	require.NoError(t, err)
	assert.InDelta(t, c.month, *r.Cost.Monthly.Mean, 1e-6, "as simulated")

	spec, e = estimateOfText(t, text+"[network]\nsame_zone = \"constant 0ms\"\ninternet = \"constant 1ms\"\negress_price = 0.09\n")
	c = priceOf(spec, e)
	used := 50 * 20e3 / 1e9 * 730 * 3600 * 0.09
	assert.InDelta(t, 730*(0.03+3*0.15)+used, c.month, 1e-6)
	assert.InDelta(t, 730*(0.03+3*0.15)+(0.9-4/math.Sqrt(50*60))*used, c.low, 1e-6)
	assert.False(t, c.exact)
}

// The order of values: more of a resource, and no order where more may be
// worse.
func TestWhichValuesHaveAnOrder(t *testing.T) {
	const text = `objectives = ["users p99 < 100ms"]
[client.users]
target = "lb"
arrivals = "poisson 50/s"
[load_balancer.lb]
targets = ["web"]
policy = "least-connections"
[server.web]
instances = 2
concurrency = 8
on.request = [{ cpu = "exp 10ms" }]
[plan]
vary = { %s }
`
	for _, tt := range []struct {
		vary string
		why  []string // part of it; "": it has an order
	}{
		{`"server.web.instances" = [1, 4, 2]`, []string{""}},
		{`"server.web.cores" = [1, 2]`, []string{""}},
		{`"server.web.type" = ["aws:m7i.large", "aws:m7i.xlarge"]`, []string{""}},
		{`"server.web.concurrency" = [1, 2]`, []string{"more of it may be worse"}},
		{`"load_balancer.lb.policy" = ["round-robin", "ip-hash"], "server.web.instances" = [1, 2]`, []string{"nobody knows", "not decided by the load"}},
	} {
		s := &planning{plan: planSpace(t, fmt.Sprintf(text, tt.vary)), winner: -1}
		o := s.orders(s.variants())
		for d := range tt.why {
			if tt.why[d] == "" {
				assert.Empty(t, o.why[d], tt.vary)
			} else {
				assert.Contains(t, o.why[d], tt.why[d], tt.vary)
			}
		}
	}
	s := &planning{plan: planSpace(t, fmt.Sprintf(text, `"server.web.instances" = [1, 4, 2], "server.web.cores" = [1, 2]`)), winner: -1}
	o := s.orders(s.variants())
	assert.True(t, o.noBetter([]int{0, 0}, []int{2, 0}))
	assert.True(t, o.noBetter([]int{2, 0}, []int{1, 1}))
	assert.False(t, o.noBetter([]int{1, 0}, []int{2, 1}), "more instances, fewer cores")
	assert.Equal(t, 4, o.count([]int{2, 1}))
}

// The test goes on where it cannot tell, and decides by the figure only within
// the zone or at the last look.
func TestWhereAFigureLies(t *testing.T) {
	at := func(mean, half float64, compare string, value float64) side {
		return lies(result.Estimate{Mean: &mean}, half, &node.Objective{Compare: compare, Value: value})
	}
	assert.Equal(t, within, at(1, 0.5, "<", 2))
	assert.Equal(t, unclear, at(1.8, 0.5, "<", 2))
	assert.Equal(t, beyond, at(3, 0.5, "<", 2))
	assert.Equal(t, beyond, at(0.9, 0.05, ">", 0.99))
	assert.InDelta(t, 0.002, zone(&node.Objective{Metric: "p99", Compare: "<", Value: 0.2}), 1e-12)
	assert.InDelta(t, 0.0001, zone(&node.Objective{Metric: "within", Compare: ">", Value: 0.99}), 1e-12)
	assert.Equal(t, []int{5, 10, 20, 40}, looks(5))
	assert.Equal(t, []int{3, 6, 12, 24}, looks(1))
	assert.Equal(t, []int{60, 100}, looks(60))
	assert.Equal(t, []int{100}, looks(1000))
}

// Of 60 races of designs 4 % on either side of an objective, with so few
// replications that the first look seldom tells, next to none is decided
// wrongly: the doubt of a first race is a fortieth.
func TestRacesAreSeldomWrong(t *testing.T) {
	exact := theory.MMc{Lambda: 60, Mu: 100, C: 1}.ResponseMean()
	wrong, looked := 0, 0
	for seed := range 60 {
		value := exact * []float64{0.96, 1.04}[seed%2]
		space := planSpace(t, fmt.Sprintf(`objectives = ["users mean < %.6fs"]
[run]
duration = "60s"
warmup = "2s"
replications = 3
seed = %d
[client.users]
target = "web"
arrivals = "poisson 60/s"
[server.web]
cores = 1
on.request = [{ cpu = "exp 10ms" }]
[plan]
vary = { "server.web.cores" = [1] }
`, value, seed+1))
		space.Most = 1
		s := &planning{plan: space, winner: -1}
		r, err := s.race(0, planLooks)
		require.NoError(t, err)
		if r.feasible() != (value > exact) {
			wrong++
		}
		looked = max(looked, len(r.cases[0].f.snaps))
	}
	assert.LessOrEqual(t, wrong, 4, "of 60, most of them by the last look")
	assert.Greater(t, looked, 3, "some had to go on")
}

// Margins count what is not used of what is allowed.
func TestMargins(t *testing.T) {
	of := func(mean float64, metric, compare string, value float64) float64 {
		m, _ := marginOf(result.Estimate{Mean: &mean}, &node.Objective{Metric: metric, Compare: compare, Value: value})
		if m == nil {
			return math.NaN()
		}
		return *m
	}
	assert.InDelta(t, 0.2, of(0.08, "p99", "<", 0.1), 1e-12)
	assert.InDelta(t, -0.1, of(0.11, "p99", "<", 0.1), 1e-12)
	assert.InDelta(t, 0.5, of(0.995, "availability", ">", 0.99), 1e-12)
	assert.InDelta(t, -1, of(0.98, "within", ">", 0.99), 1e-12)
	assert.InDelta(t, 0.1, of(110, "throughput", ">", 100), 1e-12)
	assert.True(t, math.IsNaN(of(1, "errors", "<", 0)))
}
