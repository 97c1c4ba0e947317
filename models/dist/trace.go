package dist

import (
	"math"

	"github.com/capsim/capsim/sim"
)

// Trace is the value in a column of the trace row that a request came from.
// Nothing is drawn: the model looks the cell up and asks [Trace.Value].
type Trace struct {
	Column string
	Scale  float64 // nanoseconds or bytes in the column's unit
	Shift  float64 // added afterwards
}

func buildTrace(a *args) Law {
	return Trace{Column: a.positional[0].text, Scale: a.scale()}
}

// Value returns the value that a cell of the column stands for.
func (t Trace) Value(cell float64) float64 { return float64(cell*t.Scale) + t.Shift }

// Sample panics: there is no law to draw from.
func (t Trace) Sample(*sim.Stream) float64 {
	panic("dist: a trace column is looked up, not drawn: " + t.Column)
}

// Mean is NaN: it is the column's, which the law does not know.
func (t Trace) Mean() float64 { return math.NaN() }

// Variance is NaN, as the mean is.
func (t Trace) Variance() float64 { return math.NaN() }

// CDF is NaN, as the mean is.
func (t Trace) CDF(float64) float64 { return math.NaN() }
