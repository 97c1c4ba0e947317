package main

import (
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"
)

// interrupt turns the first SIGINT or SIGTERM into a request to stop. The
// second ends the process at once, as if nobody had caught it.
type interrupt struct {
	stop   atomic.Bool
	signal atomic.Int32
	ch     chan os.Signal
}

// echo is how long the same signal again is taken for the first one: timeout
// and terminals send it to the process and to its group.
const echo = 50 * time.Millisecond

func catchInterrupt() *interrupt {
	i := &interrupt{ch: make(chan os.Signal, 1)}
	signal.Notify(i.ch, syscall.SIGINT, syscall.SIGTERM)
	go i.wait()
	return i
}

func (i *interrupt) wait() {
	first, ok := <-i.ch
	if !ok {
		return
	}
	i.signal.Store(exitInterrupted)
	if first == syscall.SIGTERM {
		i.signal.Store(exitTerminated)
	}
	i.stop.Store(true)
	over := time.After(echo)
	for again := first; again == first; {
		select {
		case again, ok = <-i.ch:
			if !ok {
				return
			}
		case <-over:
			signal.Reset(syscall.SIGINT, syscall.SIGTERM)
			return
		}
	}
	signal.Reset(syscall.SIGINT, syscall.SIGTERM)
	_ = syscall.Kill(os.Getpid(), syscall.SIGTERM) // one of each came: be gone
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
