package node

import (
	"strconv"
	"strings"
)

// stateWords are the states in which a traced frame may be between two events.
var stateWords = map[state]struct {
	kind SpanKind
	what string
}{
	onCore:        {SpanService, "cpu"},
	forCore:       {SpanWait, "waits for a core"},
	onDisk:        {SpanService, "disk"},
	forDisk:       {SpanWait, "waits for the disk"},
	inDelay:       {SpanService, "wait step"},
	forWorker:     {SpanWait, "waits for a worker"},
	forAnswer:     {SpanCall, "call"},
	forCopies:     {SpanCall, "call"},
	forChildren:   {SpanCall, "parallel"},
	inBackoff:     {SpanBackoff, "backs off"},
	outbound:      {SpanNetwork, "network, there"},
	homebound:     {SpanNetwork, "network, back"},
	receiving:     {SpanService, "request comes in"},
	toReceive:     {SpanWait, "waits for the network interface"},
	sending:       {SpanService, "answer goes out"},
	toSend:        {SpanWait, "waits for the network interface"},
	forConnection: {SpanWait, "waits for a connection"},
	forPool:       {SpanWait, "waits for a connection of the pool"},
	opening:       {SpanService, "opens a connection"},
	forFlight:     {SpanWait, "waits for what another request fetches"},
	forRoom:       {SpanWait, "waits for room in the queue"},
	stalled:       {SpanWait, "its instance stands still"},
	undelivered:   {SpanBlocked, "its caller stands still"},
	lagging:       {SpanService, "delayed by a fault"},
	forReplicas:   {SpanWait, "waits for replicas"},
	shipped:       {SpanBlocked, "on the way to a replica"},
	late:          {SpanBlocked, "waits for a replica to be back"},
}

// outside reports whether a frame in this state is not at a step yet, or not any
// more.
func (s state) outside() bool {
	switch s {
	case forWorker, receiving, toReceive, sending, toSend, outbound, homebound, lagging, undelivered, shipped, late:
		return true
	}
	return false
}

// wordsOf says what frame f does in a state, at an instruction.
func (n *Network) wordsOf(f uint32, s state, pc uint32) (SpanKind, string) {
	known, ok := stateWords[s]
	if !ok {
		return SpanBlocked, "goes on"
	}
	in := &n.code[pc]
	switch at := &n.spec.Nodes[n.insts[n.frames[f].inst].node]; {
	case s == inDelay && at.Server == nil:
		return SpanService, "latency"
	case known.kind != SpanCall:
		return known.kind, known.what
	}
	switch in.op {
	case opAttempt:
		return SpanCall, "attempt " + strconv.Itoa(int(n.attemptOf(f))+1)
	case opCall, opGet, opDeliver:
		what := n.targetWords(in, f)
		if n.attemptOf(f) > 0 {
			what += ", attempt " + strconv.Itoa(int(n.attemptOf(f))+1)
		}
		return SpanCall, what
	case opForward:
		return SpanCall, "sends it on"
	case opPooled:
		return SpanCall, "has a connection"
	case opRepeat:
		return SpanCall, "repeat"
	case opScatter, opPart:
		return SpanCall, "asks its shards"
	}
	return SpanCall, known.what
}

// attemptOf is which attempt of its call frame f makes, from 0.
func (n *Network) attemptOf(f uint32) uint32 {
	if n.frames[f].flags&isCopy != 0 || n.code[n.frames[f].pc].op == opDeliver {
		return 0
	}
	return n.cold[f].count
}

// targetWords says what a call of frame f asks for.
func (n *Network) targetWords(in *instr, f uint32) string {
	callee := in.callee
	if in.forward {
		callee = n.frames[f].op
	}
	name := n.spec.Nodes[in.node].Name
	if n.spec.Nodes[in.node].Server == nil && n.spec.Nodes[in.node].Cache == nil {
		return "call " + name
	}
	op := n.opNames[callee]
	if internal, is := strings.CutPrefix(op, "("); is {
		return "call " + name + " " + strings.TrimSuffix(internal, ")")
	}
	return "call " + name + "." + op
}

// frameWords says what frame f is.
func (n *Network) frameWords(f uint32) (SpanKind, string) {
	fr := &n.frames[f]
	if fr.flags&isBranch == 0 {
		return SpanVisit, n.opNames[fr.op]
	}
	switch {
	case n.code[fr.pc].op == opDeliver:
		return SpanPart, "delivery"
	case n.code[fr.pc].op == opPooled:
		return SpanPart, "connection"
	case fr.flags&isCopy != 0:
		return SpanPart, "copy"
	case fr.state == shipped || fr.state == late:
		return SpanPart, "replica"
	case fr.parent == none:
		return SpanPart, "aside"
	}
	switch n.code[n.frames[fr.parent].pc].op {
	case opRepeat:
		return SpanPart, "round"
	case opScatter:
		return SpanPart, "shard"
	}
	return SpanPart, "branch"
}
