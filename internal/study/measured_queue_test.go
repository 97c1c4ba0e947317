package study

import (
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/topologies"
)

// A Redis stream, whose consumer group of six workers got six times the
// ordinary traffic for three seconds.
const (
	streamCase    = "f_stream_burst_6w"
	streamFrom    = 12 // the window of the replay, in seconds of the measurement
	streamLength  = 18
	streamBurst   = 13 // its end
	streamDrained = 10 // messages in the system by which the backlog is worked off
)

// streamMeasured are the times from publication to the end of the work, in
// seconds, as the measurement's own summary has them for all messages.
var streamMeasured = []struct {
	name  string
	value float64
}{{"mean", 1.313078}, {"p90", 4.851151}, {"p95", 5.607721}, {"p99", 6.078172}}

// streamFetch is what a worker needs, beside the work, until it has the next
// message: half of the messages that found one idle waited for no more than
// that (server_wait p50 of the measurement).
const streamFetch = `{ wait = "0.332ms" }, `

// stream is the system in the language; fetch is what a worker does first.
func stream(warmup, duration float64, fetch string) string {
	return fmt.Sprintf(`[run]
warmup = %q
duration = %q
drain = "1s"
replications = 1
[client.publishers]
target = "stream"
arrivals = { trace = "%s.csv.gz", format = "csv", columns = { time = "arrival_s" }, unit = "s" }
[queue.stream]
consumer = "group.work"
[server.group]
instances = 6
concurrency = 1
on.work = [%s{ wait = "trace drawn_service_us unit=us" }]
`, seconds(warmup), seconds(duration), streamCase, fetch)
}

func replayStream(t *testing.T, text string) outcome {
	t.Helper()
	file, _ := topologies.Load(measuredFiles{"testdata/measured", text}, "measured.toml", topologies.Options{})
	require.NotNil(t, file)
	spec, report := file.Spec("")
	require.NotNil(t, spec, "%v\n%s", report.Diagnostics(), text)
	outcomes, err := runAll([]*node.Spec{spec}, Options{})
	require.NoError(t, err)
	return outcomes[0]
}

// measuredColumns reads numbers of a compressed table.
func measuredColumns(t *testing.T, name string, columns ...int) [][]float64 {
	t.Helper()
	in, err := os.Open("testdata/measured/" + name + ".csv.gz")
	require.NoError(t, err)
	defer in.Close()
	unpacked, err := gzip.NewReader(in)
	require.NoError(t, err)
	rows, err := csv.NewReader(unpacked).ReadAll()
	require.NoError(t, err)
	out := make([][]float64, len(columns))
	for _, row := range rows[1:] {
		for i, c := range columns {
			x, err := strconv.ParseFloat(row[c], 64)
			require.NoError(t, err)
			out[i] = append(out[i], x)
		}
	}
	return out
}

// backlog is how many messages were in the system, by windows of time.
type backlog struct {
	size  float64 // of a window, in seconds
	means []float64
}

// peak is the most, and drained the time by which it had been worked off.
func (b backlog) peak() float64 { return slices.Max(b.means) }

func (b backlog) drained() float64 {
	top := slices.Index(b.means, b.peak())
	for i := top; i < len(b.means); i++ {
		if b.means[i] <= streamDrained {
			return streamFrom + b.size*float64(i)
		}
	}
	return math.Inf(1)
}

func simulatedBacklog(t *testing.T, fetch string) backlog {
	t.Helper()
	first := measuredColumns(t, streamCase, 0)[0][0]
	s := replayStream(t, stream(streamFrom-first, streamLength, fetch)).figures.series()
	b := backlog{size: s.WindowS}
	waiting, working := slices.Index(s.Columns, "stream queue"), slices.Index(s.Columns, "group in_flight")
	for _, row := range s.Rows {
		b.means = append(b.means, *row[waiting]+*row[working])
	}
	return b
}

// measuredBacklog averages the samples, ten a second, over the same windows.
func measuredBacklog(t *testing.T, size float64) backlog {
	t.Helper()
	b := backlog{size: size, means: make([]float64, int(math.Round(streamLength/size)))}
	samples := make([]float64, len(b.means))
	columns := measuredColumns(t, streamCase+"_backlog", 0, 1)
	for i, at := range columns[0] {
		if k := int(math.Floor((at - streamFrom) / size)); k >= 0 && k < len(samples) {
			b.means[k] += columns[1][i]
			samples[k]++
		}
	}
	for k := range samples {
		b.means[k] /= samples[k]
	}
	return b
}

// TestBacklogIsThatOfTheStream demands the peak of the backlog, and the time at
// which it was worked off, to within 5 %; with the time that it takes to fetch a
// message, the same of the time since the end of the burst, and of the times that
// messages took.
func TestBacklogIsThatOfTheStream(t *testing.T) {
	bare, fetching := simulatedBacklog(t, ""), simulatedBacklog(t, streamFetch)
	measured := measuredBacklog(t, bare.size)
	assert.InEpsilon(t, measured.peak(), bare.peak(), 0.05)
	assert.InEpsilon(t, measured.drained(), bare.drained(), 0.05)
	assert.InEpsilon(t, measured.peak(), fetching.peak(), 0.05)
	assert.InEpsilon(t, measured.drained()-streamBurst, fetching.drained()-streamBurst, 0.05)
	q := replayStream(t, stream(0, 61, streamFetch)).Nodes["stream"].Queue
	require.Equal(t, uint64(len(measuredColumns(t, streamCase, 0)[0])), q.Acknowledged, "every message")
	for _, m := range streamMeasured {
		assert.InEpsilon(t, m.value, *q.TotalS[m.name].Mean, 0.05, m.name)
	}
}

// TestReplayOfTheStreamIsTheTextbookQueue compares the replay with six workers
// that take the oldest message when they are free, as a few lines compute it.
func TestReplayOfTheStreamIsTheTextbookQueue(t *testing.T) {
	columns := measuredColumns(t, streamCase, 0, 1)
	var free [6]int64
	waited, spent := int64(0), int64(0)
	first := int64(math.Round(columns[0][0] * 1e9))
	for i := range columns[0] {
		at, takes := int64(math.Round(columns[0][i]*1e9))-first, int64(columns[1][i])*1000
		k := 0
		for j := range free {
			if free[j] < free[k] {
				k = j
			}
		}
		begins := max(at, free[k])
		free[k] = begins + takes
		waited += begins - at
		spent += free[k] - at
	}
	out := replayStream(t, stream(0, 61, ""))
	q := out.figures.snaps[0].Nodes[indexOf(out.figures.spec, "stream", node.Queue)].Queue
	assert.InDelta(t, waited, q.Age.Sum().Float64(), 0)
	assert.InDelta(t, spent, q.Total.Sum().Float64(), 0)
	assert.InDelta(t, waited, q.Depth.Float64(), 0, "Little's law")
}

const streamText = `
### A queue: a Redis stream

Messages go to a stream of Redis, from which a consumer group of six workers
takes them, the oldest first; each works for 20 ms on average. From 10 s to 13 s
900 of them come a second instead of 150, six times what is usual and three times
what the workers can do. In the language it is ` + "`[queue.stream]`" + ` before a server of
six instances with one worker each. That is the bare queue, and given the same
messages a test demands the waits of the textbook's, to the nanosecond. What it
lacks is the third of a millisecond that a worker needs until it has the next
message (the median of those that found a worker idle), a step before the work.

*In the system* are messages that wait or are at work; the backlog is worked off
when at most ten are left. The tolerance is 5 %: of the peak and of the time at
which the backlog was worked off; with the time to fetch a message of all figures.
`

func describeStream(t *testing.T, b *strings.Builder) {
	t.Helper()
	b.WriteString(streamText)
	bare, fetching := simulatedBacklog(t, ""), simulatedBacklog(t, streamFetch)
	measured := measuredBacklog(t, bare.size)
	b.WriteString("\n| figure | measured | bare | difference | with fetching | difference |\n| --- | ---: | ---: | ---: | ---: | ---: |\n")
	row := func(name, format string, m, s, f float64) {
		fmt.Fprintf(b, "| %s | "+format+" | "+format+" | %+.1f %% | "+format+" | %+.1f %% |\n", name, m, s, 100*(s/m-1), f, 100*(f/m-1))
	}
	row("most in the system", "%.0f", measured.peak(), bare.peak(), fetching.peak())
	row("worked off at", "%.1f s", measured.drained(), bare.drained(), fetching.drained())
	row("worked off after the burst", "%.1f s", measured.drained()-streamBurst, bare.drained()-streamBurst, fetching.drained()-streamBurst)
	one, other := replayStream(t, stream(0, 61, "")).Nodes["stream"].Queue, replayStream(t, stream(0, 61, streamFetch)).Nodes["stream"].Queue
	for _, m := range streamMeasured {
		row("from publication to the end of the work, "+m.name, "%.2f s", m.value, *one.TotalS[m.name].Mean, *other.TotalS[m.name].Mean)
	}
}
