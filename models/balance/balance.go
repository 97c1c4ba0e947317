package balance

import "github.com/capsim/capsim/sim"

// Request is what a policy may know of the request.
type Request struct {
	Hash   uint64   // of its operation and key
	Source uint64   // the address that it comes from
	Now    sim.Time // when it is sent
}

// Policy chooses the instance that gets the next request. A policy may keep
// state: each group has its own.
type Policy interface {
	// Pick returns an instance of g that may be chosen; there is one. Random
	// choices come from s only.
	Pick(g *Group, r Request, s *sim.Stream) int
}

// Watcher is implemented by policies that keep something in order which
// depends on what the group knows of an instance.
type Watcher interface {
	// Changed says that the requests in flight, the weight or the eligibility
	// of instance i are others than before.
	Changed(g *Group, i int)
}

// Learner is implemented by policies that learn from answers.
type Learner interface {
	// Learned says that instance i took so long for a request that was
	// answered now.
	Learned(g *Group, i int, took, now sim.Time)
}

// Options are the settings of policies that have any.
type Options struct {
	Instances int
	Weights   []float64 // one for each instance; nil: all alike
}

// Row is one policy of the language.
type Row struct {
	Name string
	Doc  string
	New  func(o Options) Policy
}

// Table lists the policies by name.
var Table = []Row{
	{"least-connections", "the instance with the fewest requests of this balancer in flight; ties go round in turn", func(Options) Policy { return &leastConnections{} }},
	{"random", "any instance, each as likely", func(Options) Policy { return random{} }},
	{"round-robin", "one after the other, in the order of the file", func(Options) Policy { return &roundRobin{} }},
	{"url-hash", "always the same instance for the same operation and key", func(Options) Policy { return urlHash{} }},
}

func newPolicy(name string, o Options) Policy {
	for _, row := range Table {
		if row.Name == name {
			return row.New(o)
		}
	}
	return nil
}
