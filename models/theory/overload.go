package theory

import (
	"fmt"
	"math"
)

// FluidOverload is what a step of overload leaves behind when requests are
// taken as a fluid: demand Peak above the capacity for a time Duration, then
// Base, below it. There is no backlog at the start. It is exact where arrivals
// and services are evenly spaced, and the limit of a large system otherwise
// (Newell, Applications of Queueing Theory, 1982, ch. 2).
type FluidOverload struct {
	Base     float64 // arrival rate after the step, requests per unit of time
	Peak     float64 // arrival rate during the step
	Capacity float64 // requests served per unit of time, all servers together
	Duration float64 // of the step
}

func (f FluidOverload) check() {
	mustNotBeNegative("the arrival rate after an overload", f.Base)
	mustBePositive("the capacity of an overloaded system", f.Capacity)
	mustNotBeNegative("the duration of an overload", f.Duration)
	if !(f.Peak >= f.Capacity) || math.IsInf(f.Peak, 1) {
		panic(fmt.Sprintf("theory: an overload is at least the capacity %v, got %v", f.Capacity, f.Peak))
	}
}

// BacklogMax returns the backlog at the end of the step,
// (Peak-Capacity) Duration.
func (f FluidOverload) BacklogMax() float64 {
	f.check()
	return (f.Peak - f.Capacity) * f.Duration
}

// DelayMax returns the wait of the request that arrives at the end of the
// step.
func (f FluidOverload) DelayMax() float64 { return f.BacklogMax() / f.Capacity }

// DrainTime returns how long after the step the backlog is gone,
// BacklogMax/(Capacity-Base): +Inf if Base leaves no room.
func (f FluidOverload) DrainTime() float64 { return Drain(f.BacklogMax(), f.Base, f.Capacity) }

// Drain returns the time in which a capacity works off a backlog while
// requests go on arriving at the given rate: +Inf if it never does.
func Drain(backlog, arrivalRate, capacity float64) float64 {
	mustNotBeNegative("a backlog", backlog)
	mustNotBeNegative("an arrival rate", arrivalRate)
	mustNotBeNegative("a capacity", capacity)
	switch {
	case backlog == 0:
		return 0
	case capacity <= arrivalRate:
		return math.Inf(1)
	}
	return backlog / (capacity - arrivalRate)
}

// BacklogAt returns the backlog at time t after the start of the step.
func (f FluidOverload) BacklogAt(t float64) float64 {
	f.check()
	if t <= f.Duration {
		return (f.Peak - f.Capacity) * math.Max(t, 0)
	}
	return math.Max(0, f.BacklogMax()-(f.Capacity-f.Base)*(t-f.Duration))
}

// BacklogArea returns the integral of the backlog over the whole episode, a
// triangle: requests times time.
func (f FluidOverload) BacklogArea() float64 {
	if f.BacklogMax() == 0 {
		return 0
	}
	return f.BacklogMax() * (f.Duration + f.DrainTime()) / 2
}

// DelayMean returns the mean wait of the requests that arrive from the start
// of the step until the backlog is gone: the area over their number (Little).
func (f FluidOverload) DelayMean() float64 {
	switch {
	case f.BacklogMax() == 0:
		return 0
	case f.Base >= f.Capacity:
		return math.Inf(1)
	}
	return f.BacklogArea() / (f.Peak*f.Duration + f.Base*f.DrainTime())
}
