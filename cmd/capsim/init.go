package main

import (
	_ "embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/topologies"
)

// starter is the topology that init writes.
//
//go:embed starter.toml
var starter []byte

// initFlags say where a new topology comes from.
type initFlags struct {
	from string
	list bool
}

func initCommand(a *app) *cobra.Command {
	var f initFlags
	cmd := &cobra.Command{
		Use: "init [NAME]", Short: "writes a topology to begin with, or copies one of the gallery",
		Long: "Writes NAME.toml, a small topology to begin with, or with --from a copy of one that comes\n" +
			"with capsim, and the data that it needs. A file that is there is never written over.",
		Example: "capsim init shop\n" +
			"capsim init --list\n" +
			"capsim init shop --from web-shop",
		RunE: func(*cobra.Command, []string) error { return a.initialise(&f) },
	}
	cmd.Flags().StringVar(&f.from, "from", "", "copy the topology `NAME` of the gallery")
	cmd.Flags().BoolVar(&f.list, "list", false, "list the gallery, and the question that each of it answers")
	cmd.ValidArgsFunction = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveNoFileComp // a new name
	}
	return cmd
}

func (a *app) initialise(f *initFlags) error {
	report := a.findings()
	complaints{&a.line, report}.oneOf("--diagnostics", &a.diagnostics, "text", "json")
	names := a.line.things(report, "init", "name", 0, 1)
	_, copied := a.line.values["--from"]
	if copied && !slices.Contains(topologies.Gallery(), f.from) {
		report.Add(kind.Diagnostic{Code: "E806", Pos: argPos(a.line.at("--from")), Key: "--from",
			Message: "the gallery has no topology " + kind.QuoteText(f.from) + kind.DidYouMean(f.from, topologies.Gallery()),
			Hint:    "capsim init --list lists it"})
	}
	if f.list && (copied || len(names) > 0) {
		report.Add(kind.Diagnostic{Code: "E801", Pos: argPos(1), Key: "--list", Message: "writes nothing, and takes no name", Hint: helpHint})
	}
	if report.Failed() {
		return a.refuse(report)
	}
	if f.list {
		return a.listGallery()
	}
	path, arg := "topology.toml", 1
	switch {
	case len(names) == 1:
		path, arg = strings.TrimSuffix(names[0], ".toml")+".toml", a.line.names[0]
	case copied:
		path = f.from + ".toml"
	}
	files := []file{{path, starter}}
	if copied {
		files = galleryFiles(path, f.from)
	}
	written, ok := a.createAll(files, arg, report)
	if !ok {
		return a.refuse(report)
	}
	return a.say(welcome(written))
}

// listGallery prints the topologies that come with capsim.
func (a *app) listGallery() error {
	var b strings.Builder
	column := 0
	for _, name := range topologies.Gallery() {
		column = max(column, len(name)+2)
	}
	for _, name := range topologies.Gallery() {
		fmt.Fprintf(&b, "%-*s%s\n", column, name, topologies.Question(name))
	}
	b.WriteString("\nCopy one of them: capsim init NAME --from " + topologies.Gallery()[0] + "\n")
	return a.say(b.String())
}

// galleryFiles are a topology of the gallery under a new path, and the data
// that it reads beside it.
func galleryFiles(path, name string) []file {
	files := []file{{path, topologies.Exhibit(name + ".toml")}}
	for _, data := range topologies.ExhibitData(name) {
		files = append(files, file{filepath.Join(filepath.Dir(path), data), topologies.Exhibit(data)})
	}
	return files
}

// createAll writes files that are not there yet, all of them or none, and
// returns which. Data that is there already, the same to the byte, is as good
// as new.
func (a *app) createAll(files []file, arg int, report *kind.Report) (written []file, ok bool) {
	fail := func(path, message, hint string) ([]file, bool) {
		report.Add(kind.Diagnostic{Code: "E804", Pos: argPos(arg), Key: "init", Message: kind.QuoteText(path) + " " + message, Hint: hint})
		a.blocked = true
		return nil, false
	}
	var missing []file
	for i, f := range files {
		have, err := os.ReadFile(f.name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			missing = append(missing, f)
		case err == nil && i > 0 && string(have) == string(f.data):
		default:
			return fail(f.name, "is there already, and is not written over", "choose another name: capsim init NAME")
		}
	}
	for i, f := range missing {
		if err := create(f); err != nil {
			for _, made := range missing[:i] {
				os.Remove(made.name)
			}
			return fail(f.name, "cannot be written: "+reason(err).Error(), "choose another place: capsim init FOLDER/NAME")
		}
	}
	return missing, true
}

// create writes a file that must not be there, and its folder where that is
// one of data. What is left of it after an error is removed.
func create(f file) error {
	if filepath.Ext(f.name) != ".toml" {
		if err := os.MkdirAll(filepath.Dir(f.name), 0o777); err != nil {
			return err
		}
	}
	out, err := os.OpenFile(f.name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = out.Write(f.data)
	if err == nil {
		err = out.Sync()
	}
	if err = errors.Join(err, out.Close()); err != nil {
		os.Remove(f.name)
	}
	return err
}

// welcome says what was written, and what to do next.
func welcome(files []file) string {
	var b strings.Builder
	for _, f := range files {
		fmt.Fprintf(&b, "wrote %s\n", shown(f.name))
	}
	name := files[0].name
	next := []string{"capsim run " + shown(name)}
	loaded, _ := topologies.Load(single{files[0]}, name, topologies.Options{})
	if loaded != nil && len(loaded.Designs()) > 1 {
		next = append(next, "capsim compare "+shown(name))
	}
	next = append(next, "capsim explain")
	b.WriteString("\nnext:\n  " + strings.Join(next, "\n  ") + "\n")
	return b.String()
}

// single is the file system of one file.
type single struct{ file }

// Open opens the file.
func (s single) Open(string) (io.ReadCloser, error) {
	return io.NopCloser(strings.NewReader(string(s.data))), nil
}

// List lists nothing.
func (single) List(string) []string { return nil }
