package dist

import (
	"math"

	"github.com/capsim/capsim/sim"
)

// scaled is another law of which every value is so many times as large.
type scaled struct {
	Law
	by float64
}

// Scale multiplies what a law gives by a factor above 0, so that the same draw
// gives so many times as much; what is constant, exponential or looked up
// stays so.
func Scale(law Law, by float64) Law {
	switch l := law.(type) {
	case nil:
		return nil
	case Constant:
		return Constant{l.Value * by}
	case Exponential:
		return Exponential{l.MeanValue * by}
	case Trace:
		l.Scale *= by
		l.Shift *= by
		return l
	}
	return scaled{law, by}
}

// Sample draws from the law.
func (l scaled) Sample(s *sim.Stream) float64 { return l.by * l.Law.Sample(s) }

// Mean is that of the law, so many times.
func (l scaled) Mean() float64 { return l.by * l.Law.Mean() }

// Variance goes with the square of the factor.
func (l scaled) Variance() float64 {
	v := l.Law.Variance()
	if math.IsInf(v, 1) {
		return v
	}
	return float64(l.by*l.by) * v
}

// CDF is the law's at the value before.
func (l scaled) CDF(x float64) float64 { return l.Law.CDF(x / l.by) }
