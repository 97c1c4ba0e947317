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
	o := reports.TextOptions{}
	file, ok := a.stdout.(*os.File)
	if !ok || !isTerminal(file) {
		return o
	}
	o.Color = !f.noColor && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	if width, _, err := term.GetSize(int(file.Fd())); err == nil && width > 0 {
		o.Width = min(width, widest)
	}
	return o
}
