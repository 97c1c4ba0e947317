// Package balance holds the policies by which a load balancer chooses the
// instance that gets the next request.
//
// [Table] lists them. A [Group] is the instances that are chosen among, by a
// fresh [Policy]: it counts what is in flight where, knows who must not be
// chosen and why, and tells the policy what it needs to hear.
//
// A policy is one file and one row in the table. The battery in the tests
// runs over every row.
//
// The package does not send anything and asks nobody how they are:
// models/node does both.
//
// Invariants: a policy always picks an instance that exists; the same calls
// with the same stream give the same choices; nothing is allocated.
package balance
