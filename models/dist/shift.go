package dist

import "github.com/capsim/capsim/sim"

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
	case empirical:
		values := make([]float64, len(l.values))
		for i, x := range l.values {
			values[i] = x + by
		}
		return newEmpirical(values)
	}
	if by == 0 {
		return law
	}
	return shifted{law, by}
}

func (l shifted) Sample(s *sim.Stream) float64 { return l.by + l.Law.Sample(s) }

func (l shifted) Mean() float64 { return l.by + l.Law.Mean() }

func (l shifted) CDF(x float64) float64 { return l.Law.CDF(x - l.by) }
