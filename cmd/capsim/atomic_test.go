package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func namesIn(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestReplaceFilesReplacesAll(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a"), []byte("old"), 0o600))
	require.NoError(t, replaceFiles(dir, []file{{"a", []byte("new")}, {"b", nil}}))
	assert.Equal(t, []string{"a", "b"}, namesIn(t, dir))
	data, err := os.ReadFile(filepath.Join(dir, "a"))
	require.NoError(t, err)
	assert.Equal(t, "new", string(data))
}

func TestReplaceFilesChangesNothingWhereAFileCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a"), []byte("old"), 0o600))
	err := replaceFiles(dir, []file{{"a", []byte("new")}, {"missing/b", []byte("new")}})
	var failed *fileError
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, filepath.Join(dir, "missing", "b"), failed.path)
	assert.Equal(t, []string{"a"}, namesIn(t, dir), "no temporary file is left")
	data, err := os.ReadFile(filepath.Join(dir, "a"))
	require.NoError(t, err)
	assert.Equal(t, "old", string(data))
}

func TestTemporaryFilesOfOthersAreLeftAlone(t *testing.T) {
	dir := t.TempDir()
	first, err := createTemporary(dir, "a")
	require.NoError(t, err)
	defer first.Close()
	second, err := createTemporary(dir, "a")
	require.NoError(t, err)
	defer second.Close()
	assert.NotEqual(t, first.Name(), second.Name())
}
