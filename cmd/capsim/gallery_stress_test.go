package main

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
)

// What retries make of ten slow seconds: with three attempts each the shop
// holds a fraction of what it does without, and gives fewer answers the more
// it is asked for.
func TestStressOfTheRetryStorm(t *testing.T) {
	held := map[string]float64{}
	for _, design := range []string{"once", "three-times", "with-a-budget"} {
		_, document := capsim(t, "stress", filepath.Join(galleryDir, "retry-storm.toml"), "--design", design, "--replications", "3", "--out", "-", "--format", "json", "--quiet")
		var s result.Stress
		require.NoError(t, json.Unmarshal([]byte(document), &s))
		require.NotNil(t, s.Held.Mean, design)
		held[design] = *s.Held.Mean
		require.NotNil(t, s.Beyond, design)
		if design == "three-times" {
			assert.Contains(t, []string{result.Collapse, result.Metastable}, s.Beyond.Behaviour)
			assert.Less(t, *s.Beyond.LeastRPS.Mean, *s.Beyond.HeldRPS.Mean/2)
			assert.Equal(t, "shop", s.Breaks.Waits.Node)
		}
		t.Logf("%s: %.3f ± %.3f, %s", design, *s.Held.Mean, *s.Held.HalfWidth, s.Beyond.Behaviour)
	}
}
