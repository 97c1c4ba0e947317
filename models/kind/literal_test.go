package kind

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDurationsAreExact(t *testing.T) {
	const second = int64(1e9)
	for text, want := range map[string]int64{
		"0s": 0, "250us": 250_000, "250µs": 250_000, "250μs": 250_000, "5ms": 5_000_000, "1.5s": 3 * second / 2,
		"2m": 120 * second, "1h30m": 5400 * second, "30d": 30 * 86400 * second, "2w": 14 * 86400 * second,
		"0.1s": second / 10, "0.3s": 3 * second / 10, "1.000000001s": second + 1, "7ns": 7,
		"1w2d3h4m5s6ms7us8ns": 788645*second + 6_007_008, "0.5ns": 1, "1.4ns": 1,
		"1h0.5s": 3600*second + second/2, "00005s": 5 * second, "9223372036854775807ns": math.MaxInt64,
	} {
		got, err := ParseDuration(text)
		require.Nil(t, err, text)
		assert.Equal(t, want, got, text)
	}
}

func TestFloatLiterals(t *testing.T) {
	for _, row := range []struct {
		parse func(string) (float64, *LiteralError)
		text  string
		want  float64
	}{
		{ParseRate, "800/s", 800}, {ParseRate, "50k/s", 50_000}, {ParseRate, "3M/h", 3e6 / 3600}, {ParseRate, "120/min", 2},
		{ParseRate, "1.5/ms", 1500}, {ParseRate, "86400/d", 1}, {ParseRate, "2G/s", 2e9}, {ParseRate, "0/s", 0},
		{ParseRate, "0.1/s", 0.1},
		{ParseBandwidth, "10Gbps", 1.25e9}, {ParseBandwidth, "125MB/s", 125e6}, {ParseBandwidth, "8bps", 1},
		{ParseBandwidth, "1KiB/s", 1024},
		{ParseRatio, "80%", 0.8}, {ParseRatio, "0.8", 0.8}, {ParseRatio, "0", 0}, {ParseRatio, "1", 1}, {ParseRatio, "100%", 1},
		{ParseRatio, "0.1%", 0.001}, {ParseRatio, "99.99%", 0.9999},
		{ParseNumber, "0.5", 0.5}, {ParseNumber, "1.5k", 1500}, {ParseNumber, "1_000", 1000},
		{ParseFactor, "4x", 4}, {ParseFactor, "1.3", 1.3}, {ParseFactor, "4", 4},
	} {
		got, err := row.parse(row.text)
		require.Nil(t, err, row.text)
		assert.Equal(t, row.want, got, row.text)
	}
}

func TestIntegerLiterals(t *testing.T) {
	for _, row := range []struct {
		parse func(string) (int64, *LiteralError)
		text  string
		want  int64
	}{
		{ParseSize, "512B", 512}, {ParseSize, "20kB", 20_000}, {ParseSize, "4GiB", 4 << 30}, {ParseSize, "1.5KiB", 1536},
		{ParseSize, "0B", 0}, {ParseSize, "2PiB", 2 << 50},
		{ParseCount, "1_000_000", 1_000_000}, {ParseCount, "1M", 1_000_000}, {ParseCount, "2.5k", 2500}, {ParseCount, "0", 0},
		{ParseCount, "9223372036854775807", math.MaxInt64},
	} {
		got, err := row.parse(row.text)
		require.Nil(t, err, row.text)
		assert.Equal(t, row.want, got, row.text)
	}
}

// The literals of section D of the catalogue of bad input, and their
// relatives: the code, and a part of the message or the hint.
func TestBadLiteralsSayWhatWasMeant(t *testing.T) {
	duration := func(s string) *LiteralError { _, err := ParseDuration(s); return err }
	rate := func(s string) *LiteralError { _, err := ParseRate(s); return err }
	size := func(s string) *LiteralError { _, err := ParseSize(s); return err }
	bandwidth := func(s string) *LiteralError { _, err := ParseBandwidth(s); return err }
	count := func(s string) *LiteralError { _, err := ParseCount(s); return err }
	ratio := func(s string) *LiteralError { _, err := ParseRatio(s); return err }
	factor := func(s string) *LiteralError { _, err := ParseFactor(s); return err }
	number := func(s string) *LiteralError { _, err := ParseNumber(s); return err }
	for _, row := range []struct {
		parse func(string) *LiteralError
		text  string
		code  string
		says  string
	}{
		{duration, "10 msec", "E301", `did you mean "10ms"?`},
		{duration, "10msec", "E301", `unknown unit "msec"; did you mean "10ms"?`},
		{duration, "10 ms", "E301", `no space may stand between a number and its unit; did you mean "10ms"?`},
		{duration, " 10ms", "E301", `did you mean "10ms"?`},
		{duration, "10", "E301", `"10ms" or "10s"`},
		{duration, "1h30", "E301", `"1h30ms" or "1h30s"`},
		{duration, "5S", "E301", `did you mean "5s"?`},
		{duration, "1h30min", "E301", `did you mean "1h30m"?`},
		{duration, "3months", "E301", "units: ns, us, ms, s, m, h, d, w"},
		{duration, "1e3s", "E301", `did you mean "1000s"?`},
		{duration, "1.5e-3s", "E301", `did you mean "0.0015s"?`},
		{duration, "5,5s", "E301", `did you mean "5.5s"?`},
		{duration, "1,000s", "E301", `did you mean "1000s" or "1.000s"?`},
		{duration, "1_000s", "E301", `did you mean "1000s"?`},
		{duration, ".5s", "E301", `did you mean "0.5s"?`},
		{duration, "5.s", "E301", `did you mean "5s"?`},
		{duration, "1.2.3s", "E301", "expected a duration"},
		{duration, "+5s", "E301", `did you mean "5s"?`},
		{duration, "-5s", "E302", `must not be negative, got "-5s"`},
		{duration, "-0s", "E302", "must not be negative"},
		{duration, "-5", "E302", "needs a unit"},
		{duration, "30m1h", "E301", "units must go from large to small"},
		{duration, "1s1s", "E301", "units must go from large to small"},
		{duration, "", "E301", "got an empty text"},
		{duration, " ", "E301", "got an empty text"},
		{duration, "s", "E301", `expected a duration, got "s"`},
		{duration, "fast", "E301", `expected a duration, got "fast"`},
		{duration, "nan", "E303", "must be a finite number"},
		{duration, "-Infinity", "E303", "must be a finite number"},
		{duration, "0x1p4s", "E301", "plain decimal number"},
		{duration, "9999999h", "E304", "2562047h47m"},
		{duration, "9223372036854775808ns", "E304", "2562047h47m"},
		{duration, "0.4ns", "E302", "must be a nanosecond at least"},
		{duration, strings.Repeat("9", 300) + "s", "E704", "256 bytes"},
		{duration, "5\u202es", "E301", `unknown unit "\u{202E}s"`},
		{duration, "5\xffs", "E301", `unknown unit "\xFFs"`},
		{rate, "800", "E301", `"800/s" or "800/min"`},
		{rate, "50k", "E301", `did you mean "50k/s"?`},
		{rate, "800rps", "E301", `did you mean "800/s"?`},
		{rate, "800 req/sec", "E301", `did you mean "800/s"?`},
		{rate, "800 per second", "E301", `did you mean "800/s"?`},
		{rate, "50K/s", "E301", `did you mean "50k/s"?`},
		{rate, "120/m", "E301", `did you mean "120/min"?`},
		{rate, "800 / s", "E301", `did you mean "800/s"?`},
		{rate, "1e3/s", "E301", `did you mean "1000/s"?`},
		{rate, "-3/s", "E302", "must not be negative"},
		{rate, "1/s2/s", "E301", "expected a rate"},
		{rate, "inf", "E303", "finite"},
		{rate, "8/fortnight", "E301", "/ms, /s, /min, /h or /d"},
		{size, "20KB", "E301", `did you mean "20kB"?`},
		{size, "4Gi", "E301", `did you mean "4GiB"?`},
		{size, "4G", "E301", `did you mean "4GB"?`},
		{size, "512", "E301", `"512B" or "512kB"`},
		{size, "512 bytes", "E301", `did you mean "512B"?`},
		{size, "9000PiB", "E303", "64-bit"},
		{size, "0.1B", "E302", "whole number"},
		{bandwidth, "10Gbit/s", "E301", `did you mean "10Gbps"?`},
		{bandwidth, "10gbps", "E301", `did you mean "10Gbps"?`},
		{bandwidth, "125MBps", "E301", `did you mean "125MB/s"?`},
		{bandwidth, "125", "E301", `"125Mbps" or "125MB/s"`},
		{count, "1e6", "E301", `did you mean "1000000"?`},
		{count, "1m", "E301", `did you mean "1M"?`},
		{count, "1__000", "E301", `did you mean "1000"?`},
		{count, "1_", "E301", `did you mean "1"?`},
		{count, "2.5", "E302", "must be a whole number"},
		{count, "-3", "E302", "must not be negative"},
		{count, "9223372036854775808", "E303", "64-bit"},
		{number, "1e3", "E301", "expected a plain decimal number"},
		{ratio, "80", "E302", `a percentage is written "80%"`},
		{ratio, "1.2", "E302", "must be from 0 to 1"},
		{ratio, "120%", "E302", "must be from 0 to 1"},
		{ratio, "-0.1", "E302", "must not be negative"},
		{ratio, "-0", "E302", "must not be negative"},
		{ratio, "80 %", "E301", `did you mean "80%"?`},
		{ratio, "80percent", "E301", `did you mean "80%"?`},
		{ratio, "1e-3", "E301", `did you mean "0.001"?`},
		{factor, "4X", "E301", `did you mean "4x"?`},
		{factor, "0x1p4", "E301", "plain decimal number"},
	} {
		err := row.parse(row.text)
		require.NotNil(t, err, row.text)
		assert.Equal(t, row.code, err.Code, row.text)
		assert.Contains(t, err.Message+"\n"+err.Hint, row.says, row.text)
		assert.True(t, err.Offset >= 0 && err.Len >= 0 && err.Offset+err.Len <= len(row.text), row.text)
	}
}

func TestOffsetsMarkTheWrongUnit(t *testing.T) {
	_, err := ParseDuration("1h30min")
	require.NotNil(t, err)
	assert.Equal(t, "min", "1h30min"[err.Offset:err.Offset+err.Len])
	assert.Equal(t, err.Offset+7, err.Moved(7).Offset)
}

func TestFormattedLiteralsReadBack(t *testing.T) {
	for ns, want := range map[int64]string{
		0: "0s", 1: "1ns", 999: "999ns", 1_500: "1.5us", 1_500_000: "1.5ms", 1_000_000_000: "1s", 90e9: "1m30s",
		600e9: "10m", 3_600e9: "1h", 5_400e9: "1h30m", 86_400e9: "1d", 1_234_567_890: "1.23456789s",
		60_500_000_000: "1m0.5s", math.MaxInt64: "106751d23h47m16.854775807s",
	} {
		assert.Equal(t, want, FormatDuration(ns))
		back, err := ParseDuration(want)
		require.Nil(t, err, want)
		assert.Equal(t, ns, back, want)
	}
	assert.Equal(t, "-5s", FormatDuration(-5e9))
	assert.Equal(t, "-106751d23h47m16.854775808s", FormatDuration(math.MinInt64))
	for bytes, want := range map[int64]string{0: "0B", 512: "512B", 20_000: "20kB", 1536: "1536B", 4 << 30: "4GiB", 1000: "1kB"} {
		assert.Equal(t, want, FormatSize(bytes))
		back, err := ParseSize(want)
		require.Nil(t, err, want)
		assert.Equal(t, bytes, back)
	}
	assert.Equal(t, "833.3333333333334/s", FormatRate(3e6/3600))
}

func TestQuoteTextIsSafeToPrint(t *testing.T) {
	assert.Equal(t, `"db\u{001B}[2J"`, QuoteText("db\x1b[2J"))
	assert.Equal(t, `"a\u{200B}b\u{202E}\u{00A0}é\xFF"`, QuoteText("a\u200bb\u202e\u00a0é\xff"))
	assert.Equal(t, `"`+strings.Repeat("x", 64)+`…"`, QuoteText(strings.Repeat("x", 65)))
}

// Whatever is thrown at them, the parsers answer with a number in range or
// with an error that can be shown; what they propose they would accept.
func FuzzLiteral(f *testing.F) {
	for _, seed := range []string{"1h30m", "10 msec", "1e3s", "800/s", "50K/s", "4Gi", "10Gbit/s", "1_000", "80%", "4x", "nan", "-5s", ",", "0x1p4", "5\u202es", "9999999h", "1e99s", "_", "._", "1._2"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		check := func(valid bool, err *LiteralError) {
			if err == nil {
				assert.True(t, valid, s)
				return
			}
			assert.Len(t, err.Code, 4)
			assert.NotEmpty(t, err.Message)
			assert.True(t, err.Offset >= 0 && err.Len >= 0 && err.Offset+err.Len <= len(s), "%q %+v", s, err)
		}
		ns, err := ParseDuration(s)
		check(ns >= 0, err)
		if err == nil {
			back, err := ParseDuration(FormatDuration(ns))
			require.Nil(t, err)
			assert.Equal(t, ns, back)
		}
		for _, parse := range []func(string) (int64, *LiteralError){ParseSize, ParseCount} {
			n, err := parse(s)
			check(n >= 0, err)
		}
		for _, parse := range []func(string) (float64, *LiteralError){ParseRate, ParseBandwidth, ParseRatio, ParseFactor, ParseNumber} {
			x, err := parse(s)
			check(x >= 0 && !math.IsInf(x, 0), err)
		}
	})
}
