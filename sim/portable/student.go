package portable

import "math"

// StudentTCDF returns the probability that a variable with Student's t
// distribution of df degrees of freedom is at most t. df need not be whole;
// it is NaN unless df > 0.
func StudentTCDF(t, df float64) float64 {
	switch {
	case t != t || !(df > 0):
		return math.NaN()
	case t > 0:
		return 1 - studentTail(t, df)
	}
	return studentTail(-t, df)
}

// StudentTQuantile returns the t that a variable with Student's t
// distribution of df degrees of freedom does not exceed with probability p:
// -Inf for p = 0, +Inf for p = 1. It is NaN unless 0 <= p <= 1 and df >= 1.
// The relative error is below 1e-12 for p in [1e-10, 1 - 1e-5].
func StudentTQuantile(p, df float64) float64 {
	switch {
	case !(p >= 0 && p <= 1) || !(df >= 1):
		return math.NaN()
	case p == 0.5:
		return 0
	case p > 0.5:
		return studentUpper(1-p, df) // 1-p is exact
	}
	return -studentUpper(p, df)
}

// studentUpper returns the t >= 0 that is exceeded with probability tail,
// for tail in [0, ½).
func studentUpper(tail, df float64) float64 {
	if tail == 0 {
		return math.Inf(1)
	}
	if df >= 1e4 {
		return cornishFisher(-NormalQuantile(tail), df)
	}
	lo, hi := 0.0, 1.0
	for studentTail(hi, df) > tail && hi < 0x1p500 {
		lo, hi = hi, 2*hi
	}
	t := float64(0.5 * (lo + hi))
	for range 200 {
		excess := studentTail(t, df) - tail
		if excess > 0 {
			lo = t
		} else {
			hi = t
		}
		next := t + excess/studentDensity(t, df) // Newton; the tail falls at the rate of the density
		if !(next > lo && next < hi) {
			next = float64(0.5 * (lo + hi))
		}
		if math.Abs(next-t) <= 0x1p-51*t {
			return next
		}
		t = next
	}
	return t
}

// cornishFisher returns the quantile of Student's t from the x of the normal
// distribution, for many degrees of freedom (A&S 26.7.5). The first term left
// out is of the order df^-5.
func cornishFisher(x, df float64) float64 {
	z := float64(x * x)
	g1 := float64(x * (z + 1) / 4) // a division by a power of 2 is compiled as a product
	g2 := x * (float64(z*(float64(5*z)+16)) + 3) / 96
	g3 := x * (float64(z*(float64(z*(float64(3*z)+19))+17)) - 15) / 384
	g4 := x * (float64(z*(float64(z*(float64(z*(float64(79*z)+776))+1482))-1920)) - 945) / 92160
	return x + (g1+(g2+(g3+g4/df)/df)/df)/df
}

// studentTail returns the probability that t >= 0 is exceeded: half the
// regularised incomplete beta function I_x(df/2, ½) at x = df/(df+t²)
// (A&S 26.7.1).
func studentTail(t, df float64) float64 {
	z := float64(t * t)
	if z > math.MaxFloat64 {
		return 0
	}
	a := float64(0.5 * df)
	x, y := df/(df+z), z/(df+z) // y = 1-x, without its cancellation
	logX := -Log1p(z / df)
	front := Exp(float64(a*logX)+betaLog(a)) * math.Sqrt(y)
	if x < (a+1)/(a+2.5) {
		return float64(0.5 * front / a * betaFraction(a, 0.5, x))
	}
	return 0.5 - float64(front*betaFraction(0.5, a, y))
}

// studentDensity is the density of Student's t at t.
func studentDensity(t, df float64) float64 {
	a := float64(0.5 * df)
	return Exp(betaLog(a)-float64((a+0.5)*Log1p(float64(t*t)/df))) / math.Sqrt(df)
}

// betaLog returns -log B(a, ½) = log Γ(a+½)/Γ(a) - ½ log π. For large a the
// two logarithms would cancel, and their ratio is taken from its asymptotic
// series (A&S 6.1.47, in the logarithm; next term 17/(14336 a^7)).
func betaLog(a float64) float64 {
	const halfLogPi = 0.57236494292470008707171367567653
	if a < 50 {
		return LogGamma(a+0.5) - LogGamma(a) - halfLogPi
	}
	r := 1 / a
	z := float64(r * r)
	series := float64(r * (-1.0/8 + float64(z*(1.0/192+float64(z*(-1.0/640))))))
	return float64(0.5*Log(a)) + series - halfLogPi
}

// betaFraction is the continued fraction of the incomplete beta function
// (A&S 26.5.8), by the modified method of Lentz (W. J. Lentz, Applied Optics
// 15, 1976). It converges in about sqrt(max(a, b)) steps.
func betaFraction(a, b, x float64) float64 {
	const tiny = 1e-300
	away := func(v float64) float64 {
		if math.Abs(v) < tiny {
			return tiny
		}
		return v
	}
	c := 1.0
	d := 1 / away(1-(a+b)*x/(a+1))
	h := d
	for m := 1.0; m < 10000; m++ {
		even := m * (b - m) * x / ((a + float64(2*m) - 1) * (a + float64(2*m)))
		d = 1 / away(1+float64(even*d))
		c = away(1 + even/c)
		h *= d * c
		odd := -(a + m) * (a + b + m) * x / ((a + float64(2*m)) * (a + float64(2*m) + 1))
		d = 1 / away(1+float64(odd*d))
		c = away(1 + odd/c)
		step := float64(d * c)
		h *= step
		if math.Abs(step-1) < 0x1p-52 {
			break
		}
	}
	return h
}
