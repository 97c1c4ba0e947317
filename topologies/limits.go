package topologies

// The limits of the language, each tested at the limit and one past it. The
// limits of single keys stand in their descriptions (models/node, tag limit);
// Limits lists those too.
const (
	maxFile        = 4 << 20    // bytes of a topology
	maxLine        = 1 << 20    // bytes of one line
	maxKey         = 128        // bytes of one part of a key
	maxDepth       = 32         // nesting of tables and arrays, parts of a dotted key included
	maxHeaders     = 40_000     // [table] headers
	maxValues      = 500_000    // values in a file
	maxItems       = 100_000    // items of one array
	maxNodes       = 10_000     // nodes of a topology
	maxSteps       = 100_000    // steps of all operations together
	maxRoutes      = 1_000_000  // calls times the servers that each may come to
	maxSuggestions = 200        // errors after which nobody looks for what may have been meant
	maxInstances   = 1_000_000  // instances of all servers together
	maxSyntax      = 20         // syntax errors before the reader gives up
	maxArgument    = 64 << 10   // bytes of one --set
	maxTrace       = 1 << 30    // bytes of a trace, unpacked
	maxData        = 64 << 20   // bytes of a data file of a distribution
	maxUsers       = 10_000_000 // users of a closed client
	maxSimulated   = 1<<62 - 1  // nanoseconds of warm-up, run and drain together: 146 years
	maxRunsInAll   = 1_000_000  // designs times replications
	maxObjectives  = 1_000      // objectives of a file
	maxDesigns     = 1_000      // designs of a file
	tolerance      = 1e-9       // of sums of probabilities
)
