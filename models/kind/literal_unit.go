package kind

import (
	"strconv"
	"strings"
)

// Nanoseconds in the units of a duration.
const (
	nsPerSecond = 1_000_000_000
	nsPerMinute = 60 * nsPerSecond
	nsPerHour   = 60 * nsPerMinute
	nsPerDay    = 24 * nsPerHour
	nsPerWeek   = 7 * nsPerDay
)

// The families of LANGUAGE.md section 1. None is ever written to.
var (
	durations = family{
		name: "a duration", hint: `units: ns, us, ms, s, m, h, d, w, as in "1.5s" or "1h30m"`,
		bare: []string{"ms", "s"}, compound: true,
		unit: durationUnit, near: nearOf(durationNear, durationUnit),
	}
	rates = family{
		name: "a rate", hint: `a number, k, M or G if wanted, and /ms, /s, /min, /h or /d, as in "800/s" or "50k/s"`,
		bare: []string{"/s", "/min"}, unit: rateUnit, near: nearRate,
	}
	sizes = family{
		name: "a size", hint: `units: B, kB, MB, GB, TB, PB, KiB, MiB, GiB, TiB, PiB, as in "20kB" or "4GiB"`,
		bare: []string{"B", "kB"}, unit: sizeUnit, near: nearOf(sizeNear, sizeUnit),
	}
	bandwidths = family{
		name: "a bandwidth", hint: `bits: bps, kbps, Mbps, Gbps, Tbps; bytes: B/s, kB/s, MB/s, GB/s, KiB/s, MiB/s, GiB/s`,
		bare: []string{"Mbps", "MB/s"}, unit: bandwidthUnit, near: nearBandwidth,
	}
	counts = family{
		name: "a count", hint: `a whole number, as in "250", "1_000_000", "50k" or "1M"`,
		underscores: true, unit: countUnit, near: nearOf(countNear, countUnit),
	}
	numbers = family{
		name: "a number", hint: `as in "4", "0.5", "1_000" or "50k"`,
		underscores: true, unit: countUnit, near: nearOf(countNear, countUnit),
	}
	ratios = family{
		name: "a ratio", hint: `from 0 to 1, as in "0.8" or "80%"`,
		unit: ratioUnit, near: nearOf(ratioNear, ratioUnit),
	}
	factors = family{
		name: "a factor", hint: `as in "1.3" or "4x"`,
		unit: factorUnit, near: nearOf(factorNear, factorUnit),
	}
)

func durationUnit(text string) (scale, bool) {
	switch text {
	case "ns":
		return scale{1, 1}, true
	case "us", "µs", "μs": // U+00B5 micro sign, U+03BC mu
		return scale{1_000, 1}, true
	case "ms":
		return scale{1_000_000, 1}, true
	case "s":
		return scale{nsPerSecond, 1}, true
	case "m":
		return scale{nsPerMinute, 1}, true
	case "h":
		return scale{nsPerHour, 1}, true
	case "d":
		return scale{nsPerDay, 1}, true
	case "w":
		return scale{nsPerWeek, 1}, true
	}
	return scale{}, false
}

var durationNear = map[string]string{
	"nsec": "ns", "nanos": "ns", "nanosecond": "ns", "nanoseconds": "ns",
	"usec": "us", "usecs": "us", "micros": "us", "microsecond": "us", "microseconds": "us",
	"msec": "ms", "msecs": "ms", "millis": "ms", "millisecond": "ms", "milliseconds": "ms",
	"sec": "s", "secs": "s", "second": "s", "seconds": "s",
	"min": "m", "mins": "m", "minute": "m", "minutes": "m",
	"hr": "h", "hrs": "h", "hour": "h", "hours": "h",
	"day": "d", "days": "d", "wk": "w", "week": "w", "weeks": "w",
}

// decimal returns what an SI prefix stands for; none is 1.
func decimal(prefix string) (int64, bool) {
	switch prefix {
	case "":
		return 1, true
	case "k":
		return 1_000, true
	case "M":
		return 1_000_000, true
	case "G":
		return 1_000_000_000, true
	case "T":
		return 1_000_000_000_000, true
	case "P":
		return 1_000_000_000_000_000, true
	}
	return 0, false
}

// binary returns what an IEC prefix stands for.
func binary(prefix string) (int64, bool) {
	i := strings.Index("KiMiGiTiPi", prefix)
	if len(prefix) != 2 || prefix[1] != 'i' || i < 0 {
		return 0, false
	}
	return 1 << (10 * (i/2 + 1)), true
}

// countUnit returns what one of the suffixes k, M, G stands for.
func countUnit(text string) (scale, bool) {
	if text == "T" || text == "P" {
		return scale{}, false
	}
	n, ok := decimal(text)
	return scale{n, 1}, ok
}

var countNear = map[string]string{
	"m": "M", "million": "M", "mio": "M", "g": "G", "b": "G", "B": "G", "billion": "G", "thousand": "k",
}

// rateUnit reads "/s", "k/min": the result is in units of one per second.
func rateUnit(text string) (scale, bool) {
	prefix, per, found := strings.Cut(text, "/")
	by, ok := countUnit(prefix)
	if !found || !ok {
		return scale{}, false
	}
	switch per {
	case "ms":
		return scale{by.num * 1000, 1}, true
	case "s":
		return by, true
	case "min":
		return scale{by.num, 60}, true
	case "h":
		return scale{by.num, 3_600}, true
	case "d":
		return scale{by.num, 86_400}, true
	}
	return scale{}, false
}

// ratePer maps what people write after the stroke to the units of a rate.
var ratePer = map[string]string{
	"sec": "s", "second": "s", "m": "min", "minute": "min", "hr": "h", "hour": "h", "day": "d", "millisecond": "ms",
}

// nearRate guesses the rate meant by "rps", "K/sec", " requests/s", "k".
func nearRate(text string) string {
	text = strings.ReplaceAll(text, "per ", "/")
	for _, short := range []string{"rps", "qps", "tps"} {
		if prefix, ok := strings.CutSuffix(strings.ToLower(text), short); ok {
			text = prefix + "/s"
		}
	}
	prefix, per, found := strings.Cut(strings.ReplaceAll(text, " ", ""), "/")
	if !found {
		per = "s"
	}
	for _, word := range []string{"requests", "request", "reqs", "req"} {
		prefix = strings.TrimSuffix(prefix, word)
	}
	per = strings.ToLower(per)
	if known, ok := ratePer[per]; ok {
		per = known
	}
	for _, right := range []string{"", "k", "M", "G"} {
		if strings.EqualFold(prefix, right) {
			return right + "/" + per
		}
	}
	return ""
}

func sizeUnit(text string) (scale, bool) {
	prefix, ok := strings.CutSuffix(text, "B")
	if !ok {
		return scale{}, false
	}
	if n, ok := binary(prefix); ok {
		return scale{n, 1}, true
	}
	n, ok := decimal(prefix)
	return scale{n, 1}, ok
}

var sizeNear = map[string]string{
	"b": "B", "byte": "B", "bytes": "B", "k": "kB", "K": "kB", "KB": "kB", "m": "MB", "M": "MB", "g": "GB", "G": "GB", "t": "TB", "T": "TB",
	"Ki": "KiB", "ki": "KiB", "Mi": "MiB", "Gi": "GiB", "Ti": "TiB", "kib": "KiB", "kiB": "KiB", "mib": "MiB", "gib": "GiB", "tib": "TiB",
	"kb": "kB", "Kb": "kB", "mb": "MB", "Mb": "MB", "gb": "GB", "Gb": "GB", "tb": "TB", "Tb": "TB",
}

// bandwidthUnit reads bits ("Gbps") and bytes ("MB/s"); the result is in
// bytes per second.
func bandwidthUnit(text string) (scale, bool) {
	if prefix, ok := strings.CutSuffix(text, "bps"); ok {
		n, ok := decimal(prefix)
		return scale{n, 8}, ok
	}
	size, ok := strings.CutSuffix(text, "/s")
	if !ok {
		return scale{}, false
	}
	return sizeUnit(size)
}

// nearBandwidth guesses the bandwidth meant by "Gbit/s", "gb/s", "MBps",
// "Gb". A capital B is taken for bytes, a small b for bits.
func nearBandwidth(text string) string {
	for _, end := range []string{"/sec", "/s", "ps"} {
		if prefix, ok := strings.CutSuffix(text, end); ok {
			text = prefix
			break
		}
	}
	if prefix, ok := strings.CutSuffix(text, "B"); ok {
		if near, ok := sizeNear[prefix]; ok {
			return near + "/s"
		}
		return text + "/s"
	}
	for _, end := range []string{"bits", "bit", "b"} {
		if prefix, ok := strings.CutSuffix(text, end); ok {
			text = prefix
			break
		}
	}
	for _, right := range []string{"", "k", "M", "G", "T"} {
		if strings.EqualFold(text, right) {
			return right + "bps"
		}
	}
	return ""
}

func ratioUnit(text string) (scale, bool) {
	switch text {
	case "":
		return scale{1, 1}, true
	case "%":
		return scale{1, 100}, true
	}
	return scale{}, false
}

var ratioNear = map[string]string{"percent": "%", "pct": "%", "％": "%"}

func factorUnit(text string) (scale, bool) {
	return scale{1, 1}, text == "" || text == "x"
}

var factorNear = map[string]string{"X": "x", "×": "x", "times": "x"}

// nearOf looks a wrong unit up, and failing that in small letters.
func nearOf(table map[string]string, known func(string) (scale, bool)) func(string) string {
	return func(text string) string {
		if right, ok := table[text]; ok {
			return right
		}
		lower := strings.ToLower(text)
		if _, ok := known(lower); ok {
			return lower
		}
		return table[lower]
	}
}

// FormatDuration writes nanoseconds the way a person would, exactly: "1.5ms",
// "90s" as "1m30s", "1d". [ParseDuration] reads it back.
func FormatDuration(ns int64) string {
	if ns < 0 {
		return "-" + formatDuration(-uint64(ns))
	}
	return formatDuration(uint64(ns))
}

func formatDuration(ns uint64) string {
	switch {
	case ns == 0:
		return "0s"
	case ns < 1_000:
		return strconv.FormatUint(ns, 10) + "ns"
	case ns < 1_000_000:
		return decimals(ns, 1_000) + "us"
	case ns < nsPerSecond:
		return decimals(ns, 1_000_000) + "ms"
	}
	text := ""
	for _, unit := range []struct {
		ns   uint64
		name string
	}{{nsPerDay, "d"}, {nsPerHour, "h"}, {nsPerMinute, "m"}} {
		if n := ns / unit.ns; n > 0 {
			text += strconv.FormatUint(n, 10) + unit.name
			ns %= unit.ns
		}
	}
	if ns == 0 {
		return text
	}
	return text + decimals(ns, nsPerSecond) + "s"
}

// FormatRate writes a number per second: "800/s". [ParseRate] reads it back.
func FormatRate(perSecond float64) string {
	return strconv.FormatFloat(perSecond, 'f', -1, 64) + "/s"
}

// FormatSize writes bytes exactly, in the largest unit that divides them:
// "4GiB", "20kB". [ParseSize] reads it back.
func FormatSize(bytes int64) string {
	best, unit := int64(1), "B"
	for _, name := range []string{"kB", "KiB", "MB", "MiB", "GB", "GiB", "TB", "TiB", "PB", "PiB"} {
		if by, _ := sizeUnit(name); bytes != 0 && bytes%by.num == 0 {
			best, unit = by.num, name
		}
	}
	return strconv.FormatInt(bytes/best, 10) + unit
}

// decimals writes n/unit exactly; unit is a power of ten.
func decimals(n, unit uint64) string {
	text := strconv.FormatUint(n/unit, 10)
	if n %= unit; n == 0 {
		return text
	}
	return text + "." + strings.TrimRight(strconv.FormatUint(unit+n, 10)[1:], "0")
}
