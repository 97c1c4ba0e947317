package topologies

import (
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
)

func printed(t *testing.T, file, design string, opts Options) string {
	t.Helper()
	loaded, report := Load(memory{"shop.toml": file}, "shop.toml", opts)
	require.NotNil(t, loaded, headlines(report))
	var b strings.Builder
	require.NoError(t, loaded.Print(&b, design))
	return b.String()
}

func TestPrintShowsTheDesignWithItsDefaults(t *testing.T) {
	const file = `
title = "Shop"   # a comment

[server]
[server.app.on]
"two words" = [{ cpu = 'exp 10ms', name = "work" }]
request = []

[client.users]
arrivals = "poisson 80/s"
target = "app"
retries = { max = 2, backoff = "exp 1s" }

[design.large]
server.app = { cores = 0x10 }
client.users.retries = { max = 1 }
`
	const want = `title = "Shop"                              # shop.toml:2

[run]
seed = 3                                    # --seed

[server.app]
on."two words" = [{ cpu = 'exp 10ms', name = "work" }]  # shop.toml:6
on.request = []                             # shop.toml:7
cores = 0x10                                # design large, shop.toml:15
instances = 2                               # --set

[client.users]
arrivals = "poisson 80/s"                   # shop.toml:10
target = "app"                              # shop.toml:11
retries.max = 1                             # design large, shop.toml:16
retries.backoff = "exp 1s"                  # shop.toml:12
`
	seed := uint64(3)
	got := printed(t, file, "large", Options{Seed: &seed, Set: []Setting{{Text: "server.app.instances=2", Arg: 1}}})
	var given, left strings.Builder
	for line := range strings.Lines(got) {
		if strings.HasSuffix(line, "# default\n") {
			left.WriteString(line)
		} else {
			given.WriteString(line)
		}
	}
	assert.Equal(t, want, given.String())
	for _, line := range []string{
		"# network = no time passes                  # default", "# warmup = auto                             # default",
		"# speed = 1                                 # default", "# retries.jitter = none                     # default",
		"# requests = { request = 1 }                # default", "# timeout = none                            # default",
	} {
		assert.Contains(t, left.String(), line+"\n")
	}
	assert.NotContains(t, left.String(), "think", "only users think")
	assert.NotContains(t, left.String(), "cores", "it is given")
}

// A key that may be left out says what is used for it, unless leaving it out
// means that another key says it.
func TestEveryKeyThatMayBeLeftOutSaysWhatThenHolds(t *testing.T) {
	alternatives := map[string]bool{
		"client.arrivals": true, "client.stages": true, "client.daily": true, "client.wave": true, "client.users": true, // one of them is needed
		"load_balancer.targets": true,                                                                                                                                                                                        // or route
		"client.priorities":     true, "title": true, "objectives": true, "extends": true, "policy": true, "catalog": true, "run": true, "fault": true, "deploy": true, "sweep": true, "plan": true, "network.between": true, // nothing is used for them
	}
	check := func(prefix string, config any) {
		for _, f := range kind.Describe(config) {
			said := f.Required || f.Default != "" || f.Absent != ""
			assert.True(t, said || alternatives[prefix+f.Key], prefix+f.Key)
		}
	}
	check("", fileConfig{})
	check("run.", node.RunConfig{})
	check("network.", node.NetworkConfig{})
	for _, row := range node.Kinds {
		check(row.Key+".", row.Config())
	}
}

func TestWhatIsPrintedMeansTheSame(t *testing.T) {
	for _, name := range Gallery() {
		file, report := Load(GalleryFiles{}, name+".toml", Options{})
		require.NotNil(t, file, headlines(report))
		for _, design := range append([]string{""}, file.Designs()...) {
			want, report := file.Spec(design)
			require.NotNil(t, want, headlines(report))
			var text strings.Builder
			require.NoError(t, file.Print(&text, design))
			again, report := Load(withData{memory{name: text.String()}}, name, Options{})
			require.NotNil(t, again, headlines(report))
			got, report := again.Spec("")
			require.NotNil(t, got, headlines(report))
			same := *want
			same.Design = ""
			assert.Equal(t, same.Nodes, got.Nodes, "%s %s", name, design)
			assert.Equal(t, same.Run, got.Run)
			assert.Equal(t, same.Defaults, got.Defaults)
		}
	}
}

// withData is files in memory, and the data of the gallery.
type withData struct{ memory }

func (f withData) Open(name string) (io.ReadCloser, error) {
	if strings.HasPrefix(name, "data/") {
		return GalleryFiles{}.Open(name)
	}
	return f.memory.Open(name)
}

// A result carries its file unless that is long, or wrong by itself.
func TestSourceIsWhatIsPrinted(t *testing.T) {
	const file = `
[server.app]
on.request = [{ cpu = "5ms" }]
[client.users]
arrivals = "poisson 80/s"
target = "app"
[design.large]
server.app = { cores = 16 }
`
	source := func(file, design string) string {
		loaded, report := Load(memory{"shop.toml": file}, "shop.toml", Options{Set: []Setting{{Text: "run.duration=7m", Arg: 1}}})
		require.NotNil(t, loaded, headlines(report))
		return loaded.Source(design)
	}
	got := source(file, "large")
	assert.Contains(t, got, "cores = 16\n")
	assert.Contains(t, got, `duration = "7m"`)
	read := func(text, design string, set ...Setting) *node.Spec {
		loaded, report := Load(memory{"shop.toml": text}, "shop.toml", Options{Set: set})
		require.NotNil(t, loaded, headlines(report))
		spec, report := loaded.Spec(design)
		require.NotNil(t, spec, headlines(report))
		spec.Defaults = nil // in the order of the file
		return spec
	}
	assert.Equal(t, read(file, "large", Setting{Text: "run.duration=7m", Arg: 1}).Nodes, read(got, "").Nodes)
	assert.NotContains(t, got, "#", "neither where a value is from nor what was left out")
	assert.NotContains(t, source(file, ""), "cores = 16")
	assert.Empty(t, source(file+"\n#"+strings.Repeat("x", longestSource), ""), "too long")
	assert.Empty(t, source(strings.Replace(file, `target = "app"`, `target = "nobody"`, 1), ""), "wrong")
}
