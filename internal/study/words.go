package study

import (
	"math"
	"strconv"
	"strings"

	"github.com/capsim/capsim/internal/result"
)

// quantityUnit is how amounts of a kind are written: in the largest of some
// steps that leaves at least 1 of it.
type quantityUnit []struct {
	of   float64 // so much is one
	name string
}

var (
	secondsUnit = quantityUnit{{1, " s"}, {1e-3, " ms"}, {1e-6, " µs"}}
	shareUnit   = quantityUnit{{0.01, " percentage points"}}
	percentUnit = quantityUnit{{0.01, " %"}}
	plainUnit   = quantityUnit{{1, ""}}
)

// moneyIn is amounts of a currency.
func moneyIn(currency string) quantityUnit { return quantityUnit{{1, " " + currency}} }

// step is the one that suits x.
func (u quantityUnit) step(x float64) (of float64, name string) {
	for _, s := range u {
		if math.Abs(x) >= s.of {
			return s.of, s.name
		}
	}
	last := u[len(u)-1]
	return last.of, last.name
}

// doubted writes the size of an estimate with no more digits than its interval
// supports: "12 ± 3 ms". One without an interval, or that is exact, has three.
func doubted(e result.Estimate, u quantityUnit) string {
	if e.Mean == nil {
		return "?"
	}
	x, half := math.Abs(*e.Mean), 0.0
	if e.HalfWidth != nil {
		half = *e.HalfWidth
	}
	of, name := u.step(max(x, half))
	x /= of
	half /= of
	if half == 0 {
		return significantText(x, 3) + name
	}
	digit := exponent(half)
	if half < 2*tenTo(digit) {
		digit-- // of 1.2 and 1.9 the same digit would be left
	}
	digit = max(digit, exponent(x)-2)
	round := func(v float64) string {
		return strconv.FormatFloat(math.Round(v/tenTo(digit))*tenTo(digit), 'f', max(-digit, 0), 64)
	}
	if text := round(half); strings.Trim(text, "0.") != "" {
		return round(x) + " ± " + text + name
	}
	return significantText(x, 3) + name
}

// significantText writes x with so many digits, and no zeros behind a point.
func significantText(x float64, digits int) string {
	if x == 0 {
		return "0"
	}
	text := strconv.FormatFloat(x, 'f', max(digits-1-exponent(x), 0), 64)
	if strings.Contains(text, ".") {
		text = strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
	}
	return text
}

// exponent is the power of ten of the first digit of x.
func exponent(x float64) int {
	x, e := math.Abs(x), 0
	if x == 0 {
		return 0
	}
	for ; x >= 10; x /= 10 {
		e++
	}
	for ; x < 1; x *= 10 {
		e--
	}
	return e
}

func tenTo(n int) float64 {
	x := 1.0
	for ; n > 0; n-- {
		x *= 10
	}
	for ; n < 0; n++ {
		x /= 10
	}
	return x
}

// timesToday writes a load.
func timesToday(e result.Estimate) string { return doubted(e, plainUnit) + " × today's load" }

// enumerate joins names: "a, b and c".
func enumerate(names []string) string {
	switch n := len(names); n {
	case 0:
		return ""
	case 1:
		return names[0]
	default:
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
}
