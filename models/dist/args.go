package dist

import (
	"slices"
	"strconv"
	"strings"

	"github.com/capsim/capsim/models/kind"
)

// token is a word of the text, quotes removed.
type token struct {
	text   string
	at     int // where it stands, in bytes
	length int
}

// named is a word of the form name=value.
type named struct {
	name  string
	whole token
	value token
}

// args are the parameters of one distribution. The first thing wrong with
// them stays in err; readers of parameters then return 0.
type args struct {
	q          Quantity
	env        Env
	row        *Row
	head       token // the name, or the first word
	positional []token
	named      []named
	rest       string // of a raw row
	restAt     int
	modified   bool // something follows that acts on the whole
	law        func(text string, at int) (Law, *kind.LiteralError)
	err        *kind.LiteralError
}

func quote(s string) string { return kind.QuoteText(s) }

func number(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

// fail reports a problem with the distribution as such.
func (a *args) fail(code, message, hint string) { a.failAt(a.head, code, message, hint) }

func (a *args) failAt(t token, code, message, hint string) {
	if a.err == nil {
		a.err = &kind.LiteralError{Code: code, Message: message, Hint: hint, Offset: t.at, Len: t.length}
	}
}

// failNamed reports a problem with a named parameter.
func (a *args) failNamed(name, code, message, hint string) {
	t := a.head
	if n := a.find(name); n != nil {
		t = n.whole
	}
	a.failAt(t, code, message, hint)
}

func (a *args) find(name string) *named {
	for i := range a.named {
		if a.named[i].name == name {
			return &a.named[i]
		}
	}
	return nil
}

func (a *args) has(name string) bool { return a.find(name) != nil }

// text returns the value of a named parameter as it was written.
func (a *args) text(name string) string {
	if n := a.find(name); n != nil {
		return n.value.text
	}
	return ""
}

// read parses a token, in the place where it stands.
func read[T any](a *args, t token, parse func(string) (T, *kind.LiteralError)) T {
	var zero T
	if a.err != nil {
		return zero
	}
	value, err := parse(t.text)
	if err == nil {
		return value
	}
	moved := err.Moved(t.at)
	// Quotes were removed: the place within the word is not known then.
	if t.length != len(t.text) {
		moved.Offset, moved.Len = t.at, t.length
	}
	a.err = moved
	return zero
}

// amount reads a number of the quantity, with its unit if it has one.
func (a *args) amount(t token) float64 {
	switch a.q {
	case Time:
		return float64(read(a, t, kind.ParseDuration))
	case Size:
		return float64(read(a, t, kind.ParseSize))
	case Key:
		return a.wholeText(t, 0)
	default:
		return read(a, t, kind.ParseNumber)
	}
}

// place reads an amount by its place.
func (a *args) place(i int) float64 { return a.amount(a.positional[i]) }

// whole reads a whole number by its place.
func (a *args) whole(i int) float64 { return a.wholeText(a.positional[i], 0) }

// wholeText reads a whole number from least on.
func (a *args) wholeText(t token, least int64) float64 {
	n := read(a, t, kind.ParseCount)
	switch {
	case a.err != nil:
		return 0
	case n < least || n > maxWhole:
		a.failAt(t, "E309", "must be from "+strconv.FormatInt(least, 10)+" to 9007199254740992, got "+quote(t.text), "")
		return 0
	}
	return float64(n)
}

// required returns a named parameter that must be there.
func (a *args) required(name string) (token, bool) {
	n := a.find(name)
	if n == nil {
		a.fail("E206", a.row.Name+" lacks "+quote(name), a.row.usage())
		return token{}, false
	}
	return n.value, a.err == nil
}

// wholeNamed reads a named whole number from least on.
func (a *args) wholeNamed(name string, least int64) float64 {
	t, ok := a.required(name)
	if !ok {
		return 0
	}
	return a.wholeText(t, least)
}

// value reads a named amount.
func (a *args) value(name string) float64 {
	t, ok := a.required(name)
	if !ok {
		return 0
	}
	return a.amount(t)
}

// number reads a named plain number in a range.
func (a *args) number(name string, low, high float64) float64 {
	t, ok := a.required(name)
	if !ok {
		return 0
	}
	x, negative := 0.0, strings.HasPrefix(t.text, "-")
	if positive, err := kind.ParseNumber(strings.TrimPrefix(t.text, "-")); negative && err == nil {
		x = -positive // below any range, which is more to the point than the sign
	} else {
		x = read(a, t, kind.ParseNumber)
	}
	if a.err == nil && (x < low || x > high) {
		hint := ""
		if name == "cv" && x == 0 {
			hint = `without spread it is "constant"`
		}
		a.failNamed(name, "E309", name+" must be from "+number(low)+" to "+number(high)+", got "+t.text, hint)
	}
	return x
}

// positive refuses an amount of 0.
func (a *args) positive(x float64, what string) float64 {
	if a.err == nil && x <= 0 {
		t := a.head
		if n := a.find(what); n != nil {
			t = n.whole
		} else if len(a.positional) > 0 {
			t = a.positional[0]
		}
		hint := `for always the same value, 0 included, use "constant"`
		a.failAt(t, "E302", what+" must be > 0, got "+quote(t.text), hint)
	}
	return x
}

// rising demands low < high; i is the place of high.
func (a *args) rising(low, high float64, i int, what string) {
	if a.err == nil && high <= low {
		a.failAt(a.positional[i], "E309", what+" must be above the lower, got "+quote(a.positional[i].text),
			`for always the same value use "constant"`)
	}
}

// percentile is a named parameter such as p99.9=60ms.
type percentile struct {
	name  string
	rank  float64 // 0 to 100
	value float64
}

// percentiles reads those given, by rising rank.
func (a *args) percentiles() []percentile {
	var found []percentile
	for _, n := range a.named {
		if !isPercentile(n.name) {
			continue
		}
		rank := read(a, token{n.name[1:], n.whole.at + 1, len(n.name) - 1}, kind.ParseNumber)
		if a.err == nil && rank > 100 {
			a.failNamed(n.name, "E302", n.name+": a percentile lies from p0 to p100", "")
		}
		found = append(found, percentile{n.name, rank, a.amount(n.value)})
	}
	slices.SortStableFunc(found, func(x, y percentile) int {
		switch {
		case x.rank < y.rank:
			return -1
		case x.rank > y.rank:
			return 1
		}
		return 0
	})
	for i := 1; i < len(found); i++ {
		if found[i].rank == found[i-1].rank {
			a.failNamed(found[i].name, "E207", found[i].name+" is given twice", "")
		}
	}
	a.wholeScale(found)
	return found
}

// wholeScale refuses percentiles that were written as shares: p0.5, p0.99.
func (a *args) wholeScale(given []percentile) {
	between := slices.DeleteFunc(slices.Clone(given), func(p percentile) bool { return p.rank <= 0 || p.rank >= 100 })
	if len(between) == 0 || between[len(between)-1].rank >= 1 {
		return
	}
	message, hint := kind.PercentileOfShare(between[0].name, between[0].rank)
	a.failNamed(between[0].name, "E310", message, hint)
}

func isPercentile(name string) bool {
	return len(name) > 1 && name[0] == 'p' && '0' <= name[1] && name[1] <= '9'
}

// scale reads the unit of numbers in a file: what to multiply them by.
func (a *args) scale() float64 {
	n := a.find("unit")
	switch {
	case a.err != nil:
		return 0
	case a.q == Count && n != nil:
		a.failNamed("unit", "E206", "counts have no unit", "leave out "+n.whole.text)
		return 0
	case a.q == Count:
		return 1
	case n == nil:
		example := "unit=ms"
		if a.q == Size {
			example = "unit=B"
		}
		a.fail("E206", a.row.Name+" lacks "+quote("unit")+": the numbers could be anything", "as in "+quote(example))
		return 0
	}
	one := func(unit string) (float64, *kind.LiteralError) {
		parse := kind.ParseDuration
		if a.q == Size {
			parse = kind.ParseSize
		}
		value, err := parse("1" + unit)
		if err != nil || strings.ContainsAny(unit, "0123456789.") {
			return 0, &kind.LiteralError{Code: "E301", Message: "unknown unit " + quote(unit), Hint: `as in "unit=ms" or "unit=kB"`, Len: len(unit)}
		}
		return float64(value), nil
	}
	return read(a, n.value, one)
}
