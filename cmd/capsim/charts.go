package main

import (
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/reports"
)

// chartsFolder is the folder inside that of the report where charts go.
const chartsFolder = "charts"

// bindCharts binds the flag of the verbs whose report has a page.
func (f *outputFlags) bindCharts(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.charts, "charts", "", "write each chart of the page to a file too, as `FORMS`: svg, png, pdf")
}

// settleCharts checks the value.
func (f *outputFlags) settleCharts(c complaints) {
	if _, given := c.line.values["--charts"]; !given {
		return
	}
	const hint = "for example --charts png,pdf"
	for form := range strings.SplitSeq(f.charts, ",") {
		switch form = strings.TrimSpace(form); {
		case !slices.Contains(reports.ChartForms(), form):
			c.add("--charts", hint, "expected svg, png or pdf, got %s%s", kind.QuoteText(form), kind.DidYouMean(form, reports.ChartForms()))
		case !slices.Contains(f.forms, form):
			f.forms = append(f.forms, form)
		}
	}
	if f.out == "-" {
		c.add("--charts", "leave out one of the two", "goes with a report, and --out - writes none")
	}
}

// withCharts adds the charts of the page among the files of a report, each in
// each of the forms.
func withCharts(outputs []output, forms []string) ([]output, error) {
	if len(forms) == 0 {
		return outputs, nil
	}
	all := slices.Clone(outputs)
	for _, out := range outputs {
		if path.Ext(out.name) != ".html" {
			continue
		}
		charts, err := reports.Charts(out.draw)
		if err != nil {
			return nil, err
		}
		for _, chart := range charts {
			for _, form := range forms {
				all = append(all, output{
					path.Join(chartsFolder, chart.Name+"."+form),
					func(w io.Writer) error { return chart.Write(w, form) },
				})
			}
		}
	}
	return all, nil
}

// otherCharts are the files in the folder of the charts that look like charts
// and were not written now: of an earlier report of something else, or of
// another verb. They stay, as nobody can tell whose they are; who looks at the
// folder is told.
func otherCharts(dir string, written, forms []string) []string {
	if len(forms) == 0 {
		return nil
	}
	entries, err := os.ReadDir(filepath.Join(dir, chartsFolder))
	if err != nil {
		return nil
	}
	var others []string
	for _, e := range entries {
		form := strings.TrimPrefix(filepath.Ext(e.Name()), ".")
		if slices.Contains(reports.ChartForms(), form) && !slices.Contains(written, path.Join(chartsFolder, e.Name())) {
			others = append(others, shown(e.Name()))
		}
	}
	return others
}
