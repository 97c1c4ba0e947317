package node

import "github.com/capsim/capsim/models/kind"

// ExternalConfig is an [external.NAME] table.
type ExternalConfig struct {
	kind.Place

	Latency      TimeLaw    `key:"latency" absent:"none" doc:"how long an answer takes" example:"latency = \"lognormal p50=120ms p99=900ms\""`
	ErrorRatio   kind.Ratio `key:"error_ratio" default:"0" doc:"the share of requests that it fails" example:"error_ratio = \"0.2%\""`
	PricePerCall Price      `key:"price_per_call" absent:"none" doc:"what each attempt that reaches it costs" example:"price_per_call = 0.0001"`
	Discount     kind.Ratio `key:"discount" absent:"none" doc:"off price_per_call: a contract with the provider" example:"price_per_call = 0.0001\ndiscount = \"20%\""`
}

// HostConfig is what the instances of a server and of a database are made of:
// their size, how many requests they serve at once, in which order, and where
// they stand.
type HostConfig struct {
	Type         MachineType    `key:"type" absent:"none" doc:"a machine of a cloud, whose sizes stand in for the keys that are left out: each of its vCPUs, a hardware thread, is a core; its memory and, where the list knows it, its bandwidth are those of the instance; capsim explain machines lists them" example:"type = \"aws:m7i.xlarge\""`
	Cores        int            `key:"cores" default:"1" min:"1" limit:"1000000" doc:"processor cores of each instance" example:"cores = 4"`
	Speed        kind.Factor    `key:"speed" default:"1" above:"0" doc:"divides the times of cpu, disk and wait steps" example:"speed = 1.3"`
	Scaling      *ScalingConfig `key:"scaling" absent:"none" doc:"what the cores of an instance cost each other (the Universal Scalability Law): each runs at C(cores)/cores of its speed; without it, n cores do the work of n" formula:"C(N) = N / (1 + contention·(N−1) + coherency·N·(N−1))" source:"N. J. Gunther, Guerrilla Capacity Planning, Springer 2007" example:"cores = 32\nscaling = { contention = 0.03, coherency = 0.0005 }"`
	Concurrency  int            `key:"concurrency" absent:"unlimited" min:"1" limit:"1000000" doc:"workers of each instance; a request holds one for its whole operation, calls included" example:"concurrency = 64"`
	Backlog      int            `key:"backlog" absent:"unlimited" min:"0" limit:"1000000000" doc:"requests that may wait for a worker, per instance; further ones are rejected; unlimited if left out" example:"concurrency = 64\nbacklog = 100"`
	QueueTimeout TimeLaw        `key:"queue_timeout" absent:"none" doc:"the longest wait for a worker, then the request is rejected; no limit if left out" example:"concurrency = 64\nqueue_timeout = \"500ms\""`
	Memory       Bytes          `key:"memory" absent:"unlimited" doc:"memory of each instance; one that needs more is killed at that moment, as by the out-of-memory killer of its system: what is in flight there fails as unavailable, and it is back, empty, after boot. Nothing is killed in the warm-up" example:"memory = \"16GB\"\nmemory_per_request = \"20MB\""`
	MemoryBase   Bytes          `key:"memory_base" absent:"0B" doc:"memory that each running instance uses, requests or none" example:"memory_base = \"800MB\""`
	MemoryEach   SizeLaw        `key:"memory_per_request" absent:"0B" doc:"memory that each request holds while it is inside, from its arrival to the end of its answer" example:"memory_per_request = \"lognormal mean=5MB cv=1\""`
	Leak         SizeLaw        `key:"leak_per_request" absent:"0B" doc:"memory that each request leaves behind when it has ended, however it ended, and that is held until the instance dies; it leaks from the start of the measured window on, so that a full memory comes after (memory − memory_base) / (requests per second · leak_per_request), less what requests inside hold" example:"memory = \"2GB\"\nmemory_base = \"500MB\"\nleak_per_request = \"20kB\""`
	Boot         kind.Duration  `key:"boot" default:"10s" above:"0s" doc:"how long an instance that was killed for its memory is away: the restart, and the start of the program" source:"https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy (containers that died are restarted after a back-off delay that begins with 10s)" example:"memory = \"2GB\"\nleak_per_request = \"20kB\"\nboot = \"45s\""`
	GC           *GCConfig      `key:"gc" absent:"none" doc:"garbage collection that stops the world: in a pause the whole instance stands still, as in a hang: it takes requests in, but nothing in it goes on, not even its time-outs; work in progress counts as busy" example:"gc = { every_allocated = \"64MiB\", allocates = \"200kB\", pause = \"lognormal p50=3ms p99=40ms\" }"`
	Network      Bandwidth      `key:"network" absent:"unlimited" doc:"bandwidth of each instance's network interface, on which requests and answers of clients queue, one after the other; unlimited if left out" example:"network = \"1Gbps\""`
	Disk         *DiskConfig    `key:"disk" absent:"none" doc:"what the disk of each instance can do; disk steps queue for it. Without it, a disk step is given by its time, and one is served after the other" example:"disk = { iops = 3000, bandwidth = \"125MB/s\" }"`
	PricePerHour Price          `key:"price_per_hour" absent:"that of the type, if there is one" doc:"what an hour of an instance costs, from its start to its stop: booting, draining and dead ones too. It goes before the price of the type; 0 is free, while a node without any price is left out of the cost, which is said if anything else has one" example:"cores = 4\nprice_per_hour = 0.19"`
	Discount     kind.Ratio     `key:"discount" absent:"none" doc:"off all prices of the node, the list's and the file's alike: reserved or spot machines, or a contract. It says nothing of what a contract binds one to: one that is paid for whether it runs or not is worth its price if it runs for at least price/(price on demand) of the time" example:"type = \"aws:m7i.xlarge\"\ndiscount = \"30%\""`
	Scheduling   Scheduling     `key:"scheduling" default:"fcfs" doc:"who is served next by a worker, a core and the disk, each with a queue of its own: fcfs, first come first served; lifo, who came last; priority, the highest priority, and among equals who came first. Those interrupt nobody. The others let work at the cores be interrupted, and go on later where it was: preemptive-priority takes a core from lower priorities as soon as a higher one comes; round-robin gives the cores away in turns of at most the time behind it, switching for free; ps shares them, n requests on c cores each running at min(1, c/n), so that nobody waits and the service lasts longer instead. Workers and the disk are never taken away: under preemptive-priority they are given by priority, under round-robin and ps to who came first" source:"L. Kleinrock, Queueing Systems, Volume II: Computer Applications, Wiley 1976" example:"scheduling = \"round-robin 4ms\""`
	Zones        Strings        `key:"zones" absent:"all of them" doc:"the zones that its instances are spread over in turn, of those at the top of the file; all of them if left out" example:"zones = [\"a\", \"b\"]"`
}

// ServerConfig is a [server.NAME] table.
type ServerConfig struct {
	kind.Place

	Instances int `key:"instances" default:"1" min:"1" limit:"1000000" doc:"how many machines or processes there are; with autoscale, how many there are at the start (if left out, as many as it wants at least then)" example:"instances = 3"`
	HostConfig
	Pool      Pools            `key:"pool" absent:"none" doc:"the connections that calls, gets, sets and invalidations of a node go out over, for each instance: a call waits for one, first come first served, and has it until it is answered or given up; its timeout includes the wait" example:"pool.orders = { size = 20, acquire_timeout = \"1s\" }"`
	RateLimit RateText         `key:"rate_limit" absent:"none" doc:"a token bucket for each instance: it starts full and fills at the rate up to burst (1 if left out); a request takes a token when it arrives, and is rejected if there is none" example:"rate_limit = \"500/s burst=100\""`
	Shed      *ShedConfig      `key:"shed" absent:"none" doc:"rejects arrivals when those that wait for a worker have waited too long, so that what is let in is answered in time" example:"concurrency = 64\nshed = { delay = \"200ms\" }"`
	Balance   DirectPolicy     `key:"balance" default:"round-robin" doc:"the policy by which those who call it directly choose among its instances, all of them together; balancers have their own" example:"balance = \"least-connections\""`
	Autoscale *AutoscaleConfig `key:"autoscale" absent:"none" doc:"a controller that starts and stops instances as the load goes, by the rule of Kubernetes; it begins with the measured window, before which there are instances of them. Started ones come into service after boot; of those to be stopped the last started come first: they get nothing new, finish what they have and go. A balancer, those who call the server directly, a queue and health checks know of an instance from when it is in service until it drains. With zones, the instances stand in them in turn, by their numbers" formula:"desired = ceil(instances · figure/target), between min and max; nothing changes while figure/target lies within 1 ± 0.1" source:"https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details" example:"autoscale = { min = 2, max = 10, target = \"cpu 60%\" }"`
	On        Operations       `key:"on" required:"yes" doc:"the operations: for each, the steps that it takes" example:"on.request = [{ cpu = \"exp 6ms\" }]"`
}

// Operations are the operations of a server in the order of the file.
type Operations []OperationConfig

// OperationConfig is on.OP = [steps], or on.OP = { steps = [steps] }.
type OperationConfig struct {
	kind.Place

	Name     string      // the key
	At       kind.Cursor // the value
	Priority Priority    `key:"priority" doc:"instead of the priority that a request comes with; it travels on with the calls" example:"on.browse = { steps = [{ cpu = \"exp 6ms\" }], priority = 5 }"`
	Steps    Steps       `key:"steps" required:"yes" doc:"what the operation does, one step after the other" example:"on.browse = { steps = [{ cpu = \"exp 6ms\" }] }"`
}

// Priority is a whole number; the higher goes first.
type Priority struct {
	Given bool
	Value int32
}

// Read takes the number.
func (p *Priority) Read(c kind.Cursor) { p.Value, p.Given = readPriority(c) }

// Shape describes the number.
func (*Priority) Shape() kind.Shape { return kind.Shape{Type: "an integer"} }

func readPriority(c kind.Cursor) (int32, bool) {
	const most = 1_000_000
	n, ok := c.Count("an integer")
	if ok && (n < -most || n > most) {
		c.Fail("E705", "must be from %d to %d (a limit of capsim), got %d", -most, most, n)
		return 0, false
	}
	return int32(n), ok
}

// Read takes the table of operations.
func (o *Operations) Read(c kind.Cursor) {
	if c.Value.Type != kind.TypeTable {
		hint := ""
		if c.Value.Type == kind.TypeArray {
			hint = "name the operation: on.request = [ … ]"
		}
		c.Wrong("a table of operations", hint)
		return
	}
	if len(c.Value.Table.Entries) == 0 {
		c.Report(c.Problem("E203", "a server needs an operation").WithHint("for example on.request = [{ cpu = \"exp 6ms\" }]"))
	}
	*o = readOperations(c)
}

// readOperations reads the operations of a table, each an array of steps or a
// table.
func readOperations(c kind.Cursor) []OperationConfig {
	var list []OperationConfig
	for _, e := range c.Value.Table.Entries {
		CheckName(c, e)
		one := OperationConfig{Name: e.Key, At: c.Key(e)}
		switch e.Value.Type {
		case kind.TypeTable:
			kind.Decode(one.At, &one)
		default:
			one.Steps.Read(one.At)
		}
		list = append(list, one)
	}
	return list
}

// Shape describes the table.
func (*Operations) Shape() kind.Shape {
	return kind.Shape{Type: "a table of operations, each an array of steps or a table", Table: OperationConfig{}}
}
