package main

import (
	"os"
	"path/filepath"
	"strings"
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
	tooLong := strings.Repeat("x", 300)
	err := replaceFiles(dir, []file{{"a", []byte("new")}, {tooLong, []byte("new")}})
	var failed *fileError
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, filepath.Join(dir, tooLong), failed.path)
	assert.Equal(t, []string{"a"}, namesIn(t, dir), "no temporary file is left")
	data, err := os.ReadFile(filepath.Join(dir, "a"))
	require.NoError(t, err)
	assert.Equal(t, "old", string(data))
}

func TestFilesInAFolderOfTheReportAreReplacedWithIt(t *testing.T) {
	dir := t.TempDir()
	tooLong := strings.Repeat("x", 300)
	require.Error(t, replaceFiles(dir, []file{{"a", nil}, {"sub/b", []byte("new")}, {tooLong, nil}}))
	assert.Empty(t, namesIn(t, dir), "neither files nor the folder are left")
	for _, data := range []string{"first", "second"} {
		require.NoError(t, replaceFiles(dir, []file{{"a", nil}, {"sub/b", []byte(data)}, {"sub/c", nil}}))
		assert.Equal(t, []string{"a", "sub"}, namesIn(t, dir))
		assert.Equal(t, []string{"b", "c"}, namesIn(t, filepath.Join(dir, "sub")))
		got, err := os.ReadFile(filepath.Join(dir, "sub", "b"))
		require.NoError(t, err)
		assert.Equal(t, data, string(got))
	}
	require.Error(t, replaceFiles(dir, []file{{"sub/b", []byte("third")}, {tooLong, nil}}))
	assert.Equal(t, []string{"b", "c"}, namesIn(t, filepath.Join(dir, "sub")), "it was there before, and stays")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "file"), nil, 0o600))
	var failed *fileError
	require.ErrorAs(t, replaceFiles(dir, []file{{"file/b", nil}}), &failed)
	assert.Equal(t, filepath.Join(dir, "file", "b"), failed.path)
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
