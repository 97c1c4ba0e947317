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

func TestOverloadOfACacheIsThatOfItsBusiestInstance(t *testing.T) {
	const file = `
[client.users]
target   = "app"
arrivals = "poisson RATE"
keys     = "zipf s=1.3 n=1k"

[server.app]
on.request = [{ get = "redis", miss = [] }]

[cache.redis]
capacity  = 1000
latency   = "exp 1ms"
cores     = 1
instances = 3
`
	for rate, want := range map[string][]string{
		"1000/s": nil,
		"2400/s": {"shop.toml:10:8: warning[W406]: cache.redis: offered load 1.16: more look-ups come to its busiest instance, redis[1], than its cores (1) can do; needs more cores, or more instances if no single item is too hot"},
		"3600/s": {"shop.toml:10:8: warning[W406]: cache.redis: offered load 1.2: more look-ups come than its cores can do; needs ≥ 4 cores (has 3: 3 instances of 1)"},
	} {
		loaded, report := Load(memory{"shop.toml": strings.Replace(file, "RATE", rate, 1)}, "shop.toml", Options{})
		require.NotNil(t, loaded, "%v", report)
		_, report = loaded.Spec("")
		assert.Equal(t, want, headlines(report), rate)
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

// Workers are held while their requests wait for others, as long as those
// take at least.
func TestOverloadOfWorkers(t *testing.T) {
	const file = `
[client.users]
target   = "app"
arrivals = "poisson RATE"

[server.app]
instances   = 2
concurrency = 5
on.request  = [STEPS]

[server.db]
speed      = 2
on.request = [{ wait = "exp 40ms" }, { cpu = "1us" }]

[cache.redis]
hit_ratio = "50%"
latency   = "10ms"
`
	full := func(load, needs string) []string {
		return []string{"shop.toml:6:9: warning[W406]: server.app: offered load " + load +
			": requests hold its workers for longer than there are workers; needs ≥ " + needs + " workers (has 10: 2 instances of 5)"}
	}
	for _, tt := range []struct {
		rate, steps string
		want        []string
	}{
		{"99/s", `{ wait = "exp 100ms" }`, nil},
		{"100/s", `{ wait = "exp 100ms" }`, full("1", "11")},
		{"520/s", `{ call = "db" }`, full("1.04", "11")},
		{"480/s", `{ call = "db" }`, nil},
		{"700/s", `{ get = "redis", miss = [{ wait = "10ms" }] }`, full("1.05", "11")},
		{"600/s", `{ get = "redis", miss = [{ wait = "10ms" }] }`, nil},
		{"520/s", `{ parallel = [[{ wait = "20ms" }], [{ wait = "5ms" }]] }`, full("1.04", "11")},
		{"480/s", `{ parallel = [[{ wait = "20ms" }], [{ wait = "5ms" }]] }`, nil},
		{"1100/s", `{ parallel = [[{ wait = "20ms" }], [{ wait = "5ms" }]], need = "any" }`, nil},
		{"5000/s", `{ parallel = [[{ wait = "20ms" }], [{ wait = "5ms" }]], need = "any" }`, full("1.25", "13")},
		{"1100/s", `{ parallel = [[{ wait = "20ms" }], [{ wait = "20ms" }], [{ wait = "5ms" }]], need = 2 }`, full("1.1", "12")},
		{"520/s", `{ repeat = 4, steps = [{ wait = "5ms" }] }`, full("1.04", "11")},
		{"520/s", `{ fail = 1 }, { wait = "20ms" }`, nil},
		{"520/s", `{ call = "db", timeout = "1ms" }`, nil},
		{"2000/s", `{ call = "db", timeout = "10ms" }`, full("1.26", "13")},
		{"110/s", `{ call = "db", timeout = "10s" }, { wait = "80ms" }`, full("1.1", "12")},
	} {
		text := strings.NewReplacer("RATE", tt.rate, "STEPS", tt.steps).Replace(file)
		loaded, report := Load(memory{"shop.toml": text}, "shop.toml", Options{})
		require.NotNil(t, loaded, headlines(report))
		spec, report := loaded.Spec("")
		require.NotNil(t, spec, headlines(report))
		var got []string
		for _, line := range headlines(report) {
			if !strings.Contains(line, "W401") { // a server or cache that this case does not use
				got = append(got, line)
			}
		}
		assert.Equal(t, tt.want, got, "%s %s", tt.rate, tt.steps)
	}
}

// What is said to be certain is: the workers are all held, and more comes
// than leaves, also where calls go in a circle.
func TestOverloadOfWorkersOfCallsInACircle(t *testing.T) {
	loaded, _ := Load(memory{"shop.toml": `
[client.users]
target   = "app"
arrivals = "poisson 100/s"

[server.app]
concurrency = 1
on.request  = [{ wait = "4ms" }, { choose = [{ weight = 1, steps = [{ call = "app", timeout = "1s" }] }, { weight = 1, steps = [] }] }]
`}, "shop.toml", Options{})
	require.NotNil(t, loaded)
	assert.Len(t, headlines(loaded.Check()), 1, "it can deadlock, but 80 % is what is asked for at least")
}

func TestDisksAndNetworksAreOverloadedToo(t *testing.T) {
	const disks = `
[client.users]
target   = "lb"
arrivals = "poisson 100/s"

[load_balancer.lb]
targets = ["slow", "fast"]
policy  = "POLICY"

[server.slow]
disk       = { iops = 40 }
on.request = [{ disk = { ops = 1 } }]

[server.fast]
disk       = { iops = 400 }
on.request = [{ disk = { ops = 1 } }]
`
	const network = `
[client.users]
target        = "lb"
arrivals      = "poisson 50/s"
request_size  = "uniform 10kB 30kB"
response_size = "80kB"

[load_balancer.lb]
targets = ["app"]
policy  = "least-connections"

[server.app]
network    = "8Mbps"
instances  = INSTANCES
on.request = [{ wait = "1ms" }]
`
	for _, tt := range []struct {
		name, file string
		want       []string
	}{
		{"a slow disk in turn", strings.Replace(disks, "POLICY", "round-robin", 1), []string{
			"shop.toml:10:9: warning[W406]: server.slow: offered load 1.25: more work comes than its disk can do; needs one that is 1.25 times as fast, or more instances",
		}},
		{"a slow disk that a balancer spares", strings.Replace(disks, "POLICY", "least-connections", 1), nil},
		{"a network with room", strings.Replace(network, "INSTANCES", "6", 1), nil},
		{"a network without", strings.Replace(network, "INSTANCES", "2", 1), []string{
			"shop.toml:12:9: warning[W406]: server.app: offered load 2.5: requests and answers have more bytes than its network can carry; needs one that is 2.5 times as fast, or more instances",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			loaded, report := Load(memory{"shop.toml": tt.file}, "shop.toml", Options{})
			require.NotNil(t, loaded)
			_, report = loaded.Spec("")
			assert.Equal(t, tt.want, headlines(report))
		})
	}
}
