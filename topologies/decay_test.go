package topologies

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
)

func TestLeaksAndCollectorsOfServers(t *testing.T) {
	v := webOf(t, limits("memory = \"2GB\"\nleak_per_request = \"20kB\"\nboot = \"45s\"\ngc = { every_allocated = \"64MiB\", allocates = \"200kB\", pause = \"3ms\" }"), "").Server
	assert.Equal(t, dist.Constant{Value: 20_000}, v.LeakPerRequest)
	assert.Equal(t, 45*sim.Second, v.Boot)
	assert.Equal(t, &node.CollectorSpec{Threshold: 64 << 20, Allocates: dist.Constant{Value: 200_000}, Pause: dist.Constant{Value: 3e6}}, v.Collector)

	v = webOf(t, limits("memory = \"2GB\"\nleak_per_request = \"20kB\"\ngc = { every = \"5s\", pause = \"exp 3ms\" }"), "").Server
	assert.Equal(t, 10*sim.Second, v.Boot)
	assert.Equal(t, &node.CollectorSpec{Every: 5 * sim.Second, Pause: dist.Exponential{MeanValue: 3e6}}, v.Collector)
}

func TestLeaksAndCollectorsThatMeanNothing(t *testing.T) {
	gc := func(inside string) string { return limits("gc = { " + inside + " }") }
	const pause = `, pause = "3ms"`
	told(t, []finding{
		{limits(`leak_per_request = 5`), `7:20: error[E204]: server.web.leak_per_request: …`, `"5MB"`},
		{limits(`leak_per_request = "5ms"`), `7:22: error[E301]: server.web.leak_per_request: unknown unit "ms"`, "kB"},
		{limits("memory = \"1GB\"\nleak_per_request = \"1kB\"\nboot = 5"), `9:8: error[E301]: server.web.boot: …`, `"5s"`},
		{limits("memory = \"1GB\"\nleak_per_request = \"1kB\"\nboot = \"0s\""), `9:8: error[E302]: server.web.boot: must be more than 0s, got "0s"`, ""},
		{limits(`gc = "5s"`), `7:6: error[E204]: server.web.gc: expected a table, got a string`, ""},
		{limits(`gc = { every = "5s" }`), `7:6: error[E203]: server.web.gc.pause: missing key "pause"`, ""},
		{limits(`gc = { pause = "3ms" }`), `7:6: error[E203]: server.web.gc: a collector needs every_allocated or every: when there is a pause is not known`, "hint: for example gc = { every_allocated"},
		{gc(`every_allocated = "1MB"` + pause), `7:8: error[E203]: server.web.gc.every_allocated: the key allocates is missing: how much each request allocates is not known`, "allocates = "},
		{gc(`every = "5s", allocates = "1MB"` + pause), `7:22: error[E203]: server.web.gc.allocates: the key every_allocated is missing: with every, pauses do not depend on what is allocated`, "every_allocated"},
		{gc(`every_allocated = "1MB", allocates = "1kB", every = "5s"` + pause), `7:52: error[E207]: server.web.gc.every: every_allocated says when there is a pause`, "hint: keep one of them"},
		{gc(`every_allocated = "0B", allocates = "1kB"` + pause), `7:26: error[E302]: server.web.gc.every_allocated: must be more than 0B, got "0B"`, ""},
		{gc(`every = "0s"` + pause), `7:16: error[E302]: server.web.gc.every: must be more than 0s, got "0s"`, ""},
		{gc(`every = "5s", pause = "trace size unit=us"`), `7:30: error[E206]: server.web.gc.pause: no column of a trace can be read here: a pause is of an instance, not of a request`, ""},
	})
}
