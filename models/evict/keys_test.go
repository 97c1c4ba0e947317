package evict

import (
	"bufio"
	"compress/gzip"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/theory"
	"github.com/capsim/capsim/sim"
)

// trace reads one of the real key traces (see NOTICE).
func trace(t testing.TB, name string) (keys []uint64) {
	t.Helper()
	file, err := os.Open("testdata/cache-keys-" + name + ".txt.gz")
	require.NoError(t, err)
	defer file.Close()
	lines, err := gzip.NewReader(file)
	require.NoError(t, err)
	for scanner := bufio.NewScanner(lines); scanner.Scan(); {
		key, err := strconv.ParseUint(scanner.Text(), 10, 32)
		require.NoError(t, err)
		keys = append(keys, key)
	}
	return keys
}

// zipf draws keys 0, 1, ... n-1 independently, key i with a probability in
// proportion to 1/(i+1)^alpha.
type zipf struct {
	p, below []float64
	stream   sim.Stream
}

func newZipf(n int, alpha float64, seed uint64) *zipf {
	z := &zipf{p: theory.ZipfLaw(n, alpha), stream: sim.Keyed(seed)}
	sum := 0.0
	for _, p := range z.p {
		sum += p
		z.below = append(z.below, sum)
	}
	return z
}

func (z *zipf) next() uint64 {
	i, _ := slices.BinarySearch(z.below, z.stream.Float64())
	return uint64(min(i, len(z.p)-1))
}

func (z *zipf) draw(n int) []uint64 {
	keys := make([]uint64, n)
	for i := range keys {
		keys[i] = z.next()
	}
	return keys
}

// hits replays keys with objects of size 1, each entered if it is not there,
// and counts those that were.
func hits(c Cache, keys []uint64) (n int) {
	for _, key := range keys {
		if c.Get(key, 0) == Hit {
			n++
		} else {
			c.Put(key, 1, 0, sim.Never)
		}
	}
	return n
}

func hitRatio(c Cache, keys []uint64) float64 {
	return float64(hits(c, keys)) / float64(len(keys))
}

// choose parses a choice that is known.
func choose(t testing.TB, text string) Choice {
	t.Helper()
	c, known, err := Parse(text)
	require.True(t, known, text)
	require.NoError(t, err, text)
	return c
}

// everyChoice is one choice for each row of the table.
func everyChoice(t testing.TB) (all []Choice) {
	for _, p := range Table {
		text := p.Name
		if p.Samples != "" {
			text += " 5"
		}
		all = append(all, choose(t, text))
	}
	return all
}
