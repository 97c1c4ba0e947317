// Package scale holds the rule by which the number of a server's instances
// follows its load.
//
// [Table] lists what may be looked at. A [Spec] is the controller of a server:
// every so often it takes the mean of one figure over the interval that has
// passed and asks [Desired], which is the rule of the Horizontal Pod
// Autoscaler of Kubernetes, how many instances there should be. [Spec.Plan]
// keeps that within its limits and holds scale-ins back.
//
// What is looked at is one row in the table. The package starts and stops
// nothing: models/node measures, boots and drains.
//
// Invariants: what is planned lies between the least that holds at that time
// and Max; a figure within [Tolerance] of its target changes nothing but for
// the limits.
package scale
