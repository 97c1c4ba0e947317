package theory

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Oracle table A1.2.
func TestMMcAgreesWithTheTable(t *testing.T) {
	for _, row := range []struct {
		queue                                                MMc
		rho, wait, waitMean, responseMean, queueMean, number float64
		t50, t95, t99, t999, w95, w99                        float64
	}{
		{MMc{1.5, 1, 2}, 0.75, 0.64285714, 1.2857143, 2.2857143, 1.9285714, 3.4285714, 1.6880679, 6.476581, 9.7095034, 14.317794, 5.107799, 8.3266749},
		{MMc{1.8, 1, 2}, 0.9, 0.85263158, 4.2631579, 5.2631579, 7.6736842, 9.4736842, 3.7691594, 15.297239, 23.34443, 34.857355, 14.181523, 22.228712},
		{MMc{2.4, 1, 3}, 0.8, 0.64719101, 1.0786517, 2.0786517, 2.588764, 4.988764, 1.5788072, 5.7292183, 8.4554774, 12.310253, 4.2676975, 6.950094},
		{MMc{3.5, 1, 5}, 0.7, 0.37783823, 0.25189215, 1.2518922, 0.88162253, 4.3816225, 0.943237, 3.4800345, 5.1344323, 7.46023, 1.3482954, 2.421254},
		{MMc{7, 1, 8}, 0.875, 0.63531602, 0.63531602, 1.635316, 4.4472121, 11.447212, 1.2926737, 4.3152278, 6.202668, 8.7927257, 2.5420995, 4.1515374},
		{MMc{14, 1, 16}, 0.875, 0.50848221, 0.2542411, 1.2542411, 3.5593754, 17.559375, 0.96711129, 3.3954713, 5.0140321, 7.3186357, 1.1597036, 1.9644226},
		{MMc{90, 10, 10}, 0.9, 0.66873152, 0.066873152, 0.16687315, 6.0185837, 15.018584, 0.13290919, 0.43608666, 0.62498767, 0.88410568, 0.25933597, 0.42027976},
		{MMc{60, 1, 64}, 0.9375, 0.50686627, 0.12671657, 1.1267166, 7.6029941, 67.602994, 0.8374707, 3.1518315, 4.7612806, 7.0638658, 0.57905605, 0.98141553},
		{MMc{400, 5, 100}, 0.8, 0.019646427, 0.00019646427, 0.20019646, 0.078585707, 80.078586, 0.13883613, 0.59935315, 0.92124073, 1.3817578, 0, 0.0067531038},
	} {
		q := row.queue
		assertTable(t, "rho", row.rho, q.Utilisation())
		assertTable(t, "P(W>0)", row.wait, q.WaitProbability())
		assertTable(t, "E[W]", row.waitMean, q.WaitMean())
		assertTable(t, "E[T]", row.responseMean, q.ResponseMean())
		assertTable(t, "Lq", row.queueMean, q.QueueMean())
		assertTable(t, "L", row.number, q.NumberMean())
		assertTable(t, "T p50", row.t50, q.ResponseQuantile(0.5))
		assertTable(t, "T p95", row.t95, q.ResponseQuantile(0.95))
		assertTable(t, "T p99", row.t99, q.ResponseQuantile(0.99))
		assertTable(t, "T p99.9", row.t999, q.ResponseQuantile(0.999))
		assertTable(t, "W p95", row.w95, q.WaitQuantile(0.95))
		assertTable(t, "W p99", row.w99, q.WaitQuantile(0.99))
	}
}

// Oracle table A1.7: the fraction that a client's timeout cuts off when the
// server goes on working all the same.
func TestMMcResponsesBeyondATimeout(t *testing.T) {
	for _, row := range []struct {
		queue         MMc
		timeout, want float64
	}{
		{MMc{0.8, 1, 1}, 5, 0.36787944},
		{MMc{0.8, 1, 1}, 10, 0.13533528},
		{MMc{3.5, 1, 5}, 3, 0.079015177},
		{MMc{14, 1, 16}, 3, 0.073842505},
	} {
		assertTable(t, "P(T>tau)", row.want, row.queue.ResponseSurvival(row.timeout))
	}
}

// ETH "Advanced Systems Lab" slides of 2017 and Bronson's problem 24.6, as
// used in the tests of GNU Octave's queueing package; Gunther's PDQ
// demonstrations mmm.R and spamcan.R; the tutorial and a test of Ciw.
func TestMMcAgreesWithTextbooksAndOtherTools(t *testing.T) {
	two, four := MMc{9, 5, 2}, MMc{9, 5, 4}
	assertPrinted(t, "ETH m=2 Lq", 7.674, two.QueueMean(), 3)
	assertPrinted(t, "ETH m=2 R", 1.053, two.ResponseMean(), 3)
	assertPrinted(t, "ETH m=4 Lq", 0.105, four.QueueMean(), 3)
	assertPrinted(t, "ETH m=4 R", 0.212, four.ResponseMean(), 3)

	bronson := MMc{300, 182.5, 3}
	assertPrinted(t, "24.6 Lq", 0.352, bronson.QueueMean(), 3)
	assertPrinted(t, "24.6 L", 1.996, bronson.NumberMean(), 3)
	assertPrinted(t, "24.6 Wq", 0.001175, bronson.WaitMean(), 6)
	assertPrinted(t, "24.6 W", 0.006654, bronson.ResponseMean(), 6)
	assertPrinted(t, "24.6 p0", 0.17754, bronson.NumberProbability(0), 5)

	mmm := MMc{2, 1, 3}
	assertPrinted(t, "mmm.R P(wait)", 4.0/9, mmm.WaitProbability(), 12)
	assertPrinted(t, "mmm.R Wq", 0.444444, mmm.WaitMean(), 6)
	assertPrinted(t, "mmm.R R", 1.444444, mmm.ResponseMean(), 6)
	assertPrinted(t, "mmm.R L", 2.888889, mmm.NumberMean(), 6)
	assertPrinted(t, "spamcan.R L", 100.7726, MMc{0.66, 1.0 / 6, 4}.NumberMean(), 4)

	assertPrinted(t, "Ciw bank, 3 clerks", 4.444444, MMc{0.2, 0.1, 3}.WaitMean(), 6)
	assertPrinted(t, "Ciw bank, 4 clerks", 0.869565, MMc{0.2, 0.1, 4}.WaitMean(), 6)
	for n, want := range []float64{ // Ciw test_capacitated_ps
		0.4321329639889196, 0.3601108033240997, 0.1500461680517082,
		0.041679491125474505, 0.011577636423742918, 0.003216010117706367,
		0.0008933361438073241, 0.0002481489288353678, 6.89302580098244e-05,
	} {
		assertWithin(t, "Ciw P(N=n)", want, MMc{10, 12, 3}.NumberProbability(n), 1e-13)
	}
}

func TestMMcQuantilesInvertTheSurvivalFunctions(t *testing.T) {
	q := MMc{14, 1, 16}
	assertWithin(t, "W", 0.01, q.WaitSurvival(q.WaitQuantile(0.99)), 1e-12)
	assertWithin(t, "T", 0.001, q.ResponseSurvival(q.ResponseQuantile(0.999)), 1e-11)
	assertWithin(t, "P(W>0)", q.WaitProbability(), q.WaitSurvival(0), 1e-15)
}

func TestMMcOfOneServerIsMM1(t *testing.T) {
	many, one := MMc{0.8, 1, 1}, MM1{0.8, 1}
	assertWithin(t, "E[T]", one.ResponseMean(), many.ResponseMean(), 1e-13)
	assertWithin(t, "T p99", one.ResponseQuantile(0.99), many.ResponseQuantile(0.99), 1e-13)
	assertWithin(t, "W p99", one.WaitQuantile(0.99), many.WaitQuantile(0.99), 1e-13)
	assertWithin(t, "P(N=7)", 0.2*math.Pow(0.8, 7), many.NumberProbability(7), 1e-13)
}

// Where c Mu - Lambda equals Mu, the two exponentials of the response time
// merge; nothing may jump or lose digits on the way there.
func TestMMcResponseIsContinuousWhereItsRatesMeet(t *testing.T) {
	middle := MMc{2, 1, 3}.ResponseSurvival(4)
	for _, nudge := range []float64{1e-3, 1e-6, 1e-9, 1e-12} {
		up := MMc{2 + nudge, 1, 3}.ResponseSurvival(4)
		down := MMc{2 - nudge, 1, 3}.ResponseSurvival(4)
		assertWithin(t, "between neighbours", middle, (up+down)/2, math.Max(5e-15, 10*nudge*nudge))
	}
}

func TestMMcNumberLawSumsToOneAndGivesTheMean(t *testing.T) {
	q := MMc{400, 5, 100}
	sum, mean := 0.0, 0.0
	for n := range 2000 {
		p := q.NumberProbability(n)
		sum += p
		mean += float64(n) * p
	}
	assertWithin(t, "sum", 1, sum, 1e-12)
	assertWithin(t, "mean", q.NumberMean(), mean, 1e-11)
}

func TestMMcWithInfinitelyManyServersOnlyServes(t *testing.T) {
	q := MMc{1000, 2, InfiniteServers}
	assert.Zero(t, q.WaitMean())
	assert.Equal(t, 0.5, q.ResponseMean())
	assertWithin(t, "T p99", math.Log(100)/2, q.ResponseQuantile(0.99), 1e-12)
	assertWithin(t, "P(N=500)", poisson(500).at(500), q.NumberProbability(500), 1e-12)
}

func TestMMcOverloadedHasNoSteadyState(t *testing.T) {
	q := MMc{3, 1, 3}
	for _, mean := range []float64{
		q.NumberMean(), q.QueueMean(), q.WaitMean(), q.ResponseMean(),
		q.ResponseQuantile(0.5), q.WaitQuantile(0.5),
	} {
		assert.Equal(t, math.Inf(1), mean)
	}
	assert.Equal(t, 1.0, q.Utilisation())
	assert.Equal(t, 1.0, q.WaitProbability())
	assert.Equal(t, 1.0, q.ResponseSurvival(100))
	assert.Equal(t, 1.0, q.WaitSurvival(100))
	assert.Zero(t, q.NumberProbability(3))
}
