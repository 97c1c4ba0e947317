package theory

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Oracle table A3.
func TestMG1PriorityAgreesWithTheTable(t *testing.T) {
	for _, row := range []struct {
		name                       string
		classes                    MG1Priority
		wait, response, preemptive []float64
	}{
		{
			"three exponential", MG1Priority{{0.3, 1, 1}, {0.3, 1, 1}, {0.2, 1, 1}},
			[]float64{1.1428571, 2.8571429, 10}, []float64{2.1428571, 3.8571429, 11}, []float64{1.4285714, 3.5714286, 12.5},
		},
		{
			"two exponential", MG1Priority{{0.2, 1, 1}, {0.6, 1, 1}},
			[]float64{1, 5}, []float64{2, 6}, []float64{1.25, 6.25},
		},
		{
			"unlike means", MG1Priority{{0.4, 0.5, 1}, {0.3, 1, 1}, {0.15, 2, 1}},
			[]float64{1.25, 2.5, 10}, []float64{1.75, 3.5, 12}, []float64{0.625, 2.25, 14},
		},
		{
			"unlike laws", MG1Priority{{0.4, 0.5, 0}, {0.3, 1, 1}, {0.2, 1, 41.0 / 9}},
			[]float64{1.1319444, 2.2638889, 6.037037}, []float64{1.6319444, 3.2638889, 7.037037}, []float64{0.5625, 2.125, 8.037037},
		},
	} {
		for k := range row.classes {
			assertTable(t, row.name+" E[W]", row.wait[k], row.classes.WaitMean(k))
			assertTable(t, row.name+" E[T]", row.response[k], row.classes.ResponseMean(k))
			assertTable(t, row.name+" preemptive E[T]", row.preemptive[k], row.classes.PreemptiveResponseMean(k))
		}
	}
}

// Kleinrock's conservation law: whatever the order, the sum of load times wait
// is that of the queue without classes.
func TestPriorityConservesTheWaitingWork(t *testing.T) {
	classes := MG1Priority{{0.3, 1, 2}, {0.3, 1, 2}, {0.2, 1, 2}}
	sum := 0.0
	for k, c := range classes {
		sum += c.load() * classes.WaitMean(k)
	}
	assertWithin(t, "one server", 0.8*MG1{0.8, 1, 2}.WaitMean(), sum, 1e-14)

	many := MMcPriority{Lambda: []float64{1, 2, 0.5}, Mu: 1, C: 5}
	plain := MMc{3.5, 1, 5}
	wait, response := 0.0, 0.0
	for k, lambda := range many.Lambda {
		wait += lambda * many.WaitMean(k) / 3.5
		response += lambda * many.PreemptiveResponseMean(k) / 3.5
		assertWithin(t, "response", many.WaitMean(k)+1, many.ResponseMean(k), 1e-15)
	}
	assertWithin(t, "servers", plain.WaitMean(), wait, 1e-13)
	assertWithin(t, "servers, preemptive", plain.ResponseMean(), response, 1e-13)
}

func TestPriorityWithOneClassOrOneServer(t *testing.T) {
	one := MG1Priority{{0.7, 1, 4}}
	assertWithin(t, "one class", MG1{0.7, 1, 4}.WaitMean(), one.WaitMean(0), 1e-14)
	assertWithin(t, "one class, preemptive", MG1{0.7, 1, 4}.ResponseMean(), one.PreemptiveResponseMean(0), 1e-14)
	single := MMcPriority{Lambda: []float64{0.3, 0.3, 0.2}, Mu: 1, C: 1}
	classes := MG1Priority{{0.3, 1, 1}, {0.3, 1, 1}, {0.2, 1, 1}}
	for k := range classes {
		assertWithin(t, "one server", classes.WaitMean(k), single.WaitMean(k), 1e-13)
		assertWithin(t, "one server, preemptive", classes.PreemptiveResponseMean(k), single.PreemptiveResponseMean(k), 1e-12)
	}
	// The first class of a preemptive queue sees nobody else.
	many := MMcPriority{Lambda: []float64{1, 5}, Mu: 1, C: 3}
	assertWithin(t, "first class", MMc{1, 1, 3}.ResponseMean(), many.PreemptiveResponseMean(0), 1e-13)
	assert.Equal(t, math.Inf(1), many.PreemptiveResponseMean(1))
}

// The server is always busy, 0.2 of its time for the first class: the rest
// goes to the second, of which there is always more, and none to
// the others.
func TestPriorityShieldsTheFirstClassFromOverload(t *testing.T) {
	q := MG1Priority{{0.2, 1, 1}, {3, 2, 0}, {0, 1, 1}, {5, 7, 9}}
	assertWithin(t, "first", (0.2*1+0.8*1)/0.8, q.WaitMean(0), 1e-14)
	assertWithin(t, "first, preemptive", MM1{0.2, 1}.ResponseMean(), q.PreemptiveResponseMean(0), 1e-14)
	for k := 1; k < 4; k++ {
		assert.Equal(t, math.Inf(1), q.WaitMean(k))
		assert.Equal(t, math.Inf(1), q.PreemptiveResponseMean(k))
	}
	many := MMcPriority{Lambda: []float64{1, 5}, Mu: 1, C: 3}
	assertWithin(t, "servers", 1/(3*(1-1.0/3)), many.WaitMean(0), 1e-14)
	assert.Equal(t, math.Inf(1), many.WaitMean(1))
}
