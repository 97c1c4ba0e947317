package node

import (
	"slices"

	"github.com/capsim/capsim/models/dist"
)

// Flow is the traffic equations of a topology, solved for each client by
// itself: how often a request of it visits each operation of each node. What
// is asked of a node is linear in what the clients send, so that theory can
// try rates of users without solving them again.
type Flow struct {
	t       *traffic
	Guessed bool // a balancer shares out among unlike targets in a way that is not known

	visits [][]float64 // by node of the client, then row; nil of other nodes
	wire   [][]float64 // seconds of network interface for each request
}

// Way is where some of the requests that a node passes on go.
type Way struct {
	Node int
	Op   string
	Part float64
}

// NewFlow solves the traffic equations where caches do not have the given
// shares of what they are asked for.
func (s *Spec) NewFlow(missing func(node int, op string) float64) *Flow {
	misses := func(node int, op string) (float64, bool) { return missing(node, op), true }
	t := newTrafficBehind(s, evenly, nil, misses)
	f := &Flow{t: t, visits: make([][]float64, len(s.Nodes)), wire: make([][]float64, len(s.Nodes))}
	if t.guessed {
		f.Guessed = true
		f.t = newTrafficBehind(s, byCapacity, t.bearing(), misses)
	}
	for i := range s.Nodes {
		if c := s.Nodes[i].Client; c != nil {
			clear(f.t.outside)
			clear(f.t.wire)
			f.t.send(c, 1)
			f.visits[i], f.wire[i] = f.t.solve(), slices.Clone(f.t.wire)
		}
	}
	return f
}

// Rows is the number of rows: one for each operation of a server or a
// database, and one for each other node.
func (f *Flow) Rows() int { return len(f.t.work) }

// Row is the row of operation k of a node; 0 is that of a node without
// operations.
func (f *Flow) Row(node, k int) int { return f.t.first[node] + k }

// RowOf is the row of a node's operation by name, None if it has none such.
func (f *Flow) RowOf(node int, op string) int { return f.t.operation(node, op) }

// Visits is how often each row is visited for each request of a client.
func (f *Flow) Visits(client int) []float64 { return f.visits[client] }

// Wire is how many seconds the network interfaces of each row are busy for
// each request of a client.
func (f *Flow) Wire(client int) []float64 { return f.wire[client] }

// Ways returns where a balancer, or a cache with an origin, passes requests for
// an operation on to; none where the node answers itself.
func (f *Flow) Ways(node int, op string) []Way {
	var out []Way
	for _, s := range f.t.next(toShare{node, op}) {
		out = append(out, Way{s.node, s.op, s.part})
	}
	return out
}

// Attempts is how many attempts a call makes on average, as far as it is known
// that they fail.
func (f *Flow) Attempts(s *Step) float64 { return f.t.attempts(s) }

// Failing is the share of a call's attempts that are known to fail.
func (f *Flow) Failing(s *Step) float64 { return f.t.failing(s) }

// Begun is how often a visit to a step begins its branch j.
func (f *Flow) Begun(s *Step, j int) float64 { return f.t.begun(s, j) }

// Survival is the probability that a step is got through.
func (f *Flow) Survival(s *Step) float64 { return f.t.survival(s) }

// InstanceShares returns, for each operation of a server or a database, which
// share of its visits each instance gets: as many as there are at the start,
// all alike unless a key decides. Known is false where that depends on more
// than the file says.
func (s *Spec) InstanceShares(at int) (shares [][]float64, known bool) {
	n := &s.Nodes[at]
	if n.Database == nil {
		even := evenWeights(n.AtStart())
		for i := range even {
			even[i] /= float64(len(even))
		}
		for range n.Server.Ops {
			shares = append(shares, even)
		}
		return shares, true
	}
	byShard, known := s.shardShares(at)
	for k := range n.Server.Ops {
		each := make([]float64, n.Instances)
		n.Database.spread(k, byShard, func(instance int, share float64) { each[instance] += share })
		shares = append(shares, each)
		a := n.Database.Access[k]
		nearest := a.Route == ReadNearest && len(s.Zones) > 1 && s.Network != nil
		known = known && !nearest && !(a.Route == ReadOwn && n.Database.replicates())
	}
	return shares, known
}

// HolderShares returns which share of what a cache is asked for each of its
// instances has: items stay where they are.
func (s *Spec) HolderShares(at int) []float64 {
	n := &s.Nodes[at]
	ring := newItemRing(n.Name, n.Instances)
	shares, _ := s.sharesOf(at, n.Instances, false, func(law dist.Law) []float64 {
		out := make([]float64, n.Instances)
		shareKeys(law, ring.of, out)
		return out
	})
	return shares
}

// Partners is how many shards take part in a request for operation k.
func (d *DatabaseSpec) Partners(k int) int {
	switch a := d.Access[k]; a.Kind {
	case Scatter:
		return d.Shards
	case Transaction:
		return a.Shards
	case Commit:
		return d.partners(k)
	}
	return 1
}

// DiskTime is the mean time of a disk step in seconds, and its variance as far
// as it is known: of what takes the longer of two random times, that of the
// one with the longer mean.
func (s *ServerSpec) DiskTime(step *Step) (mean, variance float64) {
	mean = s.diskMean(step)
	if step.Time != nil {
		return mean, step.Time.Variance() / 1e18 / float64(s.Speed*s.Speed)
	}
	law, per := step.Ops, s.Disk.perOp()
	if step.Bytes != nil && float64(known(step.Bytes.Mean())*s.Disk.perByte()) > float64(known(step.Ops.Mean())*per) {
		law, per = step.Bytes, s.Disk.perByte()
	}
	each := per / 1e9
	return mean, float64(law.Variance() * float64(each*each))
}
