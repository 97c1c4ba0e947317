// Package balance holds the policies by which a load balancer chooses the
// instance that gets the next request.
//
// [Table] lists them. A [Group] is the instances that are chosen among, by a
// fresh [Policy]: it counts what is in flight where, knows who must not be
// chosen and why, and tells the policy what it needs to hear.
//
// A policy is one file and one row in the table. The battery in the tests
// runs over every row, and a plain twin of each, which looks at every
// instance for every request, must choose the same.
//
// # Costs
//
// random and round-robin cost the same whatever the number n of instances as
// long as nobody is barred; everything else log n at most, weighted
// round-robin also the number of different weights, power-of-two the square
// of its choices, and consistent-hash with a load factor the points that it
// passes over. A change of a weight may cost n log n.
//
// # Weights
//
// [Row.Weighted] says for which policies a weight in the file counts: the two
// that are called so; random and power-of-two, as in nginx; and the hashes,
// as in nginx and HAProxy: an instance of twice the weight gets twice the
// hashes. The others have no use for it.
//
// Slow start needs weights too, of instances that come back: a [Group] that
// is given Options.Weights can be told other ones at any time by
// [Group.SetWeight]. nginx and Envoy ramp up round robin and least connections
// only, Envoy by going over to a weighted schedule as soon as the weights
// differ, HAProxy its dynamic algorithms. So given weights, round-robin and
// least-connections are what weighted-round-robin and
// weighted-least-connections are, and the other weighted policies follow a
// ramp too; ip-hash, url-hash and consistent-hash move keys for it, which is
// why nginx does not allow it for them. least-response-time does not look at
// weights: an instance that comes back cold is found out by its answers.
//
// # Bounds
//
// The package does not send anything and asks nobody how they are:
// models/node does both.
//
// Invariants: a policy always picks an instance that exists; the same calls
// with the same stream give the same choices; nothing is allocated.
package balance
