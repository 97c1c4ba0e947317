//go:build unix

package topologies

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/capsim/capsim/models/kind"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// lines repeats a line with a running number.
func lines(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

func TestHostileSizesAreDealtWithInTwoSeconds(t *testing.T) {
	if testing.Short() {
		t.Skip("reads megabytes")
	}
	// As a user's program collects, whatever GOGC the tests are run with.
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	inline := "x = [" + strings.Repeat("{a=1},", 90_000) + "]\n"
	deep := strings.Repeat("{a=", 40) + "1" + strings.Repeat("}", 40)
	for _, tt := range []struct{ name, file, want string }{
		{"40 KB dotted key", strings.Repeat("a.", 20_000) + "b = 1\n", "E702"},
		{"40 KB header", "[" + strings.Repeat("a.", 20_000) + "b]\n", "E702"},
		{"100 000 brackets", "x = " + strings.Repeat("[", 100_000), "E702"},
		{"deep braces", "x = " + deep + "\n", "E702"},
		{"C25: 200 000 sibling tables", lines(200_000, "[server.k%d]\n"), "E703"},
		{"40 000 sibling tables", lines(40_000, "[server.k%d]\n"), "E20"},
		{"200 000 array tables", strings.Repeat("[[server]]\n", 200_000), "E703"},
		{"12 000 nodes", shop + lines(12_000, "[cache.k%d]\nhit_ratio = 1\n"), "E703"},
		{"1 MiB key", strings.Repeat("k", 1<<20) + " = 1\n", "E704"},
		{"1000 B key", strings.Repeat("k", 1000) + " = 1\n", "E704"},
		{"3 MiB string", "title = \"" + strings.Repeat("x", 3<<20) + "\"\n", "E704"},
		{"3 MiB in lines of a string", "title = \"\"\"" + strings.Repeat(strings.Repeat("x", 100)+"\n", 30_000) + "\"\"\"\n" + shop, "E210"},
		{"1 M items", "x = [" + strings.Repeat("1,", 1_000_000) + "]\n", "E70"},
		{"1 M items in lines", "x = [" + strings.Repeat("1,\n", 1_000_000) + "]\n", "E703"},
		{"90 000 tables in an array", inline, "E201"},
		{"150 000 keys", lines(150_000, "a%d = 1\n"), "E201"},
		{"4 MiB of keys", lines(250_000, "a%d = 1\n"), "E703"},
		{"4 MiB of keys that exist nearly", lines(90_000, "[run]\nk%d = 1\n"), "E703"},
		{"a line of inline keys", "x = { " + lines(60_000, "k%d = 1, ")[:1<<19] + " }\n", "E"},
		{"4 MiB of comments", strings.Repeat("# "+strings.Repeat("x", 61)+"\n", 1<<16), "E203"},
		{"4 MiB of blank lines", strings.Repeat("\n", maxFile), "E203"},
		{"4 MiB of quotes", strings.Repeat("\"", maxLine-1), "E101"},
		{"broken lines", strings.Repeat("x y\n", 900_000), "E101"},
		{"broken arrays", strings.Repeat("x = [1 2\n", 400_000), "E70"},
		{"escapes", "[server.web]\non.request = []\n[client.a]\narrivals = \"constant 1/s\"\ntarget = \"" + strings.Repeat("\\u00e9", 150_000) + "\"\n", "E501"},
		{"many objectives", "objectives = [" + strings.Repeat("\"users p99 < 1s\",", 50_000) + "]\n" + shop, "E703"},
		{"many bad references", shop + "[load_balancer.lb]\ntargets = [" + lines(40_000, "\"web%d\",") + "]\n", "E501"},
		{"9000 nodes that all reach", "[client.c]\ntarget=\"lb\"\narrivals=\"poisson 1/s\"\n[load_balancer.lb]\ntargets = [" + lines(9000, "\"s%d\",") + "]\n" +
			lines(9000, "[server.s%d]\non.request = [{ cpu = \"exp 1ms\" }]\n"), ""},
		{"a chain of 9000", "[client.c]\ntarget=\"s0\"\narrivals=\"poisson 1/s\"\n[server.s9000]\non.request=[]\n" + chain(9000), ""},
		{"a ring of 3000", "[client.c]\ntarget=\"s0\"\narrivals=\"poisson 1/s\"\n[server.s3000]\non.request=[{call=\"s0\"}]\n" + chain(3000), "E403"},
		{"routes through a balancer", "[client.c]\ntarget=\"lb\"\narrivals=\"poisson 1/s\"\n[load_balancer.lb]\ntargets = [" + lines(2000, "\"s%d\",") + "]\n" +
			lines(2000, "[server.s%d]\non.request = [{ choose = [{ weight = 1, steps = [{ call = \"lb\" }] }, { weight = 2, steps = [] }] }]\n"), "E703"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			require.LessOrEqual(t, len(tt.file), maxFile+1)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			began := processorTime()
			spec, report := specOf(memory{"shop.toml": tt.file}, "shop.toml", Options{}, "")
			took := processorTime() - began
			runtime.ReadMemStats(&after)
			grown := int64(after.Sys) - int64(before.Sys)
			t.Logf("%.2f s, %d MB allocated, grown by %d MB, %d findings", took.Seconds(), (after.TotalAlloc-before.TotalAlloc)>>20, grown>>20, report.Errors())
			assert.Less(t, took, 2*time.Second)
			assert.Less(t, grown, int64(256<<20), "memory that is given back makes it less")
			if tt.want == "" {
				require.Empty(t, headlines(report))
				assert.NotNil(t, spec)
				return
			}
			require.NotEmpty(t, report.Diagnostics())
			assert.True(t, strings.HasPrefix(report.Diagnostics()[0].Code, tt.want), headlines(report)[0])
			for _, d := range report.Diagnostics() {
				require.Regexp(t, headline, d.Headline())
			}
		})
	}
}

// processorTime is how long this process has kept processors busy: the
// machine may be shared.
func processorTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// chain is a number of servers, each of which calls the next.
func chain(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "[server.s%d]\non.request = [{ call = \"s%d\" }]\n", i, i+1)
	}
	return b.String()
}

func TestLimitsHoldAtTheLimitAndNotPastIt(t *testing.T) {
	if testing.Short() {
		t.Skip("reads megabytes")
	}
	nest := func(n int) string { return "x = " + strings.Repeat("[", n) + strings.Repeat("]", n) + "\n" }
	items := func(n int) string { return "x = [" + strings.Repeat("1,", n) + "]\n" }
	key := func(n int) string { return strings.Repeat("k", n) + " = 1\n" }
	parts := func(n int) string { return strings.Repeat("a.", n-1) + "a = 1\n" }
	line := func(n int) string { return "#" + strings.Repeat("x", n-1) + "\n" }
	nodes := func(n int) string { return shop + lines(n-2, "[cache.k%d]\nhit_ratio = 1\n") }
	objectives := func(n int) string {
		return "objectives = [" + strings.Repeat("\"users p99 < 1s\",", n) + "]\n" + shop
	}
	for _, tt := range []struct {
		name  string
		make  func(int) string
		limit int
		code  string
	}{
		{"nesting", nest, maxDepth, "E702"},
		{"parts of a key", parts, maxDepth, "E702"},
		{"items of an array", items, maxItems, "E703"},
		{"bytes of a key", key, maxKey, "E704"},
		{"bytes of a line", line, maxLine, "E704"},
		{"nodes", nodes, maxNodes, "E703"},
		{"objectives", objectives, maxObjectives, "E703"},
		{"keys", func(n int) string { return lines(n, "a%d = 1\n") }, maxKeys, "E703"},
		{"values", func(n int) string {
			return lines(10, "x%d = ["+strings.Repeat("1,", n/10)+"]\n") + strings.Repeat(",", n%10)
		}, maxValues, "E703"},
		{"steps", func(n int) string {
			steps := func(n int) string { return strings.Repeat("{cpu=\"1ms\"},", n) }
			return "[client.c]\ntarget=\"s\"\narrivals=\"poisson 1/s\"\n[server.s]\non.request=[" + steps(n/2) + "]\non.other=[" + steps(n-n/2) + "]\n"
		}, maxSteps, "E703"},
		{"names of operations", func(n int) string { return shop + "[server.many.on]\n" + lines(n-1, "o%d = []\n") }, maxOperations, "E703"},
		{"bytes of the title", func(n int) string { return "title = \"" + strings.Repeat("x", n) + "\"\n" + shop }, maxTitle, "E704"},
		{"designs", func(n int) string { return lines(n, "[design.d%d]\n") + shop }, maxDesigns, "E703"},
		{"users", func(n int) string { return with(`arrivals = "poisson 80/s"`, fmt.Sprintf("users = %d", n)) }, maxUsers, "E705"},
		{"runs in all", func(n int) string {
			return fmt.Sprintf("[run]\nreplications = %d\n", n/125) + lines(125+n%125, "[design.d%d]\n") + shop
		}, maxRunsInAll, "E706"},
		{"retries", func(n int) string { return with(`timeout = "2s"`, fmt.Sprintf("retries = %d", n)) }, 100, "E705"},
		{"instances", func(n int) string { return with("cores = 1", fmt.Sprintf("instances = %d", n)) }, 1_000_000, "E705"},
		{"replications", func(n int) string { return fmt.Sprintf("[run]\nreplications = %d\n", n) + shop }, 10_000, "E705"},
		{"backlog", func(n int) string { return with("cores = 1", fmt.Sprintf("concurrency = 1\nbacklog = %d", n)) }, 1_000_000_000, "E705"},
		{"bytes of a file", func(n int) string { return strings.Repeat("#\n", n/2) + strings.Repeat("\n", n%2) }, maxFile, "E701"},
	} {
		codes := func(n int) string { return strings.Join(codesOf(t, tt.make(n)), " ") }
		assert.NotContains(t, codes(tt.limit), tt.code, "%s at the limit", tt.name)
		assert.Contains(t, codes(tt.limit+1), tt.code, "%s past it", tt.name)
	}
}

func TestMoreHeadersThanAllowedAreRefused(t *testing.T) {
	for n, want := range map[int]bool{maxHeaders: false, maxHeaders + 1: true} {
		_, report := specOf(memory{"shop.toml": lines(n, "[cache.k%d]\n")}, "shop.toml", Options{}, "")
		assert.Equal(t, want, strings.Contains(headlines(report)[0], "more than 40000 tables"))
	}
}

func TestLimitsAreListed(t *testing.T) {
	list := Limits()
	assert.Contains(t, list, Limit{"nodes", "10000", "E703"})
	assert.Contains(t, list, Limit{"server.NAME.instances", "1000000", "E705"})
	assert.Contains(t, list, Limit{"run.replications", "10000", "E705"})
	for _, l := range list {
		_, known := kind.LookUpCode(l.Code)
		assert.True(t, known, l.What)
	}
}

// codesOf lists the codes of all findings.
func codesOf(t *testing.T, text string) []string {
	t.Helper()
	_, report := specOf(memory{"shop.toml": text}, "shop.toml", Options{}, "")
	var codes []string
	for _, d := range report.Diagnostics() {
		codes = append(codes, d.Code)
	}
	return codes
}
