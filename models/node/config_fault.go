package node

import "github.com/capsim/capsim/models/kind"

// Faults are the [[fault]] tables.
type Faults []FaultConfig

// Read takes the tables.
func (f *Faults) Read(c kind.Cursor) {
	if c.Value.Type != kind.TypeArray {
		hint := ""
		if c.Value.Type == kind.TypeTable {
			hint = "each fault is a table [[fault]], in two brackets"
		}
		c.Wrong("tables [[fault]]", hint)
		return
	}
	for i, item := range c.Value.Items {
		if item.Type != kind.TypeTable {
			c.Item(i).Wrong("a table [[fault]]", "")
			continue
		}
		var one FaultConfig
		kind.Decode(c.Item(i), &one)
		*f = append(*f, one)
	}
}

// Shape describes the tables.
func (*Faults) Shape() kind.Shape { return kind.Shape{Type: "tables [[fault]]", Table: FaultConfig{}} }

// FaultConfig is a [[fault]] table.
type FaultConfig struct {
	kind.Place

	Begins    kind.Duration `key:"at" absent:"0s with mttf; else it is required" min:"0s" doc:"when it begins, counted from the start of the measured window; during the warm-up nothing fails. With mttf: from when on the clocks run" example:"[[fault]]\nat = \"3m\"\nkill = \"app[0]\"\nfor = \"90s\""`
	Kill      string        `key:"kill" doc:"an instance (app[0]), a node with all its instances, or what stands in a zone (zone:a) of all nodes but clients, that dies: what is in flight there fails at once as unavailable, new requests are refused (with a network that takes a way there and back); its own calls are given up; when it is back it is empty. orders.primary is, of this and of all other faults, who is the primary when the fault begins. Nothing of this counts as capacity: utilisation is of the time that was up" example:"[[fault]]\nat = \"3m\"\nkill = \"app[0]\"\nfor = \"90s\""`
	Hang      string        `key:"hang" doc:"an instance, a node with all its instances, or what stands in a zone (zone:a) of all nodes but clients, that stands still: it accepts requests and never answers, turns nobody away, and its own time-outs stand still too; when the fault ends it goes on where it was. It counts as up, and what it was at work on as busy" example:"[[fault]]\nat = \"3m\"\nhang = \"app[0]\"\nfor = \"15s\""`
	Partition Strings       `key:"partition" doc:"two sides, each a zone, a node or an instance, that are kept from each other: while it lasts whatever one sends to the other is swallowed, in both directions, with a [network] or without: requests, answers, health probes, deliveries of queues, both phases of transactions, what a cache-aside caller would enter, and writes for replicas. What was sent before it begins arrives. Nobody is told, so that callers see time-outs; who stands on neither side reaches both. Clients who stand in a zone are on its side. Replicas that are cut off get what they have missed when it is over, each write after its lag, and primaries learn then of what replicas have. A queue delivers again what it sent to consumers that it could not reach: at the visibility time-out, or when it is over" example:"[[fault]]\nat = \"3m\"\npartition = [\"zone:a\", \"zone:b\"]\nfor = \"90s\""`

	Slow    string `key:"slow" doc:"an instance, a node with all its instances, or what stands in a zone (zone:a) of all nodes but clients, whose work takes longer by a factor: the times of cpu, disk and wait steps, and the latencies and overheads of caches, CDNs, external services, queues and balancers. What is left of the work under way is stretched too, and shortened again at the end. Turns of round-robin, time-outs, connecting, replication and the network keep their times. Factors of faults that overlap multiply" example:"[[fault]]\nat = \"5m\"\nslow = \"orders.primary\"\nfactor = 8\nfor = \"2m\""`
	Errors  string `key:"errors" doc:"an instance, a node with all its instances, or what stands in a zone (zone:a) of all nodes but clients, that answers a share of the attempts that arrive there failed: at once, before they are queued, refused or take a worker; an external service after its latency, beside its own errors. Health probes are answered as ever. Shares of faults that overlap are independent" example:"[[fault]]\nat = \"5m\"\nerrors = \"payments\"\nerror_ratio = \"30%\"\nfor = \"2m\""`
	Latency string `key:"latency" doc:"an instance, a node with all its instances, or what stands in a zone (zone:a) of all nodes but clients, to which a time is added for each request, before it is handled: it is inside, but holds no worker, connection or memory, and is in no queue. Health probes are delayed too, answers are not. Times of faults that overlap add up" example:"[[fault]]\nat = \"5m\"\nlatency = \"redis\"\nadd = \"exp 50ms\"\nfor = \"2m\""`
	Surge   string `key:"surge" doc:"a client, or those who stand in a zone (zone:a), of whom more come by a factor: further requests, sessions or users beside their own, which stay as they are. The further ones of an open client come by a process of the same kind, with factor - 1 times the rate that it has at the time, and bursts at the same times; those of a closed one begin by thinking, and go when their last request has ended. There is no more of a trace than it holds. Factors of faults that overlap multiply" example:"[[fault]]\nat = \"5m\"\nsurge = \"shoppers\"\nfactor = 3\nfor = \"2m\""`
	Flush   string `key:"flush" doc:"a cache or a CDN, an instance of it, or those in a zone (zone:a), that forgets what it keeps, at one instant; misses that are under way go on. It has passed when it keeps as many entries as before" example:"[[fault]]\nat = \"5m\"\nflush = \"redis\""`

	Factor     kind.Factor `key:"factor" absent:"required with slow and surge" min:"1" doc:"how many times as long the work takes that is slow; how many times as much comes in a surge. With 1 the fault never begins" example:"[[fault]]\nat = \"5m\"\nslow = \"orders.primary\"\nfactor = 8"`
	ErrorRatio kind.Ratio  `key:"error_ratio" absent:"required with errors" doc:"the share of the attempts that are answered failed. With 0 the fault never begins" example:"[[fault]]\nat = \"5m\"\nerrors = \"payments\"\nerror_ratio = \"30%\""`
	Add        TimeLaw     `key:"add" absent:"required with latency" doc:"the time that is added to each request" example:"[[fault]]\nat = \"5m\"\nlatency = \"redis\"\nadd = \"exp 50ms\""`

	For    kind.Duration `key:"for" absent:"to the end, or with mttf until it is repaired" above:"0s" doc:"how long it lasts; to the end of the run if left out. A flush has no length. Of kills and hangs of one instance that overlap the worst holds, a silent kill before a kill before a hang, until the last has ended" example:"[[fault]]\nat = \"3m\"\nkill = \"app\"\nfor = \"90s\""`
	Silent bool          `key:"silent" absent:"false" doc:"of a kill: the machine vanishes without a word, as without power; what is in flight there and what is sent to it gets no answer, so that callers see time-outs" example:"[[fault]]\nat = \"3m\"\nkill = \"app[0]\"\nsilent = true"`

	MTTF  kind.Duration `key:"mttf" absent:"it comes once, at its time" min:"1ms" doc:"mean time to failure: the fault comes by chance, again and again, to each instance by itself; to a zone, and to a partition, as a whole, and to orders.primary, whoever that is. Each has a clock that runs while the instance is there; when an exponentially distributed time is over it fails, and when it has been repaired the clock begins anew. At first, and at the time at if that is given, all are whole: over a window that is not much longer than mttr they are up for more than mttf / (mttf + mttr) of it. No failure begins after the window" example:"[[fault]]\nkill = \"app\"\nmttf = \"20d\"\nmttr = \"5m\"\ncrews = 2"`
	MTTR  kind.Duration `key:"mttr" absent:"required with mttf" above:"0s" doc:"mean time to repair: how long such a failure lasts, exponentially distributed, once somebody is at work on it" example:"[[fault]]\nkill = \"app\"\nmttf = \"20d\"\nmttr = \"5m\"\ncrews = 2"`
	Crews int           `key:"crews" absent:"as many as are needed" min:"1" limit:"1000000" doc:"how many instances that this fault has struck are repaired at once; the others wait, first come first served" example:"[[fault]]\nkill = \"app\"\nmttf = \"20d\"\nmttr = \"5m\"\ncrews = 2"`
}

// HealthConfig is the health check of a balancer.
type HealthConfig struct {
	kind.Place

	Interval  kind.Duration `key:"interval" default:"2s" above:"0s" doc:"from the end of a probe to the next, for each target of each instance of the balancer; the first comes at a random time within it" source:"https://docs.haproxy.org/2.6/configuration.html#5.2-inter (default 2s, counted from the end of a check)" example:"health_check = { interval = \"5s\" }"`
	Timeout   kind.Duration `key:"timeout" absent:"interval" above:"0s" doc:"how long a probe may take, or it has failed; as long as interval if left out" source:"https://docs.haproxy.org/2.6/configuration.html#4-timeout%20check (if unset, inter)" example:"health_check = { interval = \"5s\", timeout = \"2s\" }"`
	Unhealthy int           `key:"unhealthy" default:"3" min:"1" limit:"1000000" doc:"failures in a row after which a target gets no more requests" source:"https://docs.haproxy.org/2.6/configuration.html#5.2-fall (default 3)" example:"health_check = { unhealthy = 2 }"`
	Healthy   int           `key:"healthy" default:"2" min:"1" limit:"1000000" doc:"answers in a row after which it gets requests again" source:"https://docs.haproxy.org/2.6/configuration.html#5.2-rise (default 2)" example:"health_check = { healthy = 3 }"`
	Kind      ProbeKind     `key:"kind" default:"http" doc:"http: the target must answer, and where it has a limit on workers the probe waits for one like any request, but takes none of its time; tcp: it is enough that the machine takes the connection, which one that hangs still does" source:"https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html (http by default)" example:"health_check = { kind = \"tcp\" }"`
}

// ProbeKind is how a health check asks.
type ProbeKind string

// Words lists the kinds.
func (ProbeKind) Words() []string { return []string{"http", "tcp"} }

// EjectionConfig takes targets out by how they answer requests.
type EjectionConfig struct {
	kind.Place

	Consecutive int           `key:"consecutive" default:"5" min:"1" limit:"1000000" doc:"how many attempts in a row must end badly, as unavailable, failed or timeout (the balancer's own); an ok answer starts the count anew, rejected and breaker do not change it. All targets may be out at once, as when something behind all of them fails: requests are unavailable then (Envoy keeps 90% in unless it is told otherwise)" source:"https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/outlier (consecutive_5xx, 5)" example:"ejection = { consecutive = 1, for = \"5s\" }"`
	For         kind.Duration `key:"for" default:"30s" above:"0s" doc:"how long the target gets no requests then; after that one at a time is let through, until one ends ok (back in rotation) or badly (out again as long)" source:"https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/outlier (base_ejection_time, 30s)" example:"ejection = { consecutive = 5, for = \"1m\" }"`
}
