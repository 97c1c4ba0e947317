package arrival

// Loaded is the same plan at another load, as if the file had been read with
// it: rates, stages, peaks and waves are multiplied, while bursts and swings
// keep their times; the gaps of a trace are divided, and it repeats. It is for
// who asks for many loads of one system. Factor is above 0.
func Loaded(p Plan, factor float64) Plan {
	if factor == 1 {
		return p
	}
	switch one := p.(type) {
	case shaped:
		one.profile = one.profile.times(factor)
		return one
	case renewal:
		one.perSecond = float64(one.perSecond * factor)
		return one
	case modulated:
		one.on.perSecond = float64(one.on.perSecond * factor)
		one.off.perSecond = float64(one.off.perSecond * factor)
		return one
	case batches:
		one.Plan = Loaded(one.Plan, factor)
		return one
	case paced:
		one.Plan = Loaded(one.Plan, factor)
		return one
	case TracePlan:
		if one.Load == 0 {
			one.Load = 1
		}
		one.Load = float64(one.Load * factor)
		return one
	}
	panic("arrival: a plan that has no load")
}

// Loaded is the same users at another load: so many times as many of them at
// any time, rounded.
func (u *Users) Loaded(factor float64) Users {
	out := Users{Initial: roundUsers(float64(float64(u.Initial) * factor))}
	for _, r := range u.Ramps {
		r.Target = float64(roundUsers(float64(r.Target * factor)))
		out.Ramps = append(out.Ramps, r)
	}
	return out
}
