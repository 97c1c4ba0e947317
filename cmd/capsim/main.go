// Command capsim is a deterministic capacity-planning simulator: it reads a
// topology written in TOML and answers with latencies, throughput, errors
// and utilisation, and how sure it is of them.
package main

import "os"

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
