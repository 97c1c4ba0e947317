package node

// PoolLoad is what is asked of a pool of connections at least: what its calls
// hold on average if nobody ever waits for anything, in erlangs.
type PoolLoad struct {
	To              int // as in Pool
	Asked, Capacity float64
}

// pools fills in what is asked of the pools of servers, at the rates of
// visits.
func (h *holding) pools(rates []float64, loads []Load) {
	for i := range loads {
		v := h.t.spec.Nodes[i].Server
		if v == nil || len(v.Pools) == 0 {
			continue
		}
		for k := range v.Pools {
			p := PoolLoad{To: v.Pools[k].To, Capacity: float64(v.Pools[k].Size * h.t.spec.Nodes[i].Most())}
			for op := range v.Ops {
				p.Asked += float64(rates[h.t.first[i]+op] * h.connected(v.Ops[op].Steps, p.To))
			}
			loads[i].Pools = append(loads[i].Pools, p)
		}
	}
}

// connected is for how long one visit to a list of steps has connections to a
// node, on average and all together.
func (h *holding) connected(steps []Step, to int) float64 {
	total, times := 0.0, 1.0
	for i := range steps {
		s := &steps[i]
		part := 0.0
		if s.Calls() && s.Target.Node == to {
			part = float64(h.t.attempts(s) * atLeast(h.request(s.Target)+h.external(to), s.Policy.Timeout))
		}
		for j, b := range s.Branches {
			part += float64(h.t.begun(s, j) * h.connected(b, to))
		}
		total += float64(times * part)
		times = float64(times * h.t.survival(s))
	}
	return total
}

// external is the mean latency of an external service, 0 of any other node.
func (h *holding) external(to int) float64 {
	e := h.t.spec.Nodes[to].External
	if e == nil || e.Latency == nil {
		return 0
	}
	return known(e.Latency.Mean()) / 1e9
}
