package dist

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestKeysAreCountedAndTheirSharesAddUp(t *testing.T) {
	for _, one := range []struct {
		text string
		n    uint64
		top  float64 // share of key 0
	}{
		{"zipf s=1 n=1000", 1000, 0.13359213}, // ORACLES.md A11
		{"zipf s=0.8 n=1000", 1000, 0.064642033},
		{"uniform n=1k", 1000, 0.001},
		{"integers 0..9", 10, 0.1},
		{"constant 3", 4, 0},
	} {
		law, err := Parse(one.text, Key, nil)
		require.Nil(t, err, one.text)
		assert.Equal(t, one.n, KeyCount(law), one.text)
		assert.InDelta(t, one.top, KeyShare(law, 0), 1e-8, one.text)
		sum := 0.0
		for k := range one.n {
			sum += KeyShare(law, k)
		}
		assert.InDelta(t, 1, sum, 1e-9, one.text)
		assert.InDelta(t, 0, KeyShare(law, one.n), 1e-12, one.text)
	}
}
