package reports

import (
	"compress/gzip"
	"fmt"
	"io"
	"math/bits"
	"strings"

	"github.com/capsim/capsim/internal/result"
)

// Profile writes where simulated time went as a profile for `go tool pprof`
// (profile.proto, gzipped): who waited and who was served, under whose call.
// How long requests spent waiting and being served at a node, on the network
// and in pauses is as in time_spent_s, times the ok requests, over the window
// and all replications; how that is shared out among the steps, and along which
// calls they were come by, is as in the sample that was traced.
func Profile(w io.Writer, r *result.Result, t *result.Trace) error {
	p := newProfile()
	for _, client := range sorted(r.Clients) {
		c := r.Clients[client]
		for _, op := range sorted(c.Ops) {
			p.traffic(client, op, c.Ops[op], sampled(t, client, op))
		}
	}
	p.comment("capsim: simulated time of ok requests within the window, all replications together")
	p.comment("totals by client, operation and node are exact; steps and callers are shared out as in a sample of replication 0")
	for _, c := range t.Clients {
		p.comment(fmt.Sprintf("%s: %d of %d requests sampled", c.Name, c.Sample, c.Offered))
	}
	z, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := z.Write(p.encode(r.Run.DurationS)); err != nil {
		return err
	}
	return z.Close()
}

// sampled are the requests of an operation that were drawn by chance.
func sampled(t *result.Trace, client, op string) []*result.TracedRequest {
	var out []*result.TracedRequest
	for i := range t.Requests {
		if r := &t.Requests[i]; r.Client == client && r.Op == op && r.Place > 0 {
			out = append(out, r)
		}
	}
	return out
}

// total is time that was spent at one place: at a node and in one way, and the
// stacks that it is shared out among.
type total struct {
	place string
	kind  result.SpanKind
	ns    uint64
	parts []*stackPart
	all   uint64 // of the parts' weights
}

// stackPart is a stack below the client and the operation, and what weight the
// sample gives it.
type stackPart struct {
	frames []string
	weight uint64
}

// traffic adds the time of one operation of a client.
func (p *profile) traffic(client, op string, t *result.Traffic, sample []*result.TracedRequest) {
	root := []string{visible(client), visible(client + "." + op)}
	p.add(root, profileValues{requests: t.OK})
	totals := totalsOf(t)
	for _, r := range sample {
		shareOut(totals, r)
	}
	for _, one := range totals {
		if len(one.parts) == 0 {
			one.parts, one.all = []*stackPart{{[]string{placeWords(one.place, one.kind, "")}, 1}}, 1
		}
		cum, before := uint64(0), uint64(0)
		for _, part := range one.parts {
			cum += part.weight
			upTo := portion(one.ns, cum, one.all)
			p.add(append(append([]string{}, root...), part.frames...), valuesOf(one.kind, upTo-before))
			before = upTo
		}
	}
}

// portion is ns·part/all, rounded down.
func portion(ns, part, all uint64) uint64 {
	high, low := bits.Mul64(ns, part)
	quotient, _ := bits.Div64(high, low, all)
	return quotient
}

// totalsOf are the times of an operation's ok requests, all together.
func totalsOf(t *result.Traffic) []*total {
	var out []*total
	add := func(place string, kind result.SpanKind, each *float64) {
		if each != nil && *each > 0 {
			ns := float64(*each*float64(t.OK)*1e9) + 0.5
			out = append(out, &total{place: place, kind: kind, ns: uint64(ns)})
		}
	}
	for _, place := range sorted(t.Spent) {
		switch v := t.Spent[place].(type) {
		case result.Spent:
			add(place, result.SpanWait, v.Wait.Mean)
			add(place, result.SpanService, v.Service.Mean)
		case result.Estimate:
			kind := result.SpanNetwork
			if place == "backoff" {
				kind = result.SpanBackoff
			}
			add("", kind, v.Mean)
		}
	}
	return out
}

// shareOut adds the weights of a request of the sample.
func shareOut(totals []*total, r *result.TracedRequest) {
	for i := range r.Spans {
		s := &r.Spans[i]
		if s.Parent < 0 || s.To == s.From {
			continue
		}
		within := &r.Spans[s.Parent]
		place := s.Node
		switch s.Kind {
		case result.SpanWait, result.SpanService:
			if !within.Booked {
				continue
			}
		case result.SpanNetwork:
			if place = ""; !within.Booked || within.Kind != result.SpanVisit {
				continue
			}
		case result.SpanBackoff:
			if place = ""; within.Aside || r.Status != "ok" {
				continue
			}
		default:
			continue
		}
		for _, one := range totals {
			if one.place == place && one.kind == s.Kind {
				one.weigh(framesOf(r, i), uint64(s.To-s.From))
			}
		}
	}
}

// weigh adds to the weight of a stack.
func (t *total) weigh(frames []string, ns uint64) {
	t.all += ns
	key := strings.Join(frames, "\x00")
	for _, part := range t.parts {
		if strings.Join(part.frames, "\x00") == key {
			part.weight += ns
			return
		}
	}
	t.parts = append(t.parts, &stackPart{frames, ns})
}

// framesOf is the stack of a span: the visits that it is inside of, outermost
// first, and itself.
func framesOf(r *result.TracedRequest, i int) []string {
	s := &r.Spans[i]
	var visits []string
	for k := s.Parent; k > 0; k = r.Spans[k].Parent {
		if r.Spans[k].Kind == result.SpanVisit {
			visits = append(visits, spanName(&r.Spans[k]))
		}
	}
	where := s.Node
	if len(visits) > 0 {
		where = visits[0]
	}
	if s.Step != "" {
		where += ", step " + s.Step
	}
	frames := []string{placeWords(where, s.Kind, s.What)}
	for _, v := range visits {
		frames = append(frames, visible(v))
	}
	for a, b := 0, len(frames)-1; a < b; a, b = a+1, b-1 {
		frames[a], frames[b] = frames[b], frames[a]
	}
	return frames
}

// placeWords names what took time at a place.
func placeWords(place string, kind result.SpanKind, what string) string {
	if what == "" {
		what = string(kind)
	}
	if place == "" {
		return what
	}
	return visible(place) + ": " + what
}

// valuesOf are the values of so much time of one kind.
func valuesOf(kind result.SpanKind, ns uint64) profileValues {
	v := profileValues{time: ns}
	switch kind {
	case result.SpanWait:
		v.wait = ns
	case result.SpanService:
		v.service = ns
	}
	return v
}
