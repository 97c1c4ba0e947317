// Package node holds the kinds of node that a topology is made of (clients,
// load balancers, servers, caches) and the Network that they form.
//
// In the order in which you meet them:
//
//   - The configuration structs (ServerConfig and its kin) are the keys of
//     the language, with their documentation. Package topologies fills them.
//   - [Spec] is a checked topology: names resolved, defaults filled in,
//     nothing contradictory. It is immutable and shared.
//   - [NewNetwork] compiles a Spec into a [Network], the fresh state of one
//     replication. Operations become flat sequences of instructions.
//   - [Network.Run] simulates it and returns a [Snapshot]: counts,
//     histograms and integrals in exact integers.
//   - [Network.FindWarmup] is the pilot run that looks for the transient.
//
// # How a request runs
//
// An activation of a program is a frame. A client's request is the root
// frame; its program has one instruction, the attempt, which makes a frame
// at the target: a visit. A visit of a server waits for a worker, runs its
// steps, and answers its caller. Its call steps make further visits, its
// parallel branches and rounds of repeat make frames that share the visit's
// worker. A frame is at the same time the slot of the engine under which
// events for it are scheduled; what an event means follows from what the
// frame waits for.
//
// A caller that gives up raises its generation, so that the late answer finds
// nobody waiting. What it asked for goes on being done and burns capacity:
// this is what makes retry storms appear.
//
// # Random numbers
//
// What belongs to a request is drawn from its own seed and the stable
// identity of the step, attempt, branch and round, not from a sequence: the
// same request brings the same work to every design. A balancer passes the
// seed on untouched, so putting one in between changes no work. What belongs
// to a node (a random choice) comes from a stream named after it.
//
// # What it does not do
//
// It parses nothing (topologies), merges no replications (internal/study)
// and draws nothing. It has no clock but the engine's.
//
// Invariants, checked in integers in every run: requests are conserved at
// each node and client; ∫N dt is the sum of the times spent (Little's law),
// for nodes, queues and channels; no more channels are busy than there are.
// A violation ends the run with seed, event and node, and leaves no result.
// Steady state allocates nothing.
package node
