package dist

import (
	"math"
	"math/bits"

	"github.com/capsim/capsim/sim"
	"github.com/capsim/capsim/sim/portable"
)

// zipf gives key i, from 0, with probability (i+1)^-s / H, where H sums
// k^-s over the ranks k from 1 to n.
type zipf struct {
	n, s     float64
	harmonic float64
	table    []cell    // for n up to tableKeys
	reject   rejection // beyond
}

// tableKeys is the largest number of keys for which a table is made: 8 MiB.
const tableKeys = 1 << 20

func buildZipf(a *args) Law {
	s, n := a.number("s", 0, 20), a.wholeNamed("n", 1)
	if a.err != nil {
		return nil
	}
	z := zipf{n: n, s: s, harmonic: harmonic(n, s)}
	if n <= tableKeys {
		weights := make([]float64, int(n))
		for i := range weights {
			weights[i] = portable.Pow(float64(i+1), -s)
		}
		z.table = aliasTable(weights)
	} else {
		z.reject = newRejection(n, s)
	}
	return z
}

func (z zipf) Sample(s *sim.Stream) float64 {
	if z.table != nil {
		return float64(pick(z.table, s))
	}
	return z.reject.sample(s) - 1
}

func (z zipf) Mean() float64 { return harmonic(z.n, z.s-1)/z.harmonic - 1 }

func (z zipf) Variance() float64 {
	mean := harmonic(z.n, z.s-1) / z.harmonic
	return max(0, harmonic(z.n, z.s-2)/z.harmonic-float64(mean*mean))
}

func (z zipf) CDF(x float64) float64 {
	if x < 0 {
		return 0
	}
	return clamp(harmonic(min(z.n, math.Floor(x)+1), z.s) / z.harmonic)
}

// harmonic sums k^-s over k from 1 to n: the first 64 terms one by one, the
// others by the Euler-Maclaurin formula up to the third derivative (A&S
// 23.1.30), whose error is then below 1e-13 of the sum.
func harmonic(n, s float64) float64 {
	const direct = 64
	sum := 0.0
	for k := 1.0; k <= min(n, direct); k++ {
		sum += portable.Pow(k, -s)
	}
	if n <= direct {
		return sum
	}
	m := float64(direct)
	fm, fn := portable.Pow(m, -s), portable.Pow(n, -s)
	// ∫ x^-s dx = m^(1-s) ∫ e^((1-s) y) dy over y from 0 to log(n/m).
	sum += float64(m * fm * expIntegral(1-s, portable.Log(n/m)))
	sum += float64((fn - fm) / 2)
	first := float64(-s * (fn/n - float64(fm/m)))
	third := float64(-s * (s + 1) * (s + 2) * (fn/(n*n*n) - float64(fm/(m*m*m))))
	return sum + (first/12 - third/720)
}

// cell is one column of an alias table: itself below the threshold, else its
// alias (A. J. Walker 1977; M. D. Vose, IEEE Trans. Software Eng. 17, 1991).
type cell struct {
	threshold uint32 // of 2^32
	alias     uint32
}

// aliasTable packs weights, up to 2^32 of them, into a table to [pick] from.
func aliasTable(weights []float64) []cell {
	total := 0.0
	for _, w := range weights {
		total += w
	}
	n := len(weights)
	table := make([]cell, n)
	share := make([]float64, n) // in units of 1/n
	small, large := make([]uint32, 0, n), make([]uint32, 0, n)
	for i, w := range weights {
		share[i] = w / total * float64(n)
		if share[i] < 1 {
			small = append(small, uint32(i))
		} else {
			large = append(large, uint32(i))
		}
	}
	for len(small) > 0 && len(large) > 0 {
		s, l := small[len(small)-1], large[len(large)-1]
		small = small[:len(small)-1]
		table[s] = cell{uint32(min(share[s]*0x1p32, math.MaxUint32)), l}
		share[l] -= 1 - share[s]
		if share[l] < 1 {
			large = large[:len(large)-1]
			small = append(small, l)
		}
	}
	for _, rest := range [][]uint32{small, large} { // full up to rounding
		for _, i := range rest {
			table[i] = cell{math.MaxUint32, i}
		}
	}
	return table
}

// pick draws from an alias table with one random word: the high part of its
// product with the number of cells chooses the cell, the low part is what is
// compared with the threshold.
func pick(table []cell, s *sim.Stream) uint32 {
	hi, lo := bits.Mul64(s.Uint64(), uint64(len(table)))
	if c := table[hi]; uint32(lo>>32) >= c.threshold {
		return c.alias
	}
	return uint32(hi)
}

// rejection draws ranks by rejection-inversion (W. Hörmann and G. Derflinger,
// ACM Trans. Model. Comput. Simul. 6, 1996), for more ranks than fit in a
// table.
type rejection struct {
	n, s      float64
	from, end float64 // the integral of the hat from rank ½ to n+½
	sure      float64 // how near to its rank a point is accepted outright
}

func newRejection(n, s float64) rejection {
	r := rejection{n: n, s: s}
	r.from = r.integral(1.5) - 1
	r.end = r.integral(n + 0.5)
	r.sure = 2 - r.inverse(r.integral(2.5)-r.density(2))
	return r
}

// density is x^-s, the hat.
func (r *rejection) density(x float64) float64 { return portable.Pow(x, -r.s) }

// integral is that of the hat from 1 to x.
func (r *rejection) integral(x float64) float64 { return expIntegral(1-r.s, portable.Log(x)) }

// inverse gives the x whose integral is y.
func (r *rejection) inverse(y float64) float64 {
	t := max(-1, y*(1-r.s))
	if math.Abs(t) < 1e-8 {
		return portable.Exp(y * (1 - float64(t/2)))
	}
	return portable.Exp(portable.Log1p(t) / (1 - r.s))
}

func (r *rejection) sample(s *sim.Stream) float64 {
	for {
		u := r.end + float64(s.Float64()*(r.from-r.end))
		x := r.inverse(u)
		k := max(1, min(r.n, math.Floor(x+0.5)))
		if k-x <= r.sure || u >= r.integral(k+0.5)-r.density(k) {
			return k
		}
	}
}
