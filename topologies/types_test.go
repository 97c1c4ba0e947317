package topologies

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/models/price"
)

const typedShop = `
[client.users]
target = "lb"
arrivals = "poisson 80/s"
[load_balancer.lb]
targets = ["web"]
price_per_hour = 0
[server.web]
type = "aws:m7i.xlarge"
on.request = [{ cpu = "exp 10ms" }]
[design.big]
server.web.type = "aws:m7i.8xlarge"
[design.fixed]
server.web.cores = 3
[design.elsewhere]
server.web = { type = "gcp:n2-standard-8", cores = 6 }
`

func webOf(t *testing.T, text, design string, sets ...string) *node.Node {
	t.Helper()
	opts := Options{}
	for i, s := range sets {
		opts.Set = append(opts.Set, Setting{Text: s, Arg: i + 1})
	}
	spec, report := specOf(memory{"shop.toml": text}, "shop.toml", opts, design)
	require.NotNil(t, spec, headlines(report))
	require.Empty(t, headlines(report))
	for i := range spec.Nodes {
		if spec.Nodes[i].Name == "web" {
			return &spec.Nodes[i]
		}
	}
	t.Fatal("no web")
	return nil
}

// What a machine gives goes behind what the file, a design or a flag gives,
// whichever of them the type is from.
func TestTheSizesOfAMachine(t *testing.T) {
	const gbps = 1e9 / 8
	for _, c := range []struct {
		design, set string
		machine     string
		cores       int
		network     float64
	}{
		{"", "", "aws:m7i.xlarge", 4, 1.562 * gbps},
		{"big", "", "aws:m7i.8xlarge", 32, 12.5 * gbps},
		{"fixed", "", "aws:m7i.xlarge", 3, 1.562 * gbps},
		{"elsewhere", "", "gcp:n2-standard-8", 6, 0},
		{"", "server.web.type=azure:Standard_D2s_v5", "azure:Standard_D2s_v5", 2, 0},
		{"big", "server.web.cores=5", "aws:m7i.8xlarge", 5, 12.5 * gbps},
		{"big", "server.web.network=1Gbps", "aws:m7i.8xlarge", 32, 1 * gbps},
	} {
		var sets []string
		if c.set != "" {
			sets = []string{c.set}
		}
		web := webOf(t, typedShop, c.design, sets...)
		assert.Equal(t, c.machine, web.Server.Type, c)
		assert.Equal(t, c.cores, web.Server.Cores, c)
		assert.InDelta(t, c.network, web.Server.Network, 1e-3, c)
		assert.True(t, strings.HasPrefix(web.Detail(), c.machine+", "), web.Detail())
	}
	plain := webOf(t, strings.Replace(typedShop, "type = \"aws:m7i.xlarge\"\n", "", 1), "")
	assert.Equal(t, "1 core", plain.Detail())
	assert.Equal(t, "1 core", (&node.Node{Kind: node.Database, Server: plain.Server, Database: &node.DatabaseSpec{Shards: 1}}).Detail(), "no replicas are nothing to speak of")
	assert.Equal(t, "open traffic, 1 retry", (&node.Node{Kind: node.Client, Client: &node.ClientSpec{Policy: node.Policy{Retries: 1}}}).Detail())
}

// Every machine of the list can be rented.
func TestEveryMachineOfTheListIsAServer(t *testing.T) {
	for _, m := range price.Machines() {
		web := webOf(t, strings.Replace(typedShop, "aws:m7i.xlarge", m.Name, 1), "")
		assert.Equal(t, m.Cores, web.Server.Cores, m.Name)
		assert.InDelta(t, m.Bandwidth*1e9/8, web.Server.Network, 1e-3, m.Name)
	}
}

// Each key that a machine gives is one that a server has.
func TestWhatAMachineGivesAreKeysOfAServer(t *testing.T) {
	m, _ := price.LookUp("aws:m7i.xlarge")
	keys := kind.KeysOf(kind.Describe(node.ServerConfig{}))
	require.NotEmpty(t, sizesOf(m))
	for _, f := range sizesOf(m) {
		assert.Contains(t, keys, f.Key)
	}
}

func TestTypesThatAreNotThere(t *testing.T) {
	with := func(old, text string) string { return strings.Replace(typedShop, old, text, 1) }
	told(t, []finding{
		{with("aws:m7i.xlarge", "aws:m7i.xlrge"), `9:8: error[E205]: server.web.type: unknown machine "aws:m7i.xlrge"; did you mean "aws:m7i.xlarge"?`,
			"hint: capsim explain machines lists those of aws, azure, gcp; a file has its own in [catalog.NAME]\n"},
		{with("aws:m7i.xlarge", "m7i.xlarge"), `9:8: error[E205]: server.web.type: unknown machine "m7i.xlarge"; did you mean "aws:m7i.xlarge"?`, ""},
		{with("aws:m7i.xlarge", "huge"), `9:8: error[E205]: server.web.type: unknown machine "huge"`, "hint: capsim explain machines"},
		{with("aws:m7i.xlarge", ""), `9:8: error[E205]: server.web.type: unknown machine ""`, "hint: capsim explain machines"},
		{with("aws:m7i.xlarge", "nginx"), `9:8: error[E205]: server.web.type: unknown machine "nginx"`, "hint: nginx is a type of [load_balancer.NAME]"},
		{with(`"aws:m7i.xlarge"`, "4"), `9:8: error[E204]: server.web.type: expected the name of a machine such as "aws:m7i.xlarge", got an integer`, ""},
		{with(`targets = ["web"]`, "targets = [\"web\"]\ntype = \"ngnix\""), `7:8: error[E205]: load_balancer.lb.type: unknown value "ngnix"; did you mean "nginx"?`, "hint: one of nginx"},
		{with(`targets = ["web"]`, "targets = [\"web\"]\ntype = \"aws:m7i.large\""), `7:8: error[E205]: load_balancer.lb.type: unknown value "aws:m7i.large"`, "hint: one of nginx"},
	})
}

// A file that fixes a size, and a design that changes the type: the size
// stays, and that is said.
func TestAFigureThatGoesBeforeATypesIsSaid(t *testing.T) {
	file := strings.Replace(typedShop, `type = "aws:m7i.xlarge"`, "cores = 4\nnetwork = \"12.5Gbps\"", 1)
	sized := []Setting{{Text: "client.users.request_size=1kB", Arg: 1}}
	spec, report := specOf(memory{"shop.toml": file}, "shop.toml", Options{Set: sized}, "big")
	require.NotNil(t, spec, headlines(report))
	assert.Equal(t, []string{
		`shop.toml:13:19: warning[W408]: design.big.server.web.type: the file gives cores = 4, which goes before the 32 of "aws:m7i.8xlarge"`,
	}, headlines(report), "the bandwidth is the same")
	for _, design := range []string{"", "fixed", "elsewhere"} {
		_, report = specOf(memory{"shop.toml": file}, "shop.toml", Options{Set: sized}, design)
		assert.Empty(t, headlines(report), design)
	}
	_, report = specOf(memory{"shop.toml": file}, "shop.toml", Options{Set: append(sized, Setting{Text: "server.web.type=aws:c7g.medium", Arg: 2})}, "")
	assert.Equal(t, []string{
		`command-line:1:2: warning[W408]: --set server.web.type: the file gives cores = 4, which goes before the 1 of "aws:c7g.medium"`,
		`command-line:1:2: warning[W408]: --set server.web.type: the file gives network = "12.5Gbps", which goes before the "0.52Gbps" of "aws:c7g.medium"`,
	}, headlines(report))
}

// check --print shows what a type gives and that it does, and read again it
// means the same.
func TestPrintShowsWhatTypesGive(t *testing.T) {
	text := printed(t, typedShop, "fixed", Options{})
	for _, line := range []string{
		"type = \"aws:m7i.xlarge\"                     # shop.toml:9\n",
		"cores = 3                                   # design fixed, shop.toml:14\n",
		"network = \"1.562Gbps\"                       # aws:m7i.xlarge\n",
	} {
		assert.Contains(t, text, line)
	}
	assert.NotContains(t, text, "# cores")
	assert.NotContains(t, text, "# network = unlimited")
	again := webOf(t, text, "")
	want := webOf(t, typedShop, "fixed")
	assert.Equal(t, want, again)
}

// A finding about what a type gives points to the type.
func TestTypesOfTablesThatAreWrongAreLeftAlone(t *testing.T) {
	for _, text := range []string{"server = 4\n", "[server]\nweb = 4\n", "[server.web]\ntype = { a = 1 }\n", "load_balancer = []\n"} {
		_, report := specOf(memory{"shop.toml": text}, "shop.toml", Options{}, "")
		assert.NotEmpty(t, headlines(report), text)
	}
}

// productOf is a file with a balancer of some lines.
func productOf(lines ...string) string {
	return "[client.users]\ntarget = \"lb\"\narrivals = \"poisson 80/s\"\n[server.web]\ninstances = 3\non.request = [{ cpu = \"exp 10ms\" }]\n" +
		"[load_balancer.lb]\ntargets = [\"web\"]\n" + strings.Join(lines, "\n") + "\n"
}

func balancerOf(t *testing.T, text string) node.BalancerSpec {
	t.Helper()
	spec, report := specOf(memory{"shop.toml": text}, "shop.toml", Options{}, "")
	require.NotNil(t, spec, headlines(report))
	require.Empty(t, headlines(report), text)
	return *spec.Nodes[0].Balancer
}

// awaited lists the tables that a preset completes where the file has them.
func awaited(p *node.Preset) (empty []string) {
	for _, f := range p.Figures {
		table, _, _ := strings.Cut(f.Key, ".")
		if one := table + " = {}"; f.Within && !slices.Contains(empty, one) {
			empty = append(empty, one)
		}
	}
	return empty
}

// A type is what it gives, written out: all of it, or without what waits for
// a table. And print says so.
func TestPresetsAreWhatTheyGive(t *testing.T) {
	for i := range node.Presets {
		p := &node.Presets[i]
		name := "type = " + kind.QuoteText(p.Name)
		var all, always []string
		for _, f := range p.Figures {
			all = append(all, f.Key+" = "+f.Value)
			if !f.Within {
				always = append(always, f.Key+" = "+f.Value)
			}
		}
		tables := awaited(p)
		for _, c := range []struct{ typed, written []string }{
			{[]string{name}, always},
			{append([]string{name}, tables...), all},
		} {
			got, want := balancerOf(t, productOf(c.typed...)), balancerOf(t, productOf(c.written...))
			assert.Equal(t, p.Name, got.Type)
			want.Type = p.Name
			assert.Equal(t, want, got, c.typed)
			text := printed(t, productOf(c.typed...), "", Options{})
			for _, line := range c.written {
				assert.Regexp(t, "(?m)^"+regexp.QuoteMeta(line)+" +# "+p.Name+"$", text)
			}
			again := balancerOf(t, text)
			assert.Equal(t, got, again, "printed and read again")
		}
		assert.Contains(t, (&node.Node{Kind: node.LoadBalancer, Balancer: &node.BalancerSpec{Type: p.Name, Policy: "random"}}).Detail(), p.Name+", ")
	}
}

// A figure within a table completes the table of the file; where the file has
// none it makes one, or waits for one.
func TestFiguresWithinTables(t *testing.T) {
	root := parseArgument(1, `lb = { type = "x", retries = { jitter = "full", max = 2 }, sticky = 3 }`)
	require.NotNil(t, root)
	table := root.Get("lb").Value.Table
	x := &typed{"load_balancer.lb", table, table.Get("type").Value}
	report := &kind.Report{}
	for _, f := range []node.Figure{
		{Key: "retries.max", Value: "9"}, {Key: "retries.backoff", Value: `"1ms"`, Within: true},
		{Key: "check.interval", Value: `"5s"`}, {Key: "check.fall", Value: "3"}, {Key: "eject.for", Value: `"5s"`, Within: true}, {Key: "sticky.by", Value: `"source"`},
	} {
		x.fill(f.Key, scalar(f.Value), f.Within, report)
	}
	assert.Equal(t, `lb = { type = "x", retries = { jitter = "full", max = 2, backoff = "1ms" }, sticky = 3, check = { interval = "5s", fall = 3 } }`, "lb = "+oneLine(root.Get("lb").Value))
	assert.Empty(t, headlines(report))
	assert.Equal(t, "x", origin(table.Get("check").Value.Table.Get("fall").Value))
}

// What the file says goes before what the preset gives.
func TestAKeyGoesBeforeThePreset(t *testing.T) {
	for i := range node.Presets {
		p := &node.Presets[i]
		got := balancerOf(t, productOf("type = "+kind.QuoteText(p.Name), `policy = "random"`))
		assert.Equal(t, "random", got.Policy, p.Name)
	}
}
