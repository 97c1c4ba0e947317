package topologies

import (
	"regexp"
	"strings"

	"github.com/capsim/capsim/models/kind"
	"golang.org/x/text/unicode/norm"
)

// badName makes the finding that a key cannot be used as a name.
func badName(e *kind.Entry, path string) (kind.Diagnostic, bool) {
	code, message := kind.BadName(e.Key)
	return kind.Diagnostic{Code: code, Pos: e.KeyPos, Key: e.Value.Origin + path, Message: message}, code != ""
}

// instanceName is how an instance, a shard or a replica of a node is called.
var instanceName = regexp.MustCompile(`\[\d*\]$`)

// reservedName says why a name that is otherwise right cannot be a node's.
func reservedName(name string) string {
	switch {
	case name == "network", name == "backoff":
		return "reports call the time in the network and in backoff by these names"
	case instanceName.MatchString(name):
		return "this is how the instances of a node are called"
	case strings.HasPrefix(name, "zone:"):
		return "this is how zones are called"
	}
	return ""
}

// checkNames looks at the names of all nodes: each for itself, and against
// the others, which share one namespace.
func (r *resolver) checkNames() {
	byForm := map[string]*nodeConfig{}
	byLook := map[string]*nodeConfig{}
	for _, n := range r.byPosition() {
		d := n.at.Problem("E209", "")
		d.Pos = n.keyPos
		if code, message := kind.BadName(n.name); code != "" {
			if d.Code, d.Message = code, message; n.shields == nil { // else the CDN's name was told
				r.report.Add(d)
			}
			continue
		}
		if why := reservedName(n.name); why != "" {
			d.Message = "the name " + kind.QuoteText(n.name) + " is reserved: " + why
			r.report.Add(d)
		}
		form := norm.NFC.String(n.name)
		if first := byForm[form]; first != nil {
			d.Code, d.Message = "E401", "the name "+kind.QuoteText(n.name)+" is taken"
			if first.name != n.name {
				d.Message = "two names differ only in how their characters are composed"
			}
			r.report.Add(d.See(first.keyPos, "by this "+strings.ReplaceAll(first.row.Key, "_", " ")))
			continue
		}
		byForm[form] = n
		look := skeleton(form)
		if first := byLook[look]; first != nil {
			d.Code, d.Message = "W210", "this name looks like another one, but is written with different characters"
			r.report.Add(d.See(first.keyPos, "the other one"))
			continue
		}
		byLook[look] = n
	}
}

// skeleton writes a name with Latin letters in place of the Cyrillic and
// Greek ones that look the same in most fonts (from the confusables of
// Unicode Technical Standard 39).
func skeleton(name string) string { return lookAlikes.Replace(name) }

var lookAlikes = strings.NewReplacer(
	"а", "a", "е", "e", "о", "o", "р", "p", "с", "c", "у", "y", "х", "x", "і", "i", "ј", "j", "ѕ", "s", "ԁ", "d", "һ", "h", "ѵ", "v",
	"А", "A", "В", "B", "Е", "E", "К", "K", "М", "M", "Н", "H", "О", "O", "Р", "P", "С", "C", "Т", "T", "Х", "X", "І", "I", "Ј", "J",
	"ο", "o", "ν", "v", "α", "a", "ρ", "p", "Α", "A", "Β", "B", "Ε", "E", "Ζ", "Z", "Η", "H", "Ι", "I", "Κ", "K", "Μ", "M",
	"Ν", "N", "Ο", "O", "Ρ", "P", "Τ", "T", "Υ", "Y", "Χ", "X",
)
