package node

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/sim/stats"
)

// sumOf adds up what is known of the requests of an operation that were followed.
func sumOf(o *OpStats, nodes int) (count uint64, latency, network, backoff stats.Sum128, spent []Spent) {
	spent = make([]Spent, nodes)
	for i := range o.Followed.Classes {
		c := &o.Followed.Classes[i]
		count += c.Count
		latency.AddSum(c.Latency)
		network.AddSum(c.Network)
		backoff.AddSum(c.Backoff)
		for at := range spent {
			s := o.Followed.SpentAt(c, at)
			spent[at].Wait.AddSum(s.Wait)
			spent[at].Service.AddSum(s.Service)
		}
	}
	return count, latency, network, backoff, spent
}

// Where all requests are followed, all classes together are what the ok requests
// have had, and following changes nothing. What requests spent that failed in the
// end is not among it: it is taken from a trace of all of them.
func TestFollowedRequestsAddUpToAll(t *testing.T) {
	followed := uint64(0)
	batteryOf(t, 40, 20).each(t, func(seed uint64) {
		spec := madeUp(seed)
		plain, err := NewNetwork(spec, 0).Run(nil)
		require.NoError(t, err)
		watched := *spec
		watched.Follow = true
		s, traced := traceAll(t, &watched)
		require.Equal(t, foldOf(plain), foldOf(s))
		var ended []*Traced
		for _, x := range traced {
			if x.Ended && x.Status == OK {
				ended = append(ended, x)
			}
		}
		for i, ops := range booked(spec, s, ended) {
			require.Equal(t, uint64(1), s.Clients[i].FollowedOneIn)
			for k := range ops {
				o, want := &s.Clients[i].Ops[k], &ops[k]
				count, latency, network, backoff, spent := sumOf(o, len(spec.Nodes))
				require.Equal(t, o.OK, count)
				require.Equal(t, o.Latency.Sum(), latency)
				require.Equal(t, o.Backoff, backoff)
				require.Equal(t, want.Network, network)
				require.Equal(t, want.Spent, spent)
				followed += count
			}
		}
	})
	assert.Greater(t, followed, uint64(1000))
}

// Where there are many, fewer and fewer are followed, each as likely as any
// other, and each in the class of its latency.
func TestAPartOfManyRequestsIsFollowed(t *testing.T) {
	plan := openClient(t, "1000/s")
	plan.Client.Target = Target{Node: 1}
	web := server("web", ServerSpec{}, Step{Kind: StepCPU, ID: 1, Time: dist.Exponential{MeanValue: 0.5 * ms}})
	spec := specFor(200, plan, web)
	spec.Follow = true
	s, err := NewNetwork(spec, 0).Run(nil)
	require.NoError(t, err)
	o := &s.Clients[0].Ops[0]
	count, latency, _, _, spent := sumOf(o, 2)
	require.Equal(t, uint64(8), s.Clients[0].FollowedOneIn, "200,000 requests are more than four times 32,768")
	assert.InDelta(t, float64(o.OK)/8, float64(count), 600, "4 standard deviations of a fair draw")
	assert.InEpsilon(t, o.Latency.Mean(), latency.Float64()/float64(count), 0.03)
	assert.InEpsilon(t, o.SpentAt(1).Service.Float64()/float64(o.OK), spent[1].Service.Float64()/float64(count), 0.03)
	for i := range o.Followed.Classes {
		c := &o.Followed.Classes[i]
		mean := c.Latency.Float64() / float64(c.Count)
		require.True(t, float64(c.Low) <= mean && mean <= float64(c.High))
		inside := o.Followed.SpentAt(c, 1)
		require.InDelta(t, c.Latency.Float64(), inside.Wait.Float64()+inside.Service.Float64(), 1e-3, "one node has it all")
	}
}
