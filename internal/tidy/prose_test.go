package tidy

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

var proseRules = []rule{
	{
		name: "links", check: links,
		path: "docs/validation.md", text: "See [the engine](../sim/doc.go) and [this](missing.md#part).\n",
		finds:  "missing.md",
		beside: func() map[string]string { return map[string]string{"sim/doc.go": "package sim\n"} },
	},
	{
		name: "gallery", check: gallery,
		path: "topologies/new.toml", text: "capsim = 1\n",
		finds:  "topologies/new.toml",
		beside: func() map[string]string { return map[string]string{"README.md": "no table\n"} },
	},
	{
		name: "smallest topology", check: smallestTopology,
		path: "topologies/hello.toml", text: "capsim = 2\n",
		finds:  "not what README.md shows",
		beside: func() map[string]string { return map[string]string{"README.md": "capsim = 1\n"} },
	},
	{
		name: "rooms", check: roomsInProse,
		path: "ARCHITECTURE.md", text: allRooms("sim/stats"),
		finds: "sim/stats",
	},
	{
		name: "data", check: data,
		path: "models/dist/testdata/latencies.csv", text: "latency_ms\n",
		finds: "NOTICE",
		beside: func() map[string]string {
			return map[string]string{"NOTICE": "topologies/data/\n", "topologies/data/a.log": ""}
		},
	},
	{
		name: "make targets", check: targets,
		path: "Makefile", text: ".PHONY: test browser\n\ntest: ## all tests\n\tgo test ./...\n",
		finds: "browser has no recipe",
	},
	{
		name: "documents", check: documents,
		path: "README.md", text: "# capsim\n",
		finds: "CHANGELOG.md",
		beside: func() map[string]string {
			texts := map[string]string{}
			for _, name := range required {
				if name != "CHANGELOG.md" {
					texts[name] = "text\n"
				}
			}
			return texts
		},
	},
}

var link = regexp.MustCompile(`\]\(([^)\s#]+)(?:#[^)]*)?\)`)

// links finds relative links to files that are not there.
func links(tr *tree) (found []finding) {
	for _, f := range tr.sorted() {
		if path.Ext(f.path) != ".md" {
			continue
		}
		for i, line := range f.lines {
			for _, m := range link.FindAllStringSubmatch(line, -1) {
				if strings.Contains(m[1], ":") || tr.has(path.Join(f.dir(), m[1])) {
					continue
				}
				found = append(found, finding{f.path, i + 1, "", "a link to " + m[1] + ", which is not there"})
			}
		}
	}
	return found
}

// has reports whether there is a file, or a folder, of that path.
func (tr *tree) has(name string) bool {
	if tr.files[name] != nil {
		return true
	}
	for _, f := range tr.sorted() {
		if strings.HasPrefix(f.path, name+"/") {
			return true
		}
	}
	return false
}

// gallery wants each topology of the gallery in the README.
func gallery(tr *tree) (found []finding) {
	readme := tr.files["README.md"]
	for _, f := range tr.sorted() {
		if f.dir() != "topologies" || path.Ext(f.path) != ".toml" {
			continue
		}
		if readme == nil || !strings.Contains(readme.text(), "("+f.path+")") {
			found = append(found, finding{f.path, 1, "", f.path + " is not in the gallery of README.md"})
		}
	}
	return found
}

// smallestTopology wants hello.toml in the README as it is.
func smallestTopology(tr *tree) (found []finding) {
	hello, readme := tr.files["topologies/hello.toml"], tr.files["README.md"]
	if hello == nil || readme == nil || !strings.Contains(readme.text(), hello.text()) {
		return []finding{{"topologies/hello.toml", 1, "", "is not what README.md shows"}}
	}
	return nil
}

// roomsInProse wants each room in the tables of ARCHITECTURE.md.
func roomsInProse(tr *tree) (found []finding) {
	f := tr.files["ARCHITECTURE.md"]
	if f == nil {
		return []finding{{"ARCHITECTURE.md", 1, "", "is not there"}}
	}
	for _, dir := range slices.Sorted(maps.Keys(rooms)) {
		row := fmt.Sprintf("| `%s` |", dir)
		if !slices.ContainsFunc(f.lines, func(line string) bool { return strings.HasPrefix(line, row) }) {
			found = append(found, finding{f.path, 1, "", "no row for the room " + dir})
		}
	}
	return found
}

// allRooms is a document with a row for each room but one.
func allRooms(but string) string {
	text := ""
	for _, dir := range slices.Sorted(maps.Keys(rooms)) {
		if dir != but {
			text += fmt.Sprintf("| `%s` |\n", dir)
		}
	}
	return text
}

// data wants the origin of each data file in NOTICE, by its path or its
// folder. What stands under reports is drawn by capsim itself.
func data(tr *tree) (found []finding) {
	for _, f := range tr.sorted() {
		if !slices.Contains([]string{".csv", ".gz", ".log"}, path.Ext(f.path)) || strings.HasPrefix(f.path, "reports/") {
			continue
		}
		known := func(line string) bool { return strings.HasPrefix(line, f.path) || line == f.dir()+"/" }
		if notice := tr.files["NOTICE"]; notice == nil || !slices.ContainsFunc(notice.lines, known) {
			found = append(found, finding{f.path, 1, "", "NOTICE does not say where this is from"})
		}
	}
	return found
}

// required are the documents that a repository like this one owes its
// readers.
var required = []string{
	"README.md", "ARCHITECTURE.md", "DECISIONS.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md",
	"LICENSE", "NOTICE",
}

func documents(tr *tree) (found []finding) {
	for _, name := range required {
		if tr.files[name] == nil {
			found = append(found, finding{name, 1, "", "is not there"})
		}
	}
	return found
}

// targets finds what the Makefile promises to make and has no recipe for:
// make says of it that nothing is to be done, and succeeds.
func targets(tr *tree) (found []finding) {
	f := tr.files["Makefile"]
	if f == nil {
		return nil
	}
	recipes := map[string]bool{}
	for i := 1; i < len(f.lines); i++ {
		if name, _, ok := strings.Cut(f.lines[i-1], ":"); ok && strings.HasPrefix(f.lines[i], "\t") {
			recipes[name] = true
		}
	}
	for i, line := range f.lines {
		names, ok := strings.CutPrefix(line, ".PHONY:")
		if !ok {
			continue
		}
		for _, name := range strings.Fields(names) {
			if !recipes[name] {
				found = append(found, finding{f.path, i + 1, "", name + " has no recipe"})
			}
		}
	}
	return found
}
