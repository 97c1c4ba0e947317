//go:build unix

package topologies

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/capsim/capsim/models/kind"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// badInput is one case of the catalogue of bad inputs (RELIABILITY.md,
// section 3), mapped to the language: the file, and the first lines of all
// findings. An ellipsis at the end stands for the words of another package,
// which has tests of them.
type badInput struct {
	id   string
	file string
	want []string
}

// The catalogue speaks of a generic language with [[node]] and service; here
// nodes are [server.NAME], discipline is policy, mean is a time in a step.
var catalogue = []badInput{
	{id: "C04 empty", file: "", want: []string{"1:1: error[E203]: shop.toml: the file is empty: it needs a client and a server"}},
	{id: "C04 comments", file: "# nothing\n\n", want: []string{"1:1: error[E203]: shop.toml: the file is empty: it needs a client and a server"}},
	{id: "C05 BOM", file: "\ufeff" + shop},
	{id: "C06 UTF-16LE", file: "\xff\xfea\x00=\x001\x00", want: []string{"1:1: error[E102]: shop.toml: the file is UTF-16, and TOML must be UTF-8"}},
	{id: "C06 UTF-16BE", file: "\xfe\xff\x00a\x00=\x001", want: []string{"1:1: error[E102]: shop.toml: the file is UTF-16, and TOML must be UTF-8"}},
	{id: "C06 UTF-16 without a mark", file: "a\x00=\x001\x00\n\x00", want: []string{"1:1: error[E102]: shop.toml: the file is UTF-16, and TOML must be UTF-8"}},
	{id: "C07 in a string", file: "title = \"a\xffb\"\n", want: []string{`1:11: error[E102]: shop.toml: invalid UTF-8: the byte \xFF`}},
	{id: "C07 in a comment", file: "# é \xff\n", want: []string{`1:5: error[E102]: shop.toml: invalid UTF-8: the byte \xFF`}},
	{id: "C08 CRLF", file: strings.ReplaceAll(shop, "\n", "\r\n")},
	{id: "C09 bare CR", file: "title = \"a\"\rcapsim = 1\n", want: []string{`1:12: error[E101]: shop.toml: the control character \x0D is not allowed`}},
	{id: "C09 NUL", file: "title = \"a\x00\"\n", want: []string{`1:11: error[E101]: shop.toml: the control character \x00 is not allowed`}},
	{id: "C12 JSON", file: "{\n  \"server\": {}\n}\n", want: []string{"1:1: error[E101]: shop.toml: expected TOML; this looks like JSON"}},
	{id: "C12 JSON list", file: "[\n  { \"server\": 1 }\n]\n", want: []string{"1:1: error[E101]: shop.toml: expected TOML; this looks like JSON"}},
	{id: "C12 YAML", file: "# shop\nserver:\n  web:\n    cores: 4\n", want: []string{"1:1: error[E101]: shop.toml: expected TOML; this looks like YAML"}},
	{id: "C12 gzip", file: "\x1f\x8b\x08\x00\x00", want: []string{"1:1: error[E101]: shop.toml: expected TOML; this looks like gzip"}},

	{id: "C13", file: "title = \"db\n", want: []string{"1:9: error[E101]: title: this string is not closed on its line"}},
	{id: "C13 three quotes", file: "title = \"\"\"db\nx\n", want: []string{"1:9: error[E101]: title: this string is not closed"}},
	{id: "C14", file: "objectives = [\"a\", 95\n", want: []string{"1:22: error[E101]: objectives: the file ends within an array"}},
	{id: "C14 braces", file: "[client.u]\nretries = { max = 2,\n", want: []string{"2:21: error[E101]: client.u.retries: the file ends within a table in braces"}},
	{id: "C15 no equals sign", file: "[server.web]\ncores 4\n", want: []string{`2:7: error[E101]: server.web.cores: expected = after the key "cores"`}},
	{id: "C15 no value", file: "[server.web]\ncores =\nspeed = # later\n", want: []string{
		"2:8: error[E101]: server.web.cores: expected a value after =", "3:9: error[E101]: server.web.speed: expected a value after ="}},
	{id: "C16", file: shop + "cores = 2\n", want: []string{`9:1: error[E103]: server.web.cores: "cores" is defined twice`}},
	{id: "C17 table twice", file: shop + "[client.users]\nkeys = \"uniform n=9\"\n", want: []string{`9:9: error[E103]: client.users: "users" is defined twice`}},
	{id: "C17 table after array", file: "[[client.u.stages]]\nduration = \"1m\"\ntarget = \"9/s\"\n[client.u.stages]\n" + shop, want: []string{
		`1:10: error[E203]: client.u.target: missing key "target"`, `4:11: error[E103]: client.u.stages: "stages" is defined twice`}},
	{id: "C18", file: with("cores = 1", "cores = 04"), want: []string{"7:9: error[E101]: server.web.cores: a number must not begin with a zero"}},
	{id: "C19", file: shop + "[load_balancer.lb]\ntargets = [\"web\"]\npolicy = fifo\n", want: []string{`11:10: error[E101]: load_balancer.lb.policy: expected a value, got "fifo"`}},
	{id: "C19 duration", file: with(`"2s"`, `2s`), want: []string{`4:11: error[E101]: client.users.timeout: expected a value, got "2s"`}},
	{id: "C20", file: with(`"poisson 80/s"`, `{ trace = "C:\traces\a.csv", format = "csv" }`), want: []string{`3:32: error[E101]: client.users.arrivals: invalid escape \a`}},
	{id: "C21", file: "title = “db”\n", want: []string{"1:9: error[E101]: title: unexpected U+201C “"}},
	{id: "C22 second value", file: with("cores = 1", "cores = 4 5"), want: []string{"7:11: error[E101]: server.web.cores: unexpected text after the value"}},
	{id: "C22 semicolon", file: with("cores = 1", "cores = 4;"), want: []string{"7:10: error[E101]: server.web.cores: unexpected text after the value"}},
	{id: "C23", file: "x = " + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000), want: []string{"1:37: error[E702]: shop.toml: nested deeper than 32 levels"}},
	{id: "C24 key", file: strings.Repeat("a.", 20_000) + "a = 1\n", want: []string{"1:64: error[E702]: shop.toml: a key of more than 32 parts"}},
	{id: "C24 header", file: "[" + strings.Repeat("a.", 20_000) + "a]\n", want: []string{"1:65: error[E702]: shop.toml: a key of more than 32 parts"}},
	{id: "C26 key", file: strings.Repeat("k", 1<<20) + " = 1\n", want: []string{"1:1: error[E704]: shop.toml: this line is longer than 1 MiB"}},
	{id: "C26 string", file: "title = \"" + strings.Repeat("x", 3<<20) + "\"\n", want: []string{"1:1: error[E704]: shop.toml: this line is longer than 1 MiB"}},
	{id: "C26 key of 129", file: strings.Repeat("k", 129) + " = 1\n" + shop, want: []string{
		"1:1: error[E704]: " + strings.Repeat("k", 64) + "…: a key must be at most 128 bytes long, this one has 129"}},

	{id: "C27", file: with("cores = 1", "coers = 1"), want: []string{`7:1: error[E201]: server.web.coers: unknown key; did you mean "cores"?`}},
	{id: "C27 of a key that must be there", file: with("target", "targt"), want: []string{`2:1: error[E201]: client.users.targt: unknown key; did you mean "target"?`}},
	{id: "C27 of one of several", file: with("arrivals", "arivals"), want: []string{`3:1: error[E201]: client.users.arivals: unknown key; did you mean "arrivals"?`}},
	{id: "C27 of a key that another needs", file: with("cores = 1", "concurency = 1\nbacklog = 0"), want: []string{
		`7:1: error[E201]: server.web.concurency: unknown key; did you mean "concurrency"?`}},
	{id: "C27 and another one is missing", file: with("cores = 1", "core = 1\non2.request = []") + "[queue.q]\nprefetc = 1\n", want: []string{
		`7:1: error[E201]: server.web.core: unknown key; did you mean "cores"?`, `8:1: error[E201]: server.web.on2: unknown key; did you mean "on"?`,
		`10:1: error[E203]: queue.q.consumer: missing key "consumer"`, `11:1: error[E201]: queue.q.prefetc: unknown key; did you mean "prefetch"?`}},
	{id: "C28", file: shop + "[servers.db]\n", want: []string{`9:2: error[E201]: servers: unknown table; did you mean "server"?`}},
	{id: "C28 whose nodes are asked for", file: "objectives = [\"web p99 < 1s\"]\n" + with("[server.web]", "[servers.web]"), want: []string{
		`7:2: error[E201]: servers: unknown table; did you mean "server"?`}},
	{id: "C28 clients", file: with("[client.users]", "[clients.users]"), want: []string{`1:2: error[E201]: clients: unknown table; did you mean "client"?`}},
	{id: "C28 array", file: shop + "[[servers]]\n", want: []string{`9:3: error[E201]: servers: unknown table; did you mean "server"?`}},
	{id: "C29", file: with("cores = 1", "flux_capacity = 1"), want: []string{
		"7:1: error[E201]: server.web.flux_capacity: unknown key; the keys here are instances, type, cores, speed, scaling, concurrency, backlog, queue_timeout, memory, memory_base, memory_per_request, leak_per_request, boot, gc, network, disk, price_per_hour, discount, scheduling, zones, pool, rate_limit, shed, balance, autoscale, on"}},
	{id: "C30", file: with("cores = 1", "Cores = 1"), want: []string{`7:1: error[E201]: server.web.Cores: unknown key; keys are case-sensitive; did you mean "cores"?`}},
	{id: "C31", file: with("cores = 1", "seed = 1"), want: []string{"7:1: error[E202]: server.web.seed: this key belongs in [run]"}},
	{id: "C31 step", file: with("cores = 1", `cpu = "exp 6ms"`), want: []string{"7:1: error[E202]: server.web.cpu: this key belongs in a step of [server.NAME]"}},
	{id: "C31 run", file: "[run]\ncores = 4\n" + shop, want: []string{"2:1: error[E202]: run.cores: this key belongs in [server.NAME] or [cache.NAME] or [database.NAME]"}},
	{id: "C31 around", file: with(`{ cpu = "exp 10ms" }`, `{ cpu = "exp 10ms", cores = 2 }`), want: []string{"8:35: error[E202]: server.web.on.request[0].cores: this key belongs in [server.NAME]"}},
	{id: "C31 within", file: with("cores = 1", "max = 2"), want: []string{"7:1: error[E202]: server.web.max: this key belongs in retries"}},
	{id: "C31 of another kind", file: with(`"web"`, `"lb"`) + "[load_balancer.lb]\ntargets = [\"web\"]\ndeadline = \"2s\"\n", want: []string{
		"11:1: error[E201]: load_balancer.lb.deadline: unknown key here, though known in [client.NAME]; …"}},
	{id: "C31 of another kind, in a step", file: with(`{ cpu = "exp 10ms" }`, `{ cpu = "exp 10ms", hit_ratio = 0.8 }`), want: []string{
		"8:35: error[E201]: server.web.on.request[0].hit_ratio: unknown key here, though known in [cache.NAME] and [cdn.NAME]; …"}},
	{id: "C32", file: with(`on.request = [{ cpu = "exp 10ms" }]`, ""), want: []string{`6:1: error[E203]: server.web.on: missing key "on"`}},
	{id: "C32 step", file: with(`{ cpu = "exp 10ms" }`, `{ name = "a" }`), want: []string{
		"8:15: error[E203]: server.web.on.request[0]: a step needs an action: one of cpu, disk, wait, call, get, set, invalidate, choose, parallel, repeat, fail, memory, spawn, publish, query"}},
	{id: "C27 step", file: with(`{ cpu = "exp 10ms" }`, `{ cpuu = "exp 10ms" }`), want: []string{
		`8:17: error[E201]: server.web.on.request[0].cpuu: unknown key; did you mean "cpu"?`}},
	{id: "C33", file: with("cores = 1", `cores = "4"`), want: []string{"7:9: error[E204]: server.web.cores: expected an integer, got a string"}},
	{id: "C34", file: with("cores = 1", "cores = 2.5"), want: []string{"7:9: error[E204]: server.web.cores: expected an integer, got a float"}},
	{id: "C34 whole", file: with("cores = 1", "cores = 4.0"), want: []string{"7:9: error[E204]: server.web.cores: expected an integer, got a float"}},
	{id: "C35 rate", file: with(`"poisson 80/s"`, "true"), want: []string{`3:12: error[E204]: client.users.arrivals: expected an arrival process such as "poisson 800/s", got a boolean`}},
	{id: "C35 date", file: "[run]\nduration = 2026-01-01\n" + shop, want: []string{`2:12: error[E204]: run.duration: expected a duration such as "30s", got a date`}},
	{id: "C36 array of tables", file: shop + "[[server]]\ncores = 1\n", want: []string{`9:3: error[E103]: server: "server" is defined twice`}},
	{id: "C36 array for a table", file: with("[server.web]", "[[server.web]]"), want: []string{"6:1: error[E204]: server.web: expected a table [server.NAME], got an array"}},
	{id: "C36 without a name", file: "[client]\ntarget = \"web\"\n[server.web]\non.request = []\n", want: []string{
		"2:10: error[E204]: client.target: expected a table [client.NAME], got a string"}},
	{id: "C36 table for an array", file: with(`[{ cpu = "exp 10ms" }]`, `{ cpu = "exp 10ms" }`), want: []string{
		`8:14: error[E203]: server.web.on.request.steps: missing key "steps"`, "8:16: error[E202]: server.web.on.request.cpu: this key belongs in a step of [server.NAME]"}},
	{id: "C37 policy", file: shop + "[load_balancer.lb]\ntargets = [\"web\"]\npolicy = \"randon\"\n", want: []string{`11:10: error[E205]: load_balancer.lb.policy: unknown value "randon"; did you mean "random"?`}},
	{id: "C37 distribution", file: with("exp 10ms", "exponental 10ms"), want: []string{`8:24: error[E205]: server.web.on.request[0].cpu: unknown distribution "exponental"; did you mean "exp"?`}},
	{id: "C38", file: with("exp 10ms", "lognormal mean=6ms"), want: []string{`8:24: error[E206]: server.web.on.request[0].cpu: …`}},
	{id: "C38 does not belong", file: with("exp 10ms", "exp 10ms shape=2"), want: []string{`8:33: error[E206]: server.web.on.request[0].cpu: …`}},
	{id: "C39", file: with(`timeout = "2s"`, "users = 5"), want: []string{"3:1: error[E207]: client.users.arrivals: arrivals and users exclude each other: traffic is open or closed"}},
	{id: "C39 step", file: with(`{ cpu = "exp 10ms" }`, `{ cpu = "exp 10ms", wait = "1ms" }`), want: []string{"8:35: error[E207]: server.web.on.request[0].wait: a step has one action, this one has cpu and wait"}},
	{id: "C40", file: "capsim = 99\n" + shop, want: []string{"1:10: error[E208]: capsim: version 99 of the language is unknown; this capsim reads version 1"}},

	{id: "C41", file: with(`"2s"`, `"10 msec"`), want: []string{`4:11: error[E301]: client.users.timeout: unknown unit "msec"; did you mean "10ms"?`}},
	{id: "C41 in a step", file: with("exp 10ms", "exp 10 msec"), want: []string{`8:28: error[E301]: server.web.on.request[0].cpu: unknown unit "msec"; did you mean "10ms"?`}},
	{id: "C41 of a parameter", file: with("exp 10ms", "lognormal mean=6 ms cv=1"), want: []string{
		`8:39: error[E301]: server.web.on.request[0].cpu: no space may stand between a number and its unit; did you mean "6ms"?`}},
	{id: "C41 twice", file: with("exp 10ms", "uniform 2 ms 9 ms"), want: []string{
		`8:32: error[E301]: server.web.on.request[0].cpu: no space may stand between a number and its unit; did you mean "2ms"?`}},
	{id: "C42", file: with(`"2s"`, `10`), want: []string{`4:11: error[E301]: client.users.timeout: a duration needs a unit, got "10"`}},
	{id: "C42 in a step", file: with(`"exp 10ms"`, `10`), want: []string{`8:23: error[E301]: server.web.on.request[0].cpu: a duration needs a unit, got "10"`}},
	{id: "C43 capital", file: with(`"2s"`, `"5S"`), want: []string{`4:11: error[E301]: client.users.timeout: unknown unit "S"; did you mean "5s"?`}},
	{id: "C43 exponent", file: with(`"2s"`, `"1e3s"`), want: []string{`4:11: error[E301]: client.users.timeout: expected a duration with a plain decimal number, got "1e3s"; did you mean "1000s"?`}},
	{id: "C43 comma", file: with(`"2s"`, `"5,5s"`), want: []string{`4:11: error[E301]: client.users.timeout: expected a duration with a plain decimal number, got "5,5s"; did you mean "5.5s"?`}},
	{id: "C43 days are in the language", file: with(`"2s"`, `"1d"`)},
	{id: "C44", file: with(`"2s"`, `"-5s"`), want: []string{`4:11: error[E302]: client.users.timeout: must not be negative, got "-5s"`}},
	{id: "C44 zero", file: with(`"2s"`, `"0s"`), want: []string{`4:11: error[E302]: client.users.timeout: must be more than 0s, got "0s"`}},
	{id: "C45", file: with("exp 10ms", "exp 0s"), want: []string{`8:28: error[E302]: server.web.on.request[0].cpu: …`}},
	{id: "C46", file: with("cores = 1", "speed = nan"), want: []string{"7:9: error[E303]: server.web.speed: must be a finite number, got nan"}},
	{id: "C46 in a step", file: with(`{ cpu = "exp 10ms" }`, "{ wait = \"1ms\" }, { repeat = 2, steps = [{ fail = nan }] }"), want: []string{
		"8:65: error[E303]: server.web.on.request[1].steps[0].fail: must be a finite number, got nan"}},
	{id: "C16 in a step", file: with(`{ cpu = "exp 10ms" }`, `{ cpu = "exp 10ms", cpu = "1ms" }`), want: []string{
		`8:35: error[E103]: server.web.on.request[0].cpu: "cpu" is defined twice`}},
	{id: "C47", file: with("cores = 1", "speed = -inf"), want: []string{"7:9: error[E303]: server.web.speed: must be a finite number, got -inf"}},
	{id: "C47 minus zero", file: with("cores = 1", "speed = -0.0"), want: []string{"7:9: error[E302]: server.web.speed: must be more than 0, got -0.0"}},
	{id: "C48", file: with("80/s", "0/s"), want: []string{`3:21: error[E302]: client.users.arrivals: the rate must be > 0, got "0/s"`}},
	{id: "C49", file: with("cores = 1", "cores = 0"), want: []string{"7:9: error[E302]: server.web.cores: must be from 1 to 1000000, got 0"}},
	{id: "C49 negative", file: with("cores = 1", "cores = -3"), want: []string{"7:9: error[E302]: server.web.cores: must be from 1 to 1000000, got -3"}},
	{id: "C50", file: with("cores = 1", "cores = 9223372036854775807"), want: []string{"7:9: error[E705]: server.web.cores: must be at most 1000000 (a limit of capsim), got 9223372036854775807"}},
	{id: "C51 integer", file: with("cores = 1", "cores = 9223372036854775808"), want: []string{"7:9: error[E101]: server.web.cores: this integer does not fit in 64 bits"}},
	{id: "C51 float", file: with("cores = 1", "speed = 1e400"), want: []string{"7:9: error[E303]: server.web.speed: this number does not fit in a 64-bit float"}},
	{id: "C51 underflow", file: with("cores = 1", "speed = 1e-400"), want: []string{"7:9: error[E303]: server.web.speed: this number is too small to be told from 0"}},
	{id: "C52", file: "[run]\nduration = \"9999999h\"\n" + shop, want: []string{`2:12: error[E304]: run.duration: must be at most 2562047h47m (2^63 ns, 292 years), got "9999999h"`}},
	{id: "C52 in all", file: "[run]\nduration = \"800000h\"\n" + shop, want: []string{"2:12: error[E304]: run.duration: warm-up, run and drain together are longer than 146 years"}},
	{id: "C53", file: "[run]\nreplications = 9_000\n" + lines(120, "[design.d%d]\n") + shop, want: []string{
		"2:16: error[E706]: run.replications: 120 designs of 9000 replications are 1080000 runs; at most 1000000 are allowed"}},
	{id: "C53 replications", file: "[run]\nreplications = 1000000\n" + shop, want: []string{
		"2:16: error[E705]: run.replications: must be at most 10000 (a limit of capsim), got 1000000"}},
	{id: "C54", file: "[run]\nwarmup = \"2h\"\nduration = \"1h\"\n" + shop, want: []string{"2:10: error[E305]: run.warmup: the warm-up of 2h must be shorter than the run of 1h"}},
	{id: "C55", file: with("exp 10ms", "mix 60% exp 1ms, 30% exp 2ms"), want: []string{`8:24: error[E306]: server.web.on.request[0].cpu: …`}},
	{id: "C56", file: with("exp 10ms", "mix "+strings.Repeat("10% exp 10ms, ", 9)+"10% exp 10ms")},
	{id: "C56 too much", file: with("exp 10ms", "mix 50% exp 1ms, 50.001% exp 2ms"), want: []string{"8:24: error[E306]: server.web.on.request[0].cpu: …"}},
	{id: "C56 weights are relative", file: with(`timeout = "2s"`, "requests = { request = 0.3 }")},
	{id: "C57", file: with(`{ cpu = "exp 10ms" }`, "{ fail = -0.1 }, { fail = 1.2 }"), want: []string{
		"8:24: error[E302]: server.web.on.request[0].fail: must be from 0 to 1 (0% to 100%), got -0.1",
		"8:41: error[E302]: server.web.on.request[1].fail: must be from 0 to 1 (0% to 100%), got 1.2"}},
	{id: "C58 all zero", file: with(`timeout = "2s"`, "requests = { request = 0 }"), want: []string{"4:12: error[E307]: client.users.requests: at least one weight must be more than 0"}},
	{id: "C58 negative", file: with(`timeout = "2s"`, "requests = { request = -1 }"), want: []string{"4:24: error[E307]: client.users.requests.request: a weight must not be negative, got -1"}},
	{id: "C58 choose", file: with(`{ cpu = "exp 10ms" }`, "{ choose = [{ weight = 0, steps = [] }] }"), want: []string{"8:26: error[E307]: server.web.on.request[0].choose: at least one weight must be more than 0"}},
	{id: "C59", file: with("exp 10ms", "pareto min=2ms alpha=1"), want: []string{"8:24: error[E308]: server.web.on.request[0].cpu: the mean is infinite, so that utilisation is undefined"}},
	{id: "C59 variance", file: with("exp 10ms", "pareto min=2ms alpha=1.5"), want: []string{
		"8:23: warning[W308]: server.web.on.request[0].cpu: the variance is infinite: averages converge slowly, and their confidence intervals are too narrow"}},
	{id: "C60 uniform", file: with("exp 10ms", "uniform 9ms 2ms"), want: []string{"8:36: error[E309]: server.web.on.request[0].cpu: …"}},
	{id: "C60 erlang", file: with("exp 10ms", "erlang k=0 mean=6ms"), want: []string{"8:33: error[E309]: server.web.on.request[0].cpu: …"}},
	{id: "C60 lognormal", file: with("exp 10ms", "lognormal mean=6ms cv=-1"), want: []string{"8:43: error[E309]: server.web.on.request[0].cpu: cv must be from …"}},
	{id: "C60 unsorted", file: with("exp 10ms", "quantiles p0=5ms p50=1ms p100=2s"), want: []string{"8:41: error[E309]: server.web.on.request[0].cpu: p50 must not be below p0, got 1ms"}},
	{id: "C61", file: "objectives = [\"users p0.5 < 4ms\", \"users p100.1 < 4ms\"]\n" + shop, want: []string{
		`1:22: error[E310]: objectives[0]: percentiles count to 100: p0.5 is below all but 0.5% of what there is`,
		`1:42: error[E302]: objectives[1]: a percentile is more than 0 and less than 100, got "p100.1"`}},
	{id: "C61 distribution", file: with("exp 10ms", "lognormal p0.5=5ms p0.99=40ms"), want: []string{
		"8:34: error[E310]: server.web.on.request[0].cpu: percentiles count to 100: p0.5 is below all but 0.5% of what there is"}},
	{id: "C61 quantiles", file: with("exp 10ms", "quantiles p0=1ms p0.5=2ms p1=3ms p50=8ms p100=9ms")},
	{id: "C62", file: with(`timeout = "2s"`, "retries = 1000000"), want: []string{"4:11: error[E705]: client.users.retries.max: must be at most 100 (a limit of capsim), got 1000000"}},
	{id: "C62 jitter without backoff", file: with(`timeout = "2s"`, `retries = { max = 2, jitter = "full" }`), want: []string{
		"4:22: error[E203]: client.users.retries.jitter: jitter spreads the pauses, and there are none: the key backoff is missing"}},

	{id: "C63", file: with(`target = "web"`, `target = "wbe"`), want: []string{`2:10: error[E501]: client.users.target: unknown node "wbe"; did you mean "web"?`}},
	{id: "C64", file: shop + "[cache.web]\nhit_ratio = 1\n", want: []string{`9:8: error[E401]: cache.web: the name "web" is taken`}},
	{id: "C65", file: shop + "[cache.redis]\nhit_ratio = 1\n", want: []string{`9:8: warning[W401]: cache.redis: no request reaches "redis"`}},
	{id: "C66", file: "[server.web]\non.request = []\n", want: []string{"1:1: error[E402]: client: there is no client, so there is no traffic to simulate"}},
	{id: "C67", file: with(`{ cpu = "exp 10ms" }`, `{ call = "b" }`) + "[server.b]\non.request = [{ call = \"web\" }]\n", want: []string{
		"10:24: error[E403]: server.b.on.request[0].call: requests can never leave: b.request → web.request → b.request"}},
	{id: "C67 on average", file: with(`{ cpu = "exp 10ms" }`, `{ repeat = 4, steps = [{ choose = [{ weight = 1, steps = [{ call = "web" }] }, { weight = 1, steps = [] }] }] }`), want: []string{
		"8:82: error[E403]: server.web.on.request[0].steps[0].choose[0].steps[0].call: requests multiply without end: each round of web.request → web.request leads to 2 further rounds"}},
	{id: "C68", file: "[client.users]\ntarget = \"web\"\nusers = 5\n[server.web]\non.request = []\n", want: []string{
		"3:9: error[E404]: client.users.users: users without think time are answered at once: no time would ever pass"}},
	{id: "C68 rejected", file: "[client.users]\ntarget = \"web\"\nusers = 5\n[server.web]\nconcurrency = 1\nbacklog = 2\non.request = [{ cpu = \"5ms\" }]\n", want: []string{
		"3:9: error[E404]: client.users.users: 5 users without think time find room for 3: the others would be rejected and come again at once, for ever"}},
	{id: "C69", file: with(`{ cpu = "exp 10ms" }`, `{ call = "web" }`), want: []string{"8:24: error[E403]: server.web.on.request[0].call: requests can never leave: web.request → web.request"}},
	{id: "C70", file: with(`on.request = [{ cpu = "exp 10ms" }]`, `concurrency = 1
on = { request = [{ call = "b" }], back = [{ cpu = "1ms" }] }
[server.b]
concurrency = 1
on.request = [{ call = "web.back" }]`), want: []string{"12:24: warning[W405]: server.b.on.request[0].call: can deadlock: workers of b, web can all be waiting for each other"}},
	{id: "C71", file: with("80/s", "125/s"), want: []string{"6:9: warning[W406]: server.web: offered load 1.25: more work comes than its cores can do; needs ≥ 2 cores (has 1)"}},
	{id: "C71 exactly", file: with("80/s", "100/s"), want: []string{"6:9: warning[W406]: server.web: offered load 1: more work comes than its cores can do; needs ≥ 2 cores (has 1)"}},
	{id: "C72", file: with(`target = "web"`, `target = "web.reqest"`), want: []string{`2:10: error[E502]: client.users.target: server "web" has no operation "reqest"; did you mean "request"?`}},

	{id: "C73 empty", file: shop + "[cache.\"\"]\nhit_ratio = 1\n", want: []string{`9:8: error[E209]: cache."": a name must not be empty`}},
	{id: "C73 long", file: shop + "[cache.\"" + strings.Repeat("é", 64) + "x\"]\nhit_ratio = 1\n", want: []string{
		`9:8: error[E704]: ` + strings.Repeat("é", 64) + `…: a key must be at most 128 bytes long, this one has 129`}},
	{id: "C73 reserved", file: shop + "[cache.network]\nhit_ratio = 1\n", want: []string{
		`9:8: error[E209]: cache.network: the name "network" is reserved: reports call the time in the network and in backoff by these names`}},
	{id: "C74", file: shop + "[cache.\"db\\u001b[2J\"]\nhit_ratio = 1\n", want: []string{
		`9:8: error[E210]: cache."db\u{001B}[2J": a name must not hold the invisible character U+001B (at position 3)`}},
	{id: "C75 composed", file: shop + "[cache.\"\u00e9\"]\nhit_ratio = 1\n[cache.\"e\u0301\"]\nhit_ratio = 1\n", want: []string{
		"11:8: error[E401]: cache.\"e\u0301\": two names differ only in how their characters are composed"}},
	{id: "C75 look-alike", file: shop + "[server.\"w\u0435b\"]\non.request = []\n", want: []string{
		"9:9: warning[W210]: server.\"w\u0435b\": this name looks like another one, but is written with different characters",
		"9:9: warning[W401]: server.\"w\u0435b\": no request reaches \"w\u0435b\""}},
	{id: "C76", file: strings.ReplaceAll(strings.ReplaceAll(shop, "server.web", `server."<script>alert(1)</script>"`), `"web"`, `"<script>alert(1)</script>"`)},
	{id: "C76 formula", file: strings.ReplaceAll(strings.ReplaceAll(shop, "server.web", `server."=HYPERLINK(1)"`), `"web"`, `"=HYPERLINK(1)"`)},
	{id: "C76 device", file: strings.ReplaceAll(strings.ReplaceAll(shop, "server.web", `server.CON`), `"web"`, `"CON"`)},
	{id: "C76 path", file: strings.ReplaceAll(strings.ReplaceAll(shop, "server.web", `server."../../etc/passwd"`), `"web"`, `"../../etc/passwd"`)},
}

func TestCatalogueOfBadInputs(t *testing.T) {
	for _, tt := range catalogue {
		t.Run(tt.id, func(t *testing.T) {
			began := processorTime()
			got := check(t, tt.file)
			assert.Less(t, processorTime()-began, time.Second)
			for i := range got {
				got[i] = strings.TrimPrefix(got[i], "shop.toml:")
			}
			require.Len(t, got, len(tt.want), strings.Join(got, "\n"))
			for i, want := range tt.want {
				if prefix, cut := strings.CutSuffix(want, "…"); cut {
					assert.Equal(t, prefix, got[i][:min(len(prefix), len(got[i]))])
				} else {
					assert.Equal(t, want, got[i])
				}
			}
		})
	}
}

func TestFindingsOfTheCatalogueHaveTheirForm(t *testing.T) {
	for _, tt := range catalogue {
		report := everything(tt.file)
		for _, line := range headlines(report) {
			assert.Regexp(t, headline, line, tt.id)
		}
		for _, d := range report.Diagnostics() {
			_, known := kind.LookUpCode(d.Code)
			assert.True(t, known, "%s: %s can be explained", tt.id, d.Code)
			assert.NotContains(t, d.Message+d.Hint, "unexpected error", tt.id)
		}
		var text, data bytes.Buffer
		require.NoError(t, report.WriteText(&text, "nothing was simulated"))
		assert.Less(t, text.Len(), 64<<10, tt.id)
		assert.True(t, utf8.Valid(text.Bytes()), tt.id)
		assert.Equal(t, -1, strings.IndexFunc(text.String(), func(r rune) bool { return r < ' ' && r != '\n' || r == 0x202e }), tt.id)
		require.NoError(t, report.WriteJSON(&data))
		assert.True(t, json.Valid(data.Bytes()), tt.id)
	}
}

// everything is all that is found in a file and its designs.
func everything(text string) *kind.Report {
	f, report := Load(memory{"shop.toml": text}, "shop.toml", Options{})
	if f != nil {
		report = f.Check()
	}
	return report
}

func TestCatalogueOfFiles(t *testing.T) {
	files := memory{"shop.toml": shop, "dir": "<directory>", "secret.toml": "<secret>", "pipe": "<pipe>", "bad.toml": "<broken>",
		"large.toml": "# " + strings.Repeat(strings.Repeat("x", 62)+"\n# ", 1<<16)[:maxFile-1]}
	for _, tt := range []struct{ id, name, want, hint string }{
		{"C01", "shop.tmol", "shop.tmol:1:1: error[E001]: shop.tmol: no such file", "did you mean shop.toml?"},
		{"C02", "dir", "dir:1:1: error[E002]: dir: is a directory", "give a .toml file"},
		{"C03", "secret.toml", "secret.toml:1:1: error[E003]: secret.toml: permission denied", ""},
		{"C10", "pipe", "pipe:1:1: error[E004]: pipe: is not a regular file", ""},
		{"C11", "large.toml", "large.toml:1:1: error[E701]: large.toml: the file is larger than 4 MiB", "put long data in a trace or a data file"},
		{"read error", "bad.toml", "bad.toml:1:1: error[E005]: bad.toml: cannot be read: unexpected EOF", ""},
	} {
		f, report := Load(files, tt.name, Options{})
		assert.Nil(t, f, tt.id)
		require.Len(t, report.Diagnostics(), 1, tt.id)
		d := report.Diagnostics()[0]
		assert.Equal(t, tt.want, d.Headline(), tt.id)
		assert.Equal(t, tt.hint, d.Hint, tt.id)
	}
}

// What a flag sets does not make a file of an empty one.
func TestAnEmptyFileIsEmptyWithFlagsToo(t *testing.T) {
	_, report := specOf(memory{"shop.toml": "# later\n"}, "shop.toml", Options{Set: []Setting{{Text: "run.duration=10s", Flag: "--duration", Arg: 3}}}, "")
	assert.Equal(t, []string{"shop.toml:1:1: error[E203]: shop.toml: the file is empty: it needs a client and a server"}, headlines(report))
}
