package portable

import "math"

// Beyond these the exponential is +Inf or 0.
const (
	expOverflow  = 709.782712893384
	expUnderflow = -745.1332191019412
)

// Exp returns e^x: +Inf above 709.78, 0 below -745.13. The error is below
// one unit in the last place.
func Exp(x float64) float64 {
	switch {
	case x != x:
		return x
	case x > expOverflow:
		return math.Inf(1)
	case x < expUnderflow:
		return 0
	}
	return expOf(x, 0)
}

// Expm1 returns e^x - 1, accurate also near 0.
func Expm1(x float64) float64 {
	switch {
	case x != x:
		return x
	case x > expOverflow:
		return math.Inf(1)
	case x < -40: // e^-40 is below 2^-57
		return -1
	case math.Abs(x) < 0x1p-54:
		return x // the next term, x²/2, is beyond the last place
	}
	k := wholeTurns(x)
	q := expm1Kernel(x-float64(k*ln2Hi), float64(k*ln2Lo))
	switch {
	case k == 0:
		return q
	case k > 60: // 1 is beyond the last place of the result
		return scale(1+q, int(k))
	}
	return scale((1-scale(1, -int(k)))+q, int(k))
}

// expOf returns e^(x+low) for x between the limits above and low tiny beside
// x.
func expOf(x, low float64) float64 {
	k := wholeTurns(x)
	return scale(1+expm1Kernel(x-float64(k*ln2Hi), float64(k*ln2Lo)-low), int(k))
}

// wholeTurns returns the whole number nearest to x/ln 2.
func wholeTurns(x float64) float64 { return math.Floor(float64(x*math.Log2E) + 0.5) }

// expm1Kernel returns e^(hi-lo) - 1 for |hi-lo| <= 0.35 and lo tiny beside
// 1.
//
// r coth(r/2) = 2 + 2 Σ B_2j r^2j/(2j)! (Abramowitz and Stegun 4.5.67) gives
// e^r = 1 + r + r c/(2-c) with c = r - (r²/6 - r⁴/360 + r⁶/15120 - …), a sum
// with few and exact coefficients; the first term left out changes the
// result by less than 2^-58.
func expm1Kernel(hi, lo float64) float64 {
	const (
		b1 = 1.0 / 6
		b2 = -1.0 / 360
		b3 = 1.0 / 15120
		b4 = -1.0 / 604800
		b5 = 1.0 / 23950080
		b6 = -691.0 / 653837184000
	)
	r := hi - lo
	t := float64(r * r)
	c := r - float64(t*(b1+float64(t*(b2+float64(t*(b3+float64(t*(b4+float64(t*(b5+float64(t*b6)))))))))))
	return hi - (lo - float64(r*c)/(2-c))
}

// scale returns y * 2^k, rounded once, for y in [0.5, 2] and k in
// [-1100, 1024].
func scale(y float64, k int) float64 {
	switch {
	case k > 1000:
		return float64(y * 0x1p1000 * powerOf2(k-1000))
	case k < -1000:
		return float64(y * powerOf2(k+1000) * 0x1p-1000)
	}
	return float64(y * powerOf2(k))
}

// powerOf2 returns 2^k for k in [-1022, 1023].
func powerOf2(k int) float64 {
	return math.Float64frombits(uint64(k+exponentBias) << fractionBits)
}
