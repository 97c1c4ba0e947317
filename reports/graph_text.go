package reports

import (
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
)

// A ruler measures lettering. It reckons in whole thousandths of its size, so
// that every processor breaks and clips alike.
type ruler struct {
	style    text.Style
	advances map[rune]int
}

const em = 1000

func newRuler() *ruler {
	style := textStyle(text.XLeft, text.YCenter)
	style.Font = font.From(style.Font, em)
	return &ruler{style: style, advances: map[rune]int{}}
}

// advance is the width of a character in thousandths of the size. Who has no
// glyph in our lettering is drawn with another, and gets a whole em.
func (r *ruler) advance(c rune) int {
	if a, known := r.advances[c]; known {
		return a
	}
	a := em
	switch {
	case displayWidth(string(c)) == 0:
		a = 0
	case c < 0x2000 && !isWide(c):
		a = int(math.Round(float64(r.style.Width(string(c)))))
	}
	r.advances[c] = a
	return a
}

// bolder is how much wider bold lettering is, in percent.
const bolder = 109

// width is that of s in points, rounded up.
func (r *ruler) width(s string, size int, bold bool) int {
	total := 0
	for _, c := range s {
		total += r.advance(c)
	}
	total *= size
	if bold {
		total = total * bolder / 100
	}
	return (total + em - 1) / em
}

// clip shortens s to at most so many points; an ellipsis says that it did.
func (r *ruler) clip(s string, size int, bold bool, limit int) string {
	if r.width(s, size, bold) <= limit {
		return s
	}
	letters := []rune(s)
	for len(letters) > 0 {
		letters = letters[:len(letters)-1]
		if short := strings.TrimRight(string(letters), " ,") + "…"; r.width(short, size, bold) <= limit {
			return short
		}
	}
	return "…"
}

// clipName shortens a name to at most so many points and keeps its end too, as
// the function of that name.
func (r *ruler) clipName(name string, size int, bold bool, limit int) string {
	for columns := displayWidth(name); columns > 2; columns-- {
		if short := clipName(name, columns); r.width(short, size, bold) <= limit {
			return short
		}
	}
	return r.clip(name, size, bold, limit)
}

// lines breaks a list of things into so many lines at most, at its commas if
// all things are short enough, else at spaces; the last line is clipped.
func (r *ruler) lines(s string, size, limit, most int) []string {
	parts := strings.SplitAfter(s, ", ")
	for _, part := range parts {
		if r.width(part, size, false) > limit {
			parts = strings.SplitAfter(s, " ")
			break
		}
	}
	var lines []string
	line := ""
	for i, part := range parts {
		if line == "" || r.width(strings.TrimSpace(line+part), size, false) <= limit {
			line += part
			continue
		}
		if len(lines)+1 == most {
			line += strings.Join(parts[i:], "")
			break
		}
		lines = append(lines, line)
		line = part
	}
	lines = append(lines, line)
	for i := range lines {
		lines[i] = r.clip(strings.TrimSpace(lines[i]), size, false, limit)
	}
	return slices.DeleteFunc(lines, func(line string) bool { return line == "" })
}
