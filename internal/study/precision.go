package study

import (
	"fmt"
	"math"
	"slices"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
)

// precisionQuantile is the percentile that a precision is about.
const precisionQuantile = 0.99

func wantPrecision(specs []*node.Spec) bool {
	return slices.ContainsFunc(specs, func(s *node.Spec) bool { return s.Run.Precision > 0 })
}

// replicateToPrecision adds replications to all designs alike, wave by wave,
// until each is as precise as it demands. What is judged is whole waves, so
// that the number does not depend on which replications finish first.
func replicateToPrecision(all []*figures, opt Options, p *ticker) error {
	n := 0
	for _, f := range all {
		n = max(n, f.spec.Run.Replications)
	}
	for {
		p.total = n * len(all) * p.of()
		for _, f := range all {
			if err := f.replicate(n, opt, p); err != nil {
				return err
			}
		}
		if n >= node.PrecisionMost || !slices.ContainsFunc(all, (*figures).imprecise) {
			return nil
		}
		n = min(n+node.PrecisionWave, node.PrecisionMost)
	}
}

// imprecise reports whether any client's percentile has a wider interval than
// the design demands, or none.
func (f *figures) imprecise() bool {
	return slices.ContainsFunc(f.snaps[0].Clients, func(c node.ClientStats) bool { return !f.precise(c.Node) })
}

func (f *figures) precise(client int) bool {
	wanted := f.spec.Run.Precision
	if wanted == 0 {
		return true
	}
	e := f.clientTimes(client).quantile(precisionQuantile)
	return e.Mean != nil && e.HalfWidth != nil && *e.HalfWidth <= float64(wanted**e.Mean)
}

// warnImprecise tells of every client that is known less precisely than was
// demanded, and how many replications would do.
func (f *figures) warnImprecise(r *result.Result) {
	wanted, n := f.spec.Run.Precision, len(f.snaps)
	for i := range f.snaps[0].Clients {
		at := f.snaps[0].Clients[i].Node
		if f.precise(at) {
			continue
		}
		e := f.clientTimes(at).quantile(precisionQuantile)
		message := fmt.Sprintf("%s: p99 is wanted to ±%.3g %%, but after %s ", f.spec.Nodes[at].Name, 100*wanted, replications(n))
		switch {
		case e.Mean == nil:
			message += "there is none: " + e.Note
		case e.HalfWidth == nil:
			message += "has no interval"
		default:
			reached := *e.HalfWidth / *e.Mean
			needed := math.Ceil(float64(n) * float64(reached/wanted*reached/wanted))
			message += fmt.Sprintf("is known to ±%.3g %%; about %.0f would be needed, or a longer run", 100*reached, needed)
		}
		r.Warnings = append(r.Warnings, result.Warning{Code: "W905", Message: message})
	}
}

func replications(n int) string {
	if n == 1 {
		return "1 replication"
	}
	return fmt.Sprintf("%d replications", n)
}
