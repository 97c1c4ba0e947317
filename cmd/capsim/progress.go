package main

import (
	"io"
	"os"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// isTerminal reports whether w is a terminal.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// progress returns a function that shows how many replications are done, on
// a terminal, and one that wipes it off. It is there from the beginning: the
// first replication may take long.
func progress(w io.Writer, quiet bool, total int) (show func(done, total int), wipe func()) {
	return progressOf(w, quiet, "simulating", total)
}

// progressOf is the same of something else, or of one of several parts, which it names.
func progressOf(w io.Writer, quiet bool, what string, total int) (show func(done, total int), wipe func()) {
	if quiet || !isTerminal(w) {
		return nil, func() {}
	}
	bar := progressbar.NewOptions(total,
		progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(what),
		progressbar.OptionSetWidth(30), progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true),
		progressbar.OptionClearOnFinish(), progressbar.OptionSetRenderBlankState(true))
	// A bar that cannot be drawn is no reason to stop. How many replications
	// a precision takes is found out on the way.
	show = func(done, now int) {
		if now != total {
			total = now
			bar.Reset() // it may have been full
			bar.ChangeMax(total)
		}
		_ = bar.Set(done)
	}
	return show, func() { _ = bar.Clear() }
}
