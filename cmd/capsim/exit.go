package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"

	"github.com/capsim/capsim/internal/study"
	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
)

// Exit statuses.
const (
	exitOK          = 0
	exitMissed      = 1   // an objective was missed, or there is a regression
	exitInput       = 2   // the input or the usage is wrong
	exitLimit       = 3   // a limit was reached
	exitFile        = 4   // a file could not be read or written
	exitAssertion   = 70  // an internal assertion failed
	exitInterrupted = 130 // SIGINT
	exitTerminated  = 143 // SIGTERM
)

// exitTable is what the help says about them.
const exitTable = `  0         done; no objective was missed
  1         an objective was missed, or a figure is worse than the baseline's
  2         the input, or the command line, is wrong
  3         a limit was reached
  4         a file could not be read or written
  70        an internal assertion failed: a defect of capsim
  130, 143  interrupted; what was finished is written, marked as truncated
`

// exitError ends the command with a status. Its cause, if any, is printed;
// without one everything has been said.
type exitError struct {
	status int
	cause  error
}

func (e *exitError) Error() string {
	if e.cause == nil {
		return fmt.Sprintf("exit status %d", e.status)
	}
	return e.cause.Error()
}

func (e *exitError) Unwrap() error { return e.cause }

// fileError is a file that could not be read or written.
type fileError struct {
	op, path string
	err      error
}

func (e *fileError) Error() string {
	return fmt.Sprintf("cannot %s %s: %v", e.op, shown(e.path), reason(e.err))
}

func (e *fileError) Unwrap() error { return e.err }

// reason is an error of the operating system without the paths, which may be
// those of temporary files.
func reason(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}

// shown is a path fit for a line of a terminal.
func shown(path string) string {
	if _, position := kind.Invisible(path); position > 0 {
		return kind.QuoteText(path)
	}
	return path
}

// defect is a panic: broken code, never broken input.
type defect struct{ what any }

func (d *defect) Error() string { return fmt.Sprint(d.what) }

func isBrokenPipe(err error) bool { return errors.Is(err, syscall.EPIPE) }

// status prints what went wrong and returns the exit status for it.
func status(err error, stderr io.Writer) int {
	var exit *exitError
	var limit *node.LimitError
	var assertion *node.AssertionError
	var broken *defect
	var crash *study.CrashError
	var file *fileError
	code := exitInput
	message := fmt.Sprint(err)
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &exit):
		if exit.cause == nil {
			return exit.status
		}
		code = exit.status
	case errors.As(err, &limit):
		code, message = exitLimit, "a limit was reached: "+limit.Error()
	case errors.As(err, &assertion), errors.As(err, &broken), errors.As(err, &crash):
		code = exitAssertion
		message += "\nThis is a defect of capsim; please report it with the topology, the command and the lines above."
	case errors.As(err, &file):
		code = exitFile
	}
	fmt.Fprintf(stderr, "capsim: %s\n", message)
	return code
}
