package study

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	// A web server that is all but saturated hands the database one request after
	// the other, and those of another client are served in between; of more web
	// servers they come in heaps.
	trapGate = `objectives = ["b mean < 18ms", "a mean < 900ms"]
[run]
duration = "60s"
warmup = "4s"
replications = 4
[client.a]
target = "web"
arrivals = "poisson 90/s"
[client.b]
target = "db"
arrivals = "poisson 10/s"
[server.web]
price_per_hour = 0.05
on.request = [{ cpu = "constant 10.5ms" }, { call = "db" }]
[server.db]
price_per_hour = 0.07
on.request = [{ cpu = "constant 8ms" }]
[plan]
vary = { "server.web.instances" = "1..6" }
`
	// The same on the way back: answers of a slow database come one by one, and
	// what is then to be done leaves room for others.
	trapBack = `objectives = ["b mean < 18ms", "a mean < 900ms"]
[run]
duration = "60s"
warmup = "4s"
replications = 4
[client.a]
target = "web.a"
arrivals = "poisson 90/s"
[client.b]
target = "web.b"
arrivals = "poisson 10/s"
[server.web]
price_per_hour = 0.05
on.a = [{ call = "db" }, { cpu = "constant 8ms" }]
on.b = [{ cpu = "constant 8ms" }]
[server.db]
price_per_hour = 0.07
on.request = [{ cpu = "constant 10.5ms" }]
[plan]
vary = { "server.db.instances" = "1..6" }
`
	// The same among the operations of one server: those that need no disk pass by.
	trapPast = `objectives = ["a.quick mean < 18ms", "a mean < 900ms"]
[run]
duration = "60s"
warmup = "4s"
replications = 4
[client.a]
target = "web"
arrivals = "poisson 100/s"
requests = { slow = 90, quick = 10 }
[server.web]
price_per_hour = 0.05
on.slow = [{ disk = "constant 10.5ms" }, { call = "db" }]
on.quick = [{ call = "db" }]
[server.db]
price_per_hour = 0.07
on.request = [{ cpu = "constant 8ms" }]
[plan]
vary = { "server.web.instances" = "1..6" }
`
)

// One web server, or one database, is best for the others: a plan finds it.
func TestATierMayShieldOthers(t *testing.T) {
	for _, tt := range []struct{ name, text string }{{"gate", trapGate}, {"back", trapBack}, {"past", trapPast}} {
		t.Run(tt.name, func(t *testing.T) {
			_, p := plansOf(t, tt.text)
			require.NotNil(t, p.Winner)
			assert.Equal(t, []string{"1"}, p.Winner.Values)
			assert.True(t, p.Winner.Separated)
		})
	}
}

// Where requests that a node let through meet others.
func TestWhereRequestsMeetOthers(t *testing.T) {
	const text = `objectives = ["users p99 < 100ms"]
[client.users]
target = "web"
arrivals = "poisson 50/s"
[server.web]
on.request = [{ cpu = "exp 5ms" }, { get = "kept", miss = [{ call = "db" }] }, { call = "mail" }]
[cache.kept]
hit_ratio = "50%"
[server.db]
on.request = [{ cpu = "exp 5ms" }, { call = "disk" }]
[server.disk]
on.request = [{ cpu = "exp 5ms" }]
[server.mail]
on.request = [{ cpu = "exp 5ms" }]
[plan]
vary = { "server.web.instances" = [1, 2] }
`
	for _, tt := range []struct {
		name, old, new, node string
		want                 string
	}{
		{"all come through it", "", "", "web", ""},
		{"what follows its answers", "", "", "db", "mail"},
		{"a cache spares what a miss does", "", "", "kept", "mail"},
		{"the last", "", "", "mail", ""},
		{"another client", "[plan]", "[client.more]\ntarget = \"db\"\narrivals = \"poisson 1/s\"\n[plan]", "web", "db disk"},
		{"work after an answer", `{ call = "mail" }]`, `{ cpu = "exp 1ms" }]`, "disk", "web"},
		{"an operation that needs no disk", `on.request = [{ cpu = "exp 5ms" }, { call = "disk" }]`, "on.request = [{ cpu = \"exp 5ms\" }, { disk = \"exp 1ms\" }, { call = \"disk\" }]\non.other = [{ cpu = \"exp 5ms\" }, { call = \"disk\" }]", "db", "disk mail"},
		{"again and again", `{ call = "mail" }]`, `{ repeat = 2, steps = [{ cpu = "exp 1ms" }, { call = "mail" }] }]`, "mail", "web"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			changed := text
			if tt.old != "" {
				require.Contains(t, text, tt.old)
				changed = strings.Replace(text, tt.old, tt.new, 1)
			}
			if !strings.Contains(changed, `call = "mail"`) {
				changed = strings.Replace(changed, "[server.mail]\non.request = [{ cpu = \"exp 5ms\" }]\n", "", 1)
			}
			spec := planSpace(t, changed).Spec(0)
			var names []string
			for i := range spec.Nodes {
				if spec.Nodes[i].Name == tt.node {
					for _, k := range shared(spec, i) {
						names = append(names, spec.Nodes[k].Name)
					}
				}
			}
			assert.Equal(t, tt.want, strings.Join(names, " "))
		})
	}
}
