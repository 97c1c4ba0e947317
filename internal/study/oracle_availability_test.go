package study

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/models/theory"
	"github.com/capsim/capsim/sim"
)

const reliability = "Barlow and Proschan, Mathematical Theory of Reliability, 1965; Poisson arrivals see time averages: Wolff 1982"

// probing is a client whose requests ask n of something at the same instant,
// and are ok if k of them answer.
func probing(rate float64, k int, called []string) string {
	var branches []string
	for _, name := range called {
		branches = append(branches, fmt.Sprintf("[{ call = %q }]", name))
	}
	return clientOf(rate, "") + fmt.Sprintf("[server.web]\non.request = [{ parallel = [%s], need = %d }]\n", strings.Join(branches, ", "), k)
}

// breaking is a fault that comes by chance.
func breaking(what string, u theory.Unit, more string) string {
	return fmt.Sprintf("[[fault]]\nkill = %q\nmttf = %q\nmttr = %q\n%s\n", what, seconds(u.MTTF), seconds(u.MTTR), more)
}

// availabilityOracles are of things that fail and are repaired (A8). What is
// compared is 1 − availability: nearly any simulation gets 0.999 right.
func availabilityOracles() []oracle {
	a, b, c := theory.Unit{MTTF: 100, MTTR: 10}, theory.Unit{MTTF: 720, MTTR: 2}, theory.Unit{MTTF: 1000, MTTR: 1}
	return []oracle{
		kOfN(a, 1, 1, always, 0.15, 0.02),
		kOfN(a, 1, 2, usually, 1, 0.02),
		kOfN(a, 2, 3, usually, 0.5, 0.02),
		kOfN(a, 3, 3, usually, 0.3, 0.01),
		kOfN(a, 1, 3, nightly, 3, 0.04),
		kOfN(a, 3, 5, nightly, 3, 0.02),
		kOfN(b, 1, 1, nightly, 4, 0.02),
		kOfN(b, 3, 3, nightly, 2, 0.04),
		kOfN(b, 2, 3, nightly, 8, 0.15),
		kOfN(theory.Unit{MTTF: 500, MTTR: 0.5}, 1, 1, nightly, 6, 0.04),
		kOfN(c, 3, 3, nightly, 3, 0.05),
		crews(theory.MachineRepair{Machines: 3, UpMean: 100, RepairMean: 10, Crews: 1}, 2, always, 0.1, 0.04),
		crews(theory.MachineRepair{Machines: 3, UpMean: 100, RepairMean: 10, Crews: 3}, 2, nightly, 0.8, 0.02),
		crews(theory.MachineRepair{Machines: 5, UpMean: 200, RepairMean: 20, Crews: 1}, 3, usually, 0.6, 0.03),
		crews(theory.MachineRepair{Machines: 5, UpMean: 200, RepairMean: 20, Crews: 2}, 3, nightly, 1.5, 0.03),
		crews(theory.MachineRepair{Machines: 10, UpMean: 1000, RepairMean: 24, Crews: 1}, 8, nightly, 2, 0.05),
		detected(10, 3, 2, always, 0.1), detected(5, 2, 1, nightly, 0.1), detected(30, 1, 5, usually, 0.2),
		unnoticed(theory.Unit{MTTF: 3600, MTTR: 120}, 10, 3, 2, usually, 0.9, 0.025),
		unnoticed(theory.Unit{MTTF: 1000, MTTR: 60}, 10, 1, 0, usually, 1.6, 0.015),
		unnoticed(theory.Unit{MTTF: 86400, MTTR: 600}, 5, 2, 1, nightly, 2, 0.13),
		vanished(theory.Unit{MTTF: 3600, MTTR: 120}, 10, 3, 2, usually, 0.9, 0.025),
		unchecked(theory.Unit{MTTF: 3600, MTTR: 120}, false, usually, 0.6, 0.02),
		unchecked(theory.Unit{MTTF: 1000, MTTR: 60}, true, usually, 0.2, 0.02),
		unchecked(theory.Unit{MTTF: 86400, MTTR: 600}, false, nightly, 4, 0.04),
	}
}

// kOfN is of n units, each repaired by itself, of which k are needed.
func kOfN(u theory.Unit, k, n int, w when, millions, wide float64) oracle {
	var names []string
	behind := ""
	for i := range n {
		names = append(names, fmt.Sprintf("unit%d", i))
		behind += fmt.Sprintf("[server.unit%d]\non.request = []\n", i) + breaking(names[i], u, "")
	}
	rate := 1 / u.MTTR
	return oracle{
		name: fmt.Sprintf("%d of %d, MTTF %g MTTR %g", k, n, u.MTTF, u.MTTR), source: reliability, when: w,
		topology: probing(rate, k, names) + behind, rate: rate, millions: millions,
		facts: []fact{
			{figure: "users errors", exact: u.FewerUp(k, n), wide: wide},
			{figure: "fault down", exact: u.Unavailability(), wide: max(wide, 0.02)},
			{figure: "fault each", exact: u.MTTR, wide: max(wide, 0.02)},
			{figure: "fault rate", exact: 1 / (u.MTTF + u.MTTR), wide: max(wide, 0.02)},
		},
	}
}

// crews is of machines that share those who repair them. A request asks each
// of them once: round robin begins with whoever is next.
func crews(m theory.MachineRepair, k int, w when, millions, wide float64) oracle {
	u := theory.Unit{MTTF: m.UpMean, MTTR: m.RepairMean}
	rate := 1 / u.MTTR
	var names []string
	for range m.Machines {
		names = append(names, "app")
	}
	return oracle{
		name: fmt.Sprintf("%d of %d, MTTF %g MTTR %g, %d crews", k, m.Machines, u.MTTF, u.MTTR, m.Crews), source: "Palm 1947; Kleinrock, Queueing Systems I, sec. 3.8", when: w,
		topology: probing(rate, k, names) + fmt.Sprintf("[server.app]\ninstances = %d\non.request = []\n", m.Machines) + breaking("app", u, fmt.Sprintf("crews = %d", m.Crews)),
		rate:     rate, millions: millions,
		facts: []fact{
			{figure: "users errors", exact: m.FewerUp(k), wide: wide},
			{figure: "fault down", exact: 1 - m.UpFraction(), wide: 0.02},
			{figure: "fault each", exact: m.ResponseMean(), wide: 0.02},
		},
	}
}

// looking is a balancer that looks after servers on the other side of a
// network that takes a way there and back. A probe begins every period.
func looking(rate float64, instances int, period float64, failures int, way float64) string {
	// The interval counts from the answer on, which takes two ways.
	return "zones = [\"near\", \"far\"]\n" + strings.ReplaceAll(clientOf(rate, ""), `"web"`, `"lb"`) +
		fmt.Sprintf("[server.app]\ninstances = %d\nzones = [\"far\"]\non.request = []\n", instances) +
		fmt.Sprintf("[load_balancer.lb]\ntargets = [\"app\"]\nzones = [\"near\"]\nhealth_check = { interval = %q, timeout = %q, unhealthy = %d, healthy = 1 }\n",
			seconds(period-2*way), seconds(period), failures) +
		fmt.Sprintf("[network]\ncross_zone = %q\n", seconds(way))
}

// detected is of how long it takes a health check to notice: the first probe
// that arrives after the failure does so after up to a period, and its answer
// takes a way, which is what a probe takes to fail.
func detected(period float64, failures int, way float64, w when, millions float64) oracle {
	u, d := theory.Unit{MTTF: 3600, MTTR: 900}, theory.HealthCheck(period, way, failures)
	const rate = 0.05
	return oracle{
		name: fmt.Sprintf("detected h=%g k=%d tau=%g", period, failures, way), source: "a uniform phase, and so many periods", when: w,
		topology: looking(rate, 3, period, failures, way) + breaking("app", u, ""), rate: rate, millions: millions,
		facts: []fact{
			{figure: "fault detected", exact: d.NoticedMean(u.MTTR), wide: 0.02, slack: 2e-3 * d.Mean()},
			// A repair that is noticed is so after the next probe; if it was never
			// missed, at once.
			{figure: "fault recovered", exact: u.MTTR + d.Noticed(u.MTTR)*(period/2+way), wide: 0.05, slack: 0.005 * u.MTTR},
		},
	}
}

// unnoticed is of the requests that meet a failure before it is noticed.
func unnoticed(u theory.Unit, period float64, failures int, timeout float64, w when, millions, wide float64) oracle {
	d := theory.HealthCheck(period, timeout, failures)
	const rate = 0.05
	// Half of what a probe takes to fail is that of requests on their way.
	exact := rate * u.ErrorRatio(d) * (1 - barredFailures(u, d, period, timeout))
	return oracle{
		name: fmt.Sprintf("unnoticed MTTF %g MTTR %g h=%g k=%d tau=%g", u.MTTF, u.MTTR, period, failures, timeout), source: "renewal and reward", when: w,
		topology: looking(rate, 1, period, failures, timeout/2) + breaking("app", u, ""), rate: rate, millions: millions,
		facts: []fact{{figure: "app refused", exact: exact, wide: wide, slack: 1e-3 * exact}},
	}
}

// vanished is of a machine that does not answer at all: a probe is given up
// after its time-out, and the interval counts from then.
func vanished(u theory.Unit, interval float64, failures int, timeout float64, w when, millions, wide float64) oracle {
	least := float64(failures-1)*interval + float64(failures)*timeout
	d := theory.Detection{Least: least, Most: least + interval}
	const rate = 0.05
	exact := rate * u.ErrorRatio(d) * (1 - barredFailures(u, d, interval+timeout, 0))
	return oracle{
		name: fmt.Sprintf("vanished MTTF %g MTTR %g h=%g k=%d tau=%g", u.MTTF, u.MTTR, interval, failures, timeout), source: "renewal and reward", when: w,
		topology: strings.ReplaceAll(clientOf(rate, `timeout = "1s"`), `"web"`, `"lb"`) + "[server.app]\non.request = []\n" +
			fmt.Sprintf("[load_balancer.lb]\ntargets = [\"app\"]\nhealth_check = { interval = %q, timeout = %q, unhealthy = %d, healthy = 1 }\n",
				seconds(interval), seconds(timeout), failures) + breaking("app", u, "silent = true"),
		rate: rate, millions: millions,
		facts: []fact{{figure: "app refused", exact: exact, wide: wide, slack: 2e-3 * exact}},
	}
}

// barredFailures is the share of failures of a machine that no request meets,
// because it is repaired but has not been taken back yet: the next probe comes
// after up to a period, and what comes back takes a while.
func barredFailures(u theory.Unit, d theory.Detection, period, ways float64) float64 {
	barred := 1 - math.Exp(-ways/u.MTTF)*-math.Expm1(-period/u.MTTF)*u.MTTF/period
	noticed := d.Noticed(u.MTTR)
	return noticed * barred / (1 - barred*(1-noticed))
}

// unchecked is of requests in turn to servers that nobody looks after.
func unchecked(u theory.Unit, silent bool, w when, millions, wide float64) oracle {
	const rate = 0.05
	how := ""
	if silent {
		how = "silent = true"
	}
	return oracle{
		name: fmt.Sprintf("unchecked MTTF %g MTTR %g %s", u.MTTF, u.MTTR, how), source: reliability, when: w,
		topology: strings.ReplaceAll(clientOf(rate, `timeout = "1s"`), `"web"`, `"lb"`) +
			"[server.app]\ninstances = 4\non.request = []\n[load_balancer.lb]\ntargets = [\"app\"]\n" + breaking("app", u, how),
		rate: rate, millions: millions,
		facts: []fact{
			{figure: "users errors", exact: u.Unavailability(), wide: wide},
			{figure: "fault recovered", exact: u.MTTR, wide: max(wide, 0.02)},
		},
	}
}

// failureFigure is a figure of the first fault of the document.
func failureFigure(out outcome, which string) result.Estimate {
	x := out.Faults[0].Random
	switch which {
	case "rate":
		rate, half := *x.Occurrences.Mean/out.Run.DurationS, *x.Occurrences.HalfWidth/out.Run.DurationS
		return result.Estimate{Mean: &rate, HalfWidth: &half}
	case "down":
		return x.DownRatio
	case "each":
		return x.DownS
	case "detected":
		return x.DetectionDelayS
	case "recovered":
		return x.RecoveryDelayS
	}
	return result.Estimate{Note: "there is no such figure"}
}

// refusedOf is how many attempts a second ended badly at a node.
func refusedOf(f *figures, name string) result.Estimate {
	at := indexOf(f.spec, name, node.Server)
	return f.perSecond(func(s *node.Snapshot) uint64 { return total(s.Nodes[at].Errors[:]) })
}

// attemptsAt is how many attempts a second come to a node.
func attemptsAt(f *figures, name string) result.Estimate {
	at := indexOf(f.spec, name, node.Server)
	return f.perSecond(func(s *node.Snapshot) uint64 { return s.Nodes[at].Arrivals })
}

// How much the availability of one machine varies from run to run is known
// too: the interval that is told is as wide as it must be.
func TestUnavailabilityVariesAsMuchAsItMust(t *testing.T) {
	u := theory.Unit{MTTF: 1000, MTTR: 1}
	text := clientOf(0.001, "") + "[server.web]\non.request = []\n" + breaking("web", u, "") + runTable(1e6, 0, 100, 1)
	outcomes, err := runAll([]*node.Spec{specOf(t, text)}, Options{})
	require.NoError(t, err)
	e := outcomes[0].Faults[0].Random.DownRatio
	// The standard deviation of 100 values is itself known to about 7 %.
	deviation := *e.HalfWidth / 1.9842 * 10
	assert.InDelta(t, u.UnavailabilityDeviation(1e6), deviation, 0.25*u.UnavailabilityDeviation(1e6))
	assert.InDelta(t, u.Unavailability(), *e.Mean, 4*u.UnavailabilityDeviation(1e6)/10)
	// The same from the other end.
	assert.InDelta(t, *e.Mean, 1-outcomes[0].Nodes["web"].PerInstance[0].UpRatio, 1e-9)
}

// What is down is no capacity: a machine that is up half of the time and
// always busy then is fully used.
func TestRandomFailuresAreNoCapacity(t *testing.T) {
	text := clientOf(200, "") + "[server.web]\ninstances = 2\non.request = [" + cpu("exp 100ms") + "]\n" +
		breaking("web", theory.Unit{MTTF: 5, MTTR: 5}, "") + runTable(300, 10, 5, 1)
	outcomes, err := runAll([]*node.Spec{specOf(t, text)}, Options{})
	require.NoError(t, err)
	web := outcomes[0].Nodes["web"]
	up := (web.PerInstance[0].UpRatio + web.PerInstance[1].UpRatio) / 2
	assert.InDelta(t, 0.5, up, 0.05)
	assert.InDelta(t, 1-up, *outcomes[0].Faults[0].Random.DownRatio.Mean, 1e-9)
	assert.InDelta(t, 1, *web.Resources["cpu"].Utilization.Mean, 0.02)
	assert.InDelta(t, 2*up, *web.Resources["cpu"].Capacity.Mean, 1e-6)
}

// A pilot knows no faults, and none begins in the warm-up: figures of what
// happened are those of the window.
func TestAFaultThatHardlyEverComesIsToldOf(t *testing.T) {
	text := clientOf(20, "") + "[server.web]\non.request = []\n" + breaking("web", theory.Unit{MTTF: 1e6, MTTR: 5}, "") + runTable(30, 5, 3, 1)
	outcomes, err := runAll([]*node.Spec{specOf(t, text)}, Options{})
	require.NoError(t, err)
	out := outcomes[0]
	require.Len(t, out.Warnings, 1)
	assert.Equal(t, result.Warning{Code: "W908", Message: "kill web by chance: happened 0 times in all 3 replications together; its figures, and how it changes the others, are mere luck"}, out.Warnings[0])
	f := out.Faults[0]
	assert.Nil(t, f.AtS)
	assert.Zero(t, *f.Random.Occurrences.Mean)
	assert.Equal(t, "nothing failed", f.Random.DownS.Note)
	assert.Equal(t, "nobody noticed", f.Random.DetectionDelayS.Note)
	assert.Equal(t, "nothing recovered", f.Random.RecoveryDelayS.Note)

	without, err := runAll([]*node.Spec{specOf(t, text[:strings.Index(text, "[[fault]]")]+runTable(30, 5, 3, 1))}, Options{})
	require.NoError(t, err)
	assert.Equal(t, without[0].Fingerprint, out.Fingerprint, "a fault that never comes changes nothing")
	assert.Equal(t, 5*sim.Second, outcomes[0].figures.spec.Run.Warmup)
}
