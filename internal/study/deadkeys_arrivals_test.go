package study

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What says how open traffic comes.
const (
	keyGamma = `[client.users]
target = "web"
arrivals = "gamma 80/s cv=0.5 batch=2"
[server.web]
cores = 4
on.request = [{ cpu = "exp 10ms" }]
`
	keyBursty = `[client.users]
target = "web"
arrivals = "bursty 80/s peak=3x on=1s off=3s batch=1"
[server.web]
cores = 2
on.request = [{ cpu = "exp 10ms" }]
[run]
duration = "200s"
warmup = "10s"
replications = 10
`
	// Time 0 is the trough: of a window of an hour, little is sent.
	keyDaily = `[client.users]
target = "web"
daily = { peak = "4/s", trough = "1/s", peak_at = "12:00" }
[server.web]
on.request = [{ wait = "exp 10ms" }]
[run]
duration = "1h"
replications = 5
`
	keyWave = `[client.users]
target = "web"
wave = { mean = "60/s", amplitude = "30/s", period = "40s" }
[server.web]
cores = 1
on.request = [{ cpu = "exp 10ms" }]
[run]
duration = "20s"
replications = 10
`
	keyListed = `[client.users]
target = "lb"
arrivals = { trace = "listed.txt", format = "keys", rate = "100/s" }
[load_balancer.lb]
targets = ["web"]
policy = "url-hash"
[server.web]
instances = 4
on.request = [{ cpu = "30ms" }]
[run]
duration = "20s"
replications = 2
`
	keyCounted = `[client.users]
target = "web"
arrivals = { trace = "counted.txt", format = "counts", every = "1s" }
[server.web]
on.request = [{ cpu = "8ms" }]
[run]
duration = "20s"
replications = 2
`
)

var shapeCases = []keyCase{
	{key: "run.start", base: keyDaily + `start = "00:00"`, old: `start = "00:00"`, new: `start = "12:00"`, figure: offeredRPS, want: up},
	{key: "run.start", base: keyOneCore + keyRun, old: `warmup = "1s"`, new: "warmup = \"1s\"\nstart = \"12:00\"", effect: func(t *testing.T, before, after keyAnswer) {
		assert.Empty(t, before.refused)
		assert.Equal(t, []string{"E203"}, after.refused, "where nothing depends on it")
	}},
	{key: "client.daily.peak", base: strings.Replace(keyDaily, "12:00", "00:30", 1), old: `"4/s"`, new: `"8/s"`, figure: offeredRPS, want: up},
	{key: "client.daily.trough", base: keyDaily, old: `"1/s"`, new: `"2/s"`, figure: offeredRPS, want: up},
	{key: "client.daily.peak_at", base: keyDaily, old: `"12:00"`, new: `"01:00"`, figure: offeredRPS, want: up},
	{key: "client.wave.mean", base: keyWave, old: `"60/s"`, new: `"40/s"`, figure: offeredRPS, want: down},
	{key: "client.wave.amplitude", base: keyWave, old: `"30/s"`, new: `"10/s"`, figure: offeredRPS, want: down},
	{key: "client.wave.period", base: keyWave, old: `"40s"`, new: `"20s"`, figure: offeredRPS, want: down},

	{key: "client.arrivals.format=keys", base: strings.Replace(keyListed, `format = "keys", rate = "100/s"`, `format = "clf"`, 1), old: `format = "clf"`, new: `format = "keys", rate = "100/s"`, effect: readOnlySo},
	{key: "client.arrivals.format=keys", base: keyListed, old: "listed.txt", new: "same.txt", figure: latencyMean, want: up},
	{key: "client.arrivals.rate", base: keyListed, old: `"100/s"`, new: `"400/s"`, figure: latencyMean, want: up},
	{key: "client.arrivals.format=counts", base: strings.Replace(keyCounted, `format = "counts", every = "1s"`, `format = "clf"`, 1), old: `format = "clf"`, new: `format = "counts", every = "1s"`, effect: readOnlySo},
	{key: "client.arrivals.every", base: keyCounted, old: `"1s"`, new: `"500ms"`, figure: latencyMean, want: up},
}

var processCases = []keyCase{
	{key: "arrivals.gamma", base: keyOneCore, old: "poisson 80/s", new: "gamma 80/s cv=3", figure: latencyMean, want: up},
	{key: "arrivals.gamma.cv", base: keyGamma, old: "cv=0.5", new: "cv=4", figure: latencyMean, want: up},
	{key: "arrivals.gamma.batch", base: keyGamma, old: "batch=2", new: "batch=4", figure: offeredRPS, want: up},
	{key: "arrivals.bursty", base: keyBursty, old: "bursty 80/s peak=3x on=1s off=3s batch=1", new: "poisson 80/s", figure: latencyMean, want: down},
	{key: "arrivals.bursty.peak", base: keyBursty, old: "peak=3x", new: "peak=4x", figure: latencyMean, want: up},
	{key: "arrivals.bursty.on", base: keyBursty, old: "on=1s", new: "on=100ms", figure: latencyMean, want: down},
	{key: "arrivals.bursty.off", base: keyBursty, old: "off=3s", new: "off=2100ms", effect: func(t *testing.T, before, after keyAnswer) {
		require.Empty(t, after.refused)
		assert.NotEqual(t, before.Fingerprint, after.Fingerprint)
		a, b := before.estimate(t, offeredRPS), after.estimate(t, offeredRPS)
		assert.Error(t, moved(a, b, differs), "the mean stays")
		assert.Less(t, *b.HalfWidth, *a.HalfWidth, "milder bursts")
	}},
	{key: "arrivals.bursty.batch", base: keyBursty, old: "batch=1", new: "batch=geometric 2", figure: offeredRPS, want: up},
	{key: "arrivals.poisson.batch", base: keyOneCore, old: "poisson 80/s", new: "poisson 8/s batch=geometric 10", figure: latencyMean, want: up},
	{key: "arrivals.constant.batch", base: keyRegular, old: "constant 80/s", new: "constant 8/s batch=10", figure: latencyMean, want: up},
}
