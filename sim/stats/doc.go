// Package stats turns what a simulation observes into numbers with their
// doubt: exact sums, histograms, confidence intervals and the end of the
// warm-up. It knows no engine: times are whole nanoseconds, plain int64.
//
// In the order in which you meet them:
//
//   - [Sum128] is an exact unsigned sum. The integral of a queue of 10^6 over
//     30 days overflows 63 bits; two such sums can be compared for equality,
//     which Little's law in its exact form needs.
//   - [Histogram] counts times in log-linear buckets, 128 to an octave, and
//     keeps count, sum, minimum and maximum exactly. [Histogram.Quantile] is
//     off by at most 0.8 % of the value; [Histogram.Beyond] says how many
//     samples support it, [MinSamples] how many it takes. [Bucket] is one
//     entry of it.
//   - [Interval] is the mean over independent replications with the
//     half-width of its 95 % confidence interval; [PairedInterval] is that of
//     the difference of two designs that met the same customers.
//   - [MSER5] finds where the initial transient of a series ends.
//   - [FindTrend] tells whether a series goes one way, and how fast ([Trend]);
//     [Holm] which of several tests are significant together.
//
// What is not here: who observes what and when (models/node), how the figures
// of replications are put together and when a number is too weakly supported
// to be shown (internal/study), steady-state theory (models/theory), random
// numbers (sim), and special functions (sim/portable).
//
// Invariants:
//
//   - The same observations give the same bits on every processor: sums and
//     counts are integers, every product that feeds a sum of floats is
//     rounded on its own, and there is no map.
//   - Merging histograms is commutative and associative, to the bit.
//   - Recording allocates nothing after the first touch of an octave; MSER5
//     keeps about 1 MiB at most.
//   - An estimate that does not exist is not a number: ok is false, and the
//     value NaN.
package stats
