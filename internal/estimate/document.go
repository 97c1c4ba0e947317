package estimate

import (
	"math"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
)

// Document is the estimate as a part of the result document.
func (e *Estimate) Document() result.DesignEstimate {
	d := result.DesignEstimate{
		Design:  e.spec.Design,
		Clients: map[string]result.EstimateClient{}, Nodes: map[string]result.EstimateNode{},
		Assumptions: []result.Assumption{},
	}
	for i := range e.Clients {
		c := &e.Clients[i]
		d.Clients[e.spec.Nodes[c.Node].Name] = e.clientDocument(c)
	}
	for i := range e.Nodes {
		n := &e.Nodes[i]
		d.Nodes[e.spec.Nodes[n.Node].Name] = e.nodeDocument(n)
	}
	if b := e.Bottleneck; b != nil {
		d.Bottleneck = &result.Bottleneck{Node: e.spec.Nodes[b.Node].Name, Resource: b.Resource, Utilization: b.Utilization}
		if b.SaturatesAt > 0 {
			d.Bottleneck.SaturatesAtLoad = &b.SaturatesAt
		}
	}
	for _, a := range e.Assumptions {
		name := ""
		if a.Node != node.None {
			name = e.spec.Nodes[a.Node].Name
		}
		d.Assumptions = append(d.Assumptions, result.Assumption{Node: name, Text: a.Text})
	}
	return d
}

// known is a figure, nil where there is none.
func known(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}

func timeDocument(t Time) result.EstimateTime {
	d := result.EstimateTime{Mean: known(t.Mean), P50: known(t.P50), P99: known(t.P99)}
	d.Exact = t.Exact && d.Mean != nil
	d.ExactTail = t.TailExact && d.P99 != nil
	return d
}

func (e *Estimate) clientDocument(c *Client) result.EstimateClient {
	b := c.Bounds
	d := result.EstimateClient{
		Users: c.Users, OfferedRPS: known(c.Offered), ThroughputRPS: known(c.Throughput), ErrorRatio: known(c.ErrorRatio),
		LatencyS: timeDocument(c.Latency), Ops: map[string]result.EstimateTime{},
		Bounds: result.EstimateBounds{
			DemandS: b.Demand, DelayS: known(b.Delay), ThroughputMaxRPS: known(b.ThroughputMax), LatencyMinS: known(b.LatencyMin),
		},
	}
	for k, op := range e.spec.Nodes[c.Node].Client.Ops {
		d.Ops[op.Name] = timeDocument(c.Ops[k])
	}
	positive := func(x float64) *float64 {
		if x > 0 {
			return known(x)
		}
		return nil
	}
	d.Bounds.BalancedMaxRPS, d.Bounds.BalancedMinRPS = positive(b.BalancedMax), positive(b.BalancedMin)
	d.Bounds.SaturationUsers = positive(b.SaturationUsers)
	return d
}

func (e *Estimate) nodeDocument(n *Node) result.EstimateNode {
	d := result.EstimateNode{
		Kind: e.spec.Nodes[n.Node].Kind.String(), Instances: n.Instances, ArrivalsRPS: known(n.Arrivals),
		Resources: map[string]result.EstimateResource{}, ResponseS: timeDocument(n.Response),
		Rejected: known(n.Rejected), HitRatio: known(n.HitRatio), Note: n.Why,
	}
	for _, r := range n.Resources {
		d.Resources[r.Name] = result.EstimateResource{
			Capacity: r.Capacity, Busy: known(r.Busy), Utilization: known(r.Utilization), Hottest: known(r.Hottest), WaitS: known(r.Wait),
		}
	}
	return d
}
