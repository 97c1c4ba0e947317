package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"syscall"

	"github.com/capsim/capsim/models/node"
)

// Exit statuses.
const (
	exitOK          = 0
	exitMissed      = 1   // an objective was missed
	exitInput       = 2   // the input or the usage is wrong
	exitLimit       = 3   // a limit was reached
	exitFile        = 4   // a file could not be read or written
	exitAssertion   = 70  // an internal assertion failed
	exitInterrupted = 130 // SIGINT
	exitTerminated  = 143 // SIGTERM
)

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
	reason := e.err
	var pe *fs.PathError
	if errors.As(reason, &pe) {
		reason = pe.Err
	}
	return fmt.Sprintf("cannot %s %s: %v", e.op, e.path, reason)
}

func (e *fileError) Unwrap() error { return e.err }

// status prints what went wrong and returns the exit status for it.
func status(err error, stderr io.Writer) int {
	if err == nil {
		return exitOK
	}
	if errors.Is(err, syscall.EPIPE) {
		return exitOK // the reader of standard output has had enough
	}
	var exit *exitError
	var limit *node.LimitError
	var assertion *node.AssertionError
	var file *fileError
	switch {
	case errors.As(err, &exit):
		if exit.cause != nil {
			fmt.Fprintf(stderr, "capsim: %v\n", exit.cause)
		}
		return exit.status
	case errors.As(err, &limit):
		fmt.Fprintf(stderr, "capsim: a limit was reached: %v\n", limit)
		return exitLimit
	case errors.As(err, &assertion):
		fmt.Fprintf(stderr, "capsim: %v\nThis is a defect of capsim; please report it with the topology and the line above.\n", assertion)
		return exitAssertion
	case errors.As(err, &file):
		fmt.Fprintf(stderr, "capsim: %v\n", file)
		return exitFile
	default:
		fmt.Fprintf(stderr, "capsim: %v\n", err)
		return exitInput
	}
}
