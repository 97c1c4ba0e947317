// Package models is the map of the model families: what stands in which
// folder below this one, and the words that all of them use. It holds no code.
//
//   - kind: what a configuration is made of: keys with their type, unit,
//     default and documentation, positions, diagnostics. A leaf.
//   - records: logs and tables of one record a line, read strictly.
//   - dist: distributions of time, size and count.
//   - arrival: when requests come: at random, evenly, in stages, from users
//     who think, from a log.
//   - balance: which instance gets the next request.
//   - price: machines that can be rented: how large, for how much, as of when.
//   - node: clients, load balancers, servers and caches, and the network that
//     they form: the model that is simulated.
//   - theory: closed forms of queueing theory. The simulator is tested against
//     them and imports none of them.
//
// A new distribution, policy or process is one file and one row in the table
// of its family; the family's tests run over every row.
//
// # The words
//
// One idea, one word: in code, in topologies, in reports and in prose.
//
// What flows:
//
//	request              what a client wants done
//	attempt              one try of it; a retry is a further attempt
//	operation            what a request asks a node for, such as orders.by_id
//	target               where a client, balancer or call sends requests
//	origin               what stands behind a cache
//
// What it flows through:
//
//	node                 a named thing of a topology; a group of instances
//	instance             one machine of a node
//	worker               a thread of an instance; holds a request from
//	                     beginning to end, calls included
//	core                 a processor of an instance; does the work
//	station              inside the model: a queue and its channels
//	primary, replica, shard
//	                     the instances of a database, of nothing else
//	design               one variant of a topology
//
// How much and how long:
//
//	arrival rate     λ   requests a second; offered before, admitted after
//	                     refusals
//	interarrival time A  the gap between two
//	service time     S   work at a station, waiting excluded; rate μ = 1/E[S]
//	waiting time     Wq  in a queue, before service
//	response time    W   waiting and service, at one node
//	latency              response time that a client sees, end to end
//	offered load     a   λE[S], in erlangs; may exceed the channels c
//	utilisation      ρ   busy time / (c · time), never above 1; `utilization`
//	                     where it is a key
//	queue length     Lq  mean number waiting; L with those in service
//	throughput       X   completions a second; goodput: those in time
//	visit count      V   visits to a node for each request of a client
//	service demand   D   V·E[S]; the largest D/c is the bottleneck
//	think time       Z   of a user, between answer and next request
//	population       N   how many users there are
//	headroom             1 − ρ at the bottleneck
//
// How it ends, each request in one way: ok, rejected (a limit), unavailable
// (nobody there), failed (an error answer), timed out, or unfinished when the
// run ends.
//
// How it is measured:
//
//	replication          one independent run; of data, "data replication"
//	warm-up              the beginning that is left out
//	quantile             q in (0, 1) in code; p99 for people
//	interval, half-width how sure an estimate is, over the replications
//	retry amplification  attempts / requests
//	fault, outage, slowdown, partition
//	                     what is done to a system; failure is what a request
//	                     has of it
//
// The symbols and Kendall's notation (M/M/c) name theory and tests.
package models
