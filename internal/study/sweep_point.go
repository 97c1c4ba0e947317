package study

import (
	"maps"
	"slices"

	"github.com/capsim/capsim/internal/result"
)

// takePoint keeps of a result what a point of a sweep shows.
func takePoint(one *result.SweepPoint, r *result.Result, warnings []result.Warning) {
	one.Fingerprint, one.Run = r.Fingerprint, r.Run
	one.Clients, one.Nodes = make(map[string]*result.SweepClient, len(r.Clients)), make(map[string]*result.SweepNode, len(r.Nodes))
	for _, n := range r.Topology.Nodes {
		if c := r.Clients[n.Name]; c != nil {
			one.Clients[n.Name] = &result.SweepClient{
				OfferedRPS: c.OfferedRPS, ThroughputRPS: c.ThroughputRPS, ErrorRatio: c.ErrorRatio, Availability: c.Availability, LatencyS: c.LatencyS,
			}
		}
		if at := r.Nodes[n.Name]; at != nil {
			one.Nodes[n.Name] = &result.SweepNode{Instances: at.Instances, Utilization: utilizations(at)}
		}
	}
	one.Bottleneck, one.Objectives = r.Bottleneck, slices.Concat([]result.Objective{}, r.Objectives)
	if c := r.Cost; c != nil {
		one.Cost = &result.SweepCost{Currency: c.Currency, Monthly: c.Monthly, PerMillionRequests: c.PerMillionRequests}
	}
	one.Warnings = slices.Concat([]result.Warning{}, warnings, r.Warnings)
}

// utilizations are those of the limited resources of a node.
func utilizations(n *result.Node) map[string]result.Estimate {
	out := map[string]result.Estimate{}
	for _, name := range slices.Sorted(maps.Keys(n.Resources)) {
		if r := n.Resources[name]; r.Utilization.Mean != nil {
			out[name] = r.Utilization.Estimate
		}
	}
	return out
}
