package topologies

import (
	"io"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// memory is a Files of texts by path.
type memory map[string]string

// Open opens a text; some names stand for what is no regular file.
func (m memory) Open(name string) (io.ReadCloser, error) {
	text, ok := m[name]
	var err error
	switch {
	case !ok:
		err = fs.ErrNotExist
	case text == "<directory>":
		err = ErrDirectory
	case text == "<secret>":
		err = fs.ErrPermission
	case text == "<pipe>":
		err = ErrIrregular
	case text == "<broken>":
		return io.NopCloser(io.MultiReader(strings.NewReader("title"), broken{})), nil
	default:
		return io.NopCloser(strings.NewReader(text)), nil
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: err}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// List returns the names in a directory.
func (m memory) List(directory string) []string {
	var names []string
	for name := range m {
		if filepath.Dir(name) == filepath.Clean(directory) {
			names = append(names, filepath.Base(name))
		}
	}
	slices.Sort(names)
	return names
}

var headline = regexp.MustCompile(`^(.+):([1-9]\d*):([1-9]\d*): (error|warning)\[[EW]\d{3}\]: (.+?): (.+)$`)

// headlines lists the first lines of all findings of a report.
func headlines(report *kind.Report) []string {
	var lines []string
	for _, d := range report.Diagnostics() {
		lines = append(lines, d.Headline())
	}
	return lines
}

// check loads shop.toml and returns the headlines of its findings.
func check(t *testing.T, text string) []string {
	t.Helper()
	_, report := specOf(memory{"shop.toml": text}, "shop.toml", Options{}, "")
	lines := headlines(report)
	for _, line := range lines {
		assert.Regexp(t, headline, line)
	}
	return lines
}

func specOf(files Files, name string, opts Options, design string) (*node.Spec, *kind.Report) {
	f, report := Load(files, name, opts)
	if f == nil {
		return nil, report
	}
	return f.Spec(design)
}

// mustSpec loads a text that must have no errors.
func mustSpec(t *testing.T, text string, opts Options, design string) *node.Spec {
	t.Helper()
	spec, report := specOf(memory{"shop.toml": text}, "shop.toml", opts, design)
	require.NotNil(t, spec, headlines(report))
	require.False(t, report.Failed())
	return spec
}

// shop is a small topology that is right, with a line for each thing that the
// tests change.
const shop = `[client.users]
target = "web"
arrivals = "poisson 80/s"
timeout = "2s"

[server.web]
cores = 1
on.request = [{ cpu = "exp 10ms" }]
`

// with is the shop with one piece replaced.
func with(old, new string) string {
	if !strings.Contains(shop, old) {
		panic("the shop has no " + old)
	}
	return strings.Replace(shop, old, new, 1)
}

// layered opens a file with the first of its Files that has it.
type layered []Files

// Open opens a file.
func (l layered) Open(name string) (in io.ReadCloser, err error) {
	for _, files := range l {
		if in, err = files.Open(name); err == nil {
			return in, nil
		}
	}
	return nil, err
}

// List lists nothing.
func (layered) List(string) []string { return nil }

// counting counts how often each file is opened.
type counting struct {
	memory
	opened map[string]int
}

// Open opens a file.
func (c *counting) Open(name string) (io.ReadCloser, error) {
	if c.opened == nil {
		c.opened = map[string]int{}
	}
	c.opened[name]++
	return c.memory.Open(name)
}
