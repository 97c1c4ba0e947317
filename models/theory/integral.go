package theory

import (
	"math"
	"slices"
)

// Integrals are taken by double-exponential quadrature (Takahasi and Mori
// 1974): the trapezoidal rule after a substitution under which the integrand
// falls off so fast at both ends that halving the step doubles the digits.
// The integrand must be smooth inside the interval; where it jumps, the
// interval is cut.

const (
	doubleExponentialEnd   = 4.5 // beyond, the weights are below the rounding error
	doubleExponentialLevel = 11  // halvings of the step, at most
)

// integrate returns the integral of f over [low, high].
func integrate(f func(x float64) float64, low, high float64) float64 {
	if high <= low {
		return 0
	}
	half := (high - low) / 2
	return trapezoidal(func(u float64) float64 {
		// x lies at a share near of the interval from the nearer end.
		near := 1 / (1 + math.Exp(math.Pi*math.Sinh(math.Abs(u))))
		x := low + 2*half*near
		if u > 0 {
			x = high - 2*half*near
		}
		if x <= low || x >= high {
			return 0
		}
		return f(x) * 2 * half * math.Pi * math.Cosh(u) * near * (1 - near)
	})
}

// integrateTail returns the integral of f over [low, infinity). scale is a
// length of the order over which f falls off.
func integrateTail(f func(x float64) float64, low, scale float64) float64 {
	return trapezoidal(func(u float64) float64 {
		x := scale * math.Exp(math.Pi/2*math.Sinh(u))
		if low+x <= low {
			return 0
		}
		return f(low+x) * x * math.Pi / 2 * math.Cosh(u)
	})
}

// trapezoidal returns the integral of g over the whole line, g being
// negligible beyond doubleExponentialEnd on either side.
func trapezoidal(g func(u float64) float64) float64 {
	step := 0.5
	points := int(doubleExponentialEnd / step)
	sum, size := g(0), math.Abs(g(0)) // of the values and of their absolute values
	add := func(from, by int) {
		for i := from; i <= points; i += by {
			right, left := g(float64(i)*step), g(-float64(i)*step)
			sum += right + left
			size += math.Abs(right) + math.Abs(left)
		}
	}
	add(1, 1)
	integral := sum * step
	for range doubleExponentialLevel {
		step /= 2
		points *= 2
		add(1, 2)
		change := math.Abs(sum*step - integral)
		integral = sum * step
		if change <= 1e-14*size*step {
			break
		}
	}
	return integral
}

// integrateAll returns the integral of f over [0, infinity), cut at the given
// places, where f may jump.
func integrateAll(f func(x float64) float64, scale float64, cuts ...float64) float64 {
	sum, low := 0.0, 0.0
	for _, cut := range slices.Sorted(slices.Values(cuts)) {
		if cut > low {
			sum += integrate(f, low, cut)
			low = cut
		}
	}
	return sum + integrateTail(f, low, scale)
}
