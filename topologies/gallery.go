package topologies

import (
	"embed"
	"io"
	"io/fs"
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
