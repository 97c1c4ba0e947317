package kind

import (
	"math"
	"strconv"
	"strings"
)

// integer reads a whole number or a duration, and checks its bounds.
func (c Cursor) integer(f *Field, like any) (int64, bool) {
	if _, ok := like.(Duration); ok {
		n, ok := c.duration(f)
		if !ok {
			return 0, false
		}
		return n, c.bounded(f, float64(n), func(text string) float64 { return float64(mustDuration(text)) })
	}
	n, ok := c.Count(f.Type)
	if !ok {
		return 0, false
	}
	// Bounds are small whole numbers: a float64 tells n from them exactly.
	return n, c.bounded(f, float64(n), mustNumber)
}

// Count reads a whole number: 1_000_000 or "1M". Expected is what messages
// call it, with an article.
func (c Cursor) Count(expected string) (int64, bool) {
	switch v := c.Value; v.Type {
	case TypeInteger:
		return v.Int, true
	case TypeFloat:
		hint := ""
		if v.Float == math.Trunc(v.Float) && math.Abs(v.Float) < 1<<53 {
			hint = "write " + strconv.FormatInt(int64(v.Float), 10)
		}
		c.Wrong(expected, hint)
	case TypeString:
		switch {
		case isNumeric(v.Text):
			c.Wrong(expected, "remove the quotes: "+Cut(v.Text))
		case !strings.ContainsAny(v.Text, "0123456789"):
			c.Wrong(expected, "")
		default:
			n, err := ParseCount(v.Text)
			if err == nil {
				return n, true
			}
			c.Literal(err)
		}
	default:
		c.Wrong(expected, "")
	}
	return 0, false
}

// duration reads "1h30m" in nanoseconds.
func (c Cursor) duration(f *Field) (int64, bool) {
	text, ok := c.literalText(f)
	if !ok {
		return 0, false
	}
	n, err := ParseDuration(text)
	if err != nil {
		c.Literal(err)
		return 0, false
	}
	return n, true
}

// literalText is the text of a literal that must be a string: a bare number
// is passed on as well, for the parser to ask for its unit.
func (c Cursor) literalText(f *Field) (string, bool) {
	switch c.Value.Type {
	case TypeString:
		return c.Value.Text, true
	case TypeInteger, TypeFloat:
		return strings.ReplaceAll(c.Value.Raw, "_", ""), true
	}
	c.Wrong(f.Type+f.like, "")
	return "", false
}

// number reads a rate, a ratio or a factor, and checks its bounds.
func (c Cursor) number(f *Field, like any) (float64, bool) {
	var x float64
	var ok bool
	switch like.(type) {
	case Rate:
		if text, isText := c.literalText(f); isText {
			x, ok = c.take(ParseRate(text))
		}
		return x, ok && c.bounded(f, x, mustRate)
	case Ratio:
		x, ok = c.Ratio()
	default:
		x, ok = c.plain(f, ParseFactor)
	}
	return x, ok && c.bounded(f, x, mustNumber)
}

// Ratio reads a number from 0 to 1, or a percentage.
func (c Cursor) Ratio() (float64, bool) {
	f := &Field{Type: "a ratio", like: ` such as 0.8 or "80%"`}
	x, ok := c.plain(f, ParseRatio)
	if ok && !(x >= 0 && x <= 1) {
		hint := ""
		if x > 1 && x <= 100 {
			hint = "a percentage is written " + QuoteText(strconv.FormatFloat(x, 'g', -1, 64)+"%")
		}
		c.Report(c.Problem("E302", "must be from 0 to 1 (0% to 100%), got "+c.got()).WithHint(hint))
		return 0, false
	}
	return x, ok
}

// plain reads a number that may also be a string with a unit.
func (c Cursor) plain(f *Field, parse func(string) (float64, *LiteralError)) (float64, bool) {
	switch v := c.Value; v.Type {
	case TypeInteger:
		return float64(v.Int), true
	case TypeFloat:
		return v.Float, true
	case TypeString:
		x, err := parse(v.Text)
		if err == nil && isNumeric(v.Text) {
			c.Wrong(f.Type+f.like, "remove the quotes: "+Cut(v.Text))
			return 0, false
		}
		return c.take(x, err)
	}
	c.Wrong(f.Type+f.like, "")
	return 0, false
}

func (c Cursor) take(x float64, err *LiteralError) (float64, bool) {
	if err != nil {
		c.Literal(err)
		return 0, false
	}
	return x, true
}

// isNumeric reports whether a text would be a number without its quotes.
func isNumeric(text string) bool {
	digits := strings.Trim(text, "+-0123456789_.")
	_, err := strconv.ParseFloat(strings.ReplaceAll(text, "_", ""), 64)
	return digits == "" && err == nil
}

// bounded checks a value against the bounds of its field.
func (c Cursor) bounded(f *Field, x float64, parse func(string) float64) bool {
	low, high := f.Min, f.Max
	if f.Limit != "" {
		high = f.Limit
	}
	switch {
	case f.Above != "" && !(x > parse(f.Above)):
		c.Fail("E302", "must be more than %s, got %s", f.Above, c.got())
	case low != "" && x < parse(low) && high != "":
		c.Fail("E302", "must be from %s to %s, got %s", low, high, c.got())
	case low != "" && x < parse(low):
		c.Fail("E302", "must be at least %s, got %s", low, c.got())
	case f.Max != "" && x > parse(f.Max):
		c.Fail("E302", "must be at most %s, got %s", f.Max, c.got())
	case f.Limit != "" && x > parse(f.Limit):
		c.Fail("E705", "must be at most %s (a limit of capsim), got %s", f.Limit, c.got())
	default:
		return true
	}
	return false
}

// got is the value as it is written, for the end of a message.
func (c Cursor) got() string {
	if c.Value.Type == TypeString {
		return QuoteText(c.Value.Text)
	}
	return Cut(c.Value.Raw)
}

func mustDuration(text string) int64 {
	n, err := ParseDuration(text)
	if err != nil {
		panic("kind: a bound is wrong: " + err.Message)
	}
	return n
}

func mustRate(text string) float64 {
	x, err := ParseRate(text)
	if err != nil {
		panic("kind: a bound is wrong: " + err.Message)
	}
	return x
}

func mustNumber(text string) float64 {
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		panic("kind: a bound is wrong: " + text)
	}
	return x
}
