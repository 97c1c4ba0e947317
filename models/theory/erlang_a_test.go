package theory

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// Oracle table A1.5.
func TestErlangAAgreesWithTheTable(t *testing.T) {
	for _, row := range []struct {
		queue                                              ErlangA
		wait, abandon, waitMean, servedWaitMean, queueMean float64
		utilisation, throughput                            float64
	}{
		{ErlangA{10, 1, 9, 0.5}, 0.75793995, 0.15768737, 0.31537475, 0.31217848, 3.1537475, 0.93590292, 8.4231263},
		{ErlangA{10, 1, 10, 0.5}, 0.61965523, 0.10391321, 0.20782642, 0.19958121, 2.0782642, 0.89608679, 8.9608679},
		{ErlangA{10, 1, 12, 0.5}, 0.34152022, 0.039181148, 0.078362297, 0.073273559, 0.78362297, 0.80068238, 9.6081885},
		{ErlangA{48, 1, 50, 0.5}, 0.46777407, 0.030912249, 0.061824498, 0.060265004, 2.9675759, 0.93032424, 46.516212},
		{ErlangA{100, 1, 90, 2}, 0.74413263, 0.11381289, 0.056906443, 0.056786727, 5.6906443, 0.98465235, 88.618711},
		{ErlangA{1.2, 1, 1, 0.25}, 0.82309314, 0.31408905, 1.2563562, 1.23053, 1.5076275, 0.82309314, 0.82309314},
		{ErlangA{0.9, 1, 1, 1}, 0.59343034, 0.34063296, 0.34063296, 0.23357206, 0.30656966, 0.59343034, 0.59343034},
	} {
		q := row.queue
		assertTable(t, "P(n>=c)", row.wait, q.WaitProbability())
		assertTable(t, "P(abandon)", row.abandon, q.AbandonProbability())
		assertTable(t, "E[W] all", row.waitMean, q.WaitMean())
		assertTable(t, "E[W] served", row.servedWaitMean, q.ServedWaitMean())
		assertTable(t, "Lq", row.queueMean, q.QueueMean())
		assertTable(t, "utilisation", row.utilisation, q.Utilisation())
		assertTable(t, "goodput", row.throughput, q.Throughput())
	}
}

func TestErlangAWithPatienceLikeServiceIsPoisson(t *testing.T) {
	// With Theta = Mu everybody leaves at one rate: M/M/infinity.
	q := ErlangA{Lambda: 10, Mu: 1, C: 9, Theta: 1}
	tail := poisson(10).mean(func(n int) float64 { return float64(max(n-9, 0)) })
	assertWithin(t, "Lq", tail, q.QueueMean(), 1e-12)
	assertWithin(t, "P(abandon)", tail/10, q.AbandonProbability(), 1e-12)
}

func TestErlangABetweenLossAndPatience(t *testing.T) {
	patient, open := ErlangA{3.5, 1, 5, 1e-9}, MMc{3.5, 1, 5}
	assertWithin(t, "patient: E[W]", open.WaitMean(), patient.ServedWaitMean(), 1e-6)
	hasty := ErlangA{3.5, 1, 5, 1e9}
	assertWithin(t, "hasty: loss", ErlangB(5, 3.5), hasty.AbandonProbability(), 1e-6)
}

func TestErlangAUnderTenfoldOverloadServesItsCapacity(t *testing.T) {
	q := ErlangA{Lambda: 5000, Mu: 1, C: 500, Theta: 0.1}
	assertWithin(t, "utilisation", 1, q.Utilisation(), 1e-12)
	assertWithin(t, "P(abandon)", 0.9, q.AbandonProbability(), 1e-12)
	assert.Zero(t, ErlangA{Mu: 1, C: 2, Theta: 1}.WaitMean())
}
