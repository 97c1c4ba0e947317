// Package tidy holds no code, only the tests that keep the repository in
// order: what a reviewer would have to say again and again is said here once.
//
// In the order in which you meet them:
//
//   - layers_test.go: the rooms of ARCHITECTURE.md and which of them may
//     import which, the third-party packages and the parts of the standard
//     library that only some rooms may use.
//   - rules_test.go: rules about files: their size, left-over markers, paths
//     of somebody's machine, a doc.go for each package.
//   - code_test.go: rules about code: no clock, no foreign random numbers, no
//     mathematics whose last bit depends on the processor, no order of a map,
//     no goroutine outside its room, no package variable that changes.
//   - fused_test.go: the compiled packages hold no fused multiply-add that
//     the source did not ask for.
//   - prose_test.go: what README.md and ARCHITECTURE.md list is what there is,
//     and their links lead somewhere.
//   - tree_test.go: reads the repository once for all of them.
//
// A rule that has to give way somewhere gets a row in the table of exceptions
// (rules_test.go) with the reason; a row that is no longer needed fails. Every
// rule has a planted offence that it must find, so that none can pass because
// it looks at nothing.
//
// What is not here: formatting (gofmt), the compiler's and vet's findings, and
// matters of taste that .golangci.yml covers.
//
// Invariants: the tests only read, need neither network nor a built program,
// and take seconds; the one that compiles for other processors is left out
// with -short.
package tidy
