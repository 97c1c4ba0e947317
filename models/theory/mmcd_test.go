package theory

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// Oracle table A1.6.
func TestMMcDAgreesWithTheTable(t *testing.T) {
	for _, row := range []struct {
		queue                                       MMcD
		wait, timeout, waitMean, servedWaitMean     float64
		servedResponseMean, utilisation, throughput float64
	}{
		{MMcD{0.9, 1, 1, 2}, 0.70311265, 0.21876373, 0.90574216, 0.59932536, 1.5993254, 0.70311265, 0.70311265},
		{MMcD{1.2, 1, 1, 2}, 0.8258185, 0.31181792, 1.1718121, 0.796557, 1.796557, 0.8258185, 0.8258185},
		{MMcD{10, 1, 9, 0.5}, 0.73784336, 0.16247676, 0.23701719, 0.18599938, 1.1859994, 0.93058138, 8.3752324},
		{MMcD{10, 1, 10, 0.5}, 0.62110414, 0.10351736, 0.18115538, 0.14433821, 1.1443382, 0.89648264, 8.9648264},
		{MMcD{48, 1, 50, 0.2}, 0.44759116, 0.033664564, 0.045373393, 0.039986612, 1.0399866, 0.92768202, 46.384101},
		{MMcD{100, 1, 90, 0.1}, 0.75674842, 0.11313183, 0.048770169, 0.042235123, 1.0422351, 0.98540908, 88.686817},
		{MMcD{4, 1, 4, 1}, 0.69264069, 0.13852814, 0.41558442, 0.32160804, 1.321608, 0.86147186, 3.4458874},
	} {
		q := row.queue
		assertTable(t, "P(W>0)", row.wait, q.WaitProbability())
		assertTable(t, "P(timeout)", row.timeout, q.TimeoutProbability())
		assertTable(t, "E[min(W,tau)]", row.waitMean, q.WaitMean())
		assertTable(t, "E[W] served", row.servedWaitMean, q.ServedWaitMean())
		assertTable(t, "E[T] served", row.servedResponseMean, q.ServedResponseMean())
		assertTable(t, "utilisation", row.utilisation, q.Utilisation())
		assertTable(t, "goodput", row.throughput, q.Throughput())
	}
}

// References computed with 50 digits (mpmath): a hundredfold overload whose
// densities reach e^(10^5), a load so close to capacity that the closed forms
// cancel, and one so light that nobody ever times out.
func TestMMcDHoldsFarFromAndCloseToCapacity(t *testing.T) {
	far := MMcD{1000, 1, 10, 100}
	assertWithin(t, "P(timeout)", 0.99, far.TimeoutProbability(), 1e-11)
	assertWithin(t, "E[W] served", 99.998989899, far.ServedWaitMean(), 1e-10)
	near := MMcD{9.9999, 1, 10, 0.01}
	assertWithin(t, "P(W>0)", 0.231076942379, near.WaitProbability(), 1e-11)
	assertWithin(t, "P(timeout)", 0.210069938069, near.TimeoutProbability(), 1e-11)
	assertWithin(t, "E[W] served", 0.000132967472828, near.ServedWaitMean(), 1e-11)
	light := MMcD{1, 1, 10, 1000}
	assertWithin(t, "P(W>0)", 1.12641902044e-7, light.WaitProbability(), 1e-11)
	assertWithin(t, "E[W] served", 1.25157668938e-8, light.ServedWaitMean(), 1e-11)
	assert.Zero(t, light.TimeoutProbability())
}

func TestMMcDBetweenLossAndPatience(t *testing.T) {
	assertWithin(t, "no patience", ErlangB(4, 3), MMcD{3, 1, 4, 0}.TimeoutProbability(), 1e-13)
	assertWithin(t, "patience", MM1{0.8, 1}.WaitMean(), MMcD{0.8, 1, 1, 500}.ServedWaitMean(), 1e-10)
}

func TestMMcDSeriesMeetsItsClosedForm(t *testing.T) {
	for _, y := range []float64{-1, 1} {
		inside, outside := expMoment(y*(1-1e-12)), expMoment(y*(1+1e-12))
		assertWithin(t, "expMoment", inside, outside, 1e-11)
	}
	assertWithin(t, "expIntegral(0)", 1, expIntegral(0), 1e-15)
	assertWithin(t, "expMoment(0)", 0.5, expMoment(0), 1e-15)
}
