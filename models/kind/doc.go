// Package kind is what the configuration of a simulation is made of: values
// with the place that they stand at, literals, descriptions of keys, and the
// diagnostics that a person gets who wrote something wrong.
//
// In the order in which you meet them:
//
//   - [Value] and [Table] are a parsed file: the tree of its keys in document
//     order, each with its [Pos]. Package topologies makes them.
//   - [ParseDuration], [ParseRate] and their kin read the literals of the
//     language; a [LiteralError] says what is wrong with one and where.
//   - A configuration struct (models/node has them) describes its keys with
//     struct tags: key, default, bounds, doc, example. [Describe] reads the
//     tags into [Field] values; [Decode] fills the struct from a Table by the
//     same description, so that what is accepted, what is checked and what the
//     manual prints cannot drift apart. This is the only place of capsim that
//     uses reflection.
//   - A [Form] says which types of TOML a key takes, found out by reading one
//     of each: JSON Schema is drawn from it. [Literals] lists the literals.
//   - A type that may be written in more than one way (a distribution, a list
//     of steps, retries) implements [Union] and reads itself from a [Cursor].
//   - Each problem is a [Diagnostic] with a code of [Codes]; a [Report]
//     collects them, orders them by position and prints them as text or JSON.
//
// # The tags of a configuration struct
//
//	key:"instances"     the key in the file; a field without one is not configuration
//	default:"1"         what is used when the key is absent, as it would be written
//	absent:"unlimited"  what absence means, where no value says it
//	required:"yes"      absence is an error
//	min:"1"             smallest value (E302)
//	above:"0s"          the value must be larger than this (E302)
//	max:"1"             largest value (E302)
//	limit:"1000000"     largest value that capsim takes on (E705)
//	doc:"…"             one line for the manual
//	unit:"…"            of a plain number: "objects"
//	formula:"…"         what is computed from the value, where a formula says it best
//	source:"…"          where the formula, or the meaning, is from
//	example:"…"         one line of TOML that uses the key, always correct; it
//	                    begins with a key of the outermost table, or is a step
//
// The package knows no key of the language, opens no file and does not parse
// TOML: models/node declares the keys, topologies reads the files.
//
// Invariants: a Decode leaves no problem unreported and invents no position;
// every key of a file is either read into a field or refused; a message holds
// no control character, no more than 64 characters of any input, and no name
// of a Go type; nothing in the package changes after start-up.
package kind
