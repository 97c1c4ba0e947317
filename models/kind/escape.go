package kind

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

func countRunes(s string) int { return utf8.RuneCountInString(s) }

// printable reports whether a terminal shows a character as itself: not a
// control, not bidirectional or zero-width, not a space other than the usual.
func printable(r rune) bool {
	return r == ' ' || unicode.IsGraphic(r) && !unicode.Is(unicode.Zs, r)
}

// Invisible returns the first character of a text that a reader would not
// see as what it is (control, bidirectional, zero-width, a space other than
// the usual), and its position, counted from 1; position 0 if there is none.
func Invisible(s string) (r rune, position int) {
	for _, r := range s {
		position++
		if !printable(r) || unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) {
			return r, position
		}
	}
	return 0, 0
}

// escape makes a text fit for one line of a terminal: what does not show as
// itself becomes \u{…}, bytes that are not UTF-8 \x….
func escape(s string) string {
	clean := true
	for i := 0; i < len(s) && clean; i++ {
		clean = s[i] >= ' ' && s[i] < 0x7f
	}
	if clean {
		return s
	}
	var b strings.Builder
	for s != "" {
		r, size := utf8.DecodeRuneInString(s)
		b.WriteString(escapeRune(r, size, s[0]))
		s = s[size:]
	}
	return b.String()
}

// escapeRune writes one decoded character; first is its first byte.
func escapeRune(r rune, size int, first byte) string {
	switch {
	case r == utf8.RuneError && size == 1:
		return fmt.Sprintf(`\x%02X`, first)
	case printable(r):
		return string(r)
	}
	return fmt.Sprintf(`\u{%04X}`, r)
}

// Cut shortens a text to 64 characters for a message.
func Cut(s string) string {
	n := 0
	for i := range s {
		if n == maxQuoted {
			return s[:i] + "…"
		}
		n++
	}
	return s
}
