package node

import "github.com/capsim/capsim/sim"

// Between two events every frame waits for something: for a core, for an
// answer, for a message to come. So what a request goes through is known from
// the state that its frames have after each event. The run itself knows
// nothing of being watched, but for telling when frames come and go.

// mostSpans bounds the spans of one request.
const mostSpans = 20_000

// Traced is all that a request went through.
type Traced struct {
	Chosen
	Client, Op int    // indices: of the clients, and of its operations
	Number     uint64 // of the client's counted requests, from 1
	Ended      bool
	Spans      []Span // the first is the request itself
	Cut        uint64 // spans that are missing because there were too many

	chosenTook   sim.Time // what the run knew that chose it
	chosenStatus Status
}

// SpanKind tells what a span is.
type SpanKind uint8

// The kinds of span. The last six contain no others.
const (
	SpanRequest SpanKind = iota
	SpanVisit            // at an instance
	SpanPart             // of a visit: a branch, a round, a copy of a call, a connection
	SpanCall             // out for an answer, or for the branches
	SpanWait             // in a queue
	SpanService
	SpanNetwork // a message is on its way
	SpanBackoff
	SpanBlocked // neither served nor in a queue of its instance
)

// Span is a time in which a request, or work for it, did one thing.
type Span struct {
	Parent   int // in Traced.Spans: what it is a part of; None of the request
	Kind     SpanKind
	Node     int
	Instance int    // of the node
	What     string // of a visit its operation, else the state in words
	Step     string // which step of its operation it is at: "2", or "2.1" inside of that
	From, To sim.Time
	Status   Status // of what ended with an answer
	Open     bool   // it had not ended when the run did
	GivenUp  bool   // nobody waited for its end
	Aside    bool   // nobody waits for it: it goes on beside the request
	Booked   bool   // of a visit or a part: its time counts in OpStats
}

// Again reports whether the request ended as it did in the run that chose it.
func (x *Traced) Again() bool {
	return x.Ended && x.Took == x.chosenTook && x.Status == x.chosenStatus
}

// tracer watches the frames that work for the requests that are traced.
type tracer struct {
	all     bool // counted ones are traced
	clients []awaited
	records []*Traced
	of      []int32 // by request: 1 + its record; 0: not traced
	seat    []int32 // by frame: 1 + its place in live; 0: not watched
	live    []watchedFrame
	fresh   int // of those, how many have no parent yet
}

// awaited is what is to come of a client.
type awaited struct {
	chosen []Chosen // by when they are due
	next   int
	number uint64
}

type watchedFrame struct {
	frame   uint32
	record  *Traced
	span    int // of the frame
	doing   int // the span of what it is doing; None: not known yet
	state   state
	pc      uint32
	fresh   bool // its parent is not known yet
	settled bool // how it ended is known
}

// Trace lets the coming run write down what requests go through: those that
// another run of the same replication chose.
func (n *Network) Trace(chosen [][]Chosen) {
	n.tracer = &tracer{clients: make([]awaited, len(n.clients))}
	for i := range chosen {
		n.tracer.clients[i].chosen = chosen[i]
	}
}

// Traced returns what was written down, in the order in which the requests were
// due.
func (n *Network) Traced() []*Traced {
	t := n.tracer
	for i := range t.live {
		w := &t.live[i]
		n.closeSpan(w, w.doing)
		n.closeSpan(w, w.span)
		for _, s := range []int{w.doing, w.span} {
			if s >= 0 {
				w.record.Spans[s].Open = true
			}
		}
	}
	t.live = nil
	return t.records
}

// requestBegins finds out whether request r, which is due now, is to be traced.
func (t *tracer) requestBegins(n *Network, r uint32) {
	for int(r) >= len(t.of) {
		t.of = append(t.of, 0)
	}
	t.of[r] = 0
	q := &n.reqs[r]
	if !q.counted {
		return
	}
	a := &t.clients[q.client]
	a.number++
	one, wanted := a.find(q)
	if !wanted && !t.all {
		return
	}
	cl := &n.clients[q.client]
	x := &Traced{Chosen: one, Client: int(q.client), Op: int(q.op), Number: a.number}
	x.chosenTook, x.chosenStatus = one.Took, one.Status
	x.Spans = append(x.Spans, Span{Parent: None, Kind: SpanRequest, Node: int(cl.node), What: cl.spec.Ops[q.op].Name, From: q.due, To: q.due, Open: true})
	t.records = append(t.records, x)
	t.of[r] = int32(len(t.records))
}

// find looks for a request among those that are to come.
func (a *awaited) find(q *request) (Chosen, bool) {
	for a.next < len(a.chosen) && a.chosen[a.next].Due < q.due {
		a.next++
	}
	for _, one := range a.chosen[a.next:] {
		if one.Due != q.due {
			break
		}
		if one.seed == q.seed {
			return one, true
		}
	}
	return Chosen{Due: q.due, seed: q.seed}, false
}

// recordOf is the record of request r, nil if it is not traced.
func (t *tracer) recordOf(r uint32) *Traced {
	if r == none || t.of[r] == 0 {
		return nil
	}
	return t.records[t.of[r]-1]
}

// rootOpens watches the frame that a request is tried from.
func (t *tracer) rootOpens(n *Network, f uint32) {
	if x := t.recordOf(n.frames[f].req); x != nil {
		t.watch(watchedFrame{frame: f, record: x, span: 0, doing: None})
	}
}

// frameOpens watches a new frame that works for request r. What it is will be
// seen when the event is over.
func (t *tracer) frameOpens(n *Network, f, r uint32) {
	x := t.recordOf(r)
	if x == nil {
		return
	}
	s := x.add(Span{From: n.eng.Now(), To: n.eng.Now()})
	if s == None {
		return
	}
	t.watch(watchedFrame{frame: f, record: x, span: s, doing: None, fresh: true})
	t.fresh++
}

func (t *tracer) watch(w watchedFrame) {
	for int(w.frame) >= len(t.seat) {
		t.seat = append(t.seat, 0)
	}
	t.live = append(t.live, w)
	t.seat[w.frame] = int32(len(t.live))
}

// add adds a span, and returns its index; None if there are too many.
func (x *Traced) add(s Span) int {
	if len(x.Spans) >= mostSpans {
		x.Cut++
		return None
	}
	x.Spans = append(x.Spans, s)
	return len(x.Spans) - 1
}

// watched is what is known of frame f, nil if it is not watched.
func (t *tracer) watched(f uint32) *watchedFrame {
	if int(f) >= len(t.seat) || t.seat[f] == 0 {
		return nil
	}
	return &t.live[t.seat[f]-1]
}

// frameCloses ends the span of a frame that ends now.
func (t *tracer) frameCloses(n *Network, f uint32) {
	w := t.watched(f)
	if w == nil {
		return
	}
	t.settle(n, w)
	n.closeSpan(w, w.doing)
	if w.span > 0 {
		n.closeSpan(w, w.span)
		s := &w.record.Spans[w.span]
		s.GivenUp = !w.settled && !s.Aside
	}
	at, last := t.seat[f]-1, len(t.live)-1
	t.live[at] = t.live[last]
	t.seat[t.live[at].frame] = at + 1
	t.live, t.seat[f] = t.live[:last], 0
}

// closeSpan lets a span last until now.
func (n *Network) closeSpan(w *watchedFrame, s int) {
	if s >= 0 {
		w.record.Spans[s].To = n.eng.Now()
		w.record.Spans[s].Open = false
	}
}

// requestEnds notes how a counted request ended.
func (t *tracer) requestEnds(n *Network, r uint32, status Status) {
	x := t.recordOf(r)
	if x == nil {
		return
	}
	now := n.eng.Now()
	x.Ended, x.Took, x.Status = true, now-x.Due, status
	x.Spans[0].To, x.Spans[0].Status, x.Spans[0].Open = now, status, false
	for i := range t.live {
		if w := &t.live[i]; w.record == x && w.span == 0 {
			t.frameCloses(n, w.frame)
			return
		}
	}
}

// delivers notes how the visit or the part in frame f ended, for whom somebody
// may be waiting.
func (t *tracer) delivers(n *Network, f uint32, status Status, waits bool) {
	w := t.watched(f)
	if w == nil {
		return
	}
	fr, s := &n.frames[f], &w.record.Spans[w.span]
	s.Status = status
	s.Booked = status == OK && waits && fr.flags&isDetached == 0 && n.reqs[fr.req].counted
	w.settled = waits
}

// attempted notes how an attempt of frame f ended. What was refused at once was
// never seen before.
func (t *tracer) attempted(n *Network, f uint32, status Status) {
	w := t.watched(f)
	if w == nil {
		return
	}
	t.settle(n, w)
	if n.frames[f].flags&isCopy != 0 {
		w.record.Spans[w.span].Status = status
		w.settled = n.cold[n.frames[f].parent].gen == n.cold[f].parentGen
	}
	if w.doing < 0 {
		n.begins(w, forAnswer, n.frames[f].pc)
	}
	if w.doing >= 0 {
		n.closeSpan(w, w.doing)
		w.record.Spans[w.doing].Status = status
		w.doing = None
	}
}

// look sees what the watched frames are doing when an event is over.
func (t *tracer) look(n *Network) {
	for i := range t.live {
		w, fr := &t.live[i], &n.frames[t.live[i].frame]
		if w.doing < 0 && len(w.record.Spans) >= mostSpans {
			continue
		}
		if w.doing < 0 || fr.state != w.state || fr.pc != w.pc {
			n.closeSpan(w, w.doing)
			n.begins(w, fr.state, fr.pc)
		}
	}
	for i := 0; t.fresh > 0; i++ {
		t.settle(n, &t.live[i])
	}
}

// settle finds out what a frame is that is new.
func (t *tracer) settle(n *Network, w *watchedFrame) {
	if w.fresh {
		n.describe(w)
		w.fresh = false
		t.fresh--
	}
}

// begins begins the span of what a frame is doing from now on.
func (n *Network) begins(w *watchedFrame, s state, pc uint32) {
	kind, what := n.wordsOf(w.frame, s, pc)
	in := &n.insts[n.frames[w.frame].inst]
	w.state, w.pc = s, pc
	step := n.stepNames[pc]
	if s.outside() {
		step = ""
	}
	w.doing = w.record.add(Span{
		Parent: w.span, Kind: kind, Node: int(in.node), Instance: int(n.frames[w.frame].inst - in.at.first),
		What: what, Step: step, From: n.eng.Now(), To: n.eng.Now(), Open: true,
	})
}

// describe finds out what a frame is that has just come, and what it is a part
// of.
func (n *Network) describe(w *watchedFrame) {
	fr, s := &n.frames[w.frame], &w.record.Spans[w.span]
	in := &n.insts[fr.inst]
	s.Node, s.Instance = int(in.node), int(fr.inst-in.at.first)
	s.Kind, s.What = n.frameWords(w.frame)
	s.Aside = fr.flags&isDetached != 0
	s.Open = true
	s.Parent = 0
	if fr.parent == none || n.cold[fr.parent].gen != n.cold[w.frame].parentGen {
		return
	}
	p := n.tracer.watched(fr.parent)
	if p == nil || p.record != w.record {
		return
	}
	s.Parent = p.span
	if p.doing >= 0 && w.record.Spans[p.doing].Kind == SpanCall {
		s.Parent = p.doing
	}
}
