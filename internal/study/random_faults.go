package study

import (
	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim/stats"
)

// randomFault summarises fault k, which came by chance.
func (f *figures) randomFault(k int) *result.RandomFault {
	of := func(s *node.Snapshot) *node.RandomFaultStats { return s.Faults[k].Random }
	return &result.RandomFault{
		Occurrences: f.collect(func(s *node.Snapshot) (float64, float64) { return float64(of(s).Occurrences), 1 }).estimate(""),
		DownRatio: f.collect(func(s *node.Snapshot) (float64, float64) {
			return of(s).Lasted.Float64() / 1e9, float64(of(s).Instances) * f.seconds
		}).estimate(""),
		DownS: f.collect(func(s *node.Snapshot) (float64, float64) {
			return of(s).Lasted.Float64() / 1e9, float64(of(s).Occurrences)
		}).estimate("nothing failed"),
		DetectionDelayS: f.times(func(s *node.Snapshot) []*stats.Histogram { return []*stats.Histogram{&of(s).Detection} }).meanOr("nobody noticed"),
		RecoveryDelayS:  f.times(func(s *node.Snapshot) []*stats.Histogram { return []*stats.Histogram{&of(s).Recovery} }).meanOr("nothing recovered"),
	}
}

// meanOr is the mean, or the note if there is nothing.
func (t *times) meanOr(note string) result.Estimate {
	e := t.mean()
	if e.Mean == nil {
		e.Note = note
	}
	return e
}

// enoughFailures is how many of them tell anything.
const enoughFailures = 5

// warnSeldom warns of faults that came by chance, and hardly ever did.
func (f *figures) warnSeldom(add func(code, format string, args ...any)) {
	for k := range f.spec.Faults {
		spec := &f.spec.Faults[k]
		if !spec.Random() {
			continue
		}
		n := f.count(func(s *node.Snapshot) uint64 { return s.Faults[k].Random.Occurrences })
		if n < enoughFailures {
			add("W908", "%s by chance: happened %d times in all %d replications together; its figures, and how it changes the others, are mere luck", spec.String(), n, len(f.snaps))
		}
	}
}
