// Package sim is the engine: virtual time, the events that are to happen,
// random streams and the fingerprint of results. It knows no queueing words.
//
// In the order in which you meet them:
//
//   - [Time] is a moment or a span in whole nanoseconds, so that differences
//     are exact and sums do not depend on how they are grouped. Floats occur
//     only inside samplers and statistics; [FromNanoseconds] is the one way
//     back.
//   - [Engine] keeps the time and hands out, one by one, the slots to which
//     something happens. An event is data (a time and a key), never a
//     closure: it can be ordered, hashed and compared, and costs no
//     allocation.
//   - [Class] orders the events of one instant: completions, then timers,
//     then arrivals; within a class by rank (the owner's place in the order
//     of names), then in the order in which they were scheduled.
//   - [Stream] yields random numbers. Keyed streams belong to what a draw is
//     for (this request, that step, this attempt), named ones to a purpose
//     of a named thing. Nothing is drawn from a sequence that others share.
//   - [Fingerprint] hashes counters, integrals and histogram buckets.
//
// # Three places for an event
//
// What cannot be taken back (Schedule) goes to a 4-ary heap. What can (Arm)
// goes to a heap that knows the place of each entry and gives it up at once.
// What always lies the same delay ahead (ArmLane: time-outs, constant service
// times) goes to a ring per delay, where arming and disarming cost O(1).
// Nothing that was disarmed rots: a ring that is more than half dead is swept.
//
// # What deterministic promises
//
// The same model, version and seed give the same bytes on any processor, with
// any number of cores. Hence no wall clock, no goroutine, no map that is
// ranged over, no float in the order of events, and no function of package
// math whose result depends on the processor: sim/portable has its own.
//
// # What it does not do
//
// It does not know what a slot is, holds no statistics (sim/stats) and runs
// one goroutine: internal/study runs replications side by side.
//
// Invariants: time never runs back; the order of events is total; a slot has
// at most one event that can be taken back; steady state allocates nothing.
package sim
