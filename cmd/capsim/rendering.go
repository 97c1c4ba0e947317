package main

import (
	"io"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/reports"
)

// rendering draws a document in each of the forms that there are.
type rendering[T any] struct {
	text                      func(io.Writer, T, reports.TextOptions) error
	json, markdown, csv, html func(io.Writer, T) error
}

// The documents of the verbs that simulate.
var (
	runForms      = rendering[*result.Result]{reports.Text, reports.JSON, reports.Markdown, reports.CSV, reports.HTML}
	compareForms  = rendering[*result.Comparison]{reports.ComparisonText, reports.ComparisonJSON, reports.ComparisonMarkdown, reports.ComparisonCSV, reports.ComparisonHTML}
	whatIfForms   = rendering[*result.WhatIf]{reports.WhatIfText, reports.WhatIfJSON, reports.WhatIfMarkdown, reports.WhatIfCSV, reports.WhatIfHTML}
	drillForms    = rendering[*result.DrillReport]{reports.DrillText, reports.DrillJSON, reports.DrillMarkdown, reports.DrillCSV, reports.DrillHTML}
	mapForms      = rendering[*result.DrillMap]{reports.MapText, reports.MapJSON, reports.MapMarkdown, reports.MapCSV, reports.MapHTML}
	stressForms   = rendering[*result.Stress]{reports.StressText, reports.StressJSON, reports.StressMarkdown, reports.StressCSV, reports.StressHTML}
	soakForms     = rendering[*result.Soak]{reports.SoakText, reports.SoakJSON, reports.SoakMarkdown, reports.SoakCSV, reports.SoakHTML}
	sweepForms    = rendering[*result.Sweep]{reports.SweepText, reports.SweepJSON, reports.SweepMarkdown, reports.SweepCSV, reports.SweepHTML}
	reportForms   = rendering[*result.Report]{reports.ReportText, reports.ReportJSON, reports.ReportMarkdown, reports.ReportCSV, reports.ReportHTML}
	estimateForms = rendering[*result.Estimates]{reports.EstimateText, reports.EstimateJSON, reports.EstimateMarkdown, reports.EstimateCSV, reports.EstimateHTML}
	planForms     = rendering[*result.Plan]{reports.PlanText, reports.PlanJSON, reports.PlanMarkdown, reports.PlanCSV, reports.PlanHTML}
)

// files are those of a report that hold the whole document: JSON, CSV and the
// page.
func (r *rendering[T]) files(names []string, document T) []output {
	file := func(name string, draw func(io.Writer, T) error) output {
		return output{name, func(w io.Writer) error { return draw(w, document) }}
	}
	return []output{file(names[0], r.json), file(names[1], r.csv), file(names[2], r.html)}
}

// answer draws the document on standard output, in the form that is asked for.
func (r *rendering[T]) answer(a *app, f *outputFlags, document T) error {
	return a.answer(func(w io.Writer) error {
		switch f.format {
		case "json":
			return r.json(w, document)
		case "markdown":
			return r.markdown(w, document)
		case "csv":
			return r.csv(w, document)
		}
		return r.text(w, document, a.textOptions(f))
	})
}
