package theory

import (
	"fmt"
	"math"
)

// mustBePositive panics unless v is a positive, finite number.
func mustBePositive(what string, v float64) {
	if !(v > 0) || math.IsInf(v, 1) {
		panic(fmt.Sprintf("theory: %s must be positive and finite, got %v", what, v))
	}
}

// mustNotBeNegative panics unless v is a finite number of at least zero.
func mustNotBeNegative(what string, v float64) {
	if !(v >= 0) || math.IsInf(v, 1) {
		panic(fmt.Sprintf("theory: %s must be finite and not negative, got %v", what, v))
	}
}

// mustBeAtLeast panics unless n >= least.
func mustBeAtLeast(what string, n, least int) {
	if n < least {
		panic(fmt.Sprintf("theory: %s must be at least %d, got %d", what, least, n))
	}
}

// mustBeQuantile panics unless 0 < q < 1.
func mustBeQuantile(q float64) {
	if !(q > 0 && q < 1) {
		panic(fmt.Sprintf("theory: a quantile lies strictly between 0 and 1, got %v", q))
	}
}

// mustBeProbability panics unless 0 <= p <= 1.
func mustBeProbability(what string, p float64) {
	if !(p >= 0 && p <= 1) {
		panic(fmt.Sprintf("theory: %s must lie between 0 and 1, got %v", what, p))
	}
}

// mustBeDistribution panics unless p holds n probabilities that sum to 1.
func mustBeDistribution(what string, p []float64, n int) {
	sum := 0.0
	for _, v := range p {
		mustNotBeNegative(what, v)
		sum += v
	}
	if len(p) != n || math.Abs(sum-1) > 1e-9 {
		panic(fmt.Sprintf("theory: %s must be %d numbers that sum to 1, got %v", what, n, p))
	}
}

// quantile returns the least t >= 0 with survival(t) <= 1-q, for a survival
// function that decreases on t > 0 (an atom at 0 is fine). scale is a time of
// the right order from which the search starts.
func quantile(survival func(t float64) float64, q, scale float64) float64 {
	mustBeQuantile(q)
	return tailQuantile(survival, 1-q, scale)
}

// tailQuantile is quantile with 1-q for q, for a q so near 1 that it would
// lose its digits.
func tailQuantile(survival func(t float64) float64, tail, scale float64) float64 {
	if survival(0) <= tail {
		return 0
	}
	high := scale
	for survival(high) > tail {
		high *= 2
	}
	return bisect(func(t float64) bool { return survival(t) > tail }, 0, high)
}

// bisect returns the point of [low, high] at which below turns from true to
// false, to the last bit or two.
func bisect(below func(x float64) bool, low, high float64) float64 {
	for {
		middle := low + (high-low)/2
		if middle <= low || middle >= high || high-low <= 1e-15*high {
			return middle
		}
		if below(middle) {
			low = middle
		} else {
			high = middle
		}
	}
}

// birthDeathFloor is the probability, relative to the likeliest state, below
// which a state is left out of a law. It is so small that every printed
// probability, however rare the state, keeps all its digits.
const birthDeathFloor = 1e-290

// discreteLaw is a probability distribution on the integers first, first+1, ...;
// what lies outside is below birthDeathFloor.
type discreteLaw struct {
	first int
	p     []float64
}

// at returns the probability of n.
func (l discreteLaw) at(n int) float64 {
	if n < l.first || n >= l.first+len(l.p) {
		return 0
	}
	return l.p[n-l.first]
}

// mean returns the expectation of f.
func (l discreteLaw) mean(f func(n int) float64) float64 {
	sum := 0.0
	for i, p := range l.p {
		sum += p * f(l.first+i)
	}
	return sum
}

// birthDeath returns the stationary law of a birth-death process on
// 0, 1, ..., last (last < 0: without end). ratio(n) is the birth rate in n-1
// over the death rate in n, for n >= 1; it must not increase with n, and must
// fall below 1 if there is no end. The probabilities are built outwards from
// the likeliest state by multiplication alone, so that neither overflow nor
// cancellation can touch them (detailed balance: Kleinrock 1975, sec. 3.2).
func birthDeath(ratio func(n int) float64, last int) discreteLaw {
	mode := 0
	for step := 1; step > 0; {
		next := mode + step
		if (last < 0 || next <= last) && ratio(next) >= 1 {
			mode, step = next, step*2
		} else {
			step /= 2
		}
	}
	var down []float64
	for n, p := mode, 1.0; n > 0; n-- {
		p /= ratio(n)
		if p < birthDeathFloor {
			break
		}
		down = append(down, p)
	}
	l := discreteLaw{first: mode - len(down)}
	for i := len(down) - 1; i >= 0; i-- {
		l.p = append(l.p, down[i])
	}
	l.p = append(l.p, 1)
	for n, p := mode+1, 1.0; last < 0 || n <= last; n++ {
		p *= ratio(n)
		if p < birthDeathFloor {
			break
		}
		l.p = append(l.p, p)
	}
	sum := 0.0
	for _, p := range l.p {
		sum += p
	}
	for i := range l.p {
		l.p[i] /= sum
	}
	return l
}

// poisson returns the Poisson law of the given mean.
func poisson(mean float64) discreteLaw {
	mustNotBeNegative("a Poisson mean", mean)
	return birthDeath(func(n int) float64 { return mean / float64(n) }, -1)
}

// poissonMean returns the mean of f[N] over a Poisson number N of the given
// mean; f is 0 beyond its end.
func poissonMean(mean float64, f []float64) float64 {
	if mean > float64(2*len(f)+500) { // N is within f with probability below e^-76 (Chernoff)
		return 0
	}
	law := poisson(mean)
	sum := 0.0
	for n := law.first; n < min(len(f), law.first+len(law.p)); n++ {
		sum += law.at(n) * f[n]
	}
	return sum
}
