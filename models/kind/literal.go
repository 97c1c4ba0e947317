package kind

import (
	"math"
	"math/big"
	"strings"
)

// LiteralError says what is wrong with a literal, for a diagnostic. Offset
// and Len mark the offending part, in bytes within the text.
type LiteralError struct {
	Code    string // E301 form or unit, E302 out of range, E303 not finite, E304 too long a time, E704 too long a text
	Message string
	Hint    string
	Offset  int
	Len     int
}

// Error returns the code and the message.
func (e *LiteralError) Error() string { return e.Code + ": " + e.Message }

// Moved returns the error as it stands in a longer text in which the literal
// begins at byte offset.
func (e *LiteralError) Moved(offset int) *LiteralError {
	moved := *e
	moved.Offset += offset
	return &moved
}

// maxLiteral is the longest text of a literal, in bytes: no number needs
// more, and exact arithmetic on a megabyte of digits takes seconds.
const maxLiteral = 256

// ParseDuration reads "250us", "1.5s", "1h30m", "30d" as nanoseconds,
// rounded to the nearest. Units go from large to small; a number without one
// is refused, since Go libraries would take it for nanoseconds.
func ParseDuration(s string) (int64, *LiteralError) {
	value, err := durations.parse(s)
	if err != nil {
		return 0, err
	}
	ns, ok := nearest(value)
	if !ok {
		return 0, whole(s, "E304", "must be at most 2562047h47m (2^63 ns, 292 years), got "+QuoteText(s), "")
	}
	if ns == 0 && value.Sign() > 0 {
		return 0, whole(s, "E302", "must be a nanosecond at least, or 0s, got "+QuoteText(s), "")
	}
	return ns, nil
}

// ParseRate reads "800/s", "50k/s", "3M/h" as a number per second.
func ParseRate(s string) (float64, *LiteralError) { return rates.float(s) }

// ParseExactRate reads the same without rounding.
func ParseExactRate(s string) (*big.Rat, *LiteralError) { return rates.parse(s) }

// ParseSize reads "512B", "20kB", "4GiB" as bytes, rounded to the nearest.
func ParseSize(s string) (int64, *LiteralError) { return sizes.integer(s) }

// ParseBandwidth reads "10Gbps", "125MB/s" as bytes per second.
func ParseBandwidth(s string) (float64, *LiteralError) { return bandwidths.float(s) }

// ParseCount reads "1_000_000", "1M", "2.5k" as a whole number.
func ParseCount(s string) (int64, *LiteralError) {
	value, err := counts.parse(s)
	if err != nil {
		return 0, err
	}
	if !value.IsInt() {
		return 0, whole(s, "E302", "must be a whole number, got "+QuoteText(s), "")
	}
	return counts.fit(s, value)
}

// ParseNumber reads a plain number that need not be whole: "4", "0.5",
// "1.5k".
func ParseNumber(s string) (float64, *LiteralError) { return numbers.float(s) }

// ParseRatio reads "80%" or "0.8" as a number from 0 to 1.
func ParseRatio(s string) (float64, *LiteralError) {
	value, err := ratios.parse(s)
	if err != nil {
		return 0, err
	}
	if value.Cmp(big.NewRat(1, 1)) > 0 {
		hint := ""
		if percent := s + "%"; ratios.accepts(percent) && value.Cmp(big.NewRat(100, 1)) <= 0 {
			hint = "a percentage is written " + QuoteText(percent)
		}
		return 0, whole(s, "E302", "must be from 0 to 1 (0% to 100%), got "+QuoteText(s), hint)
	}
	return ratios.fitFloat(s, value)
}

// ParseFactor reads "4x" or "1.3".
func ParseFactor(s string) (float64, *LiteralError) { return factors.float(s) }

// whole makes an error about all of a text.
func whole(s, code, message, hint string) *LiteralError {
	return &LiteralError{Code: code, Message: message, Hint: hint, Len: len(s)}
}

// family is one kind of literal: numbers, and the units that may follow.
type family struct {
	name        string   // with its article: "a duration"
	hint        string   // what is allowed
	bare        []string // units to propose for a bare number
	compound    bool     // several terms, the units falling
	underscores bool     // between digits
	unit        func(text string) (scale, bool)
	near        func(text string) string // the unit probably meant, or ""
}

// scale is what a unit multiplies a number by: num / den.
type scale struct{ num, den int64 }

// fault is why a text is no literal, and which part of it.
type fault struct {
	what faultKind
	at   int
	end  int
}

type faultKind uint8

const (
	noFault faultKind = iota
	noNumber
	noUnit
	strangeUnit
	risingUnits
	severalTerms
)

// read gives the exact value of a text, or the first fault in it.
func (f *family) read(s string) (*big.Rat, fault) {
	sum := new(big.Rat)
	last := big.NewRat(math.MaxInt64, 1)
	for at := 0; at < len(s) || at == 0; {
		number := f.number(s, at)
		if number == at {
			return nil, fault{noNumber, at, len(s)}
		}
		end := number
		for end < len(s) && !isDigit(s[end]) && s[end] != '.' {
			end++
		}
		by, known := f.unit(s[number:end])
		switch {
		case at > 0 && !f.compound:
			return nil, fault{severalTerms, at, len(s)}
		case !known && end == number && end < len(s):
			return nil, fault{noNumber, at, len(s)}
		case !known && end == number:
			return nil, fault{noUnit, at, end}
		case !known:
			return nil, fault{strangeUnit, number, end}
		}
		factor := big.NewRat(by.num, by.den)
		if factor.Cmp(last) >= 0 {
			return nil, fault{risingUnits, number, end}
		}
		value, ok := new(big.Rat).SetString(strings.ReplaceAll(s[at:number], "_", ""))
		if !ok {
			panic("kind: a scanned number is none: " + s[at:number])
		}
		sum.Add(sum, value.Mul(value, factor))
		last, at = factor, end
	}
	return sum, fault{}
}

// number returns where the plain decimal number that begins at i ends; i if
// there is none. A point needs digits on both sides, as in TOML.
func (f *family) number(s string, i int) int {
	from, end := i, i
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case isDigit(c):
			end = i + 1
		case c == '_' && f.underscores && end == i && i > from:
		case c == '.' && end == i && i > from && !strings.Contains(s[from:i], "."):
		default:
			return end
		}
	}
	return end
}

// accepts reports whether a text would be read. Nothing is ever proposed
// that would itself be refused.
func (f *family) accepts(s string) bool {
	if s == "" || len(s) > maxLiteral {
		return false
	}
	_, bad := f.read(s)
	return bad.what == noFault
}

// parse gives the exact value of a text.
func (f *family) parse(s string) (*big.Rat, *LiteralError) {
	if len(s) > maxLiteral {
		return nil, whole(s, "E704", "longer than any number needs (256 bytes)", "")
	}
	value, bad := f.read(s)
	if bad.what != noFault {
		return nil, f.explain(s, bad)
	}
	return value, nil
}

// float reads a text as a float64.
func (f *family) float(s string) (float64, *LiteralError) {
	value, err := f.parse(s)
	if err != nil {
		return 0, err
	}
	return f.fitFloat(s, value)
}

// fitFloat rounds a value to the nearest float64.
func (f *family) fitFloat(s string, value *big.Rat) (float64, *LiteralError) {
	x, _ := value.Float64()
	if math.IsInf(x, 0) {
		return 0, whole(s, "E303", "must be a finite number, got "+QuoteText(s), "")
	}
	if x == 0 && value.Sign() > 0 {
		return 0, whole(s, "E302", "too small to be told from 0, got "+QuoteText(s), "")
	}
	return x, nil
}

// integer reads a text as the nearest whole number.
func (f *family) integer(s string) (int64, *LiteralError) {
	value, err := f.parse(s)
	if err != nil {
		return 0, err
	}
	return f.fit(s, value)
}

// fit rounds a value to the nearest whole number.
func (f *family) fit(s string, value *big.Rat) (int64, *LiteralError) {
	n, ok := nearest(value)
	if !ok {
		return 0, whole(s, "E303", "must fit in a 64-bit integer, got "+QuoteText(s), "")
	}
	if n == 0 && value.Sign() > 0 {
		return 0, whole(s, "E302", "must be a whole number, got "+QuoteText(s), "")
	}
	return n, nil
}

// nearest rounds a value that is not negative, halves up. ok is false when
// it does not fit.
func nearest(value *big.Rat) (n int64, ok bool) {
	twice := new(big.Int).Lsh(value.Num(), 1)
	twice.Add(twice, value.Denom())
	rounded := twice.Quo(twice, new(big.Int).Lsh(value.Denom(), 1))
	return rounded.Int64(), rounded.IsInt64()
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
