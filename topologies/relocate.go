package topologies

import (
	"path/filepath"
	"regexp"
	"strings"

	"github.com/capsim/capsim/models/kind"
)

// empiricalFile is where a distribution names a file.
var empiricalFile = regexp.MustCompile(`\bempirical[ \t]+("[^"]*"|'[^']*'|[^ \t"']+)`)

// relocate rewrites the paths in a tree that count from the folder of a file
// that is extended, so that they count from the folder of the topology: what
// is printed stands by itself.
func (f *File) relocate(t *kind.Table, path string) {
	for _, e := range t.Entries {
		e.Value = f.relocated(e.Value, kind.JoinKey(path, e.Key))
	}
}

func (f *File) relocated(v *kind.Value, path string) *kind.Value {
	switch v.Type {
	case kind.TypeTable:
		f.relocate(v.Table, path)
	case kind.TypeArray:
		for i := range v.Items {
			v.Items[i] = f.relocated(v.Items[i], path)
		}
	case kind.TypeString:
		family, _, _ := strings.Cut(path, ".")
		if kindRow(family) == nil || filepath.Dir(v.Pos.File) == filepath.Dir(f.name) {
			return v
		}
		text := v.Text
		if strings.HasSuffix(path, ".arrivals.trace") {
			text = f.seenFromHere(v, text)
		} else {
			text = empiricalFile.ReplaceAllStringFunc(text, func(found string) string {
				name := empiricalFile.FindStringSubmatch(found)[1]
				quote := `"`
				if name = f.seenFromHere(v, strings.Trim(name, `"'`)); strings.Contains(name, quote) {
					quote = "'"
				}
				return "empirical " + quote + name + quote
			})
		}
		if text != v.Text {
			moved := *v
			moved.Text, moved.Raw = text, quoteTOML(text)
			return &moved
		}
	}
	return v
}

// seenFromHere is the path of a file that a value names, from the folder of
// the topology; as it is where there is no such path.
func (f *File) seenFromHere(v *kind.Value, name string) string {
	path := f.resolvePath(v, name)
	if seen, err := filepath.Rel(filepath.Dir(f.name), path); err == nil && !filepath.IsAbs(name) {
		return seen
	}
	return path
}
