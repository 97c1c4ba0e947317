// Package price holds the sizes and the prices of machines that can be rented.
//
// A [Machine] is one row of the table that comes with the program: how many
// cores it has, how much memory and bandwidth, what an hour of it costs, on
// which day that was read, and where. [LookUp] finds one by its name,
// "aws:m7i.large"; [Machines] lists all; [Near] finds what a wrong name may
// have meant.
//
// The table is a dated example, not an offer: prices change, and differ by
// region. NOTICE says where it is from. What a design costs is worked out
// elsewhere.
//
// Invariants: the table never changes while the program runs, and each call
// reads it anew, so that nothing has to be kept; the order of what is listed
// is that of provider, family and size, on every machine.
package price
