package portable

import "math"

// Erfc returns the complementary error function,
// 2/√π times the integral of e^(-t²) from x to infinity. The relative error
// is below 1e-15.
func Erfc(x float64) float64 {
	p := float64(x * x)
	return erfc(x, p, math.FMA(x, x, -p))
}

// NormalCDF returns the probability that a standard normal variable is at
// most x. The relative error is below 1e-15, far into the lower tail also.
func NormalCDF(x float64) float64 {
	p := float64(x * x)
	return float64(0.5 * erfc(-x/math.Sqrt2, float64(0.5*p), float64(0.5*math.FMA(x, x, -p))))
}

// erfc is Erfc where x² is known as square + low, because e^(-x²) would lose
// x²/2^53 of its accuracy to the rounding of the square.
//
// From 0.5 on it is the trapezoidal rule with step ½ on
// erfc(x) = 2x e^(-x²)/π ∫ e^(-t²)/(x²+t²) dt over t > 0, with the
// correction for the pole of the integrand at t = ix: its error is of the
// order e^(-4π²) = 7e-18 (F. Matta and A. Reichel, Mathematics of
// Computation 25, 1971). Below, it is the series of A&S 7.1.6, all of whose
// terms have one sign.
func erfc(x, square, low float64) float64 {
	switch {
	case x != x:
		return x
	case x < 0:
		return 2 - erfc(-x, square, low)
	case x > 27.3: // e^(-x²) is 0
		return 0
	case x < 0.5:
		sum, term := 1.0, 1.0
		for n := 3.0; term > 0x1p-60; n += 2 {
			term = float64(term * (2 * square / n))
			sum += term
		}
		return 1 - float64(2/math.SqrtPi*x*expOf(-square, -low)*sum)
	}
	sum := 0.5 / square
	for k := len(erfcNodes) - 1; k > 0; k-- {
		sum += erfcNodes[k] / (float64(0.25*float64(k*k)) + square)
	}
	y := float64(x / math.Pi * expOf(-square, -low) * sum)
	if x < 6 {
		y -= 2 / Expm1(4*math.Pi*x)
	}
	return y
}

// erfcNodes[k] is e^(-(k/2)²).
var erfcNodes = tableOfNodes()

func tableOfNodes() (nodes [14]float64) {
	for k := range nodes {
		nodes[k] = Exp(-0.25 * float64(k*k))
	}
	return nodes
}

// NormalQuantile returns the x that a standard normal variable does not
// exceed with probability p: -Inf for 0, +Inf for 1, NaN outside [0, 1]. The
// relative error is below 1e-15: algorithm AS 241, PPND16 (M. J. Wichura,
// Applied Statistics 37, 1988).
func NormalQuantile(p float64) float64 {
	switch {
	case !(p >= 0 && p <= 1):
		return math.NaN()
	case p == 0:
		return math.Inf(-1)
	case p == 1:
		return math.Inf(1)
	}
	q := p - 0.5
	if math.Abs(q) <= 0.425 {
		r := 0.180625 - float64(q*q)
		return q * polynomial(r, &wichuraA) / polynomial(r, &wichuraB)
	}
	tail := p
	if q > 0 {
		tail = 1 - p
	}
	r := math.Sqrt(-Log(tail))
	x := 0.0
	if r <= 5 {
		x = polynomial(r-1.6, &wichuraC) / polynomial(r-1.6, &wichuraD)
	} else {
		x = polynomial(r-5, &wichuraE) / polynomial(r-5, &wichuraF)
	}
	if q < 0 {
		return -x
	}
	return x
}

// polynomial returns c[0] + c[1] x + … + c[7] x^7.
func polynomial(x float64, c *[8]float64) float64 {
	y := c[7]
	for i := 6; i >= 0; i-- {
		y = float64(y*x) + c[i]
	}
	return y
}

// The coefficients of AS 241: for |p-½| <= 0.425, for the tails as far as
// e^-25, and beyond.
var (
	wichuraA = [8]float64{
		3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
		4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3,
	}
	wichuraB = [8]float64{
		1, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
		2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3,
	}
	wichuraC = [8]float64{
		1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
		1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4,
	}
	wichuraD = [8]float64{
		1, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
		1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9,
	}
	wichuraE = [8]float64{
		6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0, 2.96560571828504891230e-1,
		2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
	}
	wichuraF = [8]float64{
		1, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
		7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15,
	}
)
