package node

// Asked is how much of the limits of a node one of its instances was asked for
// at once at most, from the start of a run to its end: one more than there is,
// where a request found nothing free. Had the limits been any others that are no
// lower than this, here and there, the same would have happened at the same
// times.
type Asked struct {
	Workers int   // 0: their number is not limited
	Pools   []int // connections of each, in the order of the specification
}

// Asked tells, after a run or a pilot, how much each node was asked for.
func (n *Network) Asked() []Asked {
	out := make([]Asked, len(n.nodes))
	for i := range out {
		nd := &n.nodes[i]
		out[i].Workers = int(nd.workers.asked)
		for k := range nd.pools {
			out[i].Pools = append(out[i].Pools, int(nd.pools[k].meter.asked))
		}
	}
	return out
}
