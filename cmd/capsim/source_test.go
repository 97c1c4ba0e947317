package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
)

// Who has only the result can run it again: the file in it gives the same
// figures, whatever the command line had changed.
func TestTheFileInAResultGivesTheSameResult(t *testing.T) {
	const file = `
title = "Shop"
[server.base]
on.request = [{ cpu = "exp 5ms" }]
[client.users]
arrivals = "poisson 80/s"
target = "base"
retries = { max = 2, backoff = "exp 1s" }
[design.large]
server.base = { cores = 16 }
`
	dir := t.TempDir()
	run := func(name string, more ...string) *result.Result {
		status, out := capsim(t, append([]string{"run", name, "--out", "-", "--quiet", "--format", "json"}, more...)...)
		require.Zero(t, status)
		r := new(result.Result)
		require.NoError(t, json.Unmarshal([]byte(out), r))
		return r
	}
	name := filepath.Join(dir, "shop.toml")
	require.NoError(t, os.WriteFile(name, []byte(file), 0o600))
	plain := run(name, "--duration", "20s", "--replications", "2")
	first := run(name, "--design", "large", "--set", "server.base.cores=2", "--seed", "7", "--duration", "20s", "--replications", "2")
	again := filepath.Join(dir, "again.toml")
	require.NoError(t, os.WriteFile(again, []byte(first.Topology.Source), 0o600))
	second := run(again)
	assert.Equal(t, first.Fingerprint, second.Fingerprint)
	assert.Equal(t, first.Clients, second.Clients)
	assert.NotEqual(t, plain.Fingerprint, second.Fingerprint, "the command line did change something")
	assert.NotContains(t, first.Topology.Source, dir, "no paths of this machine")
}
