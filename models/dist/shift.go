package dist

import (
	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/sim"
)

// shifted is another law and a fixed amount on top.
type shifted struct {
	Law
	by float64
}

// shift adds an amount to a law; what is constant or looked up stays so.
func shift(law Law, by float64) Law {
	switch l := law.(type) {
	case Constant:
		return Constant{l.Value + by}
	case Trace:
		l.Shift += by
		return l
	}
	if by == 0 {
		return law
	}
	return shifted{law, by}
}

func (l shifted) Sample(s *sim.Stream) float64 { return l.by + l.Law.Sample(s) }

func (l shifted) Mean() float64 { return l.by + l.Law.Mean() }

func (l shifted) CDF(x float64) float64 { return l.Law.CDF(x - l.by) }

// truncated is another law drawn again until it is below a limit.
type truncated struct {
	Law
	limit          float64
	mass           float64 // the share of draws that are kept
	mean, variance float64
}

// leastKept is the smallest share of draws below the limit of a truncated
// law: 1000 draws for each one kept.
const leastKept = 1e-3

// truncate cuts a law off.
func truncate(law Law, limit float64, t token) (Law, *kind.LiteralError) {
	bad := func(code, message, hint string) *kind.LiteralError {
		return &kind.LiteralError{Code: code, Message: message, Hint: hint, Offset: t.at, Len: t.length}
	}
	if _, ok := law.(Trace); ok {
		return nil, bad("E206", "the value of a trace column cannot be drawn again", `a trace takes "+", not truncate`)
	}
	mass := below(law, limit)
	if mass < leastKept {
		return nil, bad("E309", "the distribution must lie below truncate at least once in 1000 draws, got truncate "+quote(t.text),
			"no draw, or next to none, would be kept")
	}
	if _, ok := law.(Constant); ok {
		return law, nil
	}
	mean, variance := truncatedMoments(law, limit, mass)
	return truncated{law, limit, mass, mean, variance}, nil
}

// Sample draws a thousand times at most, on average.
func (l truncated) Sample(s *sim.Stream) float64 {
	for {
		if x := l.Law.Sample(s); x < l.limit {
			return x
		}
	}
}

func (l truncated) Mean() float64 { return l.mean }

func (l truncated) Variance() float64 { return l.variance }

func (l truncated) CDF(x float64) float64 {
	if x >= l.limit {
		return 1
	}
	return clamp(l.Law.CDF(x) / l.mass)
}
