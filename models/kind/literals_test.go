package kind

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// readers read a literal that stands in a string.
func readers() map[string]func(string) *LiteralError {
	return map[string]func(string) *LiteralError{
		"duration":  func(s string) *LiteralError { _, err := ParseDuration(s); return err },
		"rate":      func(s string) *LiteralError { _, err := ParseRate(s); return err },
		"size":      func(s string) *LiteralError { _, err := ParseSize(s); return err },
		"bandwidth": func(s string) *LiteralError { _, err := ParseBandwidth(s); return err },
		"count":     func(s string) *LiteralError { _, err := ParseCount(s); return err },
		"ratio":     func(s string) *LiteralError { _, err := ParseRatio(s); return err },
		"factor":    func(s string) *LiteralError { _, err := ParseFactor(s); return err },
	}
}

func TestPatternsOfLiteralsAcceptWhatTheParsersDo(t *testing.T) {
	numbers := []string{"", "0", "1", "12.5", ".5", "5.", "1_000", "-1", "1e3", "0x1", "007"}
	units := []string{
		"", "ns", "us", "µs", "ms", "s", "m", "min", "h", "d", "w", "y", "S", "/s", "k/s", "M/h", "G/min", "/d", "/ms", "/w", "K/s", "/",
		"B", "kB", "KB", "MiB", "GB", "PiB", "Gbps", "bps", "MB/s", "B/s", "KiB/s", "Mb", "k", "M", "G", "T", "%", "x", " %", " s", "h30m", "m1h",
	}
	for _, row := range Literals() {
		pattern := regexp.MustCompile(row.Pattern)
		read := readers()[row.Name]
		if !assert.NotNil(t, read, row.Name) {
			continue
		}
		for _, n := range numbers {
			for _, unit := range units {
				text := n + unit
				bare := isNumeric(text) // a number without quotes, which is not for the pattern
				err := read(text)
				switch {
				case bare || err != nil && err.Code == "E302":
				case row.Name == "duration" && unit == "m1h": // units that rise are beyond a pattern
				default:
					assert.Equal(t, err == nil, pattern.MatchString(text), "%s: %q", row.Name, text)
				}
			}
		}
	}
}

func TestExamplesOfLiteralsAreRight(t *testing.T) {
	for _, row := range Literals() {
		assert.True(t, row.Doc != "" && row.Units != "", row.Name)
		assert.NotEmpty(t, row.Examples, row.Name)
		for _, example := range row.Examples {
			text := strings.Trim(example, `"`)
			assert.Nil(t, readers()[row.Name](text), example)
			if text != example {
				assert.Regexp(t, row.Pattern, text, "%s: %s", row.Name, example)
			}
		}
	}
}
