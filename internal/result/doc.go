// Package result holds the pivot type of capsim: what a simulation found
// out, as a versioned document that reports are drawn from.
//
// A [Result] is one design. A [Comparison] is several designs under the same
// customers. Every figure with doubt is an [Estimate].
//
// The package computes nothing and draws nothing: internal/study fills a
// Result, reports renders it.
//
// Invariants: everything that a report shows is in the document; the same
// seed gives the same bytes; what was not simulated is absent, never zero.
package result
