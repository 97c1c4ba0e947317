package topologies

import (
	"slices"
	"strings"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
)

// place is a table in which a key is known.
type place struct {
	name   string
	owners []string // the kinds of node whose tables it is, or is within; none for the run and the top
	inner  bool     // it is within
}

// elsewhere returns where keys belong, for a key that is unknown where it
// stands. sure says that it can hardly have been meant where it is: it is a
// key of the whole file or the run, or of a table in or around its own. That
// another kind of node has such a key says less: this one may get it too.
func elsewhere() func(path, key string) (places []string, sure bool) {
	var known map[string][]place // found out for the first key that is unknown: most files have none
	return func(path, key string) ([]string, bool) {
		if known == nil {
			known = knownPlaces()
		}
		var all, near []string
		for _, p := range known[key] {
			all = append(all, p.name)
			if p.close(path) {
				near = append(near, p.name)
			}
		}
		if len(near) > 0 {
			return near, true
		}
		return all, false
	}
}

// knownPlaces lists, by key, the tables that have it.
func knownPlaces() map[string][]place {
	known := map[string][]place{}
	note := func(p place, fields []kind.Field, but ...string) {
		for _, f := range fields {
			if !slices.Contains(but, f.Key) {
				known[f.Key] = append(known[f.Key], p)
			}
		}
	}
	note(place{name: "the top of the file"}, kind.Describe(fileConfig{}))
	note(place{name: "[run]"}, kind.Describe(node.RunConfig{}))
	for _, row := range node.Kinds {
		note(place{"[" + row.Key + ".NAME]", []string{row.Key}, false}, kind.Describe(row.Config()))
	}
	note(place{"a step of [server.NAME]", []string{"server", "database"}, true}, kind.Describe(node.StepConfig{}), "name", "steps")
	note(place{"retries", []string{"client", "server", "database"}, true}, kind.Describe(node.RetriesConfig{}))
	note(place{"arrivals of [client.NAME]", []string{"client"}, true}, kind.Describe(node.TraceConfig{}))
	return known
}

// close reports whether a key of the place that stands in the table of a path
// was surely meant for the place.
func (p place) close(path string) bool {
	family, rest, within := strings.Cut(path, ".")
	switch {
	case len(p.owners) == 0, kindRow(family) == nil:
		return true
	case !within || !slices.Contains(p.owners, family):
		return false
	}
	return p.inner || strings.ContainsAny(rest, ".[")
}
