package topologies

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/capsim/capsim/models/kind"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTOMLIsReadAsItsTestSuiteSays runs the toml-test suite, which comes with
// one of the TOML libraries: what is valid is accepted, what is not is refused
// at a place within it.
func TestTOMLIsReadAsItsTestSuiteSays(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/BurntSushi/toml").Output()
	if err != nil {
		t.Skip("no go command to find the suite with")
	}
	root := filepath.Join(strings.TrimSpace(string(out)), "internal/toml-test/tests")
	// The suite is that of TOML 1.0: these are right in 1.1, which both
	// libraries read. The last is an offset of 60 minutes, in a date: no key of
	// the language takes one.
	later := []string{
		"datetime/no-secs", "inline-table/linebreak-01", "inline-table/linebreak-02", "inline-table/linebreak-03",
		"inline-table/linebreak-04", "inline-table/trailing-comma", "local-datetime/no-secs", "local-time/no-secs",
		"string/basic-byte-escapes", "datetime/offset-overflow-minute",
	}
	var accepted []string
	counts := map[bool]int{}
	require.NoError(t, filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		name, isTOML := strings.CutSuffix(strings.TrimPrefix(path, root+"/"), ".toml")
		if err != nil || !isTOML || name == "version" {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		report := &kind.Report{}
		src := newSource("f", data)
		if guard(src, report) {
			parseTOML(src, report)
		}
		name, invalid := strings.CutPrefix(name, "invalid/")
		counts[invalid]++
		for _, d := range report.Diagnostics() {
			assert.True(t, invalid || d.Code == "E303", "%s: %s", name, d.Headline()) // nan and inf stand for nothing
			assert.LessOrEqual(t, d.Line, len(src.lines), name)
			assert.NotContains(t, d.Message, "%!", name)
		}
		if invalid && !report.Failed() {
			accepted = append(accepted, name)
		}
		return nil
	}))
	assert.Greater(t, counts[false], 200)
	assert.Greater(t, counts[true], 400)
	assert.ElementsMatch(t, later, accepted)
}
