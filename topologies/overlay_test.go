package topologies

import (
	"testing"

	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const twoDesigns = `title = "two"
[client.users]
target = "web"
arrivals = "poisson 80/s"
retries = { max = 2, backoff = "10ms" }

[server.web]
cores = 1
on.request = [{ cpu = "exp 10ms" }]

[design.big]
server.web = { cores = 16 }
client.users.retries.max = 3

[design.spread.server.web]
instances = 8

[design.balanced]
client.users.target = "lb"
load_balancer.lb = { targets = ["web"], policy = "random" }
`

func server(t *testing.T, spec *node.Spec, name string) (*node.ServerSpec, int) {
	t.Helper()
	for i := range spec.Nodes {
		if spec.Nodes[i].Name == name {
			return spec.Nodes[i].Server, spec.Nodes[i].Instances
		}
	}
	require.Fail(t, "no server "+name)
	return nil, 0
}

func TestADesignIsMergedOverTheFile(t *testing.T) {
	f, report := Load(memory{"shop.toml": twoDesigns}, "shop.toml", Options{})
	require.Empty(t, headlines(report))
	assert.Equal(t, []string{"big", "spread", "balanced"}, f.Designs())
	assert.Empty(t, headlines(f.Check()))

	base := mustSpec(t, twoDesigns, Options{}, "")
	web, instances := server(t, base, "web")
	assert.Equal(t, 1, web.Cores)
	assert.Equal(t, 1, instances)
	assert.Equal(t, 2, base.Nodes[0].Client.Policy.Retries)

	big := mustSpec(t, twoDesigns, Options{}, "big")
	web, _ = server(t, big, "web")
	assert.Equal(t, 16, web.Cores)
	assert.Len(t, web.Ops, 1, "what the design does not mention stays")
	assert.Equal(t, 3, big.Nodes[0].Client.Policy.Retries)
	assert.NotNil(t, big.Nodes[0].Client.Policy.Backoff.Law, "tables are merged key by key")
	assert.Equal(t, "big", big.Design)

	spread := mustSpec(t, twoDesigns, Options{}, "spread")
	_, instances = server(t, spread, "web")
	assert.Equal(t, 8, instances)

	balanced := mustSpec(t, twoDesigns, Options{}, "balanced")
	require.Len(t, balanced.Nodes, 3)
	assert.Equal(t, "random", balanced.Nodes[0].Balancer.Policy)
	assert.Equal(t, 0, balanced.Nodes[1].Client.Target.Node)
}

func TestSettingsAreMergedLast(t *testing.T) {
	for _, tt := range []struct {
		set   string
		check func(*node.Spec) any
		want  any
	}{
		{"server.web.cores=3", func(s *node.Spec) any { return s.Nodes[1].Server.Cores }, 3},
		{"server.web.cores = 3", func(s *node.Spec) any { return s.Nodes[1].Server.Cores }, 3},
		{`server."web".cores=3`, func(s *node.Spec) any { return s.Nodes[1].Server.Cores }, 3},
		{"server.web={cores=3,instances=2}", func(s *node.Spec) any { return s.Nodes[1].Instances }, 2},
		{"client.users.timeout=5s", func(s *node.Spec) any { return s.Nodes[0].Client.Policy.Timeout }, 5 * sim.Second},
		{`client.users.timeout="5s"`, func(s *node.Spec) any { return s.Nodes[0].Client.Policy.Timeout }, 5 * sim.Second},
		{"client.users.arrivals=constant 9/s", func(s *node.Spec) any { return s.Nodes[0].Client.Open.MeanRate(sim.Second) }, 9.0},
		{"client.users.retries=0", func(s *node.Spec) any { return s.Nodes[0].Client.Policy.Retries }, 0},
		{"client.users.retries.max=7", func(s *node.Spec) any { return s.Nodes[0].Client.Policy.Retries }, 7},
		{"server.web.on.request=[]", func(s *node.Spec) any { return len(s.Nodes[1].Server.Ops[0].Steps) }, 0},
		{"run.replications=9", func(s *node.Spec) any { return s.Run.Replications }, 9},
		{"title=a # b", func(s *node.Spec) any { return s.Title }, "a # b"},
		{"server.web.cores=+3", func(s *node.Spec) any { return s.Nodes[1].Server.Cores }, 3},
	} {
		spec := mustSpec(t, twoDesigns, Options{Set: []Setting{{Text: tt.set, Arg: 3}}}, "big")
		assert.Equal(t, tt.want, tt.check(spec), tt.set)
	}
	spec := mustSpec(t, twoDesigns, Options{Set: []Setting{{Text: "server.web={instances=2}", Arg: 3}, {Text: "server.web.instances=4", Arg: 5}}}, "")
	assert.Equal(t, 4, spec.Nodes[1].Instances, "later ones go over earlier ones")
}

func TestSettingsThatCannotBeMeantAreRefused(t *testing.T) {
	for _, tt := range []struct{ set, want string }{
		{"server.dbb.cores=3", `command-line:1:3: error[E501]: --set server.dbb.cores: unknown server "dbb"`},
		{"server.wbe.cores=3", `command-line:1:3: error[E501]: --set server.wbe.cores: unknown server "wbe"; did you mean "web"?`},
		{"server.web.coers=3", `command-line:1:3: error[E201]: --set server.web.coers: unknown key; did you mean "cores"?`},
		{"server.web.cores=x", `command-line:1:3: error[E204]: --set server.web.cores: expected an integer, got a string`},
		{"server.web.cores=0", `command-line:1:3: error[E302]: --set server.web.cores: must be from 1 to 1000000, got 0`},
		{"servr.web.cores=0", `command-line:1:3: error[E201]: --set servr: unknown table; did you mean "server"?`},
		{"server.web.cores", `command-line:1:3: error[E802]: --set: expected PATH=VALUE, got "server.web.cores"`},
		{"=3", `command-line:1:3: error[E802]: --set: expected PATH=VALUE, got "=3"`},
		{`server.web.cores="3`, `command-line:1:3: error[E101]: --set: this string is not closed on its line`},
		{"server..cores=3", `command-line:1:3: error[E101]: --set: expected a key`},
		{"server.web.cores=[1", `command-line:1:3: error[E101]: --set: the text ends within an array`},
		{"server.web.cores=1\nserver.web.instances=2", `command-line:1:3: error[E802]: --set: must be one line`},
		{"design.big.server.web.cores=3", `command-line:1:3: error[E202]: --set design.big.server.web.cores: a setting changes the design that is run, whichever it is`},
		{"load=2", `command-line:1:3: error[E202]: --set load: the load is a flag of its own`},
		{"server.web.cores.x=3", `command-line:1:3: error[E204]: --set server.web.cores.x: server.web.cores is an integer, not a table with keys of its own`},
		{"server.web.speed=nan", `command-line:1:3: error[E303]: --set server.web.speed: must be a finite number, got "nan"`},
		{"client.users.target=nowhere", `command-line:1:3: error[E501]: --set client.users.target: unknown node "nowhere"`},
		{"client.users.arrivals=poisson 5 apples", `command-line:1:3: error[E206]: --set client.users.arrivals: poisson takes no "apples"`},
	} {
		_, report := specOf(memory{"shop.toml": twoDesigns}, "shop.toml", Options{Set: []Setting{{Text: tt.set, Arg: 3}}}, "")
		require.Len(t, report.Diagnostics(), 1, tt.set)
		assert.Equal(t, tt.want, headlines(report)[0], tt.set)
	}
}

func TestAFlagIsNamedAsItWasGiven(t *testing.T) {
	opts := Options{Set: []Setting{{Flag: "--duration", Text: "run.duration=5 parsecs", Arg: 4}}}
	_, report := specOf(memory{"shop.toml": shop}, "shop.toml", opts, "")
	assert.Equal(t, []string{`command-line:1:4: error[E301]: --duration: unknown unit "parsecs"`}, headlines(report))
}

func TestTheSeedMayBeLargerThanTOMLAllows(t *testing.T) {
	seed := ^uint64(0)
	assert.Equal(t, seed, mustSpec(t, shop, Options{Seed: &seed}, "").Run.Seed)
}

func TestLoadMultipliesRatesAndUsers(t *testing.T) {
	spec := mustSpec(t, shop, Options{Load: 2.5}, "")
	assert.InDelta(t, 200, spec.Nodes[0].Client.Open.MeanRate(sim.Second), 1e-9)
	spec = mustSpec(t, with(`arrivals = "poisson 80/s"`, "users = 3\nstages = [{ duration = \"1m\", target = 10 }]"), Options{Load: 1.5}, "")
	assert.Equal(t, 5, spec.Nodes[0].Client.Closed.Initial, "4.5 is rounded")
	assert.InDelta(t, 15, spec.Nodes[0].Client.Closed.Ramps[0].Target, 0)
}

func TestProblemsOfADesignAreReportedWhereItStands(t *testing.T) {
	for _, tt := range []struct{ design, want string }{
		{"server.web.coers = 3", `shop.toml:10:12: error[E201]: design.a.server.web.coers: unknown key; did you mean "cores"?`},
		{"server.wbe.cores = 3", `shop.toml:10:8: error[E501]: design.a.server.wbe: unknown node "wbe"; did you mean "web"?`},
		{"server.other.cores = 3", `shop.toml:10:8: error[E203]: design.a.server.other.on: missing key "on"`},
		{"run.duration = \"1m\"", `shop.toml:10:1: error[E202]: design.a.run: this key belongs at the top of the file, not in a design`},
		{"capsim = 1", `shop.toml:10:1: error[E202]: design.a.capsim: this key belongs at the top of the file, not in a design`},
		{"servers.web.cores = 3", `shop.toml:10:1: error[E201]: design.a.servers: unknown table; did you mean "server"?`},
		{"client.users.target = \"web.x\"", `shop.toml:10:23: error[E502]: design.a.client.users.target: server "web" has no operation "x"`},
		{"client.users.users = 3", `shop.toml:3:1: error[E207]: client.users.arrivals: arrivals and users exclude each other: traffic is open or closed`},
		{"server = 3", `shop.toml:10:10: error[E204]: design.a.server: expected tables [server.NAME], got an integer`},
	} {
		_, report := specOf(memory{"shop.toml": shop + "[design.a]\n" + tt.design + "\n"}, "shop.toml", Options{}, "a")
		require.NotEmpty(t, headlines(report), tt.design)
		assert.Contains(t, headlines(report), tt.want)
	}
}

func TestDesignsThatAreNone(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{shop + "[design]\nserver.web.cores = 3\n", `shop.toml:10:1: error[E203]: design.server: a design needs a name`},
		{"design = 3\n" + shop, `shop.toml:1:10: error[E204]: design: expected a table, got an integer`},
		{"design.a = 3\n" + shop, `shop.toml:1:8: error[E204]: design.a: expected a table of changes, got an integer`},
		{shop + "[design.\"\\u0007\"]\n", `shop.toml:9:9: error[E210]: design."\u{0007}": a name must not hold the invisible character U+0007 (at position 1)`},
	} {
		got := check(t, tt.text)
		assert.Equal(t, []string{tt.want}, got)
	}
	_, report := specOf(memory{"shop.toml": twoDesigns}, "shop.toml", Options{}, "bigg")
	require.Len(t, report.Diagnostics(), 1)
	assert.Equal(t, `shop.toml:1:1: error[E501]: design: unknown design "bigg"; did you mean "big"?`, headlines(report)[0])
	assert.Equal(t, "the designs are big, spread, balanced", report.Diagnostics()[0].Hint)
}
