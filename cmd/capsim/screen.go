package main

import (
	"os"

	"golang.org/x/term"

	"github.com/capsim/capsim/reports"
)

// widest is where lines become too long to read across.
const widest = 120

// textOptions fits the summary to the terminal; what is not a terminal gets
// the same bytes everywhere.
func (a *app) textOptions(f *outputFlags) reports.TextOptions {
	color, width := a.terminal(f.noColor)
	return reports.TextOptions{Color: color, Width: width}
}

// terminal says what standard output can show: colours, and how many columns;
// none and 0 where it is no terminal.
func (a *app) terminal(noColor bool) (color bool, width int) {
	file, ok := a.stdout.(*os.File)
	if !ok || !isTerminal(file) {
		return false, 0
	}
	color = !noColor && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	if columns, _, err := term.GetSize(int(file.Fd())); err == nil && columns > 0 {
		width = min(columns, widest)
	}
	return color, width
}
