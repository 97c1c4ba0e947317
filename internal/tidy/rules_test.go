package tidy

import (
	"fmt"
	"go/ast"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// rule is something that holds all over the repository.
type rule struct {
	name  string
	check func(tr *tree) []finding

	// A planted offence, one, that the rule must find: the path and the text
	// of a file, what the finding says, and what else the tree must hold.
	path, text, finds string
	beside            func() map[string]string
}

// exception lets a rule give way in one function, or file, for a reason.
type exception struct {
	rule, path, where string
	reason            string
}

var exceptions = []exception{
	{"map order", "internal/study/figures.go", "latency", "each round fills a key of its own"},
	{"map order", "models/node/compile.go", "trace", "each round fills a slot of its own"},
	{"map order", "topologies/client.go", "operationsOf", "what comes out is sorted at the end"},
}

const (
	maxLines     = 500
	maxTestLines = 800
	maxFunction  = 70
)

var fileRules = []rule{
	{
		name: "file size", check: fileSize,
		path: "sim/long.go", text: "package sim\n" + strings.Repeat("\n", maxLines), finds: "501 lines",
	},
	{
		name: "function size", check: functionSize,
		path: "sim/long.go", text: "package sim\n\nfunc f() {\n" + strings.Repeat("\tf()\n", maxFunction-1) + "}\n", finds: "71 lines",
	},
	{
		name: "markers", check: markers,
		path: "README.md", text: "# Title\n\nTO" + "DO: the rest\n", finds: "left over",
	},
	{
		name: "machine paths", check: machinePaths,
		path: "models/node/file.go", text: "package node\n\nconst log = \"/ho" + "me/somebody/capsim.log\"\n", finds: "somebody's machine",
	},
	{
		name: "doc.go", check: packageDocs,
		path: "models/price/price.go", text: "package price\n", finds: "has no models/price/doc.go",
	},
}

func rules() []rule { return slices.Concat(fileRules, codeRules, proseRules) }

func TestTheRepositoryKeepsItsRules(t *testing.T) {
	tr := readTree(t)
	for _, r := range rules() {
		t.Run(r.name, func(t *testing.T) {
			used := map[exception]bool{}
			for _, f := range r.check(tr) {
				i := slices.IndexFunc(exceptions, func(e exception) bool {
					return e.rule == r.name && e.path == f.path && e.where == f.where
				})
				if i < 0 {
					t.Error(f)
					continue
				}
				used[exceptions[i]] = true
			}
			for _, e := range exceptions {
				if e.rule == r.name && !used[e] {
					t.Errorf("the exception for %s %s is stale: nothing needs it", e.path, e.where)
				}
			}
		})
	}
}

func TestEveryExceptionIsOfARuleAndHasAReason(t *testing.T) {
	for _, e := range exceptions {
		assert.True(t, slices.ContainsFunc(rules(), func(r rule) bool { return r.name == e.rule }), "no rule %q", e.rule)
		assert.NotEmpty(t, e.reason, "%s %s", e.path, e.where)
	}
}

func TestEveryRuleFindsItsPlantedOffence(t *testing.T) {
	for _, r := range rules() {
		t.Run(r.name, func(t *testing.T) {
			texts := map[string]string{}
			if r.beside != nil {
				texts = r.beside()
			}
			texts[r.path] = r.text
			found := r.check(newTree(t, texts))
			if assert.Len(t, found, 1) {
				assert.Contains(t, found[0].String(), r.finds)
			}
		})
	}
}

func fileSize(tr *tree) (found []finding) {
	for _, f := range tr.sorted() {
		limit := maxLines
		if f.isTest() {
			limit = maxTestLines
		}
		n := len(f.lines) - 1
		if f.syntax != nil && n > limit {
			found = append(found, finding{f.path, n, "", fmt.Sprintf("%d lines, %d are the limit: is the design asking for something?", n, limit)})
		}
	}
	return found
}

func functionSize(tr *tree) (found []finding) {
	tr.inspect(everywhere, func(_ *pkg, f *file, node ast.Node) {
		fn, ok := node.(*ast.FuncDecl)
		if !ok {
			return
		}
		if n := tr.fset.Position(fn.End()).Line - tr.fset.Position(fn.Pos()).Line + 1; n > maxFunction {
			found = append(found, tr.at(f, fn, "%d lines, %d are the limit of a function", n, maxFunction))
		}
	})
	return found
}

// The words are taken apart so that this file does not hold them.
var markerWords = regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X)\b|not ` + `implemented`)

func markers(tr *tree) (found []finding) {
	for _, f := range tr.sorted() {
		found = append(found, f.matches(markerWords, "left over: %s")...)
	}
	return found
}

var machinePath = regexp.MustCompile(`(?:^|[^\w./-])/(?:home|root|tmp|work|Users)/[\w.]`)

func machinePaths(tr *tree) (found []finding) {
	for _, f := range tr.sorted() {
		if !f.isTest() {
			found = append(found, f.matches(machinePath, "a path of somebody's machine: %s")...)
		}
	}
	return found
}

// packageDocs wants a doc.go in each package; commands are documented in
// main.go.
func packageDocs(tr *tree) (found []finding) {
	for _, dir := range slices.Sorted(maps.Keys(tr.packages)) {
		p, name := tr.packages[dir], dir+"/doc.go"
		if p.files[0].syntax.Name.Name == "main" {
			name = dir + "/main.go"
		}
		switch f := tr.files[name]; {
		case f == nil:
			found = append(found, finding{p.files[0].path, 1, "", "the package has no " + name})
		case f.syntax.Doc == nil:
			found = append(found, finding{name, 1, "", "the package has no comment"})
		}
	}
	return found
}

func (f *file) matches(pattern *regexp.Regexp, format string) (found []finding) {
	for i, line := range f.lines {
		if m := pattern.FindString(line); m != "" {
			found = append(found, finding{f.path, i + 1, "", fmt.Sprintf(format, strings.TrimSpace(m))})
		}
	}
	return found
}

// sorted returns the files in order of their paths.
func (tr *tree) sorted() []*file {
	var all []*file
	for _, name := range slices.Sorted(maps.Keys(tr.files)) {
		all = append(all, tr.files[name])
	}
	return all
}
