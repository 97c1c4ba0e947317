package theory

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// Oracle table A6.1, rate 1.
func TestSlowestOfManyAgreesWithTheTable(t *testing.T) {
	for _, row := range []struct {
		n                                    int
		mean, deviation, p50, p95, p99, p999 float64
	}{
		{1, 1, 1, 0.69314718, 2.9957323, 4.6051702, 6.9077553},
		{2, 1.5, 1.118034, 1.2279472, 3.6761383, 5.2958079, 7.6006524},
		{3, 1.8333333, 1.1666667, 1.5784264, 4.0773442, 5.7004361, 8.0060341},
		{5, 2.2833333, 1.209798, 2.0444649, 4.5847581, 6.210592, 8.516793},
		{10, 2.9289683, 1.2448967, 2.7035552, 5.2753439, 6.9032368, 9.2098902},
		{20, 3.5977397, 1.2633935, 3.3795238, 5.9672096, 7.5961327, 9.9030124},
		{100, 5.1873775, 1.2786649, 4.9751468, 7.5756219, 9.2053697, 11.51243},
		{1000, 7.4854709, 1.2821601, 7.2746148, 9.8779762, 11.50791, 13.815011},
	} {
		slowest := OrderStatistic{K: row.n, N: row.n, Mu: 1}
		assertTable(t, "mean", row.mean, slowest.Mean())
		assertTable(t, "sd", row.deviation, slowest.Deviation())
		assertTable(t, "p50", row.p50, slowest.Quantile(0.5))
		assertTable(t, "p95", row.p95, slowest.Quantile(0.95))
		assertTable(t, "p99", row.p99, slowest.Quantile(0.99))
		assertTable(t, "p99.9", row.p999, slowest.Quantile(0.999))
		assertWithin(t, "survival", 0.01, slowest.Survival(slowest.Quantile(0.99)), 1e-10)
	}
}

// Oracle table A6.1, second part.
func TestQuorumAgreesWithTheTable(t *testing.T) {
	for _, row := range []struct {
		k, n int
		mean float64
	}{
		{1, 3, 0.33333333},
		{2, 3, 0.83333333},
		{3, 3, 1.8333333},
		{3, 5, 0.78333333},
		{5, 5, 2.2833333},
		{9, 10, 1.9289683},
		{95, 100, 2.9040442},
	} {
		assertTable(t, "mean", row.mean, OrderStatistic{row.k, row.n, 1}.Mean())
	}
}

// Mean of the slowest of n exponential calls of 100 microseconds, as printed in
// a discussion of fan-out.
func TestFanOutAgreesWithPublishedFigures(t *testing.T) {
	for n, want := range map[int]float64{
		5: 228, 10: 293, 50: 450, 100: 519, 200: 588, 500: 679, 1000: 749,
	} {
		assertPrinted(t, "mean", want, OrderStatistic{n, n, 1.0 / 100}.Mean(), 0)
	}
}

func TestQuorumQuantilesInvertItsSurvival(t *testing.T) {
	two := OrderStatistic{K: 2, N: 3, Mu: 4}
	at := two.Quantile(0.99)
	assertWithin(t, "P(T>t)", 0.01, two.Survival(at), 1e-10)
	assert.Equal(t, 1.0, two.Survival(0))
	first := OrderStatistic{K: 1, N: 3, Mu: 4}
	assertWithin(t, "fastest", 4.605170185988092/12, first.Quantile(0.99), 1e-10)
}
