package reports

import (
	"strconv"
	"strings"

	"github.com/capsim/capsim/internal/result"
)

// metricUnit is the unit of a figure of the result document, by the end of its
// path: "latency_s.p99", "error_ratio", "cpu.utilization".
func metricUnit(metric string) unit {
	last := metric[strings.LastIndexByte(metric, '.')+1:]
	_, err := strconv.ParseUint(last, 10, 64)
	switch {
	case strings.HasSuffix(last, "_rps"):
		return perSecond
	case strings.HasSuffix(last, "_bytes"):
		return bytesUnit
	case last == "monthly", last == "per_million_requests":
		return money
	case strings.HasSuffix(last, "_ratio"), last == "utilization", last == "availability":
		return ratio
	case strings.HasSuffix(last, "_s"), strings.HasPrefix(metric, "time_spent_s."), strings.HasPrefix(metric, "slowest.time_spent_s."),
		last == "mean", last == "max", isPercentile(last), err == nil: // the 9 of p99.9
		return seconds
	}
	return plain
}

// metricWords are what people say for the last part of a metric's path.
var metricWords = map[string]string{
	"offered_rps":    "offered",
	"throughput_rps": "throughput",
	"error_ratio":    "errors",
	"errors_rps":     "errors",
	"hit_ratio":      "hit ratio",

	"stale_read_ratio":  "stale reads",
	"replication_lag_s": "replication lag",
	"utilization":       "utilisation",
	"in_flight":         "in flight",
	"memory_bytes":      "memory",

	"monthly":              "a month",
	"per_million_requests": "per million ok",
}

// metricLabel is a metric in words: "p99", "errors", "cpu utilisation",
// "response p99". The latency of a client is what a percentile means unless
// something else is said.
func metricLabel(metric string) string {
	var words []string
	metric, _ = strings.CutPrefix(metric, "latency_s.")
	metric, _ = strings.CutPrefix(metric, "latency_") // of the series: latency_p99_s
	metric, _ = strings.CutPrefix(metric, "cache.")   // which the subject is
	metric, _ = strings.CutPrefix(metric, "database.")
	for part := range strings.SplitSeq(metric, ".") {
		if n := len(words); n > 0 && isPercentilePart(words[n-1], part) {
			words[n-1] += "." + part // the point of p99.9 parts nothing
			continue
		}
		if w, ok := metricWords[part]; ok {
			part = w
		}
		words = append(words, strings.TrimSuffix(part, "_s"))
	}
	return strings.Join(words, " ")
}

// paidLabel is the same of a metric that may be an amount of a currency.
func paidLabel(metric, currency string) string {
	switch metric {
	case "monthly", "per_million_requests":
		return strings.TrimSpace(currency + " " + metricLabel(metric))
	}
	return metricLabel(metric)
}

// currencyOf is that of what is compared; "" where nothing has a price.
func currencyOf(c *result.Comparison) string {
	for _, r := range c.Designs {
		if r.Cost != nil {
			return r.Cost.Currency
		}
	}
	return ""
}

func isPercentilePart(before, after string) bool {
	_, err := strconv.ParseUint(after, 10, 64)
	return err == nil && isPercentile(before)
}

// isPercentile reports whether s is p and a number, as in "p99" or "p99.9".
func isPercentile(s string) bool {
	p, ok := strings.CutPrefix(s, "p")
	_, err := strconv.ParseFloat(p, 64)
	return ok && err == nil
}

// ratioMetrics are the metrics of an objective that are ratios even where the
// value that they are compared with is a bare number.
var ratioMetrics = map[string]bool{
	"errors": true, "availability": true, "cpu": true, "disk": true,
	"network": true, "memory": true, "hit_ratio": true,
	"stale_reads": true,
}

// objectiveUnit is the unit of what an objective ("shoppers p99 < 400ms")
// measured, and the value that it was compared with; known is false where that
// cannot be read.
func objectiveUnit(text string) (u unit, limit float64, known bool) {
	at := strings.LastIndexAny(text, "<>") // a hostile name may hold one too
	if at < 0 {
		return plain, 0, false
	}
	value := strings.TrimLeft(text[at:], "<>= ")
	if percent, ok := strings.CutSuffix(value, "%"); ok {
		v, err := strconv.ParseFloat(strings.TrimSpace(percent), 64)
		return ratio, v / 100, err == nil
	}
	if v, ok := parseSeconds(value); ok {
		return seconds, v, true
	}
	if strings.Contains(value, "/") {
		v, err := strconv.ParseFloat(strings.TrimSuffix(value, "/s"), 64)
		return perSecond, v, err == nil
	}
	v, err := strconv.ParseFloat(strings.ReplaceAll(value, "_", ""), 64)
	words := strings.Fields(text[:at])
	n := len(words)
	if n > 0 && ratioMetrics[words[n-1]] || n > 1 && words[n-2] == "within" {
		return ratio, v, err == nil
	}
	if n == 1 && (words[0] == "cost" || words[0] == "cost_per_million") {
		return money, v, err == nil
	}
	if n > 0 && words[n-1] == "throughput" {
		return perSecond, v, err == nil
	}
	if n > 0 && (isPercentile(words[n-1]) || words[n-1] == "mean" || words[n-1] == "max" || words[n-1] == "recovery") {
		return seconds, v, false // "2d" and the like: a time that Go does not read
	}
	return plain, v, err == nil
}
