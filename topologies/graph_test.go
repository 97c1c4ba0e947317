package topologies

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/capsim/capsim/models/arrival"
	"github.com/stretchr/testify/assert"
)

// TestComponentsAreThoseThatReachEachOther compares Tarjan's algorithm with
// the definition, on random graphs.
func TestComponentsAreThoseThatReachEachOther(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		n := 1 + random.IntN(9)
		edges := make([][]int, n)
		for range random.IntN(2 * n) {
			v := random.IntN(n)
			edges[v] = append(edges[v], random.IntN(n))
		}
		reach := make([][]bool, n) // by at least one edge
		for v := range n {
			reach[v] = make([]bool, n)
			stack := slices.Clone(edges[v])
			for len(stack) > 0 {
				w := stack[len(stack)-1]
				stack = stack[:len(stack)-1]
				if !reach[v][w] {
					reach[v][w] = true
					stack = append(stack, edges[w]...)
				}
			}
		}
		of, members := components(n, func(v int, visit func(int)) {
			for _, w := range edges[v] {
				visit(w)
			}
		})
		for v := range n {
			assert.Equal(t, reach[v][v], of[v] >= 0, "a vertex that comes back to itself has a component")
			for w := range n {
				same := of[v] >= 0 && of[v] == of[w]
				assert.Equal(t, reach[v][w] && reach[w][v], same)
			}
		}
		total := 0
		for id, set := range members {
			total += len(set)
			for _, v := range set {
				assert.Equal(t, id, of[v])
			}
		}
		assert.LessOrEqual(t, total, n)
	}
}

func TestGrowthIsTheSpectralRadius(t *testing.T) {
	for _, tt := range []struct {
		name string
		out  [][]call
		want float64
	}{
		{"no calls", [][]call{nil, nil}, 0},
		{"one calls itself three times in ten", [][]call{{{to: 0, times: 0.3}}}, 0.3},
		{"there and back", [][]call{{{to: 1, times: 2}}, {{to: 0, times: 0.5}}}, 1},
		{"a ring of three", [][]call{{{to: 1, times: 1}}, {{to: 2, times: 8}}, {{to: 0, times: 1}}}, 2},
		{"golden ratio", [][]call{{{to: 0, times: 1}, {to: 1, times: 1}}, {{to: 0, times: 1}}}, 1.618},
	} {
		g := &callGraph{out: tt.out}
		vertices := make([]int, len(tt.out))
		for i := range vertices {
			vertices[i] = i
		}
		got := g.growth(vertices, func(int) bool { return true })
		switch {
		case tt.want > 1: // the search may end as soon as it is certain to be above 1
			assert.Greater(t, got, 1.0, tt.name)
		default:
			assert.InDelta(t, tt.want, got, 1e-3, tt.name)
		}
	}
}

func TestCirclesThatSomeRequestsLeaveAreAllowed(t *testing.T) {
	text := with(`{ cpu = "exp 10ms" }`, `{ cpu = "exp 1ms" }, { choose = [{ weight = 1, steps = [{ call = "web" }] }, { weight = 1, steps = [] }] }`)
	assert.Empty(t, check(t, text))
	// Each of two calls half of the time: one further round on average.
	twice := with(`{ cpu = "exp 10ms" }`, `{ repeat = 2, steps = [{ choose = [{ weight = 1, steps = [{ call = "web" }] }, { weight = 1, steps = [] }] }] }`)
	assert.Contains(t, check(t, twice)[0], "requests can never leave: web.request → web.request")
	// What fails first never calls.
	assert.Empty(t, check(t, with(`{ cpu = "exp 10ms" }`, `{ cpu = "exp 1ms" }, { fail = 1 }, { call = "web" }`)))
	// A cache that always has the answer never misses.
	assert.Empty(t, check(t, with(`{ cpu = "exp 10ms" }`, `{ get = "r", miss = [{ call = "web" }] }`)+"[cache.r]\nhit_ratio = 1\nlatency = \"1ms\"\n"))
}

func TestWorkersThatWaitForEachOtherAreWarnedOf(t *testing.T) {
	limited := "concurrency = 4\n"
	for _, tt := range []struct{ a, b, want string }{
		{limited, limited, "workers of b, web can all be waiting for each other"},
		{limited, "", ""},
		{"", limited, ""},
	} {
		text := with(`on.request = [{ cpu = "exp 10ms" }]`, tt.a+`on = { request = [{ call = "b" }], back = [{ cpu = "1ms" }] }`) +
			"[server.b]\n" + tt.b + `on.request = [{ call = "web.back" }]` + "\n"
		got := check(t, text)
		if tt.want == "" {
			assert.Empty(t, got)
			continue
		}
		assert.Len(t, got, 1)
		assert.Contains(t, got[0], tt.want)
	}
	own := check(t, with(`on.request = [{ cpu = "exp 10ms" }]`, limited+`on = { request = [{ call = "web.back" }], back = [{ cpu = "1ms" }] }`))
	assert.Len(t, own, 1)
	assert.Contains(t, own[0], "all workers of web can be waiting for a worker of web")
}

func TestUsersMayComeAtOnceIfTimePasses(t *testing.T) {
	users := func(extra, server string) string {
		return "[client.c]\ntarget = \"s\"\nusers = 5\n" + extra + "[server.s]\n" + server
	}
	assert.Empty(t, check(t, users("", "on.request = [{ cpu = \"5ms\" }]\n")))
	assert.Empty(t, check(t, users("think = \"1ms\"\n", "on.request = []\n")))
	assert.Empty(t, check(t, users("", "concurrency = 1\nbacklog = 4\non.request = [{ cpu = \"5ms\" }]\n")), "there is room for all")
	assert.Empty(t, check(t, users("retries = { max = 1, backoff = \"5ms\" }\n", "concurrency = 1\nbacklog = 0\non.request = [{ cpu = \"5ms\" }]\n")))
	assert.Contains(t, check(t, users("", "concurrency = 1\nqueue_timeout = \"0s\"\non.request = [{ cpu = \"5ms\" }]\n"))[0], "find room for 1")
	assert.Contains(t, check(t, users("think = \"0s\"\n", "on.request = [{ cpu = \"0s\" }, { call = \"s.other\" }]\non.other = [{ wait = \"0s\" }]\n"))[0], "E404")
}

func TestLoadSpeedsUpATrace(t *testing.T) {
	files := replaying(`trace = "a.log", format = "clf", speed = 2, repeat = true`, "")
	spec, _ := specOf(files, "in/shop.toml", Options{Load: 3}, "")
	plan := spec.Nodes[0].Client.Open.(arrival.TracePlan)
	assert.InDelta(t, 2, plan.Speed, 0)
	assert.InDelta(t, 3, plan.Load, 0)
	assert.True(t, plan.Repeat)
}
