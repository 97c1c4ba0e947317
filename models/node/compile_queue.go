package node

import "github.com/capsim/capsim/sim"

// queue compiles a [queue.NAME]: the program of a publication, the
// instruction of deliveries, and the program of dead letters.
func (b *builder) queue(at uint32) {
	s, nd := &b.spec.Nodes[at], &b.nodes[at]
	spec := s.Queue
	nd.entries = []entry{{op: anyOp, pc: b.pc()}}
	if spec.Latency != nil {
		b.emit(instr{op: opWait, time: b.timed(spec.Latency, sim.HashName(s.Name, "latency"), at, 1)})
	}
	b.emit(instr{op: opAccept})
	b.emit(instr{op: opEnd})
	q := &broker{
		spec: spec, at: nd, node: at, inst: nd.first, index: len(b.brokers), bury: none, free: none,
		identity: sim.HashName(s.Name, "message"), line: newStation(0, FCFS, nil), stats: &QueueStats{},
		parts: make([]partition, max(1, spec.Partitions)),
	}
	nd.broker, nd.stats.Queue = q, q.stats
	for i := range q.parts {
		q.parts[i].head, q.parts[i].tail = none, none
	}
	q.deliver = b.emit(b.call(at, opDeliver, spec.Consumer, Policy{Timeout: spec.Visibility}, sim.HashName(s.Name, "delivery")))
	b.code[q.deliver].passes = true
	if spec.DeadLetter != None {
		in := b.call(at, opCall, Target{Node: spec.DeadLetter}, Policy{Timeout: spec.Visibility}, sim.HashName(s.Name, "dead letter"))
		in.passes = true
		q.bury = b.emit(in)
		b.code[q.bury].after = b.pc()
		b.emit(instr{op: opEnd})
	}
	for i := range b.spec.Nodes {
		if v := b.spec.Nodes[i].Server; v != nil {
			for k := range v.Ops {
				EachStep(v.Ops[k].Steps, func(step *Step) {
					ours := step.Kind == StepPublish && step.Target.Node == int(at)
					q.keyed = q.keyed || ours && (step.Key.Source || step.Key.Law != nil)
				})
			}
		}
	}
	consumer := &b.nodes[spec.Consumer.Node]
	for k := range consumer.count {
		q.takers = append(q.takers, taker{inst: consumer.first + k})
	}
	q.turns = make([]uint32, 0, len(q.takers))
	b.brokers = append(b.brokers, q)
	b.assign(q)
}
