package theory

import "testing"

// Oracle section A2.7.
func TestMGInfIsPoisson(t *testing.T) {
	q := MGInf{Lambda: 50, Mean: 0.2}
	assertTable(t, "mean", 10, q.NumberMean())
	assertTable(t, "E[T]", 0.2, q.ResponseMean())
	assertTable(t, "P(N=10)", 0.12511004, q.NumberProbability(10))
	assertTable(t, "P(N>15)", 0.048740403, q.NumberSurvival(15))
	assertWithin(t, "P(N>=0)", 1, q.NumberSurvival(-1), 1e-13)
	assertWithin(t, "P(N=0)", 4.5399929762484854e-05, q.NumberProbability(0), 1e-13)
}
