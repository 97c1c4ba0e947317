package manual

import (
	"strings"

	"github.com/capsim/capsim/models/kind"
)

// Advise gives each finding that has no hint one: the page of the key that it
// is about, or that was probably meant; failing that, the page of its code.
func Advise(report *kind.Report) {
	var book *Book
	report.Hint(func(d *kind.Diagnostic) string {
		if strings.HasPrefix(d.Code, "E0") || strings.HasPrefix(d.Code, "E8") {
			return "" // about files and flags: the message says it all
		}
		if book == nil {
			book = New()
		}
		if topic := book.Topic(d.Key); topic != "" {
			return "capsim explain " + topic
		}
		return "capsim explain " + d.Code
	})
}
