package dist

import (
	"math"
	"strings"

	"github.com/capsim/capsim/models/kind"
)

// maxText is the longest text of a distribution, in bytes; maxDepth how deep
// its parentheses may be nested.
const (
	maxText  = 4096
	maxDepth = 8
)

// Parse reads a distribution of a quantity from the text of the language.
// The error, if any, marks the wrong part of the text. Env opens the file of
// an empirical law; with nil that is refused.
func Parse(text string, q Quantity, env Env) (Law, *kind.LiteralError) {
	if len(text) > maxText {
		return nil, &kind.LiteralError{Code: "E704", Message: "a distribution is at most 4096 bytes long", Len: len(text)}
	}
	p := parser{q: q, env: env}
	law, err := p.law(text, 0)
	if err != nil {
		return nil, err
	}
	if math.IsInf(law.Mean(), 1) {
		return nil, &kind.LiteralError{
			Code: "E308", Message: "the mean is infinite, so that utilisation is undefined",
			Hint: `give it a max, or "truncate 10s"`, Len: len(text),
		}
	}
	return law, nil
}

type parser struct {
	q     Quantity
	env   Env
	depth int
}

// law reads a text that begins at byte `at` of the whole.
func (p *parser) law(text string, at int) (Law, *kind.LiteralError) {
	trimmed := strings.TrimLeft(text, " \t")
	at += len(text) - len(trimmed)
	text = strings.TrimRight(trimmed, " \t")
	if p.depth++; p.depth > maxDepth {
		return nil, &kind.LiteralError{Code: "E702", Message: "distributions are nested deeper than 8", Offset: at, Len: len(text)}
	}
	defer func() { p.depth-- }()
	if strings.HasPrefix(text, "(") {
		end := closing(text)
		if end < 0 {
			return nil, &kind.LiteralError{Code: "E301", Message: "this parenthesis is not closed", Offset: at, Len: 1}
		}
		law, err := p.law(text[1:end], at+1)
		if err != nil {
			return nil, err
		}
		return p.modify(law, text[end+1:], at+end+1)
	}
	last := 0
	if firstWord(text) == "mix" {
		parts := splitTop(text, ',')
		last = len(text) - len(parts[len(parts)-1])
	}
	base, rest := text, ""
	if i := topModifier(text[last:]); i >= 0 {
		base, rest = text[:last+i], text[last+i:]
	}
	law, err := p.base(base, at, rest != "")
	if err != nil {
		return nil, err
	}
	return p.modify(law, rest, at+len(base))
}

// base reads a distribution without what may follow it.
func (p *parser) base(text string, at int, modified bool) (Law, *kind.LiteralError) {
	words, err := tokens(text, at)
	if err != nil {
		return nil, err
	}
	if len(words) == 0 {
		return nil, &kind.LiteralError{
			Code: "E301", Message: "expected a distribution, got an empty text",
			Hint: `as in "exp 6ms"`, Offset: at, Len: len(text),
		}
	}
	name := words[0].text
	if startsLikeNumber(name) {
		name = "constant"
	} else {
		words = words[1:]
	}
	head := token{text, at, len(strings.TrimRight(text, " \t"))}
	row := find(name, p.q)
	if row == nil {
		message, hint := unknown(name, p.q)
		return nil, &kind.LiteralError{Code: "E205", Message: message, Hint: hint, Offset: at, Len: len(firstWord(text))}
	}
	a := &args{q: p.q, env: p.env, row: row, head: head, modified: modified, law: p.law}
	if row.raw {
		a.rest, a.restAt = text[len(name):], at+len(name)
	} else {
		a.sort(words)
	}
	if a.err != nil {
		return nil, a.err
	}
	law := row.build(a)
	if a.err != nil {
		return nil, a.err
	}
	if row.continuous && p.q == Count {
		law = newRounded(law)
	}
	return law, nil
}

// sort tells the words apart by form and checks them against the row.
func (a *args) sort(words []token) {
	places := 0
	for _, p := range a.row.Parameters {
		if p.Name == "" {
			places++
		}
	}
	var last token // the value before
	for _, w := range words {
		name, value, found := strings.Cut(w.text, "=")
		switch {
		case a.parted(last, w):
		case found && (name == "" || value == ""):
			a.failAt(w, "E206", "expected name=value without spaces, got "+quote(w.text), a.row.usage())
		case found:
			a.addNamed(named{name, w, token{value, w.at + len(name) + 1, w.length - len(name) - 1}})
		case len(a.positional) == places:
			a.tooMany(w)
		default:
			a.positional = append(a.positional, w)
		}
		if last = w; found {
			last = token{value, w.at + len(name) + 1, w.length - len(name) - 1}
		}
	}
	if len(a.positional) < places {
		a.fail("E206", a.row.Name+" lacks its value", a.row.usage())
	}
}

// parted tells a number whose unit stands apart from it.
func (a *args) parted(number, unit token) bool {
	if _, err := kind.ParseNumber(number.text); err != nil || strings.ContainsAny(unit.text, "=0123456789") {
		return false
	}
	whole := token{"", number.at, unit.at + unit.length - number.at}
	joined := number.text + unit.text
	probe := args{q: a.q}
	if probe.amount(token{joined, 0, len(joined)}); probe.err == nil {
		a.failAt(whole, "E301", "no space may stand between a number and its unit; did you mean "+quote(joined)+"?", "")
		return true
	}
	if a.q != Time && a.q != Size {
		return false
	}
	probe.err = nil
	if probe.amount(token{number.text + " " + unit.text, 0, len(joined) + 1}); probe.err != nil && probe.err.Code == "E301" {
		a.failAt(whole, "E301", probe.err.Message, probe.err.Hint)
	}
	return a.err != nil
}

// tooMany explains a word for which there is no place.
func (a *args) tooMany(w token) {
	for _, p := range a.row.Parameters {
		if p.Name == w.text {
			a.failAt(w, "E206", "expected "+w.text+"=value without spaces, got "+quote(w.text), a.row.usage())
		}
	}
	a.failAt(w, "E206", a.row.Name+" takes no "+quote(w.text), a.row.usage())
}

// addNamed checks the name of a parameter.
func (a *args) addNamed(n named) {
	var names []string
	for _, p := range a.row.Parameters {
		if p.Name == n.name || p.Name == "pN" && isPercentile(n.name) {
			if a.has(n.name) {
				a.failAt(n.whole, "E207", quote(n.name)+" is given twice", "")
			}
			a.named = append(a.named, n)
			return
		}
		if p.Name != "" && p.Name != "pN" {
			names = append(names, p.Name)
		}
	}
	a.failAt(n.whole, "E206", a.row.Name+" has no parameter "+quote(n.name)+kind.DidYouMean(n.name, names), a.row.usage())
}

// modify applies the shift and the truncation that follow a distribution, in
// the order in which they stand.
func (p *parser) modify(law Law, text string, at int) (Law, *kind.LiteralError) {
	words, err := tokens(text, at)
	if err != nil {
		return nil, err
	}
	a := &args{q: p.q}
	seen := map[string]bool{}
	for i := 0; i < len(words) && a.err == nil; i += 2 {
		w := words[i]
		switch {
		case w.text != "+" && w.text != "truncate":
			a.failAt(w, "E206", "expected + or truncate, got "+quote(w.text), `as in "exp 6ms + 0.3ms truncate 2s"`)
		case p.q == Key:
			a.failAt(w, "E206", "keys take neither + nor truncate", "")
		case seen[w.text]:
			a.failAt(w, "E207", quote(w.text)+" is given twice", "")
		case i+1 == len(words):
			a.failAt(w, "E206", "a value must follow "+quote(w.text), `as in "exp 6ms + 0.3ms truncate 2s"`)
		}
		if a.err != nil {
			break
		}
		seen[w.text] = true
		value := a.modifier(words[i+1])
		if a.err != nil {
			break
		}
		if w.text == "+" {
			law = shift(law, value)
			continue
		}
		if law, a.err = truncate(law, value, words[i+1]); a.err != nil {
			break
		}
	}
	if a.err != nil {
		return nil, a.err
	}
	return law, nil
}

// modifier reads the value of a shift or truncation. Counts stay whole.
func (a *args) modifier(t token) float64 {
	if a.q == Count {
		return a.wholeText(t, 0)
	}
	return a.amount(t)
}

// startsLikeNumber tells "5ms" from the name of a distribution.
func startsLikeNumber(word string) bool {
	if word == "" {
		return false
	}
	if c := word[0]; '0' <= c && c <= '9' || c == '-' || c == '.' || c == '+' {
		return true
	}
	switch strings.ToLower(word) {
	case "nan", "inf", "infinity":
		return true
	}
	return false
}

// firstWord returns the text up to the first blank.
func firstWord(text string) string {
	text = strings.TrimLeft(text, " \t")
	if i := strings.IndexAny(text, " \t"); i >= 0 {
		return text[:i]
	}
	return text
}
