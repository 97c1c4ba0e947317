package dist

import (
	"math"

	"github.com/capsim/capsim/sim/portable"
)

// below returns P(X < x).
func below(law Law, x float64) float64 { return law.CDF(math.Nextafter(x, math.Inf(-1))) }

// expIntegral is the integral of e^(a y) over y from 0 to t, also where a is
// near 0.
func expIntegral(a, t float64) float64 {
	if math.Abs(a*t) < 1e-10 {
		return t * (1 + float64(a*t/2))
	}
	return portable.Expm1(a*t) / a
}

// truncatedMoments gives the mean m and the variance of a law given that it
// is below the limit c, an event of probability mass. With S(x) = P(X > x)
// and F = 1 - S under that condition, the mean is the integral of S(x) from 0
// to c, and the variance that of 2y S(m+y) above the mean and 2y F(m-y)
// below it; E[X²] - m² would cancel.
func truncatedMoments(law Law, c, mass float64) (mean, variance float64) {
	upTo := func(x float64) float64 {
		if x >= c {
			return 1
		}
		return clamp(law.CDF(x) / mass)
	}
	m := octaves(func(x float64) float64 { return 1 - upTo(x) }, c)
	above := octaves(func(y float64) float64 { return 2 * y * (1 - upTo(m+y)) }, c-m)
	under := octaves(func(y float64) float64 { return 2 * y * upTo(m-y) }, m)
	return m, above + under
}

// octaves integrates f from 0 to c, octave by octave downwards: a law may
// live at a millionth of its limit, or within a millionth of its mean.
func octaves(f func(float64) float64, c float64) float64 {
	const count = 50
	coarse := 0.0
	low, high := 0.0, c
	for range count {
		low = float64(high / 2)
		coarse += float64((high - low) * (f(low) + f(high)))
		high = low
	}
	sum, high := 0.0, c
	for range count {
		low = float64(high / 2)
		sum += integrate(f, low, high, 1e-11*coarse)
		high = low
	}
	return sum + float64(high*f(high))
}

// integrate is adaptive Simpson quadrature with Richardson's correction
// (W. M. McKeeman, Comm. ACM 5, 1962), within about eps. Every interval is
// halved at least three times; what is still rough after 45 halvings is a
// jump, and its interval is 2^-45 wide.
func integrate(f func(float64) float64, a, b, eps float64) float64 {
	fa, fm, fb := f(a), f((a+b)/2), f(b)
	return simpson(f, a, b, fa, fm, fb, float64((b-a)/6*(fa+float64(4*fm)+fb)), eps, 0)
}

func simpson(f func(float64) float64, a, b, fa, fm, fb, whole, eps float64, depth int) float64 {
	m := float64((a + b) / 2)
	fl, fr := f((a+m)/2), f((m+b)/2)
	left := float64((m - a) / 6 * (fa + float64(4*fl) + fm))
	right := float64((b - m) / 6 * (fm + float64(4*fr) + fb))
	off := left + right - whole
	if depth >= 3 && math.Abs(off) <= 15*eps || depth >= 45 {
		return left + right + off/15
	}
	return simpson(f, a, m, fa, fl, fm, left, eps/2, depth+1) + simpson(f, m, b, fm, fr, fb, right, eps/2, depth+1)
}

// lowerGamma is the regularised incomplete gamma function P(a, x): by its
// series for x < a+1, else by Lentz's continued fraction for 1 - P (W. H.
// Press and others, Numerical Recipes, 1992, section 6.2).
func lowerGamma(a, x float64) float64 {
	factor := portable.Exp(float64(a*portable.Log(x)) - x - portable.LogGamma(a))
	const most = 100_000 // about ten standard deviations for a = 1e8
	if x < a+1 {
		term, sum := 1/a, 1/a
		for n := 1.0; n < most && term > sum*1e-17; n++ {
			term = float64(term * (x / (a + n)))
			sum += term
		}
		return clamp(sum * factor)
	}
	const tiny = 1e-300
	b := x + 1 - a
	c := 1 / tiny
	d := 1 / b
	h := d
	for n := 1.0; n < most; n++ {
		an := -n * (n - a)
		b += 2
		d = 1 / nonZero(float64(an*d)+b, tiny)
		c = nonZero(b+an/c, tiny)
		change := float64(d * c)
		h *= change
		if math.Abs(change-1) < 1e-16 {
			break
		}
	}
	return clamp(1 - float64(factor*h))
}

func nonZero(x, tiny float64) float64 {
	if math.Abs(x) < tiny {
		return tiny
	}
	return x
}
