package result

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// ReadError is why a document cannot be used. Offset is the byte at which that
// was seen, 0 if it is about the whole.
type ReadError struct {
	Offset  int64
	Message string
}

func (e *ReadError) Error() string { return e.Message }

// Read takes a result document that this program, or an earlier version of it,
// wrote. What an earlier one did not know yet is missing from it. Any error is
// a *ReadError; what comes out can be walked without a look: no entry of a map
// is null, and no interval is negative.
func Read(data []byte) (*Result, error) {
	var head struct {
		Schema *string `json:"schema"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, readError(data, err)
	}
	if head.Schema == nil {
		return nil, &ReadError{0, "not a result document: it names no schema"}
	}
	if *head.Schema != Schema {
		return nil, &ReadError{0, "its schema is " + quote(*head.Schema) + ", not " + Schema}
	}
	r := &Result{}
	if err := json.Unmarshal(data, r); err != nil {
		return nil, readError(data, err)
	}
	if problem := r.unsound(); problem != "" {
		return nil, &ReadError{0, problem}
	}
	return r, nil
}

// quote is a text of a stranger, made short and harmless.
func quote(s string) string {
	const enough = 60
	if len(s) > enough {
		s = s[:enough] + "…"
	}
	return fmt.Sprintf("%+q", s)
}

// readError says in people's words what encoding/json found.
func readError(data []byte, err error) *ReadError {
	var syntax *json.SyntaxError
	var wrong *json.UnmarshalTypeError
	switch {
	case len(strings.TrimSpace(string(data))) == 0:
		return &ReadError{0, "the document is empty"}
	case errors.As(err, &syntax) && syntax.Error() == "unexpected end of JSON input":
		return &ReadError{syntax.Offset, "the document ends in the middle"}
	case errors.As(err, &syntax):
		return &ReadError{syntax.Offset, "not JSON: " + syntax.Error()}
	case errors.As(err, &wrong) && wrong.Field != "":
		return &ReadError{wrong.Offset, "not a result document: " + quote(strings.ReplaceAll(wrong.Field, ".Traffic.", ".")) + " is a JSON " + wrong.Value}
	case errors.As(err, &wrong):
		return &ReadError{wrong.Offset, "not a result document: it is a JSON " + wrong.Value}
	}
	return &ReadError{0, "not a result document: " + quote(err.Error())}
}

// unsound says what no run could have written, "" if there is nothing.
func (r *Result) unsound() string {
	if r.Run.Replications < 1 {
		return fmt.Sprintf("not a result document: it has %d replications", r.Run.Replications)
	}
	for _, name := range sortedNames(r.Clients) {
		c := r.Clients[name]
		if c == nil {
			return "not a result document: the client " + quote(name) + " is null"
		}
		for _, op := range sortedNames(c.Ops) {
			if c.Ops[op] == nil {
				return "not a result document: the operation " + quote(name+"."+op) + " is null"
			}
		}
		figures := []Estimate{c.OfferedRPS, c.ThroughputRPS, c.ErrorRatio, c.Availability}
		for _, figure := range sortedNames(c.LatencyS) {
			figures = append(figures, c.LatencyS[figure])
		}
		if c.Slowest != nil {
			figures = append(figures, c.Slowest.LatencyMeanS)
		}
		if negative(figures...) {
			return "not a result document: an interval of the client " + quote(name) + " is negative"
		}
	}
	for _, name := range sortedNames(r.Nodes) {
		n := r.Nodes[name]
		if n == nil {
			return "not a result document: the node " + quote(name) + " is null"
		}
		for _, resource := range sortedNames(n.Resources) {
			x := n.Resources[resource]
			if x == nil {
				return "not a result document: the resource " + quote(name+" "+resource) + " is null"
			}
			if negative(x.Utilization.Estimate) {
				return "not a result document: an interval of the node " + quote(name) + " is negative"
			}
		}
		if n.Cache != nil && negative(n.Cache.HitRatio) {
			return "not a result document: an interval of the node " + quote(name) + " is negative"
		}
	}
	if r.Cost != nil && negative(r.Cost.Monthly, r.Cost.PerMillionRequests) {
		return "not a result document: an interval of the cost is negative"
	}
	return ""
}

func negative(figures ...Estimate) bool {
	for _, e := range figures {
		if e.HalfWidth != nil && *e.HalfWidth < 0 {
			return true
		}
	}
	return false
}

func sortedNames[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }
