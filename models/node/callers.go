package node

// Callers reports of each node whether what it does may lead to requests for
// another, which counts as one of them.
func (s *Spec) Callers(to int) []bool {
	from := make([][]int, len(s.Nodes))
	note := func(i, target int) {
		if target != None {
			from[target] = append(from[target], i)
		}
	}
	for i := range s.Nodes {
		s.Nodes[i].asks(func(target int) { note(i, target) })
	}
	seen := make([]bool, len(s.Nodes))
	for next := []int{to}; len(next) > 0; {
		at := next[0]
		next = next[1:]
		if !seen[at] {
			seen[at] = true
			next = append(next, from[at]...)
		}
	}
	return seen
}

// asks calls with each node that a node sends requests to.
func (n *Node) asks(with func(target int)) {
	if origin := n.Origin(); origin != nil {
		with(origin.Node)
	}
	if n.Balancer != nil {
		for _, way := range n.Balancer.Ways() {
			for _, target := range way {
				with(target)
			}
		}
	}
	if n.Client != nil {
		with(n.Client.Target.Node)
	}
	if n.Queue != nil {
		with(n.Queue.Consumer.Node)
		with(n.Queue.DeadLetter)
	}
	if n.Server == nil {
		return
	}
	for _, op := range n.Server.Ops {
		EachStep(op.Steps, func(step *Step) {
			if step.Calls() {
				with(step.Target.Node)
			}
		})
	}
}
