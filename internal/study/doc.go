// Package study runs simulations and judges them: replications side by side,
// designs under the same customers.
//
// In the order in which you meet them:
//
//   - [Run] simulates one checked topology and summarises it.
//   - [Compare] simulates several designs with the same warm-up and the same
//     customers and works out what differs, paired by replication.
//   - A precision (precision.go) decides how many replications there are, by
//     whole waves, so that nothing depends on which of them finish first.
//   - [Options] say how many cores to use and how to be told to stop.
//
// These are the only goroutines of capsim: one replication each, nothing
// shared but the immutable specification. Snapshots are merged in the order
// of their replications, whatever order they finished in.
//
// The package does not read files, look at the clock or draw anything.
//
// Invariants: the result never depends on the number of cores; a run that
// was stopped says so; an assertion that fails leaves no result.
package study
