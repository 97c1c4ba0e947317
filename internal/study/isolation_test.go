package study

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
)

// A topology beside another one, whose names come first in every order, with
// operations of its own.
const besideIt = `[client.aaa]
target = "aab"
arrivals = "poisson 100/s"
requests = { other = 1, another = 2 }
keys = "zipf s=1 n=100"
[load_balancer.aab]
targets = ["aac"]
policy = "random"
[server.aac]
instances = 3
on.other = [{ cpu = "exp 5ms" }]
on.another = [{ wait = "exp 5ms" }, { get = "aad", miss = [] }]
[cache.aad]
hit_ratio = 0.5
`

// twoHashedOps sends two operations by their hash.
const twoHashedOps = `[client.users]
target = "lb"
arrivals = "poisson 200/s"
requests = { quick = 1, slow = 1 }
keys = "zipf s=1 n=9"
[load_balancer.lb]
targets = ["web"]
policy = "url-hash"
[server.web]
instances = 3
on.quick = [{ cpu = "exp 5ms" }]
on.slow = [{ cpu = "exp 9ms" }]
`

func TestNodesBesideChangeNoNumberOfTheOthers(t *testing.T) {
	if testing.Short() {
		t.Skip("forty runs, which the race detector makes slow")
	}
	answers := map[string]keyAnswer{}
	for _, base := range []string{
		keyOneCore, keyWorkers, keyClosed, keyTwoOps, keyFour, keyHashed, keyFlaky, keyFlakyCall, keySlowCache,
		keyStages, keyBehind, keyCached, keyChoose, keyParallel, keyRepeat, keyTraces, keyItems, keyLog, keyFastOrSlow, twoHashedOps,
	} {
		c := keyCase{base: base}
		alone, _ := c.texts(t)
		a, b := answerTo(t, answers, alone, ""), answerTo(t, answers, besideIt+alone, "")
		require.Empty(t, b.refused, alone)
		assert.NotEqual(t, a.Fingerprint, b.Fingerprint)
		assert.JSONEq(t, written(t, a.Clients["users"]), written(t, b.Clients["users"]), alone)
		for name := range a.Nodes {
			assert.JSONEq(t, written(t, untheoretical(a.Nodes[name])), written(t, untheoretical(b.Nodes[name])), "%s in %s", name, alone)
		}
	}
}

func written(t *testing.T, x any) string {
	t.Helper()
	text, err := json.Marshal(x)
	require.NoError(t, err)
	return string(text)
}

// untheoretical is a node without what theory says of it, which is of the whole
// file: a further client can make it an approximation.
func untheoretical(n *result.Node) *result.Node {
	out := *n
	out.Theory = nil
	return &out
}
