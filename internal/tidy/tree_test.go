package tidy

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	module = "github.com/capsim/capsim"
	root   = "../.."
)

// tree is the repository: its files by path, and its packages.
type tree struct {
	files    map[string]*file
	fset     *token.FileSet
	packages map[string]*pkg // by folder; code only, no tests
}

// file is a file; lines are of text files only, syntax of Go.
type file struct {
	path   string
	lines  []string
	syntax *ast.File
}

func (f *file) isTest() bool { return strings.HasSuffix(f.path, "_test.go") }

func (f *file) text() string { return strings.Join(f.lines, "\n") }

// dir is the folder of the file, "." for the root.
func (f *file) dir() string { return path.Dir(f.path) }

// pkg is the code of a folder, with what its identifiers mean. What comes
// from other modules or the standard library has no type.
type pkg struct {
	dir   string
	files []*file
	types *types.Package
	info  *types.Info
}

// finding is something that breaks a rule.
type finding struct {
	path  string
	line  int
	where string // the function around it, if any
	what  string
}

func (f finding) String() string {
	if f.where == "" {
		return fmt.Sprintf("%s:%d: %s", f.path, f.line, f.what)
	}
	return fmt.Sprintf("%s:%d: %s (in %s)", f.path, f.line, f.what, f.where)
}

// skipped are the folders that hold nothing of ours: made by programs.
var skipped = []string{".git", ".bin", "reports/out"}

// readTree reads the repository.
func readTree(t *testing.T) *tree {
	t.Helper()
	texts := map[string]string{}
	err := filepath.WalkDir(root, func(at string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // another package's test has taken its file away again
		}
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, at)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if entry.IsDir() {
			if slices.Contains(skipped, rel) {
				return fs.SkipDir
			}
			return nil
		}
		if !isText(rel) {
			texts[rel] = ""
			return nil
		}
		data, err := os.ReadFile(at)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		texts[rel] = string(data)
		return err
	})
	require.NoError(t, err)
	require.Contains(t, texts, "go.mod", "the root of the repository")
	return newTree(t, texts)
}

func isText(name string) bool {
	switch path.Ext(name) {
	case ".go", ".md", ".toml", ".mod", ".sh", ".tmpl", ".css", ".c", ".yml":
		return true
	}
	return slices.Contains([]string{"Makefile", "NOTICE", "LICENSE"}, name) || strings.HasPrefix(name, ".ci/")
}

// newTree parses texts, given by path; those of files that hold something
// else are empty.
func newTree(t *testing.T, texts map[string]string) *tree {
	t.Helper()
	tr := &tree{files: map[string]*file{}, fset: token.NewFileSet(), packages: map[string]*pkg{}}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		f := &file{path: name, lines: strings.Split(texts[name], "\n")}
		tr.files[name] = f
		if path.Ext(name) != ".go" || strings.Contains(name, "testdata/") {
			continue
		}
		var err error
		f.syntax, err = parser.ParseFile(tr.fset, name, texts[name], parser.ParseComments|parser.SkipObjectResolution)
		require.NoError(t, err)
		if f.isTest() {
			continue
		}
		p := tr.packages[f.dir()]
		if p == nil {
			p = &pkg{dir: f.dir()}
			tr.packages[f.dir()] = p
		}
		p.files = append(p.files, f)
	}
	for _, dir := range slices.Sorted(maps.Keys(tr.packages)) {
		tr.resolve(tr.packages[dir])
	}
	return tr
}

// resolve finds out what the identifiers of a package mean.
func (tr *tree) resolve(p *pkg) {
	if p.info != nil {
		return
	}
	p.info = &types.Info{
		Uses:  map[*ast.Ident]types.Object{},
		Types: map[ast.Expr]types.TypeAndValue{},
	}
	// What is foreign is not known, so there are errors, and they mean nothing.
	conf := types.Config{Importer: tr, Error: func(error) {}}
	var syntax []*ast.File
	for _, f := range p.files {
		syntax = append(syntax, f.syntax)
	}
	p.types, _ = conf.Check(path.Join(module, p.dir), tr.fset, syntax, p.info)
}

// Import implements types.Importer: ours from the tree, all else as an empty
// package of the right name.
func (tr *tree) Import(name string) (*types.Package, error) {
	if name == "unsafe" {
		return types.Unsafe, nil
	}
	if dir, ok := strings.CutPrefix(name, module+"/"); ok && tr.packages[dir] != nil {
		tr.resolve(tr.packages[dir])
		return tr.packages[dir].types, nil
	}
	base := path.Base(name)
	if strings.Trim(base, "v0123456789") == "" && path.Dir(name) != "." {
		base = path.Base(path.Dir(name))
	}
	foreign := types.NewPackage(name, base)
	foreign.MarkComplete()
	return foreign, nil
}

// at returns a finding at a node of the syntax of a file.
func (tr *tree) at(f *file, node ast.Node, format string, args ...any) finding {
	where := ""
	for _, d := range f.syntax.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Pos() <= node.Pos() && node.Pos() < fn.End() {
			where = fn.Name.Name
		}
	}
	return finding{f.path, tr.fset.Position(node.Pos()).Line, where, fmt.Sprintf(format, args...)}
}

// inspect calls visit for every node of the code of the packages that in
// picks.
func (tr *tree) inspect(in func(dir string) bool, visit func(p *pkg, f *file, node ast.Node)) {
	for _, dir := range slices.Sorted(maps.Keys(tr.packages)) {
		if !in(dir) {
			continue
		}
		p := tr.packages[dir]
		for _, f := range p.files {
			ast.Inspect(f.syntax, func(node ast.Node) bool {
				if node != nil {
					visit(p, f, node)
				}
				return true
			})
		}
	}
}

// foreign returns the package and the name that an expression selects from
// it, "" if it does not.
func (p *pkg) foreign(node ast.Node) (from, name string) {
	sel, ok := node.(*ast.SelectorExpr)
	if !ok {
		return "", ""
	}
	id, ok := sel.X.(*ast.Ident)
	if !ok {
		return "", ""
	}
	imported, ok := p.info.Uses[id].(*types.PkgName)
	if !ok {
		return "", ""
	}
	return imported.Imported().Path(), sel.Sel.Name
}
