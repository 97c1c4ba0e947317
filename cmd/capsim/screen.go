package main

import (
	"os"

	"golang.org/x/term"

	"github.com/capsim/capsim/reports"
)

// textOptions fits the summary to the terminal.
func (a *app) textOptions(f *simFlags) reports.TextOptions {
	o := reports.TextOptions{}
	if !isTerminal(a.stdout) {
		return o
	}
	o.Color = !f.noColor && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	if file, ok := a.stdout.(*os.File); ok {
		if width, _, err := term.GetSize(int(file.Fd())); err == nil {
			o.Width = min(width, 120)
		}
	}
	return o
}

func makeDir(dir string) error { return os.MkdirAll(dir, 0o755) }
