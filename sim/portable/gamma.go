package portable

import "math"

// LogGamma returns the natural logarithm of the gamma function of x > 0,
// +Inf for 0 and +Inf, NaN below 0. The relative error is below 1e-14,
// beside the zeros at 1 and 2 also.
func LogGamma(x float64) float64 {
	switch {
	case x != x || x < 0:
		return math.NaN()
	case x == 0 || x > math.MaxFloat64:
		return math.Inf(1)
	case x < 0.5:
		return logGammaNear1(x) - Log(x)
	case x < 1.5:
		return logGammaNear1(x - 1)
	case x < 2.5:
		return logGammaNear2(x - 2)
	case x < stirlingFrom:
		product := 1.0
		for x >= 2.5 {
			x--
			product *= x
		}
		return Log(product) + logGammaNear2(x-2)
	}
	const halfLog2Pi = 0.91893853320467274178032973640562
	return float64((x-0.5)*(Log(x)-1)) + ((halfLog2Pi - 0.5) + stirling(x))
}

// Gamma returns the gamma function of x > 0, +Inf for 0 and above 171.62,
// NaN below 0. The relative error is below 1e-14.
func Gamma(x float64) float64 {
	switch {
	case x != x || x < 0:
		return math.NaN()
	case x > 171.7:
		return math.Inf(1)
	case x < 0x1p-53:
		return 1 / x
	}
	product := 1.0
	for x < stirlingFrom {
		product *= x
		x++
	}
	half := Pow(x, float64(0.5*x)-0.25) // squared later: x^(x-½) would overflow too early
	const sqrt2Pi = 2.50662827463100050241576528481105
	return sqrt2Pi * half * (half * Exp(-x)) * Exp(stirling(x)) / product
}

// stirlingFrom is where five terms of Stirling's series are enough for 2^-57.
const stirlingFrom = 15

// stirling returns log Γ(x) - (x-½) log x + x - ½ log 2π, for x >= 15
// (A&S 6.1.41).
func stirling(x float64) float64 {
	r := 1 / x
	z := float64(r * r)
	return float64(r * (1.0/12 + float64(z*(-1.0/360+float64(z*(1.0/1260+float64(z*(-1.0/1680+float64(z*(1.0/1188+float64(z*(-691.0/360360))))))))))))
}

// logGammaNear1 returns log Γ(1+z) for z in [-½, ½].
func logGammaNear1(z float64) float64 { return logGammaNear2(z) - Log1p(z) }

// logGammaNear2 returns log Γ(2+z) for z in [-½, ½] by its Taylor series
// (1-γ) z + Σ (-1)^k (ζ(k)-1) z^k/k (A&S 6.1.33).
func logGammaNear2(z float64) float64 {
	sum := 0.0
	for k := len(zetaTerms) - 1; k >= 0; k-- {
		sum = float64(sum*z) + zetaTerms[k]
	}
	const oneMinusEuler = 0.42278433509846713939348790991759757
	return float64(z * (oneMinusEuler + float64(z*sum)))
}

// zetaTerms[i] is (-1)^k (ζ(k)-1)/k with k = i+2 (A&S table 23.3).
var zetaTerms = [...]float64{
	0.32246703342411321824,
	-0.067352301053198095133,
	0.020580808427784547879,
	-0.0073855510286739852663,
	0.0028905103307415232858,
	-0.0011927539117032609771,
	0.00050966952474304242234,
	-0.00022315475845357937976,
	0.000099457512781808533715,
	-0.0000449262367381331417,
	0.000020507212775670691553,
	-9.439488275268395904e-6,
	4.3748667899074878042e-6,
	-2.0392157538013662368e-6,
	9.5514121304074198329e-7,
	-4.4924691987645660433e-7,
	2.1207184805554665869e-7,
	-1.0043224823968099609e-7,
	4.7698101693639805658e-8,
	-2.271109460894316491e-8,
	1.0838659214896954091e-8,
	-5.1834750419700466551e-9,
	2.4836745438024783172e-9,
	-1.1921401405860912074e-9,
	5.7313672416788620133e-10,
	-2.7595228851242331452e-10,
	1.3304764374244489481e-10,
}
