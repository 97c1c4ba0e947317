package main

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/study"
)

const sweptShop = `title = "A shop"
objectives = ["users p99 < 100ms"]
[run]
duration = "20s"
replications = 2
[client.users]
target = "web"
arrivals = "poisson 100/s"
timeout = "2s"
[server.web]
instances = 2
on.request = [{ cpu = "exp 10ms" }]
[sweep]
"server.web.instances" = "1..8"
"load" = "0.25..2 step 0.25"
`

// sweepShop sweeps the shop into a folder.
func sweepShop(t *testing.T, dir string, more ...string) (status int, stderr string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "shop.toml")
	require.NoError(t, os.WriteFile(file, []byte(sweptShop), 0o666))
	var errors bytes.Buffer
	status = run(append([]string{"sweep", file, "--out", dir, "--quiet"}, more...), strings.NewReader(""), io.Discard, &errors)
	return status, errors.String()
}

// folder is every file in a folder with what it holds.
func folder(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	all := map[string]string{}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		require.NoError(t, err)
		all[e.Name()] = string(data)
	}
	return all
}

// The journal is cut at every byte, as a kill in the middle of a write leaves
// it: whatever is whole is kept, nothing else is, and it goes on from there.
func TestAJournalMayBeTornAnywhere(t *testing.T) {
	j, whole := journalOf(t, 3)
	lines := bytes.SplitAfter(whole, []byte("\n"))
	for cut := range len(whole) + 1 {
		again := &journal{head: j.head}
		good, problem := again.read(whole[:cut])
		require.Empty(t, problem, "cut at %d", cut)
		records, size := -1, 0
		for _, line := range lines {
			if size+len(line) > cut || len(line) == 0 {
				break
			}
			size += len(line)
			records++
		}
		require.Equal(t, size, good, "cut at %d", cut)
		require.Len(t, again.records, max(records, 0), "cut at %d", cut)
	}
}

// A bit that flipped is found wherever it is: in the last line it is thrown
// away, before that the journal is refused, and never is it read as something
// else.
func TestADamagedJournalIsRefused(t *testing.T) {
	j, whole := journalOf(t, 3)
	last := bytes.LastIndexByte(whole[:len(whole)-1], '\n') + 1
	for at := range whole {
		damaged := bytes.Clone(whole)
		damaged[at] ^= 1 << (at % 8)
		again := &journal{head: j.head}
		good, problem := again.read(damaged)
		switch {
		case at == last-1: // two lines have become one, the last
			assert.Empty(t, problem, "at %d", at)
			assert.Len(t, again.records, 1)
		case at >= last:
			assert.Empty(t, problem, "at %d", at)
			assert.Equal(t, last, good, "at %d", at)
			assert.Len(t, again.records, 2)
		default:
			assert.NotEmpty(t, problem, "at %d", at)
		}
	}
}

// journalOf is a journal with so many pilots.
func journalOf(t *testing.T, n int) (*journal, []byte) {
	t.Helper()
	j := &journal{head: journalHead{Schema: journalSchema, Version: version, Settings: []string{}, Grid: []string{"load ="}}}
	for i := range n {
		j.records = append(j.records, study.SweepRecord{Pilot: &study.SweepPilot{Point: i, WarmupNS: 7}})
	}
	var data bytes.Buffer
	require.NoError(t, j.inOrder(&data))
	return j, data.Bytes()
}

// However often a sweep is killed, and wherever, what --resume makes of it is
// what one sweep makes, to the byte, and no point is simulated twice.
func TestAKilledSweepGoesOn(t *testing.T) {
	want := t.TempDir()
	status, stderr := sweepShop(t, want)
	require.Equal(t, exitOK, status, stderr)
	dir := t.TempDir()
	kills, lengths := 0, []int{0}
	random := rand.New(rand.NewPCG(1, 2))
	for kills < 12 {
		cmd := exec.Command(os.Args[0], "-test.run", "^TestSweepToKill$")
		cmd.Env = append(os.Environ(), "CAPSIM_SWEEP="+dir)
		require.NoError(t, cmd.Start())
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		select {
		case <-ended:
		case <-time.After(time.Duration(20+random.IntN(150)) * time.Millisecond):
			require.NoError(t, cmd.Process.Kill())
			<-ended
			kills++
		}
		data, err := os.ReadFile(filepath.Join(dir, "sweep.journal"))
		if err == nil {
			lengths = append(lengths, bytes.Count(data, []byte("\n")))
		}
		if _, err := os.Stat(filepath.Join(dir, "sweep.json")); err == nil {
			break
		}
	}
	t.Logf("%d kills; lines of the journal: %v", kills, lengths)
	for i := range lengths[1:] {
		assert.GreaterOrEqual(t, lengths[i+1], lengths[i], "nothing that was finished is lost")
	}
	assert.LessOrEqual(t, lengths[len(lengths)-1], 1+2*64, "nor done twice")
	status, stderr = sweepShop(t, dir, "--resume")
	require.Equal(t, exitOK, status, stderr)
	got := folder(t, dir)
	for name, text := range folder(t, want) {
		assert.True(t, text == got[name], "%s differs", name)
	}
	seen := map[string]bool{}
	for line := range strings.Lines(got["sweep.journal"]) {
		assert.False(t, seen[line], "a record is there twice")
		seen[line] = true
	}
	assert.Len(t, seen, 1+2*64)
}

// TestSweepToKill is the process that TestAKilledSweepGoesOn kills.
func TestSweepToKill(t *testing.T) {
	dir := os.Getenv("CAPSIM_SWEEP")
	if dir == "" {
		t.Skip("is run by TestAKilledSweepGoesOn")
	}
	status, stderr := sweepShop(t, dir, "--resume")
	require.Equal(t, exitOK, status, stderr)
}

// A sweep that is whole resumes at once: with what it has.
func TestAWholeSweepResumesAtOnce(t *testing.T) {
	dir := t.TempDir()
	status, stderr := sweepShop(t, dir, "--vary", "server.web.instances=1,2", "--vary", "load=1")
	require.Equal(t, exitOK, status, stderr)
	before := folder(t, dir)
	status, stderr = sweepShop(t, dir, "--vary", "server.web.instances=1,2", "--vary", "load=1", "--resume")
	require.Equal(t, exitOK, status, stderr)
	assert.Equal(t, before, folder(t, dir))
	for flag, says := range map[string]string{
		"--seed 2": "is of seed 1, given 2", "--set server.web.cores=2": "is of other settings",
		"--vary load=1,2": "is of another grid", "--duration 21s": "is of other settings", "--design x": "E501",
	} {
		more := append([]string{"--resume", "--vary", "server.web.instances=1,2"}, strings.Fields(flag)...)
		if !strings.Contains(flag, "--vary") {
			more = append(more, "--vary", "load=1")
		}
		status, stderr = sweepShop(t, dir, more...)
		assert.Equal(t, exitInput, status)
		assert.Contains(t, stderr, says)
		assert.Equal(t, before, folder(t, dir), "what is there stays")
	}
}

// The journal of another topology, or of another version, is refused.
func TestAJournalOfSomethingElseIsRefused(t *testing.T) {
	head := journalHead{Schema: journalSchema, Version: version, Topology: "sha256:1", Seed: 1, Settings: []string{}, Grid: []string{}}
	for _, tt := range []struct {
		change func(*journalHead)
		says   string
	}{
		{func(*journalHead) {}, ""},
		{func(h *journalHead) { h.Topology = "sha256:2" }, "belongs to topology sha256:2, given sha256:1"},
		{func(h *journalHead) { h.Version = "0.0.9" }, fmt.Sprintf("is of capsim 0.0.9, this is %s", version)},
		{func(h *journalHead) { h.Schema = "x" }, `is of the form "x"`},
		{func(h *journalHead) { h.Seed = 9 }, "is of seed 9, given 1"},
	} {
		other := head
		tt.change(&other)
		j := &journal{head: head}
		_, problem := j.read(sealed(other))
		assert.True(t, strings.HasPrefix(problem, tt.says) && (tt.says == "") == (problem == ""), problem)
	}
	j := &journal{head: head}
	_, problem := j.read(append(sealed(head), sealed(map[string]int{"a": 1})...))
	assert.Contains(t, problem, "has something else than a point")
}
