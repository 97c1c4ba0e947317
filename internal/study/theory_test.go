package study

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/estimate"
	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
)

// Whatever theory says of the topologies of the oracles it says at once, and
// where it says that it is exact it agrees with the closed forms that the
// simulation is held to.
func TestEstimatesThatAreExactAgreeWithTheOracles(t *testing.T) {
	compared := 0
	for _, family := range families(t) {
		if family.name == "Estimate" {
			continue // these have their facts from there
		}
		for i := range family.oracles {
			o := &family.oracles[i]
			spec := specOf(t, o.topology+runTable(100, 0, 1, 1))
			if newFigures(spec).transient() != "" {
				continue
			}
			e := estimate.Of(spec)
			for _, f := range o.facts {
				if got, exact := estimated(e, spec, f.figure); exact {
					compared++
					assert.InDelta(t, f.exact, got, 1.1*f.slack+2e-6*math.Abs(f.exact), "%s, %s: %s\n%s", family.name, o.name, f.figure, o.topology)
				}
			}
		}
	}
	t.Logf("%d figures that are exact", compared)
	assert.Greater(t, compared, 150)
}

// estimated is a figure of an estimate, and whether it is exact.
func estimated(e *estimate.Estimate, spec *node.Spec, figure string) (value float64, exact bool) {
	w := append(strings.Fields(figure), "", "")
	for _, c := range e.Clients {
		if spec.Nodes[c.Node].Name != w[0] {
			continue
		}
		switch w[1] + " " + w[2] {
		case "latency mean":
			return c.Latency.Mean, c.Latency.Exact
		case "latency p99":
			return c.Latency.P99, c.Latency.TailExact
		case "throughput ":
			return c.Throughput, c.Latency.Exact
		}
	}
	for _, n := range e.Nodes {
		if spec.Nodes[n.Node].Name != w[0] {
			continue
		}
		switch w[1] + " " + w[2] {
		case "response mean":
			return n.Response.Mean, n.Response.Exact
		case "cpu utilization":
			return n.Utilization, n.Response.Exact && n.Rejected == 0
		}
	}
	return 0, false
}

func TestTheoryStandsBesideTheNodesOfARun(t *testing.T) {
	r, err := Run(specOf(t, web(80, "", cpu("exp 10ms"))+runTable(200, 10, 3, 1)), Options{})
	require.NoError(t, err)
	theory := r.Nodes["web"].Theory
	require.NotNil(t, theory)
	require.NotNil(t, theory.ResponseMeanS)
	assert.InEpsilon(t, 0.05, *theory.ResponseMeanS, 1e-9)
	assert.InEpsilon(t, 0.8, *theory.Utilization, 1e-9)
	assert.True(t, theory.Exact)
	assert.Empty(t, theory.Note)
}

func TestTheoryIsSilentWhereNothingIsSteady(t *testing.T) {
	for what, topology := range map[string]string{
		"faults come":              web(80, "", cpu("exp 10ms")) + "[[fault]]\nat = \"1s\"\nkill = \"web\"\nfor = \"1s\"\n",
		"there is no steady state": web(120, "", cpu("exp 10ms")),
		"nobody asks it":           web(80, "", cpu("exp 10ms")) + "[server.idle]\non.request = []\n",
	} {
		r, err := Run(specOf(t, topology+runTable(20, 0, 2, 1)), Options{})
		require.NoError(t, err)
		silent := false
		for _, n := range r.Nodes {
			if n.Theory.ResponseMeanS == nil {
				silent = silent || strings.Contains(n.Theory.Note, what)
				assert.False(t, n.Theory.Exact)
			}
		}
		assert.True(t, silent, what)
	}
}

func TestDisagreementWithExactTheoryIsSaid(t *testing.T) {
	f := &figures{spec: specOf(t, web(80, "", cpu("exp 10ms"))+runTable(20, 0, 2, 1)), snaps: make([]*node.Snapshot, 20)}
	with := func(mean, half, truth float64, exact bool) *result.Result {
		return &result.Result{Nodes: map[string]*result.Node{"web": {
			ResponseS: result.Latency{"mean": {Mean: &mean, HalfWidth: &half}},
			Theory:    &result.Theory{ResponseMeanS: &truth, Exact: exact},
		}}}
	}
	for _, test := range []struct {
		mean, half, truth float64
		exact, warned     bool
	}{
		{0.050, 0.001, 0.051, true, false},  // within
		{0.050, 0.001, 0.0522, true, false}, // outside of the interval, as one in a thousand is
		{0.050, 0.001, 0.055, true, true},   // ten half widths would be chance for nobody
		{0.050, 0.001, 0.055, false, false}, // an approximation may be off
		{0.050, 1e-9, 0.0504, true, false},  // less than 1 %
		{0.050, 0.0001, 0.0510, true, true}, // more
		{0.050, 0.02, 0.09, true, false},    // too noisy to tell
	} {
		var said []string
		f.warnTheory(with(test.mean, test.half, test.truth, test.exact), func(code, format string, args ...any) {
			said = append(said, code+" "+fmt.Sprintf(format, args...))
		})
		assert.Equal(t, test.warned, len(said) == 1, "%+v: %v", test, said)
		if len(said) > 0 {
			assert.Contains(t, said[0], "W912 web: its simulated mean response is 50")
		}
	}
}
