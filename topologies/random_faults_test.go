package topologies

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
)

func TestRandomFaultsThatMeanNothing(t *testing.T) {
	fails := func(lines string) string { return twoBehind("[[fault]]\nkill = \"web\"\n" + lines + "\n") }
	told(t, []finding{
		{fails("mttf = \"1m\""), `10:1: error[E203]: fault[0].mttr: missing key "mttr": how long a repair takes`, `hint: for example mttr = "5m"`},
		{fails("mttr = \"1m\""), `10:1: error[E203]: fault[0].mttf: missing key "mttf": a repair belongs to a fault that comes by chance`, `hint: for example mttf = "20d"; a fault that comes once lasts`},
		{fails("at = \"1s\"\nmttr = \"1m\""), `10:1: error[E203]: fault[0].mttf: missing key "mttf": a repair belongs to a fault that comes by chance`, "see shop.toml:13:1: mttr"},
		{fails("at = \"1s\"\ncrews = 1"), `13:1: error[E202]: fault[0].crews: this key goes with mttf: crews repair what fails by chance`, ""},
		{fails("mttf = \"1m\"\nmttr = \"5s\"\nfor = \"3s\""), `14:1: error[E207]: fault[0].for: a fault that comes by chance lasts until it is repaired, as mttr says`, "see shop.toml:12:1: mttf"},
		{fails("mttf = \"0s\"\nmttr = \"5s\""), `12:8: error[E302]: fault[0].mttf: must be at least 1ms, got "0s"`, ""},
		{fails("mttf = \"1m\"\nmttr = \"-5s\""), `13:8: error[E302]: fault[0].mttr: must not be negative, got "-5s"`, ""},
		{fails("mttf = \"1m\"\nmttr = 5"), `13:8: error[E301]: fault[0].mttr: a duration needs a unit, got "5"`, ""},
		{fails("mttf = \"1m\"\nmttr = \"5s\"\ncrews = 0"), `14:9: error[E302]: fault[0].crews: must be from 1 to 1000000, got 0`, ""},
		{fails("mttf = \"1m\"\nmttr = \"5s\"\ncrews = 3"), `14:9: warning[W403]: fault[0].crews: there are more crews than what can fail by itself (2): some have nothing to repair`, ""},
		{fails("mttf = \"1m\"\nmttr = \"5s\"\nat = \"1h\""), `14:6: warning[W403]: fault[0].at: the fault would begin at 1h, but the measured window ends at 10m: it never does`, ""},
		// 5 replications of 10 minutes at two instances, one failure in 30 hours.
		{fails("mttf = \"29h\"\nmttr = \"1h\""), `12:8: warning[W411]: fault[0].mttf: about 0.056 failures are expected over the whole run (5 replications of 10m): too few to tell anything`, "hint: a longer run, more replications"},
		{fails("mttf = \"1d\"\nmttr = \"1h\"\nsilent = true"), `12:8: warning[W411]: fault[0].mttf: about 0.067 failures are expected over the whole run (5 replications of 10m): too few to tell anything`, ""},
		{"[client.users]\ntarget = \"web\"\nusers = 3\n[server.web]\non.request = [{ cpu = \"exp 10ms\" }]\n[[fault]]\nkill = \"web\"\nmttf = \"1m\"\nmttr = \"5s\"\n",
			`3:9: error[E404]: client.users.users: users without think time would be refused and come again at once, for ever, during the fault "kill web"`, ""},
	})
}

func TestRandomFaultsAreResolved(t *testing.T) {
	spec := mustSpec(t, twoBehind("[[fault]]\nhang = \"web[1]\"\nmttf = \"2m\"\nmttr = \"5s\"\ncrews = 1\nat = \"20s\"\n[[fault]]\nkill = \"web\"\nsilent = true\nmttf = \"1m\"\nmttr = \"10s\"\n"), Options{}, "")
	require.Len(t, spec.Faults, 2)
	assert.Equal(t, []fault.Fault{
		{Kind: fault.Kill, Silent: true, MTTF: 60 * sim.Second, MTTR: 10 * sim.Second, Where: []fault.Span{{Node: 2, Count: 2}}, Target: "web"},
		{Kind: fault.Hang, At: 20 * sim.Second, MTTF: 120 * sim.Second, MTTR: 5 * sim.Second, Crews: 1, Where: []fault.Span{{Node: 2, First: 1, Count: 1}}, Target: "web[1]"},
	}, spec.Faults)
	assert.True(t, spec.Faults[0].Random())
	// Ten seconds of the ten minutes are left, at two instances, five times: one failure.
	few := twoBehind("[[fault]]\nkill = \"web\"\nmttf = \"90s\"\nmttr = \"10s\"\nat = \"590s\"\n")
	told(t, []finding{{few, `12:8: warning[W411]: fault[0].mttf: about 1 failures are expected over the whole run (5 replications of 10m): too few to tell anything`, ""}})
}
