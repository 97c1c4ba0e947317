package balance

import (
	"cmp"
	"math"
	"slices"

	"github.com/capsim/capsim/sim"
)

// DefaultVirtualNodes is how many points an instance of weight 1 has on the
// ring: as in ketama (R. Jones, last.fm, 2007) and nginx.
const DefaultVirtualNodes = 160

// ring is consistent hashing: each instance has points on a ring, and a
// request goes to the first point from its hash on. With a factor c, no
// instance of weight w gets a request beyond ⌈c · m · w ÷ W⌉, where m counts
// the requests in flight with this one and W is the weight of all that may be
// chosen; the request goes on to the next point then (Mirrokni, Thorup,
// Zadimoghaddam, "Consistent Hashing with Bounded Loads", 2016).
type ring struct {
	points []point
	nodes  float64 // points of an instance of weight 1
	most   []int32 // points of each instance
	used   []int32 // of those, in use: fewer while its weight is less
	factor float64 // 0: no bound
	weight float64 // of those that may be chosen
	counts []float64
}

// point is a virtual node.
type point struct {
	at       uint64
	instance int32
	number   int32
}

func newRing(o Options) *ring {
	p := &ring{nodes: DefaultVirtualNodes, factor: o.LoadFactor, counts: make([]float64, o.Instances)}
	if o.VirtualNodes != 0 {
		p.nodes = float64(o.VirtualNodes)
	}
	p.most, p.used = make([]int32, o.Instances), make([]int32, o.Instances)
	total := 0
	for i := range p.most {
		w := o.weight(i)
		p.most[i] = p.pointsOf(w)
		p.counts[i] = w
		p.weight += w
		total += int(p.most[i])
	}
	copy(p.used, p.most)
	p.points = make([]point, 0, total)
	for i := range o.Instances {
		name := uint64(i)
		if o.Names != nil {
			name = o.Names[i]
		}
		for k := range p.most[i] {
			p.points = append(p.points, point{sim.Mix(name, uint64(k)), int32(i), k})
		}
	}
	slices.SortFunc(p.points, func(a, b point) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.instance, b.instance), cmp.Compare(a.number, b.number))
	})
	return p
}

// pointsOf is how many points an instance of some weight has, at least one.
func (p *ring) pointsOf(weight float64) int32 {
	return int32(max(1, math.Round(float64(p.nodes*weight))))
}

func (p *ring) Pick(g *Group, r Request, _ *sim.Stream) int {
	first := p.from(r.Hash)
	bound := p.bound(g)
	for k := range p.points {
		at := first + k
		if at >= len(p.points) {
			at -= len(p.points)
		}
		pt := &p.points[at]
		i := int(pt.instance)
		if pt.number < p.used[i] && g.eligible(i) && p.room(g, i, bound) {
			return i
		}
	}
	return g.choice(0) // only if rounding has made the bounds too narrow by a hair
}

// from returns the first point at h or behind, the first of all if there is
// none. The points are spread evenly: it begins where the point should be,
// and goes by ever larger steps until it lies between two.
func (p *ring) from(h uint64) int {
	n := len(p.points)
	at, step := share(h, n), 1
	low, high := at, at
	for low > 0 && p.points[low-1].at >= h {
		high, low, step = low, max(0, low-step), 2*step
	}
	for high < n && p.points[high].at < h {
		low, high, step = high+1, min(n, high+step), 2*step
	}
	for low < high {
		middle := (low + high) / 2
		if p.points[middle].at < h {
			low = middle + 1
		} else {
			high = middle
		}
	}
	if low == n {
		return 0
	}
	return low
}

// bound is how many requests an instance may have with the next for each unit
// of weight, before rounding up.
func (p *ring) bound(g *Group) float64 {
	if p.factor == 0 {
		return 0
	}
	weight := p.weight
	if g.avoid >= 0 {
		weight -= g.Weight(g.avoid)
	}
	return float64(p.factor*float64(g.total+1)) / weight
}

func (p *ring) room(g *Group, i int, bound float64) bool {
	return p.factor == 0 || float64(g.inFlight[i]) < math.Ceil(float64(bound*g.Weight(i)))
}

// Changed takes a new weight, which must not be above the one that the
// instance began with: there are no points for more.
func (p *ring) Changed(g *Group, i int) {
	if w := g.drawn(i); w != p.counts[i] {
		p.weight += w - p.counts[i]
		p.counts[i] = w
		p.used[i] = min(p.pointsOf(g.Weight(i)), p.most[i])
	}
}
