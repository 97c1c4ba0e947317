package dist

import (
	"strings"

	"github.com/capsim/capsim/models/kind"
)

// tokens cuts a text into words at blanks. Quotes, single or double, hold
// words with blanks together; a + in front of a word is a word of its own.
func tokens(text string, at int) ([]token, *kind.LiteralError) {
	var words []token
	for i := 0; i < len(text); {
		if isBlank(text[i]) {
			i++
			continue
		}
		if text[i] == '+' {
			words = append(words, token{"+", at + i, 1})
			i++
			continue
		}
		from := i
		var b strings.Builder
		for i < len(text) && !isBlank(text[i]) {
			if c := text[i]; c == '"' || c == '\'' {
				end := strings.IndexByte(text[i+1:], c)
				if end < 0 {
					return nil, &kind.LiteralError{Code: "E301", Message: "this quote is not closed", Offset: at + i, Len: 1}
				}
				b.WriteString(text[i+1 : i+1+end])
				i += end + 2
				continue
			}
			b.WriteByte(text[i])
			i++
		}
		words = append(words, token{b.String(), at + from, i - from})
	}
	return words, nil
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// scanTop calls visit for each byte that stands outside quotes and
// parentheses, until it returns false.
func scanTop(text string, visit func(i int) bool) {
	depth, quote := 0, byte(0)
	for i := range len(text) {
		c := text[i]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
			continue
		case c == '"' || c == '\'':
			quote = c
			continue
		case c == '(':
			depth++
			continue
		case c == ')':
			depth = max(0, depth-1)
			continue
		case depth > 0:
			continue
		}
		if !visit(i) {
			return
		}
	}
}

// splitTop cuts a text at a separator that stands outside quotes and
// parentheses.
func splitTop(text string, separator byte) []string {
	var parts []string
	from := 0
	scanTop(text, func(i int) bool {
		if text[i] == separator {
			parts = append(parts, text[from:i])
			from = i + 1
		}
		return true
	})
	return append(parts, text[from:])
}

// topModifier returns where the first + or truncate stands that begins a
// word outside quotes and parentheses; -1 if nowhere.
func topModifier(text string) int {
	found := -1
	scanTop(text, func(i int) bool {
		begins := i == 0 || isBlank(text[i-1]) || text[i-1] == ')'
		if begins && (text[i] == '+' || firstWord(text[i:]) == "truncate") {
			found = i
		}
		return found < 0
	})
	return found
}

// closing returns where the parenthesis that opens a text closes, -1 if
// nowhere.
func closing(text string) int {
	depth, quote := 0, byte(0)
	for i := range len(text) {
		switch c := text[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}
