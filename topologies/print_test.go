package topologies

import (
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
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
# network = no time passes                  # default

[run]
seed = 3                                    # --seed
# duration = 10m                            # default
# warmup = auto                             # default
# drain = 10m                               # default
# replications = 5                          # default

[server.app]
on."two words" = [{ cpu = 'exp 10ms', name = "work" }]  # shop.toml:6
on.request = []                             # shop.toml:7
cores = 0x10                                # design large, shop.toml:15
instances = 2                               # --set
# speed = 1                                 # default
# concurrency = unlimited                   # default
# backlog = unlimited                       # default
# queue_timeout = none                      # default
# scheduling = fcfs                         # default

[client.users]
arrivals = "poisson 80/s"                   # shop.toml:10
target = "app"                              # shop.toml:11
retries.max = 1                             # design large, shop.toml:16
retries.backoff = "exp 1s"                  # shop.toml:12
# retries.jitter = none                     # default
# priority = 0                              # default
# timeout = none                            # default
# deadline = none                           # default
# hedge = none                              # default
# breaker = none                            # default
# cancel = false                            # default
`
	seed := uint64(3)
	assert.Equal(t, want, printed(t, file, "large", Options{Seed: &seed, Set: []Setting{{Text: "server.app.instances=2", Arg: 1}}}))
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
