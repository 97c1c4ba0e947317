// Package balance holds the policies by which a load balancer chooses the
// instance that gets the next request.
//
// [Table] lists them; [New] makes a fresh one for one balancer of one
// replication. A [Policy] sees [Backends] (how much is in flight where) and
// the [Request].
//
// A policy is one file and one row in the table. The battery in the tests
// runs over every row.
//
// The package does not send anything and keeps no counts of its own:
// models/node does both.
//
// Invariants: a policy always picks an instance that exists; the same calls
// with the same stream give the same choices; nothing is allocated.
package balance
