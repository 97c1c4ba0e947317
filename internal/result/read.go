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

// readable are the documents that can be read back: what each is called, its
// schema, and an empty one.
var readable = []struct {
	noun, schema string
	empty        func() any
}{
	{"result", Schema, func() any { return &Result{} }},
	{"comparison", ComparisonSchema, func() any { return &Comparison{} }},
	{"what-if", WhatIfSchema, func() any { return &WhatIf{} }},
	{"drill", DrillSchema, func() any { return &DrillReport{} }},
	{"map", DrillMapSchema, func() any { return &DrillMap{} }},
	{"stress", StressSchema, func() any { return &Stress{} }},
	{"soak", SoakSchema, func() any { return &Soak{} }},
	{"sweep", SweepSchema, func() any { return &Sweep{} }},
	{"plan", PlanSchema, func() any { return &Plan{} }},
	{"estimate", EstimateSchema, func() any { return &Estimates{} }},
	{"report", ReportSchema, func() any { return &Report{} }},
}

// Read takes a result document that this program, or an earlier version of it,
// wrote. What an earlier one did not know yet is missing from it. Any error is
// a *ReadError; what comes out can be walked without a look: no entry of a map
// is null, and no interval is negative.
func Read(data []byte) (*Result, error) {
	schema, err := schemaOf(data, "result")
	if err != nil {
		return nil, err
	}
	if schema != Schema {
		return nil, &ReadError{0, "its schema is " + quote(schema) + ", not " + Schema}
	}
	r := &Result{}
	if err := fill(data, "result", r); err != nil {
		return nil, err
	}
	return r, nil
}

// ReadAny takes any document that is drawn, by its schema, and returns a
// pointer to it: a *[Result], a *[Report], ... It is as strict as [Read].
func ReadAny(data []byte) (any, error) {
	schema, err := schemaOf(data, "capsim")
	if err != nil {
		return nil, err
	}
	var known []string
	for _, d := range readable {
		if d.schema == schema {
			document := d.empty()
			if err := fill(data, d.noun, document); err != nil {
				return nil, err
			}
			return document, nil
		}
		known = append(known, d.schema)
	}
	return nil, &ReadError{0, "its schema is " + quote(schema) + "; those that can be drawn are " + strings.Join(known, ", ")}
}

// schemaOf reads what a document calls itself.
func schemaOf(data []byte, noun string) (string, error) {
	var head struct {
		Schema *string `json:"schema"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return "", readError(data, noun, err)
	}
	if head.Schema == nil {
		return "", &ReadError{0, "not a " + noun + " document: it names no schema"}
	}
	return *head.Schema, nil
}

// fill reads a document and looks whether it can be used.
func fill(data []byte, noun string, document any) error {
	if err := json.Unmarshal(data, document); err != nil {
		return readError(data, noun, err)
	}
	if flaw := flawOf(document); flaw != "" {
		return &ReadError{0, "not a " + noun + " document: " + flaw}
	}
	return nil
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
func readError(data []byte, noun string, err error) *ReadError {
	var syntax *json.SyntaxError
	var wrong *json.UnmarshalTypeError
	not := "not a " + noun + " document: "
	switch {
	case len(strings.TrimSpace(string(data))) == 0:
		return &ReadError{0, "the document is empty"}
	case errors.As(err, &syntax) && syntax.Error() == "unexpected end of JSON input":
		return &ReadError{syntax.Offset, "the document ends in the middle"}
	case errors.As(err, &syntax):
		return &ReadError{syntax.Offset, "not JSON: " + syntax.Error()}
	case errors.As(err, &wrong) && wrong.Field != "":
		return &ReadError{wrong.Offset, not + quote(strings.ReplaceAll(wrong.Field, ".Traffic.", ".")) + " is a JSON " + wrong.Value}
	case errors.As(err, &wrong):
		return &ReadError{wrong.Offset, not + "it is a JSON " + wrong.Value}
	}
	return &ReadError{0, not + quote(err.Error())}
}

func sortedNames[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }
