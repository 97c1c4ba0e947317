package theory

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Third moments of service laws of mean 1 (gamma of shape k, lognormal of
// coefficient of variation cv), of a mixture of two exponentials, and of a
// Pareto law bounded to [low, high].
func gammaThird(k float64) float64 { return (k + 1) * (k + 2) / (k * k) }

func lognormalThird(cv float64) float64 { return math.Pow(1+cv*cv, 3) }

func hyperThird(p, first, second float64) float64 {
	return 6 * (p*first*first*first + (1-p)*second*second*second)
}

func paretoThird(low, high, shape float64) float64 {
	mass := 1 - math.Pow(low/high, shape)
	return shape * math.Pow(low, shape) / mass *
		(math.Pow(high, 3-shape) - math.Pow(low, 3-shape)) / (3 - shape)
}

// Oracle table A2.1: Pollaczek and Khinchine's means for twelve service laws.
// The moments of the Pareto laws are themselves entries of the table, so their
// error near saturation is that of its last digit.
func TestMG1AgreesWithTheTable(t *testing.T) {
	for _, row := range []struct {
		service                                        string
		queue                                          MG1
		third                                          float64
		rho, waitMean, responseMean, number, deviation float64
		shared                                         float64
	}{
		{"D", MG1{0.5, 1, 0}, 1, 0.5, 0.5, 1.5, 0.75, 0.76376262, 2},
		{"D", MG1{0.8, 1, 0}, 1, 0.8, 2, 3, 2.4, 2.3094011, 5},
		{"Erlang-2", MG1{0.5, 1, 0.5}, gammaThird(2), 0.5, 0.75, 1.75, 0.875, 1.25, 2},
		{"Erlang-2", MG1{0.8, 1, 0.5}, gammaThird(2), 0.8, 3, 4, 3.2, 3.6055513, 5},
		{"Erlang-4", MG1{0.5, 1, 0.25}, gammaThird(4), 0.5, 0.625, 1.625, 0.8125, 1.0077822, 2},
		{"Erlang-4", MG1{0.8, 1, 0.25}, gammaThird(4), 0.8, 2.5, 3.5, 2.8, 2.9580399, 5},
		{"Gamma(k=0.5)", MG1{0.5, 1, 2}, gammaThird(0.5), 0.5, 1.5, 2.5, 1.25, 2.6925824, 2},
		{"Gamma(k=0.5)", MG1{0.8, 1, 2}, gammaThird(0.5), 0.8, 6, 7, 5.6, 7.4833148, 5},
		{"Exp", MG1{0.5, 1, 1}, gammaThird(1), 0.5, 1, 2, 1, 1.7320508, 2},
		{"Exp", MG1{0.8, 1, 1}, gammaThird(1), 0.8, 4, 5, 4, 4.8989795, 5},
		{"LogN(cv=0.5)", MG1{0.5, 1, 0.25}, lognormalThird(0.5), 0.5, 0.625, 1.625, 0.8125, 1.0206207, 2},
		{"LogN(cv=0.5)", MG1{0.8, 1, 0.25}, lognormalThird(0.5), 0.8, 2.5, 3.5, 2.8, 2.9755952, 5},
		{"LogN(cv=1)", MG1{0.5, 1, 1}, lognormalThird(1), 0.5, 1, 2, 1, 1.9148542, 2},
		{"LogN(cv=1)", MG1{0.8, 1, 1}, lognormalThird(1), 0.8, 4, 5, 4, 5.1639778, 5},
		{"LogN(cv=2)", MG1{0.5, 1, 4}, lognormalThird(2), 0.5, 2.5, 3.5, 1.75, 6.9221866, 2},
		{"LogN(cv=2)", MG1{0.8, 1, 4}, lognormalThird(2), 0.8, 10, 11, 8.8, 16.329932, 5},
		{"H2(p=0.1,m1=5,m2=0.555556)", MG1{0.5, 1, 41.0 / 9}, hyperThird(0.1, 5, 5.0/9), 0.5, 2.7777778, 3.7777778, 1.8888889, 5.7467114, 2},
		{"H2(p=0.1,m1=5,m2=0.555556)", MG1{0.8, 1, 41.0 / 9}, hyperThird(0.1, 5, 5.0/9), 0.8, 11.111111, 12.111111, 9.6888889, 14.989708, 5},
		{"H2(p=0.3,m1=2,m2=0.571429)", MG1{0.5, 1, 13.0 / 7}, hyperThird(0.3, 2, 4.0/7), 0.5, 1.4285714, 2.4285714, 1.2142857, 2.6649654, 2},
		{"H2(p=0.3,m1=2,m2=0.571429)", MG1{0.8, 1, 13.0 / 7}, hyperThird(0.3, 2, 4.0/7), 0.8, 5.7142857, 6.7142857, 5.3714286, 7.2730983, 5},
		{"BPareto(L=0.3,H=100,a=1.5)", MG1{0.58765125, 0.85084478, 5.4373969}, paretoThird(0.3, 100, 1.5), 0.5, 2.7386128, 3.5894576, 2.1093492, 8.4778517, 1.7016896},
		{"BPareto(L=0.3,H=100,a=1.5)", MG1{0.94024201, 0.85084478, 5.4373969}, paretoThird(0.3, 100, 1.5), 0.8, 10.954451, 11.805296, 11.099835, 19.429253, 4.2542239},
		{"BPareto(L=0.2,H=1000,a=1.5)", MG1{0.84528511, 0.59151639, 22.908273}, paretoThird(0.2, 1000, 1.5), 0.5, 7.0710678, 7.6625842, 6.4770684, 40.54485, 1.1830328},
		{"BPareto(L=0.2,H=1000,a=1.5)", MG1{1.3524562, 0.59151639, 22.908273}, paretoThird(0.2, 1000, 1.5), 0.8, 28.284271, 28.875788, 39.053237, 84.708557, 2.957582},
	} {
		q := row.queue
		assertTable(t, row.service+" rho", row.rho, q.Utilisation())
		assertWithin(t, row.service+" E[W]", row.waitMean, q.WaitMean(), 2e-7)
		assertWithin(t, row.service+" E[T]", row.responseMean, q.ResponseMean(), 2e-7)
		assertWithin(t, row.service+" L", row.number, q.NumberMean(), 2e-7)
		assertWithin(t, row.service+" sd W", row.deviation, q.WaitDeviation(row.third), 2e-7)
		assertWithin(t, row.service+" shared", row.shared, q.SharedResponseMean(), 2e-7)
	}
}

func TestMG1WithExponentialServiceIsMM1(t *testing.T) {
	general, special := MG1{0.9, 1, 1}, MM1{0.9, 1}
	assertWithin(t, "E[W]", special.WaitMean(), general.WaitMean(), 1e-13)
	assertWithin(t, "Lq", special.QueueMean(), general.QueueMean(), 1e-13)
	assertWithin(t, "E[T], shared", special.ResponseMean(), general.SharedResponseMean(), 1e-13)
}

// Ciw test_ps_average_service_time.
func TestMG1SharedAgreesWithCiw(t *testing.T) {
	assertWithin(t, "3/5", 0.5, MG1{3, 0.2, 0}.SharedResponseMean(), 1e-13)
	assertWithin(t, "4/5", 1, MG1{4, 0.2, 3}.SharedResponseMean(), 1e-13)
	assertWithin(t, "3/6", 1.0/3, MG1{3, 1.0 / 6, 1}.SharedResponseMean(), 1e-13)
}

func TestMG1OverloadedHasNoSteadyState(t *testing.T) {
	q := MG1{2, 0.5, 3}
	for _, mean := range []float64{
		q.WaitMean(), q.ResponseMean(), q.QueueMean(), q.NumberMean(),
		q.WaitDeviation(1), q.SharedResponseMean(),
	} {
		assert.Equal(t, math.Inf(1), mean)
	}
	assert.Equal(t, 1.0, q.Utilisation())
}
