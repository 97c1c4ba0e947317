package dist

import (
	"github.com/capsim/capsim/sim"
)

// uniform has the same density everywhere from low to high.
type uniform struct{ low, width float64 }

func buildUniform(a *args) Law {
	low, high := a.place(0), a.place(1)
	a.rising(low, high, 1, "the upper end")
	return uniform{low, high - low}
}

func (u uniform) Sample(s *sim.Stream) float64 { return u.low + float64(u.width*s.Float64()) }

func (u uniform) Mean() float64 { return u.low + float64(u.width/2) }

func (u uniform) Variance() float64 { return u.width * u.width / 12 }

func (u uniform) CDF(x float64) float64 { return clamp((x - u.low) / u.width) }

// clamp keeps a probability that rounding may have pushed out in [0, 1].
func clamp(p float64) float64 { return max(0, min(1, p)) }
