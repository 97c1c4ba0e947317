// Package manual is the manual of the language: what `capsim explain` prints,
// docs/language.md, and a JSON Schema for editors.
//
// Nothing in it is written down twice. Every page is drawn from the
// descriptions that the reader of topologies itself works by: the tags of the
// configuration structs, the tables of distributions, arrival processes,
// policies, metrics and limits, the codes of diagnostics. A key that is added
// there is in the manual, and in the schema, at once.
//
// In the order in which you meet them:
//
//   - A [Book] is all [Page]s by path ("server.instances", "lognormal",
//     "E302"), in chapters; [New] draws it.
//   - [Book.Find] looks a topic up, [Book.Near] says what may have been meant,
//     [Book.Topic] finds the page of the key that a diagnostic is about.
//   - [Book.Text] sets pages for a terminal, [Book.Markdown] the whole book.
//   - [Schema] draws the JSON Schema; [Settings] and [Book.Words] tell a shell
//     what --set may change, and to what.
//   - [Advise] gives diagnostics that have no hint one: where to read on.
//
// The package reads no files and knows no terminal: cmd/capsim does.
//
// Invariants: each page has a text and an example that is right; the order of
// pages is that of the descriptions; the same book every time.
package manual
