package study

import (
	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
)

// How many requests of each client are traced: the slowest and the failed ones
// for who wants to know why, a sample for who wants to know what is usual.
const (
	TracedSlowest = 20
	TracedFailed  = 20
	TracedSample  = 500
)

// RunTraced is [Run] that also tells what some requests of the first
// replication went through. Which are worth telling is known when it is over: it
// is simulated once more, with the same random numbers. The trace is nil if the
// run was stopped before that.
func RunTraced(spec *node.Spec, opt Options) (*result.Result, *result.Trace, error) {
	followed := *spec
	followed.Follow = true
	opt.choice = &node.Choice{Slowest: TracedSlowest, Failed: TracedFailed, Sample: TracedSample}
	outcomes, err := runAll([]*node.Spec{&followed}, opt)
	if len(outcomes) == 0 {
		return nil, nil, err
	}
	r := outcomes[0].Result
	if err != nil {
		return r, nil, err
	}
	t, err := outcomes[0].figures.trace(opt)
	if err != nil {
		return r, nil, err
	}
	t.Fingerprint = r.Fingerprint
	return r, t, nil
}

// trace runs the first replication again and tells what the chosen requests
// went through.
func (f *figures) trace(opt Options) (*result.Trace, error) {
	if opt.Stop != nil && opt.Stop.Load() {
		return nil, node.ErrStopped // a short replication may never look
	}
	first := f.snaps[0]
	n := node.NewNetwork(f.spec, first.Replication)
	n.Trace(first.Chosen)
	again, err := n.Run(opt.Stop)
	if err != nil {
		return nil, err
	}
	traced := n.Traced()
	if err := f.sameAs(again, traced); err != nil {
		return nil, err
	}
	out := &result.Trace{Title: f.spec.Title, Design: f.spec.Design, Seed: f.spec.Run.Seed, Replication: first.Replication}
	for i := range first.Clients {
		c := result.TracedClient{Name: f.spec.Nodes[first.Clients[i].Node].Name}
		for k := range first.Clients[i].Ops {
			c.Offered += first.Clients[i].Ops[k].Offered
		}
		for _, one := range first.Chosen[i] {
			if one.Place > 0 {
				c.Sample++
			}
		}
		out.Clients = append(out.Clients, c)
	}
	for _, x := range traced {
		out.Requests = append(out.Requests, f.tracedRequest(x))
	}
	return out, nil
}

// sameAs checks that the replication went as it did before: whoever was chosen
// was met again, and took as long.
func (f *figures) sameAs(again *node.Snapshot, traced []*node.Traced) error {
	first := f.snaps[0]
	wanted := 0
	for i := range first.Chosen {
		wanted += len(first.Chosen[i])
	}
	same := again.Events == first.Events && again.Requests == first.Requests && len(traced) == wanted
	for _, x := range traced {
		same = same && x.Again()
	}
	if same {
		return nil
	}
	return &node.AssertionError{
		Seed: f.spec.Run.Seed, Replication: first.Replication, Event: again.Events, At: f.spec.Run.Duration,
		Node: "the whole", Law: "the same seed did not lead to the same events",
	}
}

func (f *figures) tracedRequest(x *node.Traced) result.TracedRequest {
	spec := f.spec.Nodes[f.snaps[0].Clients[x.Client].Node].Client
	out := result.TracedRequest{
		Client: f.spec.Nodes[f.snaps[0].Clients[x.Client].Node].Name, Op: spec.Ops[x.Op].Name, Number: x.Number,
		Due: int64(x.Due), Took: int64(x.Took), Status: statusWord(x.Status),
		Slowest: x.Why&node.IsSlowest != 0, Failed: x.Why&node.IsFailed != 0, Place: x.Place, Cut: x.Cut,
	}
	for i := range x.Spans {
		s := &x.Spans[i]
		one := result.Span{
			Parent: s.Parent, Kind: spanKinds[s.Kind], Node: f.spec.Nodes[s.Node].Name, What: s.What, Step: s.Step,
			From: int64(s.From), To: int64(s.To), Status: statusWord(s.Status),
			Open: s.Open, GivenUp: s.GivenUp, Aside: s.Aside, Booked: s.Booked,
		}
		if f.spec.Nodes[s.Node].Kind != node.Client {
			one.Instance = f.spec.Nodes[s.Node].InstanceName(s.Instance)
		}
		out.Spans = append(out.Spans, one)
	}
	return out
}

// spanKinds are the kinds of span, as node's.
var spanKinds = [...]result.SpanKind{
	node.SpanRequest: result.SpanRequest, node.SpanVisit: result.SpanVisit, node.SpanPart: result.SpanPart,
	node.SpanCall: result.SpanCall, node.SpanWait: result.SpanWait, node.SpanService: result.SpanService,
	node.SpanNetwork: result.SpanNetwork, node.SpanBackoff: result.SpanBackoff, node.SpanBlocked: result.SpanBlocked,
}

func statusWord(s node.Status) string {
	if s == node.OK {
		return "ok"
	}
	return result.ErrorKinds[s-1]
}
