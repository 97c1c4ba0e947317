package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The tutorial holds files and commands:
//
//	<!-- file: NAME -->      and a block of toml: the file is written
//	<!-- run: STATUS -->     and a block of console: the command after the
//	                         dollar sign is run, and what follows is its output
var tutorialBlock = regexp.MustCompile("(?s)<!-- (file|run)(?:: ([^ ]+))? -->\n```(?:toml|console)\n(.*?)```\n")

func TestTutorialShowsWhatTheProgramSays(t *testing.T) {
	path, err := filepath.Abs("../../docs/tutorial.md")
	require.NoError(t, err)
	tutorial, err := os.ReadFile(path)
	require.NoError(t, err)
	t.Chdir(t.TempDir())

	var written bytes.Buffer
	last, commands := 0, 0
	for _, m := range tutorialBlock.FindAllSubmatchIndex(tutorial, -1) {
		part := func(i int) string {
			if m[2*i] < 0 {
				return ""
			}
			return string(tutorial[m[2*i]:m[2*i+1]])
		}
		if part(1) == "file" {
			require.NoError(t, os.WriteFile(part(2), []byte(part(3)), 0o644))
			continue
		}
		commands++
		command, shown, _ := strings.Cut(part(3), "\n")
		output, status := runLine(t, command)
		want, _ := strconv.Atoi(part(2)) // 0 where it is left out
		assert.Equal(t, want, status, "%s\n%s", command, output)
		if !*update {
			assert.Equal(t, shown, output, "%s\ngo test ./cmd/capsim -update writes it anew", command)
		}
		written.Write(tutorial[last:m[6]])
		written.WriteString(command + "\n" + output)
		last = m[7]
	}
	written.Write(tutorial[last:])
	assert.GreaterOrEqual(t, commands, 10, "the commands of the tutorial")
	if *update {
		require.NoError(t, os.WriteFile(path, written.Bytes(), 0o644))
	}
}

// runLine runs a command of the tutorial and returns all that a terminal
// would show.
func runLine(t *testing.T, line string) (output string, status int) {
	t.Helper()
	words := strings.Fields(line)
	require.Equal(t, []string{"$", "capsim"}, words[:2], line)
	var out bytes.Buffer
	status = run(words[2:], strings.NewReader(""), &out, &out)
	return out.String(), status
}
