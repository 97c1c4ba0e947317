package study

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/estimate"
	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
	"github.com/capsim/capsim/topologies"
)

const estimateHead = `# How far capsim estimate is from what is simulated

<!-- Generated: go test ./internal/study -run EstimateDocument -update -->

Queueing theory is exact for few systems. ` + "`capsim estimate`" + ` says for which of its
figures that is so, and which assumptions do not hold for the others. Below are
all designs of the gallery whose load is steady (no faults, deploys, stages or
traces, a fixed number of instances), each beside a short simulation: two
replications of some 50,000 requests. ± is half of the 95 % interval, and wide
with two replications: a difference within it means nothing. Percentiles are
those of a law that was fitted to two moments; where the mean is exact they
still are not, but for M/M/1.

What theory calls exact is held to the truth by ` + "`go test ./internal/study -run Oracle/Estimate`" + `:
30 random open networks with product form (200 in ` + "`make oracle`" + `), each figure
within four standard errors, which are at most 0.5 %. The closed networks that
others have printed, and the closed forms of single queues, are tests of
[internal/estimate](../internal/estimate).

Where the difference is large, the page of ` + "`capsim estimate`" + ` says why: bursts and
batches depend on each other, which two moments do not see; time-outs and
retries are left out; a pool that is too small keeps its callers from flooding
what is behind it; a stampede feeds on itself; a cache that starts warm, or
empty, is not yet what it will be.

| design | client | simulated mean | theory | off by | simulated p99 | theory | off by |
| :--- | :--- | ---: | ---: | ---: | ---: | ---: | ---: |
`

// onDisk is the file system.
type onDisk struct{}

func (onDisk) Open(name string) (io.ReadCloser, error) { return os.Open(name) }
func (onDisk) List(string) []string                    { return nil }

// estimateDocument writes docs/estimate.md.
func estimateDocument(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(estimateHead)
	files, err := filepath.Glob("../../topologies/*.toml")
	require.NoError(t, err)
	for _, name := range files {
		file, _ := topologies.Load(onDisk{}, name, topologies.Options{})
		require.NotNil(t, file, name)
		designs := file.Designs()
		if len(designs) == 0 {
			designs = []string{""}
		}
		for _, design := range designs {
			spec, _ := file.Spec(design)
			require.NotNil(t, spec, "%s %s", name, design)
			label := strings.TrimSpace(strings.TrimSuffix(filepath.Base(name), ".toml") + " " + design)
			estimateRows(t, &b, label, spec)
		}
	}
	return b.String()
}

// estimateRows compares one design, if its load is steady.
func estimateRows(t *testing.T, b *strings.Builder, label string, spec *node.Spec) {
	t.Helper()
	if newFigures(spec).transient() != "" {
		return
	}
	e := estimate.Of(spec)
	rate := 1.0
	for _, c := range e.Clients {
		rate += c.Offered
	}
	short := *spec
	short.Run.Duration = min(short.Run.Duration, sim.Time(50e3/rate*1e9))
	short.Run.Replications, short.Run.Precision = 2, 0
	r, err := Run(&short, Options{})
	require.NoError(t, err, label)
	for _, c := range e.Clients {
		name := spec.Nodes[c.Node].Name
		l := r.Clients[name].LatencyS
		exactly := "≈"
		if c.Latency.Exact {
			exactly = "="
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s %s | %s | %s | ≈ %s | %s |\n", label, name,
			simulated(l["mean"]), exactly, inMs(c.Latency.Mean), offBy(l["mean"], c.Latency.Mean),
			simulated(l["p99"]), inMs(c.Latency.P99), offBy(l["p99"], c.Latency.P99))
	}
}

func inMs(seconds float64) string {
	if !(seconds < 1e9) {
		return "—"
	}
	return digits(1e3*seconds, 3) + " ms"
}

// digits writes so many significant digits, and no powers of ten.
func digits(x float64, n int) string {
	if x >= 100 {
		return fmt.Sprintf("%.0f", x)
	}
	return fmt.Sprintf("%.*g", n, x)
}

func simulated(e result.Estimate) string {
	if e.Mean == nil || e.HalfWidth == nil {
		return "—"
	}
	return digits(1e3**e.Mean, 3) + " ± " + digits(1e3**e.HalfWidth, 2) + " ms"
}

func offBy(e result.Estimate, theory float64) string {
	if e.Mean == nil || !(theory < 1e9) {
		return "—"
	}
	return fmt.Sprintf("%+.1f %%", 100*(theory / *e.Mean - 1))
}

func TestEstimateDocumentIsUpToDate(t *testing.T) {
	if testing.Short() {
		t.Skip("it simulates the gallery")
	}
	const path = "../../docs/estimate.md"
	got := estimateDocument(t)
	if *updateValidation {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), got, "go test ./internal/study -run EstimateDocument -update writes it anew")
}
