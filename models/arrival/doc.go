// Package arrival holds the ways in which requests come: open processes of a
// given rate, constant or moving over time; traces; and the number of users of
// a closed client over time.
//
// In the order in which you meet them:
//
//   - A [Plan] is what a topology says: fixed, shared by all replications. Its
//     [Process] yields the arrivals of one replication in order of time.
//   - [Parse] makes the Plan of `arrivals = "poisson 800/s"` with its stages
//     ([Ramp]); [Setting.Parse] that of a [Wave] and of batches as well. The
//     processes stand in the explicit [Table].
//   - [NewUsers] makes the [Users] of a closed client; a [Population] yields
//     the changes of their number.
//   - [TracePlan] replays a [Trace], which [ReadCLF], [ReadCombined],
//     [ReadCSV], [ReadKeys] and [ReadCounts] read from logs, tables and lists;
//     a [Problem] says what is wrong with one, and where.
//
// # Stages and waves
//
// A stage moves the rate linearly to its target, as in k6; after the last one
// its target holds. With the cumulative rate Λ(t) = ∫ λ, the Poisson process
// has its arrivals where Λ passes the points of a Poisson process of rate 1
// (E. Çinlar, Introduction to Stochastic Processes, 1975, section 4.7), and
// the constant process where Λ passes 0, 1, 2, …; Λ is quadratic in each
// stage, and of a sine it is inverted by Newton's method to the last digits.
// Before time 0 the rate of time 0 holds.
//
// # What stays the same
//
// Batches, and the phases of bursts, have random numbers of their own: the
// same client has its batches at the same times whatever their sizes, and its
// bursts at the same times whatever the rate. So designs that differ in one of
// them are compared with the same customers.
//
// # Logs with stamps of one second, and counts
//
// The n requests of one second, or of one interval of a list of counts, are
// given n random places in it, in the order of the file. Real arrivals within
// a second are about as irregular as a Poisson process; even spacing would be
// kinder to queues than the world is. The places are drawn from the stamp, or
// the number of the interval: they are the same in every run, replication and
// design, and in every excerpt of the log that holds the whole second.
//
// # What the package does not do
//
// It decides when a request comes, and from which row of a trace; the node
// package gives it its operation, key and work. It opens no file: it is given
// a reader (package records splits it into rows, within limits).
//
// # Invariants
//
// The arrivals of a process never go back in time; nothing drifts, however
// many there are; the same stream gives the same arrivals on every processor.
package arrival
