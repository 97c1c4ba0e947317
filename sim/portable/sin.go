package portable

import "math"

// SinTurns returns the sine of x full turns, sin(2πx); NaN for infinities. A
// whole number of turns, and a half, give exactly 0: the reduction to an
// eighth of a turn is exact, which that of an angle in radians cannot be. The
// error is below 1.2 units in the last place.
func SinTurns(x float64) float64 {
	r := math.Abs(x)
	r -= math.Floor(r)
	quarter := math.Floor(float64(4*r) + 0.5)
	y := sinKernel(r-float64(quarter*0.25), int(quarter)&1 == 1)
	if quarter == 2 || quarter == 3 {
		y = -y
	}
	if x < 0 {
		return -y
	}
	return y
}

// sinKernel returns the sine or the cosine of f turns, |f| <= 1/8, by their
// Taylor series about 0. With t = 2πf, t² <= 0.617: the first terms left out,
// t^18/19! and t^18/18!, are below 2^-58 relative to the value.
func sinKernel(f float64, cosine bool) float64 {
	t := float64(2 * math.Pi * f)
	z := float64(t * t)
	if cosine {
		rest := -1.0/720 + float64(z*(1.0/40320+float64(z*(-1.0/3628800+float64(z*(1.0/479001600+float64(z*(-1.0/87178291200+float64(z*(1.0/20922789888000))))))))))
		half := float64(0.5 * z)
		w := 1 - half
		low := (1 - w) - half // exact: what the rounding of w has lost
		return w + (low + float64(z*z*(1.0/24+float64(z*rest))))
	}
	rest := 1.0/120 + float64(z*(-1.0/5040+float64(z*(1.0/362880+float64(z*(-1.0/39916800+float64(z*(1.0/6227020800+float64(z*(-1.0/1307674368000+float64(z*(1.0/355687428096000))))))))))))
	// 2π in two parts: the low one keeps the last place of t.
	low := float64(f*twoPiLo) + math.FMA(2*math.Pi, f, -t)
	return t + (low + float64(t*z*(-1.0/6+float64(z*rest))))
}

// twoPiLo is what a float64 lacks of 2π.
const twoPiLo = 2.4492935982947064e-16
