package reports

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"github.com/capsim/capsim/internal/result"
)

// CSV writes every figure of r, one a row: subject, metric, value, half width
// of the 95 % interval. A figure that could not be told, or has no interval,
// leaves its cell empty. The value of the subject verdict is a word: met, missed
// or undecided. Metrics are named by their path in the JSON document;
// the curve and the series are not here (see [TimeseriesCSV]).
func CSV(w io.Writer, r *result.Result) error {
	rows := [][]string{{"subject", "metric", "value", "half_width"}}
	for _, f := range reading(r) {
		rows = append(rows, []string{cellText(f.subject), cellText(f.metric), f.cell(), exact(f.half)})
	}
	return writeCSV(w, rows)
}

// TimeseriesCSV writes the series of r, one value a row: start of the window
// in seconds, subject, metric, value. A window without a value leaves the cell
// empty. Without a series there is the heading only.
func TimeseriesCSV(w io.Writer, r *result.Result) error {
	rows := [][]string{{"time_s", "subject", "metric", "value"}}
	if s := r.Series; s != nil {
		for _, row := range s.Rows {
			for i, name := range s.Columns {
				if i == 0 || i >= len(row) {
					continue
				}
				subject, metric := splitColumn(name)
				rows = append(rows, []string{exact(row[0]), cellText(subject), cellText(metric), exact(row[i])})
			}
		}
	}
	return writeCSV(w, rows)
}

// ComparisonCSV writes every figure of every design of c, then the
// differences, which name the design that they are taken from.
func ComparisonCSV(w io.Writer, c *result.Comparison) error {
	rows := [][]string{{"design", "baseline", "subject", "metric", "value", "half_width", "significant", "load"}}
	return writeCSV(w, append(rows, comparisonRows(c)...))
}

// comparisonRows are the rows of a comparison, without the heading.
func comparisonRows(c *result.Comparison) [][]string {
	var rows [][]string
	labels := designLabels(c)
	for i, r := range c.Designs {
		for _, f := range reading(r) {
			rows = append(rows, []string{
				cellText(labels[i]), "", cellText(f.subject), cellText(f.metric), f.cell(), exact(f.half), "", "",
			})
		}
	}
	for _, d := range c.Differences {
		rows = append(rows, []string{
			cellText(designLabel(d.Design)), cellText(designLabel(d.Baseline)), cellText(d.Subject), cellText(d.Metric),
			exact(d.Difference.Mean), exact(d.Difference.HalfWidth), strconv.FormatBool(d.Significant), "",
		})
	}
	return append(rows, compareRows(c, labels)...)
}

func writeCSV(w io.Writer, rows [][]string) error {
	return csv.NewWriter(w).WriteAll(rows)
}

// exact prints v in full precision; nil is an empty cell.
func exact(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'g', -1, 64)
}

// splitColumn parts the name of a column of the series: the subject reaches up
// to the last space.
func splitColumn(name string) (subject, metric string) {
	if i := strings.LastIndexByte(name, ' '); i >= 0 {
		return name[:i], name[i+1:]
	}
	return "", name
}
