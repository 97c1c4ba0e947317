package kind

import (
	"slices"
	"strings"
)

// Nearest returns the known words that a misspelt one may stand for: those
// at the smallest Damerau-Levenshtein distance (a letter missing, added,
// changed, or two neighbours swapped), if that is at most a third of the
// word's length and at least 1, and less than either word is long: of a single
// letter nothing is left to recognise it by. Words that differ in case only
// come first. The result is ordered as known is, and holds all that tie.
func Nearest(word string, known []string) []string {
	var fold []string
	for _, k := range known {
		if strings.EqualFold(k, word) && k != word && !slices.Contains(fold, k) {
			fold = append(fold, k)
		}
	}
	if len(fold) > 0 {
		return fold
	}
	letters := []rune(word)
	best := max(1, len(letters)/3)
	var found []string
	for _, k := range known {
		switch d := distance(letters, []rune(k), best); {
		case d > best || d >= min(len(letters), countRunes(k)) || k == word || slices.Contains(found, k):
		case d < best:
			best, found = d, []string{k}
		default:
			found = append(found, k)
		}
	}
	return found
}

// DidYouMean is "; did you mean "a" or "b"?" for the end of a message, empty
// where nothing is near.
func DidYouMean(word string, known []string) string { return OrMeant(Nearest(word, known)) }

// OrMeant is the same for words that are known to be near.
func OrMeant(near []string) string {
	if len(near) == 0 {
		return ""
	}
	return "; did you mean " + orList(near) + "?"
}

// orList is `"a", "b" or "c"`.
func orList(words []string) string {
	var b strings.Builder
	for i, w := range words {
		switch {
		case i > 0 && i == len(words)-1:
			b.WriteString(" or ")
		case i > 0:
			b.WriteString(", ")
		}
		b.WriteString(QuoteText(w))
	}
	return b.String()
}

// distance is the Damerau-Levenshtein distance of two words in its optimal
// string alignment form, or anything above limit once it must exceed that.
func distance(a, b []rune, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
			least = min(least, row[j])
		}
		if least > limit {
			return limit + 1
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
