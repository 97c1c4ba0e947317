package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The notebooks read results that stand beside them, each drawn by a command.
const notebooksDir = "../../notebooks"

// A notebookFile is a result that a notebook reads.
type notebookFile struct {
	name  string
	words []string // of the command, without "capsim"
}

func notebookFiles(t *testing.T) []notebookFile {
	t.Helper()
	list, err := os.ReadFile(filepath.Join(notebooksDir, "data/commands.txt"))
	require.NoError(t, err)
	var files []notebookFile
	for line := range strings.Lines(string(list)) {
		name, command, found := strings.Cut(strings.TrimSpace(line), ": capsim ")
		if strings.HasPrefix(line, "#") {
			continue
		}
		require.True(t, found, line)
		files = append(files, notebookFile{name, shellWords(command)})
	}
	return files
}

// shellWords takes a command apart, of which some words are in double quotes.
func shellWords(command string) []string {
	var words []string
	var word strings.Builder
	quoted, escaped := false, false
	for _, r := range command + " " {
		switch {
		case escaped:
			word.WriteRune(r)
			escaped = false
		case r == '\\':
			escaped = true
		case r == '"':
			quoted = !quoted
		case r == ' ' && !quoted:
			words = append(words, word.String())
			word.Reset()
		default:
			word.WriteRune(r)
		}
	}
	return words
}

func TestDataOfNotebooksIsWhatTheProgramGives(t *testing.T) {
	files := notebookFiles(t)
	require.GreaterOrEqual(t, len(files), 5)
	for _, f := range files {
		t.Run(f.name, func(t *testing.T) {
			path := filepath.Join(notebooksDir, "data", f.name)
			words := append(f.words[:len(f.words):len(f.words)], "--out", "-", "--quiet")
			for i, w := range words {
				if strings.HasPrefix(w, "topologies/") {
					words[i] = filepath.Join("../..", w)
				}
			}
			exit, output := capsim(t, words...)
			require.LessOrEqual(t, exit, exitMissed) // a drill that misses an objective is worth reading
			if *update {
				require.NoError(t, os.WriteFile(path, []byte(output), 0o644))
				return
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err)
			if string(want) != output { // whole documents: nobody wants to see both
				t.Errorf("%s is no more what capsim %s gives: go test ./cmd/capsim -run Notebook -update, then make notebooks",
					path, strings.Join(f.words, " "))
			}
		})
	}
}

// A notebookDocument is what we look at of the format of Jupyter.
type notebookDocument struct {
	Cells []struct {
		Kind     string         `json:"cell_type"`
		Count    *int           `json:"execution_count"`
		Source   notebookText   `json:"source"`
		Metadata map[string]any `json:"metadata"`
		Outputs  []struct {
			Kind string                  `json:"output_type"`
			Text notebookText            `json:"text"`
			Data map[string]notebookText `json:"data"`
		} `json:"outputs"`
	} `json:"cells"`
	Metadata map[string]any `json:"metadata"`
	Format   int            `json:"nbformat"`
}

// notebookText is in one string, or in lines.
type notebookText string

func (n *notebookText) UnmarshalJSON(data []byte) error {
	var lines []string
	if json.Unmarshal(data, &lines) == nil {
		*n = notebookText(strings.Join(lines, ""))
		return nil
	}
	return json.Unmarshal(data, (*string)(n))
}

func TestNotebooksWereExecutedOnTheirData(t *testing.T) {
	read := map[string]bool{}
	for _, name := range []string{"comparing-designs", "reading-a-drill", "theory-against-simulation"} {
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join(notebooksDir, name+".ipynb"))
			require.NoError(t, err)
			var n notebookDocument
			require.NoError(t, json.Unmarshal(data, &n))
			assert.Equal(t, 4, n.Format)
			code, pictures, asserts := 0, 0, 0
			var said, source strings.Builder
			for _, c := range n.Cells {
				assert.NotContains(t, c.Metadata, "execution", "when it ran is nobody's business")
				if c.Kind != "code" {
					continue
				}
				code++
				require.NotNil(t, c.Count, "not executed: make notebooks")
				assert.Equal(t, code, *c.Count, "executed in order")
				source.WriteString(string(c.Source))
				asserts += strings.Count(string(c.Source), "assert ")
				for _, o := range c.Outputs {
					assert.NotEqual(t, "error", o.Kind)
					said.WriteString(string(o.Text))
					if _, is := o.Data["image/png"]; is {
						pictures++
					}
				}
			}
			assert.GreaterOrEqual(t, pictures, 2, "charts")
			assert.GreaterOrEqual(t, asserts, 4, "claims that are checked")
			for _, f := range notebookFiles(t) {
				if !strings.Contains(source.String(), `"`+f.name+`"`) {
					continue
				}
				read[f.name] = true
				file, err := os.ReadFile(filepath.Join(notebooksDir, "data", f.name))
				require.NoError(t, err)
				digest := sha256.Sum256(file)
				line := fmt.Sprintf("%s  %s", hex.EncodeToString(digest[:8]), f.name)
				assert.Contains(t, said.String(), line, "executed on another file: make notebooks")
				assert.Contains(t, said.String(), "capsim "+f.words[0]+" ", "it says how the file came about")
			}
		})
	}
	assert.Len(t, read, len(notebookFiles(t)), "every file is read by a notebook")
}
