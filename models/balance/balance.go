package balance

import "github.com/capsim/capsim/sim"

// Backends is what a policy may know of the instances it chooses among.
type Backends struct {
	// InFlight counts, by instance, the requests that this balancer sent
	// there and that are neither answered nor given up.
	InFlight []int32
	// Avoid is an instance that must not be chosen if there is another: the
	// one that has the first copy of a hedged request. Nobody: none.
	Avoid int
}

// Nobody is the index of no instance.
const Nobody = -1

// others returns how many instances may be chosen.
func (b *Backends) others() int {
	n := len(b.InFlight)
	if b.Avoid >= 0 && n > 1 {
		n--
	}
	return n
}

// other returns the instance that bears number i among those that may be
// chosen.
func (b *Backends) other(i int) int {
	if b.Avoid >= 0 && len(b.InFlight) > 1 && i >= b.Avoid {
		i++
	}
	return i
}

// avoided reports whether instance i must not be chosen.
func (b *Backends) avoided(i int) bool { return i == b.Avoid && len(b.InFlight) > 1 }

// Request is what a policy may know of the request.
type Request struct {
	Hash uint64 // of its operation and key
}

// Policy chooses the instance that gets the next request. A policy may keep
// state: each balancer has its own.
type Policy interface {
	// Pick returns an index into b.InFlight, which is not empty. Random
	// choices come from s only.
	Pick(b *Backends, r Request, s *sim.Stream) int
}

// Row is one policy of the language.
type Row struct {
	Name string
	Doc  string
	New  func() Policy
}

// Table lists the policies by name.
var Table = []Row{
	{"least-connections", "the instance with the fewest requests of this balancer in flight; ties go round in turn", func() Policy { return &leastConnections{} }},
	{"random", "any instance, each as likely", func() Policy { return random{} }},
	{"round-robin", "one after the other, in the order of the file", func() Policy { return &roundRobin{} }},
	{"url-hash", "always the same instance for the same operation and key", func() Policy { return urlHash{} }},
}

// New returns a fresh policy of that name, nil if there is none.
func New(name string) Policy {
	for _, row := range Table {
		if row.Name == name {
			return row.New()
		}
	}
	return nil
}
