package theory

import "math"

// GammaArrivals returns the law of a gamma interarrival time of the given
// shape: 1 is a Poisson stream, a whole number an Erlang law, less than 1 a
// burstier one of squared coefficient of variation 1/shape.
func GammaArrivals(shape, mean float64) InterarrivalLaw {
	mustBePositive("the shape of a gamma law", shape)
	mustBePositive("the mean of a gamma law", mean)
	return InterarrivalLaw{mean, func(s float64) float64 {
		return -math.Expm1(-shape * math.Log1p(s*mean/shape))
	}}
}

// UniformArrivals returns the law of an interarrival time uniform between low
// and high.
func UniformArrivals(low, high float64) InterarrivalLaw {
	mustNotBeNegative("the least of a uniform law", low)
	mustBePositive("the greatest of a uniform law", high)
	if low >= high {
		panic("theory: the least of a uniform law is not below its greatest")
	}
	return InterarrivalLaw{(low + high) / 2, func(s float64) float64 {
		// With A = low + U, E[1-e^(-sA)] = (1-e^(-s low)) E[e^(-sU)] + E[1-e^(-sU)].
		x := s * (high - low)
		mean := 1 - x/2 + x*x/6 - x*x*x/24 // (1-e^-x)/x
		spread := x/2 - x*x/6 + x*x*x/24
		if x > 1e-3 {
			mean = -math.Expm1(-x) / x
			spread = 1 - mean
		}
		return -math.Expm1(-s*low)*mean + spread
	}}
}

// logNormalEnd is how many standard deviations of the logarithm are integrated
// over on either side, and logNormalStep in what steps.
const (
	logNormalEnd  = 12.0
	logNormalStep = 1.0 / 32
)

// LogNormalArrivals returns the law of a lognormal interarrival time of the
// given mean and coefficient of variation. Its transform, which has no closed
// form, is integrated by the trapezoidal rule, exact to rounding here.
func LogNormalArrivals(mean, cv float64) InterarrivalLaw {
	location, width := logNormal(mean, cv)
	return InterarrivalLaw{mean, func(s float64) float64 {
		sum := 0.0
		for z := -logNormalEnd; z <= logNormalEnd; z += logNormalStep {
			sum -= math.Expm1(-s*math.Exp(location+width*z)) * math.Exp(-z*z/2)
		}
		return sum * logNormalStep / math.Sqrt(2*math.Pi)
	}}
}
