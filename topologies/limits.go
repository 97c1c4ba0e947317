package topologies

import (
	"fmt"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
)

// The limits of a topology, each tested at the limit and one past it. The
// limits of single keys stand in their descriptions (models/node, tag limit),
// those of data files in models/records, of distributions in models/dist.
const (
	maxFile       = 4 << 20    // bytes of a topology, the files that it extends included
	maxLine       = 1 << 20    // bytes of one line
	maxKey        = 128        // bytes of one part of a key
	maxDepth      = 32         // nesting of tables and arrays, parts of a dotted key included
	maxHeaders    = 40_000     // [table] headers
	maxKeys       = 150_000    // keys of a file, those in braces included
	maxValues     = 500_000    // commas of a file
	maxItems      = 100_000    // items of one array
	maxNodes      = 10_000     // nodes of a topology
	maxSteps      = 100_000    // steps of all operations together
	maxOperations = 60_000     // different names of operations; node.MaxOperations less those that every file has
	maxRoutes     = 1_000_000  // calls times the servers that each may come to
	maxInstances  = 1_000_000  // instances of all servers together
	maxUsers      = 10_000_000 // users of a closed client, its stages and the load included
	maxPoints     = 10_000_000 // virtual nodes of one balancer
	maxSimulated  = 1<<62 - 1  // nanoseconds of warm-up, run and drain together: 146 years
	maxRunsInAll  = 1_000_000  // designs times replications
	maxTitle      = 1024       // bytes of the title
	maxObjectives = 1_000      // objectives of a file
	maxDesigns    = 1_000      // designs of a file
	maxArgument   = 64 << 10   // bytes of one --set
	maxExtends    = 16         // files that a file extends, one through the other

	maxSpacePoints = 1_000_000 // points of a sweep, and values of a range
	maxPlanPoints  = 100_000   // designs that a plan chooses among
	maxLoadFactor  = 1_000_000 // of the load
)

const (
	maxSyntax      = 20   // syntax errors after which the reader gives up
	maxSuggestions = 200  // errors after which nobody looks for what may have been meant
	tolerance      = 1e-9 // of sums of probabilities
)

// Limit is one limit, for the manual.
type Limit struct {
	What  string
	Value string
	Code  string // of the finding past it
}

// Limits lists all limits of a topology, those of single keys too.
func Limits() []Limit {
	list := []Limit{
		{"bytes of a topology file", fmt.Sprint(maxFile), "E701"},
		{"bytes of a line", fmt.Sprint(maxLine), "E704"},
		{"bytes of a key, a name or one part of a dotted key", fmt.Sprint(maxKey), "E704"},
		{"bytes of the title", fmt.Sprint(maxTitle), "E704"},
		{"bytes of one --set", fmt.Sprint(maxArgument), "E704"},
		{"files that a file extends, one through the other", fmt.Sprint(maxExtends), "E702"},
		{"levels of nesting", fmt.Sprint(maxDepth), "E702"},
		{"[table] headers", fmt.Sprint(maxHeaders), "E703"},
		{"keys of a file", fmt.Sprint(maxKeys), "E703"},
		{"values in the arrays of a file", fmt.Sprint(maxValues), "E703"},
		{"items of an array", fmt.Sprint(maxItems), "E703"},
		{"nodes", fmt.Sprint(maxNodes), "E703"},
		{"steps of all operations together", fmt.Sprint(maxSteps), "E703"},
		{"different names of operations", fmt.Sprint(maxOperations), "E703"},
		{"routes: calls times the servers that each may come to", fmt.Sprint(maxRoutes), "E703"},
		{"objectives", fmt.Sprint(maxObjectives), "E703"},
		{"designs", fmt.Sprint(maxDesigns), "E703"},
		{"instances of all servers together", fmt.Sprint(maxInstances), "E706"},
		{"virtual nodes of one balancer", fmt.Sprint(maxPoints), "E706"},
		{"designs times replications", fmt.Sprint(maxRunsInAll), "E706"},
		{"keys that are varied at once", fmt.Sprint(maxDimensions), "E703"},
		{"points of a sweep", fmt.Sprint(maxSpacePoints), "E706"},
		{"designs that a plan chooses among", fmt.Sprint(maxPlanPoints), "E706"},
		{"users of a closed client", fmt.Sprint(maxUsers), "E705"},
		{"warm-up, run and drain together", "146 years", "E304"},
	}
	note := func(path string, fields []kind.Field) {
		for _, f := range fields {
			if f.Limit != "" {
				list = append(list, Limit{path + f.Key, f.Limit, "E705"})
			}
		}
	}
	note("run.", kind.Describe(node.RunConfig{}))
	for _, row := range node.Kinds {
		note(row.Key+".NAME.", kind.Describe(row.Config()))
	}
	note("retries.", kind.Describe(node.RetriesConfig{}))
	return list
}
