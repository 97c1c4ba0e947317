package dist

import "github.com/capsim/capsim/sim"

// Constant is always Value.
type Constant struct{ Value float64 }

func buildConstant(a *args) Law {
	if a.q == Count || a.q == Key {
		return Constant{a.whole(0)}
	}
	return Constant{a.place(0)}
}

// Sample returns the value.
func (c Constant) Sample(*sim.Stream) float64 { return c.Value }

// Mean returns the value.
func (c Constant) Mean() float64 { return c.Value }

// Variance is 0.
func (c Constant) Variance() float64 { return 0 }

// CDF jumps from 0 to 1 at the value.
func (c Constant) CDF(x float64) float64 {
	if x < c.Value {
		return 0
	}
	return 1
}
