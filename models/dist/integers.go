package dist

import (
	"math"
	"strings"

	"github.com/capsim/capsim/sim"
)

// integers are the whole numbers from low on, n of them, each as likely:
// `integers 1..9`, and `uniform n=1M` for keys.
type integers struct {
	low float64
	n   uint64
}

// maxWhole is the largest number up to which a float64 holds all whole ones.
const maxWhole = 1 << 53

func buildIntegers(a *args) Law {
	t := a.positional[0]
	from, to, found := strings.Cut(t.text, "..")
	if !found {
		a.failAt(t, "E301", "expected two whole numbers, got "+quote(t.text), `as in "integers 1..9"`)
		return nil
	}
	low := a.wholeText(token{from, t.at, len(from)}, 0)
	high := a.wholeText(token{to, t.at + len(from) + 2, len(to)}, 0)
	if a.err == nil && high < low {
		a.failAt(t, "E309", "the last number must not be below the first, got "+quote(t.text), "")
	}
	return integers{low, uint64(high-low) + 1}
}

func buildKeyUniform(a *args) Law { return integers{0, uint64(a.wholeNamed("n", 1))} }

func (u integers) Sample(s *sim.Stream) float64 { return u.low + float64(s.Below(u.n)) }

func (u integers) Mean() float64 { return u.low + float64(float64(u.n-1)/2) }

func (u integers) Variance() float64 {
	n := float64(u.n)
	return (n - 1) * (n + 1) / 12
}

func (u integers) CDF(x float64) float64 {
	return clamp((math.Floor(x) - u.low + 1) / float64(u.n))
}
