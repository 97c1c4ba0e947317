package kind

import "fmt"

// ParseClock reads a time of day, "20:00" or "06:30:15", as nanoseconds since
// midnight.
func ParseClock(s string) (int64, *LiteralError) {
	const second = 1_000_000_000
	if len(s) > maxLiteral {
		return 0, whole(s, "E704", "a time of day is written as hours and minutes", `as in "20:00"`)
	}
	parts, shape := clockParts(s)
	if !shape {
		hint := `hours and minutes of a day of 24 hours, as in "20:00"`
		return 0, whole(s, "E301", "expected a time of day, got "+QuoteText(s), hint)
	}
	h, m, sec := parts[0], parts[1], parts[2]
	if h > 23 || m > 59 || sec > 59 {
		hint := ""
		if h == 24 && m == 0 && sec == 0 {
			hint = `midnight is "00:00"`
		}
		return 0, whole(s, "E302", "must be from 00:00 to 23:59:59, got "+QuoteText(s), hint)
	}
	if len(s) != len("00:00") && len(s) != len("00:00:00") {
		return 0, whole(s, "E301", "expected a time of day, got "+QuoteText(s)+fmt.Sprintf("; did you mean \"%02d:%02d\"?", h, m), "")
	}
	return (int64(h*60+m)*60 + int64(sec)) * second, nil
}

// clockParts reads two or three numbers of one or two digits with colons
// between them.
func clockParts(s string) (parts [3]int, ok bool) {
	at, n := 0, 0
	for n < 3 {
		digits := 0
		for ; at < len(s) && isDigit(s[at]) && digits < 2; at++ {
			parts[n] = 10*parts[n] + int(s[at]-'0')
			digits++
		}
		if n++; digits == 0 || n > 1 && digits == 1 {
			return parts, false
		}
		if at == len(s) {
			return parts, n > 1
		}
		if s[at] != ':' {
			return parts, false
		}
		at++
	}
	return parts, false
}
