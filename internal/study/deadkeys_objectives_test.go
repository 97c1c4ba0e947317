package study

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
)

// keyDemands has something of everything: errors, cores, a queue, a cache, a
// service of somebody else.
const keyDemands = `objectives = ["DEMAND"]
[client.users]
target = "lb"
arrivals = "poisson 100/s"
[load_balancer.lb]
targets = ["web"]
[server.web]
memory = "2GB"
memory_per_request = "100MB"
on.request = [{ cpu = "exp 5ms" }, { get = "redis", miss = [{ wait = "exp 20ms" }] }, { call = "near", fallback = [] }, { publish = "mail" }, { fail = "10%" }]
[external.near]
latency = "exp 5ms"
error_ratio = "10%"
[cache.redis]
hit_ratio = "80%"
latency = "exp 2ms"
[queue.mail]
consumer = "away"
latency = "exp 1ms"
[server.away]
on.request = [{ wait = "exp 5ms" }]
`

// metricCase is an objective that is met, one that is missed, and the figure
// that both are about.
type metricCase struct{ metric, met, missed, figure string }

var metricCases = []metricCase{
	{"client.mean", "users mean < 1s", "users mean < 1ms", latencyMean},
	{"client.p", "users p99 < 1s", "users p99 < 1ms", latencyP99},
	{"client.p", "users p87.5 < 1s", "users p87.5 > 1s", "clients/users/latency_s/p87.5"},
	{"client.max", "users max < 10s", "users max <= 1ms", "clients/users/latency_s/max"},
	{"client.errors", "users errors < 50%", "users errors < 1%", errorRatio},
	{"client.availability", "users availability > 50%", "users availability >= 99.9%", "clients/users/availability"},
	{"client.throughput", "users throughput > 10/s", "users throughput > 200/s", throughput},
	{"client.within", "users within 10s > 50%", "users within 10s > 99%", "clients/users/availability"},
	{"server.mean", "web mean < 1s", "web mean < 1ms", "nodes/web/response_s/mean"},
	{"server.p", "web p95 < 1s", "web p95 < 1ms", "nodes/web/response_s/p95"},
	{"server.max", "web max < 10s", "web max < 1ms", "nodes/web/response_s/max"},
	{"server.throughput", "web throughput < 100/s", "web throughput > 100/s", "nodes/web/throughput_rps"},
	{"server.cpu", "web cpu < 80%", "web cpu < 10%", "nodes/web/resources/cpu/utilization"},
	{"server.memory", "web memory < 50%", "web memory < 5%", "nodes/web/resources/memory/utilization"},
	{"server.queue", "web queue < 10", "web queue < 0.1", "nodes/web/resources/cpu/queue"},
	{"load_balancer.mean", "lb mean < 1s", "lb mean < 1ms", "nodes/lb/response_s/mean"},
	{"load_balancer.p", "lb p95 < 1s", "lb p95 < 1ms", "nodes/lb/response_s/p95"},
	{"load_balancer.max", "lb max < 10s", "lb max < 1ms", "nodes/lb/response_s/max"},
	{"load_balancer.throughput", "lb throughput < 100/s", "lb throughput > 100/s", "nodes/lb/throughput_rps"},
	{"cache.mean", "redis mean < 1s", "redis mean < 1ms", "nodes/redis/response_s/mean"},
	{"cache.p", "redis p95 < 1s", "redis p95 < 1ms", "nodes/redis/response_s/p95"},
	{"cache.max", "redis max < 10s", "redis max < 1ms", "nodes/redis/response_s/max"},
	{"cache.throughput", "redis throughput > 50/s", "redis throughput > 200/s", "nodes/redis/throughput_rps"},
	{"cache.hit_ratio", "redis hit_ratio > 50%", "redis hit_ratio > 95%", "nodes/redis/cache/hit_ratio"},
	{"external.mean", "near mean < 1s", "near mean < 1ms", "nodes/near/response_s/mean"},
	{"external.p", "near p95 < 1s", "near p95 < 1ms", "nodes/near/response_s/p95"},
	{"external.max", "near max < 10s", "near max < 1ms", "nodes/near/response_s/max"},
	{"queue.mean", "mail mean < 1s", "mail mean < 1us", "nodes/mail/response_s/mean"},
	{"queue.p", "mail p95 < 1s", "mail p95 < 1us", "nodes/mail/response_s/p95"},
	{"queue.max", "mail max < 10s", "mail max < 1us", "nodes/mail/response_s/max"},
	{"queue.throughput", "mail throughput > 50/s", "mail throughput > 200/s", "nodes/mail/throughput_rps"},
	{"queue.queue", "mail queue < 100", "mail queue < 0.001", "nodes/mail/queue/depth"},
	{"external.throughput", "near throughput > 50/s", "near throughput > 200/s", "nodes/near/throughput_rps"},
}

// objectiveCases demand that an objective is judged by its figure, and by its
// value.
func objectiveCases() []keyCase {
	var cases []keyCase
	for _, m := range metricCases {
		cases = append(cases, m.of(m.met, m.missed, func(t *testing.T, met, missed keyAnswer) {
			figure := met.estimate(t, m.figure)
			assert.Equal(t, result.Objective{Text: m.met, Actual: figure, Verdict: result.Met}, demanded(t, met))
			assert.Equal(t, result.Objective{Text: m.missed, Actual: figure, Verdict: result.Missed}, demanded(t, missed))
		}))
	}
	within := metricCase{metric: "client.within"}
	return append(cases, within.of("users within 100ms > 50%", "users within 1ms > 50%", func(t *testing.T, before, after keyAnswer) {
		assert.NoError(t, moved(demanded(t, before).Actual, demanded(t, after).Actual, down))
	}))
}

// of makes a case of it that changes the text of an objective.
func (m metricCase) of(from, to string, effect func(t *testing.T, before, after keyAnswer)) keyCase {
	return keyCase{key: "objective." + m.metric, base: demanding(from), old: from, new: to, effect: effect}
}

func demanding(text string) string { return strings.Replace(keyDemands, "DEMAND", text, 1) }

// demanded is the one objective of an answer.
func demanded(t *testing.T, a keyAnswer) result.Objective {
	t.Helper()
	require.Empty(t, a.refused)
	require.Len(t, a.Objectives, 1)
	return a.Objectives[0]
}
