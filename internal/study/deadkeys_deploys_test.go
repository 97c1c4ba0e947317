package study

import "strings"

const (
	// keyLingering does work that takes long.
	keyLingering = `[client.users]
target = "lb"
arrivals = "poisson 50/s"
[server.app]
instances = 4
on.request = [{ wait = "exp 2s" }]
[load_balancer.lb]
targets = ["app"]
[[deploy]]
at = "2s"
target = "app"
drain = "30s"
`
	// keyBigger is made bigger right at the beginning.
	keyBigger = `[client.users]
target = "web"
arrivals = "poisson 60/s"
[server.web]
cores = 2
concurrency = 30
memory = "1GB"
memory_base = "100MB"
scaling = { contention = 0.01, coherency = 0.001 }
on.request = [{ cpu = "exp 10ms" }, { memory = "1MB" }]
[[deploy]]
at = "0s"
target = "web"
set = { cores = 4 }
`
	cpuUsed = "nodes/web/resources/cpu/utilization"
)

// replacing is a group in which something is deployed.
func replacing(lines string) string {
	return strings.Replace(keyGroup, "CHECKS", "", 1) + "[[deploy]]\ntarget = \"app\"\n" + lines + "\n"
}

// becoming is a topology whose web server becomes something else.
func becoming(base, set string) string {
	at, run, timed := strings.Cut(base, "[run]")
	at += "\n[[deploy]]\nat = \"0s\"\ntarget = \"web\"\nset = { " + set + " }\n"
	if timed {
		at += "[run]" + run
	}
	return at
}

func deployCases() []keyCase {
	inPlace := replacing("at = \"2s\"\nboot = \"5s\"\nstrategy = \"in-place\"")
	rolling := replacing("at = \"2s\"\nboot = \"1s\"\nstrategy = \"rolling\"\nbatch = 1")
	one := strings.Replace(inPlace, `target = "app"`, `target = "app[0]"`, 1)
	bigger := func(set string) string { return strings.Replace(keyBigger, "cores = 4", set, 1) }
	typed := strings.Replace(keyOneCore, "cores = 1", `type = "aws:m7i.large"`, 1)
	return []keyCase{
		{key: "deploy", base: strings.Replace(keyGroup, "CHECKS", "", 1), new: "[[deploy]]\nat = \"2s\"\ntarget = \"app\"\nboot = \"5s\"\nstrategy = \"in-place\"", figure: errorRatio, want: up},
		{key: "deploy.at", base: inPlace, old: `at = "2s"`, new: `at = "8s"`, figure: errorRatio, want: down},
		{key: "deploy.target", base: one, old: `target = "app[0]"`, new: `target = "app"`, figure: errorRatio, want: up},
		{key: "deploy.strategy=rolling", base: inPlace, old: `"in-place"`, new: `"rolling"`, figure: errorRatio, want: down},
		{key: "deploy.strategy=in-place", base: rolling, old: "\"rolling\"\nbatch = 1", new: `"in-place"`, figure: errorRatio, want: up},
		{key: "deploy.strategy=blue-green", base: inPlace, old: `"in-place"`, new: `"blue-green"`, figure: errorRatio, want: down},
		{key: "deploy.strategy=blue-green", base: inPlace, old: `"in-place"`, new: `"blue-green"`, figure: "nodes/app/instances", want: up},
		{key: "deploy.batch", base: rolling, old: "batch = 1", new: "batch = 4", figure: errorRatio, want: up},
		{key: "deploy.drain", base: keyLingering, old: `drain = "30s"`, new: `drain = "0s"`, figure: errorRatio, want: up},
		{key: "deploy.boot", base: inPlace, old: `boot = "5s"`, new: `boot = "1s"`, figure: errorRatio, want: down},
		{key: "deploy.set.cores", base: keyBigger, old: "cores = 4", new: "cores = 8", figure: cpuUsed, want: down},
		{key: "deploy.set.speed", base: bigger("speed = 2"), old: "speed = 2", new: "speed = 4", figure: latencyMean, want: down},
		{key: "deploy.set.concurrency", base: bigger("concurrency = 40"), old: "concurrency = 40", new: "concurrency = 90", figure: "nodes/web/resources/workers/utilization", want: down},
		{key: "deploy.set.memory", base: bigger("memory = \"2GB\""), old: `"2GB"`, new: `"4GB"`, figure: memoryUsed, want: down},
		{key: "deploy.set.scaling.contention", base: bigger("cores = 8, scaling = { contention = 0.02 }"), old: "contention = 0.02", new: "contention = 0.2", figure: cpuUsed, want: up},
		{key: "deploy.set.scaling.coherency", base: bigger("cores = 8, scaling = { coherency = 0.002 }"), old: "coherency = 0.002", new: "coherency = 0.04", figure: cpuUsed, want: up},
		{key: "deploy.set.type", base: becoming(typed, `type = "aws:m7i.xlarge"`), old: "xlarge", new: "4xlarge", figure: cpuUsed, want: down},
		{key: "deploy.set.network", base: becoming(sizedShop, `network = "200Mbps"`), old: `"200Mbps"`, new: `"2Gbps"`, figure: latencyMean, want: down},
		{key: "deploy.set.disk.iops", base: becoming(keyDisk, "disk = { iops = 2000 }"), old: "iops = 2000", new: "iops = 300", figure: diskBusy, want: up},
		{key: "deploy.set.disk.bandwidth", base: becoming(keyDisk, `disk = { bandwidth = "60MB/s" }`), old: `"60MB/s"`, new: `"500MB/s"`, figure: diskBusy, want: down},
		{key: "deploy.set.disk.depth", base: becoming(keyReader, "disk = { depth = 2 }"), old: "depth = 2", new: "depth = 4", figure: diskBusy, want: down},
	}
}
