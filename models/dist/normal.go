package dist

import (
	"github.com/capsim/capsim/sim"
	"github.com/capsim/capsim/sim/portable"
)

// normal is the normal distribution of mean mu and standard deviation sigma,
// drawn again while negative. Its own mean and variance are those of the
// truncated law (N. L. Johnson, S. Kotz and N. Balakrishnan, Continuous
// Univariate Distributions 1, 1994, section 13.10.1):
// with a = mu/sigma, λ = φ(a)/Φ(a), mean = mu + sigma λ and
// variance = sigma² (1 - λ (a + λ)).
type normal struct {
	mu, sigma, kept, lambda float64
}

func buildNormal(a *args) Law {
	mu := a.positive(a.value("mean"), "mean")
	sigma := a.value("sd")
	if a.err == nil && sigma == 0 {
		a.failNamed("sd", "E309", "sd must be > 0, got "+a.text("sd"), `without spread it is "constant"`)
	}
	if a.err != nil {
		return nil
	}
	ratio := mu / sigma
	kept := portable.NormalCDF(ratio)
	const invSqrt2Pi = 0.39894228040143267793994605993438
	lambda := invSqrt2Pi * portable.Exp(-0.5*ratio*ratio) / kept
	return normal{mu, sigma, kept, lambda}
}

// Sample keeps at least every second draw, since mu >= 0.
func (n normal) Sample(s *sim.Stream) float64 {
	for {
		if x := n.mu + float64(n.sigma*s.Normal()); x >= 0 {
			return x
		}
	}
}

func (n normal) Mean() float64 { return n.mu + float64(n.sigma*n.lambda) }

func (n normal) Variance() float64 {
	return n.sigma * n.sigma * (1 - float64(n.lambda*(n.mu/n.sigma+n.lambda)))
}

func (n normal) CDF(x float64) float64 {
	if x < 0 {
		return 0
	}
	// From above: 1 - P(beyond x)/P(kept) keeps its digits where x is large.
	return clamp(1 - portable.NormalCDF((n.mu-x)/n.sigma)/n.kept)
}
