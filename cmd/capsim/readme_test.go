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

// The README shows how to make a baseline and a gate of it.
var (
	readmeBaseline = regexp.MustCompile("`capsim (run [^`]*) >baseline.json`")
	readmePipeline = regexp.MustCompile("(?s)```yaml\n(.*?)```")
	readmeGate     = regexp.MustCompile(`- run: capsim (run .*) >>\$GITHUB_STEP_SUMMARY\n`)
)

func TestReadmeGateOfAPipelineWorks(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	hello, err := os.ReadFile(filepath.Join(galleryDir, "hello.toml"))
	require.NoError(t, err)
	pipeline := readmePipeline.FindSubmatch(readme)
	require.NotNil(t, pipeline, "a block of yaml")
	assert.LessOrEqual(t, strings.Count(string(pipeline[1]), "\n"), 10, "ten lines")
	module, err := os.ReadFile("../../go.mod")
	require.NoError(t, err)
	name, rest, _ := strings.Cut(strings.TrimPrefix(string(module), "module "), "\n")
	assert.Contains(t, string(pipeline[1]), "go install "+name+"/cmd/capsim@latest")
	assert.Contains(t, rest, "go 1.26")
	baseline, gate := readmeBaseline.FindSubmatch(readme), readmeGate.FindSubmatch(pipeline[1])
	require.NotNil(t, baseline)
	require.NotNil(t, gate)

	t.Chdir(t.TempDir())
	short := strings.Replace(string(hello), `duration = "1h"`, `duration = "60s"`, 1)
	require.NoError(t, os.WriteFile("shop.toml", []byte(short), 0o644))
	exit, output := capsim(t, strings.Fields(string(baseline[1]))...)
	require.Zero(t, exit)
	require.NoError(t, os.WriteFile("baseline.json", []byte(output), 0o644))
	exit, output = capsim(t, strings.Fields(string(gate[1]))...)
	assert.Zero(t, exit)
	assert.Contains(t, output, "The same as the baseline")
	assert.FileExists(t, "capsim.xml")
	require.NoError(t, os.WriteFile("shop.toml", []byte(strings.Replace(short, "exp 10ms", "exp 11ms", 1)), 0o644))
	exit, output = capsim(t, strings.Fields(string(gate[1]))...)
	assert.Equal(t, exitMissed, exit)
	assert.Contains(t, output, "**Worse than the baseline: visitors p50 +")
}
