package main

import (
	"strings"

	"github.com/capsim/capsim/internal/manual"
	"github.com/capsim/capsim/models/kind"
)

// refuse prints findings that leave nothing to be done, and returns the error
// to end with: the input is wrong, or, where that is all there is, a file
// cannot be read or written.
func (a *app) refuse(report *kind.Report) error {
	a.print(report, "nothing was simulated")
	if !report.Failed() {
		return &exitError{status: exitInput} // warnings, under --strict
	}
	for _, d := range report.Diagnostics() {
		if d.Severity() == kind.Error && !a.isFileCode(d.Code) {
			return &exitError{status: exitInput}
		}
	}
	return &exitError{status: exitFile}
}

// isFileCode reports whether a finding is that a file could not be read or
// written.
func (a *app) isFileCode(code string) bool {
	return strings.HasPrefix(code, "E00") || code == "E503" || code == "E804" && a.blocked
}

// print prints findings to standard error in the form that was asked for,
// each with a hint.
// Where standard error cannot be written to there is nobody to tell.
func (a *app) print(report *kind.Report, outcome string) {
	manual.Advise(report)
	if a.diagnostics == "json" {
		_ = report.WriteJSON(a.stderr)
		return
	}
	_ = report.WriteText(a.stderr, outcome)
}
