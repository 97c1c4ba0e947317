package result

// Trace is what some requests of one replication went through. It is drawn in
// the formats of other tools, and is no document of its own. Times are whole
// nanoseconds since the start of the window.
type Trace struct {
	Title, Design, Fingerprint string
	Seed                       uint64
	Replication                int
	Clients                    []TracedClient // in the order of their names
	Requests                   []TracedRequest
}

// TracedClient says how many of a client's requests were traced, and of how
// many.
type TracedClient struct {
	Name    string
	Offered uint64 // counted requests of the replication
	Sample  int    // drawn by chance, each as likely as any other
}

// TracedRequest is all that was done for one request.
type TracedRequest struct {
	Client, Op string
	Number     uint64 // of the client's requests within the window, from 1
	Due, Took  int64
	Status     string // "ok", or the kind of its error
	Slowest    bool   // it is among the ok ones that took the longest
	Failed     bool   // it is among the others that took the longest
	Place      int    // in the sample of its client, from 1; 0: it is not in it
	Spans      []Span // the first is the request itself
	Cut        uint64 // further spans, of which there were too many
}

// SpanKind tells what a span is.
type SpanKind string

// The kinds of span. The last five contain no others.
const (
	SpanRequest SpanKind = "request"
	SpanVisit   SpanKind = "visit"   // at an instance
	SpanPart    SpanKind = "part"    // of a visit: a branch, a round, a copy of a call, a connection
	SpanCall    SpanKind = "call"    // out for an answer, or for branches
	SpanWait    SpanKind = "wait"    // in a queue
	SpanService SpanKind = "service" // on a core, a disk, …
	SpanNetwork SpanKind = "network" // a message is on its way
	SpanBackoff SpanKind = "backoff" // a pause before another attempt
	SpanBlocked SpanKind = "blocked" // neither served nor in a queue of its instance
)

// Span is a time in which a request, or work for it, did one thing.
type Span struct {
	Parent         int // in TracedRequest.Spans: what it is a part of; −1 of the request
	Kind           SpanKind
	Node, Instance string
	What           string // of a visit its operation, else what it does, in words
	Step           string // which step of its operation it is at, as 2, or 2.1 inside of that; "" of others than steps
	From, To       int64
	Status         string // of what ended with an answer
	Open           bool   // it had not ended when the run did
	GivenUp        bool   // nobody waited for its end
	Aside          bool   // it goes on beside the request, for which nobody waits
	Booked         bool   // of a visit or a part: time_spent_s has it
}
