package reports

import (
	"math"
	"strings"

	"github.com/capsim/capsim/internal/result"
)

// Of a sparkline.
const (
	sparkColumns   = 40 // at most
	fewestSparks   = 5  // windows, below which there is no shape to see
	mostSparklines = 5
)

// sparks are the bars of a sparkline, from the lowest.
var sparks = []rune("▁▂▃▄▅▆▇█")

// sparkTable is the clients' latency over time, drawn in letters: a bar is the highest of its part of the window, from zero, so that
// what is steady looks flat. It has no rows where there is no series, or one
// too short.
func sparkTable(r *result.Result, width int) table {
	title, all := sparkTracks(r)
	t := table{
		Title: title, Labels: 1, LabelWidth: nameWidth,
		Columns: []column{{Title: "client", Left: true}, {Left: true}, {Title: "lowest"}, {Title: "highest"}, {Title: "at"}},
	}
	shown := largest(all, mostSparklines)
	label := displayWidth(t.Title)
	for _, one := range shown {
		label = max(label, displayWidth(clip(visible(one.subject), nameWidth)))
	}
	const figures = 34 // the columns behind the bars
	columns := min(sparkColumns, max(fewestSparks, width-label-figures))
	for _, one := range shown {
		if len(one.points) < fewestSparks {
			continue
		}
		peak := one.peak()
		t.add(word(one.subject), cell{figure: figure{Num: sparkline(one.points, columns)}},
			value(one.floor().y, seconds), value(peak.y, seconds), cell{figure: figure{Num: span(max(peak.x-r.Series.WindowS/2, 0))}})
	}
	return t
}

// sparkTracks are what the bars show: the 99th percentile, or where most
// windows have too few requests for that, the mean.
func sparkTracks(r *result.Result) (title string, all []track) {
	all = tracks(r, named("latency_p99_s"))
	for _, one := range all {
		known := 0
		for _, p := range one.points {
			if !math.IsNaN(p.y) {
				known++
			}
		}
		if 2*known >= len(one.points) {
			return "p99 over time", all
		}
	}
	return "mean over time", tracks(r, named("latency_mean_s"))
}

// sparkline is points as so many bars at most, each as high as its highest
// point; a part without any is blank.
func sparkline(points []point, columns int) string {
	columns = min(columns, len(points))
	top := 0.0
	for _, p := range points {
		if !math.IsNaN(p.y) {
			top = max(top, p.y)
		}
	}
	var line strings.Builder
	for c := range columns {
		part := points[c*len(points)/columns : (c+1)*len(points)/columns]
		high := math.NaN()
		for _, p := range part {
			if !math.IsNaN(p.y) && !(p.y <= high) {
				high = p.y
			}
		}
		switch {
		case math.IsNaN(high):
			line.WriteByte(' ')
		case top == 0:
			line.WriteRune(sparks[0])
		default:
			at := int(math.Ceil(high/top*float64(len(sparks)))) - 1
			line.WriteRune(sparks[min(max(at, 0), len(sparks)-1)])
		}
	}
	return line.String()
}
