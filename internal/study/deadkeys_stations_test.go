package study

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/capsim/capsim/internal/result"
)

// Topologies of what a machine is made of, and in which order it serves.
const (
	keyDisk = `objectives = ["web cpu < 99%"]
[client.users]
target = "web"
arrivals = "poisson 200/s"
request_size = "100kB"
[server.web]
network = "1Gbps"
disk = { iops = 1000, bandwidth = "50MB/s", depth = 1 }
on.request = [{ cpu = "exp 1ms" }, { disk = { ops = 1, bytes = "100kB" } }]
`
	keyMachine = `[client.users]
target = "web"
arrivals = "poisson 1200/s"
[server.web]
cores = 16
scaling = { contention = 0, coherency = 0 }
on.request = [{ cpu = "exp 10ms" }]
`
	keyOrder = `[client.users]
target = "web"
arrivals = "poisson 60/s"
requests = { quick = 1 }
[client.bulk]
target = "web"
arrivals = "poisson 2/s"
requests = { slow = 1 }
[server.web]
scheduling = "fcfs"
on.quick = [{ cpu = "exp 5ms" }]
on.slow = { steps = [{ cpu = "200ms" }], priority = -1 }
[run]
duration = "100s"
warmup = "5s"
replications = 5
`
	diskBusy = "nodes/web/resources/disk/utilization"
	diskWait = "nodes/web/resources/disk/wait_s/mean"
)

// keyReader has a disk step that is given by its time.
var keyReader = strings.Replace(keyDisk, `{ disk = { ops = 1, bytes = "100kB" } }`, `{ disk = "exp 2ms" }`, 1)

// demandedOf is a case of an objective of the server with a disk.
func demandedOf(metric, met, missed, figure string) keyCase {
	return keyCase{key: "objective.server." + metric, base: strings.Replace(keyDisk, "web cpu < 99%", met, 1), old: met, new: missed,
		effect: func(t *testing.T, before, after keyAnswer) {
			of := before.estimate(t, figure)
			assert.Equal(t, result.Objective{Text: met, Actual: of, Verdict: result.Met}, demanded(t, before))
			assert.Equal(t, result.Objective{Text: missed, Actual: of, Verdict: result.Missed}, demanded(t, after))
		}}
}

func ordered(by, figure string, want direction) keyCase {
	return keyCase{key: "server.scheduling", base: keyOrder, old: `"fcfs"`, new: by, figure: figure, want: want}
}

var stationCases = []keyCase{
	{key: "server.disk.iops", base: keyDisk, old: "iops = 1000", new: "iops = 300", figure: diskBusy, want: up},
	{key: "server.disk.bandwidth", base: keyDisk, old: `"50MB/s"`, new: `"500MB/s"`, figure: diskBusy, want: down},
	{key: "server.disk.depth", base: keyReader, old: "depth = 1", new: "depth = 2", figure: diskWait, want: down},
	{key: "server.disk.depth", base: keyReader, old: "depth = 1", new: "depth = 2", figure: diskBusy, want: down},
	{key: "server.disk.depth", base: keyDisk, old: "depth = 1", new: "depth = 4", figure: "nodes/web/resources/disk/service_s/mean", want: up},
	{key: "step.disk", base: keyReader, old: `"exp 2ms"`, new: `"exp 4ms"`, figure: diskBusy, want: up},
	{key: "step.disk", base: keyReader, old: `"exp 2ms"`, new: `"exp 4ms"`, figure: latencyMean, want: up},
	{key: "step.disk.ops", base: keyDisk, old: "{ ops = 1", new: "{ ops = 4", figure: diskBusy, want: up},
	{key: "step.disk.ops", base: keyDisk, old: "{ ops = 1", new: `{ ops = "geometric 4"`, figure: diskWait, want: up},
	{key: "step.disk.bytes", base: keyDisk, old: `bytes = "100kB"`, new: `bytes = "exp 200kB"`, figure: diskBusy, want: up},
	{key: "server.speed", base: keyReader, old: "[server.web]", new: "[server.web]\nspeed = 2", figure: diskBusy, want: down},
	{key: "server.scaling.contention", base: keyMachine, old: "contention = 0", new: "contention = 0.02", figure: "nodes/web/resources/cpu/utilization", want: up},
	{key: "server.scaling.coherency", base: keyMachine, old: "coherency = 0", new: "coherency = 0.0005", figure: "nodes/web/resources/cpu/utilization", want: up},
	ordered(`"ps"`, latencyMean, down),
	ordered(`"ps"`, "clients/bulk/latency_s/mean", up),
	ordered(`"ps"`, "nodes/web/resources/cpu/queue", down),
	ordered(`"round-robin 4ms"`, latencyMean, down),
	ordered(`"lifo"`, "clients/users/latency_s/p50", down),
	ordered(`"priority"`, latencyMean, down),
	ordered(`"preemptive-priority"`, latencyP99, down),
	{key: "server.scheduling", base: strings.Replace(keyOrder, `"fcfs"`, `"round-robin 1ms"`, 1), old: `"round-robin 1ms"`, new: `"round-robin 100ms"`, figure: latencyMean, want: up},
	{key: "server.scheduling", base: keyUnfair, old: `"priority"`, new: `"fcfs"`, figure: latencyMean, want: up},
	{key: "server.scheduling", base: keyUnfair, old: `"priority"`, new: `"preemptive-priority"`, figure: latencyMean, want: down},
	demandedOf("disk", "web disk < 90%", "web disk < 5%", diskBusy),
	demandedOf("network", "web network < 90%", "web network < 1%", "nodes/web/resources/network/utilization"),
}
