// Package dist holds the probability distributions of the language: of times,
// sizes, counts and keys.
//
// In the order in which you meet them:
//
//   - [Parse] reads the text of a distribution ("lognormal p50=5ms p99=40ms",
//     "exp 6ms + 0.3ms truncate 2s") for a [Quantity] and returns a [Law], or
//     an error that marks the wrong part of the text.
//   - [Law] is what the models draw from. A law never changes once made.
//   - [Constant], [Exponential] and [Trace] are exported, because the compiler
//     of programs treats them by themselves: constant delays need no random
//     number and share one queue of timers, and a trace column is looked up,
//     not drawn. All other laws are seen through the interface only.
//   - [Table] lists the distributions as [Row] values: names, parameters,
//     formula, source, examples. The manual prints it; the parser and
//     "did you mean" work from the same rows.
//
// One distribution is one small file and one row in table.go.
//
// # What follows a distribution
//
// "+ 0.3ms" shifts, "truncate 2s" draws again until the value is below; they
// act in the order in which they stand. At the end of a mix they act on the
// whole mix; parentheses give a part of it modifiers of its own:
// "mix 95% exp 4ms, 5% (exp 80ms + 20ms)".
//
// # Whole numbers
//
// Laws of counts and keys yield whole numbers only. A continuous law of a
// count ("exp 4") is rounded to the nearest, and its mean and variance are
// those of the rounded law.
//
// # What the package does not do
//
// It has no state and no random numbers of its own: each draw is handed the
// stream that it belongs to (package sim). It opens no files: [Env] does, for
// the empirical law. Arrival processes are in package arrival, closed forms
// of queues in package theory.
//
// # Invariants
//
// Samples are finite and at least 0; drawing allocates nothing; Mean,
// Variance and CDF are those of the very law that is drawn from, shift,
// truncation and rounding included (a few digits short of exact where they
// are integrals); the same stream gives the same bits on every processor,
// which is why all mathematics is that of sim/portable and every product
// that feeds a sum is rounded by itself.
package dist
