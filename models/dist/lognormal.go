package dist

import (
	"math"

	"github.com/capsim/capsim/sim"
	"github.com/capsim/capsim/sim/portable"
)

// lognormal is e^(mu + sigma N), N standard normal.
type lognormal struct{ mu, sigma float64 }

// buildLognormal takes mean and cv, with sigma² = log(1+cv²) and
// mu = log(mean) - sigma²/2; or two percentiles, which are two equations
// log(value) = mu + sigma z, z the percentile's standard normal quantile.
func buildLognormal(a *args) Law {
	percentiles := a.percentiles()
	byMoments := a.has("mean") || a.has("cv")
	switch {
	case a.err != nil:
		return nil
	case byMoments && len(percentiles) > 0:
		a.failNamed(percentiles[0].name, "E207", "mean and cv, or two percentiles, not both", a.row.usage())
		return nil
	case byMoments:
		mean, cv := a.positive(a.value("mean"), "mean"), a.number("cv", 0.001, 1000)
		variance := portable.Log1p(cv * cv)
		return lognormal{portable.Log(mean) - float64(variance/2), math.Sqrt(variance)}
	case len(percentiles) != 2:
		a.fail("E206", "lognormal needs mean and cv, or two percentiles", a.row.usage())
		return nil
	}
	low, high := percentiles[0], percentiles[1]
	for _, p := range percentiles {
		if p.rank <= 0 || p.rank >= 100 {
			a.failNamed(p.name, "E309", p.name+": a lognormal percentile must lie between p0 and p100", "")
		}
		a.positive(p.value, p.name)
	}
	if a.err == nil && high.value <= low.value {
		a.failNamed(high.name, "E309", high.name+" must be above "+low.name+", got "+a.text(high.name), "")
	}
	if a.err != nil {
		return nil
	}
	zLow, zHigh := portable.NormalQuantile(low.rank/100), portable.NormalQuantile(high.rank/100)
	logLow := portable.Log(low.value)
	sigma := (portable.Log(high.value) - logLow) / (zHigh - zLow)
	return lognormal{logLow - float64(sigma*zLow), sigma}
}

func (l lognormal) Sample(s *sim.Stream) float64 {
	return portable.Exp(l.mu + float64(l.sigma*s.Normal()))
}

func (l lognormal) Mean() float64 { return portable.Exp(l.mu + float64(l.sigma*l.sigma/2)) }

func (l lognormal) Variance() float64 {
	mean := l.Mean()
	return portable.Expm1(l.sigma*l.sigma) * mean * mean
}

func (l lognormal) CDF(x float64) float64 {
	if x <= 0 {
		return 0
	}
	return portable.NormalCDF((portable.Log(x) - l.mu) / l.sigma)
}
