package sim

import (
	"math"

	"github.com/capsim/capsim/sim/portable"
)

// ziggurat covers the area under a falling density, of height 1 at 0, with
// 256 strips of equal area (G. Marsaglia and W. W. Tsang, Journal of
// Statistical Software 5(8), 2000). Strip 0 is the base with the tail; strip
// i > 0 reaches from 0 to x_i and from density(x_i) up to density(x_{i-1}),
// with x_0 = 0. A draw is a strip and a 53-bit whole number across it: below
// inside it is under the density for certain, 98.9 times in a hundred.
type ziggurat struct {
	strips  [256]strip
	heights [256]float64 // density(x_i)
	edge    float64      // x_255, where the tail begins
}

type strip struct {
	inside uint64
	unit   float64 // length of the strip / 2^53
}

// newZiggurat computes the strips, each of the given area, which must be
// that of the base: edge density(edge) and the tail beyond. edge is what
// makes the topmost strip end at height 1.
func newZiggurat(edge, area float64, density, inverse func(float64) float64) ziggurat {
	const across = 1 << 53
	z := ziggurat{edge: edge}
	x, height := edge, density(edge)
	base := area / height
	z.strips[0] = strip{inside: whole(edge / base * across), unit: base / across}
	for i := 255; i > 0; i-- {
		z.strips[i].unit = x / across
		z.heights[i] = height
		if i == 1 {
			break
		}
		height += area / x
		next := inverse(height)
		z.strips[i].inside = whole(next / x * across)
		x = next
	}
	z.heights[0] = 1
	return z
}

// whole cuts x in [0, 2^53] to a whole number.
func whole(x float64) uint64 { return uint64(int64(x)) }

// The edges solve "256 strips of equal area end at height 1"; computed to 25
// digits by bisection, they agree with the paper's.
const (
	expEdge    = 7.697117470131049714044628
	normalEdge = 3.654152885361008771645430
)

var expZiggurat = newZiggurat(
	expEdge,
	(expEdge+1)*portable.Exp(-expEdge),
	func(x float64) float64 { return portable.Exp(-x) },
	func(h float64) float64 { return -portable.Log(h) },
)

var normalZiggurat = newZiggurat(
	normalEdge,
	float64(normalEdge*portable.Exp(-0.5*normalEdge*normalEdge))+float64(sqrtHalfPi*portable.Erfc(normalEdge/math.Sqrt2)),
	func(x float64) float64 { return portable.Exp(-0.5 * x * x) },
	func(h float64) float64 { return math.Sqrt(-2 * portable.Log(h)) },
)

const sqrtHalfPi = 1.25331413731550025120788264240552

// Exp returns a draw from the exponential distribution of mean 1.
func (s *Stream) Exp() float64 {
	word := s.Uint64()
	z := &expZiggurat.strips[uint8(word)]
	if across := word >> 11; across < z.inside {
		return float64(float64(int64(across)) * z.unit)
	}
	return s.expOutside(word)
}

// expOutside finishes a draw of Exp that is not certain to lie under the
// density.
func (s *Stream) expOutside(word uint64) float64 {
	z := &expZiggurat
	for {
		i, across := uint8(word), word>>11
		x := float64(float64(int64(across)) * z.strips[i].unit)
		switch {
		case across < z.strips[i].inside:
			return x
		case i == 0: // beyond the edge the exponential starts afresh
			return z.edge - portable.Log(s.Open())
		case s.height(z, i) < portable.Exp(-x):
			return x
		}
		word = s.Uint64()
	}
}

// Normal returns a draw from the normal distribution of mean 0 and variance
// 1.
func (s *Stream) Normal() float64 {
	word := s.Uint64()
	z := &normalZiggurat.strips[uint8(word)]
	if across := word >> 11; across < z.inside {
		return signed(float64(int64(across))*z.unit, word)
	}
	return s.normalOutside(word)
}

// normalOutside finishes a draw of Normal that is not certain to lie under
// the density.
func (s *Stream) normalOutside(word uint64) float64 {
	z := &normalZiggurat
	for {
		i, across := uint8(word), word>>11
		x := float64(float64(int64(across)) * z.strips[i].unit)
		switch {
		case across < z.strips[i].inside:
			return signed(x, word)
		case i == 0:
			return signed(s.normalTail(), word)
		case s.height(z, i) < portable.Exp(-0.5*x*x):
			return signed(x, word)
		}
		word = s.Uint64()
	}
}

// normalTail returns a draw from the normal distribution beyond the edge (G.
// Marsaglia, Technometrics 6, 1964).
func (s *Stream) normalTail() float64 {
	for {
		x, y := s.Exp()/normalEdge, s.Exp()
		if 2*y > float64(x*x) {
			return normalEdge + x
		}
	}
}

// height returns a uniform height within strip i > 0.
func (s *Stream) height(z *ziggurat, i uint8) float64 {
	return z.heights[i] + float64(s.Float64()*(z.heights[i-1]-z.heights[i]))
}

// signed gives x >= 0 the sign of bit 8 of the word, which neither the strip
// (bits 0 to 7) nor the place across it (bits 11 to 63) uses.
func signed(x float64, word uint64) float64 {
	return math.Float64frombits(math.Float64bits(x) | word<<55&(1<<63))
}

// Gamma returns a draw from the gamma distribution with the given shape,
// which is also its mean, and scale 1. It panics unless shape is positive
// and finite. With a shape below 0.01 it may return 0, where the draw is
// smaller than any float64.
//
// The method is that of G. Marsaglia and W. W. Tsang, ACM Transactions on
// Mathematical Software 26(3), 2000, with their reduction of shapes below 1:
// Gamma(a) = Gamma(a+1) U^(1/a).
func (s *Stream) Gamma(shape float64) float64 {
	switch {
	case !(shape > 0) || shape > math.MaxFloat64:
		panic("sim: the shape of a gamma distribution must be positive and finite")
	case shape < 1:
		return float64(s.Gamma(shape+1) * portable.Exp(-s.Exp()/shape)) // U = e^-Exp
	}
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := s.Normal()
		v := 1 + float64(c*x)
		if v <= 0 {
			continue
		}
		v = float64(v * v * v)
		u, square := s.Open(), float64(x*x)
		if u < 1-float64(0.0331*square*square) {
			return float64(d * v)
		}
		if portable.Log(u) < float64(0.5*square)+float64(d*(1-v+portable.Log(v))) {
			return float64(d * v)
		}
	}
}
