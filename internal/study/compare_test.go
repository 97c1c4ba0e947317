package study

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim/stats"
	"github.com/capsim/capsim/topologies"
)

func replaceOnce(t *testing.T, text, old, new string) string {
	t.Helper()
	require.Equal(t, 1, strings.Count(text, old), old)
	return strings.Replace(text, old, new, 1)
}

func specsOf(t *testing.T, texts ...string) []*node.Spec {
	t.Helper()
	var specs []*node.Spec
	for _, text := range texts {
		file, report := topologies.Load(keyFiles{"a.toml": text}, "a.toml", topologies.Options{})
		require.NotNil(t, file, report.Diagnostics())
		spec, report := file.Spec("")
		require.NotNil(t, spec, report.Diagnostics())
		specs = append(specs, spec)
	}
	return specs
}

// Only customers of the same name are the same.
func TestDifferencesOfDesignsWithoutAClientInCommonAreNotPaired(t *testing.T) {
	const file = "[run]\nduration = \"10s\"\nwarmup = \"1s\"\nreplications = 4\n[client.NAME]\ntarget = \"web\"\narrivals = \"poisson 80/s\"\n" +
		"[server.web]\non.request = [{ cpu = \"exp 5ms\" }]\n"
	named := func(name string) string { return replaceOnce(t, file, "NAME", name) }
	for _, tt := range []struct {
		other    string
		unpaired bool
	}{{"users", false}, {"robots", true}} {
		c, err := Compare(specsOf(t, named("users"), replaceOnce(t, named(tt.other), "exp 5ms", "exp 6ms")), Options{})
		require.NoError(t, err)
		require.NotEmpty(t, c.Differences)
		var cpu result.Difference
		for _, d := range c.Differences {
			assert.Equal(t, tt.unpaired, d.Unpaired, d.Metric)
			if d.Metric == "cpu.utilization" {
				cpu = d
			}
		}
		paired := 2 * *c.Designs[1].Nodes["web"].Resources["cpu"].Utilization.HalfWidth
		if tt.unpaired {
			assert.Less(t, *cpu.Difference.HalfWidth, paired, "Welch's is between the larger and the sum")
			require.Len(t, c.Designs[1].Warnings, 1)
			assert.Equal(t, "W906", c.Designs[1].Warnings[0].Code)
		} else {
			assert.Empty(t, c.Designs[1].Warnings)
		}
		assert.Empty(t, c.Designs[0].Warnings)
	}
}

// What is chosen among caches, databases and queues is a difference too, and
// without replicas in either design there is nothing to be stale.
func TestDifferencesOfTheDataTier(t *testing.T) {
	const file = "[run]\nduration = \"60s\"\nwarmup = \"1s\"\nreplications = 4\n[client.users]\ntarget = \"web\"\narrivals = \"poisson 80/s\"\nkeys = \"zipf s=1 n=100\"\n" +
		"[server.web]\non.request = [{ get = \"redis\", miss = [{ call = \"db.by_id\" }] }, { call = \"db.save\" }, { publish = \"mail\" }]\n" +
		"[cache.redis]\ncapacity = 10\n[queue.mail]\nconsumer = \"mailer\"\n[server.mailer]\non.request = [{ wait = \"exp 10ms\" }]\n" +
		"[database.db]\nread.by_id = []\nwrite.save = []\n"
	larger := replaceOnce(t, replaceOnce(t, file, "capacity = 10\n", "capacity = 15\n"), "exp 10ms", "exp 5ms")
	replicas := larger + "replicas = 1\nroute_reads = \"replicas\"\nreplication = { lag = \"1s\" }\n"
	for _, other := range []string{larger, replicas} {
		c, err := Compare(specsOf(t, file, other), Options{})
		require.NoError(t, err)
		found := map[string]float64{}
		for _, d := range c.Differences {
			if d.Subject == "redis" || d.Subject == "mail" || d.Subject == "db" {
				found[d.Metric] = *d.Difference.Mean
				assert.True(t, d.Significant || d.Metric == "cpu.utilization", d.Metric)
			}
		}
		before, after := c.Designs[0].Nodes, c.Designs[1].Nodes
		const rounding = 1e-9
		assert.InDelta(t, *after["redis"].Cache.HitRatio.Mean-*before["redis"].Cache.HitRatio.Mean, found["cache.hit_ratio"], 0.001, "pooled, and averaged")
		assert.InDelta(t, *after["mail"].Queue.Depth.Mean-*before["mail"].Queue.Depth.Mean, found["queue.depth"], rounding)
		assert.InEpsilon(t, *after["mail"].Queue.AgeS["mean"].Mean-*before["mail"].Queue.AgeS["mean"].Mean, found["queue.age_s.mean"], 0.02)
		if other == larger {
			assert.NotContains(t, found, "database.stale_read_ratio")
			continue
		}
		assert.InDelta(t, *after["db"].Database.StaleReadRatio.Mean, found["database.stale_read_ratio"], 0.01)
	}
}

func TestUnpairedDifferencesAreWelchs(t *testing.T) {
	a := sample{num: []float64{1, 2, 4}, den: []float64{1, 1, 1}}
	b := sample{num: []float64{3, 5, 0, 9}, den: []float64{1, 1, 0, 1}}
	mean, half, ok := stats.UnpairedInterval([]float64{1, 2, 4}, []float64{3, 5, 9})
	require.True(t, ok)
	e := unpaired(a, b)
	assert.Equal(t, mean, *e.Mean)
	assert.Equal(t, half, *e.HalfWidth)
	assert.Equal(t, result.Estimate{Note: "no samples"}, unpaired(a, sample{num: []float64{1}, den: []float64{0}}))
}
