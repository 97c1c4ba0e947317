package theory

import "math"

// Unit is something that fails and is repaired for ever: up for a mean time
// of MTTF, then down for one of MTTR, both exponential where a method says so
// (Barlow and Proschan, Mathematical Theory of Reliability, 1965, ch. 3).
type Unit struct {
	MTTF float64 // mean time to failure
	MTTR float64 // mean time to repair
}

func (u Unit) check() {
	mustBePositive("the mean time to failure", u.MTTF)
	mustBePositive("the mean time to repair", u.MTTR)
}

// Availability returns the fraction of time that the unit is up.
func (u Unit) Availability() float64 { return 1 - u.Unavailability() }

// Unavailability returns the fraction of time that the unit is down.
func (u Unit) Unavailability() float64 {
	u.check()
	return u.MTTR / (u.MTTF + u.MTTR)
}

// FewerUp returns the fraction of time that fewer than k of n independent
// units are up, each repaired by a crew of its own: summed from the small
// terms, not as the difference from 1.
func (u Unit) FewerUp(k, n int) float64 {
	mustBeAtLeast("the number of units", n, 1)
	mustBeAtLeast("how many units are needed", k, 0)
	down := u.Unavailability()
	sum, term := 0.0, math.Pow(down, float64(n))
	for up := range min(k, n+1) {
		sum += term
		term *= float64(n-up) / float64(up+1) * (1 - down) / down
	}
	return sum
}

// PairMTTF returns the mean time until both of two units that started whole
// are down at once: (3λ+μ)/(2λ²) (Barlow and Proschan, ch. 5).
func (u Unit) PairMTTF() float64 {
	u.check()
	l, m := 1/u.MTTF, 1/u.MTTR
	return (3*l + m) / (2 * l * l)
}

// UnavailabilityDeviation returns about what the standard deviation is of the
// fraction of a long time that an exponential unit is down:
// √(2λμ/((λ+μ)³ T)).
func (u Unit) UnavailabilityDeviation(time float64) float64 {
	u.check()
	mustBePositive("the time of observation", time)
	l, m := 1/u.MTTF, 1/u.MTTR
	return math.Sqrt(2 * l * m / (math.Pow(l+m, 3) * time))
}

// FewerUp returns the fraction of time that fewer than k of the machines run.
func (m MachineRepair) FewerUp(k int) float64 {
	return m.law().mean(func(down int) float64 {
		if m.Machines-down < k {
			return 1
		}
		return 0
	})
}

// Detection is how long a failure stays unnoticed: anything from Least to Most,
// each time as likely.
type Detection struct{ Least, Most float64 }

// HealthCheck returns the detection of a failure at any time of the period of
// a check: a probe begins every period, one that fails says so after timeout,
// and it takes so many in a row.
func HealthCheck(period, timeout float64, failures int) Detection {
	mustBePositive("the period of a health check", period)
	mustNotBeNegative("the time-out of a probe", timeout)
	mustBeAtLeast("the failed probes", failures, 1)
	least := float64(failures-1)*period + timeout
	return Detection{Least: least, Most: least + period}
}

// Mean returns the mean time until a failure is noticed.
func (d Detection) Mean() float64 { return (d.Least + d.Most) / 2 }

// decay returns ∫ e^(-t/m) dt ÷ m over the detection's span.
func (d Detection) decay(repair float64) float64 {
	mustBePositive("the length of a detection's span", d.Most-d.Least)
	mustNotBeNegative("the shortest detection", d.Least)
	mustBePositive("the mean time of a repair", repair)
	return math.Exp(-d.Least/repair) * -math.Expm1(-(d.Most-d.Least)/repair)
}

// ExposureMean returns the mean time that a failure is there and not noticed,
// E min(D, R) for an exponential repair R of the given mean.
func (d Detection) ExposureMean(repair float64) float64 {
	return repair * (1 - d.decay(repair)*repair/(d.Most-d.Least))
}

// Noticed returns the probability that a failure is noticed before it is
// repaired.
func (d Detection) Noticed(repair float64) float64 {
	return d.decay(repair) * repair / (d.Most - d.Least)
}

// NoticedMean returns the mean time until a failure is noticed, of those that
// are, E(D | D < R): the longer it takes the less often it happens.
func (d Detection) NoticedMean(repair float64) float64 {
	a, b := d.Least/repair, d.Most/repair
	// ∫ x e^-x dx = -(x+1) e^-x
	first := math.Exp(-a) * (a + 1 - (b+1)*math.Exp(a-b))
	return repair * first / d.decay(repair)
}

// ErrorRatio returns the fraction of requests that meet a failure which has
// not been noticed yet, if each unit gets as many whatever it is like, is left
// out once that is noticed, and gets requests again as soon as it is repaired.
func (u Unit) ErrorRatio(d Detection) float64 {
	u.check()
	return d.ExposureMean(u.MTTR) / (u.MTTF + u.MTTR)
}
