package study

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// sweepCases say what [sweep] does: nothing to a run, and all to a sweep.
func sweepCases() []keyCase {
	table := "\n[sweep]\n\"server.web.cores\" = [1, 3]\n"
	return []keyCase{{
		key: "sweep", base: keyOneCore + keyRun, old: keyRun, new: keyRun + table,
		effect: func(t *testing.T, before, after keyAnswer) {
			sameNumbers(t, before, after)
			s := swept(t, keyOneCore+keyRun+table)
			if assert.Len(t, s.Points, 2) {
				busy := func(i int) float64 { return *s.Points[i].Nodes["web"].Utilization["cpu"].Mean }
				assert.InDelta(t, busy(0)/3, busy(1), 1e-3, "the same work on three cores")
			}
		},
	}}
}
