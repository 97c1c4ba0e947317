package main

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/theory"
)

// near asks for theory within the interval, and for an interval that tells
// something: at most the given share of the figure to either side.
func near(t *testing.T, truth float64, e result.Estimate, share float64) {
	t.Helper()
	within(t, truth, e)
	assert.Less(t, *e.HalfWidth, share*truth, "too wide to prove anything")
}

func slowBackend(t *testing.T, results map[string]*result.Result) {
	turns, counted := results["round-robin"], results["least-connections"]
	assert.Equal(t, []string{"missed"}, verdicts(turns))
	for _, design := range []string{"weights", "least-connections", "power-of-two"} {
		assert.Equal(t, []string{"met"}, verdicts(results[design]), design)
	}

	// Every fourth of a Poisson stream: E4/M/1 at each, whose response time is exponential.
	young, old := theory.RoundRobin(4, 190, 100), theory.RoundRobin(4, 190, 50)
	near(t, 0.95, turns.Nodes["old"].Resources["cpu"].Utilization.Estimate, 0.02)
	near(t, old.ResponseMean(), turns.Nodes["old"].ResponseS["mean"], 0.15)
	near(t, young.ResponseMean(), turns.Nodes["new"].ResponseS["mean"], 0.01)
	assert.InDelta(t, 0.25, old.ResponseMean(), 0.005)
	assert.InDelta(t, 0.014, young.ResponseMean(), 0.0005)
	p99 := *turns.Clients["users"].LatencyS["p99"].Mean
	slower := (3*young.ResponseSurvival(p99) + old.ResponseSurvival(p99)) / 4
	assert.InDelta(t, 0.01, slower, 0.002, "of all requests one in a hundred is slower")
	assert.InDelta(t, 0.85, p99, 0.05)

	// Weights in proportion to speed make all of them as busy as they are together.
	for _, node := range []string{"new", "old"} {
		near(t, 190.0/350, results["weights"].Nodes[node].Resources["cpu"].Utilization.Estimate, 0.02)
	}
	assert.InDelta(t, 0.077, *counted.Clients["users"].LatencyS["p99"].Mean, 0.001)
	assert.Less(t, *counted.Nodes["old"].ThroughputRPS.Mean, 0.8*190/4, "fewer than its quarter")
}

func noisyScheduling(t *testing.T, results map[string]*result.Result) {
	for design, want := range map[string]string{"fcfs": "missed", "priority": "missed", "preemptive": "met", "ps": "met"} {
		assert.Equal(t, []string{want, "met"}, verdicts(results[design]), design)
	}

	page := theory.PriorityClass{Lambda: 40, Mean: 0.010, SCV: 1}
	report := theory.PriorityClass{Lambda: 0.6, Mean: 0.500, SCV: 1}
	classes := theory.MG1Priority{page, report}
	lambda, load := page.Lambda+report.Lambda, 0.7
	square := 2 * (page.Lambda*page.Mean*page.Mean + report.Lambda*report.Mean*report.Mean) / lambda
	mean := load / lambda
	all := theory.MG1{Lambda: lambda, Mean: mean, SCV: square/(mean*mean) - 1}
	for design, truth := range map[string][2]float64{
		"fcfs":       {all.WaitMean() + page.Mean, all.WaitMean() + report.Mean},
		"priority":   {classes.ResponseMean(0), classes.ResponseMean(1)},
		"preemptive": {classes.PreemptiveResponseMean(0), classes.PreemptiveResponseMean(1)},
		"ps":         {all.SharedResponseMeanOf(page.Mean), all.SharedResponseMeanOf(report.Mean)},
	} {
		near(t, truth[0], results[design].Clients["visitors"].LatencyS["mean"], 0.06)
		near(t, truth[1], results[design].Clients["accountants"].LatencyS["mean"], 0.06)
	}
	assert.InDelta(t, 0.51, all.WaitMean(), 0.005)
	assert.InDelta(t, 0.26, classes.WaitMean(0), 0.005)
	assert.InDelta(t, 0.017, classes.PreemptiveResponseMean(0), 0.0005)
	assert.InDelta(t, 0.033, all.SharedResponseMeanOf(page.Mean), 0.0005)

	// Pages that interrupt do not know that there are reports: M/M/1.
	alone := theory.MM1{Lambda: page.Lambda, Mu: 1 / page.Mean}
	near(t, alone.ResponseQuantile(0.99), results["preemptive"].Clients["visitors"].LatencyS["p99"], 0.02)
}

func biggerMachine(t *testing.T, results map[string]*result.Result) {
	law := theory.Scalability{Contention: 0.04, Coherency: 0.0008}
	assert.InDelta(t, 35, law.Peak(), 0.5)
	throughput := map[int]float64{}
	for design, cores := range map[string]int{"4-cores": 4, "8-cores": 8, "16-cores": 16, "32-cores": 32, "64-cores": 64} {
		assert.Equal(t, []string{"missed", "missed"}, verdicts(results[design]), design)
		x := results[design].Clients["users"].ThroughputRPS
		machine := theory.MachineRepair{
			Machines: 2000, UpMean: 1, Crews: cores, RepairMean: 0.010 * float64(cores) / law.Capacity(float64(cores)),
		}
		near(t, machine.Throughput(), x, 0.01)
		throughput[cores] = *x.Mean
	}
	for cores, more := range map[int]float64{4: 0.71, 8: 0.48, 16: 0.18, 32: -0.10} {
		assert.InDelta(t, 1+more, throughput[2*cores]/throughput[cores], 0.01, "%d cores to twice as many", cores)
	}
	for cores, work := range map[int]float64{4: 3.5, 8: 6.0, 16: 8.9, 32: 10.5, 64: 9.5} {
		assert.InDelta(t, work, law.Capacity(float64(cores)), 0.05)
	}

	four := results["4-machines-of-8"]
	assert.Equal(t, []string{"met", "met"}, verdicts(four))
	assert.Less(t, *four.Nodes["shop"].Resources["cpu"].Utilization.Mean, 0.85, "and it is not at its end")
	assert.InDelta(t, 2.3, 4*law.Capacity(8)/law.Capacity(32), 0.02)
}

func stickyVsStateless(t *testing.T, results map[string]*result.Result) {
	for design, want := range map[string]string{"stateless": "met", "cookie": "missed", "source": "missed", "cookie-large": "met"} {
		assert.Equal(t, []string{want}, verdicts(results[design]), design)
	}
	for design, p99 := range map[string]float64{"stateless": 0.13, "cookie": 0.27, "source": 0.39, "cookie-large": 0.11} {
		assert.InDelta(t, p99, *results[design].Clients["users"].LatencyS["p99"].Mean, 0.005, design)
	}
	spread := func(design string) float64 {
		least, most := 1.0, 0.0
		for _, i := range results[design].Nodes["app"].PerInstance {
			require.NotNil(t, i.Utilization)
			least, most = math.Min(least, *i.Utilization), math.Max(most, *i.Utilization)
		}
		return most - least
	}
	assert.Less(t, spread("cookie"), 0.02, "equally busy")
	assert.Greater(t, spread("source"), 0.04, "not so by address, although that is an average over replications")

	// Bound for good, a server is a queue of its own. That users are bound where
	// least is in flight, and wait for answers, keeps it somewhat shorter.
	small, large := theory.RandomSplit(8, 300, 50), theory.MMc{Lambda: 150, Mu: 50, C: 4}
	assert.InDelta(t, 0.080, small.ResponseMean(), 1e-9)
	assert.InDelta(t, 0.030, large.ResponseMean(), 0.0005)
	mean := func(design string) float64 { return *results[design].Clients["users"].LatencyS["mean"].Mean }
	assert.Less(t, mean("cookie"), small.ResponseMean())
	assert.Less(t, mean("cookie-large"), large.ResponseMean())
	assert.Greater(t, mean("cookie"), 1.8*mean("stateless"))
	assert.Greater(t, mean("source"), small.ResponseMean(), "uneven besides")
}

func connectionPool(t *testing.T, results map[string]*result.Result) {
	for design, want := range map[string][]string{
		"no-pool": {"missed", "missed"}, "fifty": {"missed", "missed"}, "five": {"missed", "met"},
		"two": {"missed", "met"}, "five-impatient": {"met", "met"},
	} {
		assert.Equal(t, want, verdicts(results[design]), design)
	}
	latency := func(client, design, figure string) float64 {
		return *results[design].Clients[client].LatencyS[figure].Mean
	}
	// Where they wait is all that changes for shoppers; what the database does is the same.
	for _, design := range []string{"fifty", "five"} {
		assert.InEpsilon(t, latency("shoppers", "no-pool", "mean"), latency("shoppers", design, "mean"), 0.06, design)
		assert.InEpsilon(t, latency("shoppers", "no-pool", "p99"), latency("shoppers", design, "p99"), 0.06, design)
	}
	for _, design := range []string{"no-pool", "fifty", "five", "two"} {
		assert.InDelta(t, 0.65, *results[design].Nodes["orders"].Resources["cpu"].Utilization.Mean, 0.02, design)
		assert.Zero(t, results[design].Clients["shoppers"].Errors["rejected"], design)
	}
	for design, p99 := range map[string]float64{"no-pool": 2, "fifty": 0.3, "five": 0.06} {
		assert.InEpsilon(t, p99, latency("clerks", design, "p99"), 0.1, design)
	}
	behindAll := (100 - 4 + 1) * 0.010 / 4
	assert.InDelta(t, 0.24, behindAll, 0.005)
	assert.InDelta(t, behindAll+0.014, latency("clerks", "fifty", "p90"), 0.02, "more than a tenth of the clerks come in a burst")

	pool := results["two"].Nodes["web"].Resources["pool.orders"]
	assert.Greater(t, *pool.Utilization.Mean, 0.8)
	assert.Greater(t, latency("shoppers", "two", "mean"), 4*latency("shoppers", "five", "mean"))
	impatient := results["five-impatient"].Clients["shoppers"]
	assert.InDelta(t, 0.05, *impatient.ErrorRatio.Mean, 0.01, "one in twenty is told to come again")
	assert.EqualValues(t, impatient.Errors["rejected"], impatient.Offered-impatient.OK-impatient.Unfinished)
	assert.Less(t, *impatient.LatencyS["p99"].Mean, 0.3, "and the others wait for no longer than that")
}
