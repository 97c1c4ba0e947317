package manual

import (
	"slices"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/topologies"
)

// Settings lists the paths that --set may change, in the order of the manual:
// those of the top of the file, and those of the nodes that a file has.
func Settings(nodes []topologies.NodeName) []string {
	var paths []string
	for _, f := range topologies.Top() {
		if f.Key != topologies.DesignKey {
			paths = append(paths, settable("", &f)...)
		}
	}
	for i := range node.Kinds {
		row := &node.Kinds[i]
		fields := kind.Describe(row.Config())
		for _, n := range nodes {
			if n.Kind != row.Key {
				continue
			}
			for j := range fields {
				paths = append(paths, settable(kind.JoinKey(row.Key, n.Name), &fields[j])...)
			}
		}
	}
	return paths
}

// settable lists a key, or the keys of its table.
func settable(path string, f *kind.Field) []string {
	at := kind.JoinKey(path, f.Key)
	form := f.Form()
	if form.Config == nil {
		return []string{at}
	}
	paths := []string{}
	if form.String || form.Integer || form.Items != nil {
		paths = append(paths, at)
	}
	fields := kind.Describe(form.Config)
	for i := range fields {
		paths = append(paths, settable(at, &fields[i])...)
	}
	return paths
}

// Words lists the words that a key takes, where they are few: those of its
// kind, or true and false.
func (b *Book) Words(key string) []string {
	path, known := b.resolve(key, true)
	if !known || b.pages[path][0].field == nil {
		return nil
	}
	f := b.pages[path][0].field
	if form := f.Form(); form.Boolean {
		return []string{"true", "false"}
	}
	return slices.Clone(wordsOf(f))
}
