package main

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The README shows a topology and what capsim says about it.
var (
	readmeTopology = regexp.MustCompile("(?s)```toml\n(.*?)```")
	readmeOutput   = regexp.MustCompile("(?s)(<!-- output of capsim run topologies/hello.toml -->\n```text\n)(.*?)(```\n<!-- end of output -->)")
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

	_, output := capsim(t, "run", filepath.Join(galleryDir, "hello.toml"), "--out", "-")
	if *update {
		readme = readmeOutput.ReplaceAll(readme, []byte("${1}"+regexpLiteral(output)+"${3}"))
		require.NoError(t, os.WriteFile(path, readme, 0o644))
	}
	block := readmeOutput.FindSubmatch(readme)
	require.NotNil(t, block, "the block of output")
	assert.Equal(t, output, string(block[2]), "go test ./cmd/capsim -update writes it anew")
}

// regexpLiteral keeps dollar signs from meaning a group.
func regexpLiteral(s string) string {
	return regexp.MustCompile(`\$`).ReplaceAllString(s, "$$$$")
}
