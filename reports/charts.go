package reports

import "github.com/capsim/capsim/internal/result"

// A chart makes a picture of a result, or nil where the result has nothing to
// show by it. To add one, write its file and its row.
type chart struct {
	id   string
	draw func(*result.Result) *picture
}

// charts are those of a page, in order.
var charts = [...]chart{
	{"percentiles", percentilesChart},
	{"utilization", utilizationChart},
	{"latency", latencyChart},
	{"throughput", throughputChart},
	{"errors", errorsChart},
	{"busy", busyChart},
	{"backlog", backlogChart},
	{"cost", costChart},
}

// A comparisonChart is the same of several designs, in as many pictures as it
// takes.
type comparisonChart struct {
	id   string
	draw func(*result.Comparison) []*picture
}

// comparisonCharts are those of a page that compares designs, in order.
var comparisonCharts = [...]comparisonChart{
	{"percentiles", percentilesOfDesigns},
}
