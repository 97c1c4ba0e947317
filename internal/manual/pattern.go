package manual

import (
	"regexp"
	"slices"
	"strings"

	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/kind"
)

// stringOf is a string that a key takes: one of its words, or what fits the
// pattern of one of the forms that its type lists. A form that nobody here
// knows may be any string.
func stringOf(f *kind.Field) object {
	if words := wordsOf(f); len(words) > 0 {
		return object{"type": "string", "enum": words}
	}
	var words, patterns []string
	for _, form := range alternatives(f.Type) {
		switch pattern, known := patternOf(form); {
		case isWord(form):
			words = append(words, strings.Trim(form, `"`))
		case !known:
			return object{"type": "string"}
		case pattern != "":
			patterns = append(patterns, pattern)
		}
	}
	for _, word := range words {
		patterns = append(patterns, "^"+regexp.QuoteMeta(word)+"$")
	}
	switch {
	case len(patterns) == 0:
		return object{"type": "string"}
	case len(patterns) == len(words):
		return object{"type": "string", "enum": words}
	}
	return object{"type": "string", "pattern": strings.Join(patterns, "|")}
}

// isWord reports whether a form is a word in quotes that stands for itself.
func isWord(form string) bool {
	return strings.HasPrefix(form, `"`) && strings.ToLower(form) == form
}

// patternOf returns the pattern of a form of a type; none for what is no
// string.
func patternOf(form string) (pattern string, known bool) {
	if row := literalOf(form); row != nil {
		return row.Pattern, true
	}
	switch form {
	case "an integer", "a whole number":
		return literalOf("a count").Pattern, true
	case "a table", "a trace", "true or false", "a number", "a number of users":
		return "", true
	case "an arrival process":
		return processPattern(), true
	}
	if quantity, is := strings.CutPrefix(form, "a distribution of "); is {
		return distributionPattern(quantity)
	}
	if strings.HasPrefix(form, `"`) { // "doubling FIRST max LONGEST": capitals stand for values
		words := strings.Fields(strings.Trim(form, `"`))
		for i, word := range words {
			if strings.ToUpper(word) == word {
				words[i] = `\S+`
			}
		}
		return "^" + strings.Join(words, `\s+`) + "$", true
	}
	return "", false
}

// distributionPattern is the name of a distribution and what follows it, or
// a plain value.
func distributionPattern(quantity string) (pattern string, known bool) {
	quantities := []dist.Quantity{dist.Time, dist.Size, dist.Count, dist.Key}
	i := slices.IndexFunc(quantities, func(q dist.Quantity) bool {
		return strings.HasSuffix(quantity, strings.TrimSuffix(q.String(), "s")) || strings.HasSuffix(quantity, q.String())
	})
	if i < 0 {
		return "", false
	}
	var names []string
	for _, row := range dist.Table(quantities[i]) {
		if !slices.Contains(names, row.Name) {
			names = append(names, row.Name)
		}
	}
	return `^\s*(?:[0-9(].*|(?:` + strings.Join(names, "|") + `)\s.+)$`, true
}

// processPattern is the name of an arrival process and what follows it.
func processPattern() string {
	var names []string
	for _, row := range arrival.Table {
		names = append(names, row.Name)
	}
	return `^\s*(?:` + strings.Join(names, "|") + `)(?:\s.*)?$`
}
