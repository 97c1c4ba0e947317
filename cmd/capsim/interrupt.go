package main

import (
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
)

// interrupt turns the first SIGINT or SIGTERM into a request to stop. The
// second ends the process at once, as if nobody had caught it.
type interrupt struct {
	stop   atomic.Bool
	signal atomic.Int32
	ch     chan os.Signal
}

func catchInterrupt() *interrupt {
	i := &interrupt{ch: make(chan os.Signal, 1)}
	signal.Notify(i.ch, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		s, ok := <-i.ch
		if !ok {
			return
		}
		signal.Reset(syscall.SIGINT, syscall.SIGTERM)
		if s == syscall.SIGTERM {
			i.signal.Store(exitTerminated)
		} else {
			i.signal.Store(exitInterrupted)
		}
		i.stop.Store(true)
	}()
	return i
}

// release gives the signals back.
func (i *interrupt) release() {
	signal.Stop(i.ch)
	close(i.ch)
}

// status is the exit status that the signal asks for, 0 if none came.
func (i *interrupt) status() int { return int(i.signal.Load()) }

// ignoreBrokenPipes lets a write to a closed pipe fail instead of ending the
// process, so that the report is complete and the exit status is right
// whatever the reader of standard output does.
func ignoreBrokenPipes() { signal.Ignore(syscall.SIGPIPE) }
