package topologies

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/sim"
)

// planOf reads the [plan] of a file.
func planOf(t *testing.T, plan string, opts Options) (*File, *Plan, *kind.Report) {
	t.Helper()
	f, report := Load(memory{"shop.toml": varyShop + plan}, "shop.toml", opts)
	require.NotNil(t, f, report.Diagnostics())
	return f, f.Planned("", report), report
}

func TestAPlanIsRead(t *testing.T) {
	f, p, report := planOf(t, "[plan]\nvary = { \"server.web.instances\" = \"2..4\", server.web.cores = [1, 2] }\nload = \"1.5x\"\nsurvive = [\"kill  web[0]\", \"slow web factor 2 at 2s for 3s\"]\n", Options{Load: 2})
	require.False(t, report.Failed(), report.Diagnostics())
	assert.InDelta(t, 1.5, p.Load, 0)
	assert.Equal(t, []string{"kill web[0]", "slow web factor 2 at 2s for 3s"}, p.Survive)
	s := f.PlanSpace(p, []Setting{{Text: "server.web.cores=4", Arg: 4}}, report)
	require.NotNil(t, s, report.Diagnostics())
	assert.Equal(t, "server.web.instances: 2 3 4; server.web.cores: 4", texts(s))

	loaded := f.AtLoad(p.Load)
	spec, found := loaded.Point("", s.At(1))
	require.NotNil(t, spec, found.Diagnostics())
	assert.InDelta(t, 300, spec.Nodes[0].Client.MeanRate(10*sim.Second), 1e-9, "--load and the plan's load multiply")
	assert.Equal(t, 3, spec.Nodes[1].Instances)
	assert.Empty(t, spec.Faults)

	struck, found := loaded.Struck(p, 0).Point("", s.At(1))
	require.NotNil(t, struck, found.Diagnostics())
	require.Len(t, struck.Faults, 1)
	assert.Equal(t, fault.Kill, struck.Faults[0].Kind)
	assert.Zero(t, struck.Faults[0].At)
	assert.Equal(t, 10*sim.Second, struck.Faults[0].For, "as long as the window")
	struck, _ = loaded.Struck(p, 1).Point("", s.At(1))
	assert.Equal(t, 2*sim.Second, struck.Faults[0].At)
	assert.Equal(t, 3*sim.Second, struck.Faults[0].For)
}

func TestAFileWithoutAPlanAsksForNothing(t *testing.T) {
	_, p, report := planOf(t, "", Options{})
	assert.False(t, report.Failed())
	assert.Equal(t, &Plan{Load: 1}, p)
}

func TestWhatAPlanMayNotBe(t *testing.T) {
	for _, tt := range []struct{ plan, want string }{
		{"", `shop.toml:1:1: error[E203]: plan: the file has no [plan] with vary, so there is one design, and nothing to choose`},
		{`vary = { load = [1, 2] }`, `shop.toml:17:10: error[E202]: plan.vary.load: load is no part of a design: the traffic is not for us to choose, and load of [plan] says how much it is`},
		{`vary = { "run.seed" = [1, 2] }`, `shop.toml:17:10: error[E202]: plan.vary.run.seed: run.seed is no part of a design: it says how to simulate`},
		{`vary = { objectives = [["users p99 < 1s"]] }`, `shop.toml:17:10: error[E202]: plan.vary.objectives: objectives is no part of a design: they are what designs are judged by`},
		{`vary = { "client.users.timeout" = ["1s"] }`, `shop.toml:17:10: error[E202]: plan.vary.client.users.timeout: client.users.timeout is no part of a design: it is what comes, and all designs must bear the same`},
		{`vary = { "server.web.instances" = "1..1000", "server.web.cores" = "1..101" }`, `shop.toml:17:10: error[E706]: plan.vary.server.web.instances: too many designs: 101,000; at most 100,000 are allowed`},
		{`survive = ["kil web"]`, `shop.toml:17:12: error[E205]: plan.survive[0]: unknown kind of fault "kil"; did you mean "kill"?`},
		{`survive = ["kill"]`, `shop.toml:17:12: error[E802]: plan.survive[0]: expected what it strikes after "kill"`},
	} {
		table := ""
		if tt.plan != "" {
			table = "[plan]\n" + tt.plan + "\n"
		}
		f, p, report := planOf(t, table, Options{})
		if !report.Failed() {
			assert.Nil(t, f.PlanSpace(p, nil, report), tt.plan)
		}
		var lines []string
		for _, d := range report.Diagnostics() {
			lines = append(lines, d.Headline())
		}
		assert.Contains(t, lines, tt.want)
	}
}

// The limit of designs, and one past it.
func TestAPlanHasALimit(t *testing.T) {
	f, p, report := planOf(t, "[plan]\nvary = { \"server.web.instances\" = \"1..1000\", \"server.web.cores\" = \"1..100\" }\n", Options{})
	require.NotNil(t, f.PlanSpace(p, nil, report), report.Diagnostics())
	f, p, report = planOf(t, "[plan]\nvary = { \"server.web.instances\" = \"1..100001\" }\n", Options{})
	assert.Nil(t, f.PlanSpace(p, nil, report))
}

// A check of the file finds faults that strike nothing.
func TestThePlanIsCheckedWithTheFile(t *testing.T) {
	assert.Empty(t, check(t, varyShop+"[plan]\nvary = { \"server.web.instances\" = \"2..4\" }\nsurvive = [\"kill web[0]\"]\n"))
	assert.NotEmpty(t, check(t, varyShop+"[plan]\nsurvive = [\"kill wbe\"]\n"))
	assert.NotEmpty(t, check(t, varyShop+"[plan]\nsurvive = [\"kill web[9]\"]\n"))
	assert.NotEmpty(t, check(t, varyShop+"[plan]\nload = 0\n"))
	assert.NotEmpty(t, check(t, varyShop+"[plan]\nlod = 1\n"))
}
