package reports

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/capsim/capsim/internal/result"
)

func of(v float64) *float64 { return &v }

func TestFiguresHaveThreeDigitsAUnitAndTheirDoubt(t *testing.T) {
	for _, c := range []struct {
		v    float64
		half *float64
		u    unit
		want string
	}{
		{0.0982, of(0.0021), seconds, "98.2 ± 2.1 ms"},
		{0.0982, nil, seconds, "98.2 ms"},
		{0.09824, of(0.0123), seconds, "98 ± 12 ms"},    // no digits beyond the doubt
		{0.0004, of(0.012), seconds, "0.4 ± 12 ms"},     // but at least one
		{0.412, of(0.0034), seconds, "412 ± 3.4 ms"},    // and no more than three
		{0.000412, of(1e-9), seconds, "412 ± <0.01 µs"}, // a doubt is never rounded to nothing
		{0.0009997, nil, seconds, "1.00 ms"},            // rounding carries into the unit
		{0.9996, nil, seconds, "1.00 s"},
		{999.4, nil, seconds, "999 s"},
		{1800, nil, seconds, "30.0 min"},
		{0, of(0), seconds, "0 ± 0 s"},
		{0, nil, seconds, "0 s"},
		{5e-9, nil, seconds, "5.00 ns"},
		{799.8, of(1.63), plain, "800 ± 1.6"},
		{12_345, of(89), plain, "12.3 ± 0.089k"},
		{1000.3, of(1.8), perSecond, "1000 ± 1.8/s"},
		{9876, nil, plain, "9880"},
		{0.0123, nil, plain, "0.0123"},
		{1_234_567, nil, perSecond, "1.23M/s"},
		{0.72, of(0.003), ratio, "72.0 ± 0.30 %"},
		{0.00012, of(0.00003), ratio, "0.0120 ± 0.0030 %"},
		{0, of(0), ratio, "0 ± 0 %"},
		{1, nil, ratio, "100 %"},
		{0.99954, nil, ratio, "99.954 %"}, // not 100 %
		{0.99954, of(0.0002), ratio, "99.954 ± 0.020 %"},
		{1 - 1e-12, nil, ratio, ">99.999999 %"},
		{0.009795, of(0.027), ratio, "1.0 ± 2.7 %"}, // 1.0 is not 100
		{0.0996, of(0.04), ratio, "10.0 ± 4.0 %"},
		{-0.0121, of(0.0032), points, "−1.21 ± 0.32 pp"},
		{1e-9, nil, plain, "<0.000001"},
		{1e-9, nil, seconds, "1.00 ns"}, {7e-15, nil, seconds, "0 s"},
		{-1e-9, nil, plain, ">−0.000001"},
		{math.NaN(), nil, plain, "—"},
		{math.Inf(1), of(1), plain, "—"},
	} {
		assert.Equal(t, c.want, newFigure(c.v, c.half, c.u, significant).String(), "%v ± %v", c.v, c.half)
	}
}

func TestShortFiguresHaveNoTrailingZeros(t *testing.T) {
	assert.Equal(t, "5 ms", short(0.005, seconds))
	assert.Equal(t, "1.39", short(1.3889, plain))
	assert.Equal(t, "100 %", short(1, ratio))
	assert.Equal(t, "30 min", short(1800, seconds))
}

func TestSpansAreSaidAsPeopleSayThem(t *testing.T) {
	for s, want := range map[float64]string{
		0: "0 s", 0.25: "250 ms", 59: "59 s", 60: "1 min", 90: "1 min 30 s", 600: "10 min",
		5400: "1 h 30 min", 86_400: "1 d", 2_592_000: "30 d", 90_061: "1 d 1 h 1 min 1 s",
	} {
		assert.Equal(t, want, span(s))
	}
}

func TestCountsAreExactBelowTenThousand(t *testing.T) {
	for n, want := range map[uint64]string{0: "0", 9999: "9999", 10_000: "10.0k", 2_642_329: "2.64M"} {
		assert.Equal(t, want, count(n))
	}
}

func TestObjectivesTellTheUnitOfWhatTheyMeasure(t *testing.T) {
	for _, c := range []struct {
		text  string
		u     unit
		limit float64
		known bool
	}{
		{"shoppers p99 < 400ms", seconds, 0.4, true},
		{"shoppers p99<=1.5s", seconds, 1.5, true},
		{"shoppers max < 2d", seconds, 0, false},
		{"shoppers errors < 0.1%", ratio, 0.001, true},
		{"shoppers errors < 0.001", ratio, 0.001, true},
		{"shoppers within 300ms > 99%", ratio, 0.99, true},
		{"shoppers within 300ms > 0.99", ratio, 0.99, true},
		{"shoppers throughput >= 790/s", perSecond, 790, true},
		{"app queue < 12", plain, 12, true},
		{"cost < 4_000", money, 4000, true},
		{"cost_per_million <= 2.5", money, 2.5, true},
		{"app cost < 4k", plain, 0, false},
		{"a<b p99 < 5ms", seconds, 0.005, true},
		{"nonsense", plain, 0, false},
	} {
		u, limit, known := objectiveUnit(c.text)
		assert.Equal(t, c.u, u, c.text)
		assert.Equal(t, c.known, known, c.text)
		if known {
			assert.InDelta(t, c.limit, limit, 1e-12, c.text)
		}
	}
}

// A p99 of 400.4 ms that missed "< 400ms" must not be printed as 400 ms.
func TestObjectivesPrintAsManyDigitsAsTellThemFromTheDemand(t *testing.T) {
	cellOf := func(text string, mean float64, half *float64) string {
		o := result.Objective{Text: text, Actual: result.Estimate{Mean: &mean, HalfWidth: half}, Verdict: result.Missed}
		return objectiveCell(o, &footnotes{}).String()
	}
	assert.Equal(t, "412 ms", cellOf("c p99 < 400ms", 0.4121, nil))
	assert.Equal(t, "400.4 ms", cellOf("c p99 < 400ms", 0.4004, nil))
	assert.Equal(t, "400.02 ± 12 ms", cellOf("c p99 < 400ms", 0.40002, of(0.012)))
	assert.Equal(t, "400 ms", cellOf("c p99 <= 400ms", 0.4, nil))
	assert.Equal(t, "99.896 %", cellOf("c availability > 99.9%", 0.998961, nil))
}

func TestMetricsHaveUnitsAndWords(t *testing.T) {
	for _, c := range []struct {
		metric, label string
		u             unit
	}{
		{"latency_s.p99", "p99", seconds},
		{"latency_s.p99.9", "p99.9", seconds},
		{"latency_s.mean", "mean", seconds},
		{"latency_p99_s", "p99", seconds},
		{"errors_rps", "errors", perSecond},
		{"response_s.p99", "response p99", seconds},
		{"cpu.wait_s.p99.9", "cpu wait p99.9", seconds},
		{"cpu.utilization", "cpu utilisation", ratio},
		{"pool.my_s.utilization", "pool my utilisation", ratio},
		{"cpu.queue", "cpu queue", plain},
		{"error_ratio", "errors", ratio},
		{"availability", "availability", ratio},
		{"throughput_rps", "throughput", perSecond},
		{"cache.hit_ratio", "hit ratio", ratio},
		{"in_flight", "in flight", plain},
		{"time_spent_s.app.wait", "time_spent app wait", seconds},
		{"slowest.time_spent_s.app.wait", "slowest time_spent app wait", seconds},
		{"slowest.latency_mean_s", "slowest latency_mean", seconds},
		{"slowest.requests", "slowest requests", plain},
	} {
		assert.Equal(t, c.u, metricUnit(c.metric), c.metric)
		assert.Equal(t, c.label, metricLabel(c.metric))
	}
}
