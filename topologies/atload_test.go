package topologies

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// onDisk is the real file system.
type onDisk struct{}

func (onDisk) Open(name string) (io.ReadCloser, error) { return os.Open(name) }
func (onDisk) List(string) []string                    { return nil }

// A specification at another load is what reading its file with that load
// gives, whatever its traffic. Halving and doubling round nothing but users.
func TestASpecificationAtALoadIsTheFileReadWithIt(t *testing.T) {
	files, err := filepath.Glob("*.toml")
	require.NoError(t, err)
	closed, open := 0, 0
	for _, name := range files {
		plain, report := Load(onDisk{}, name, Options{})
		require.NotNil(t, plain, report.Diagnostics())
		for _, design := range append(plain.Designs(), "") {
			spec, report := plain.Spec(design)
			require.NotNil(t, spec, "%s %s: %v", name, design, report.Diagnostics())
			for _, load := range []float64{0.5, 2} {
				loaded, _ := Load(onDisk{}, name, Options{Load: load})
				want, report := loaded.Spec(design)
				require.NotNil(t, want, "%s %s: %v", name, design, report.Diagnostics())
				got := spec.AtLoad(load)
				for i := range want.Nodes {
					c := want.Nodes[i].Client
					if c == nil {
						continue
					}
					if c.Open != nil {
						open++
						if !assert.ObjectsAreEqual(c.Open, got.Nodes[i].Client.Open) {
							assert.Fail(t, "another plan", "%s %s at %v: %s", name, design, load, want.Nodes[i].Name)
						}
						continue
					}
					closed++
					assert.Equal(t, c.Closed, got.Nodes[i].Client.Closed, "%s %s at %v", name, design, load)
				}
				assert.Equal(t, want.Loads(), got.Loads(), "%s %s at %v", name, design, load)
			}
			assert.Same(t, spec.Nodes[0].Server, spec.AtLoad(3).Nodes[0].Server, "the rest is shared")
			assert.NotSame(t, &spec.Nodes[0], &spec.AtLoad(3).Nodes[0])
		}
	}
	assert.Greater(t, open, 20)
	assert.Greater(t, closed, 0)
}

// Saturation is where the traffic equations see the first resource full.
func TestSaturationIsTheLoadOfTheFirstFullResource(t *testing.T) {
	saturation := func(text string) float64 {
		file, report := Load(memory{"a.toml": text}, "a.toml", Options{})
		require.NotNil(t, file, report.Diagnostics())
		spec, report := file.Spec("")
		require.NotNil(t, spec, report.Diagnostics())
		return spec.Saturation()
	}
	const shop = `client.c = { target = "app", arrivals = "poisson 100/s" }
server.app = { cores = 2, on.request = [{ cpu = "exp 5ms" }, { call = "db" }] }
server.db = { cores = 1, concurrency = 4, on.request = [{ cpu = "exp 1ms" }, { wait = "9ms" }] }
`
	assert.InDelta(t, 4, saturation(shop), 1e-9, "two cores, half of one asked for; four workers, one asked for")
	assert.InDelta(t, 0, saturation(`client.c = { target = "app", users = 5, think = "1s" }
server.app = { on.request = [{ cpu = "exp 5ms" }] }`), 0, "users ask for what they get")
}
