package reports

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// A unit says how a figure is printed.
type unit int

const (
	plain     unit = iota // a count, or a mean number of things
	perSecond             // a rate
	seconds               // a time
	ratio                 // 0..1, printed in percent
	points                // a difference of ratios, printed in percentage points
	bytesUnit             // a size
	money                 // in the currency of the result, to the cent
)

// A step is one of the scales of a unit, used from that magnitude on. A rate of
// a thousand and its interval read better as 1000 ± 1.8 than in thousands.
type step struct {
	from, factor float64
	suffix       string
}

var unitSteps = [...][]step{
	plain:     {{0, 1, ""}, {1e4, 1e3, "k"}, {1e6, 1e6, "M"}, {1e9, 1e9, "G"}},
	perSecond: {{0, 1, "/s"}, {1e4, 1e3, "k/s"}, {1e6, 1e6, "M/s"}, {1e9, 1e9, "G/s"}},
	seconds: {
		{0, 1e-9, " ns"}, {1e-6, 1e-6, " µs"}, {1e-3, 1e-3, " ms"}, {1, 1, " s"},
		{1000, 60, " min"}, {36_000, 3600, " h"}, {864_000, 86_400, " d"},
	},
	ratio:  {{0, 0.01, " %"}},
	points: {{0, 0.01, " pp"}},
	bytesUnit: {
		{0, 1, " B"}, {1e3, 1e3, " kB"}, {1e6, 1e6, " MB"}, {1e9, 1e9, " GB"}, {1e12, 1e12, " TB"},
	},
	money: {{0, 1, ""}},
}

const (
	significant   = 3   // figures of a number, at most
	doubtful      = 2   // figures of a half width
	noNumber      = "—" // stands where there is no number
	mostDecimals  = 6   // of a ratio near 1, and at all
	moreDecimals  = 2   // that a half width may have beyond its mean
	nearlyCertain = 0.99
	picosecond    = 1e-12 // no time of a computer, but one of a formula
)

// A figure is a number as it is printed: 98.2, 2.1 and " ms".
type figure struct {
	Num, Doubt, Unit string
}

// String is the figure with its doubt, on one line.
func (f figure) String() string {
	if f.Doubt == "" {
		return f.Num + f.Unit
	}
	return f.Num + " ± " + f.Doubt + f.Unit
}

// newFigure prints v and half of its interval (nil: none) with so many
// significant figures. With the usual number of them, v gets no more decimals
// than its doubt. A ratio close to 1 gets as many as its distance to 1 needs:
// an availability of 99.954 % must not read 100 %.
func newFigure(v float64, half *float64, u unit, figures int) figure {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return figure{Num: noNumber}
	}
	if u == money {
		return sum(v, half)
	}
	if u == seconds && math.Abs(v) < picosecond {
		v = 0
	}
	var h float64
	if half != nil {
		h = *half
	}
	s := scale(max(math.Abs(v), h), u)
	x, h := v/s.factor, h/s.factor
	decimals := decimalsFor(x, figures)
	if h > 0 && figures == significant {
		decimals = min(decimals, max(decimalsFor(h, doubtful), decimalsFor(x, 1)))
	}
	if u == ratio && v > nearlyCertain && v < 1 {
		decimals = max(decimals, decimalsFor(100-x, doubtful))
	}
	f := figure{Num: number(x, decimals), Unit: s.suffix}
	if x != 0 && strings.Trim(f.Num, "0.") == "" { // too small for the decimals that there are
		f.Num = "<" + number(math.Pow10(-mostDecimals), mostDecimals)
		if x < 0 {
			f.Num = ">" + number(-math.Pow10(-mostDecimals), mostDecimals)
		}
	}
	if u == ratio && v > nearlyCertain && v < 1 && strings.Trim(f.Num, "0.") == "1" {
		f.Num = ">" + number(100-math.Pow10(-mostDecimals), mostDecimals)
	}
	if half != nil {
		f.Doubt = doubt(h, decimals)
	}
	return f
}

// cents is how many decimals an amount of money has.
const cents = 2

// sum prints an amount of money to the cent, or as far as its doubt lets it:
// an invoice is not rounded to three figures. What a single call costs may be
// much less than a cent.
func sum(v float64, half *float64) figure {
	decimals, small := cents, 0.1
	if half != nil {
		small = 1 // an estimate has three figures, as any
	}
	if math.Abs(v) < small {
		decimals = max(cents, decimalsFor(v, significant))
	}
	var h float64
	if half != nil {
		if h = *half; h > 0 {
			decimals = min(decimals, decimalsFor(h, doubtful))
		}
	}
	f := figure{Num: strings.Replace(strconv.FormatFloat(v, 'f', decimals, 64), "-", "−", 1)}
	if strings.Trim(f.Num, "−0.") == "" {
		f.Num = strconv.FormatFloat(0, 'f', decimals, 64)
	}
	if half != nil {
		f.Doubt = doubt(h, decimals)
	}
	return f
}

// doubt prints a half width beside a number with so many decimals.
func doubt(h float64, decimals int) string {
	if h == 0 {
		return "0"
	}
	d := min(decimalsFor(h, doubtful), decimals+moreDecimals)
	if s := number(h, d); strings.Trim(s, "0.") != "" {
		return s
	}
	return "<" + number(math.Pow10(-d), d)
}

// scale is the step of u in which a number of that magnitude is printed, after
// rounding: 999.7 µs is 1.00 ms.
func scale(magnitude float64, u unit) step {
	rounded := round(magnitude, significant)
	steps := unitSteps[u]
	if rounded == 0 && u == seconds {
		return step{0, 1, " s"}
	}
	chosen := steps[0]
	for _, s := range steps {
		if rounded >= s.from {
			chosen = s
		}
	}
	return chosen
}

// round returns x with so many significant figures.
func round(x float64, figures int) float64 {
	r, err := strconv.ParseFloat(strconv.FormatFloat(x, 'e', figures-1, 64), 64)
	if err != nil {
		return x
	}
	return r
}

// decimalsFor is how many decimals show x with so many significant figures.
func decimalsFor(x float64, figures int) int {
	if x == 0 {
		return 0
	}
	_, exponent, _ := strings.Cut(strconv.FormatFloat(x, 'e', figures-1, 64), "e")
	e, err := strconv.Atoi(exponent)
	if err != nil {
		return 0
	}
	return min(max(figures-1-e, 0), mostDecimals)
}

// number prints x with so many decimals, a true minus sign, and no more than
// three significant figures before the point.
func number(x float64, decimals int) string {
	if decimals == 0 && math.Abs(x) >= 1000 {
		x = round(x, significant)
	}
	s := strconv.FormatFloat(x, 'f', decimals, 64)
	if strings.HasPrefix(s, "-") {
		if strings.Trim(s, "-0.") == "" {
			return s[1:]
		}
		return "−" + s[1:]
	}
	return s
}

// count prints a whole number: exactly below ten thousand, else with three
// significant figures.
func count(n uint64) string {
	if n < 10_000 {
		return strconv.FormatUint(n, 10)
	}
	return newFigure(float64(n), nil, plain, significant).String()
}

// amount prints "1 word" or "n words".
func amount(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return strconv.Itoa(n) + " " + word + "s"
}

// span prints a length of time as people say it: "10 min", "1 h 30 min".
func span(s float64) string {
	if s < 60 || s >= math.MaxInt32 {
		return short(s, seconds)
	}
	var parts []string
	rest := math.Round(s)
	for _, p := range []struct {
		size float64
		name string
	}{{86_400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}} {
		if n := math.Floor(rest / p.size); n > 0 {
			parts = append(parts, strconv.FormatFloat(n, 'f', 0, 64)+" "+p.name)
			rest -= n * p.size
		}
	}
	return strings.Join(parts, " ")
}

// short prints v without trailing zeros after the point: "5 ms", "1.4".
func short(v float64, u unit) string {
	return trimZeros(newFigure(v, nil, u, significant))
}

// trimZeros is f without its doubt and without trailing zeros after the point.
func trimZeros(f figure) string {
	if strings.Contains(f.Num, ".") {
		f.Num = strings.TrimRight(strings.TrimRight(f.Num, "0"), ".")
	}
	return f.Num + f.Unit
}

// parseSeconds reads a duration of the topology language, as far as Go's own
// units go.
func parseSeconds(s string) (float64, bool) {
	d, err := time.ParseDuration(s)
	if err != nil || s == "0" {
		return 0, false
	}
	return d.Seconds(), true
}
