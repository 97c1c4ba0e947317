package balance

import (
	"slices"

	"github.com/capsim/capsim/sim"
)

// Nobody is the index of no instance.
const Nobody = -1

// Reason is why an instance must not be chosen. Several may hold at once.
type Reason uint8

// The reasons.
const (
	Unhealthy Reason = 1 << iota // its health checks failed
	Ejected                      // too many of its answers were errors
	Full                         // it has as many requests as it may have
	Absent                       // it is not in service
	Tried                        // this request has been there in vain, for as long as the choice takes
)

// Group is the instances that one balancer, or all callers of a node
// together, choose among, and what is known of them there.
type Group struct {
	inFlight []int32
	weights  []float64 // nil: all alike
	barred   []Reason  // 0: may be chosen
	able     int       // how many may be chosen
	ranks    ranks     // which they are; nil until one has been barred
	total    int       // requests in flight, of all
	avoid    int       // that must not be chosen this time, if there is another; Nobody: none

	policy  Policy
	watcher Watcher // the policy, if it is one
	learner Learner
}

// NewGroup returns a group that chooses by the policy of that name. It panics
// if there is none.
func NewGroup(policy string, o Options) *Group {
	g := &Group{
		inFlight: make([]int32, o.Instances), weights: slices.Clone(o.Weights), barred: make([]Reason, o.Instances),
		able: o.Instances, avoid: Nobody,
	}
	row, ok := Lookup(policy)
	if !ok {
		panic("balance: no policy " + policy)
	}
	g.policy = row.New(o)
	g.watcher, _ = g.policy.(Watcher)
	g.learner, _ = g.policy.(Learner)
	return g
}

// Pick chooses the instance that gets a request; Nobody if none may be
// chosen. The instance avoid (Nobody: none), which has the first copy of a
// hedged request, is chosen only if there is no other.
func (g *Group) Pick(r Request, avoid int, s *sim.Stream) int {
	if g.able == 0 {
		return Nobody
	}
	g.avoid = Nobody
	if avoid >= 0 && g.barred[avoid] == 0 && g.able > 1 {
		g.avoid = avoid
	}
	return g.policy.Pick(g, r, s)
}

// Sent counts a request to instance i as in flight.
func (g *Group) Sent(i int) { g.count(i, 1) }

// Done counts a request to instance i as no longer in flight: answered, or
// given up.
func (g *Group) Done(i int) { g.count(i, -1) }

func (g *Group) count(i int, by int32) {
	g.inFlight[i] += by
	g.total += int(by)
	g.changed(i)
}

// Answered tells the policy how long instance i took for a request that was
// answered now.
func (g *Group) Answered(i int, took, now sim.Time) {
	if g.learner != nil {
		g.learner.Learned(g, i, took, now, true)
	}
}

// GivenUp tells the policy for how long instance i has not answered a request
// that is given up now.
func (g *Group) GivenUp(i int, waited, now sim.Time) {
	if g.learner != nil {
		g.learner.Learned(g, i, waited, now, false)
	}
}

// Learns reports whether the policy wants to hear of answers.
func (g *Group) Learns() bool { return g.learner != nil }

// Bar takes instance i out of the choice, for one more reason.
func (g *Group) Bar(i int, why Reason) {
	was := g.barred[i]
	g.barred[i] |= why
	if was == 0 {
		g.able--
		if g.ranks == nil {
			g.ranks = newRanks(len(g.inFlight))
		}
		g.ranks.add(i, -1)
		g.changed(i)
	}
}

// Admit takes a reason back.
func (g *Group) Admit(i int, why Reason) {
	was := g.barred[i]
	g.barred[i] &^= why
	if was != 0 && g.barred[i] == 0 {
		g.able++
		g.ranks.add(i, 1)
		g.changed(i)
	}
}

// SetWeight gives instance i another weight, more than 0. The group must have
// weights.
func (g *Group) SetWeight(i int, weight float64) {
	g.weights[i] = weight
	g.changed(i)
}

func (g *Group) changed(i int) {
	if g.watcher != nil {
		g.watcher.Changed(g, i)
	}
}

// Len returns the number of instances.
func (g *Group) Len() int { return len(g.inFlight) }

// InFlight returns how many requests instance i has from here.
func (g *Group) InFlight(i int) int32 { return g.inFlight[i] }

// Weight returns the weight of instance i, 1 where nobody gave any.
func (g *Group) Weight(i int) float64 {
	if g.weights == nil {
		return 1
	}
	return g.weights[i]
}

// Barred returns why instance i must not be chosen, 0 if it may.
func (g *Group) Barred(i int) Reason { return g.barred[i] }

// Able returns how many instances may be chosen, the avoided one included.
func (g *Group) Able() int { return g.able }

// eligible reports whether instance i may be chosen this time.
func (g *Group) eligible(i int) bool { return g.barred[i] == 0 && i != g.avoid }

// whole reports whether every instance may be chosen this time.
func (g *Group) whole() bool { return g.able == len(g.inFlight) && g.avoid < 0 }

// choices returns how many instances may be chosen this time.
func (g *Group) choices() int {
	if g.avoid >= 0 {
		return g.able - 1
	}
	return g.able
}

// choice returns instance number k of those that may be chosen this time.
func (g *Group) choice(k int) int {
	if g.able == len(g.inFlight) {
		if g.avoid >= 0 && k >= g.avoid {
			k++
		}
		return k
	}
	if g.avoid >= 0 && k >= g.ranks.before(g.avoid) {
		k++
	}
	return g.ranks.find(k)
}

// from returns the first instance that may be chosen this time, in turn from
// instance i on.
func (g *Group) from(i int) int {
	if g.able < len(g.inFlight) {
		k := g.ranks.before(i)
		if k == g.able {
			k = 0
		}
		i = g.ranks.find(k)
	}
	if i == g.avoid {
		return g.from(g.after(i))
	}
	return i
}

// after returns the instance behind i, in turn.
func (g *Group) after(i int) int {
	if i++; i == len(g.inFlight) {
		return 0
	}
	return i
}
