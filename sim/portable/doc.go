// Package portable is the mathematics that a simulation needs, with the same
// bits on every processor.
//
// The functions of package math are written in assembly on some processors
// and compiled with fused multiply-add on others, so that math.Log, Exp and
// Pow return two to four different values over amd64 (v1 and v3), arm64,
// riscv64 and s390x. One differing last bit reorders two events, and the
// whole run differs from there on. What is here uses only operations that
// IEEE 754 defines to the last bit: + - * / and square root, each rounded on
// its own.
//
// What you meet:
//
//   - [Log], [Log1p], [Exp], [Expm1] and [Pow], the elementary functions,
//     at the speed of package math and within 1.2 units in the last place
//     (0.8 but for Expm1);
//   - [Erfc], [NormalCDF] and [NormalQuantile], the normal distribution;
//   - [LogGamma] and [Gamma], for the moments of Weibull and gamma
//     distributions;
//   - [SinTurns], the sine of a number of turns, for what swings in time;
//   - [StudentTCDF] and [StudentTQuantile], for intervals over replications.
//
// What is not here: other trigonometry (nothing simulated needs it yet),
// complex and negative bases or arguments of Pow and Gamma, anything that
// package math already computes exactly (Sqrt, Floor, Abs, FMA and the like:
// use those), and random numbers, which package sim draws.
//
// Invariants:
//
//   - Every product that feeds a sum is written float64(a*b), which forbids
//     the compiler to fuse the two (Go specification, "Floating-point
//     operators"). Where a fused operation is wanted, it is math.FMA, which is
//     exact with or without hardware for it.
//   - A test pins a hash of the bits of each function over many inputs, and
//     fails on a processor or compiler that differs.
//   - The package imports math and nothing else.
//
// "A&S" is M. Abramowitz and I. A. Stegun, Handbook of Mathematical
// Functions, 1964.
package portable
