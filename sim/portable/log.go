package portable

import "math"

// ln 2 in two parts. The low 21 bits of the mantissa of ln2Hi are zero, so
// that k*ln2Hi is exact for every binary exponent k of a float64.
const (
	ln2Hi = 0x1.62e42feep-1
	ln2Lo = math.Ln2 - ln2Hi
)

const (
	fractionBits = 52
	exponentBias = 1023
	fractionMask = 1<<fractionBits - 1
	oneBits      = exponentBias << fractionBits
	sqrt2Bits    = 0x6a09e667f3bcd // fraction of the square root of 2
)

// Log returns the natural logarithm of x: NaN for x < 0, -Inf for 0. The
// error is below one unit in the last place.
func Log(x float64) float64 {
	switch {
	case x != x || x > math.MaxFloat64:
		return x
	case x < 0:
		return math.NaN()
	case x == 0:
		return math.Inf(-1)
	}
	m, k := split(x)
	return logKernel(m-1, k, 0)
}

// Log1p returns the natural logarithm of 1+x, accurate also where x is so
// small that 1+x is not: NaN for x < -1, -Inf for -1.
func Log1p(x float64) float64 {
	switch {
	case x != x || x > math.MaxFloat64:
		return x
	case x < -1:
		return math.NaN()
	case x == -1:
		return math.Inf(-1)
	case math.Abs(x) < 0x1p-54:
		return x // the next term, x²/2, is beyond the last place
	case math.Sqrt2/2-1 < x && x < math.Sqrt2-1:
		return logKernel(x, 0, 0)
	}
	u := 1 + x
	lost := x - (u - 1) // exact by Sterbenz or because 1 is the small part
	if x > 1 {
		lost = 1 - (u - x)
	}
	m, k := split(u)
	return logKernel(m-1, k, lost/u)
}

// split returns m in [√½, √2) and k with x = m * 2^k, for finite x > 0.
func split(x float64) (m, k float64) {
	b := math.Float64bits(x)
	shift := 0
	if b < 1<<fractionBits { // subnormal
		b = math.Float64bits(x * 0x1p54)
		shift = 54
	}
	e := int(b>>fractionBits) - exponentBias - shift
	f := b & fractionMask
	if f >= sqrt2Bits {
		e++
		return math.Float64frombits(f | (oneBits - 1<<fractionBits)), float64(e)
	}
	return math.Float64frombits(f | oneBits), float64(e)
}

// logKernel returns log(1+f) + k ln 2 + c for 1+f in [√½, √2) and a
// correction c that is tiny beside the rest.
//
// With s = f/(2+f), log(1+f) = 2 atanh(s) = 2s + s R(s²), where
// R(z) = 2z/3 + 2z²/5 + 2z³/7 + …; and because 2s = f - s f, the sum is
// f - (f²/2 - s (f²/2 + R)), whose leading term f is exact (W. J. Cody and
// W. Waite, Software Manual for the Elementary Functions, 1980). z <= 0.0295,
// so the first term left out, z^11/23 relative to 1, is below 2^-60.
func logKernel(f, k, c float64) float64 {
	s := f / (2 + f)
	z := float64(s * s)
	w := float64(z * z)
	odd := 2.0/3 + float64(w*(2.0/7+float64(w*(2.0/11+float64(w*(2.0/15+float64(w*(2.0/19))))))))
	even := 2.0/5 + float64(w*(2.0/9+float64(w*(2.0/13+float64(w*(2.0/17+float64(w*(2.0/21))))))))
	r := float64(z*odd) + float64(w*even)
	half := float64(0.5 * f * f)
	low := float64(s*(half+r)) + (float64(k*ln2Lo) + c)
	return float64(k*ln2Hi) - ((half - low) - f)
}
