package study

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
)

// recoveryCases demand that an objective on the recovery is judged by when the
// client is back, and by its value.
func recoveryCases() []keyCase {
	base := "objectives = [\"users errors < 1%\", \"users recovery < 8s\"]\n" +
		looksAfter(`health_check = { interval = "1s", timeout = "100ms", unhealthy = 2, healthy = 1 }`, "at = \"2s\"\nkill = \"app[0]\"")
	return []keyCase{{
		key: "objective.client.recovery", base: base, old: "users recovery < 8s", new: "users recovery < 100ms",
		effect: func(t *testing.T, before, after keyAnswer) {
			require.Len(t, before.Objectives, 2)
			b, a := before.Objectives[1], after.Objectives[1]
			assert.Equal(t, result.Met, b.Verdict)
			assert.Equal(t, result.Missed, a.Verdict)
			assert.Equal(t, b.Actual, a.Actual)
			require.NotNil(t, b.Actual.Mean)
			assert.InDelta(t, *before.Faults[0].DetectedS-2, *b.Actual.Mean, 0.15, "errors end when the dead machine is left out")
		},
	}, {
		key: "objective.client.recovery", base: strings.Replace(base, "unhealthy = 2", "unhealthy = 4", 1), old: "users errors < 1%", new: "users errors < 60%",
		effect: func(t *testing.T, before, after keyAnswer) {
			assert.Greater(t, *before.Objectives[1].Actual.Mean, 1.0)
			assert.Less(t, *after.Objectives[1].Actual.Mean, 0.1, "a quarter of errors is within it")
		},
	}}
}
