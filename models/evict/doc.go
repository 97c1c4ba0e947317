// Package evict decides what stays in a cache of limited size: for each of
// the usual policies, which entry goes when another needs its room. A cache
// holds keys, how large each is, and when it expires; what is behind them is
// of no interest here.
//
// # What is here
//
// A [Cache] is made by a [Choice], a [Policy] of the [Table] with its
// parameter, which [Parse] reads from the words of the language: `lru`,
// `sampled-lru 5`. All policies share one store: entries in an array, linked
// into rings by number, and an index of open addressing over them. A policy
// only orders them. Each has a file, with the same verbs in the same order:
// enter, use, leave, victim, clear.
//
// # What it does not do
//
// It keeps no time and starts nothing: what has expired is noticed when it is
// looked up. Who asks, what a look-up costs and how the keys are shared among
// instances is the business of models/node.
//
// # Invariants
//
// Sizes never add up to more than the capacity. Memory grows with the entries
// that came, not with the capacity, and nothing is allocated once it is large
// enough. Draws come from the stream alone, so that the same calls have the
// same outcome everywhere.
package evict
