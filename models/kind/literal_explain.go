package kind

import (
	"math/big"
	"strconv"
	"strings"
)

// explain makes the error for a text that could not be read: what is wrong,
// and what was probably meant.
func (f *family) explain(s string, bad fault) *LiteralError {
	if e := f.explainNumber(s); e != nil {
		return e
	}
	e := &LiteralError{Code: "E301", Hint: f.hint, Offset: bad.at, Len: bad.end - bad.at}
	part := s[bad.at:bad.end]
	switch bad.what {
	case noUnit:
		e.Message = f.name + " needs a unit, got " + QuoteText(s)
		e.Hint = f.proposals(s, bad)
	case strangeUnit:
		unit := strings.TrimSpace(part)
		e.Message = "unknown unit " + QuoteText(unit)
		if _, known := f.unit(unit); known {
			e.Message = "no space may stand between a number and its unit"
		} else {
			unit = f.near(unit)
		}
		if guess := s[:bad.at] + unit + s[bad.end:]; unit != "" && f.accepts(guess) {
			e.Message += "; did you mean " + QuoteText(guess) + "?"
		}
	case risingUnits:
		e.Message = "units must go from large to small, each once, got " + QuoteText(s)
	default:
		e.Message = "expected " + f.name + ", got " + QuoteText(s)
	}
	return e
}

// proposals lists a bare number with the units that it may have been meant
// in.
func (f *family) proposals(s string, bad fault) string {
	var quoted []string
	for _, unit := range f.bare {
		if guess := s[:bad.end] + unit + s[bad.end:]; f.accepts(guess) {
			quoted = append(quoted, QuoteText(guess))
		}
	}
	if len(quoted) == 0 {
		return f.hint
	}
	return strings.Join(quoted, " or ")
}

// explainNumber recognises what is wrong with the number rather than with
// its unit. It returns nil if nothing is.
func (f *family) explainNumber(s string) *LiteralError {
	if strings.TrimSpace(s) == "" {
		return whole(s, "E301", "expected "+f.name+", got an empty text", f.hint)
	}
	wanted := "expected " + f.name + " with a plain decimal number, got " + QuoteText(s)
	if f.name == "a number" {
		wanted = "expected a plain decimal number, got " + QuoteText(s)
	}
	unsigned := strings.TrimLeft(s, "+-")
	lower := strings.ToLower(unsigned)
	switch {
	case strings.HasPrefix(lower, "nan"), strings.HasPrefix(lower, "inf"):
		return whole(s, "E303", "must be a finite number, got "+QuoteText(s), f.hint)
	case s[0] == '-' && f.accepts(unsigned):
		return whole(s, "E302", "must not be negative, got "+QuoteText(s), "")
	case s[0] == '-' && f.number(unsigned, 0) == len(unsigned) && unsigned != "":
		return whole(s, "E302", "must not be negative, and needs a unit, got "+QuoteText(s), f.hint)
	case strings.HasPrefix(lower, "0x"), strings.HasPrefix(lower, "0o"), strings.HasPrefix(lower, "0b") && len(lower) > 2 && isDigit(lower[2]):
		return whole(s, "E301", wanted, f.hint)
	}
	var quoted []string
	for _, guess := range repairs(s) {
		if f.accepts(guess) {
			quoted = append(quoted, QuoteText(guess))
		}
	}
	if len(quoted) == 0 {
		return nil
	}
	return whole(s, "E301", wanted+"; did you mean "+strings.Join(quoted, " or ")+"?", f.hint)
}

// repairs lists what somebody may have meant who wrote a number in another
// notation: +5, 1e3, 1_000, 5,5 or 1,000, .5 and 5.
func repairs(s string) []string {
	var guesses []string
	if trimmed := strings.TrimSpace(s); trimmed != s {
		guesses = append(guesses, trimmed)
	}
	if s[0] == '+' {
		guesses = append(guesses, s[1:])
	}
	if plain, ok := withoutExponent(s); ok {
		guesses = append(guesses, plain)
	}
	if strings.Contains(s, "_") {
		guesses = append(guesses, strings.ReplaceAll(s, "_", ""))
	}
	if i := strings.IndexByte(s, ','); i >= 0 {
		if digitsAt(s, i+1) == 3 {
			guesses = append(guesses, strings.ReplaceAll(s, ",", ""))
		}
		guesses = append(guesses, strings.Replace(s, ",", ".", 1))
	}
	if s[0] == '.' {
		guesses = append(guesses, "0"+s)
	}
	if i := strings.IndexByte(s, '.'); i > 0 && digitsAt(s, i+1) == 0 {
		guesses = append(guesses, s[:i]+s[i+1:])
	}
	return guesses
}

// withoutExponent writes "1.5e3s" as "1500s". Large exponents are left
// alone: nobody wants to see them written out.
func withoutExponent(s string) (string, bool) {
	e := strings.IndexAny(s, "eE")
	if e <= 0 || !isDigit(s[0]) || strings.Trim(s[:e], "0123456789.") != "" {
		return "", false
	}
	end := e + 1
	if end < len(s) && (s[end] == '+' || s[end] == '-') {
		end++
	}
	digits := digitsAt(s, end)
	if digits == 0 || digits > 2 {
		return "", false
	}
	end += digits
	value, ok := new(big.Rat).SetString(s[:end])
	if !ok {
		return "", false
	}
	text := value.FloatString(18)
	if len(text) > 40 {
		return "", false
	}
	return strings.TrimRight(strings.TrimRight(text, "0"), ".") + s[end:], true
}

// digitsAt counts the digits of s from byte i on.
func digitsAt(s string, i int) int {
	n := 0
	for i+n < len(s) && isDigit(s[i+n]) {
		n++
	}
	return n
}

// PercentileOfShare is what to say of a percentile below 1, the message and
// the hint: who writes p0.99 means p99.
func PercentileOfShare(name string, percent float64) (message, hint string) {
	rank := func(x float64) string { return strconv.FormatFloat(x, 'g', 12, 64) }
	return "percentiles count to 100: " + name + " is below all but " + rank(percent) + "% of what there is", "write p" + rank(percent*100)
}

// maxQuoted is how many characters of the input a message shows.
const maxQuoted = 64

// QuoteText puts a piece of the input in quotes for a message: control,
// bidirectional and other invisible characters as \u{…}, bytes that are not
// UTF-8 as \x…, and no more than 64 characters of it.
func QuoteText(s string) string { return `"` + escape(Cut(s)) + `"` }
