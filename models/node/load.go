package node

import "math"

// Load is what the open clients ask of a node on average over the window if
// nothing is refused, tried again or timed out: the traffic equations of the
// topology. Closed clients adapt to what the system can bear and are left
// out.
type Load struct {
	Rate     float64 // visits per second, over all instances
	CPU      float64 // cores needed: offered load in erlangs
	Capacity float64 // cores there are; 0 for what is not a server
}

// Loads returns the load of every node of the specification.
func (s *Spec) Loads() []Load {
	t := newTraffic(s)
	rates := t.solve()
	loads := make([]Load, len(s.Nodes))
	for i := range s.Nodes {
		l := &loads[i]
		for k := t.first[i]; k < t.first[i+1]; k++ {
			l.Rate += rates[k]
			l.CPU += float64(rates[k] * t.work[k])
		}
		if s.Nodes[i].Kind == Server {
			l.Capacity = float64(s.Nodes[i].Server.Cores * s.Nodes[i].Instances)
		}
	}
	return loads
}

// traffic is a linear system: rates = outside + flow·rates, with a row for
// each operation of each node.
type traffic struct {
	spec    *Spec
	first   []int     // row of a node's first operation; one more at the end
	names   []string  // operation of each row; rows of balancers and caches are made as they are met
	outside []float64 // requests per second from clients
	work    []float64 // seconds of core per visit
	flow    [][]edge  // visits that one visit leads to
}

// edge leads to a row, so many times a visit.
type edge struct {
	to     int
	visits float64
}

func newTraffic(s *Spec) *traffic {
	t := &traffic{spec: s}
	passed := s.passedOps()
	for i := range s.Nodes {
		t.first = append(t.first, len(t.names))
		switch s.Nodes[i].Kind {
		case Server:
			for _, op := range s.Nodes[i].Server.Ops {
				t.names = append(t.names, op.Name)
			}
		case LoadBalancer:
			t.names = append(t.names, passed...)
		default:
			t.names = append(t.names, "")
		}
	}
	t.first = append(t.first, len(t.names))
	t.outside = make([]float64, len(t.names))
	t.work = make([]float64, len(t.names))
	t.flow = make([][]edge, len(t.names))
	for i := range s.Nodes {
		t.node(i)
	}
	return t
}

// passedOps returns every name of an operation in the file, each once, in
// the order of the nodes: any of them may pass through a balancer.
func (s *Spec) passedOps() []string {
	var names []string
	seen := map[string]bool{}
	add := func(name string) {
		if !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	add("request")
	for i := range s.Nodes {
		if c := s.Nodes[i].Client; c != nil {
			for _, op := range c.Ops {
				add(op.Name)
			}
		}
		if v := s.Nodes[i].Server; v != nil {
			for _, op := range v.Ops {
				add(op.Name)
			}
		}
	}
	return names
}

// row returns the row of a node's operation, None if it has no such one.
func (t *traffic) row(node int, op string) int {
	if op == "" {
		op = "request"
	}
	for k := t.first[node]; k < t.first[node+1]; k++ {
		if t.names[k] == op || t.names[k] == "" {
			return k
		}
	}
	return None
}

func (t *traffic) node(i int) {
	n := &t.spec.Nodes[i]
	switch n.Kind {
	case Client:
		t.client(n.Client)
	case LoadBalancer:
		total := 0
		for _, target := range n.Balancer.Targets {
			total += max(1, t.spec.Nodes[target].Instances)
		}
		for k := t.first[i]; k < t.first[i+1]; k++ {
			for _, target := range n.Balancer.Targets {
				share := float64(max(1, t.spec.Nodes[target].Instances)) / float64(total)
				t.add(k, target, t.names[k], share)
			}
		}
	case Server:
		for k, op := range n.Server.Ops {
			t.steps(t.first[i]+k, n.Server.Speed, op.Steps, 1)
		}
	}
}

func (t *traffic) client(c *ClientSpec) {
	if c.Open == nil {
		return
	}
	rate := c.Open.MeanRate(t.spec.Run.Duration)
	sum := 0.0
	for _, op := range c.Ops {
		sum += op.Weight
	}
	for _, op := range c.Ops {
		name := c.Target.Op
		if name == "" {
			name = op.Name
		}
		if k := t.row(c.Target.Node, name); k != None && sum > 0 {
			t.outside[k] += rate * (op.Weight / sum)
		}
	}
}

// add lets each visit of row k lead to so many of another node.
func (t *traffic) add(k, node int, op string, visits float64) {
	if to := t.row(node, op); to != None {
		t.flow[k] = append(t.flow[k], edge{to, visits})
	}
}

// steps adds what a visit does times times.
func (t *traffic) steps(k int, speed float64, steps []Step, times float64) {
	for i := range steps {
		s := &steps[i]
		switch s.Kind {
		case StepCPU:
			if m := s.Time.Mean(); !math.IsInf(m, 0) && !math.IsNaN(m) {
				t.work[k] += float64(times * m / 1e9 / speed)
			}
		case StepCall, StepSet, StepInvalidate:
			t.add(k, s.Target.Node, s.Target.Op, times)
		case StepGet:
			t.add(k, s.Target.Node, "", times)
			miss := 1.0
			if c := t.spec.Nodes[s.Target.Node].Cache; c != nil {
				miss = 1 - c.HitRatio
			}
			t.steps(k, speed, s.Branches[0], float64(times*miss))
		case StepChoose:
			sum := 0.0
			for _, w := range s.Weights {
				sum += w
			}
			for j, b := range s.Branches {
				t.steps(k, speed, b, float64(times*s.Weights[j]/sum))
			}
		case StepParallel:
			for _, b := range s.Branches {
				t.steps(k, speed, b, times)
			}
		case StepRepeat:
			t.steps(k, speed, s.Branches[0], float64(times*s.Time.Mean()))
		case StepFail:
			times = float64(times * (1 - s.Ratio))
		}
	}
}

// solve iterates the system to its fixed point. Calls form no certain cycle,
// so the iteration converges; a hundred rounds are far more than any depth
// of calls between people's services.
func (t *traffic) solve() []float64 {
	rates := append([]float64(nil), t.outside...)
	for range 100 {
		next := append([]float64(nil), t.outside...)
		for k, r := range rates {
			for _, e := range t.flow[k] {
				next[e.to] += float64(r * e.visits)
			}
		}
		change := 0.0
		for k := range next {
			change = max(change, math.Abs(next[k]-rates[k]))
		}
		rates = next
		if change < 1e-9 {
			break
		}
	}
	return rates
}
