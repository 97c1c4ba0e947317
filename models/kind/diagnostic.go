package kind

import "strconv"

// Severity tells an error, after which nothing is simulated, from a warning.
type Severity uint8

// The severities.
const (
	Error Severity = iota
	Warning
)

// String returns "error" or "warning".
func (s Severity) String() string {
	if s == Warning {
		return "warning"
	}
	return "error"
}

// Diagnostic is one finding in the input, for the person who wrote it. Key is
// the dotted path of what it is about, Message one line in lower case without
// a full stop, Hint what to do (may be empty).
type Diagnostic struct {
	Code string // of the table Codes; its first letter is the severity
	Pos
	Key     string
	Message string
	Hint    string
	Related []Related
	meant   []string // of an unknown key: those that it may stand for
}

// Related is another place that a finding is about.
type Related struct {
	Pos
	Message string
}

// Severity is an error for codes that begin with E.
func (d *Diagnostic) Severity() Severity {
	if d.Code != "" && d.Code[0] == 'W' {
		return Warning
	}
	return Error
}

// See returns the diagnostic with another place that it is about.
func (d Diagnostic) See(pos Pos, message string) Diagnostic {
	d.Related = append(d.Related[:len(d.Related):len(d.Related)], Related{pos, message})
	return d
}

// WithHint returns the diagnostic with a hint.
func (d Diagnostic) WithHint(hint string) Diagnostic {
	d.Hint = hint
	return d
}

// Headline is the first line of the diagnostic: file:line:col: severity and
// code, key, message.
func (d *Diagnostic) Headline() string {
	return escape(d.File) + ":" + strconv.Itoa(max(d.Line, 1)) + ":" + strconv.Itoa(max(d.Col, 1)) + ": " +
		d.Severity().String() + "[" + d.Code + "]: " + escape(d.Key) + ": " + escape(d.Message)
}
