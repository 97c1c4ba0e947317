package theory

import "math"

// wide is a non-negative number with the precision of a float64 and an
// exponent that does not run out: frac * 2^exp, frac in [0.5, 1) or 0. The
// normalising constants of closed networks need it: with 10^5 users they reach
// 10^(10^5).
type wide struct {
	frac float64
	exp  int
}

func newWide(v float64) wide {
	frac, exp := math.Frexp(v)
	return wide{frac, exp}
}

// scaled returns w times v.
func (w wide) scaled(v float64) wide {
	product := newWide(w.frac * v)
	if product.frac == 0 {
		return wide{}
	}
	product.exp += w.exp
	return product
}

// times returns w times v.
func (w wide) times(v wide) wide {
	product := w.scaled(v.frac)
	if product.frac != 0 {
		product.exp += v.exp
	}
	return product
}

// plus returns w plus v.
func (w wide) plus(v wide) wide {
	if w.frac == 0 {
		return v
	}
	if v.frac == 0 {
		return w
	}
	if w.exp < v.exp {
		w, v = v, w
	}
	shift := v.exp - w.exp
	if shift < -100 { // too small to change the sum
		return w
	}
	sum := newWide(w.frac + math.Ldexp(v.frac, shift))
	sum.exp += w.exp
	return sum
}

// over returns w divided by v as an ordinary number.
func (w wide) over(v wide) float64 {
	return math.Ldexp(w.frac/v.frac, w.exp-v.exp)
}
