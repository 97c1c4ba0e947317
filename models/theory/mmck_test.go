package theory

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// Oracle table A1.3.
func TestMMcKAgreesWithTheTable(t *testing.T) {
	for _, row := range []struct {
		queue                                     MMcK
		empty, blocking, throughput, utilisation  float64
		number, queueMean, waitMean, responseMean float64
		t50, t99                                  float64
	}{
		{MMcK{0.9, 1, 1, 5}, 0.21342029, 0.12602255, 0.78657971, 0.78657971, 2.1947823, 1.4082026, 1.790286, 2.790286, 2.3229861, 9.5163041},
		{MMcK{1.2, 1, 1, 10}, 0.031103794, 0.1925865, 0.96889621, 0.96889621, 6.7107087, 5.7418125, 5.9261378, 6.9261378, 6.7157195, 16.667531},
		{MMcK{40, 30, 3, 7}, 0.25503688, 0.0039313152, 39.842747, 0.44269719, 1.4549379, 0.12684634, 0.0031836746, 0.036517008, 0.02639, 0.1593017},
		{MMcK{50, 10, 4, 6}, 0.0072141126, 0.29354299, 35.32285, 0.88307126, 4.3542054, 0.82192038, 0.023268801, 0.1232688, 0.095830175, 0.49031869},
		{MMcK{3, 2, 2, 5}, 0.1793345, 0.085113835, 2.7446585, 0.68616462, 2.0059545, 0.63362522, 0.23085758, 0.73085758, 0.57891425, 2.7657264},
		{MMcK{8, 4, 5, 12}, 0.13433361, 5.8691252e-05, 7.9995305, 0.39997652, 2.0393461, 0.039463447, 0.0049332205, 0.25493322, 0.17887753, 1.1585005},
		{MMcK{12, 1, 10, 14}, 6.0087212e-06, 0.21259667, 9.4488399, 0.94488399, 11.249022, 1.800182, 0.19051884, 1.1905188, 0.9054638, 4.8192758},
		{MMcK{100, 10, 8, 40}, 6.3910292e-08, 0.2000648, 79.99352, 0.99991899, 36.011595, 28.012243, 0.3501814, 0.4501814, 0.43589262, 0.84731077},
	} {
		q := row.queue
		assertTable(t, "P0", row.empty, q.NumberProbability(0))
		assertTable(t, "P(block)", row.blocking, q.BlockingProbability())
		assertTable(t, "X", row.throughput, q.Throughput())
		assertTable(t, "utilisation", row.utilisation, q.Utilisation())
		assertTable(t, "L", row.number, q.NumberMean())
		assertTable(t, "Lq", row.queueMean, q.QueueMean())
		assertTable(t, "E[W]", row.waitMean, q.WaitMean())
		assertTable(t, "E[T]", row.responseMean, q.ResponseMean())
		assertTable(t, "T p50", row.t50, q.ResponseQuantile(0.5))
		assertTable(t, "T p99", row.t99, q.ResponseQuantile(0.99))
	}
}

// The regression tests of GNU Octave's queueing package (qsmmmk.m).
func TestMMcKAgreesWithOctaveQueueing(t *testing.T) {
	first := MMcK{40, 30, 3, 7}
	assertPrinted(t, "p0", 0.255037, first.NumberProbability(0), 6)
	assertPrinted(t, "R", 0.036517, first.ResponseMean(), 6)
	assertPrinted(t, "pK", 0.293543, MMcK{50, 10, 4, 6}.BlockingProbability(), 6)
	third := MMcK{3, 2, 2, 5}
	assert.InDelta(t, 0.179334, third.NumberProbability(0), 1e-6)
	assertPrinted(t, "pK", 0.085113835, third.BlockingProbability(), 8)
	assert.InDelta(t, 2.00595, third.NumberMean(), 1e-5)
	assert.InDelta(t, 0.230857, third.WaitMean(), 1e-6)
}

// References computed with 50 digits (mpmath): a critically loaded queue of
// 400 places, one of 3000 places just below, and probabilities so small that a
// difference from 1 would lose them.
func TestMMcKHoldsForManyPlacesAndRareEvents(t *testing.T) {
	critical := MMcK{2, 1, 2, 400}
	assertWithin(t, "P0", 0.00124843945069, critical.NumberProbability(0), 1e-11)
	assertWithin(t, "P(block)", 0.00249687890137, critical.BlockingProbability(), 1e-11)
	assertWithin(t, "L", 200.24968789, critical.NumberMean(), 1e-11)
	assertWithin(t, "E[T]", 100.375469337, critical.ResponseMean(), 1e-11)
	assertWithin(t, "P(T>5)", 0.976211842369, critical.ResponseSurvival(5), 1e-10)
	assertWithin(t, "P(T>150)", 0.250312891281, critical.ResponseSurvival(150), 1e-10)
	assertWithin(t, "P(T>230)", 3.32939219493e-5, critical.ResponseSurvival(230), 1e-10)
	below := MMcK{1.999, 1, 2, 3000}
	assertWithin(t, "P(block)", 0.00014356472264, below.BlockingProbability(), 1e-10)
	assertWithin(t, "L", 1138.39870447, below.NumberMean(), 1e-10)
	light := MMcK{0.3, 1, 1, 60}
	assertWithin(t, "P(block)", 2.96738107927e-32, light.BlockingProbability(), 1e-11)
	assertWithin(t, "P(T>60)", 5.74952226429e-19, light.ResponseSurvival(60), 1e-10)
}

func TestMMcKWithoutWaitingRoomIsErlangB(t *testing.T) {
	q := MMcK{8, 1, 10, 10}
	assertWithin(t, "P(block)", ErlangB(10, 8), q.BlockingProbability(), 1e-13)
	assert.Zero(t, q.WaitMean())
	assertWithin(t, "T p99", 4.605170185988092, q.ResponseQuantile(0.99), 1e-12)
}

func TestMMcKWithAmpleRoomIsMMc(t *testing.T) {
	limited, open := MMcK{3.5, 1, 5, 400}, MMc{3.5, 1, 5}
	assertWithin(t, "E[T]", open.ResponseMean(), limited.ResponseMean(), 1e-12)
	assertWithin(t, "T p99.9", open.ResponseQuantile(0.999), limited.ResponseQuantile(0.999), 1e-11)
}

func TestMMcKObeysLittle(t *testing.T) {
	q := MMcK{12, 1, 10, 14}
	assertWithin(t, "L = X T", q.NumberMean(), Little(q.Throughput(), q.ResponseMean()), 1e-12)
	assertWithin(t, "Lq = X W", q.QueueMean(), Little(q.Throughput(), q.WaitMean()), 1e-12)
	assertWithin(t, "X = lambda (1-pK)", 12*(1-q.BlockingProbability()), q.Throughput(), 1e-12)
}

func TestMMcKWithoutArrivalsOnlyServes(t *testing.T) {
	q := MMcK{0, 2, 3, 5}
	assert.Equal(t, 0.5, q.ResponseMean())
	assert.Zero(t, q.Throughput())
	assert.Zero(t, q.BlockingProbability())
}
