//go:build browser

package browser

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The picture of a topology stands by itself too: an SVG that is opened as it
// is, with policy or without.
func TestPicturesOfTopologies(t *testing.T) {
	for name, file := range map[string]string{
		"graph":                  filepath.Join(topologies, "web-shop.toml"),
		"graph-of-everything":    filepath.Join(ours, "everything.toml"),
		"graph-of-hostile-names": filepath.Join(ours, "hostile.toml"),
	} {
		t.Run(name, func(t *testing.T) {
			svg, err := exec.Command(shared.capsim, "graph", file).Output()
			require.NoError(t, err)
			path := filepath.Join(shared.pages, name+".svg")
			require.NoError(t, os.WriteFile(path, svg, 0o644))
			tab, err := shared.chrome.open("file://" + path)
			require.NoError(t, err)
			defer func() { assert.NoError(t, tab.close()) }()
			require.NoError(t, tab.load(true))
			for _, scheme := range schemes {
				require.NoError(t, tab.look(widths[0], scheme))
				keep(t, tab, name+"-"+scheme+".png")
			}
			var seen struct {
				Root        string
				Words, Arms int
			}
			require.NoError(t, tab.ask(`({
				Root: document.documentElement.localName,
				Words: document.querySelectorAll("text").length,
				Arms: document.querySelectorAll("path").length,
			})`, &seen))
			assert.Equal(t, "svg", seen.Root)
			assert.Greater(t, seen.Words, 5)
			assert.Greater(t, seen.Arms, 2)
			assert.Empty(t, tab.took())
		})
	}
}
