package arrival

import (
	"bufio"
	"compress/gzip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/sim"
)

// perSecondOf counts the rows of an Azure trace in each second from its first,
// with the clock of the standard library, and sums a column.
func perSecondOf(t *testing.T, path string, speed int64) (counts map[int64]int, tokens float64) {
	t.Helper()
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	require.NoError(t, err)
	counts = map[int64]int{}
	var first time.Time
	lines := bufio.NewScanner(unzipped)
	lines.Scan() // the header
	for lines.Scan() {
		fields := strings.Split(lines.Text(), ",")
		at, err := time.Parse("2006-01-02 15:04:05.0000000", fields[0])
		require.NoError(t, err)
		if first.IsZero() {
			first = at
		}
		counts[at.Sub(first).Nanoseconds()/(1e9*speed)]++
		for _, c := range fields[2] {
			require.Contains(t, "0123456789", string(c))
		}
		n := 0.0
		for _, c := range fields[2] {
			n = 10*n + float64(c-'0')
		}
		tokens += n
	}
	return counts, tokens
}

func TestAzureTracesAreReplayedToTheRequest(t *testing.T) {
	for _, tt := range []struct {
		path        string
		rows        int
		fiveMinutes []int // as whoever collected the data counted them
		busiest     int   // second
	}{
		{"../../topologies/data/azure-llm-2023-code.csv.gz", 8819, []int{781, 701, 1116, 1030, 1199, 913, 881, 870, 577, 32, 363, 356}, 67},
		{"testdata/azure-llm-2023-conv.csv.gz", 3000, []int{1445, 1422}, 0},
	} {
		file, err := os.Open(tt.path)
		require.NoError(t, err)
		trace, problems := ReadCSV(file, CSVOptions{Time: "TIMESTAMP", Want: []string{"GeneratedTokens"}})
		require.NoError(t, file.Close())
		require.Empty(t, problems)
		require.Len(t, trace.Times, tt.rows)
		for _, speed := range []int64{1, 10} {
			want, tokens := perSecondOf(t, tt.path, speed)
			got := map[int64]int{}
			sum := 0.0
			p := TracePlan{Trace: trace, Speed: float64(speed)}.Start(-7, nil)
			for {
				at, row, ok := p.Next()
				if !ok {
					break
				}
				got[int64((at+7)/sim.Second)]++
				sum += trace.Columns["GeneratedTokens"][row]
			}
			assert.Equal(t, want, got, "%s at speed %d", tt.path, speed)
			assert.InDelta(t, tokens, sum, 0)
		}
		for i, n := range tt.fiveMinutes {
			assert.InDelta(t, n, within(trace.Times, float64(300*i), float64(300*i+300)), 0, "%s, part %d", tt.path, i)
		}
		busiest := 0
		counts, _ := perSecondOf(t, tt.path, 1)
		for _, n := range counts {
			busiest = max(busiest, n)
		}
		if tt.busiest > 0 {
			assert.Equal(t, tt.busiest, busiest)
		}
	}
}
