package topologies

import (
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"

	"github.com/capsim/capsim/models/kind"
)

// A range of values: "1..32", "0.25..2.0 step 0.25", "1s..5s step 1s",
// "1..64 x2". Ends, step and values are exact: 0.1 is a tenth.
var (
	rangeForm  = regexp.MustCompile(`^` + rangeEnd + `\s*\.\.\s*` + rangeEnd + `(?:\s+step\s+` + rangeEnd + `|\s+x\s*(\d[\d_]*(?:\.\d+)?))?$`)
	rangeBegin = regexp.MustCompile(`^[+-]?[\d_.]*\d[A-Za-zµ%/]*\s*\.\.`)
)

const (
	rangeEnd  = `([+-]?\d[\d_]*(?:\.\d+)?)([A-Za-zµ%/]*)`
	rangeHint = `a range is "1..32", "0.25..2.0 step 0.25", "1s..5s step 1s" or "1..64 x2"`
)

// valueRange is a range that could be read, its numbers in one unit.
type valueRange struct {
	from, to, by *big.Rat
	times        bool // by multiplies, and is not added
	whole        bool // numbers without a point
	unit         func(*big.Rat) string
}

// isRange reports whether a text can only be meant as a range.
func isRange(text string) bool { return rangeBegin.MatchString(strings.TrimSpace(text)) }

// readRange reads a range, or says why it is none.
func readRange(text string) (r valueRange, problem, hint string) {
	m := rangeForm.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return r, "expected a range, got " + kind.QuoteText(text), rangeHint
	}
	number := func(digits string) *big.Rat {
		v, _ := new(big.Rat).SetString(strings.ReplaceAll(strings.TrimPrefix(digits, "+"), "_", ""))
		return v
	}
	from, to, step, factor := m[1]+m[2], m[3]+m[4], m[5]+m[6], m[7]
	r.whole = m[2] == "" && !strings.Contains(m[1]+m[3]+m[5]+factor, ".")
	switch same := m[2] == m[4] && (step == "" || m[2] == m[6]); {
	case same:
		unit := m[2]
		r.from, r.to = number(m[1]), number(m[3])
		r.unit = func(v *big.Rat) string { return decimalText(v) + unit }
		if step != "" {
			r.by = number(m[5])
		}
	default:
		if r, problem = mixedUnits(from, to, step); problem != "" {
			return r, problem + ", got " + kind.QuoteText(text), rangeHint
		}
	}
	switch {
	case factor != "":
		r.by, r.times = number(factor), true
	case step == "" && (r.whole || wholeEnds(m)):
		r.by = big.NewRat(1, 1)
	case step == "":
		return r, "a range between numbers with a point needs a step, got " + kind.QuoteText(text), `for example "` + from + ".." + to + ` step 0.25"`
	}
	return r.checked(text)
}

// wholeEnds reports whether both ends are whole numbers of the same unit.
func wholeEnds(m []string) bool { return m[2] == m[4] && !strings.Contains(m[1]+m[3], ".") }

// mixedUnits reads a range whose ends or step have different units of one
// kind: "500ms..2s step 500ms".
func mixedUnits(from, to, step string) (r valueRange, problem string) {
	texts := []string{from, to}
	if step != "" {
		texts = append(texts, step)
	}
	for _, family := range []struct {
		read func(string) (int64, *kind.LiteralError)
		text func(int64) string
	}{
		{kind.ParseDuration, kind.FormatDuration},
		{kind.ParseSize, kind.FormatSize},
		{kind.ParseCount, func(n int64) string { return strconv.FormatInt(n, 10) }},
		{wholeRate, func(n int64) string { return strconv.FormatInt(n, 10) + "/s" }},
	} {
		var v []*big.Rat
		for _, text := range texts {
			if n, err := family.read(text); err == nil {
				v = append(v, new(big.Rat).SetInt64(n))
			}
		}
		if len(v) < len(texts) {
			continue
		}
		r.from, r.to = v[0], v[1]
		if step != "" {
			r.by = v[2]
		}
		r.unit = func(v *big.Rat) string { return family.text(new(big.Int).Quo(v.Num(), v.Denom()).Int64()) }
		return r, ""
	}
	return r, "the ends and the step of a range have the same unit"
}

// wholeRate reads a rate that is a whole number per second.
func wholeRate(text string) (int64, *kind.LiteralError) {
	v, err := kind.ParseExactRate(text)
	if err == nil && (!v.IsInt() || !v.Num().IsInt64()) {
		return 0, &kind.LiteralError{}
	}
	if err != nil {
		return 0, err
	}
	return v.Num().Int64(), nil
}

// checked says what is wrong with the ends and the step of a range.
func (r valueRange) checked(text string) (_ valueRange, problem, hint string) {
	up := r.to.Cmp(r.from) >= 0
	one := big.NewRat(1, 1)
	switch {
	case r.times && r.by.Cmp(one) <= 0:
		return r, "must multiply by more than 1, got " + kind.QuoteText(text), rangeHint
	case r.times && r.from.Sign() <= 0:
		return r, "a range that multiplies begins above 0, got " + kind.QuoteText(text), rangeHint
	case r.by.Sign() == 0:
		return r, "the step must not be 0, got " + kind.QuoteText(text), rangeHint
	case up && r.by.Sign() < 0, !up && (r.times || r.by.Sign() > 0):
		return r, "leads away from its end: " + kind.QuoteText(text), "the first number is the one that the range begins with"
	}
	if n := r.count(); n > maxSpacePoints {
		return r, fmt.Sprintf("has more than %d values: %s", maxSpacePoints, kind.QuoteText(text)), "take a larger step"
	}
	return r, "", ""
}

// count is how many values a range has, at most one more than are allowed.
func (r valueRange) count() int {
	if !r.times {
		steps := new(big.Rat).Quo(new(big.Rat).Sub(r.to, r.from), r.by)
		n := new(big.Int).Quo(steps.Num(), steps.Denom())
		if !n.IsInt64() || n.Int64() >= maxSpacePoints {
			return maxSpacePoints + 1
		}
		return int(n.Int64()) + 1
	}
	n := 0
	for v := new(big.Rat).Set(r.from); v.Cmp(r.to) <= 0 && n <= maxSpacePoints; n++ {
		v.Mul(v, r.by)
	}
	return n
}

// values writes the values of a range as TOML does, at the place of the range.
func (r valueRange) values(at *kind.Value) []*kind.Value {
	var all []*kind.Value
	v := new(big.Rat).Set(r.from)
	for range r.count() {
		one := &kind.Value{Pos: at.Pos}
		text := r.unit(v)
		number, err := strconv.ParseFloat(text, 64)
		switch {
		case err != nil:
			one.Type, one.Text, one.Raw = kind.TypeString, text, quoteTOML(text)
		case v.IsInt() && v.Num().IsInt64():
			one.Type, one.Int, one.Raw = kind.TypeInteger, v.Num().Int64(), text
		default:
			one.Type, one.Float, one.Raw = kind.TypeFloat, number, text
		}
		all = append(all, one)
		if r.times {
			v.Mul(v, r.by)
		} else {
			v.Add(v, r.by)
		}
	}
	return all
}

// decimalText is a number with no more decimals than it needs, at most 12.
func decimalText(v *big.Rat) string {
	text := v.FloatString(12)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}
