package study

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/kind"
)

// TestEveryWarningOfARunIsExplained reads the program: a code in a report
// must be one that capsim explain knows.
func TestEveryWarningOfARunIsExplained(t *testing.T) {
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	found := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, m := range regexp.MustCompile(`"(W9\d\d)"`).FindAllSubmatch(text, -1) {
			_, known := kind.LookUpCode(string(m[1]))
			assert.True(t, known, "%s: %s", file, m[1])
			found++
		}
	}
	assert.GreaterOrEqual(t, found, 6)
}
