package study

import (
	"fmt"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim/stats"
)

// slowestQuantile is the percentile from which requests are the slowest.
const slowestQuantile = 0.99

// slow is the followed requests of some operations of a client that took as
// long as a percentile of all replications, or longer.
type slow struct {
	*figures
	client  int
	ops     []int
	atLeast float64 // nanoseconds
}

// slowest says where the time of the slowest ok requests went; nil if nobody was
// to follow them.
func (f *figures) slowest(i int, ops []int, latency *times) *result.Slowest {
	if !f.spec.Follow {
		return nil
	}
	out := &result.Slowest{Spent: map[string]any{}}
	if latency.all.Count() == 0 || latency.all.Beyond(slowestQuantile) < enough {
		out.Note = latency.quantile(slowestQuantile).Note
		out.LatencyMeanS.Note = out.Note
		return out
	}
	s := slow{figures: f, client: i, ops: ops}
	s.atLeast, _ = latency.all.Quantile(slowestQuantile)
	for _, snap := range f.snaps {
		out.OneIn = max(out.OneIn, snap.Clients[i].FollowedOneIn)
		s.each(snap, func(_ *node.FollowedStats, c *node.LatencyClass) { out.Requests += c.Count })
	}
	if out.Requests < enough {
		out.Note = fmt.Sprintf("not enough samples: %d of at least %d", out.Requests, enough)
		out.LatencyMeanS.Note = out.Note
		return out
	}
	low, _ := stats.Bounds(int64(s.atLeast))
	seconds := max(float64(low), float64(latency.all.Min())) / 1e9
	out.AtLeastS = &seconds
	out.LatencyMeanS = s.mean(func(_ *node.FollowedStats, c *node.LatencyClass) stats.Sum128 { return c.Latency })
	s.spent(out.Spent)
	return out
}

// each calls with the classes of the slow requests of a replication.
func (s *slow) each(snap *node.Snapshot, with func(f *node.FollowedStats, c *node.LatencyClass)) {
	for _, k := range s.ops {
		f := snap.Clients[s.client].Ops[k].Followed
		if f == nil {
			continue
		}
		for j := range f.Classes {
			if c := &f.Classes[j]; float64(c.High) >= s.atLeast {
				with(f, c)
			}
		}
	}
}

// mean is a time of each slow request, in seconds. A replication of whose
// requests fewer were followed counts for as many as it had.
func (s *slow) mean(of func(f *node.FollowedStats, c *node.LatencyClass) stats.Sum128) result.Estimate {
	return s.collect(func(snap *node.Snapshot) (float64, float64) {
		count, sum := uint64(0), stats.Sum128{}
		s.each(snap, func(f *node.FollowedStats, c *node.LatencyClass) {
			count += c.Count
			sum.AddSum(of(f, c))
		})
		each := float64(snap.Clients[s.client].FollowedOneIn)
		return float64(sum.Float64()*each) / 1e9, float64(float64(count) * each)
	}).estimate("no slow requests")
}

// spent adds where their time went, by node.
func (s *slow) spent(out map[string]any) {
	for at := range s.spec.Nodes {
		if !s.touches(at) {
			continue
		}
		spent := func(f *node.FollowedStats, c *node.LatencyClass) node.Spent { return f.SpentAt(c, at) }
		out[s.spec.Nodes[at].Name] = result.Spent{
			Wait:    s.mean(func(f *node.FollowedStats, c *node.LatencyClass) stats.Sum128 { return spent(f, c).Wait }),
			Service: s.mean(func(f *node.FollowedStats, c *node.LatencyClass) stats.Sum128 { return spent(f, c).Service }),
		}
	}
	out["network"] = s.mean(func(_ *node.FollowedStats, c *node.LatencyClass) stats.Sum128 { return c.Network })
	out["backoff"] = s.mean(func(_ *node.FollowedStats, c *node.LatencyClass) stats.Sum128 { return c.Backoff })
}

// touches reports whether slow requests spent any time at a node.
func (s *slow) touches(at int) bool {
	found := false
	for _, snap := range s.snaps {
		s.each(snap, func(f *node.FollowedStats, c *node.LatencyClass) {
			spent := f.SpentAt(c, at)
			found = found || !spent.Wait.IsZero() || !spent.Service.IsZero()
		})
	}
	return found
}
