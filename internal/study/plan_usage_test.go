package study

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
)

// Of calls that are paid for, a design costs surely only those that come
// whatever happens: none behind a cache whose content is seen, of which theory
// may think far too little, none that requests which may fail would make, and
// fewer of a few.
func TestWhatIsPaidByUseIsSureOnlyWhereItsNumberIs(t *testing.T) {
	const text = `objectives = ["users p99 < 200ms"]
[run]
duration = "100s"
warmup = "0s"
[client.users]
target = "web"
arrivals = "poisson 100/s"
keys = "zipf s=0.9 n=2000"
[server.web]
price_per_hour = 0.1
cores = 4
on.request = [{ cpu = "exp 4ms" }, { get = "kept", miss = [{ call = "maps" }] }]
[cache.kept]
hit_ratio = "50%"
[external.maps]
latency = "exp 5ms"
price_per_call = 0.000002
[plan]
vary = { "server.web.cores" = [4, 8] }
`
	const calls = 50 * 730 * 3600 * 0.000002
	for _, tt := range []struct {
		name, old, new string
		sure           float64 // of what the calls cost
	}{
		{"half of all requests", "", "", 0.92*0.9 - 4.0/70.710678}, // 1 % may take for ever, and be those that call: 4 × 2 % of the calls
		{"a short window", `"100s"`, `"1s"`, 0.92*0.9 - 4.0/7.0710678},
		{"a cache whose calls go together", `hit_ratio = "50%"`, "capacity = 500\ncoalesce = true", 0},
		{"users who wait for answers", `arrivals = "poisson 100/s"`, "users = 10", 0},
		{"any number may fail", `target = "web"`, "target = \"web\"\ntimeout = \"1s\"", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			changed := text
			if tt.old != "" {
				require.Contains(t, text, tt.old)
				changed = strings.Replace(text, tt.old, tt.new, 1)
			}
			c := priceOf(estimateOfText(t, changed))
			assert.False(t, c.exact)
			assert.Greater(t, c.month, 73.0+1)
			assert.InDelta(t, 73+max(0, tt.sure)*calls, c.low, 1e-4)
		})
	}
	// Where the cache is simulated, theory is believed half of what it thinks.
	changed := strings.NewReplacer(`hit_ratio = "50%"`, "capacity = 200").Replace(text)
	spec, e := estimateOfText(t, changed)
	c, rate := priceOf(spec, e), 0.0
	for i := range e.Nodes {
		if spec.Nodes[e.Nodes[i].Node].External != nil {
			rate = e.Nodes[i].Arrivals
		}
	}
	require.InDelta(t, 50, rate, 25)
	sure := 0.5*(1-4*0.01/(rate/100)) - 4/math.Sqrt(rate*100)
	assert.InDelta(t, 73+sure*rate*730*3600*0.000002, c.low, 1e-4)
	r, err := Run(spec, Options{})
	require.NoError(t, err)
	assert.Greater(t, *r.Cost.Monthly.Mean, c.low, "as simulated")
}

// Where users are starved theory thinks of no calls: that is no reason to price a
// design without those that were simulated.
func TestWhatIsPaidByUseIsNotKnownBeforehand(t *testing.T) {
	const text = `objectives = ["readers p99 < 200ms"]
[run]
duration = "20s"
warmup = "0s"
replications = 3
[client.readers]
target = "web.read"
arrivals = "poisson 120/s"
timeout = "1s"
[client.robots]
target = "web.index"
users = 5
think = "exp 500ms"
[server.web]
price_per_hour = 0.1
concurrency = 16
on.read = [{ call = "kept.read" }]
on.index = [{ call = "ocr" }, { call = "kept.write" }]
[server.kept]
price_per_hour = 0.1
on.read = [{ cpu = "exp 10ms" }]
on.write = [{ cpu = "exp 1ms" }]
[external.ocr]
latency = "exp 5ms"
price_per_call = 0.0005
[plan]
vary = { "server.web.concurrency" = [16, 32] }
`
	spec, e := estimateOfText(t, text)
	for i := range e.Nodes {
		if spec.Nodes[e.Nodes[i].Node].External != nil {
			require.Zero(t, e.Nodes[i].Arrivals, "theory thinks that there are none")
		}
	}
	assert.False(t, priceOf(spec, e).exact)
	_, p := plansOf(t, text)
	require.NotEmpty(t, p.Simulated)
	assert.Greater(t, *p.Simulated[0].Monthly.Mean, 146.0+100)
}

// What is paid for by use is as in the replications that both designs have: the
// cheapest is not the one whose customers called least.
func TestDesignsCostWhatTheSameCustomersCost(t *testing.T) {
	months := func(v ...float64) sample { return sample{num: v, den: []float64{1, 1, 1, 1}[:len(v)]} }
	mean := func(x float64) *result.PlanDesign { return &result.PlanDesign{Monthly: result.Estimate{Mean: &x}} }
	one := &planned{screened: screened{cost: planCost{month: 510}}, shape: mean(515), month: months(500, 530)}
	two := &planned{screened: screened{cost: planCost{month: 547}}, shape: mean(502), month: months(536.5, 566.5, 440, 465)}
	assert.InDelta(t, 36.5, two.dearer(one), 1e-9)
	assert.InDelta(t, -36.5, one.dearer(two), 1e-9)
	assert.InDelta(t, 37, two.dearer(&planned{screened: screened{cost: planCost{month: 510}}}), 1e-9, "one was not simulated")
	none := 0.0
	fixed := &planned{shape: mean(600), month: months(600, 600)}
	fixed.shape.Monthly.HalfWidth = &none
	assert.InDelta(t, 85, fixed.dearer(one), 1e-9, "it is known better than of two replications")
	s := planning{all: []planned{*one}}
	assert.Equal(t, 600.0, s.month(fixed))
	assert.InDelta(t, 515+36.5, s.month(two), 1e-9)

	_, p := plansOf(t, `objectives = ["users p99 < 500ms"]
[run]
duration = "20s"
warmup = "0s"
replications = 4
[client.users]
target = "web"
arrivals = "poisson 20/s"
[server.web]
price_per_hour = 0.05
on.request = [{ call = "maps" }, { cpu = "exp 10ms" }]
[external.maps]
latency = "exp 5ms"
price_per_call = 0.0001
[plan]
vary = { "server.web.instances" = [1, 2] }
`)
	require.Equal(t, 0, p.Winner.Point)
	require.Len(t, p.Neighbors, 1)
	assert.Regexp(t, `^costs 36\.50 more a month`, p.Neighbors[0].Reason)
	assert.InDelta(t, 36.5, *p.Neighbors[0].Monthly-*p.Winner.Monthly.Mean, 1e-6)
}

// The network's price is for what goes out to the internet: not for what a CDN
// has itself, nor for what goes to clients in a zone.
func TestBytesArePaidForWhereTheyGoOut(t *testing.T) {
	const text = `objectives = ["users p99 < 200ms", "cost < 1500"]
zones = ["a"]
[run]
duration = "60s"
warmup = "0s"
replications = 3
[client.users]
target = "edge"
arrivals = "poisson 100/s"
response_size = "100kB"
[network]
internet = "1ms"
egress_price = 0.09
[cdn.edge]
origin = "web"
hit_ratio = "90%"
latency = "1ms"
egress_price = 0.01
[server.web]
price_per_hour = 0.1
on.request = [{ cpu = "exp 2ms" }]
[plan]
vary = { "server.web.instances" = [1, 2] }
`
	const bytes = 100 * 100e3 / 1e9 * 730 * 3600 // in GB a month
	for _, tt := range []struct {
		name    string
		changes []string
		month   float64
	}{
		{"to a CDN that has most", nil, 73 + bytes*(0.1*0.09+0.01)},
		{"from one CDN to the next", []string{`"web"`, `"inner"`, "[server.web]", "[cdn.inner]\norigin = \"web\"\nhit_ratio = \"50%\"\n[server.web]"}, 73 + bytes*(0.05*0.09+0.01)},
		{"to the internet", []string{`"edge"`, `"web"`}, 73 + bytes*0.09},
		{"to a zone", []string{`"edge"`, "\"web\"\nzone = \"a\""}, 73},
		{"through a CDN to a zone", []string{`"edge"`, "\"edge\"\nzone = \"a\""}, 73 + bytes*(0.1*0.09+0.01)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			spec, e := estimateOfText(t, strings.NewReplacer(tt.changes...).Replace(text))
			c := priceOf(spec, e)
			assert.InDelta(t, tt.month, c.month, 1e-6)
			assert.LessOrEqual(t, c.low, tt.month)
			r, err := Run(spec, Options{})
			require.NoError(t, err)
			assert.InEpsilon(t, tt.month, *r.Cost.Monthly.Mean, 0.05, "as simulated")
		})
	}
	_, p := plansOf(t, text)
	require.NotNil(t, p.Winner, "what a CDN has itself is not thought to be paid for")
	assert.Equal(t, 0, p.Winner.Point)
}

// Once a design fails during a fault, the next one is simulated with that fault
// first, and with nothing else if it fails too. What it would do without the
// fault is then not told.
func TestWhatFailedOthersComesFirst(t *testing.T) {
	s := &planning{}
	assert.Equal(t, []int{0, 1, 2}, s.likelyFirst(3))
	s.likely = 2
	assert.Equal(t, []int{2, 0, 1}, s.likelyFirst(3))
	assert.Equal(t, []int{0}, s.likelyFirst(1), "a design that stopped in its pilot")

	space := planSpace(t, planBreaks)
	s = &planning{plan: space, winner: -1}
	require.NoError(t, s.look())
	hopeless := -1 // two of the smallest machines, of which one is lost
	for i := range s.all {
		if c := &s.all[i]; c.at[0] == 0 && c.at[1] == 0 {
			hopeless = i
		}
	}
	s.likely = 2
	require.NoError(t, s.try(hopeless, planLooks))
	c := &s.all[hopeless]
	require.Equal(t, planMissed, c.state)
	require.Len(t, c.shape.Cases, 1)
	assert.Equal(t, "kill zone:b", c.shape.Cases[0].What)
	assert.Nil(t, c.shape.P99S.Mean)
	assert.Equal(t, onlyStruck, c.shape.P99S.Note)
	assert.Contains(t, missesOf(c.shape), "during kill zone:b, and perhaps without it")
	require.NotNil(t, c.shape.Monthly.Mean, "its price is known all the same")
}
