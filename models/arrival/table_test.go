package arrival

import (
	"math"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/sim"
)

// geometric is a count of a mean, and a plain number one without spread.
type geometric struct{ mean float64 }

func (g geometric) Mean() float64 { return g.mean }

func (g geometric) Sample(s *sim.Stream) float64 {
	return 1 + math.Floor(math.Log(s.Open())/math.Log1p(-1/g.mean))
}

type always float64

func (c always) Mean() float64 { return float64(c) }

func (c always) Sample(*sim.Stream) float64 { return float64(c) }

// counted stands in for the distributions of the language.
func counted(text string) (Count, *kind.LiteralError) {
	if mean, ok := map[string]float64{"geometric 4": 4, "(gamma mean=3 cv=1)": 3}[text]; ok {
		return geometric{mean}, nil
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return nil, &kind.LiteralError{Code: "E999", Message: "no count", Len: len(text)}
	}
	return always(n), nil
}

func settled(t *testing.T, text string) Plan {
	t.Helper()
	p, err := Setting{Batch: counted}.Parse(text)
	require.Nil(t, err, text)
	return p
}

// behaviour is what a row of the battery has to show.
type behaviour struct {
	text   string
	rate   float64 // requests per second
	scv    float64 // squared coefficient of variation of the gaps; -1: not judged
	window float64 // seconds
	idc    float64 // variance over mean of the requests in a window
}

// idcOf is that of a two-state Markov-modulated Poisson process (Fischer and
// Meier-Hellstern 1993, section 3.3): a and b are the rates of leaving the
// states in which x and y come.
func idcOf(x, y, a, b, window float64) float64 {
	s := a + b
	mean := (x*b + y*a) / s
	return 1 + 2*(x-y)*(x-y)*a*b/(s*s*s*mean)*(1-(1-math.Exp(-s*window))/(s*window))
}

var battery = []behaviour{
	{"poisson 50/s", 50, 1, 4, 1},
	{"constant 50/s", 50, 0, 4, 0},
	{"gamma 50/s cv=2", 50, 4, 20, 4},
	{"gamma 50/s cv=0.5", 50, 0.25, 20, 0.25},
	{"gamma 50/s cv=1", 50, 1, 4, 1},
	{"bursty 50/s peak=4x on=1s off=6s", 50, -1, 4, idcOf(200, 25, 1, 1.0/6, 4)},
	{"bursty 50/s off=6s on=1s peak=7", 50, -1, 4, idcOf(350, 0, 1, 1.0/6, 4)},
	{"bursty 50/s peak=1x on=1s off=6s", 50, 1, 4, 1},
	// Batches of n: the gaps are 0 but for each first one, so that
	// c² = (1 + c²)m - 1; the counts have I = E[n²]/m for Poisson.
	{"poisson 50/s batch=4", 200, 7, 4, 4},
	{"poisson 50/s batch=geometric 4", 200, 7, 4, 7},
	{"constant 50/s batch=geometric 4", 200, 3, 4, 3},
	{"gamma 50/s batch=(gamma mean=3 cv=1) cv=1", 150, 5, 4, 5},
	{"bursty 50/s peak=1x batch=geometric 4 on=1s off=6s", 200, 7, 4, 7},
}

func TestEveryProcessBehavesAsItsRowSays(t *testing.T) {
	seen := map[string]bool{}
	for _, b := range battery {
		t.Run(b.text, func(t *testing.T) {
			seen[split(b.text)[0].text] = true
			p := settled(t, b.text)
			assert.InDelta(t, b.rate, p.MeanRate(sim.Second), 1e-9*b.rate)
			assert.True(t, p.Stationary())
			const windows = 2500
			s := sim.Keyed(sim.HashName(b.text))
			process := p.Start(-3*sim.Second, &s)
			window := sim.Time(b.window * 1e9)
			counts := make([]float64, windows)
			var gaps []float64
			last := sim.Time(0)
			for {
				at, row, ok := process.Next()
				if !ok || row != -1 {
					require.Fail(t, "ends, or has a row")
				}
				if at >= windows*window {
					break
				}
				if at < last && at >= 0 {
					require.Fail(t, "goes back")
				}
				if at >= 0 {
					counts[at/window]++
					gaps = append(gaps, (at - last).Seconds())
					last = at
				}
			}
			mean, variance := moments(counts)
			idc := variance / mean
			assert.InDelta(t, b.rate*b.window, mean, 4.5*math.Sqrt(b.rate*b.window*max(b.idc, 0.01)/windows*(1+2*burstLength/b.window))+0.01, "mean")
			assert.InDelta(t, b.idc, idc, 0.15*b.idc+1e-2, "index of dispersion")
			gap, spread := moments(gaps[1:])
			if b.scv >= 0 {
				assert.InDelta(t, b.scv, spread/(gap*gap), 0.05*b.scv+1e-6, "squared coefficient of variation of the gaps")
			}
		})
	}
	for _, row := range Table {
		assert.True(t, seen[row.Name], "%s is in the battery", row.Name)
	}
}

// burstLength is how long the longest memory of the battery is, in seconds.
const burstLength = 1

func moments(values []float64) (mean, variance float64) {
	for _, x := range values {
		mean += x / float64(len(values))
	}
	for _, x := range values {
		variance += (x - mean) * (x - mean) / float64(len(values)-1)
	}
	return mean, variance
}

func TestEveryRowExplainsItself(t *testing.T) {
	for i := range Table {
		row := &Table[i]
		p := settled(t, row.Example)
		assert.InDelta(t, 800, p.MeanRate(sim.Second), 1e-9)
		assert.NotEmpty(t, row.Doc)
		for _, parameter := range row.Parameters {
			assert.NotEmpty(t, parameter.Doc)
			assert.Contains(t, row.usage(), parameter.Name+"="+parameter.Form)
		}
		doubled, err := Setting{Load: 2, Batch: counted}.Parse(row.Example + " batch=3")
		require.Nil(t, err)
		assert.InDelta(t, 4800, doubled.MeanRate(sim.Second), 1e-9, "load multiplies rates, not batches: %s", row.Name)
	}
}

func TestTheSameStreamGivesTheSameArrivals(t *testing.T) {
	for _, b := range battery {
		p := settled(t, b.text)
		x, y := sim.Keyed(7), sim.Keyed(7)
		first, second := p.Start(-5, &x), p.Start(-5, &y)
		for range 2000 {
			a, _, _ := first.Next()
			b, _, _ := second.Next()
			require.Equal(t, a, b)
		}
	}
}

func TestNoProcessDrifts(t *testing.T) {
	// At 300 M/s a gap is 3.3 ns: rounding each would lose a tenth.
	for _, text := range []string{"gamma 300M/s cv=0.1", "bursty 300M/s peak=2x on=10us off=30us", "poisson 100M/s batch=3"} {
		s := sim.Keyed(4)
		process := settled(t, text).Start(0, &s)
		n := 0
		for at := sim.Time(0); at < 20*sim.Millisecond; at, _, _ = process.Next() {
			n++
		}
		assert.InDelta(t, 1, float64(n)/6e6, map[bool]float64{true: 0.2, false: 2e-3}[text[0] == 'b'], text)
	}
}

func TestBatchesComeAtOneInstantAndAtTheTimesOfTheirProcess(t *testing.T) {
	for _, row := range Table {
		a, b := sim.Keyed(9), sim.Keyed(9)
		alone, together := settled(t, row.Example).Start(0, &a), settled(t, row.Example+" batch=3").Start(0, &b)
		for range 500 {
			want, _, _ := alone.Next()
			for range 3 {
				got, _, _ := together.Next()
				require.Equal(t, want, got, row.Name)
			}
		}
	}
	// Half of the batches are empty.
	s := sim.Keyed(1)
	p := batches{settled(t, "constant 10/s"), halves{}}
	assert.Equal(t, 10.0, p.MeanRate(sim.Second))
	times := all(t, p.Start(0, &s), 400*sim.Second)
	assert.InDelta(t, 4000, float64(len(times)), 300)
	assert.Equal(t, times[0], times[1])
}

// halves are 0 or 2, each as likely.
type halves struct{}

func (halves) Mean() float64 { return 1 }

func (halves) Sample(s *sim.Stream) float64 { return float64(2 * s.Below(2)) }

func TestBurstsComeAtTheSameTimesWhateverTheRate(t *testing.T) {
	a, b := sim.Keyed(2), sim.Keyed(2)
	low := settled(t, "bursty 100/s peak=7 on=10s off=60s").Start(0, &a)
	high := settled(t, "bursty 10k/s peak=7 on=10s off=60s").Start(0, &b)
	few := all(t, low, 2000*sim.Second)
	busy := map[sim.Time]bool{}
	for _, at := range all(t, high, 2000*sim.Second) {
		busy[at/(100*sim.Millisecond)] = true
	}
	for _, at := range few {
		slot := at / (100 * sim.Millisecond)
		assert.True(t, busy[slot] || busy[slot-1] || busy[slot+1], "%d", at)
	}
	assert.Less(t, len(busy), 8000, "silence in between")
}

func TestShapesGoWithPoissonAndConstantOnly(t *testing.T) {
	w := &Wave{Mean: 10, Amplitude: 5, Period: sim.Second}
	for _, row := range []struct {
		text, code, marks, says string
		setting                 Setting
	}{
		{"gamma 8/s cv=2", "E207", "gamma", "gamma has one rate", Setting{Ramps: []Ramp{{sim.Second, 3}}}},
		{"bursty 8/s peak=1 on=1s off=2s", "E207", "bursty", "only poisson and constant", Setting{Wave: w}},
		{"poisson 8/s", "E207", "8/s", "given twice", Setting{Wave: w}},
		{"constant 8/s batch=2", "E207", "8/s", `write "constant" alone`, Setting{Wave: w}},
		{"constant", "E302", "constant", "0 all the time", Setting{Wave: &Wave{Period: 1}}},
		{"constant", "E705", "constant", "1G/s", Setting{Wave: &Wave{Mean: 6e8, Amplitude: 5e8, Period: 1}}},
		{"poisson 1/s batch=2", "E206", "batch=2", "no batches", Setting{}},
	} {
		_, err := row.setting.Parse(row.text)
		require.NotNil(t, err, row.text)
		assert.Equal(t, row.code, err.Code)
		assert.Equal(t, row.marks, row.text[err.Offset:err.Offset+err.Len])
		assert.Contains(t, err.Message+err.Hint, row.says)
	}
	p, err := Setting{Wave: w, Load: 2, Batch: counted}.Parse("constant batch=3")
	require.Nil(t, err)
	assert.InDelta(t, 60, p.MeanRate(sim.Second), 1e-9)
	assert.False(t, p.Stationary())
	p, err = Setting{Wave: w}.Parse("")
	require.Nil(t, err)
	assert.InDelta(t, 10, p.MeanRate(3*sim.Second), 1e-9)
}

func TestProcessesOfTheTableAllocateNothing(t *testing.T) {
	s := sim.Keyed(1)
	processes := map[string]Process{}
	for _, b := range battery {
		processes[b.text] = settled(t, b.text).Start(0, &s)
	}
	w := Wave{Mean: 10, Amplitude: 10, Period: sim.Second}
	processes["poisson wave"] = startPoisson(w.profile(1), 0, &s)
	processes["constant wave"] = startRegular(w.profile(1), 0, &s)
	for text, p := range processes {
		assert.Zero(t, testing.AllocsPerRun(1000, func() { p.Next() }), text)
	}
}

// Whatever is written, the answer is arrivals that go forward, or a problem
// that marks a part of the text.
func FuzzParse(f *testing.F) {
	for _, b := range battery {
		f.Add(b.text, 0.0)
	}
	f.Add("constant batch=4", 10.0)
	f.Add("poisson batch=( 4", 10.0)
	f.Add("bursty 1/h on=1ms off=3ms peak=2", 0.0)
	f.Fuzz(func(t *testing.T, text string, mean float64) {
		setting := Setting{Batch: counted}
		if mean > 0 && mean < 1e9 {
			setting.Wave = &Wave{Mean: mean, Amplitude: mean, Period: sim.Second}
		}
		p, err := setting.Parse(text)
		if err != nil {
			require.True(t, err.Offset >= 0 && err.Len >= 0 && err.Offset+err.Len <= len(text), "%+v", err)
			require.Len(t, err.Code, 4)
			return
		}
		require.GreaterOrEqual(t, p.MeanRate(sim.Second), 0.0)
		s := sim.Keyed(1)
		process := p.Start(-sim.Second, &s)
		last := -sim.Second
		for range 50 {
			at, _, ok := process.Next()
			if !ok {
				break
			}
			require.GreaterOrEqual(t, at, last)
			last = at
		}
	})
}

func BenchmarkNext(b *testing.B) {
	w := Wave{Mean: 100, Amplitude: 90, Period: 60 * sim.Second}
	plans := map[string]Plan{"poisson wave": shaped{&Table[0], w.profile(1)}, "constant wave": shaped{&Table[1], w.profile(1)}}
	for _, row := range battery[:6] {
		p, err := Setting{Batch: counted}.Parse(row.text)
		if err != nil {
			b.Fatal(err)
		}
		plans[row.text] = p
	}
	for name, p := range plans {
		b.Run(name, func(b *testing.B) {
			s := sim.Keyed(1)
			process := p.Start(0, &s)
			for b.Loop() {
				process.Next()
			}
		})
	}
}
