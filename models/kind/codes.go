package kind

// Code is one sort of finding: what `capsim explain E302` prints.
type Code struct {
	ID      string // a severity, E or W, and three digits; the first tells the family
	Title   string
	Text    string // a paragraph
	Example string // what is right
}

// LookUpCode returns the code of that ID.
func LookUpCode(id string) (Code, bool) {
	for _, table := range [][]Code{fileCodes, keyCodes, valueCodes, graphCodes, limitCodes, runCodes} {
		for _, c := range table {
			if c.ID == id {
				return c, true
			}
		}
	}
	return Code{}, false
}

// Codes lists every code, by family: files (0), syntax (1), keys (2), values
// (3), the graph (4), references (5), traces (6), limits (7), the command
// line (8), what a run showed (9).
func Codes() []Code {
	var all []Code
	for _, table := range [][]Code{fileCodes, keyCodes, valueCodes, graphCodes, limitCodes, runCodes} {
		all = append(all, table...)
	}
	return all
}

// fileCodes: E0 and E1.
var fileCodes = []Code{
	{"E001", "no such file",
		"The topology file does not exist. Paths on the command line count from the working directory.",
		"capsim run topologies/hello.toml"},
	{"E002", "a directory where a file is wanted",
		"The path names a directory. Give the .toml file in it.",
		"capsim run topologies/hello.toml"},
	{"E003", "permission denied",
		"The file exists but may not be read by this user.",
		"chmod u+r shop.toml"},
	{"E004", "not a regular file",
		"Topologies and traces are read from regular files only: a pipe or a device may never end. Write the data to a file first.",
		"zcat day.gz > day.log"},
	{"E005", "the file could not be read",
		"The operating system reported an error while the file was being read. The message gives its words.",
		"cp /mnt/share/shop.toml ."},
	{"E101", "not TOML",
		"The file does not follow the grammar of TOML at this place. Strings need straight double quotes, numbers have no leading zeros, each line holds one key, and a string in double quotes takes a backslash for an escape.",
		`policy = "random"`},
	{"E102", "not UTF-8",
		"TOML files are UTF-8 text. Convert the file, or remove the byte. A byte order mark of UTF-8 at the start is accepted.",
		"iconv -f UTF-16 -t UTF-8 shop.toml > shop8.toml"},
	{"E103", "defined twice",
		"A key may be given once, and a table may be written with a header or with dotted keys, not both. An inline table { … } is complete where it stands.",
		"[server.app]\ncores = 4\non.request = [{ cpu = \"exp 6ms\" }]"},
}

// keyCodes: E2.
var keyCodes = []Code{
	{"E201", "unknown key",
		"The table has no such key. Keys are case-sensitive. A key that capsim does not act upon is refused rather than ignored, so that no file means less than it says.",
		"[server.app]\ninstances = 4"},
	{"E202", "key in the wrong table",
		"The key exists, but belongs in another table or beside another key.",
		"[run]\nseed = 1"},
	{"E203", "missing key",
		"The table cannot do without this key.",
		"[client.users]\ntarget = \"app\"\narrivals = \"poisson 80/s\""},
	{"E204", "wrong type",
		"The value is of another type than the key takes: a string where a number is wanted, a table where a list is wanted.",
		"cores = 4"},
	{"E205", "unknown value",
		"The key takes one of a few words, and this is none of them.",
		`policy = "least-connections"`},
	{"E206", "parameter that does not belong, or is missing",
		"Each distribution and arrival process has parameters of its own. The message lists them.",
		`cpu = "lognormal mean=6ms cv=1.5"`},
	{"E207", "keys that exclude each other",
		"Two keys say different things about the same matter. Keep one of them.",
		"[client.users]\nusers = 500\nthink = \"exp 7s\""},
	{"E208", "version of the language",
		"The file asks for a version of the language that this capsim does not read.",
		"capsim = 1"},
	{"E209", "name that cannot be used",
		"Names of nodes and operations are 1 to 128 bytes long. Names that reports use for something else (network, backoff), and names that look like an instance (app[0]) or a zone (zone:a), are reserved.",
		"[server.app]"},
	{"E210", "invisible character in a name",
		"A name holds a control, bidirectional or zero-width character, which readers of a report could not see.",
		"[server.app]"},
	{"W210", "names that look alike",
		"Two names are written with different characters but look the same, such as a Latin and a Cyrillic a. The reports would be hard to read.",
		"[server.app]"},
}

// valueCodes: E3.
var valueCodes = []Code{
	{"E301", "a literal that cannot be read",
		"Times, rates and sizes are strings with a unit; a bare number is refused, because 10 could be milliseconds or seconds. Durations: ns, us, ms, s, m, h, d, w. Rates: per ms, s, min, h, d. Sizes: B, kB, MB, GB, KiB, MiB, GiB.",
		`timeout = "1.5s"`},
	{"E302", "out of range",
		"The value has the right form, but lies outside what makes sense for this key. The message gives the range.",
		`hit_ratio = "80%"`},
	{"E303", "not a finite number",
		"Neither nan nor inf stands for an amount of anything, nor do numbers that do not fit in 64 bits.",
		"speed = 1.3"},
	{"E304", "too long a time",
		"Simulated time is counted in nanoseconds of 64 bits: 292 years at most, warm-up, run and drain together.",
		`duration = "30d"`},
	{"E305", "warm-up as long as the run",
		"The warm-up must be shorter than the measured run. A longer one throws away more than it keeps.",
		"[run]\nduration = \"1h\"\nwarmup = \"5m\""},
	{"E306", "shares that do not sum to 1",
		"The percentages of a mixture must sum to 100 %.",
		`cpu = "mix 95% exp 4ms, 5% exp 80ms"`},
	{"E307", "weights",
		"Weights are 0 or more, relative to each other, and at least one of them is above 0.",
		"requests = { browse = 88, search = 10, checkout = 2 }"},
	{"E308", "no finite mean",
		"A Pareto distribution with alpha of 1 or less has no mean: utilisation would be undefined. Give it a max.",
		`cpu = "pareto min=2ms max=10s alpha=1.1"`},
	{"W308", "no finite variance",
		"A Pareto distribution with alpha between 1 and 2 has an infinite variance: averages converge slowly and their confidence intervals are too narrow. Percentiles are sound. A max makes the intervals valid.",
		`cpu = "pareto min=2ms max=10s alpha=1.5"`},
	{"E309", "parameter out of range",
		"A parameter of a distribution lies outside what the distribution is defined for. The message names it and its range.",
		`cpu = "erlang k=4 mean=6ms"`},
	{"E311", "objective",
		"An objective is SUBJECT METRIC < VALUE, or SUBJECT within TIME > SHARE. The subject is a client, an operation of one (client.op) or another node; the metric must be one that the subject has. errors and availability of a client are shares of the requests that it offered, after all retries. Of another node they are shares of the attempts that reached it within the window: those that failed there, and those that it answered ok. What was inside when the window opened counts if it ends within the window, what is inside when it closes does not.",
		`objectives = ["shoppers p99 < 400ms", "shoppers within 300ms > 99%"]`},
}

// graphCodes: E4, E5 and E6.
var graphCodes = []Code{
	{"E401", "name used twice",
		"All nodes share one namespace: a client and a server may not bear the same name, nor may two names differ only in how Unicode composes their characters. A name with a dot must not read like an operation of another node where it is referred to: x.y is the operation y of the node x.",
		"[client.users]\n[server.app]"},
	{"W401", "node that no request reaches",
		"No client leads to this node, directly or through others. It is simulated, idle.",
		"targets = [\"app\", \"spare\"]"},
	{"W402", "policy that no step names",
		"The [policy.NAME] is not used. A call takes it with policy = \"NAME\".",
		"{ call = \"orders\", policy = \"patient\" }"},
	{"W403", "key that changes nothing",
		"What would make it matter is not in the file, as the message says: priorities order the queues of servers that serve by priority; a disk is used by disk steps; memory by memory_per_request, leak_per_request, memory_base and memory steps; boot by memory that may be full; a pool serves the calls of its own server to that node; sizes fill the network of a server, or cost egress_price; zones are apart only where [network] says how far; weights count with some policies only; a time-out that would come last never comes; a fault lies within the measured window; an instance needs a partition to get messages, and room for those that it is to hold.",
		"scheduling = \"priority\""},
	{"W404", "lost messages that nobody misses",
		"The network loses messages, or a fault makes a machine vanish without a word, and a caller without a time-out waits for a lost answer until the run ends.",
		"timeout = \"2s\""},
	{"E402", "no client",
		"Without a client there is no traffic, and nothing to simulate.",
		"[client.users]\ntarget = \"web\"\narrivals = \"poisson 80/s\"\n\n[server.web]\ncores = 1\non.request = [{ cpu = \"exp 10ms\" }]"},
	{"E403", "requests that multiply without end",
		"Operations call each other in a circle, or publish what leads to a further message, and each round makes on average one further round or more. No request could ever end. Nor may dead letters go in a circle.",
		"on.browse = [{ call = \"orders.by_id\" }]"},
	{"E404", "endless events at one instant",
		"Users without think time send their next request at the instant of the last answer. If that answer can come at once, time stands still.",
		"think = \"exp 7s\""},
	{"W405", "possible deadlock",
		"Servers with a limited number of workers call each other in a circle, each worker waiting for an answer while it is held. When all are held, nothing moves until a time-out. The same goes for the connections of pools without an acquire_timeout.",
		"concurrency = 64"},
	{"W406", "overload",
		"More work is offered than the node can do: its cores, its disk or its network are asked for more, or its workers (concurrency) are held for longer, calls included and without any waiting, than there are, or the connections of a pool are, or a consumer may hold fewer messages (prefetch, partitions) than come while it works on one. The queue grows as long as the run lasts, or requests are rejected, and the latencies depend on its length. Behind a balancer whose policy adapts to the load, or hashes, how much unlike targets get is not known: there is a warning only if it is too much however it is shared out.",
		"instances = 6"},
	{"W408", "figure that goes before a type's",
		"A design or a setting gives a node another type, but the file itself has a figure for what that type would set, and what a file gives goes before what a type gives. So a part of the new type has no effect.",
		"server.app = { type = \"aws:m7i.4xlarge\", cores = 16 }"},
	{"W409", "more connections than a database takes",
		"The pools of those who call a database have more connections in all, over all their instances, than the instances of the database that may be asked take (max_connections). When the pools are in full use, which is when it matters, requests beyond it are rejected. Make the pools smaller, or share the connections in one place.",
		"max_connections = 400"},
	{"W410", "messages that come back while they are worked on",
		"A message takes its consumer longer on average, calls included and without any waiting, than the visibility time-out. So most are delivered again while the former delivery is still being worked on, and its answer counts for nothing. Give it several times as long as the work takes.",
		"visibility_timeout = \"30s\""},
	{"W411", "failures that hardly ever come",
		"A fault with mttf comes by chance, and the run is so short that fewer than five failures are expected in all replications together. What it does to the figures is then mere luck. Simulate for longer, or divide mttf and mttr by the same number: availability stays as it is, while how long detection takes in comparison does not.",
		"[[fault]]\nkill = \"app\"\nmttf = \"20d\"\nmttr = \"5m\""},
	{"W407", "retry amplification",
		"Retries at every level multiply: with three at each of three levels, one request becomes 64 attempts when the last one fails, which keeps it from recovering. Retry at one level only, or limit the retries by a budget.",
		"retries = { max = 2, budget = \"10%\" }"},
	{"E501", "unknown node",
		"No node of that name exists. All references are by name: client targets, calls, balancer targets, caches, objectives.",
		`target = "app"`},
	{"E502", "unknown operation",
		"The node exists, but a server behind it does not have the operation. A target without an operation asks for \"request\", or passes on what the client's requests name.",
		`call = "orders.by_id"`},
	{"E503", "no such file",
		"A trace, a data file or a file that is to be extended does not exist. Its path counts from the directory of the file that names it.",
		`arrivals = { trace = "access.log", format = "clf" }`},
	{"E505", "node of the wrong kind",
		"Requests go to servers, databases, load balancers, external services, CDNs and read-through caches, which are those with an origin; get goes to a cache without one, set and invalidate to any; nothing can be sent to a client.",
		"{ get = \"redis\", miss = [{ call = \"orders\" }] }"},
	{"E506", "files that extend each other",
		"A file starts from another by extends, and that one from a third. The message shows how they come back to the first: none of them would have a beginning.",
		`extends = "base.toml"`},
	{"E601", "trace without rows",
		"The trace holds no request.",
		`arrivals = { trace = "access.log", format = "clf" }`},
	{"W601", "trace shorter than the run",
		"The trace is over before the simulated time is. What follows is silence, which figures per second count in. Let the run be as long as the trace, or let the trace repeat.",
		`arrivals = { trace = "access.log", format = "clf", repeat = true }`},
	{"E602", "missing column",
		"The table has no column of that name. The message lists those that it has.",
		`arrivals = { trace = "day.csv", format = "csv", columns = { time = "ts", op = "path" }, unit = "s" }`},
	{"E603", "rows out of order",
		"The times of a trace must not go back, unless it may be sorted (which holds all of it in memory).",
		`arrivals = { trace = "day.csv", format = "csv", columns = { time = "ts" }, unit = "s", sort = true }`},
	{"E604", "cell that cannot be read",
		"A cell of the table is not a plain decimal number where one is wanted.",
		"1700000000.25"},
	{"E605", "broken record",
		"A line does not have the form of its format: cut off, with fields missing or a quote left open.",
		`10.0.0.1 - - [01/Jul/1995:00:00:01 -0400] "GET / HTTP/1.0" 200 6245`},
	{"E606", "trace asks for an operation that nobody serves",
		"A row of the trace names an operation that a server behind the target does not have.",
		"on.GET = [{ cpu = \"exp 6ms\" }]"},
}

// limitCodes: E7 and E8.
var limitCodes = []Code{
	{"E701", "file too large", "A topology, with the files that it extends, is at most 4 MiB. Put long data in a trace or a data file.",
		`arrivals = { trace = "day.csv.gz", format = "csv", columns = { time = "ts" }, unit = "s" }`},
	{"E702", "nested too deeply", "Tables, arrays and dotted keys may be nested 32 levels deep, and a file may extend 16 others, one through the other.",
		"[server.app]"},
	{"E703", "too many", "There are limits on the number of tables, keys and items of an array.",
		"instances = 10000"},
	{"E704", "too long", "A key is at most 128 bytes long, a line at most 1 MiB, a row of a trace at most 64 KiB.",
		"title = \"Web shop\""},
	{"E705", "above a limit of capsim", "The value makes sense, but is more than capsim takes on. The message gives the limit.",
		"replications = 20"},
	{"E706", "too much in all", "Each number is within its limit, but their product is not.",
		"replications = 20"},
	{"E708", "compressed data too large", "A compressed trace unpacks to more than the limit.",
		"zcat day.gz | head -1000000 > day.csv"},
	{"E801", "unknown flag or verb", "The command has no such flag or verb. `capsim help` lists them.",
		"capsim run shop.toml --replications 5"},
	{"E802", "value of a flag", "The value of a flag cannot be read, or lies outside its range.",
		"capsim run shop.toml --seed 7 --set server.app.instances=8"},
	{"E803", "axis of a sweep", "The values of a sweep are a list, or a range with a step in its direction: \"1..32\", \"0.25..2.0 step 0.25\", \"1s..5s step 1s\", \"8..1 step -1\", \"1..64 x2\". A path is varied once, and a value stands there once.",
		`"load" = "0.25..2.0 step 0.25"`},
	{"E804", "output that cannot be written", "The output would overwrite an input, its directory cannot be written to, or another capsim is at work in it.",
		"capsim run shop.toml --out reports/out/shop"},
	{"E805", "not a continuation", "A result to resume from or to compare with belongs to another topology or another version.",
		"capsim run shop.toml --out reports/out/shop"},
	{"E806", "unknown topic", "The manual, or the gallery, has nothing of that name. `capsim explain` and `capsim init --list` list what there is.",
		"capsim explain server.instances"},
}

// runCodes: W9, which are in the report of a run.
var runCodes = []Code{
	{"W901", "fell behind",
		"A resource was busy all of the time, and more requests came to the node than left it: its queue was still growing when the window closed. The longer the run, the longer the latencies; they describe no steady state. Unlike W406, this was seen, not reckoned.",
		"instances = 6"},
	{"W902", "unfinished requests",
		"Some requests of the window had no answer when the drain was over. They count as offered and as unfinished; latencies leave them out, and so look better than they were. Something fell behind, or waits for a lost answer, or run.drain is too short for the longest answers.",
		"[run]\ndrain = \"30m\""},
	{"W903", "warm-up that may be too short",
		"The pilot run (MSER-5) found that latencies had not settled by half of its length, so that the beginning may colour the figures. Either the run is short for a system so busy, or the system never settles because it is overloaded.",
		"[run]\nduration = \"1h\"\nwarmup   = \"10m\""},
	{"W904", "undecided objective",
		"The confidence interval of the figure lies on both sides of the objective's value: there is too little data to tell. More replications, a longer run or run.precision make it narrower. With --strict the exit status is 1.",
		"[run]\nreplications = 20"},
	{"W905", "precision not reached",
		"The replications that run.precision may add, 100 in all, were not enough. The message says what was reached and how many it would take; the interval shrinks with the square root of their number, and with that of the run's length.",
		"[run]\nduration  = \"2h\"\nprecision = \"2%\""},
	{"W906", "designs without a client in common",
		"Random numbers belong to clients by name. The design has none of the first one's, so that other customers came to it, and the differences are those of two independent samples.",
		"[design.large]\nserver.app = { cores = 16 }"},
	{"W907", "killed for its memory",
		"Requests, what they left behind (leak_per_request), and what the server uses by itself, needed more memory than an instance has. It was killed at that moment, and what was in flight there failed as unavailable; it was back, empty, after boot. The message says how often, how much was needed, and when it was so first. More memory, or fewer requests inside at once, help against bursts; against a leak only that it is mended, or a restart before the memory is full.",
		"memory = \"32GB\"\nconcurrency = 64"},
	{"W908", "failures that hardly ever came",
		"A fault that comes by chance (mttf) did so fewer than five times in all replications together. Its figures are mere luck, and so is what it did to the others. Unlike W411, this was seen, not reckoned. Simulate for longer, or divide mttf and mttr by the same number.",
		"[[fault]]\nkill = \"app\"\nmttf = \"20d\"\nmttr = \"5m\""},
	{"W909", "objective that a map does not ask for",
		"The map of a drill (--map) asks whether a system is back within its objectives when a trigger is over. At the lowest load of the map this one was missed without any trigger, so that it says nothing; the others, and the share of requests that are answered, are asked for. Begin at a lower load, or leave the objective out.",
		"objectives = [\"shoppers p99 < 800ms\"]"},
	{"W912", "theory says something else",
		"Queueing theory is exact for this node, and the simulated mean response is farther from it than chance explains: beyond the interval that all but one in 16,000 true figures hold, and by more than 1 %. Most often the run is too short: the queue has long busy spells, and a few replications that all missed them agree with each other. Simulate for longer, or with more replications. Where that does not help, one of the two is wrong: tell us.",
		"[run]\nduration = \"2h\"\nreplications = 20"},
}
