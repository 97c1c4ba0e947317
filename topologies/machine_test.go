package topologies

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
)

// machine is the shop with other lines instead of the server's cores.
func machine(lines string) string { return with("cores = 1", lines) }

// reads is the shop with another disk and another step.
func reads(disk, step string) string {
	return with(`on.request = [{ cpu = "exp 10ms" }]`, disk+"\non.request = ["+step+"]")
}

func TestOrdersOfServiceThatMeanNothing(t *testing.T) {
	told(t, []finding{
		{machine(`scheduling = "edf"`), `7:14: error[E205]: server.web.scheduling: unknown value "edf"`, "hint: one of fcfs, lifo, priority, preemptive-priority, round-robin, ps"},
		{machine(`scheduling = "preemptive"`), `7:14: error[E205]: server.web.scheduling: unknown value "preemptive"…`, "hint: one of fcfs"},
		{machine(`scheduling = 4`), `7:14: error[E204]: server.web.scheduling: expected one of fcfs, lifo, priority, preemptive-priority, round-robin, ps, got …`, ""},
		{machine(`scheduling = "round-robin"`), `7:14: error[E206]: server.web.scheduling: round-robin needs the longest turn`, `hint: for example "round-robin 4ms"`},
		{machine(`scheduling = "round-robin 4"`), `7:27: error[E301]: server.web.scheduling: …`, "unit"},
		{machine(`scheduling = "round-robin  0ms"`), `7:28: error[E302]: server.web.scheduling: a turn must be at least 1us`, ""},
		{machine(`scheduling = "ps 4ms"`), `7:17: error[E206]: server.web.scheduling: ps takes nothing behind it`, ""},
	})
}

func TestOrdersOfServiceAreRead(t *testing.T) {
	for text, want := range map[string]node.Discipline{
		"fcfs": node.FCFS, "lifo": node.LIFO, "priority": node.ByPriority, "preemptive-priority": node.Preemptive, "ps": node.ProcessorSharing, "round-robin 4ms": node.RoundRobin,
	} {
		s := mustSpec(t, machine(`scheduling = "`+text+`"`), Options{}, "").Nodes[1].Server
		assert.Equal(t, want, s.Scheduling, text)
		if want == node.RoundRobin {
			assert.Equal(t, 4*sim.Millisecond, s.Quantum)
		}
	}
	assert.Equal(t, node.FCFS, mustSpec(t, shop, Options{}, "").Nodes[1].Server.Scheduling)
}

func TestPrioritiesMatterToWhoInterrupts(t *testing.T) {
	_, report := specOf(memory{"shop.toml": with("cores = 1", `scheduling = "preemptive-priority"`) + "[client.more]\ntarget = \"web\"\narrivals = \"poisson 1/s\"\npriority = 3\n"}, "shop.toml", Options{}, "")
	assert.Empty(t, headlines(report))
}

func TestScalingThatMeansNothing(t *testing.T) {
	told(t, []finding{
		{machine("scaling = 0.03"), `7:11: error[E204]: server.web.scaling: expected a table, got …`, ""},
		{machine("cores = 4\nscaling = {}"), `8:11: error[E203]: server.web.scaling: scaling needs contention or coherency`, "hint: for example scaling = { contention = 0.03, coherency = 0.0005 }"},
		{machine("scaling = { contention = 0.1 }"), `7:1: warning[W403]: server.web.scaling: one core has no other to wait for: scaling changes nothing`, "hint: for example cores = 16"},
		{machine("cores = 4\nscaling = { contention = 1.1 }"), `8:26: error[E302]: server.web.scaling.contention: …`, ""},
		{machine("cores = 4\nscaling = { coherency = -1 }"), `8:25: error[E302]: server.web.scaling.coherency: …`, ""},
		{machine("cores = 4\nscaling = { contentoin = 0.1 }"), `8:13: error[E201]: server.web.scaling.contentoin: unknown key; did you mean "contention"?`, ""},
	})
	s := mustSpec(t, machine("cores = 4\nscaling = { contention = \"5%\", coherency = 0.01 }"), Options{}, "").Nodes[1].Server
	assert.Equal(t, node.Scaling{Contention: 0.05, Coherency: 0.01}, s.Scaling)
}

func TestDisksThatMeanNothing(t *testing.T) {
	const timed = `{ disk = "exp 1ms" }`
	told(t, []finding{
		{reads("disk = 3000", timed), `8:8: error[E204]: server.web.disk: expected a table, got …`, ""},
		{reads("disk = {}", timed), `8:8: error[E203]: server.web.disk: a disk needs iops, bandwidth or depth`, "hint: for example disk = { iops = 3000"},
		{reads("disk = { iops = 0 }", `{ disk = { ops = 1 } }`), `8:17: error[E302]: server.web.disk.iops: …`, ""},
		{reads("disk = { depth = 0 }", timed), `8:18: error[E302]: server.web.disk.depth: …`, ""},
		{reads(`disk = { bandwidth = "0B/s" }`, timed), `8:22: error[E302]: server.web.disk.bandwidth: must be more than 0, got "0B/s"`, ""},
		{reads("disk = { depth = 2 }", `{ cpu = "1ms" }`), `8:1: warning[W403]: server.web.disk: no step uses the disk: it changes nothing`, `hint: for example on.read = [{ disk = "exp 0.8ms" }]`},
		{reads("disk = { iops = 100 }", timed), `8:10: warning[W403]: server.web.disk.iops: all disk steps are given by their time: iops change nothing`, "hint: for example { disk = { ops = 2 } }"},
		{reads(`disk = { iops = 1000, bandwidth = "1MB/s" }`, `{ disk = { ops = 1 } }`), `8:23: warning[W403]: server.web.disk.bandwidth: no disk step has bytes: bandwidth changes nothing`, ""},
	})
}

func TestDiskStepsThatMeanNothing(t *testing.T) {
	told(t, []finding{
		{reads("", "{ disk = true }"), `9:24: error[E204]: server.web.on.request[0].disk: expected a distribution such as "exp 0.8ms", or a table such as { ops = 2, bytes = "64kB" }, got …`, ""},
		{reads("", "{ disk = 4 }"), `9:24: error[E301]: …`, "unit"},
		{reads("", `{ disk = "exp" }`), `9:25: error[E206]: server.web.on.request[0].disk: …`, ""},
		{reads("", "{ disk = { ops = 1 } }"), `9:24: error[E203]: server.web.on.request[0].disk: what operations and bytes take is not known: the server needs disk with iops or bandwidth`, "hint: for example [server.NAME] disk = { iops = 3000"},
		{reads("disk = { depth = 2 }", "{ disk = { ops = 1 } }"), `9:24: error[E203]: server.web.on.request[0].disk: what operations and bytes take is not known: the server needs disk with iops or bandwidth`, ""},
		{reads("disk = { iops = 1000 }", `{ disk = { bytes = "4kB" } }`), `9:26: warning[W403]: server.web.on.request[0].disk.bytes: the disk has no bandwidth: bytes change nothing`, ""},
		{reads(`disk = { bandwidth = "10MB/s" }`, `{ disk = { ops = 2, bytes = "4kB" } }`), `9:26: warning[W403]: server.web.on.request[0].disk.ops: the disk has no iops: operations change nothing`, ""},
		{reads(`disk = { bandwidth = "10MB/s" }`, `{ disk = { bytes = 4 } }`), `9:34: error[E204]: server.web.on.request[0].disk.bytes: expected a size such as "20MB", got …`, `hint: a size needs a unit: "4MB"`},
		{reads("disk = { iops = 1000 }", `{ disk = { ops = "exp" } }`), `9:33: error[E206]: …`, ""},
		{reads("disk = { iops = 1000 }", `{ disk = { ops = 1 }, timeout = "1s" }`), `9:37: error[E202]: server.web.on.request[0].timeout: this key goes with call or get or publish, not with disk`, ""},
		{reads("", `{ disk = "exp 20ms" }`), `6:9: warning[W406]: server.web: offered load 1.6: more work comes than its disk can do; needs one that is 1.6 times as fast, or more instances`, ""},
		{reads("disk = { iops = 100, depth = 4 }", `{ disk = { ops = 2 } }`), `6:9: warning[W406]: server.web: offered load 1.6: more work comes than its disk can do; needs one that is 1.6 times as fast, or more instances`, ""},
	})
}

func TestDisksAndTheirStepsAreRead(t *testing.T) {
	s := mustSpec(t, reads(`disk = { iops = 3000, bandwidth = "125MB/s", depth = 4 }`, `{ disk = { bytes = "64kB" } }, { disk = { ops = 3 } }, { disk = "1ms" }`), Options{}, "").Nodes[1].Server
	assert.Equal(t, node.Disk{Ops: 3000, Bandwidth: 125e6, Depth: 4}, s.Disk)
	steps := s.Ops[0].Steps
	assert.Equal(t, dist.Constant{Value: 1}, steps[0].Ops, "at least one operation")
	assert.Equal(t, dist.Constant{Value: 64000}, steps[0].Bytes)
	assert.Equal(t, dist.Constant{Value: 3}, steps[1].Ops)
	assert.Nil(t, steps[1].Bytes)
	assert.Equal(t, dist.Constant{Value: 1e6}, steps[2].Time)
	assert.Nil(t, steps[2].Ops)
}

func TestObjectivesOfWhatTheServerDoesNotHave(t *testing.T) {
	told(t, []finding{
		{"objectives = [\"web disk < 50%\"]\n" + shop, `1:20: error[E311]: objectives[0]: "web" has no disk step`, `hint: for example on.read = [{ disk = "exp 0.8ms" }]`},
		{"objectives = [\"web network < 50%\"]\n" + shop, `1:20: error[E311]: objectives[0]: "web" has no network: it is never busy`, `hint: for example network = "1Gbps"`},
	})
}
