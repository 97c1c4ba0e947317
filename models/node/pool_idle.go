package node

import "github.com/capsim/capsim/models/fault"

// idling is to which instances the connections of a pool are open that nobody
// uses, where instances may die: by instance of the node that is called. A
// connection is to the one that its last call went to; of a call that went to
// several shards nobody knows, and it is to the first.
type idling []int32

// knowIdle lets the pools know where their idle connections lead, if that ever
// matters.
func (b *builder) knowIdle() {
	for i := range b.nodes {
		for k := range b.nodes[i].pools {
			np := &b.nodes[i].pools[k]
			if np.connect.kind == noLaw {
				continue
			}
			for j := range np.each {
				np.each[j].at = make(idling, b.nodes[np.to].count)
			}
		}
	}
}

// takeIdle takes one of the idle connections: one of those to the instance that
// most of them lead to.
func (p *pool) takeIdle() {
	p.idle--
	if p.at == nil {
		return
	}
	most := 0
	for i := range p.at {
		if p.at[i] > p.at[most] {
			most = i
		}
	}
	p.at[most]--
}

// calledBy is the instance that the call went to which has the connection of g,
// none if nobody knows.
func (n *Network) calledBy(g uint32) uint32 {
	child := n.cold[g].child
	if child == none || n.code[n.frames[child].pc].standsBetween() {
		return none
	}
	return n.frames[child].inst
}

// keepIdle keeps the connection of g open, unless who is at its other end has
// died, or the call was refused because nobody was there.
func (n *Network) keepIdle(g uint32, p *pool, np *nodePool, status Status) {
	if p.at == nil {
		p.idle++
		return
	}
	nd := &n.nodes[np.to]
	i := n.cold[g].limit
	if i == none {
		if status == Unavailable {
			return
		}
		i = nd.first
	}
	if n.insts[i].state >= fault.Dead {
		return
	}
	p.idle++
	p.at[i-nd.first]++
}

// dropIdle closes the idle connections of all pools to an instance that has
// died, or is a primary no more.
func (n *Network) dropIdle(inst uint32) {
	to := int(n.insts[inst].node)
	for i := range n.nodes {
		for k := range n.nodes[i].pools {
			np := &n.nodes[i].pools[k]
			if np.to != to {
				continue
			}
			for j := range np.each {
				if p := &np.each[j]; p.at != nil {
					at := &p.at[inst-n.nodes[to].first]
					p.idle -= *at
					*at = 0
				}
			}
		}
	}
}
