package kind

import (
	"fmt"
	"strings"
)

// MaxName is the longest name of a node, an operation or a design, in bytes.
const MaxName = 128

// BadName returns the code of what is wrong with a name, and a message;
// nothing if it may be used.
func BadName(name string) (code, message string) {
	r, position := Invisible(name)
	switch {
	case strings.TrimSpace(name) == "":
		return "E209", "a name must not be empty"
	case len(name) > MaxName:
		return "E209", fmt.Sprintf("a name must be at most %d bytes long, this one has %d", MaxName, len(name))
	case position > 0:
		return "E210", fmt.Sprintf("a name must not hold the invisible character U+%04X (at position %d)", r, position)
	case strings.TrimSpace(name) != name:
		return "E209", "a name must not begin or end with a space"
	}
	return "", ""
}
