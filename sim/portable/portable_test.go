package portable

import (
	"hash/fnv"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"
)

// function is one of the package with the inputs that the tests give it.
type function struct {
	name      string
	of, judge func(x, y float64) float64
	input     func(r *source) (x, y float64)
	exact     float64 // largest relative error at the reference points
	judged    float64 // largest relative difference from the judge, which errs too
	bits      uint64  // pinned hash of the values at 20 000 inputs
}

func functions() []function {
	return []function{
		{
			name: "Log", of: one(Log), judge: one(math.Log),
			input: func(r *source) (x, y float64) { return r.positive(700), 0 },
			exact: 2.3e-16, judged: 4e-16, bits: 0x280d55cee4eec504,
		},
		{
			name: "Log1p", of: one(Log1p), judge: one(math.Log1p),
			input: func(r *source) (x, y float64) { return r.positive(36) - 1, 0 },
			exact: 2.3e-16, judged: 4e-16, bits: 0xaea230d5a74f3bfe,
		},
		{
			name: "Exp", of: one(Exp), judge: one(math.Exp),
			input: func(r *source) (x, y float64) { return r.between(-708, 709), 0 },
			exact: 2.3e-16, judged: 4e-16, bits: 0x1fd935ede376f6cf,
		},
		{
			name: "Expm1", of: one(Expm1), judge: one(math.Expm1),
			input: func(r *source) (x, y float64) { return r.signed(30), 0 },
			exact: 2.3e-16, judged: 4e-16, bits: 0x85f7e83c7864a3e1,
		},
		{
			name: "Pow", of: Pow, judge: math.Pow,
			input: func(r *source) (x, y float64) { return r.positive(5), r.between(-20, 20) },
			exact: 2.3e-16, judged: 5e-15, bits: 0x7579f5ab3a7b855c,
		},
		{
			name: "SinTurns", of: one(SinTurns), judge: one(func(x float64) float64 { return math.Sin(2 * math.Pi * x) }),
			input: func(r *source) (x, y float64) { return r.between(-0.2, 0.2), 0 },
			exact: 2.6e-16, judged: 6e-16, bits: 0xaf88e53fe2720f3b,
		},
		{
			name: "Erfc", of: one(Erfc), judge: one(math.Erfc),
			input: func(r *source) (x, y float64) { return r.between(-6, 26), 0 },
			exact: 1e-15, judged: 1e-14, bits: 0x3f4da2d93fc4919d,
		},
		{
			name: "NormalCDF", of: one(NormalCDF), judge: one(distuv.UnitNormal.CDF),
			input: func(r *source) (x, y float64) { return r.between(-8, 8), 0 },
			exact: 1e-15, judged: 2e-14, bits: 0xbbd0cf4d8410c181,
		},
		{
			name: "NormalQuantile", of: one(NormalQuantile), judge: one(distuv.UnitNormal.Quantile),
			input: func(r *source) (x, y float64) { return r.between(0, 1), 0 },
			exact: 1e-15, judged: 2e-14, bits: 0x5349e8c4e22e8c9b,
		},
		{
			name: "LogGamma", of: one(LogGamma), judge: one(judgeLogGamma),
			input: func(r *source) (x, y float64) { return r.positive(20), 0 },
			exact: 1e-15, judged: 1e-13, bits: 0x87366393787d0c8a,
		},
		{
			name: "Gamma", of: one(Gamma), judge: one(math.Gamma),
			input: func(r *source) (x, y float64) { return r.between(1e-3, 170), 0 },
			exact: 3e-15, judged: 2e-14, bits: 0x4b7d3c5dbce33dae,
		},
		{
			name: "StudentTCDF", of: StudentTCDF, judge: judgeStudentCDF,
			input: func(r *source) (x, y float64) { return r.between(-20, 20), r.between(1, 400) },
			exact: 1e-13, judged: 1e-9, bits: 0x4f00306bda65f00f,
		},
		{
			name: "StudentTQuantile", of: StudentTQuantile, judge: judgeStudentQuantile,
			input: func(r *source) (x, y float64) { return r.between(0, 0.45), r.between(1, 400) },
			exact: 1e-12, judged: 1e-9, bits: 0x429c3991d5caa521,
		},
	}
}

func one(f func(float64) float64) func(x, y float64) float64 {
	return func(x, _ float64) float64 { return f(x) }
}

func judgeLogGamma(x float64) float64 {
	v, _ := math.Lgamma(x)
	return v
}

func judgeStudentCDF(t, df float64) float64 { return distuv.StudentsT{Sigma: 1, Nu: df}.CDF(t) }

// judgeStudentQuantile is the quantile from gonum's inverse of the incomplete beta
// function.
func judgeStudentQuantile(p, df float64) float64 {
	tail := min(p, 1-p)
	x := mathext.InvRegIncBeta(df/2, 0.5, 2*tail)
	return math.Copysign(math.Sqrt(df*(1-x)/x), p-0.5)
}

// source is a small generator, so that the inputs are the same for ever.
type source struct{ state uint64 }

func (r *source) between(lo, hi float64) float64 {
	r.state += 0x9e3779b97f4a7c15
	z := (r.state ^ (r.state >> 30)) * 0xbf58476d1ce4e5b9
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb
	return lo + float64((hi-lo)*(float64((z^(z>>31))>>11)*0x1p-53))
}

// positive spreads over e^-size to e^size, evenly in the logarithm.
func (r *source) positive(size float64) float64 { return Exp(r.between(-size, size)) }

// signed spreads over both signs, from the tiny to about size.
func (r *source) signed(size float64) float64 {
	x := r.between(-1, 1)
	return size * x * x * x * x * x
}

func difference(got, want float64) float64 {
	if got == want {
		return 0
	}
	return math.Abs(got-want) / math.Abs(want)
}

func TestFunctionsMatchReferencePoints(t *testing.T) {
	byName := map[string]function{}
	for _, f := range functions() {
		byName[f.name] = f
	}
	require.Len(t, references, len(byName), "every function has reference points")
	for _, row := range references {
		f := byName[row.name]
		require.NotNil(t, f.of, row.name)
		for _, p := range row.points {
			got := f.of(p.x, p.y)
			assert.LessOrEqual(t, difference(got, p.want), f.exact, "%s(%v, %v) = %v, want %v", f.name, p.x, p.y, got, p.want)
		}
	}
}

func TestFunctionsAgreeWithAnIndependentJudge(t *testing.T) {
	for _, f := range functions() {
		r, worst, at := &source{1}, 0.0, [2]float64{}
		for range 20_000 {
			x, y := f.input(r)
			if d := difference(f.of(x, y), f.judge(x, y)); d > worst || d != d {
				worst, at = d, [2]float64{x, y}
			}
		}
		assert.LessOrEqual(t, worst, f.judged, "%s at %v", f.name, at)
	}
}

// A processor, a compiler or an edit that changes one bit of one value fails
// this test. If it is the processor or the compiler, a product is fused
// somewhere; if it is the edit, every pinned fingerprint of the repository
// changes with it.
func TestBitsAreTheSameOnEveryProcessor(t *testing.T) {
	for _, f := range functions() {
		h, r := fnv.New64a(), &source{2}
		var word [8]byte
		for range 20_000 {
			v := math.Float64bits(f.of(f.input(r)))
			for i := range word {
				word[i] = byte(v >> (8 * i))
			}
			h.Write(word[:])
		}
		assert.Equal(t, f.bits, h.Sum64(), "%s: 0x%x", f.name, h.Sum64())
	}
}

func TestLimitsAndInvalidArguments(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"Log(0)", Log(0), -inf},
		{"Log(-1)", Log(-1), nan},
		{"Log(inf)", Log(inf), inf},
		{"Log(NaN)", Log(nan), nan},
		{"Log(1)", Log(1), 0},
		{"Log1p(-1)", Log1p(-1), -inf},
		{"Log1p(-2)", Log1p(-2), nan},
		{"Log1p(inf)", Log1p(inf), inf},
		{"Log1p(0)", Log1p(0), 0},
		{"Exp(inf)", Exp(inf), inf},
		{"Exp(-inf)", Exp(-inf), 0},
		{"Exp(710)", Exp(710), inf},
		{"Exp(-746)", Exp(-746), 0},
		{"Exp(-745)", Exp(-745), 5e-324},
		{"Exp(0)", Exp(0), 1},
		{"Exp(NaN)", Exp(nan), nan},
		{"Expm1(inf)", Expm1(inf), inf},
		{"Expm1(-inf)", Expm1(-inf), -1},
		{"Expm1(NaN)", Expm1(nan), nan},
		{"Pow(0,2)", Pow(0, 2), 0},
		{"Pow(0,-2)", Pow(0, -2), inf},
		{"Pow(0,0)", Pow(0, 0), 1},
		{"Pow(2,inf)", Pow(2, inf), inf},
		{"Pow(2,-inf)", Pow(2, -inf), 0},
		{"Pow(0.5,inf)", Pow(0.5, inf), 0},
		{"Pow(0.5,-inf)", Pow(0.5, -inf), inf},
		{"Pow(inf,0.1)", Pow(inf, 0.1), inf},
		{"Pow(inf,-0.1)", Pow(inf, -0.1), 0},
		{"Pow(0,inf)", Pow(0, inf), 0},
		{"Pow(-2,2)", Pow(-2, 2), nan},
		{"Pow(NaN,1)", Pow(nan, 1), nan},
		{"Pow(1,NaN)", Pow(1, nan), 1},
		{"Pow(2,1024)", Pow(2, 1024), inf},
		{"Pow(2,1023)", Pow(2, 1023), 0x1p1023},
		{"Pow(2,-1074)", Pow(2, -1074), 5e-324},
		{"Pow(2,-1100)", Pow(2, -1100), 0},
		{"Pow(10,15)", Pow(10, 15), 1e15},
		{"Pow(1.5,1e308)", Pow(1.5, 1e308), inf},
		{"Erfc(-inf)", Erfc(-inf), 2},
		{"Erfc(inf)", Erfc(inf), 0},
		{"Erfc(NaN)", Erfc(nan), nan},
		{"NormalCDF(-inf)", NormalCDF(-inf), 0},
		{"NormalCDF(inf)", NormalCDF(inf), 1},
		{"NormalCDF(0)", NormalCDF(0), 0.5},
		{"NormalQuantile(0)", NormalQuantile(0), -inf},
		{"NormalQuantile(1)", NormalQuantile(1), inf},
		{"NormalQuantile(0.5)", NormalQuantile(0.5), 0},
		{"NormalQuantile(1.1)", NormalQuantile(1.1), nan},
		{"NormalQuantile(NaN)", NormalQuantile(nan), nan},
		{"LogGamma(0)", LogGamma(0), inf},
		{"LogGamma(1)", LogGamma(1), 0},
		{"LogGamma(2)", LogGamma(2), 0},
		{"LogGamma(-1)", LogGamma(-1), nan},
		{"LogGamma(inf)", LogGamma(inf), inf},
		{"Gamma(0)", Gamma(0), inf},
		{"Gamma(172)", Gamma(172), inf},
		{"Gamma(-0.5)", Gamma(-0.5), nan},
		{"StudentTCDF(0)", StudentTCDF(0, 3), 0.5},
		{"StudentTCDF(inf)", StudentTCDF(inf, 3), 1},
		{"StudentTCDF(df 0)", StudentTCDF(1, 0), nan},
		{"StudentTQuantile(0)", StudentTQuantile(0, 3), -inf},
		{"StudentTQuantile(1)", StudentTQuantile(1, 3), inf},
		{"StudentTQuantile(0.5)", StudentTQuantile(0.5, 3), 0},
		{"StudentTQuantile(df 0.5)", StudentTQuantile(0.9, 0.5), nan},
		{"StudentTQuantile(p 2)", StudentTQuantile(2, 5), nan},
	} {
		if c.want != c.want {
			assert.True(t, math.IsNaN(c.got), "%s is NaN, got %v", c.name, c.got)
			continue
		}
		assert.Equal(t, c.want, c.got, c.name)
	}
}

func TestSineGoesRoundTheCircle(t *testing.T) {
	for i := range 4000 {
		x := float64(i-2000) / 1000
		want := math.Sin(2 * math.Pi * math.Mod(x, 1))
		assert.InDelta(t, want, SinTurns(x), 1e-15, "%g turns", x)
		assert.InDelta(t, 1, SinTurns(x)*SinTurns(x)+SinTurns(x+0.25)*SinTurns(x+0.25), 1e-12, "%g turns", x)
	}
	for _, x := range []float64{0, 0.5, 1, 7.5, 1e15, -3} {
		assert.Zero(t, SinTurns(x))
	}
	assert.Equal(t, 1.0, SinTurns(0.25))
	assert.Equal(t, -1.0, SinTurns(0.75))
	assert.Equal(t, -1.0, SinTurns(-0.25))
	assert.True(t, math.IsNaN(SinTurns(math.Inf(1))))
}

func TestStudentQuantileIsContinuousWhereTheMethodChanges(t *testing.T) {
	for _, p := range []float64{0.6, 0.975, 0.995, 0.99999} {
		below, above := StudentTQuantile(p, 1e4-1e-6), StudentTQuantile(p, 1e4)
		assert.InEpsilon(t, below, above, 1e-11, "p %v", p)
	}
}

func TestQuantilesInvertTheirDistributions(t *testing.T) {
	r := &source{3}
	for range 2000 {
		p := r.between(1e-6, 1-1e-6)
		assert.InEpsilon(t, p, NormalCDF(NormalQuantile(p)), 1e-13)
		df := 1 + r.between(0, 50)
		assert.InEpsilon(t, p, StudentTCDF(StudentTQuantile(p, df), df), 1e-12)
	}
}

func BenchmarkLog(b *testing.B) { benchmark(b, func(x float64) float64 { return Log(x + 2) }) }
func BenchmarkExp(b *testing.B) { benchmark(b, func(x float64) float64 { return Exp(-x) }) }
func BenchmarkPow(b *testing.B) { benchmark(b, func(x float64) float64 { return Pow(x+0.5, 0.7) }) }

func BenchmarkNormalQuantile(b *testing.B) {
	benchmark(b, func(x float64) float64 { return NormalQuantile(0.5 + 0.001*x) })
}

func benchmark(b *testing.B, f func(float64) float64) {
	x := 1.0
	for b.Loop() {
		x = f(x)
	}
}
