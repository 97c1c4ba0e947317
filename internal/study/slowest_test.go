package study

import (
	"math"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
)

// Of an M/M/1 queue, first come first served, the time in it is exponential at
// rate μ − λ, and given that a request took t, its service is the less of t and an
// exponential time at rate λ (from the joint density of waiting and service). So
// beyond p99 = ln(100)/(μ − λ) requests take 1/(μ − λ) longer on average, and were
// served for 1/λ but for what t cuts off, though the mean of all is 1/μ.
func TestTheSlowestOfAnMM1QueueAreThoseOfTheory(t *testing.T) {
	const lambda, mu = 700.0, 1000.0
	r, err := Run(specOf(t, runTable(100, 2, 10, 5)+`
[client.users]
target = "web"
arrivals = "poisson 700/s"
[server.web]
on.request = [{ cpu = "exp 1ms" }]
`), Options{})
	require.NoError(t, err)
	s := r.Clients["users"].Slowest
	require.NotNil(t, s)
	p99 := math.Log(100) / (mu - lambda)
	served := 1/lambda - math.Exp(-lambda*p99)/lambda*(mu-lambda)/mu // the cut-off is next to nothing
	spent := s.Spent["web"].(result.Spent)
	assert.InEpsilon(t, p99, *s.AtLeastS, 0.03)
	assert.InEpsilon(t, p99+1/(mu-lambda), *s.LatencyMeanS.Mean, 0.03)
	assert.InEpsilon(t, served, *spent.Service.Mean, 0.08)
	assert.Greater(t, *spent.Service.Mean, 1.2*1/mu, "slow requests are not all unlucky in the queue")
	assert.InDelta(t, *s.LatencyMeanS.Mean, *spent.Wait.Mean+*spent.Service.Mean, 1e-12, "there is nothing else")
	assert.Equal(t, uint64(4), s.OneIn, "70,000 requests are more than twice 32,768")
	assert.InDelta(t, 700_000/4/100, float64(s.Requests), 250)
	require.NotNil(t, s.LatencyMeanS.HalfWidth)
	assert.Less(t, math.Abs(p99+1/(mu-lambda)-*s.LatencyMeanS.Mean), 3**s.LatencyMeanS.HalfWidth)
}

// The slowest of several operations and replications together are found in a
// second way: from everything that every request went through.
func TestTheSlowestAreThoseOfATraceOfAllRequests(t *testing.T) {
	spec := specOf(t, runTable(50, 1, 3, 9)+`
[client.users]
target = "lb"
arrivals = "poisson 100/s"
requests = { browse = 4, buy = 1 }
timeout = "80ms"
retries = { max = 2, backoff = "7ms" }
[network]
internet = "exp 2ms"
[load_balancer.lb]
targets = ["web"]
[server.web]
instances = 2
on.browse = [{ cpu = "exp 7ms" }]
on.buy = [{ cpu = "exp 12ms" }, { call = "db.write" }]
[server.db]
on.write = [{ cpu = "exp 9ms" }]
`)
	r, err := Run(spec, Options{})
	require.NoError(t, err)
	for _, op := range []string{"", "buy"} {
		traffic := &r.Clients["users"].Traffic
		if op != "" {
			traffic = r.Clients["users"].Ops[op]
		}
		s := traffic.Slowest
		require.NotNil(t, s)
		require.Empty(t, s.Note, "%q", op)
		require.Equal(t, uint64(1), s.OneIn)
		count, sums := slowOnes(t, spec, op, *s.AtLeastS)
		require.Equal(t, count, float64(s.Requests), "%q", op)
		require.Greater(t, count, 8.0)
		assert.InDelta(t, sums["latency"]/count, *s.LatencyMeanS.Mean, 1e-12)
		assert.InDelta(t, sums["network"]/count, *s.Spent["network"].(result.Estimate).Mean, 1e-12)
		for _, name := range []string{"web", "db"} {
			spent := s.Spent[name].(result.Spent)
			assert.InDelta(t, sums[name+" wait"]/count, *spent.Wait.Mean, 1e-12, "%q %s", op, name)
			assert.InDelta(t, sums[name+" service"]/count, *spent.Service.Mean, 1e-12, "%q %s", op, name)
		}
		share := count / float64(traffic.OK)
		assert.InDelta(t, 0.01, share, 0.004, "about a hundredth, to the width of a bucket")
		assert.LessOrEqual(t, *s.AtLeastS, *traffic.LatencyS["p99"].Mean)
		assert.Greater(t, *s.AtLeastS, 0.99**traffic.LatencyS["p99"].Mean)
	}
}

// slowOnes adds up what the ok requests went through that took so long, in all
// replications.
func slowOnes(t *testing.T, spec *node.Spec, op string, atLeast float64) (count float64, sums map[string]float64) {
	t.Helper()
	sums = map[string]float64{}
	for replication := range spec.Run.Replications {
		first := node.NewNetwork(spec, replication)
		first.Choose(node.Choice{Slowest: 1 << 20})
		s, err := first.Run(nil)
		require.NoError(t, err)
		again := node.NewNetwork(spec, replication)
		again.Trace(s.Chosen)
		_, err = again.Run(nil)
		require.NoError(t, err)
		for _, x := range again.Traced() {
			ops := spec.Nodes[s.Clients[x.Client].Node].Client.Ops
			if x.Took.Seconds() < atLeast || op != "" && ops[x.Op].Name != op {
				continue
			}
			count++
			sums["latency"] += x.Took.Seconds()
			for i := range x.Spans {
				one := &x.Spans[i]
				if one.Parent < 0 || !x.Spans[one.Parent].Booked {
					continue
				}
				took, name := (one.To - one.From).Seconds(), spec.Nodes[one.Node].Name
				switch one.Kind {
				case node.SpanWait:
					sums[name+" wait"] += took
				case node.SpanService:
					sums[name+" service"] += took
				case node.SpanNetwork:
					sums["network"] += took
				}
			}
		}
	}
	return count, sums
}

func TestTooFewSlowRequestsAreSaidToBe(t *testing.T) {
	r, err := Run(specOf(t, runTable(1, 0, 1, 1)+`
[client.users]
target = "web"
arrivals = "poisson 100/s"
[server.web]
on.request = [{ cpu = "exp 1ms" }]
`), Options{})
	require.NoError(t, err)
	s := r.Clients["users"].Slowest
	require.NotNil(t, s)
	assert.Nil(t, s.AtLeastS)
	assert.Contains(t, s.Note, "not enough samples")
	assert.Equal(t, s.Note, s.LatencyMeanS.Note)
	assert.Zero(t, s.Requests)
}

// A trace is of the requests of the first replication, whatever runs at once, and
// costs the result nothing.
func TestTracingLeavesTheResultAsItIs(t *testing.T) {
	spec := specOf(t, runTable(20, 1, 2, 3)+`
[client.users]
target = "web"
arrivals = "poisson 300/s"
timeout = "20ms"
[server.web]
on.request = [{ cpu = "exp 3ms" }]
`)
	plain, err := Run(spec, Options{Parallel: 1})
	require.NoError(t, err)
	r, trace, err := RunTraced(spec, Options{Parallel: 2})
	require.NoError(t, err)
	assert.Equal(t, plain, r)
	slowest, failed, sample := 0, 0, 0
	for i := range trace.Requests {
		x := &trace.Requests[i]
		assert.Equal(t, x.Took, x.Spans[0].To-x.Spans[0].From)
		if x.Slowest {
			slowest++
			assert.Equal(t, "ok", x.Status)
		}
		if x.Failed {
			failed++
			assert.Equal(t, "timeout", x.Status)
		}
		if x.Place > 0 {
			sample++
		}
	}
	assert.Equal(t, []int{TracedSlowest, TracedFailed, TracedSample}, []int{slowest, failed, sample})
	assert.Equal(t, TracedSample, trace.Clients[0].Sample)
	assert.Less(t, trace.Clients[0].Offered, plain.Clients["users"].Offered, "those of one replication")
}

// Stopped when all replications are over but for the one that traces, a study has
// its result, and no trace.
func TestAStoppedTraceIsNone(t *testing.T) {
	spec := specOf(t, runTable(20, 1, 2, 3)+`
[client.users]
target = "web"
arrivals = "poisson 300/s"
[server.web]
on.request = [{ cpu = "exp 1ms" }]
`)
	var stop atomic.Bool
	r, trace, err := RunTraced(spec, Options{Parallel: 1, Stop: &stop, Progress: func(done, total int) { stop.Store(done == total) }})
	require.ErrorIs(t, err, node.ErrStopped)
	assert.Nil(t, trace)
	require.NotNil(t, r)
	assert.False(t, r.Truncated, "nothing of it is missing")
	stop.Store(true)
	r, trace, err = RunTraced(spec, Options{Parallel: 1, Stop: &stop})
	require.ErrorIs(t, err, node.ErrStopped)
	assert.Nil(t, r)
	assert.Nil(t, trace)
}
