package node

import (
	"github.com/capsim/capsim/models/balance"
	"github.com/capsim/capsim/sim"
)

// chooseShared lets the policy of f's target choose among its instances: all
// that call it directly choose together.
func (n *Network) chooseShared(f uint32, in *instr, callee uint16) uint32 {
	fr := &n.frames[f]
	shared := in.target.shared
	w := &shared.ways[0]
	q := &n.reqs[fr.req]
	key := n.about(f, in)
	avoid := balance.Nobody
	if fr.flags&isCopy != 0 {
		if first := n.sibling(f); first != none && n.rare[first].choice != none {
			avoid = int(n.rare[first].choice)
		}
	}
	i := w.group.Pick(balance.Request{Hash: sim.Mix(n.opHashes[callee], key), Source: q.source, Now: n.eng.Now()}, avoid, &shared.stream)
	if i == balance.Nobody {
		i = 0 // nobody is in service
	}
	w.group.Sent(i)
	n.rare[f].choice = uint32(i)
	fr.since = n.eng.Now()
	return w.insts[i]
}

// settleShared counts the attempt in f, if one is out, as no longer in
// flight: answered, or timed out, or given up.
func (n *Network) settleShared(f uint32, in *instr, status Status, answered bool) {
	r := &n.rare[f]
	if r.choice == none {
		return
	}
	shared := in.target.shared
	w := &shared.ways[0]
	i := int(r.choice)
	r.choice = none
	n.observed(w, i, status, n.eng.Now()-n.frames[f].since, answered)
	w.group.Done(i)
}
