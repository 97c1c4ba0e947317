package kind

import (
	"slices"
	"strings"
)

// maxShown is how many findings a report prints; the rest are counted.
const maxShown = 20

// maxKept is how many errors, and how many warnings, a report remembers: a file of four megabytes
// may hold half a million of them.
const maxKept = 1000

// Report collects the findings of a pass. The zero Report is empty and ready.
type Report struct {
	found    []Diagnostic
	seen     map[string]bool
	kept     [2]int // of found, by severity
	errors   int
	warnings int
	sources  []source
	misspelt map[string][]string // by the path of a table: the keys that unknown ones there may stand for
}

// source is a text that findings point into.
type source struct {
	name  string
	lines []string // without their ends
	words []string // of a command line; lines is then unused
}

// AddSource tells the report the text of a file, so that findings can show
// the line. Findings are ordered by file in the order of these calls.
func (r *Report) AddSource(name string, data []byte) {
	for i := range r.sources {
		if r.sources[i].name == name {
			return
		}
	}
	r.sources = append(r.sources, source{name: name, lines: strings.Split(string(data), "\n")})
}

// AddArguments tells the report the arguments of the command, the first of
// which is column 1 of [CommandLine].
func (r *Report) AddArguments(words []string) {
	r.sources = append(r.sources, source{name: CommandLine, words: words})
}

// Add notes a finding. The same finding at the same place counts once,
// whatever number of passes meet it. That a key is missing is not said where
// it stands misspelt: of one mistake there is one finding.
func (r *Report) Add(d Diagnostic) {
	if r.echoes(&d) {
		return
	}
	if r.kept[d.Severity()] == maxKept {
		r.count(&d)
		return
	}
	line := d.Headline()
	if r.seen[line] {
		return
	}
	if r.seen == nil {
		r.seen = make(map[string]bool)
	}
	r.seen[line] = true
	r.count(&d)
	r.kept[d.Severity()]++
	r.found = append(r.found, d)
	if len(d.meant) > 0 {
		if r.misspelt == nil {
			r.misspelt = make(map[string][]string)
		}
		table, _ := cutKey(d.Key)
		r.misspelt[table] = append(r.misspelt[table], d.meant...)
	}
}

// echoes reports whether a finding misses, in the table that it is about or
// in that of the key that it is about, what an unknown key there stands for.
func (r *Report) echoes(d *Diagnostic) bool {
	if len(r.misspelt) == 0 || d.Code != "E203" && d.Code != "E402" {
		return false
	}
	words := strings.FieldsFunc(d.Message, func(c rune) bool { return c != '_' && (c < 'a' || c > 'z') })
	named := func(key string) bool { return slices.Contains(words, key) }
	table, key := cutKey(d.Key)
	return slices.ContainsFunc(r.misspelt[d.Key], named) ||
		slices.ContainsFunc(r.misspelt[table], func(meant string) bool { return meant == key || named(meant) })
}

// cutKey parts a path before its last key.
func cutKey(path string) (table, key string) {
	quoted := false
	for i := len(path) - 1; i >= 0; i-- {
		switch {
		case path[i] == '"' && (i == 0 || path[i-1] != '\\'):
			quoted = !quoted
		case path[i] == '.' && !quoted:
			return path[:i], path[i+1:]
		}
	}
	return "", path
}

func (r *Report) count(d *Diagnostic) {
	if d.Severity() == Error {
		r.errors++
	} else {
		r.warnings++
	}
}

// Full reports whether further errors are only counted, so that nobody
// need take pains over them.
func (r *Report) Full() bool { return r.kept[Error] >= maxKept }

// Merge adds what another report found, and the sources that it knows.
func (r *Report) Merge(other *Report) {
	if other == nil || other == r {
		return
	}
	for _, s := range other.sources {
		if !slices.ContainsFunc(r.sources, func(have source) bool { return have.name == s.name }) {
			r.sources = append(r.sources, s)
		}
	}
	for _, d := range other.found {
		r.Add(d)
	}
	r.errors += other.errors - other.kept[Error]
	r.warnings += other.warnings - other.kept[Warning]
}

// Errors is how many errors were found, printed or not.
func (r *Report) Errors() int { return r.errors }

// Warnings is how many warnings were found.
func (r *Report) Warnings() int { return r.warnings }

// Failed reports whether there is any error.
func (r *Report) Failed() bool { return r.errors > 0 }

// Diagnostics returns the findings ordered by file, line and column, those of
// one place by code and message.
func (r *Report) Diagnostics() []Diagnostic {
	sorted := slices.Clone(r.found)
	slices.SortStableFunc(sorted, func(a, b Diagnostic) int {
		for _, order := range []int{
			r.rank(a.File) - r.rank(b.File), strings.Compare(a.File, b.File),
			a.Line - b.Line, a.Col - b.Col, strings.Compare(a.Code, b.Code),
			strings.Compare(a.Key, b.Key), strings.Compare(a.Message, b.Message),
		} {
			if order != 0 {
				return order
			}
		}
		return 0
	})
	return sorted
}

// rank is the place of a file among the sources, the last if it is unknown.
func (r *Report) rank(file string) int {
	for i := range r.sources {
		if r.sources[i].name == file {
			return i
		}
	}
	return len(r.sources)
}

// shown are the findings to print: all, or the first twenty, in which case
// errors go before warnings. In both cases they are in order of position.
func (r *Report) shown() []Diagnostic {
	sorted := r.Diagnostics()
	if len(sorted) <= maxShown {
		return sorted
	}
	errors := 0
	for i := range sorted {
		if sorted[i].Severity() == Error {
			errors++
		}
	}
	left := map[Severity]int{Error: min(errors, maxShown), Warning: maxShown - min(errors, maxShown)}
	out := make([]Diagnostic, 0, maxShown)
	for _, d := range sorted {
		if left[d.Severity()] > 0 {
			left[d.Severity()]--
			out = append(out, d)
		}
	}
	return out
}

// Hint gives hints to the findings that have none.
func (r *Report) Hint(hint func(d *Diagnostic) string) {
	for i := range r.found {
		if r.found[i].Hint == "" {
			r.found[i].Hint = hint(&r.found[i])
		}
	}
}
