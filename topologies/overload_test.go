package topologies

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOverloadIsAWarningAtTheServersHeader(t *testing.T) {
	const file = `
[client.users]
target   = "lb"
arrivals = "poisson RATE"

[load_balancer.lb]
targets = ["app"]

[server.app]
cores      = 2
instances  = INSTANCES
on.request = [{ cpu = "exp 10ms" }, { call = "db" }]

[server.db]
on.request = [{ cpu = "exp 1ms" }]
`
	for _, tt := range []struct {
		name, rate, instances string
		want                  []string
	}{
		{"room to spare", "390/s", "2", nil},
		{"exactly full", "400/s", "2", []string{
			"shop.toml:9:9: warning[W406]: server.app: offered load 1: more work comes than its cores can do; needs ≥ 5 cores (has 4: 2 instances of 2)",
		}},
		{"too much", "250/s", "1", []string{
			"shop.toml:9:9: warning[W406]: server.app: offered load 1.25: more work comes than its cores can do; needs ≥ 3 cores (has 2)",
		}},
		{"too much everywhere", "1250/s", "2", []string{
			"shop.toml:9:9: warning[W406]: server.app: offered load 3.12: more work comes than its cores can do; needs ≥ 13 cores (has 4: 2 instances of 2)",
			"shop.toml:14:9: warning[W406]: server.db: offered load 1.25: more work comes than its cores can do; needs ≥ 2 cores (has 1)",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := strings.NewReplacer("RATE", tt.rate, "INSTANCES", tt.instances).Replace(file)
			loaded, report := Load(memory{"shop.toml": text}, "shop.toml", Options{})
			require.NotNil(t, loaded)
			spec, report := loaded.Spec("")
			assert.NotNil(t, spec, "the run goes on")
			assert.Equal(t, tt.want, headlines(report))
		})
	}
}

func TestOverloadOfADesignNamesTheDesign(t *testing.T) {
	const file = `
[client.users]
target   = "app"
arrivals = "poisson 100/s"

[server.app]
cores      = 2
on.request = [{ cpu = "exp 10ms" }]

[design.small]
server.app = { cores = 1 }
`
	loaded, _ := Load(memory{"shop.toml": file}, "shop.toml", Options{})
	require.NotNil(t, loaded)
	assert.Equal(t, []string{
		`shop.toml:6:9: warning[W406]: server.app: design "small": offered load 1: more work comes than its cores can do; needs ≥ 2 cores (has 1)`,
	}, headlines(loaded.Check()))
}

func TestOverloadIsNotSoughtAmongUsersWhoAdapt(t *testing.T) {
	const file = `
[client.users]
target = "app"
users  = 1000

[server.app]
on.request = [{ cpu = "exp 10ms" }]
`
	loaded, _ := Load(memory{"shop.toml": file}, "shop.toml", Options{})
	require.NotNil(t, loaded)
	assert.Empty(t, headlines(loaded.Check()))
}
