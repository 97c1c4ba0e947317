package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The README shows a topology and what capsim says about it.
var (
	readmeTopology = regexp.MustCompile("(?s)```toml\n(.*?)```")
	readmeOutput   = regexp.MustCompile("(?s)<!-- output of capsim ([^\n]*) -->\n```text\n(.*?)```\n<!-- end of output -->")
)

func TestReadmeShowsWhatTheProgramSays(t *testing.T) {
	const path = "../../README.md"
	readme, err := os.ReadFile(path)
	require.NoError(t, err)
	hello, err := os.ReadFile(filepath.Join(galleryDir, "hello.toml"))
	require.NoError(t, err)
	shown := readmeTopology.FindSubmatch(readme)
	require.NotNil(t, shown, "a block of toml")
	assert.Equal(t, string(hello), string(shown[1]), "the README shows the whole of topologies/hello.toml")

	blocks := readmeOutput.FindAllSubmatchIndex(readme, -1)
	require.Len(t, blocks, 2, "the blocks of output")
	for i := len(blocks) - 1; i >= 0; i-- { // from the end: what is replaced moves what is behind it
		at := blocks[i]
		words := strings.Fields(string(readme[at[2]:at[3]]))
		words[1] = filepath.Join(galleryDir, filepath.Base(words[1]))
		_, output := capsim(t, append(words, "--out", "-")...)
		if *update {
			readme = slices.Concat(readme[:at[4]], []byte(output), readme[at[5]:])
			continue
		}
		assert.Equal(t, output, string(readme[at[4]:at[5]]), "go test ./cmd/capsim -update writes it anew")
	}
	if *update {
		require.NoError(t, os.WriteFile(path, readme, 0o644))
	}
}
