package study

import (
	"fmt"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
)

// admission summarises the memory and the connections of a server.
func (f *figures) admission(n *result.Node, at int) {
	first := &f.snaps[0].Nodes[at]
	if first.Memory != nil {
		n.Resources["memory"] = f.memory(at)
	}
	for k, p := range first.Pools {
		n.Resources[f.poolName(p.To)] = f.resource(func(s *node.Snapshot) *node.ResourceStats { return s.Nodes[at].Pools[k].ResourceStats })
	}
}

// poolName is what the result calls the pool of connections to a node.
func (f *figures) poolName(to int) string { return "pool." + f.spec.Nodes[to].Name }

// memory summarises the memory of a server. Its utilisation is 1 at most:
// what instances would need beyond their size they do not have.
func (f *figures) memory(at int) *result.Resource {
	r := f.resource(func(s *node.Snapshot) *node.ResourceStats { return s.Nodes[at].Memory })
	if u := r.Utilization.Mean; u != nil && f.overfull(at) != nil {
		r.Utilization.Estimate = f.collect(func(s *node.Snapshot) (float64, float64) {
			m := s.Nodes[at].Memory
			return min(m.Busy.Float64(), m.Capacity.Float64()), m.Capacity.Float64()
		}).estimate("")
	}
	return r
}

// limited lists the resources of a node that can saturate, in the order in
// which they are named if they are asked for alike.
func (f *figures) limited(at int) []string {
	names := []string{"cpu", "workers", "disk", "network", "connections"}
	for _, p := range f.snaps[0].Nodes[at].Pools {
		names = append(names, f.poolName(p.To))
	}
	return names
}

// overfull returns the first replication in which an instance of a node
// needed more memory than it has, nil if there is none.
func (f *figures) overfull(at int) *node.Snapshot {
	for _, s := range f.snaps {
		if s.Nodes[at].Overfull != nil {
			return s
		}
	}
	return nil
}

// warnOverfull warns of a server whose memory was not enough.
func (f *figures) warnOverfull(at int, add func(code, format string, args ...any)) {
	first := f.overfull(at)
	if first == nil {
		return
	}
	n := &f.spec.Nodes[at]
	when, most, times := first.Nodes[at].Overfull, uint64(0), 0
	for _, s := range f.snaps {
		if o := s.Nodes[at].Overfull; o != nil {
			most = max(most, o.Most)
			times++
		}
	}
	size := n.Server.Memory
	add("W907", "%s: an instance needed %s of its %s of memory (%s too much), first %s %s into replication %d, in %d of %d replications; that would kill it, which is not simulated",
		n.Name, bytes(most), bytes(size), bytes(most-size), n.InstanceName(when.Instance), formatSeconds(when.First), first.Replication, times, len(f.snaps))
}

// bytes writes an amount of memory in three digits.
func bytes(n uint64) string {
	x, unit := float64(n), "B"
	for _, next := range []string{"kB", "MB", "GB", "TB", "PB"} {
		if x < 1000 {
			break
		}
		x, unit = x/1000, next
	}
	return fmt.Sprintf("%.3g %s", x, unit)
}
