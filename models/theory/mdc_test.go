package theory

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Oracle table A2.2, second part: M/D/1 with service time 1, from Crommelin's
// alternating sum in 60 digits and more.
func TestMD1AgreesWithTheTable(t *testing.T) {
	for _, row := range []struct {
		rho, waitMean, w50, w95, w99, w999, within1, within3 float64
	}{
		{0.5, 0.5, 0, 2.0506384, 3.336256, 5.168385, 0.82436064, 0.9847487},
		{0.7, 1.1666667, 0.72975089, 4.102898, 6.4854994, 9.8943538, 0.60412581, 0.89467781},
		{0.8, 2, 1.2759399, 6.620325, 10.355887, 15.700268, 0.44510819, 0.76209952},
		{0.9, 4.5, 3.0130475, 14.128674, 21.898237, 33.01397, 0.24596031, 0.49865055},
		{0.95, 9.5, 6.4806679, 29.116204, 44.937766, 67.573302, 0.12928548, 0.28756919},
	} {
		q, err := NewMDc(row.rho, 1, 1)
		require.NoError(t, err)
		assertTable(t, "E[W]", row.waitMean, q.WaitMean())
		assertTable(t, "W p50", row.w50, q.WaitQuantile(0.5))
		assertTable(t, "W p95", row.w95, q.WaitQuantile(0.95))
		assertTable(t, "W p99", row.w99, q.WaitQuantile(0.99))
		assertTable(t, "W p99.9", row.w999, q.WaitQuantile(0.999))
		assertTable(t, "P(W<=1)", row.within1, 1-q.WaitSurvival(1))
		assertTable(t, "P(W<=3)", row.within3, 1-q.WaitSurvival(3))
		assertTable(t, "P(W>0)", row.rho, q.WaitProbability())
		assertTable(t, "T p99", row.w99+1, q.ResponseQuantile(0.99))
	}
}

// Oracle table A2.3, from the stationary law of the embedded chain. The last
// column is the ratio of the mean wait to that of M/M/c, which tends to 1/2
// from above as the load grows (Tijms, A First Course in Stochastic Models).
func TestMDcAgreesWithTheTable(t *testing.T) {
	for _, row := range []struct {
		lambda                                                  float64
		servers                                                 int
		rho, wait, waitMean, responseMean, w50, w95, w99, ratio float64
	}{
		{1, 2, 0.5, 0.32325894, 0.17674106, 1.1767411, 0, 0.90702876, 1.5639178, 0.53022317},
		{1.6, 2, 0.8, 0.70189832, 0.90328388, 1.9032839, 0.54389893, 3.2017571, 5.0695512, 0.50809718},
		{1.8, 2, 0.9, 0.84710764, 2.1469232, 3.1469232, 1.3989487, 6.9555501, 10.840332, 0.50359927},
		{2.4, 3, 0.8, 0.63254225, 0.55390023, 1.5539002, 0.2776825, 2.0769056, 3.3220607, 0.51351167},
		{4, 5, 0.8, 0.53361506, 0.28906001, 1.28906, 0.05147091, 1.1906086, 1.9374388, 0.52166298},
		{4.5, 5, 0.9, 0.74782855, 0.77669516, 1.7766952, 0.47277296, 2.6910732, 4.244986, 0.50931283},
		{8, 10, 0.8, 0.38471739, 0.10982779, 1.1098278, 0, 0.54378057, 0.91740846, 0.53681876},
		{9, 10, 0.9, 0.64686128, 0.34458205, 1.3445821, 0.17051815, 1.2929948, 2.0699518, 0.51527711},
		{18, 20, 0.9, 0.52326507, 0.14428608, 1.1442861, 0.017062707, 0.60912095, 0.99763889, 0.52394406},
	} {
		q, err := NewMDc(row.lambda, 1, row.servers)
		require.NoError(t, err)
		assertTable(t, "rho", row.rho, q.Utilisation())
		assertTable(t, "P(W>0)", row.wait, q.WaitProbability())
		assertTable(t, "E[W]", row.waitMean, q.WaitMean())
		assertTable(t, "E[T]", row.responseMean, q.ResponseMean())
		assertTable(t, "W p50", row.w50, q.WaitQuantile(0.5))
		assertTable(t, "W p95", row.w95, q.WaitQuantile(0.95))
		assertTable(t, "W p99", row.w99, q.WaitQuantile(0.99))
		exponential := MMc{row.lambda, 1, row.servers}
		assertTable(t, "ratio to M/M/c", row.ratio, q.WaitMean()/exponential.WaitMean())
		assertWithin(t, "Little", q.NumberMean(), Little(row.lambda, q.ResponseMean()), 1e-12)
	}
}

// References: for M/D/1, Crommelin's sum in 200 digits; mean queues by
// Spitzer's identity in 40 digits; probabilities and the percentile from the
// embedded chain solved directly.
func TestMDcHoldsForManyServersAndRareWaits(t *testing.T) {
	solve := func(lambda float64, servers int) *MDc {
		q, err := NewMDc(lambda, 1, servers)
		require.NoError(t, err)
		return q
	}
	assertWithin(t, "P(W>10.3)", 1.58449475635e-6, solve(0.5, 1).WaitSurvival(10.3), 1e-8)
	assertWithin(t, "P(W>100.5)", 0.132200705495, solve(0.99, 1).WaitSurvival(100.5), 1e-10)
	many := solve(90, 100)
	assertWithin(t, "Lq", 1.110012633728721, many.QueueMean(), 1e-12)
	assertWithin(t, "P(W>0)", 0.19534285963802345, many.WaitProbability(), 1e-10)
	assertWithin(t, "W p99", 0.16973022583058753, many.WaitQuantile(0.99), 1e-10)
	light := solve(3, 10)
	assertWithin(t, "Lq", 0.000385087983595675, light.QueueMean(), 1e-12)
	assertWithin(t, "P(W>0)", 0.0011044770874965026, light.WaitProbability(), 1e-10)
	assert.Zero(t, light.WaitQuantile(0.99))
	assertWithin(t, "Lq", 6.218412760457425e-8, solve(300, 400).QueueMean(), 1e-11)
	assertWithin(t, "Lq", 5.918426741987097e-64, solve(10, 100).QueueMean(), 1e-11)
}

func TestMDcMeanIsTheSameByEitherFormula(t *testing.T) {
	const servers = 50
	edge := servers - math.Sqrt(servers*0.5) // where one takes over from the other
	spitzer, err := NewMDc(edge-1e-9, 1, servers)
	require.NoError(t, err)
	roots, err := NewMDc(edge+1e-9, 1, servers)
	require.NoError(t, err)
	assertWithin(t, "Lq", spitzer.QueueMean(), roots.QueueMean(), 1e-8)
}

func TestMDcMeanIsTheIntegralOfItsSurvival(t *testing.T) {
	q, err := NewMDc(4.5, 1, 5)
	require.NoError(t, err)
	const steps = 20000
	const width = 30.0 / steps
	sum := 0.0
	for i := range steps { // the midpoint rule
		sum += q.WaitSurvival((float64(i)+0.5)*width) * width
	}
	assertWithin(t, "E[W]", q.WaitMean(), sum, 1e-6)
}

func TestMDcAtItsLimits(t *testing.T) {
	idle, err := NewMDc(0, 2, 3)
	require.NoError(t, err)
	assert.Equal(t, 2.0, idle.ResponseMean())
	assert.Zero(t, idle.WaitQuantile(0.999))
	busy, err := NewMDc(0.9999, 1, 1)
	require.NoError(t, err)
	assertWithin(t, "E[W]", 0.9999/(2*0.0001), busy.WaitMean(), 1e-9)
	assertWithin(t, "P(W>0)", 0.9999, busy.WaitProbability(), 1e-10)
	assert.Zero(t, busy.WaitSurvival(1e300))
	_, err = NewMDc(0.999999, 1, 1)
	assert.ErrorContains(t, err, "too close to saturation")
	over, err := NewMDc(4, 1, 3)
	require.NoError(t, err)
	assert.Equal(t, math.Inf(1), over.ResponseMean())
	assert.Equal(t, math.Inf(1), over.WaitQuantile(0.5))
	assert.Equal(t, 1.0, over.WaitProbability())
	assert.Equal(t, 1.0, over.Utilisation())
}
