package study

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/topologies"
)

// spread is the variance of values, and of others the covariance with them.
func spread(a, b []float64) float64 {
	meanA, meanB, sum := 0.0, 0.0, 0.0
	for i := range a {
		meanA, meanB = meanA+a[i]/float64(len(a)), meanB+b[i]/float64(len(b))
	}
	for i := range a {
		sum += (a[i] - meanA) * (b[i] - meanB)
	}
	return sum / float64(len(a)-1)
}

// The same customers come to both designs: the variance of the paired
// difference of the mean and of p99 is at most a fifth of what it would be if
// others came to each, which is the sum of both variances.
func TestCommonRandomNumbersOfTheWebShop(t *testing.T) {
	if testing.Short() {
		t.Skip("simulates three hours of a web shop")
	}
	const replications = 90
	var both []*figures
	for _, instances := range []string{"4", "5"} {
		file, report := topologies.Load(inMemory(topologies.Exhibit("web-shop.toml")), "web-shop.toml", topologies.Options{
			Load: 1.2, Set: []topologies.Setting{{Text: "server.app.instances=" + instances}, {Text: `run.duration="60s"`}, {Text: `run.warmup="20s"`}},
		})
		require.NotNil(t, file, report.Diagnostics())
		spec, report := file.Spec("")
		require.NotNil(t, spec, report.Diagnostics())
		f := newFigures(spec)
		require.NoError(t, f.replicate(replications, Options{}, &ticker{}))
		both = append(both, f)
	}
	client := indexOf(both[0].spec, "shoppers", node.Client)
	for _, fig := range compared {
		if fig.metric != "latency_s.mean" && fig.metric != "latency_s.p99" {
			continue
		}
		a, b := fig.of(both[0], client).values(), fig.of(both[1], client).values()
		require.Len(t, a, replications)
		d := pairs(fig.of(both[0], client), fig.of(both[1], client))
		gain := (spread(a, a) + spread(b, b)) / spread(d, d)
		t.Logf("%s: the variance is %.1f times smaller than that of independent runs", fig.metric, gain)
		assert.GreaterOrEqual(t, gain, 5.0, fig.metric)
	}
}
