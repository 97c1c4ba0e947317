package study

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
)

// Options say how to run, never what: no result depends on them.
type Options struct {
	Version  string
	Parallel int          // replications at once; 0: one per core
	Stop     *atomic.Bool // nil, or becomes true when the run is to end early
	Progress func(done, total int)
	Percents bool // Progress counts percents of replications, for long ones

	choice *node.Choice // nil, or which requests of the first replication are chosen to be traced
}

// Run simulates all replications of a topology and summarises them. Stopped
// early, it returns what was finished, marked as truncated, with
// node.ErrStopped; the result is nil if nothing was. Any other error
// (*node.LimitError, *node.AssertionError) comes without a result.
func Run(spec *node.Spec, opt Options) (*result.Result, error) {
	followed := *spec
	followed.Follow = true
	results, err := runAll([]*node.Spec{&followed}, opt)
	if len(results) == 0 {
		return nil, err
	}
	return results[0].Result, err
}

// outcome is a design's result and the figures of its replications.
type outcome struct {
	*result.Result
	figures *figures
}

// runAll simulates designs with the same warm-up. Designs that had been
// finished when the study was stopped are whole; of the one that was at work
// there is what it had.
func runAll(specs []*node.Spec, opt Options) ([]outcome, error) {
	p := &ticker{show: opt.Progress, percents: opt.Percents}
	specs, late, err := settleWarmup(specs, opt)
	if err != nil {
		return nil, err
	}
	all := make([]*figures, len(specs))
	for i, spec := range specs {
		all[i] = newFigures(spec)
		p.total += spec.Run.Replications * p.of()
	}
	precise := wantPrecision(specs)
	if precise {
		err = replicateToPrecision(all, opt, p)
	} else {
		for i := 0; i < len(all) && err == nil; i++ {
			err = all[i].replicate(specs[i].Run.Replications, opt, p)
		}
	}
	if err != nil && !errors.Is(err, node.ErrStopped) {
		return nil, err
	}
	var out []outcome
	for i, f := range all {
		if len(f.snaps) == 0 {
			break
		}
		r := f.summarise(opt.Version)
		r.Truncated = err != nil && (precise || len(f.snaps) < f.spec.Run.Replications)
		f.warnImprecise(r)
		if late[i] {
			warnLate(r)
		}
		out = append(out, outcome{r, f})
	}
	return out, err
}

// ticker counts replications, or percents of them, for whoever watches.
type ticker struct {
	mu          sync.Mutex
	done, total int
	percents    bool
	show        func(done, total int)
}

// of is how many ticks a replication has.
func (t *ticker) of() int {
	if t.percents {
		return 100
	}
	return 1
}

func (t *ticker) tick(by int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done += by
	if t.show != nil && by > 0 {
		t.show(t.done, t.total)
	}
}

// watch counts the percents of a replication. It returns a function that
// counts what is left of it at its end.
func (t *ticker) watch(n *node.Network) (finish func()) {
	seen := 0
	if t.percents {
		n.Watch(func(done, rows int) {
			now := min(99*done/rows, 99)
			t.tick(now - seen)
			seen = now
		})
	}
	return func() { t.tick(t.of() - seen) }
}

// settleWarmup replaces an automatic warm-up by what the pilots of all
// designs find: the longest of them, so that designs are compared over the
// same window.
func settleWarmup(specs []*node.Spec, opt Options) ([]*node.Spec, []bool, error) {
	late := make([]bool, len(specs))
	found := make([]sim.Time, len(specs))
	err := each(len(specs), opt.Parallel, func(i int) error {
		if specs[i].Run.Warmup != node.Auto {
			found[i] = specs[i].Run.Warmup
			return nil
		}
		var err error
		found[i], late[i], err = node.NewNetwork(specs[i], node.Pilot).FindWarmup(opt.Stop)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	longest := sim.Time(0)
	for _, w := range found {
		longest = max(longest, w)
	}
	out := make([]*node.Spec, len(specs))
	for i, s := range specs {
		settled := *s
		if s.Run.Warmup == node.Auto {
			settled.Run.Warmup = longest
		}
		out[i] = &settled
	}
	return out, late, nil
}

// replicate runs further replications of a design until there are n, and
// takes in the snapshots of those that finished, in order. Stopped early, it
// leaves out those behind a gap, so that snapshot i is always that of
// replication i.
func (f *figures) replicate(n int, opt Options, p *ticker) error {
	first := len(f.snaps)
	snaps := make([]*node.Snapshot, max(n-first, 0))
	var mu sync.Mutex
	return each(len(snaps), opt.Parallel, func(i int) error {
		if opt.Stop != nil && opt.Stop.Load() {
			return node.ErrStopped // a short replication may never look
		}
		n := node.NewNetwork(f.spec, first+i)
		if opt.choice != nil && first+i == 0 {
			n.Choose(*opt.choice)
		}
		finish := p.watch(n)
		s, err := n.Run(opt.Stop)
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		snaps[i] = s
		// Taken in as soon as all before it have been, so that its series
		// need not be kept.
		for k := len(f.snaps) - first; k < len(snaps) && snaps[k] != nil; k++ {
			f.add(snaps[k])
		}
		finish()
		return nil
	})
}

// each calls f for 0 … n−1 on so many goroutines and returns the error of
// the smallest index that has one. After an error no further call begins.
func each(n, parallel int, f func(int) error) error {
	if parallel <= 0 {
		parallel = runtime.GOMAXPROCS(0)
	}
	errs := make([]error, n)
	var next atomic.Int64
	var failed atomic.Bool
	var wg sync.WaitGroup
	for range min(parallel, n) {
		wg.Go(func() {
			for !failed.Load() {
				i := int(next.Add(1) - 1)
				if i >= n {
					return
				}
				if errs[i] = guarded(f, i); errs[i] != nil {
					failed.Store(true)
				}
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// CrashError is a panic on one of the goroutines: broken code. As an error it
// reaches whoever can say so with the right exit status.
type CrashError struct {
	Cause any
	Stack []byte
}

func (e *CrashError) Error() string { return fmt.Sprintf("panic: %v\n\n%s", e.Cause, e.Stack) }

// guarded calls f(i) and turns a panic into an error.
func guarded(f func(int) error, i int) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &CrashError{r, debug.Stack()}
		}
	}()
	return f(i)
}
