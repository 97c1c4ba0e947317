package reports

import "github.com/capsim/capsim/internal/result"

// A chart makes a picture of a result, or nil where the result has nothing to
// show by it. To add one, write its file and its row.
type chart struct {
	id   string
	draw func(*result.Result) *picture
}

// A chartGroup is the charts of a section of a page.
type chartGroup struct {
	title  string
	charts []chart
}

// chartGroups are those of a page of a result, in order.
var chartGroups = [...]chartGroup{
	{"Against the baseline, drawn", []chart{{"baseline", baselineChart}}},
	{"Latency, and how busy it was", []chart{{"percentiles", percentilesChart}, {"utilization", utilizationChart}}},
	{"Over time", []chart{
		{"latency", latencyChart},
		{"throughput", throughputChart},
		{"errors", errorsChart},
		{"busy", busyChart},
		{"queues", queuesChart},
		{"backlog", backlogChart},
		{"instances", instancesChart},
	}},
}

// A comparisonChart is the same of several designs, in as many pictures as it
// takes.
type comparisonChart struct {
	id   string
	draw func(*result.Comparison) []*picture
}

// comparisonCharts are those of a page that compares designs, in order.
var comparisonCharts = [...]comparisonChart{
	{"latency-load", latencyOfDesigns},
	{"answers-load", answersOfDesigns},
	{"errors-load", errorsOfDesigns},
	{"cost-load", costOfDesigns},
	{"percentiles", percentilesOfDesigns},
}
