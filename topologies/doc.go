// Package topologies is the language in which people describe what is to be
// simulated, and the gallery of examples in it.
//
// In the order in which you meet them:
//
//   - [Files] is how the package reaches files; cmd/capsim gives it the real
//     ones. [GalleryFiles] are the examples, embedded.
//   - [Load] reads a topology, and those that it extends (extends.go): guards
//     on size, encoding and nesting first (guard.go), then TOML into a tree
//     that knows the place of every key and value (toml.go), explaining syntax
//     errors (syntax.go), then the same with a second TOML library, which must
//     see the same keys and values (crosscheck.go).
//   - [File.Spec] takes one design: the file, the design's changes and the
//     settings of the command line merged over each other (overlay.go), read
//     into the configuration structs of models/node (config.go; elsewhere.go
//     knows where a misplaced key belongs), then checked
//     and resolved into a [node.Spec] (resolve.go and what it calls), and at
//     last looked at as a whole: circles, deadlocks and nodes that nobody
//     reaches (graph.go), and more work than there are cores or workers
//     (overload.go).
//   - [File.Print] writes out what a design comes to (print.go), the paths of
//     other folders as seen from its own (relocate.go).
//   - Every finding goes into a [kind.Report]. All of a pass are reported, not
//     the first only; a pass that depends on one with errors does not run.
//   - [Limits] lists how much of everything there may be.
//
// The package declares no node and no distribution: their keys are described
// beside their behaviour in models, and read here from those descriptions. It
// simulates nothing; how much work comes to a server is for models/node to
// say. It calls nothing of the operating system.
//
// # Steps and random numbers
//
// The identity of a step is its server, its operation and its way down from
// there: in each list its name, or else its index. So reordering a file
// changes no random number; inserting a step in front of others changes those
// of the ones behind it that have no name.
//
// # Invariants
//
// What a file says is either used or refused: an unknown key is an error, and
// no key is accepted that does nothing. A Spec is returned if and only if the
// report has no error. Reordering the tables of a file gives an equal Spec,
// but for the lines of its objectives. Every finding has a place, in the file,
// a trace or the command line, and a code of kind.Codes. Whatever the bytes,
// reading takes time linear in their number, and memory within a small
// multiple of it.
package topologies
