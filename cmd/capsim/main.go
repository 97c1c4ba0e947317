// Command capsim is a deterministic capacity-planning simulator: it reads a
// topology written in TOML and answers with latencies, throughput, errors
// and utilisation, and how sure it is of them.
//
// In the order in which you meet them:
//
//   - app.go: one invocation, from the arguments to the exit status, and the
//     table of verbs; job.go: what all that simulate do alike; run.go,
//     check.go, compare.go, init.go, explain.go and schema.go hold a verb each.
//   - arguments.go reads the command line and finds all that is wrong with
//     it; flags.go says what the values of the flags mean; usage.go turns
//     both, and what is wrong with a file, into diagnostics.
//   - files.go reads, report.go and atomic.go write: a file is there whole
//     or not at all, and never in place of an input. lock.go keeps a folder
//     for one process at a time.
//   - progress.go, screen.go and interrupt.go are the terminal's side: the
//     bar, colours and width, signals.
//   - completion.go tells shells what may come next.
//   - exit.go is the table of exit statuses.
//
// The command does not simulate, judge or draw: internal/study, topologies
// and reports do. Files, clocks, signals and terminals are here and nowhere
// else.
//
// Invariants: standard output holds the answer and nothing else; where the
// input is wrong it stays empty and no file is created; no result depends on
// the terminal, the time or the number of cores.
package main

import "os"

func main() {
	ignoreBrokenPipes()
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
