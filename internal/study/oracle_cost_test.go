package study

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
)

// lineOf is a line of the cost.
func lineOf(t *testing.T, c *result.Cost, at, item string) result.CostLine {
	t.Helper()
	require.NotNil(t, c)
	for _, line := range c.Lines {
		if line.Node == at && line.Item == item {
			return line
		}
	}
	require.Fail(t, "no line "+at+" "+item)
	return result.CostLine{}
}

func costOf(t *testing.T, text string) (keyAnswer, *result.Cost) {
	t.Helper()
	a := answerTo(t, map[string]keyAnswer{}, text, "")
	require.Empty(t, a.refused, text)
	require.NotNil(t, a.Cost, text)
	return a, a.Cost
}

// The identities of costs (A14): a fixed fleet of 5 x 0.096 USD an hour is
// 350.40 a month; 120 million calls at 0.20 a million are 24; 500 GB at 0.09
// are 45.
func TestCostIdentities(t *testing.T) {
	_, c := costOf(t, `[client.users]
target = "web"
arrivals = "constant 1/s"
[server.web]
type = "aws:m5.large"
instances = 5
on.request = [{ cpu = "1ms" }]
[run]
duration = "7m"
warmup = "0s"
replications = 2
`)
	assert.InDelta(t, 350.40, *c.Monthly.Mean, 1e-9)
	assert.Zero(t, *c.Monthly.HalfWidth)
	line := lineOf(t, c, "web", "instances (aws:m5.large)")
	assert.Equal(t, []any{5.0, "hour", 0.096}, []any{line.Quantity, line.Unit, *line.Price})
	assert.InDelta(t, 350.40, *line.Monthly, 1e-9)
	assert.Empty(t, c.Without)
	require.Len(t, c.Sources, 1)
	assert.Contains(t, c.Sources[0], "aws us-east-1 on demand, with Linux, 2026-07-20")
	// 2,628,000 seconds have a month: 350.40 / 2.628 million requests.
	assert.InDelta(t, 350.40/2.628, *c.PerMillionRequests.Mean, 0.002*350.40/2.628)

	// 2,628,000 s at a/s: 120 M calls are 45.662.../s, 500 GB 190.26 kB/s.
	const text = `[network]
egress_price = 0.09
[client.users]
target = "web"
arrivals = "constant 100/s"
response_size = "%s"
[server.web]
on.request = [{ call = "pay" }]
[external.pay]
price_per_call = %s
[run]
duration = "100s"
warmup = "1s"
replications = 2
`
	_, c = costOf(t, fmt.Sprintf(text, "20kB", "0.0000002"))
	calls := lineOf(t, c, "pay", "calls")
	assert.InDelta(t, 262.8e6, calls.Quantity, 262.8e6*1.1e-4, "100/s for a month, to one request in 10,000")
	assert.InDelta(t, calls.Quantity*0.2/1e6, *calls.Monthly, 1e-9)
	assert.InDelta(t, 24.0, *calls.Monthly/calls.Quantity*120e6, 1e-9, "120 million calls at 0.20 a million")
	egress := lineOf(t, c, "network", "egress GB")
	assert.InDelta(t, 262.8e6*20e3/1e9, egress.Quantity, 0.6)
	assert.InDelta(t, 45.0, *egress.Monthly/egress.Quantity*500, 1e-9, "500 GB at 0.09")
	assert.InDelta(t, *calls.Monthly+*egress.Monthly, *c.Monthly.Mean, 1e-9)
	assert.Equal(t, []string{"web"}, c.Without, "of which nobody knows what it costs")
	assert.Nil(t, lineOf(t, c, "web", "instances").Monthly)
}

// A commitment costs what it costs, used or not: it pays from the share of
// the time on at which its price is that of what is used on demand (A14).
func TestACommitmentPaysFromItsBreakEven(t *testing.T) {
	const onDemand, committed = 0.2016, 0.1210
	at := func(started float64) (flexible, fixed float64) {
		spec := node.Node{Name: "app", Kind: node.Server, Instances: 1, Discount: 1 - committed/onDemand, Rent: &node.Rent{Hourly: onDemand}}
		reserved := spec.Monthly(spec.Rent)
		spec.Discount = 0
		return started * spec.Monthly(spec.Rent), reserved
	}
	even := committed / onDemand
	flexible, fixed := at(even)
	assert.InDelta(t, fixed, flexible, 1e-9)
	flexible, fixed = at(even + 0.01)
	assert.Greater(t, flexible, fixed)
	flexible, fixed = at(even - 0.01)
	assert.Less(t, flexible, fixed)
	assert.InDelta(t, 730*0.1210, fixed, 1e-9)
}

// Every kind of node, its discount and its number, against sums done by hand.
func TestCostsByHand(t *testing.T) {
	text := strings.Replace(keyPriced, "[catalog.own]\ncores = 2\n", "[catalog.own]\ncores = 2\n[database.orders]\ntype = \"azure:Standard_D2s_v5\"\nshards = 3\nreplicas = 1\nread.request = [{ cpu = \"1ms\" }]\n", 1)
	text = strings.Replace(text, "[server.web]\n", "[server.web]\ninstances = 4\n", 1)
	text = strings.Replace(text, "[cache.near]\n", "[cache.near]\ninstances = 2\n", 1)
	text = strings.Replace(text, "[load_balancer.lb]\n", "[load_balancer.lb]\ninstances = 2\n", 1)
	text = strings.Replace(text, `{ publish = "mails" }`, `{ publish = "mails" }, { call = "orders" }`, 1)
	text = strings.Replace(text, "[cdn.edge]\n", "[cdn.edge]\npops = 7\n", 1)
	a, c := costOf(t, text+keyRun)
	for _, want := range []struct {
		node, item      string
		quantity, month float64
	}{
		{"edge", "service", 1, 0.5 * 0.99 * 730},
		{"lb", "instances", 2, 2 * 0.3 * 0.98 * 730},
		{"web", "instances (own)", 4, 4 * 0.2 * 0.97 * 730},
		{"near", "instances", 2, 2 * 0.1 * 0.96 * 730},
		{"mails", "service", 1, 0.04 * 0.94 * 730},
		{"orders", "instances (azure:Standard_D2s_v5)", 6, 6 * 0.096 * 730},
	} {
		line := lineOf(t, c, want.node, want.item)
		assert.InDelta(t, want.quantity, line.Quantity, 1e-12, want)
		assert.InDelta(t, want.month, *line.Monthly, 1e-9, want)
	}
	const months = 5 * 10.0 / (730 * 3600) // five replications of 10 s
	calls := lineOf(t, c, "pay", "calls")
	assert.InEpsilon(t, float64(a.Nodes["pay"].Arrivals)/months, calls.Quantity, 1e-12)
	assert.InEpsilon(t, float64(a.Nodes["pay"].Arrivals)/months*0.000001*0.95, *calls.Monthly, 1e-12)
	egress := lineOf(t, c, "edge", "egress GB")
	assert.InEpsilon(t, egress.Quantity*0.05*0.99, *egress.Monthly, 1e-12)
	sum, last := 0.0, 1e18
	for _, line := range c.Lines {
		if line.Monthly != nil {
			sum += *line.Monthly
			assert.LessOrEqual(t, *line.Monthly, last, "the dearest first")
			last = *line.Monthly
		}
	}
	assert.InEpsilon(t, sum, *c.Monthly.Mean, 1e-12)
	assert.Equal(t, []string{"mailer"}, c.Without)
	ok := 0.0
	for _, client := range a.Clients {
		ok += *client.ThroughputRPS.Mean
	}
	assert.InEpsilon(t, sum/(ok*730*3600/1e6), *c.PerMillionRequests.Mean, 1e-12)
}

// What an autoscaled server costs is its price by the integral of the number
// that has been started, which is that of the series of the result, row by
// row; and of a deploy, each machine by its own price while it is there.
func TestCostsFollowTheInstances(t *testing.T) {
	a, c := costOf(t, `[client.users]
target = "app"
arrivals = "poisson 0/s"
stages = [{ duration = "1m", target = "400/s" }, { duration = "1m", target = "50/s" }]
[server.app]
type = "aws:m7i.large"
discount = "25%"
autoscale = { min = 1, max = 20, target = "cpu 60%", every = "10s", boot = "15s", cooldown = "20s" }
on.request = [{ cpu = "exp 15ms" }]
[run]
duration = "4m"
replications = 3
`)
	at := slices.Index(a.Series.Columns, "app instances")
	sum := 0.0
	for k, row := range a.Series.Rows {
		width := a.Series.WindowS
		if k == len(a.Series.Rows)-1 {
			width = 240 - *row[0]
		}
		sum += *row[at] * width
	}
	line := lineOf(t, c, "app", "instances (aws:m7i.large)")
	assert.Greater(t, line.Quantity, 2.0, "it has grown")
	assert.InEpsilon(t, sum/240, line.Quantity, 1e-9)
	assert.InEpsilon(t, sum/240*0.1008*0.75*730, *c.Monthly.Mean, 1e-9)
	assert.Positive(t, *c.Monthly.HalfWidth)
	assert.InEpsilon(t, *a.Nodes["app"].Instances.Mean, line.Quantity, 1e-12)
}

// Deploys: a second set costs as much again while both are there; the machine
// that is new costs its own price from when it starts, those that are in
// place from when they start anew.
func TestCostsOfDeploys(t *testing.T) {
	deployed := func(strategy, set string) *result.Cost {
		_, c := costOf(t, fmt.Sprintf(`[client.users]
target = "app"
arrivals = "constant 1/s"
[server.app]
type = "aws:m7i.large"
instances = 4
on.request = [{ cpu = "1ms" }]
[[deploy]]
at = "30s"
target = "app"
strategy = %q
boot = "20s"
drain = "0s"
%s
[run]
duration = "100s"
warmup = "0s"
replications = 2
`, strategy, set))
		return c
	}
	const large, xlarge = 0.1008, 0.2016
	c := deployed("blue-green", "")
	assert.InDelta(t, 4*(1+0.2)*large*730, *c.Monthly.Mean, 1e-6, "both sets for the 20 s of the boot")
	c = deployed("blue-green", `set = { type = "aws:m7i.xlarge" }`)
	assert.InDelta(t, 4*0.5, lineOf(t, c, "app", "instances (aws:m7i.large)").Quantity, 1e-9)
	assert.InDelta(t, 4*0.7, lineOf(t, c, "app", "instances (aws:m7i.xlarge)").Quantity, 1e-9)
	assert.InDelta(t, 4*(0.5*large+0.7*xlarge)*730, *c.Monthly.Mean, 1e-6)
	c = deployed("in-place", `set = { type = "aws:m7i.xlarge" }`)
	assert.InDelta(t, 4*(0.3*large+0.7*xlarge)*730, *c.Monthly.Mean, 1e-6)
	// One after the other, each away for its 20 s: they turn at 30, 50, 70, 90 s.
	c = deployed("rolling", `set = { type = "aws:m7i.xlarge" }`)
	before := (0.3 + 0.5 + 0.7 + 0.9) * large
	assert.InDelta(t, (before+(4-2.4)*xlarge)*730, *c.Monthly.Mean, 1e-6)
	c = deployed("rolling", `set = { cores = 3, price_per_hour = 0.5 }`)
	assert.InDelta(t, (before+(4-2.4)*0.5)*730, *c.Monthly.Mean, 1e-6)
}

// Nobody counts what dies: dead machines are paid for.
func TestDeadMachinesCost(t *testing.T) {
	_, c := costOf(t, strings.Replace(keyOutage, "instances = 3", "instances = 3\nprice_per_hour = 1", 1))
	assert.InDelta(t, 3*730.0, *c.Monthly.Mean, 1e-9)
}

// An objective on the cost is judged by its figure; without any price nobody
// knows.
func TestObjectivesOnTheCost(t *testing.T) {
	a, c := costOf(t, "objectives = [\"cost <= 350.40\", \"cost_per_million < 3\"]\n"+keyPriced+keyRun)
	require.Len(t, a.Objectives, 2)
	assert.Equal(t, []any{c.Monthly, c.PerMillionRequests}, []any{a.Objectives[0].Actual, a.Objectives[1].Actual})
	assert.Equal(t, []string{result.Missed, result.Missed}, []string{a.Objectives[0].Verdict, a.Objectives[1].Verdict})
	free := answerTo(t, map[string]keyAnswer{}, "objectives = [\"cost < 1\"]\n"+keyOneCore+keyRun, "")
	require.Empty(t, free.refused)
	assert.Nil(t, free.Cost)
	assert.Equal(t, result.Undecided, free.Objectives[0].Verdict)
	assert.Equal(t, noPrice, free.Objectives[0].Actual.Note)
	assert.Contains(t, free.Warnings, result.Warning{Code: "W904", Message: `objective "cost < 1" is undecided: nothing here has a price`})
}
