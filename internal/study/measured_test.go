package study

import (
	"cmp"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
	"github.com/capsim/capsim/sim/stats"
	"github.com/capsim/capsim/topologies"
)

var updateValidation = flag.Bool("update", false, "write docs/validation.md anew")

// measuredSystem is a real system that was measured under traffic of which
// every arrival and every service time was noted, so that the same requests
// can be replayed.
type measuredSystem struct {
	title, text string
	folder      string // of the traces and of
	list        string // the cases; "": cases.json
	column      string // of the traces: what a request takes; "": drawn_service_us
	// topology describes the system in the language: the bare one, or with
	// the overhead that was measured apart.
	topology func(c *measuredCase, warmup sim.Time, overhead bool) string
	overhead string // what is measured apart, in a word; "": nothing
	// tolerance of a case's figures, and why it is more than usual.
	tolerance func(c *measuredCase) (share float64, why string)
	// bareToo demands it of the bare system as well as with the overhead.
	bareToo bool
	shares  bool // the cases say what each server got
	// beyond names the figures ("case figure") of the bare system that lie
	// outside of the tolerance, and why.
	beyond map[string]string
	// exempt names the cases that are shown and not judged, and why.
	exempt map[string]string
}

// measuredCase is one measurement. Times are in milliseconds, of answered
// requests that came after the warm-up.
type measuredCase struct {
	Name        string
	Description string
	Slots       int
	Queue       int     // waiting room; -1: unlimited
	DurationS   float64 `json:"duration_s"`
	WarmupS     float64 `json:"warmup_s"`
	Requests    int
	OK          int
	Refused     int
	N           int     // answered, after the warm-up
	Load        float64 // offered, of the drawn services
	Quality     string  // of the measurement, as its makers judge it
	Trace       string  // of its requests; "": that of its name

	// Of balancers: who it is, how it chooses, how much slower each of the
	// servers is than the first, and what share of the requests each got.
	Balancer       string
	Policy         string
	MaxConnections int `json:"max_connections_per_target"` // 0: unlimited
	Factors        []float64
	Shares         []float64

	Mean float64 `json:"mean_ms"`
	P50  float64 `json:"p50_ms"`
	P95  float64 `json:"p95_ms"`
	P99  float64 `json:"p99_ms"`

	// What those who measured computed for a bare queue that is given the
	// same arrivals and services.
	QueueMean float64 `json:"queue_mean_ms"`
	QueueP50  float64 `json:"queue_p50_ms"`
	QueueP95  float64 `json:"queue_p95_ms"`
	QueueP99  float64 `json:"queue_p99_ms"`
}

// slotTolerance is what the measurement's own description suggests for a
// replay.
func slotTolerance(c *measuredCase) (share float64, why string) {
	switch {
	case c.Slots == 1:
		return 0.15, ": one slot"
	case c.Load >= 0.9:
		return 0.10, ": load of 0.9 or more"
	default:
		return 0.05, ""
	}
}

// measuredFigure is one figure of a case: as measured, as the queue of those
// who measured has it (0 if they do not say), and as simulated, bare and with
// the overhead.
type measuredFigure struct {
	name           string
	unit           string
	measured       float64
	reference      float64
	bare, overhead float64
	tolerance      float64
	least, most    float64 // with the overhead, of the replications
	points         bool    // differences are counted in points of a percentage, not as a share
}

// off is by how much a simulated value is off.
func (f *measuredFigure) off(simulated float64) float64 {
	if f.points {
		return (simulated - f.measured) / 100
	}
	return simulated/f.measured - 1
}

var measuredSystems = []measuredSystem{goServer, balancers, pools}

func TestMeasuredSystemsArePredicted(t *testing.T) {
	for i := range measuredSystems {
		s := &measuredSystems[i]
		excused := map[string]bool{}
		for _, c := range s.cases(t) {
			t.Run(c.Name, func(t *testing.T) { s.judge(t, &c, excused) })
		}
		assert.Len(t, excused, len(s.beyond)+len(s.exempt), "every exception is of a figure that there is")
	}
}

// judge demands the tolerances of a case's figures, and that what is excused
// needs the excuse.
func (s *measuredSystem) judge(t *testing.T, c *measuredCase, excused map[string]bool) {
	t.Helper()
	within := true
	for _, f := range s.figures(t, c) {
		bare, overhead := math.Abs(f.off(f.bare)), math.Abs(f.off(f.overhead))
		id := c.Name + " " + f.name
		switch {
		case s.exempt[c.Name] != "":
			within = within && overhead <= f.tolerance
			continue
		case s.beyond[id] != "":
			excused[id] = true
			assert.Greater(t, bare, f.tolerance, "%s is within the tolerance: the exception is stale", f.name)
		case s.bareToo:
			assert.LessOrEqual(t, bare, f.tolerance, "%s: measured %g, simulated %g", f.name, f.measured, f.bare)
		}
		assert.LessOrEqual(t, overhead, f.tolerance, "%s: measured %g, simulated with overhead %g", f.name, f.measured, f.overhead)
	}
	if s.exempt[c.Name] != "" {
		excused[c.Name] = true
		assert.False(t, within, "all is within the tolerance: the exemption is stale")
	}
}

// measuredAnswers are the figures by system and case: a test judges them and
// the document shows them.
var measuredAnswers = map[string][]measuredFigure{}

// figures simulates a case, once, and compares its figures.
func (s *measuredSystem) figures(t *testing.T, c *measuredCase) []measuredFigure {
	t.Helper()
	id := s.title + "\n" + c.Name
	if _, known := measuredAnswers[id]; !known {
		measuredAnswers[id] = s.simulated(t, c)
	}
	return measuredAnswers[id]
}

func (s *measuredSystem) simulated(t *testing.T, c *measuredCase) []measuredFigure {
	t.Helper()
	rows := s.rows(t, c)
	bare := s.replay(t, c, rows, false)
	overhead := bare
	if s.overhead != "" {
		overhead = s.replay(t, c, rows, true)
	}
	figures := []measuredFigure{
		{name: "mean", measured: c.Mean, reference: c.QueueMean},
		{name: "p50", measured: c.P50, reference: c.QueueP50},
		{name: "p95", measured: c.P95, reference: c.QueueP95},
		{name: "p99", measured: c.P99, reference: c.QueueP99},
	}
	for i := range figures {
		f := &figures[i]
		f.unit = "ms"
		f.bare = *bare.Clients["clients"].LatencyS[f.name].Mean * 1e3
		f.overhead = *overhead.Clients["clients"].LatencyS[f.name].Mean * 1e3
		f.tolerance, _ = s.tolerance(c)
		f.least, f.most = extremes(&overhead, f.name)
	}
	if c.Queue >= 0 {
		offered := 0
		for _, r := range rows {
			if r.at >= sim.Time(c.WarmupS*1e9) {
				offered++
			}
		}
		figures = append(figures, measuredFigure{
			name: "refused", unit: "%", measured: 100 * (1 - float64(c.N)/float64(offered)), tolerance: figures[0].tolerance,
			bare: 100 * *bare.Clients["clients"].ErrorRatio.Mean, overhead: 100 * *overhead.Clients["clients"].ErrorRatio.Mean,
		})
	}
	for i, share := range c.Shares {
		figures = append(figures, measuredFigure{
			name: fmt.Sprintf("share of %s", server(i)), unit: "%", measured: 100 * share, tolerance: shareTolerance, points: true,
			bare: 100 * shareOf(bare, c, i), overhead: 100 * shareOf(overhead, c, i),
		})
	}
	return figures
}

// replay simulates a case.
func (s *measuredSystem) replay(t *testing.T, c *measuredCase, rows []measuredRow, overhead bool) outcome {
	t.Helper()
	// A trace begins with its first row: the warm-up is shorter by as much
	// as the first request was late.
	text := s.topology(c, sim.Time(c.WarmupS*1e9)-rows[0].at, overhead)
	file, report := topologies.Load(measuredFiles{s.folder, text}, "measured.toml", topologies.Options{})
	require.NotNil(t, file)
	spec, report := file.Spec("")
	require.NotNil(t, spec, "%v\n%s", report.Diagnostics(), text)
	outcomes, err := runAll([]*node.Spec{spec}, Options{})
	require.NoError(t, err)
	require.Zero(t, outcomes[0].Clients["clients"].Unfinished)
	return outcomes[0]
}

// measuredFiles is a topology in a folder of traces.
type measuredFiles struct{ folder, topology string }

func (f measuredFiles) Open(name string) (io.ReadCloser, error) {
	if name == "measured.toml" {
		return io.NopCloser(strings.NewReader(f.topology)), nil
	}
	return os.Open(filepath.Join(f.folder, name))
}

func (measuredFiles) List(string) []string { return nil }

func (s *measuredSystem) cases(t *testing.T) []measuredCase {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(s.folder, cmp.Or(s.list, "cases.json")))
	require.NoError(t, err)
	var cases []measuredCase
	require.NoError(t, json.Unmarshal(data, &cases))
	require.NotEmpty(t, cases)
	return cases
}

// measuredRow is one request of a measurement.
type measuredRow struct{ at, service sim.Time }

// rows reads the requests of a case without any help of capsim's readers.
func (s *measuredSystem) rows(t *testing.T, c *measuredCase) []measuredRow {
	t.Helper()
	in, err := os.Open(filepath.Join(s.folder, cmp.Or(c.Trace, c.Name)+".csv.gz"))
	require.NoError(t, err)
	defer in.Close()
	unpacked, err := gzip.NewReader(in)
	require.NoError(t, err)
	records, err := csv.NewReader(unpacked).ReadAll()
	require.NoError(t, err)
	require.Equal(t, []string{"arrival_s", cmp.Or(s.column, "drawn_service_us")}, records[0])
	var rows []measuredRow
	for _, r := range records[1:] {
		at, err := strconv.ParseFloat(r[0], 64)
		require.NoError(t, err)
		us, err := strconv.ParseInt(r[1], 10, 64)
		require.NoError(t, err)
		rows = append(rows, measuredRow{sim.Time(math.Round(at * 1e9)), sim.Time(us) * sim.Microsecond})
	}
	require.Len(t, rows, c.Requests)
	return rows
}

// slotted is the textbook's queue: slots, first come first served, a waiting
// room. It returns the response times of those that came after the warm-up
// and were not refused, and how many were.
func slotted(c *measuredCase, rows []measuredRow) (responses []sim.Time, refused int) {
	free := make([]sim.Time, c.Slots) // when each slot will be, in rising order
	var begins []sim.Time             // of those who may still wait
	for _, r := range rows {
		begins = slices.DeleteFunc(begins, func(at sim.Time) bool { return at <= r.at })
		counted := r.at >= sim.Time(c.WarmupS*1e9)
		if c.Queue >= 0 && free[0] > r.at && len(begins) >= c.Queue {
			if counted {
				refused++
			}
			continue
		}
		begin := max(r.at, free[0])
		begins = append(begins, begin)
		free[0] = begin + r.service
		slices.Sort(free)
		if counted {
			responses = append(responses, free[slices.Index(free, begin+r.service)]-r.at)
		}
	}
	return responses, refused
}

// TestReplayIsTheTextbookQueueToTheNanosecond compares the replay of the bare
// server with the queue as a few lines compute it, and these with what those
// who measured computed.
func TestReplayIsTheTextbookQueueToTheNanosecond(t *testing.T) {
	for _, c := range goServer.cases(t) {
		t.Run(c.Name, func(t *testing.T) {
			rows := goServer.rows(t, &c)
			responses, refused := slotted(&c, rows)
			if c.Queue < 0 {
				assert.Len(t, responses, c.N, "as many requests count as in the measurement")
			}
			out := goServer.replay(t, &c, rows, false)
			equalResponses(t, responses, &out)
			assert.EqualValues(t, refused, out.Clients["clients"].Errors["rejected"])

			slices.Sort(responses)
			latency := out.Clients["clients"].LatencyS
			assert.InEpsilon(t, c.QueueMean, *latency["mean"].Mean*1e3, 1e-3)
			for p, reference := range map[float64]float64{0.50: c.QueueP50, 0.95: c.QueueP95, 0.99: c.QueueP99} {
				exact := responses[int(math.Ceil(p*float64(len(responses))))-1]
				assert.InEpsilon(t, reference, exact.Seconds()*1e3, 1e-3, "p%g", 100*p)
				told := *latency[fmt.Sprintf("p%g", 100*p)].Mean
				assert.InEpsilon(t, exact.Seconds(), told, bucketWidth, "p%g is told to within a bucket", 100*p)
			}
		})
	}
}

// equalResponses demands that the response times of a simulation are these.
func equalResponses(t *testing.T, responses []sim.Time, out *outcome) {
	t.Helper()
	var want stats.Histogram
	for _, r := range responses {
		want.Record(int64(r))
	}
	got := &out.figures.snaps[0].Clients[0].Ops[0].Latency
	assert.Equal(t, want.Count(), got.Count())
	assert.Equal(t, want.Sum(), got.Sum(), "the sum of all response times, in nanoseconds")
	assert.Equal(t, slices.Collect(want.Buckets()), slices.Collect(got.Buckets()))
}

func TestValidationDocumentIsUpToDate(t *testing.T) {
	const path = "../../docs/validation.md"
	want := validationDocument(t)
	if *updateValidation {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(want), 0o644))
	}
	have, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, want, string(have), "go test ./internal/study -run Validation -update writes it anew")
}
