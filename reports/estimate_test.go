package reports

import (
	"io"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/capsim/capsim/internal/result"
)

func TestEstimatesLookAsTheyDid(t *testing.T) {
	for _, name := range []string{"estimate", "estimate-designs"} {
		e := load[result.Estimates](t, name)
		for _, form := range []struct {
			ending string
			write  func(io.Writer) error
		}{
			{"txt", func(w io.Writer) error { return EstimateText(w, e, TextOptions{}) }},
			{"narrow.txt", func(w io.Writer) error { return EstimateText(w, e, TextOptions{Width: 64}) }},
			{"md", func(w io.Writer) error { return EstimateMarkdown(w, e) }},
			{"csv", func(w io.Writer) error { return EstimateCSV(w, e) }},
			{"json", func(w io.Writer) error { return EstimateJSON(w, e) }},
			{"html", func(w io.Writer) error { return EstimateHTML(w, e) }},
		} {
			golden(t, filepath.Join("testdata", "golden", name+"."+form.ending), rendered(t, form.write))
		}
	}
}

func TestEstimatesShowWhatHasNoSteadyState(t *testing.T) {
	e := &result.Estimates{Designs: []result.DesignEstimate{{
		Clients:    map[string]result.EstimateClient{"users": {}},
		Nodes:      map[string]result.EstimateNode{"web\x1b[2J": {Kind: "server", Instances: 1, Note: "\x1b[31mred"}},
		Bottleneck: &result.Bottleneck{Node: "web\x1b[2J", Resource: "cpu", Utilization: 1.6},
	}}}
	shown := rendered(t, func(w io.Writer) error { return EstimateText(w, e, TextOptions{}) })
	assert.Contains(t, shown, "is asked for 160 % of what it has")
	assert.Contains(t, shown, "—")
	assert.NotContains(t, shown, "\x1b")
	page := rendered(t, func(w io.Writer) error { return EstimateHTML(w, e) })
	assert.Contains(t, page, `<p class="verdict bad">Bottleneck: web`)
	assert.NotContains(t, page, "\x1b")
}
