package reports

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// visible returns s with every character that acts instead of showing spelled
// as an escape (\x1b, \u202e): control characters, line breaks, invisible and
// bidirectional formatting, bytes that are not UTF-8. A name in a topology may
// hold any of them, and a terminal, a log or a page would obey.
func visible(s string) string {
	if strings.IndexFunc(s, acts) < 0 && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case acts(r) && r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		case acts(r) && r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		case acts(r):
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			b.WriteRune(r)
		}
		i += size
	}
	return b.String()
}

// acts reports whether r does something to the text around it. The two joiners
// are let through: Persian and many Indic scripts are misspelt without them.
func acts(r rune) bool {
	const zeroWidthNonJoiner, zeroWidthJoiner = '\u200c', '\u200d'
	switch {
	case r == zeroWidthNonJoiner || r == zeroWidthJoiner:
		return false
	case r == '\u2028' || r == '\u2029': // line and paragraph separators
		return true
	case r&0xfffe == 0xfffe: // no characters, and XML forbids two of them
		return true
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Bidi_Control, r)
}

// cellText returns s as a text cell of a spreadsheet: one that would be taken
// for a formula gets an apostrophe in front. The list is OWASP's ("CSV
// Injection"), the full-width forms that East Asian editions accept included.
func cellText(s string) string {
	shown := visible(s)
	if s == "" {
		return shown
	}
	r, _ := utf8.DecodeRuneInString(s)
	if strings.ContainsRune("=+-@\t\r\n\x00＝＋－＠", r) {
		return "'" + shown
	}
	return shown
}

// markdownText returns s so that GitHub's Markdown shows it as it is, inside
// a table too.
func markdownText(s string) string {
	const meaningful = "\\`*_[]<>|~&#!@$"
	var b strings.Builder
	for _, r := range visible(s) {
		if strings.ContainsRune(meaningful, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// displayWidth is the number of terminal columns that s takes: none for a combining
// mark, two for a wide East Asian character.
func displayWidth(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		case isWide(r):
			n += 2
		default:
			n++
		}
	}
	return n
}

func isWide(r rune) bool {
	k := width.LookupRune(r).Kind()
	return k == width.EastAsianWide || k == width.EastAsianFullwidth
}

// clip shortens s to at most limit columns; an ellipsis says that it did.
func clip(s string, limit int) string {
	if displayWidth(s) <= limit {
		return s
	}
	n := 0
	for i, r := range s {
		n += displayWidth(string(r))
		if n > limit-1 {
			return s[:i] + "…"
		}
	}
	return s
}

// clipName shortens a name to at most limit columns and keeps its end too:
// names such as gateway-eu-west-1 and gateway-eu-west-2 are told apart there.
// Of a remark in brackets the end says nothing.
func clipName(s string, limit int) string {
	if displayWidth(s) <= limit || strings.HasSuffix(s, ")") && strings.Contains(s, " (") {
		return clip(s, limit)
	}
	end, room := len(s), (limit-1)/2
	for end > 0 {
		r, size := utf8.DecodeLastRuneInString(s[:end])
		if room -= displayWidth(string(r)); room < 0 {
			break
		}
		end -= size
	}
	return clip(s[:end], limit-displayWidth(s[end:])) + s[end:]
}

// wrap breaks s at spaces into lines of at most limit columns; a longer word
// is a line of its own.
func wrap(s string, limit int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(s) {
		switch {
		case line == "":
			line = word
		case displayWidth(line)+1+displayWidth(word) <= limit:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	return append(lines, line)
}
