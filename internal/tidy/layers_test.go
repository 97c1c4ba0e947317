package tidy

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// room is a package and which others of ours it may import: its code, and
// its tests beyond that. ARCHITECTURE.md says why.
type room struct{ code, tests []string }

// anyRoom lets a room import all others.
const anyRoom = "*"

var rooms = map[string]room{
	"sim/portable":      {},
	"sim":               {code: []string{"sim/portable"}},
	"sim/stats":         {code: []string{"sim/portable"}, tests: []string{"sim"}},
	"models":            {},
	"models/kind":       {},
	"models/records":    {code: []string{"models/kind"}},
	"models/theory":     {},
	"models/dist":       {code: []string{"sim", "sim/portable", "models/kind", "models/records"}},
	"models/arrival":    {code: []string{"sim", "sim/portable", "models/kind", "models/records"}, tests: []string{"models/theory"}},
	"models/balance":    {code: []string{"sim", "sim/portable", "models/kind"}},
	"models/evict":      {code: []string{"sim"}, tests: []string{"models/theory", "models/records"}},
	"models/fault":      {code: []string{"sim", "models/dist"}},
	"models/scale":      {code: []string{"sim"}},
	"models/price":      {code: []string{"models/kind"}},
	"models/node":       {code: []string{"sim", "sim/stats", "sim/portable", "models/kind", "models/dist", "models/arrival", "models/balance", "models/evict", "models/fault", "models/scale"}, tests: []string{"models/theory"}},
	"topologies":        {code: []string{"sim", "models/kind", "models/records", "models/dist", "models/arrival", "models/balance", "models/evict", "models/fault", "models/scale", "models/node", "models/price"}},
	"internal/result":   {},
	"internal/estimate": {code: []string{"sim", "sim/portable", "models/dist", "models/arrival", "models/balance", "models/node", "internal/result"}, tests: []string{"models/theory", "topologies"}},
	"internal/study":    {code: []string{"sim", "sim/stats", "sim/portable", "models/kind", "models/dist", "models/arrival", "models/balance", "models/node", "topologies", "internal/result", "internal/estimate"}, tests: []string{"models/theory", "models/evict"}},
	"internal/manual":   {code: []string{"models/kind", "models/dist", "models/arrival", "models/balance", "models/evict", "models/node", "models/price", "topologies"}},
	"internal/tidy":     {},
	"internal/browser":  {},
	"reports":           {code: []string{"internal/result", "sim/stats"}},
	"cmd/capsim":        {code: []string{anyRoom}},
}

// door is a package from outside and who may go through it: the code of some
// rooms, the tests of some. Third-party packages without a door stay out;
// packages of the standard library without one are free to all. A door holds
// for the packages below it, unless they have their own.
type door struct{ code, tests []string }

var doors = map[string]door{
	"github.com/BurntSushi/toml":               {code: []string{"topologies"}, tests: []string{"internal/manual"}}, // files for the schema
	"github.com/pelletier/go-toml/v2":          {code: []string{"topologies"}},
	"gonum.org/v1/gonum":                       {code: []string{"models/theory"}, tests: []string{anyRoom}},
	"gonum.org/v1/plot":                        {code: []string{"reports"}},
	"golang.org/x/image":                       {code: []string{"reports"}},    // the outlines of letters, for PDF
	"golang.org/x/text/encoding/charmap":       {code: []string{"reports"}},    // the letters that a PDF's font has
	"golang.org/x/text/width":                  {code: []string{"reports"}},    // how wide a name is in a terminal
	"golang.org/x/text/unicode/norm":           {code: []string{"topologies"}}, // names that look the same
	"golang.org/x/net/html":                    {tests: []string{"reports"}},   // a page is read again
	"github.com/spf13/cobra":                   {code: []string{"cmd/capsim"}},
	"github.com/spf13/pflag":                   {code: []string{"cmd/capsim"}},
	"github.com/schollz/progressbar/v3":        {code: []string{"cmd/capsim"}},
	"golang.org/x/term":                        {code: []string{"cmd/capsim"}},
	"github.com/santhosh-tekuri/jsonschema/v6": {tests: []string{"internal/manual"}}, // judges the schema
	"github.com/rogpeppe/go-internal":          {tests: []string{"cmd/capsim"}},
	"github.com/stretchr/testify":              {tests: []string{anyRoom}},

	// Files, clocks and the machine.
	"os":            {code: []string{"cmd/capsim"}, tests: []string{anyRoom}},
	"path/filepath": {code: []string{"topologies", "cmd/capsim"}, tests: []string{anyRoom}},
	"syscall":       {code: []string{"cmd/capsim"}, tests: []string{anyRoom}},
	"net":           {},
	"log":           {},
	"flag":          {tests: []string{anyRoom}},
	"time":          {code: []string{"cmd/capsim", "models/arrival", "reports"}, tests: []string{anyRoom}}, // to read a moment or a span; the clock has a rule of its own
	"testing":       {tests: []string{anyRoom}},

	// More than one thing at a time.
	"sync":        {code: []string{"internal/study"}, tests: []string{anyRoom}},
	"sync/atomic": {code: []string{"models/node", "internal/study", "cmd/capsim"}, tests: []string{anyRoom}}, // node: a run is asked to stop
	"runtime":     {code: []string{"internal/study"}, tests: []string{anyRoom}},
	"context":     {tests: []string{anyRoom}},

	// What differs from run to run, or from processor to processor.
	"math/rand":    {tests: []string{anyRoom}},
	"math/cmplx":   {code: []string{"models/theory"}, tests: []string{anyRoom}},
	"crypto/rand":  {},
	"hash/maphash": {},

	// What goes behind the back of the types.
	"reflect": {code: []string{"models/kind", "internal/result"}, tests: []string{anyRoom}}, // result: a document that is read back is walked
	"unsafe":  {tests: []string{"models/node"}},                                             // the size of a record
}

// imports is what `go list` says of a package.
type imports struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
}

func (p imports) dir() string {
	return strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
}

func TestRoomsImportOnlyWhatTheyMay(t *testing.T) {
	list := exec.Command("go", "list", "-pgo=off", "-e", "-json=ImportPath,Imports,TestImports,XTestImports", "./...")
	list.Dir = root
	out, err := list.Output()
	require.NoError(t, err)
	var packages []imports
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p imports
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		packages = append(packages, p)
	}
	require.Greater(t, len(packages), 10, "packages of the repository")
	for _, v := range trespasses(packages) {
		t.Error(v)
	}
}

func TestTrespassesAreFound(t *testing.T) {
	here := func(dir string) string { return module + "/" + dir }
	for _, c := range []struct {
		p     imports
		finds string
	}{
		{imports{ImportPath: here("sim/portable"), Imports: []string{here("sim")}}, "sim/portable may not import sim"},
		{imports{ImportPath: here("models/node"), Imports: []string{here("topologies")}}, "models/node may not import topologies"},
		{imports{ImportPath: here("reports"), Imports: []string{here("models/node")}}, "reports may not import models/node"},
		{imports{ImportPath: here("models/node"), Imports: []string{here("models/theory")}}, "models/node may not import models/theory"},
		{imports{ImportPath: here("sim"), XTestImports: []string{here("models/node")}}, "the tests of sim may not import models/node"},
		{imports{ImportPath: here("models/dist"), Imports: []string{"gonum.org/v1/gonum/stat"}}, "models/dist may not import gonum.org/v1/gonum/stat"},
		{imports{ImportPath: here("models/dist"), Imports: []string{"golang.org/x/exp/rand"}}, "models/dist may not import golang.org/x/exp/rand"},
		{imports{ImportPath: here("internal/study"), Imports: []string{"os"}}, "internal/study may not import os"},
		{imports{ImportPath: here("models/node"), Imports: []string{"sync"}}, "models/node may not import sync"},
		{imports{ImportPath: here("sim"), Imports: []string{"github.com/stretchr/testify/assert"}}, "sim may not import github.com/stretchr/testify/assert"},
		{imports{ImportPath: here("models/weather")}, "models/weather is no room"},
		{imports{ImportPath: here("models/node"), Imports: []string{"sync/atomic", here("sim"), "fmt"}, TestImports: []string{"gonum.org/v1/gonum/stat", here("models/node"), here("models/theory")}}, ""},
	} {
		found := packageTrespasses(c.p)
		if c.finds == "" {
			assert.Empty(t, found, c.p.ImportPath)
			continue
		}
		if assert.Len(t, found, 1, c.p.ImportPath) {
			assert.Contains(t, found[0], c.finds)
		}
	}
	stale := trespasses([]imports{{ImportPath: here("models/theory")}})
	assert.Contains(t, stale, "the room sim is not there any more")
	assert.Contains(t, stale, "models/theory does not go through its door to gonum.org/v1/gonum any more")
}

// trespasses lists every import that no room or door allows, and every row of
// the tables that nothing needs.
func trespasses(packages []imports) (found []string) {
	there := map[string]imports{}
	for _, p := range packages {
		there[p.dir()] = p
		found = append(found, packageTrespasses(p)...)
	}
	for _, dir := range slices.Sorted(maps.Keys(rooms)) {
		if _, ok := there[dir]; !ok {
			found = append(found, fmt.Sprintf("the room %s is not there any more", dir))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(doors)) {
		for _, dir := range doors[name].code {
			if !slices.ContainsFunc(there[dir].Imports, func(imported string) bool { return doorOf(imported) == name }) {
				found = append(found, fmt.Sprintf("%s does not go through its door to %s any more", dir, name))
			}
		}
	}
	return found
}

func packageTrespasses(p imports) (found []string) {
	dir := p.dir()
	here, ok := rooms[dir]
	if !ok {
		return []string{dir + " is no room: ARCHITECTURE.md and the table of rooms do not know it"}
	}
	for _, imported := range p.Imports {
		if !allowed(imported, dir, here.code, func(d door) []string { return d.code }) {
			found = append(found, fmt.Sprintf("%s may not import %s", dir, strings.TrimPrefix(imported, module+"/")))
		}
	}
	ours := slices.Concat(here.code, here.tests, []string{dir})
	for _, imported := range slices.Concat(p.TestImports, p.XTestImports) {
		if !allowed(imported, dir, ours, func(d door) []string { return slices.Concat(d.code, d.tests) }) {
			found = append(found, fmt.Sprintf("the tests of %s may not import %s", dir, strings.TrimPrefix(imported, module+"/")))
		}
	}
	return found
}

// allowed reports whether the room dir may import a package, given the rooms
// of ours that it may and who may go through a door.
func allowed(imported, dir string, ours []string, through func(door) []string) bool {
	if other, ok := strings.CutPrefix(imported, module+"/"); ok {
		return slices.Contains(ours, anyRoom) || slices.Contains(ours, other)
	}
	name := doorOf(imported)
	if name == "" {
		first, _, _ := strings.Cut(imported, "/")
		return !strings.Contains(first, ".") // the standard library
	}
	who := through(doors[name])
	return slices.Contains(who, anyRoom) || slices.Contains(who, dir)
}

// doorOf returns the door that leads to a package, the nearest above it.
func doorOf(imported string) string {
	for name := imported; name != ""; {
		if _, ok := doors[name]; ok {
			return name
		}
		i := strings.LastIndex(name, "/")
		name = name[:max(i, 0)]
	}
	return ""
}
