package portable

import "math"

// Pow returns x^y for x >= 0; it is NaN for x < 0, also where y is whole.
// x^0 and 1^y are 1, 0^y is 0 or +Inf. The error is below one unit in the
// last place: the logarithm is carried in two parts, because an error of one
// part in 2^53 in y log x would be one of 745 units in the result.
func Pow(x, y float64) float64 {
	switch {
	case y == 0 || x == 1:
		return 1
	case x != x || y != y || x < 0:
		return math.NaN()
	case y == 1:
		return x
	case x == 0 || x > math.MaxFloat64 || math.Abs(y) > math.MaxFloat64:
		return powLimit(x, y)
	}
	hi, lo := logTwoParts(x)
	p := float64(y * hi)
	switch {
	case p > 710:
		return math.Inf(1)
	case p < -746:
		return 0
	}
	return expOf(p, math.FMA(y, hi, -p)+float64(y*lo))
}

// powLimit is Pow where x is 0 or infinite, or y is infinite.
func powLimit(x, y float64) float64 {
	if (x > 1) == (y > 0) { // large^positive, small^negative
		return math.Inf(1)
	}
	return 0
}

// logTwoParts returns the natural logarithm of finite x > 0 as hi+lo, with a
// relative error below 2^-64.
//
// log(m) = 2 atanh(s) = 2 (s + s z (1/3 + z P(z))) with s = (m-1)/(m+1) and
// z = s². z P(z) is below 0.006, so that P may be computed in one part; all
// else is carried in two, with math.FMA, which is exact everywhere, giving
// the error of each product (T. J. Dekker, Numerische Mathematik 18, 1971).
func logTwoParts(x float64) (hi, lo float64) {
	const (
		thirdHi = 0x1.5555555555555p-2
		thirdLo = 1.0/3 - thirdHi
	)
	m, k := split(x)
	f := m - 1
	d := m + 1
	dLost := 1 - (d - m)
	if m < 1 {
		dLost = m - (d - 1)
	}
	s := f / d
	sLow := (math.FMA(-s, d, f) - float64(s*dLost)) / d

	z := float64(s * s)
	zLow := math.FMA(s, s, -z) + float64(2*s*sLow)
	w := float64(z * z)
	odd := 1.0/5 + float64(w*(1.0/9+float64(w*(1.0/13+float64(w*(1.0/17+float64(w*(1.0/21))))))))
	even := 1.0/7 + float64(w*(1.0/11+float64(w*(1.0/15+float64(w*(1.0/19+float64(w*(1.0/23))))))))
	p := odd + float64(z*even)

	q := float64(z * p) // q = z P, then 1/3 + q
	qLow := math.FMA(z, p, -q) + float64(zLow*p)
	t := thirdHi + q
	tLow := (q - (t - thirdHi)) + (thirdLo + qLow)

	u := float64(z * t) // u = z (1/3 + q), then s u
	uLow := math.FMA(z, t, -u) + (float64(z*tLow) + float64(zLow*t))
	v := float64(s * u)
	vLow := math.FMA(s, u, -v) + (float64(s*uLow) + float64(sLow*u))

	a := s + v
	aLow := (v - (a - s)) + (sLow + vLow)
	a, aLow = float64(2*a), float64(2*aLow)
	if k == 0 {
		return a, aLow
	}
	base := float64(k * ln2Hi) // exact
	hi = base + a
	lo = (a - (hi - base)) + (aLow + float64(k*ln2Lo))
	return hi, lo
}
