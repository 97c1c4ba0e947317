package arrival

import (
	"slices"
	"strings"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/sim"
)

// Setting is what stands beside the text of `arrivals`.
type Setting struct {
	Ramps []Ramp  // of stages
	Wave  *Wave   // of daily or wave; it excludes ramps
	Load  float64 // multiplies all rates; 0 is 1
	// Batch reads the distribution of a batch's size; nil: there are none.
	Batch func(text string) (Count, *kind.LiteralError)
}

// Parse reads the text of `arrivals`, such as "poisson 800/s", together with
// the ramps of `stages`, and multiplies all rates by load.
func Parse(text string, ramps []Ramp, load float64) (Plan, *kind.LiteralError) {
	return Setting{Ramps: ramps, Load: load}.Parse(text)
}

// Parse reads the text of `arrivals`. With ramps the rate may be left out,
// and then begins at 0; with a wave it must be. Then the text may be left out
// as well, and means "poisson".
func (g Setting) Parse(text string) (Plan, *kind.LiteralError) {
	if g.Load == 0 {
		g.Load = 1
	}
	words := split(text)
	a := &arguments{row: &Table[0], head: word{text, 0}}
	if len(words) == 0 && !g.moves() {
		return nil, &kind.LiteralError{Code: "E301", Message: "expected arrivals, got an empty text", Hint: usage(), Len: len(text)}
	}
	if len(words) > 0 {
		row, err := find(words[0])
		if err != nil {
			return nil, err
		}
		a.row, a.head = row, words[0]
		a.sort(text, words[1:])
	}
	a.check(g)
	var size Count
	if a.has("batch") && a.err == nil {
		size = a.batch(g.Batch)
	}
	a.measure(g, word{text, 0}, size)
	if a.err != nil {
		return nil, a.err
	}
	var plan Plan = shaped{a.row, a.profile}
	if a.row.start == nil {
		plan = a.row.plan(a)
	}
	if a.err != nil {
		return nil, a.err
	}
	if size != nil {
		plan = batches{plan, size}
	}
	return plan, nil
}

// moves reports whether the rate changes over time.
func (g Setting) moves() bool { return g.Wave != nil || len(g.Ramps) > 0 }

// arguments are the words behind the name of a process, sorted out. The
// first problem stays in err.
type arguments struct {
	row   *Row
	head  word
	given word // the rate as it is written; its text is "" if it is not
	named []named
	err   *kind.LiteralError

	rate    float64 // per second, times the load
	profile profile // of a process that shapes
}

// named is a parameter as it is written.
type named struct {
	name         string
	whole, value word
}

// sort tells the rate and the parameters apart. The law of a batch consists
// of several words: it ends before the next parameter of the process that is
// still missing, outside parentheses.
func (a *arguments) sort(text string, words []word) {
	if len(words) > 0 && !strings.Contains(words[0].text, "=") {
		a.given, words = words[0], words[1:]
	}
	for i := 0; i < len(words) && a.err == nil; i++ {
		w := words[i]
		name, value, found := strings.Cut(w.text, "=")
		switch {
		case !found && a.isParameter(name):
			a.fail(w, "E206", "expected "+name+"=value without spaces, got "+kind.QuoteText(name), a.row.usage())
		case !found:
			a.fail(w, "E206", a.row.Name+" takes no "+kind.QuoteText(w.text), a.row.usage())
		case !a.isParameter(name):
			a.fail(w, "E206", a.row.Name+" has no parameter "+kind.QuoteText(name)+kind.DidYouMean(name, a.names()), a.row.usage())
		case a.has(name):
			a.fail(w, "E207", kind.QuoteText(name)+" is given twice", "")
		}
		last, open := w, depth(w)
		for name == batch.Name && i+1 < len(words) && (open > 0 || !a.begins(words[i+1])) {
			i++
			last = words[i]
			open += depth(last)
		}
		whole := word{text[w.at : last.at+len(last.text)], w.at}
		if value = whole.text[min(len(name)+1, len(whole.text)):]; strings.TrimSpace(value) == "" {
			a.fail(w, "E206", "a value must follow "+kind.QuoteText(w.text), a.row.usage())
		}
		a.named = append(a.named, named{name, whole, word{value, w.at + len(name) + 1}})
	}
}

// depth is how many parentheses a word opens and does not close.
func depth(w word) int { return strings.Count(w.text, "(") - strings.Count(w.text, ")") }

// begins reports whether a word begins a parameter that is still missing, or
// another batch.
func (a *arguments) begins(w word) bool {
	name, _, found := strings.Cut(w.text, "=")
	return found && (name == batch.Name || a.isParameter(name) && !a.has(name))
}

func (a *arguments) isParameter(name string) bool { return slices.Contains(a.names(), name) }

func (a *arguments) names() []string {
	var names []string
	for _, p := range a.row.Parameters {
		names = append(names, p.Name)
	}
	return names
}

// check refuses a rate that is missing or one too many, parameters that are
// missing, and shapes that the process cannot follow.
func (a *arguments) check(g Setting) {
	only := "only poisson and constant arrivals follow stages, daily or wave"
	switch {
	case a.err != nil:
	case g.moves() && a.row.start == nil:
		a.fail(a.head, "E207", only+"; "+a.row.Name+" has one rate", `two clients may send both kinds of traffic`)
	case g.Wave != nil && a.given.text != "":
		a.fail(a.given, "E207", "the rate is given twice: here, and over time beside it", "write "+kind.QuoteText(a.row.Name)+" alone")
	case !g.moves() && a.given.text == "":
		a.fail(a.head, "E206", a.row.Name+" lacks its rate", a.row.usage())
	}
	for _, p := range a.row.Parameters {
		if !p.Optional && !a.has(p.Name) && a.err == nil {
			a.fail(a.head, "E206", a.row.Name+" lacks "+p.Name+"="+p.Form+", "+p.Doc, a.row.usage())
		}
	}
}

// measure reads the rate and checks how high it gets.
func (a *arguments) measure(g Setting, whole word, size Count) {
	if a.err != nil {
		return
	}
	rate := 0.0
	if a.given.text != "" {
		var err *kind.LiteralError
		if rate, err = kind.ParseRate(a.given.text); err != nil {
			a.err = err.Moved(a.given.at)
			return
		}
	}
	highest := rate
	for _, r := range g.Ramps {
		highest = max(highest, r.Target)
	}
	a.rate = float64(rate * g.Load)
	if g.Wave != nil {
		highest = g.Wave.Mean + g.Wave.Amplitude
		a.profile = g.Wave.profile(g.Load)
	} else {
		a.profile = newProfile(rate, g.Ramps, g.Load)
	}
	requests := highest * g.Load
	if size != nil {
		requests *= max(1, size.Mean())
	}
	switch {
	case highest == 0 && g.moves():
		a.fail(whole, "E302", "the rate is 0 all the time", "delete the client to switch it off")
	case highest == 0:
		a.fail(a.given, "E302", "the rate must be > 0, got "+kind.QuoteText(a.given.text), "delete the client to switch it off")
	case requests > maxRate:
		a.fail(whole, "E705", "the rate must be at most 1G/s, one request a nanosecond", "")
	}
}

// batch reads the law of a batch's size.
func (a *arguments) batch(read func(text string) (Count, *kind.LiteralError)) Count {
	n := a.of(batch.Name)
	if read == nil {
		a.fail(n.whole, "E206", "no batches can be read here", "")
		return nil
	}
	law, err := read(n.value.text)
	if err != nil {
		a.err = err.Moved(n.value.at)
		return nil
	}
	switch mean := law.Mean(); {
	case !(mean > 0):
		a.fail(n.value, "E302", "a batch must hold at least one request now and then, got "+kind.QuoteText(n.value.text), `for example "batch=geometric 4"`)
	case mean > maxBatch/16:
		a.fail(n.value, "E705", "a batch must hold at most 65536 requests on average (a limit of capsim)", "")
	}
	return law
}

// of returns a parameter that is given.
func (a *arguments) of(name string) named {
	for _, n := range a.named {
		if n.name == name {
			return n
		}
	}
	return named{}
}

func (a *arguments) has(name string) bool { return a.of(name).name != "" }

func (a *arguments) text(name string) string { return kind.QuoteText(a.of(name).value.text) }

// number reads a number within a range.
func (a *arguments) number(name string, least, most float64) float64 {
	x, err := kind.ParseNumber(a.of(name).value.text)
	switch {
	case err != nil:
		a.misread(name, err)
	case x < least || x > most:
		a.failNamed(name, "E309", name+" must be from "+plain(least)+" to "+plain(most)+", got "+a.text(name), "")
	}
	return x
}

// factor reads "4x" or "4".
func (a *arguments) factor(name string) float64 {
	x, err := kind.ParseFactor(a.of(name).value.text)
	if err != nil {
		a.misread(name, err)
	}
	return x
}

// duration reads a time of more than 0.
func (a *arguments) duration(name string) sim.Time {
	ns, err := kind.ParseDuration(a.of(name).value.text)
	switch {
	case err != nil:
		a.misread(name, err)
	case ns == 0:
		a.failNamed(name, "E302", name+" must be more than 0s", "")
	}
	return sim.Time(ns)
}

func (a *arguments) misread(name string, err *kind.LiteralError) {
	if a.err == nil {
		a.err = err.Moved(a.of(name).value.at)
	}
}

func (a *arguments) failNamed(name, code, message, hint string) {
	a.fail(a.of(name).value, code, message, hint)
}

// fail keeps the first problem.
func (a *arguments) fail(w word, code, message, hint string) {
	if a.err == nil {
		a.err = w.fail(code, message, hint)
	}
}

// word is a part of a text and where it begins.
type word struct {
	text string
	at   int
}

func (w word) fail(code, message, hint string) *kind.LiteralError {
	return &kind.LiteralError{Code: code, Message: message, Hint: hint, Offset: w.at, Len: len(w.text)}
}

// split cuts a text at blanks.
func split(text string) []word {
	var words []word
	for i := 0; i < len(text); i++ {
		if text[i] == ' ' || text[i] == '\t' {
			continue
		}
		end := i
		for end < len(text) && text[end] != ' ' && text[end] != '\t' {
			end++
		}
		words = append(words, word{text[i:end], i})
		i = end
	}
	return words
}
