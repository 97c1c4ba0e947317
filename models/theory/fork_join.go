package theory

import (
	"fmt"
	"math"
)

// ForkJoinBranchesMax is the largest number of branches for which the
// approximation of [ForkJoin] was validated by its authors.
const ForkJoinBranchesMax = 32

// ForkJoin is a fork-join queue: every arrival of a Poisson stream sends one
// task to each of several M/M/1 queues and is complete when the last task is.
// The branches see the same arrivals, so they are not independent.
type ForkJoin struct {
	Branches int
	Lambda   float64 // arrival rate, also of each branch
	Mu       float64 // service rate of each branch
}

// ResponseMean returns the exact mean response time, known for one and two
// branches: (12-rho)/8 times that of M/M/1 for two (Flatto and Hahn 1984;
// Nelson and Tantawi 1988). More branches are an error.
func (f ForkJoin) ResponseMean() (float64, error) {
	branch, err := f.branch(2)
	if err != nil || f.Branches == 1 || math.IsInf(branch, 1) {
		return branch, err
	}
	return (12 - f.Lambda/f.Mu) / 8 * branch, nil
}

// ResponseMeanApprox returns Nelson and Tantawi's approximation for up to
// ForkJoinBranchesMax branches, within 5 % by their simulations (IEEE
// Transactions on Computers 37, 1988). It is exact for one and two.
func (f ForkJoin) ResponseMeanApprox() (float64, error) {
	branch, err := f.branch(ForkJoinBranchesMax)
	if err != nil || f.Branches == 1 || math.IsInf(branch, 1) {
		return branch, err
	}
	rho := f.Lambda / f.Mu
	ratio := harmonic(1, f.Branches, 1) / harmonic(1, 2, 1)
	return (ratio + 4.0/11*(1-ratio)*rho) * (12 - rho) / 8 * branch, nil
}

// branch returns the mean response time of one branch, if there are not too
// many of them.
func (f ForkJoin) branch(branchesMax int) (float64, error) {
	mustBeAtLeast("the number of branches of a fork-join queue", f.Branches, 1)
	if f.Branches > branchesMax {
		return 0, fmt.Errorf("the mean response time of a fork-join queue is known for at most %d branches, got %d", branchesMax, f.Branches)
	}
	return MM1{Lambda: f.Lambda, Mu: f.Mu}.ResponseMean(), nil
}
