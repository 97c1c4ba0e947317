// Package reports renders a [result.Result], or a [result.Comparison], for
// people and for their tools.
//
// In the order in which you meet them:
//
//   - [Text] and [ComparisonText] write the summary for a terminal.
//   - [JSON] and [ComparisonJSON] write the document itself.
//   - [Markdown] and [ComparisonMarkdown] write tables for a wiki or a pull
//     request.
//   - [CSV], [ComparisonCSV] and [TimeseriesCSV] write one figure a row.
//   - [HTML] and [ComparisonHTML] write one page that needs nothing else.
//
// A page shows each chart as an SVG, which is what is printed and what a reader
// without scripts sees. Charts with an axis of time, load or percentile bring
// their numbers along too (live.go), and the script of the page (page/charts.js)
// has uPlot draw them, for values under the pointer and zoom (page.go).
//
// Inside, a document becomes tables (table.go: a [cell] is a number, its
// doubt and its unit) and pictures (picture.go: lines and bars in data
// coordinates, without a word about drawing). The writers of text, Markdown
// and HTML render the same tables, so that no two of them can disagree. To add
// a chart, write chart_NAME.go, which makes a picture of a Result, and add its
// row to a group in charts.go; plot.go draws it with gonum/plot and svg.go
// turns gonum's SVG into one that a strict Content-Security-Policy lets
// through and that dark mode can recolour.
//
// The package never simulates and never judges: verdicts, intervals and the
// bottleneck are in the document (internal/study puts them there). It opens no
// file and reads no clock; cmd/capsim does that. It knows nothing about the
// TOML language beyond the names of metrics (metric.go).
//
// Invariants:
//
//   - The same document gives the same bytes: maps are walked in sorted order
//     and coordinates in pictures are rounded to a tenth of a point.
//   - At most three significant figures, fewer where the interval says so;
//     more only where rounding would hide the distance to 100 % or to the
//     value of an objective. CSV and JSON carry full precision.
//   - An estimate without a mean is printed as its note, never as a number.
//   - Names and titles are hostile: what reaches a terminal, a page, a cell of
//     a spreadsheet or a Markdown table has no control, invisible or
//     bidirectional character in it, and is escaped for where it stands
//     (safe.go).
//   - A page makes no request, runs no script but the two that it carries, which
//     its policy knows by their hashes, and needs neither eval nor an inline
//     style.
package reports
