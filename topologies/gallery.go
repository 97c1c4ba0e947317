package topologies

import (
	"embed"
	"io"
	"io/fs"
	"slices"
	"strings"
)

// gallery holds the topologies that come with capsim, and the data that
// they replay.
//
//go:embed *.toml data
var gallery embed.FS

// Gallery lists the topologies that come with capsim, by name without their
// ending.
func Gallery() []string {
	entries, err := fs.Glob(gallery, "*.toml")
	if err != nil {
		panic("topologies: " + err.Error()) // the pattern is wrong
	}
	for i := range entries {
		entries[i] = strings.TrimSuffix(entries[i], ".toml")
	}
	return entries
}

// Question is what a topology of the gallery answers: its first line.
func Question(name string) string {
	first, _, _ := strings.Cut(string(Exhibit(name+".toml")), "\n")
	return strings.TrimPrefix(first, "# ")
}

// Exhibit returns a file of the gallery, which must be there.
func Exhibit(name string) []byte {
	data, err := gallery.ReadFile(name)
	if err != nil {
		panic("topologies: no such file in the gallery: " + name)
	}
	return data
}

// ExhibitData lists the other files that a topology of the gallery reads.
func ExhibitData(name string) []string {
	files := &recorder{}
	if f, _ := Load(files, name+".toml", Options{}); f != nil {
		f.Check()
	}
	slices.Sort(files.opened)
	return slices.DeleteFunc(slices.Compact(files.opened), func(opened string) bool { return opened == name+".toml" })
}

// recorder is the gallery, and remembers what was opened.
type recorder struct {
	GalleryFiles
	opened []string
}

// Open opens a file of the gallery.
func (r *recorder) Open(name string) (io.ReadCloser, error) {
	r.opened = append(r.opened, name)
	return r.GalleryFiles.Open(name)
}

// GalleryFiles is the gallery as a [Files]: "hello.toml", "data/…".
type GalleryFiles struct{}

// Open opens a file of the gallery.
func (GalleryFiles) Open(name string) (io.ReadCloser, error) {
	f, err := gallery.Open(name)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err != nil || info.IsDir() {
		f.Close()
		return nil, ErrDirectory
	}
	return f, nil
}

// List returns the files in a directory of the gallery.
func (GalleryFiles) List(directory string) []string {
	entries, err := gallery.ReadDir(directory)
	if err != nil {
		return nil
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names
}
