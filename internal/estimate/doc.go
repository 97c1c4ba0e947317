// Package estimate answers from queueing theory, in microseconds, what a
// simulation answers in minutes.
//
// In the order in which you meet them:
//
//   - [Of] turns a node.Spec into an [Estimate]: how busy every resource is, how
//     long every visit and every request lasts, what saturates first and at which
//     load, what no design of this kind can exceed, and what was left out.
//   - [Assumption] is one reason for which the file is not what theory takes it
//     for, with the node that it is about.
//   - [Estimate.Document] is the same as a result document.
//
// # How it gets there
//
// The traffic equations (node.Flow) say how often a request visits what. Each
// instance of each node then is a queue for its cores and one for its disk
// (queue.go), behind workers that are held for the whole operation
// (workers.go: a flow-equivalent server), and the time of a request is the sum
// over its path (path.go). Users of closed clients ask again when they have an
// answer: their rates are exact by convolution where the network has product
// form, else a fixed point in the manner of Schweitzer (closed.go).
//
// # What is exact
//
// A figure is exact only where theory is: Poisson arrivals, or one kind of
// users, and stations that keep product form (Baskett, Chandy, Muntz and
// Palacios 1975), or a last station with one queue for Poisson arrivals
// (Pollaczek and Khinchine). Everything else is an approximation with two
// moments, and says so. docs/estimate.md shows how far it is off.
//
// # What it does not do
//
// It simulates nothing and knows nothing of time: no faults, no deploys, no
// autoscaling, no stages; it takes the means over the window. It does not
// depend on models/theory, whose last digits differ between processors; the
// tests compare the two.
//
// # Invariants
//
// The same specification gives the same bytes on every processor. A resource
// that is asked for all it has, or more, makes everybody who waits for it
// wait for ever: +Inf, and null in the document; never a number that looks
// like an answer.
package estimate
