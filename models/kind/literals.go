package kind

// LiteralRow describes one sort of literal, for the manual and for schemas.
type LiteralRow struct {
	Name     string // "duration": the Type of a key that takes one is "a duration"
	Doc      string
	Units    string
	Examples []string // right as they stand in a file
	Pattern  string   // of those that are strings, a regular expression
}

// Type is what keys that take the literal are said to take.
func (r *LiteralRow) Type() string { return "a " + r.Name }

// What numbers look like: digits with a point between digits, and with
// underscores where many digits are usual.
const (
	plainNumber = `[0-9]+(?:\.[0-9]+)?`
	longNumber  = `[0-9](?:_?[0-9])*(?:\.[0-9](?:_?[0-9])*)?`
	bytePrefix  = `(?:[kMGTP]|[KMGTP]i)?`
)

// Literals lists the literals in the order of the manual.
func Literals() []LiteralRow {
	return []LiteralRow{
		{
			Name: "duration", Units: durations.hint, Examples: []string{`"250us"`, `"5ms"`, `"1.5s"`, `"1h30m"`, `"30d"`},
			Doc: "A length of time, kept in whole nanoseconds. Several units may follow each other, the largest first. A bare number is " +
				"refused, because 10 could be milliseconds or seconds.",
			Pattern: `^(?:` + plainNumber + `(?:ns|us|µs|μs|ms|s|m|h|d|w))+$`,
		},
		{
			Name: "rate", Units: rates.hint, Examples: []string{`"800/s"`, `"50k/s"`, `"3M/h"`, `"120/min"`},
			Doc:     "So many a unit of time. A bare number is refused, for the same reason.",
			Pattern: `^` + plainNumber + `[kMG]?/(?:ms|s|min|h|d)$`,
		},
		{
			Name: "size", Units: sizes.hint, Examples: []string{`"512B"`, `"20kB"`, `"4GiB"`},
			Doc:     "An amount of data, kept in whole bytes. kB is 1000 bytes, KiB is 1024.",
			Pattern: `^` + plainNumber + bytePrefix + `B$`,
		},
		{
			Name: "bandwidth", Units: bandwidths.hint, Examples: []string{`"10Gbps"`, `"125MB/s"`},
			Doc:     "An amount of data a second, in bits or in bytes.",
			Pattern: `^` + plainNumber + `(?:[kMGTP]?bps|` + bytePrefix + `B/s)$`,
		},
		{
			Name: "count", Units: counts.hint, Examples: []string{`250`, `1_000_000`, `"50k"`, `"1M"`},
			Doc:     "A whole number. With one of the suffixes k, M and G it is a string.",
			Pattern: `^` + longNumber + `[kMG]$`,
		},
		{
			Name: "ratio", Units: ratios.hint, Examples: []string{`0.8`, `"80%"`},
			Doc:     "A share of a whole.",
			Pattern: `^` + plainNumber + `%$`,
		},
		{
			Name: "factor", Units: factors.hint, Examples: []string{`1.3`, `4`, `"4x"`},
			Doc:     "What something is multiplied or divided by.",
			Pattern: `^` + plainNumber + `x$`,
		},
	}
}
