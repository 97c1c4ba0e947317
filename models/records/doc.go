// Package records reads files that hold one record a line, logs and CSV
// tables, strictly, within limits, and with the place of every problem.
//
// In the order in which you meet them:
//
//   - [Open] starts reading lines. Gzip is recognised by its first bytes, a
//     byte order mark and CRLF line ends are tolerated, and what is plainly
//     something else (an HTML page, a Git LFS pointer, another compression)
//     is named as such. [Limits] bound the memory whatever the file holds.
//   - [OpenCSV] reads the header of a table; [CSV.Next] its rows, as [Cell]
//     values that know where they stand.
//   - [Decimal] and [Nanoseconds] read plain decimal numbers: strconv would
//     take nan, Infinity, 0x1p4 and 1_000 as well.
//   - [Problems] collects what is wrong: up to twenty [Problem] values, each
//     with line and columns.
//
// What the package does not do: it knows no time stamps, no arrivals and no
// distributions (packages arrival and dist read theirs with it), and it opens
// no file: it is given a reader.
//
// A quoted CSV field may not span lines. RFC 4180 allows it, but then one
// forgotten quote swallows the rest of the file, and the message could only
// say that something went wrong somewhere.
//
// Invariants: memory is bounded by the longest row allowed; every line is
// counted, blank and comment lines too, so that positions are those of an
// editor; columns count characters (code points) from 1.
package records
