package arrival

// Variability is the squared coefficient of variation of the times between
// the arrivals of a plan (0: regular, 1: Poisson) or, where they depend on
// each other, the variance of a long count over its mean, which is the same
// number for independent ones (Cox and Lewis 1966, section 4.5). Independent
// says that they are, and that the rate never changes.
func Variability(p Plan) (scv float64, independent bool) {
	switch one := p.(type) {
	case shaped:
		if one.row.Name == "constant" {
			return 0, false
		}
		return 1, one.Stationary()
	case renewal:
		return 1 / one.shape, true
	case modulated:
		return one.dispersion(), false
	case paced:
		scv, independent = Variability(one.Plan)
		return scv, independent && one.Stationary()
	case batches:
		scv, _ = Variability(one.Plan)
		return one.dispersion(scv), false
	}
	return 1, false // of a trace it is not known
}

// IsPoisson reports whether the arrivals of a plan are a Poisson process of one
// rate.
func IsPoisson(p Plan) bool {
	switch one := p.(type) {
	case shaped:
		return one.row.Name == "poisson" && one.Stationary()
	case renewal:
		return one.shape == 1
	case paced:
		return one.Stationary() && IsPoisson(one.Plan)
	}
	return false
}

// dispersion of a two-state Markov-modulated Poisson process that has rates a
// and b and leaves them at rates v and w: 1 + 2 (a - b)² v w / ((v + w)² (a w +
// b v)) (Fischer and Meier-Hellstern, Performance Evaluation 18, 1993).
func (p modulated) dispersion() float64 {
	v, w := 1e9/p.on.stay, 1e9/p.off.stay
	sum := v + w
	mean := (float64(w*p.on.perSecond) + float64(v*p.off.perSecond)) / sum
	difference := p.on.perSecond - p.off.perSecond
	return 1 + float64(2*float64(difference*difference)*float64(v*w))/float64(float64(sum*sum)*sum)/mean
}

// dispersion of batches of sizes B, of which so many come: Var B / E B + E B
// times that of the batches.
func (p batches) dispersion(scv float64) float64 {
	mean, variance := p.size.Mean(), 0.0
	if law, known := p.size.(interface{ Variance() float64 }); known {
		variance = law.Variance()
	}
	return variance/mean + float64(mean*scv)
}
