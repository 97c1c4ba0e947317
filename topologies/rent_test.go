package topologies

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/node"
)

// pricedShop has one of each kind of node that is paid for.
const pricedShop = `
[catalog.r740]
cores = 32
memory = "128GiB"
price_per_hour = 0.21
[catalog.spot]
like = "aws:m7i.xlarge"
price_per_hour = 0.08
[client.users]
target = "edge"
arrivals = "poisson 80/s"
response_size = "20kB"
[cdn.edge]
origin = "lb"
cacheable = { request = "60s" }
egress_price = 0.05
price_per_hour = 0.5
discount = "20%"
[load_balancer.lb]
type = "aws:alb"
targets = ["web"]
price_per_hour = 0.03
[server.web]
type = "aws:m7i.large"
instances = 3
discount = "30%"
on.request = [{ get = "near", miss = [{ call = "orders" }] }, { call = "pay" }, { publish = "mails" }]
[cache.near]
type = "aws:r7g.large"
hit_ratio = 0.5
[database.orders]
type = "r740"
replicas = 2
route_reads = "replicas"
read.request = [{ cpu = "1ms" }]
[external.pay]
price_per_call = 0.0001
discount = 0.5
[queue.mails]
consumer = "mailer"
price_per_hour = 0.05
[server.mailer]
type = "spot"
on.request = [{ cpu = "1ms" }]
`

func pricedSpec(t *testing.T, text, design string, sets ...Setting) *node.Spec {
	t.Helper()
	spec, report := specOf(memory{"shop.toml": text}, "shop.toml", Options{Set: sets}, design)
	require.NotNil(t, spec, headlines(report))
	return spec
}

// hourly lists what an hour of an instance of each node costs, without and
// with its discount.
func hourly(spec *node.Spec) map[string][2]float64 {
	out := map[string][2]float64{}
	for i := range spec.Nodes {
		if n := &spec.Nodes[i]; n.Rent != nil {
			out[n.Name] = [2]float64{n.Rent.Hourly, n.Discounted(n.Rent.Hourly)}
		}
	}
	return out
}

func TestWhatAnHourCosts(t *testing.T) {
	spec := pricedSpec(t, strings.Replace(pricedShop, "origin = \"lb\"\n", "origin = \"lb\"\nshield = true\n", 1), "")
	assert.InDeltaMapValues(t, map[string]float64{
		"edge": 0.5, "lb": 0.03, "web": 0.1008, "near": 0.1071, "orders": 0.21, "mails": 0.05, "mailer": 0.08,
	}, first(hourly(spec)), 1e-12)
	assert.InDelta(t, 0.1008*0.7, hourly(spec)["web"][1], 1e-12)
	assert.InDelta(t, 0.4, hourly(spec)["edge"][1], 1e-12)
	assert.Empty(t, spec.Unpriced(), "the shield is a part of its CDN")
	for i := range spec.Nodes {
		n := &spec.Nodes[i]
		switch n.Name {
		case "web":
			assert.Contains(t, n.Rent.Source, "aws us-east-1 on demand, with Linux, 2026-07-20 (")
		case "orders":
			assert.Equal(t, []any{"r740", 32, uint64(128 << 30), "", 3}, []any{n.Server.Type, n.Server.Cores, n.Server.Memory, n.Rent.Source, n.Instances})
		case "mailer":
			assert.Equal(t, []any{"spot", 4, ""}, []any{n.Server.Type, n.Server.Cores, n.Rent.Source})
			assert.InDelta(t, 1.562e9/8, n.Server.Network, 1e-3, "what like gives that the table leaves out")
		case "pay":
			assert.Equal(t, []float64{0.0001, 0.5}, []float64{n.External.PricePerCall, n.Discount})
		}
	}
}

func first(of map[string][2]float64) map[string]float64 {
	out := map[string]float64{}
	for name, x := range of {
		out[name] = x[0]
	}
	return out
}

// The figure of the file goes before that of the type, whichever of the two
// a design gives.
func TestThePriceOfTheFileGoesFirst(t *testing.T) {
	const own = pricedShop + "[design.own]\nserver.web.price_per_hour = 0.09\n[design.free]\nserver.web.price_per_hour = 0\n[design.big]\nserver.web.type = \"aws:m7i.4xlarge\"\n" +
		"[design.dear]\ncatalog.r740.price_per_hour = 0.5\n"
	for design, want := range map[string]float64{"own": 0.09, "free": 0, "big": 0.8064, "": 0.1008} {
		spec := pricedSpec(t, own, design)
		assert.InDelta(t, want, hourly(spec)["web"][0], 1e-12, design)
		for i := range spec.Nodes {
			if n := &spec.Nodes[i]; n.Name == "web" {
				assert.Equal(t, design == "" || design == "big", n.Rent.Source != "", design)
			}
		}
	}
	assert.InDelta(t, 0.5, hourly(pricedSpec(t, own, "dear"))["orders"][0], 1e-12)
	assert.InDelta(t, 0.3, hourly(pricedSpec(t, own, "", Setting{Text: "catalog.spot.price_per_hour=0.3", Arg: 1}))["mailer"][0], 1e-12)

	file := strings.Replace(pricedShop, "instances = 3\n", "instances = 3\nprice_per_hour = 0.09\n", 1) + "[design.big]\nserver.web.type = \"aws:m7i.4xlarge\"\n"
	_, report := specOf(memory{"shop.toml": file}, "shop.toml", Options{}, "big")
	require.Len(t, headlines(report), 1)
	assert.Contains(t, headlines(report)[0], `warning[W408]: design.big.server.web.type: the file gives price_per_hour = 0.09, which goes before the 0.8064 of "aws:m7i.4xlarge"`)
}

// What is printed costs the same when it is read again.
func TestAnotherCurrencyHasNoPricesOfTheList(t *testing.T) {
	const machines = `
[catalog.spot]
like = "aws:m7i.xlarge"
[catalog.own]
like = "aws:m7i.xlarge"
price_per_hour = 0.21
[client.users]
target = "lb"
arrivals = "poisson 80/s"
[load_balancer.lb]
targets = ["listed", "spot", "own", "paid"]
price_per_hour = 0
[server.listed]
type = "aws:m7i.large"
on.request = []
[server.spot]
type = "spot"
on.request = []
[server.own]
type = "own"
on.request = []
[server.paid]
type = "aws:m7i.large"
price_per_hour = 0.3
on.request = []
`
	dollars, euros := mustSpec(t, machines, Options{}, ""), mustSpec(t, "currency = \"EUR\"\n"+machines, Options{}, "")
	assert.Equal(t, []string{"USD", "EUR"}, []string{dollars.Currency, euros.Currency})
	assert.Empty(t, dollars.Unpriced())
	rents := map[string]float64{}
	for i := range euros.Nodes {
		if n := &euros.Nodes[i]; n.Kind == node.Server && n.Rent != nil {
			rents[n.Name] = n.Rent.Hourly
		}
	}
	assert.Equal(t, map[string]float64{"own": 0.21, "paid": 0.3}, rents)
	_, report := specOf(memory{"shop.toml": "currency = \"EUR\"\n" + machines}, "shop.toml", Options{}, "")
	require.Len(t, report.Diagnostics(), 1)
	assert.Equal(t, `W412: "listed", "spot" have no price`, report.Diagnostics()[0].Code+": "+strings.SplitN(report.Diagnostics()[0].Message, ":", 2)[0])
	assert.Contains(t, report.Diagnostics()[0].Hint, "the prices of the list are in USD, and the file is in EUR")
	free := strings.Replace(machines, "price_per_hour = 0\n", "", 1) // the list has no balancers in any currency
	for _, typed := range []string{"listed", "spot"} {
		free = strings.Replace(free, "[server."+typed+"]\n", "[server."+typed+"]\nprice_per_hour = 0.1\n", 1)
	}
	_, report = specOf(memory{"shop.toml": "currency = \"EUR\"\n" + free}, "shop.toml", Options{}, "")
	require.Len(t, report.Diagnostics(), 1)
	assert.Equal(t, "give it price_per_hour, 0 for what is free", report.Diagnostics()[0].Hint)
	for _, wrong := range []string{`"eur"`, `"EURO"`, `""`, "5"} {
		_, report := specOf(memory{"shop.toml": "currency = " + wrong + "\n" + machines}, "shop.toml", Options{}, "")
		assert.Contains(t, headlines(report)[0], ": currency: expected ", wrong)
	}
}

func TestPrintKeepsPrices(t *testing.T) {
	for _, design := range []string{"", "deployed"} {
		text := pricedShop + "[design.deployed]\ndeploy = [{ at = \"1m\", target = \"web\", set = { type = \"r740\" } }]\n"
		want := pricedSpec(t, text, design)
		out := printed(t, text, design, Options{})
		assert.Contains(t, out, "price_per_hour = 0.1008                     # aws:m7i.large\n")
		again := pricedSpec(t, out, "")
		assert.Equal(t, hourly(want), hourly(again))
		for i := range want.Nodes {
			assert.Equal(t, want.Nodes[i].Rents, again.Nodes[i].Rents, want.Nodes[i].Name)
		}
	}
}

// A deploy that sets a type sets its price, and may set a price alone.
func TestDeploysSetPrices(t *testing.T) {
	rents := func(set string) []*node.Rent {
		spec := pricedSpec(t, pricedShop+"[[deploy]]\nat = \"1m\"\ntarget = \"web\"\nset = { "+set+" }\n", "")
		for i := range spec.Nodes {
			if n := &spec.Nodes[i]; n.Name == "web" {
				require.Len(t, n.Rents, len(n.Machines))
				return n.Rents
			}
		}
		return nil
	}
	assert.InDelta(t, 0.21, rents(`type = "r740"`)[0].Hourly, 1e-12)
	assert.InDelta(t, 0.8064, rents(`type = "aws:m7i.4xlarge"`)[0].Hourly, 1e-12)
	assert.InDelta(t, 0.09, rents(`price_per_hour = 0.09`)[0].Hourly, 1e-12)
	assert.InDelta(t, 0.7, rents(`type = "r740", price_per_hour = 0.7`)[0].Hourly, 1e-12)
	assert.InDelta(t, 0.1008, rents(`cores = 4`)[0].Hourly, 1e-12, "as it was")
}

func TestPricesThatMeanNothing(t *testing.T) {
	with := func(old, text string) string { return strings.Replace(pricedShop[1:], old, text, 1) }
	bare := strings.Replace(shop, "cores = 1", "cores = 1\ndiscount = \"30%\"", 1)
	require.NotEqual(t, shop, bare)
	told(t, []finding{
		{with("[catalog.r740]", "[catalog.\"aws:m7i.large\"]\ncores = 3\n[catalog.r740]"), `1:10: error[E401]: catalog."aws:m7i.large": the price list has a machine "aws:m7i.large": …`, `hint: for example [catalog.own] like = "aws:m7i.large"`},
		{with(`like = "aws:m7i.xlarge"`, `like = "aws:m7i.xlrge"`), `6:8: error[E205]: catalog.spot.like: the price list has no machine "aws:m7i.xlrge"; did you mean "aws:m7i.xlarge"?`, "hint: capsim explain machines"},
		{with(`like = "aws:m7i.xlarge"`, `like = "r740"`), `6:8: error[E205]: catalog.spot.like: the price list has no machine "r740"`, "hint: capsim explain machines"},
		{with("cores = 32", "cors = 32"), `2:1: error[E201]: catalog.r740.cors: unknown key; did you mean "cores"?`, ""},
		{with("cores = 32", "cores = 0"), `2:9: error[E302]: catalog.r740.cores: must be from 1 to 1000000, got 0`, ""},
		{with("price_per_hour = 0.21", "price_per_hour = -0.21"), `4:18: error[E302]: catalog.r740.price_per_hour: must be at least 0, got -0.21`, ""},
		{with("price_per_hour = 0.21", `price_per_hour = "0.21"`), `4:18: error[E204]: catalog.r740.price_per_hour: expected an amount of money such as 0.09, got a string`, ""},
		{"[catalog]\ncores = 3\n" + shop, `2:9: error[E204]: catalog.cores: expected a table [catalog.NAME], got an integer`, "hint: give the machine a name: [catalog.NAME]"},
		{"[catalog]\nbig = 3\n" + shop, `2:7: error[E204]: catalog.big: expected a table [catalog.NAME], got an integer`, "hint: each machine is a table: [catalog.NAME]"},
		{"catalog = 3\n" + shop, `1:11: error[E204]: catalog: expected tables [catalog.NAME], got an integer`, "hint: each machine is a table of its own"},
		{"[catalog.\"\"]\ncores = 3\n" + strings.Replace(shop, "cores = 1", `type = ""`, 1), `1:10: error[E209]: catalog."": a name must not be empty`, ""},
		{"[catalog.big]\n" + strings.Replace(shop, "cores = 1", `type = "big"`, 1), `1:1: error[E203]: catalog.big: a machine needs a size or a price`, "hint: for example cores = 32"},
		{"[catalog.big]\ncores = 3\n" + shop, `1:10: warning[W403]: catalog.big: nothing is of the type "big": it changes nothing`, `type = "big"`},
		{bare, `8:1: warning[W403]: server.web.discount: "web" has no price: there is nothing to take a discount off`, "hint: for example price_per_hour = 0.19"},
		{with("discount = 0.5", "discount = 1.5"), "…", "0% to 100%"},
		{with("price_per_call = 0.0001\ndiscount = 0.5", "discount = 0.5"), "…", "hint: for example price_per_call = 0.0001"},
		{with("price_per_hour = 0.03\n", ""), `18:16: warning[W412]: load_balancer.lb: "lb" has no price: the cost leaves it out`, "hint: give it price_per_hour, 0 for what is free\n"},
		{strings.NewReplacer("price_per_hour = 0.03\n", "", `type = "aws:r7g.large"`, "").Replace(pricedShop[1:]), `18:16: warning[W412]: load_balancer.lb: "lb", "near" have no price: the cost leaves them out`,
			`hint: give them price_per_hour, 0 for what is free, or a type that has a price, such as "aws:m7i.large"`},
	})
}

// A wrong name is one that the file may have meant.
func TestNamesOfMachinesOfTheFile(t *testing.T) {
	got := check(t, strings.Replace(pricedShop[1:], `type = "spot"`, `type = "spott"`, 1))
	require.Len(t, got, 2)
	assert.Contains(t, got[0], `warning[W403]: catalog.spot: nothing is of the type "spot": it changes nothing`)
	assert.Contains(t, got[1], `error[E205]: server.mailer.type: unknown machine "spott"; did you mean "spot"?`)
	spot := pricedShop[1:] + "[design.plain]\nserver.mailer.type = \"aws:m7i.large\"\n"
	_, report := specOf(memory{"shop.toml": spot}, "shop.toml", Options{}, "plain")
	assert.Empty(t, headlines(report), "another design is of that type")
}

// Without any price nothing is said of it; where only calls or bytes have one,
// the result says what it leaves out; an objective on the cost asks for all.
func TestWhenMissingPricesAreSaid(t *testing.T) {
	pays := strings.Replace(shop, `{ cpu = "exp 10ms" }`, `{ cpu = "exp 10ms" }, { call = "pay" }`, 1) + "[external.pay]\nprice_per_call = 0.001\n"
	assert.Empty(t, check(t, shop))
	assert.Empty(t, check(t, pays))
	assert.Equal(t, []string{`shop.toml:7:9: warning[W412]: server.web: "web" has no price: the cost leaves it out`}, check(t, "objectives = [\"cost < 5\"]\n"+pays))
	assert.Equal(t, []int{0}, []int{len(pricedSpec(t, shop, "").Unpriced())})
	assert.Len(t, pricedSpec(t, pays, "").Unpriced(), 1)
}

// What is taken for a type of the file's own is what the node says, written
// out.
func TestAMachineOfTheFileIsItsKeys(t *testing.T) {
	typed := pricedSpec(t, "[catalog.own]\ncores = 6\nspeed = 1.5\nmemory = \"2GB\"\nnetwork = \"3Gbps\"\ndisk = { iops = 500, depth = 4 }\nprice_per_hour = 0.3\n"+
		strings.Replace(shop, "cores = 1", `type = "own"`, 1), "")
	written := pricedSpec(t, strings.Replace(shop, "cores = 1", "cores = 6\nspeed = 1.5\nmemory = \"2GB\"\nnetwork = \"3Gbps\"\ndisk = { iops = 500, depth = 4 }\nprice_per_hour = 0.3\n", 1), "")
	for i := range written.Nodes {
		if n := &typed.Nodes[i]; n.Server != nil {
			assert.Equal(t, "own", n.Server.Type)
			n.Server.Type = ""
		}
		assert.Equal(t, written.Nodes[i].Server, typed.Nodes[i].Server)
		assert.Equal(t, written.Nodes[i].Rent, typed.Nodes[i].Rent)
	}
}
