package theory

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Oracle table A2.5, with Mu = 1.
func TestGIM1AgreesWithTheTable(t *testing.T) {
	for _, row := range []struct {
		name                                                    string
		arrivals                                                InterarrivalLaw
		rho, sigma, waitMean, responseMean, t50, t95, t99, t999 float64
	}{
		{"D/M/1", ConstantArrivals(1 / 0.5), 0.5, 0.20318787, 0.25500097, 1.255001, 0.86990039, 3.7596469, 5.7794931, 8.6692396},
		{"D/M/1", ConstantArrivals(1 / 0.8), 0.8, 0.6286298, 1.6927308, 2.6927308, 1.8664588, 8.0667007, 12.400484, 18.600726},
		{"D/M/1", ConstantArrivals(1 / 0.9), 0.9, 0.80689983, 4.1786594, 5.1786594, 3.5895732, 15.513877, 23.848608, 35.772912},
		{"E2/M/1", ErlangArrivals(2, 1/0.5), 0.5, 0.38196601, 0.61803399, 1.618034, 1.1215357, 4.8471966, 7.4513219, 11.176983},
		{"E2/M/1", ErlangArrivals(2, 1/0.8), 0.8, 0.73985295, 2.8439798, 3.8439798, 2.6644437, 11.515534, 17.702181, 26.553272},
		{"E2/M/1", ErlangArrivals(2, 1/0.9), 0.9, 0.86821789, 6.5882836, 7.5882836, 5.2597974, 22.732466, 34.945338, 52.418006},
		{"E4/M/1", ErlangArrivals(4, 1/0.5), 0.5, 0.30193109, 0.43252332, 1.4325233, 0.9929495, 4.2914564, 6.5970137, 9.8955206},
		{"E4/M/1", ErlangArrivals(4, 1/0.8), 0.8, 0.69394472, 2.2673836, 3.2673836, 2.2647777, 9.7882065, 15.046858, 22.570286},
		{"E4/M/1", ErlangArrivals(4, 1/0.9), 0.9, 0.84333507, 5.3830495, 6.3830495, 4.4243928, 19.121907, 29.395029, 44.092544},
		{"H2/M/1", HyperexponentialArrivals([]float64{0.1, 0.9}, []float64{5 / 0.5, 5 / 9.0 / 0.5}), 0.5, 0.7, 2.3333333, 3.3333333, 2.3104906, 9.9857742, 15.350567, 23.025851},
		{"H2/M/1", HyperexponentialArrivals([]float64{0.1, 0.9}, []float64{5 / 0.8, 5 / 9.0 / 0.8}), 0.8, 0.91581255, 10.878254, 11.878254, 8.2333786, 35.58407, 54.701383, 82.052075},
		{"H2/M/1", HyperexponentialArrivals([]float64{0.1, 0.9}, []float64{5 / 0.9, 5 / 9.0 / 0.9}), 0.9, 0.96136576, 24.883773, 25.883773, 17.941264, 77.540854, 119.19918, 178.79877},
	} {
		q := GIM1{Interarrival: row.arrivals, Mu: 1}
		assertTable(t, row.name+" rho", row.rho, q.Utilisation())
		assertTable(t, row.name+" sigma", row.sigma, q.WaitProbability())
		assertTable(t, row.name+" E[W]", row.waitMean, q.WaitMean())
		assertTable(t, row.name+" E[T]", row.responseMean, q.ResponseMean())
		assertTable(t, row.name+" L", row.rho*row.responseMean, q.NumberMean())
		assertTable(t, row.name+" T p50", row.t50, q.ResponseQuantile(0.5))
		assertTable(t, row.name+" T p95", row.t95, q.ResponseQuantile(0.95))
		assertTable(t, row.name+" T p99", row.t99, q.ResponseQuantile(0.99))
		assertTable(t, row.name+" T p99.9", row.t999, q.ResponseQuantile(0.999))
	}
}

// Oracle table A5.1: k servers of rate 1 behind a balancer, each offered rho.
func TestRoundRobinAndRandomAgreeWithTheTable(t *testing.T) {
	for _, row := range []struct {
		servers                       int
		rho, random, roundRobin, rr99 float64
	}{
		{2, 0.5, 2, 1.618034, 7.4513219},
		{2, 0.7, 3.3333333, 2.6006229, 11.976311},
		{2, 0.8, 5, 3.8439798, 17.702181},
		{2, 0.9, 10, 7.5882836, 34.945338},
		{3, 0.5, 2, 1.493725, 6.8788578},
		{3, 0.7, 3.3333333, 2.3577273, 10.857736},
		{3, 0.8, 5, 3.4594228, 15.931231},
		{3, 0.9, 10, 6.7847244, 31.24481},
		{4, 0.5, 2, 1.4325233, 6.5970137},
		{4, 0.7, 3.3333333, 2.2366936, 10.300355},
		{4, 0.8, 5, 3.2673836, 15.046858},
		{4, 0.9, 10, 6.3830495, 29.395029},
	} {
		lambda := float64(row.servers) * row.rho
		assertTable(t, "random E[T]", row.random, RandomSplit(row.servers, lambda, 1).ResponseMean())
		dealt := RoundRobin(row.servers, lambda, 1)
		assertTable(t, "round robin E[T]", row.roundRobin, dealt.ResponseMean())
		assertTable(t, "round robin T p99", row.rr99, dealt.ResponseQuantile(0.99))
	}
}

// Oracle table A5.1, second part.
func TestRoundRobinOverManyServersAgreesWithTheTable(t *testing.T) {
	for _, row := range []struct {
		servers                            int
		rho, sigma, responseMean, t50, t99 float64
	}{
		{5, 0.5, 0.28376774, 1.3961951, 0.96776873, 6.4297163},
		{5, 0.8, 0.68276696, 3.1522567, 2.1849779, 14.516679},
		{5, 0.9, 0.83718888, 6.1420867, 4.2573701, 28.285355},
		{8, 0.5, 0.25505152, 1.3423747, 0.93046325, 6.181864},
		{8, 0.8, 0.664399, 2.9797289, 2.0653907, 13.722159},
		{8, 0.9, 0.82701096, 5.7807129, 4.0068849, 26.621167},
		{10, 0.5, 0.24507928, 1.3246424, 0.91817215, 6.1002037},
		{10, 0.8, 0.65780018, 2.9222692, 2.0255626, 13.457547},
		{10, 0.9, 0.82333018, 5.6602764, 3.9234046, 26.066536},
		{16, 0.5, 0.22974335, 1.2982686, 0.8998912, 5.9787477},
		{16, 0.8, 0.64740716, 2.8361324, 1.9658572, 13.060873},
		{16, 0.9, 0.8175064, 5.4796444, 3.7982, 25.234695},
	} {
		q := RoundRobin(row.servers, float64(row.servers)*row.rho, 1)
		assertTable(t, "sigma", row.sigma, q.WaitProbability())
		assertTable(t, "E[T]", row.responseMean, q.ResponseMean())
		assertTable(t, "T p50", row.t50, q.ResponseQuantile(0.5))
		assertTable(t, "T p99", row.t99, q.ResponseQuantile(0.99))
	}
}

// Tutorial 4 of the LINE solver: one request a second over two servers that
// serve two.
func TestBalancersAgreeWithLINE(t *testing.T) {
	assertPrinted(t, "random", 0.66667, RandomSplit(2, 1, 2).ResponseMean(), 5)
	assertPrinted(t, "round robin", 0.57735, RoundRobin(2, 1, 2).ResponseMean(), 5)
}

func TestGIM1WithPoissonArrivalsIsMM1(t *testing.T) {
	general, special := GIM1{ErlangArrivals(1, 1/0.8), 1}, MM1{0.8, 1}
	assertWithin(t, "sigma", 0.8, general.WaitProbability(), 1e-12)
	assertWithin(t, "W p99", special.WaitQuantile(0.99), general.WaitQuantile(0.99), 1e-12)
	assertWithin(t, "P(T>7)", special.ResponseSurvival(7), general.ResponseSurvival(7), 1e-12)
	assert.Zero(t, general.WaitQuantile(0.1))
}

// As rho tends to 1, 1-sigma tends to 2(1-rho)/(1+ca^2) (Kingman 1962).
func TestGIM1KeepsItsDigitsNearSaturation(t *testing.T) {
	const gap = 1e-8
	q := GIM1{ConstantArrivals(1 / (1 - gap)), 1}
	assertWithin(t, "1-sigma", 2*gap, 1/q.ResponseMean(), 1e-6)
}

func TestGIM1OverloadedHasNoSteadyState(t *testing.T) {
	q := GIM1{ConstantArrivals(1), 1}
	for _, mean := range []float64{
		q.WaitMean(), q.ResponseMean(), q.NumberMean(), q.ResponseQuantile(0.5), q.WaitQuantile(0.5),
	} {
		assert.Equal(t, math.Inf(1), mean)
	}
	assert.Equal(t, 1.0, q.Utilisation())
	assert.Equal(t, 1.0, q.WaitProbability())
	assert.Equal(t, 1.0, q.ResponseSurvival(9))
}
