package study

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What an autoscaled server costs is the integral of the number that has been
// started (A14), here with the published examples of the rule of Kubernetes
// (PUB 11: 50 at 90 % of 75 % are 60). All is deterministic: requests come
// regularly and take turns.
func TestFleetsFollowTheRuleAndAreIntegrated(t *testing.T) {
	answers := map[string]keyAnswer{}
	for _, c := range []struct {
		now         int
		rate        int
		work        string
		target      string
		after, boot float64
		want        int
	}{
		{50, 1000, "45ms", "cpu 75%", 15, 90, 60},
		{4, 200, "10ms", "cpu 60%", 15, 30, 4},
		{10, 1000, "6.6ms", "cpu 60%", 15, 30, 10},
		{10, 1000, "6.7ms", "cpu 60%", 15, 30, 12},
		{3, 600, "1ms", "requests 100/s", 15, 0, 6},
		{3, 600, "1ms", "requests 100/s", 40, 20, 6},
	} {
		text := fmt.Sprintf(`[client.users]
target = "lb"
arrivals = "constant %d/s"
[load_balancer.lb]
targets = ["app"]
[server.app]
instances = %d
autoscale = { max = 100, target = %q, every = "%gs", boot = "%gs" }
on.request = [{ cpu = %q }]
[run]
duration = "120s"
warmup = "10s"
replications = 2
`, c.rate, c.now, c.target, c.after, c.boot, c.work)
		a := answerTo(t, answers, text, "")
		require.Empty(t, a.refused, text)
		n, more := a.Nodes["app"], float64(c.want-c.now)
		assert.InEpsilon(t, float64(c.now)+more*(120-c.after)/120, *n.Instances.Mean, 1e-9, text)
		inService := float64(c.now) + more*(120-c.after-c.boot)/120
		assert.InEpsilon(t, inService, *n.Fleet.InService.Mean, 1e-9, text)
		assert.InEpsilon(t, inService, *n.Resources["cpu"].Capacity.Mean, 1e-9, "booting is no capacity")
		assert.EqualValues(t, 2*(c.want-c.now), n.Fleet.Started)
		assert.Zero(t, n.Fleet.Stopped)
		assert.Zero(t, *n.Instances.HalfWidth)
		assert.InDelta(t, 1, n.PerInstance[0].UpRatio, 1e-12)
		assert.InDelta(t, (120-c.after-c.boot)/120*min(1, more), n.PerInstance[max(c.now, c.want)-1].UpRatio-max(0, 1-more), 1e-9)
		assert.Zero(t, n.PerInstance[c.want].UpRatio)
		assert.Nil(t, n.PerInstance[c.want].Utilization)
		at := len(a.Series.Rows) - 1
		for k, column := range a.Series.Columns {
			if column == "app instances" {
				assert.InDelta(t, float64(c.want), *a.Series.Rows[at][k], 1e-9)
				assert.InDelta(t, float64(c.now), *a.Series.Rows[0][k], 1e-9)
			}
		}
		assert.Contains(t, a.Series.Columns, "app instances")
	}
}
