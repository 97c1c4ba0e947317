package dist

import (
	"io"

	"github.com/capsim/capsim/sim"
)

// Law is a probability distribution of something that is not negative: a
// time in nanoseconds, a size in bytes, a count, or the number of a key.
// Laws never change once made; replications share them.
type Law interface {
	// Sample draws a value, finite and at least 0.
	Sample(s *sim.Stream) float64
	// Mean is +Inf where there is none that is finite.
	Mean() float64
	// Variance is +Inf where there is none that is finite, never NaN.
	Variance() float64
	// CDF returns the probability of a value of at most x.
	CDF(x float64) float64
}

// Quantity is what a law is about. It decides how numbers are written: times
// and sizes bear units, counts and keys do not.
type Quantity uint8

// The quantities. Laws of counts and keys yield whole numbers only.
const (
	Time  Quantity = iota // nanoseconds
	Size                  // bytes
	Count                 // whole numbers
	Key                   // whole numbers from 0, the most popular first
)

// String returns the quantity in the plural, for messages.
func (q Quantity) String() string { return [...]string{"times", "sizes", "counts", "keys"}[q] }

// bit is the quantity as a member of a set.
func (q Quantity) bit() quantities { return 1 << q }

// quantities is a set of them.
type quantities uint8

const (
	ofTime      = quantities(1 << Time)
	ofCount     = quantities(1 << Count)
	ofKey       = quantities(1 << Key)
	ofMeasures  = quantities(1<<Time | 1<<Size | 1<<Count)
	ofAll       = ofMeasures | ofKey
	ofWholeOnes = ofCount | ofKey
)

// Env is how a law reaches the world outside: `empirical` opens its file
// with it. An error that is a kind.LiteralError is reported with its own code.
type Env interface {
	Open(name string) (io.ReadCloser, error)
}

// Constancy returns the value of a law that always gives the same.
func Constancy(law Law) (value float64, ok bool) {
	c, ok := law.(Constant)
	return c.Value, ok
}
