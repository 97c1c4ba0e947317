package theory

import "slices"

// Branches is parallel calls of laws of their own, independent and never
// failing, done when Need of them are. For calls of one law see [FanOut].
//
// The number done by t is a sum of unlike Bernoulli variables, whose law is
// built up call by call (David and Nagaraja, Order Statistics, 2003, sec. 5.1).
type Branches struct {
	Need  int // 1 <= Need <= len(Calls)
	Calls []Latency
}

func (b Branches) check() {
	mustBeAtLeast("the number of answers needed", b.Need, 1)
	mustBeAtLeast("the number of parallel calls", len(b.Calls), b.Need)
	for _, call := range b.Calls {
		call.check()
	}
}

// Survival returns P(T > t): fewer than Need of the calls are done by t.
func (b Branches) Survival(t float64) float64 {
	b.check()
	done := make([]float64, b.Need) // done[j]: probability that j of the calls so far are done
	done[0] = 1
	for _, call := range b.Calls {
		late := call.Survival(t)
		for j := b.Need - 1; j >= 0; j-- {
			done[j] *= late
			if j > 0 {
				done[j] += done[j-1] * (1 - late)
			}
		}
	}
	return min(1, sum(done))
}

// scale returns the longest of the mean times.
func (b Branches) scale() float64 {
	longest := 0.0
	for _, call := range b.Calls {
		longest = max(longest, call.Mean)
	}
	return longest
}

// Mean returns the mean time until Need of the calls are done.
func (b Branches) Mean() float64 {
	b.check()
	var steps []float64
	for _, call := range b.Calls {
		steps = slices.Concat(steps, call.Steps)
	}
	return integrateAll(b.Survival, b.scale(), steps...)
}

// Quantile returns the q-quantile of that time.
func (b Branches) Quantile(q float64) float64 {
	b.check()
	return quantile(b.Survival, q, b.scale())
}
