package main

import (
	"errors"
	"flag"
	"os/exec"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "write the golden output anew")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"capsim": main})
}

// TestScripts runs testdata/script: one topic a file, which begins with what
// it claims.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: *update,
		Cmds:          map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
	})
}

// exits runs a command and demands an exit status: exits 2 capsim run.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	got, err := 0, ts.Exec(args[1], args[2:]...)
	if failed := (*exec.ExitError)(nil); errors.As(err, &failed) {
		got = failed.ExitCode()
	}
	if strconv.Itoa(got) != args[0] {
		ts.Fatalf("exit status %d, want %s (%v)", got, args[0], err)
	}
}
