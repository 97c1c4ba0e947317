package theory

// retryLoadCells is into how many parts the range of rates is cut in search of
// the places where offered and attempted rates agree.
const retryLoadCells = 4000

// RetryLoadsApprox returns, in ascending order, the rates x of attempts that
// keep themselves up when first attempts come at rate lambda and each may be
// retried up to retries times:
//
//	x = lambda (1 + f + ... + f^retries), f = failure(x),
//
// where failure(x) is the probability that an attempt fails under Poisson
// attempts of rate x. Stable and unstable rates alternate: a system pushed
// beyond the second does not come back but goes on to the third, in a collapse
// lambda (retries+1), where everything fails. That is the metastable failure
// of Bronson et al. (HotOS 2021).
//
// It is an approximation: attempts are taken to be Poisson and independent,
// which becomes exact only as the pauses between them grow (Cohen 1957).
// Rates closer together than 1/4000 of the range may be missed.
func RetryLoadsApprox(lambda float64, retries int, failure func(rate float64) float64) []float64 {
	mustBePositive("an arrival rate", lambda)
	mustBeAtLeast("the number of retries", retries, 0)
	excess := func(x float64) float64 {
		return lambda*Retries{Max: retries, Failure: failure(x)}.AttemptsMean() - x
	}
	var rates []float64
	high := lambda * float64(retries+1)
	low, before := lambda, excess(lambda)
	for i := 1; i <= retryLoadCells && retries > 0; i++ {
		if before == 0 {
			rates = append(rates, low)
		}
		next := lambda + (high-lambda)*float64(i)/retryLoadCells
		after := excess(next)
		if before*after < 0 {
			rates = append(rates, bisect(func(x float64) bool { return (excess(x) > 0) == (before > 0) }, low, next))
		}
		low, before = next, after
	}
	if before == 0 {
		rates = append(rates, low)
	}
	return rates
}
