// Package fault holds what goes wrong on purpose, and when.
//
// [Table] lists the kinds of fault. A [Fault] is one of them at some instances
// of a node: at a time, for a time, or by chance again and again. Faults may
// overlap: a [Condition] keeps count of those that hold for one instance and
// says what it is like.
//
// A kind of fault is one row in the table and what it adds to Condition. The
// package makes nothing happen: models/node schedules the beginnings and ends
// and lets its instances suffer.
//
// Invariants: when every fault that has begun has ended, an instance is up;
// a kill goes before a hang.
package fault
