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
	// answered now, or has not answered one for so long that is given up.
	Learned(g *Group, i int, took, now sim.Time, answered bool)
}

// Options are the settings of policies that have any. What a policy has no
// use for it does not look at.
type Options struct {
	Instances    int
	Weights      []float64 // one for each instance, more than 0; nil: all alike
	Names        []uint64  // what consistent-hash hashes of each instance; nil: its number
	Choices      int       // of power-of-two; 0: 2
	VirtualNodes int       // of consistent-hash, of an instance of weight 1; 0: DefaultVirtualNodes
	LoadFactor   float64   // of consistent-hash, at least 1; 0: no bound

	replacement bool // power-of-two may draw the same instance twice: only the tests do
}

// Row is one policy of the language.
type Row struct {
	Name     string
	Doc      string
	Source   string
	Weighted bool     // weights count
	Fixed    bool     // what each gets does not depend on how the others do, nor on the requests
	Settings []string // the keys of the language that are its own
	Hashes   Hashed   // what of a request decides where it goes
	New      func(o Options) Policy
}

// Hashed is what of a request is hashed.
type Hashed uint8

// What may be hashed: nothing, its operation and key, or its source.
const (
	HashesNothing Hashed = iota
	HashesKey
	HashesSource
)

// Table lists the policies by name.
var Table = []Row{
	{
		Name:     "consistent-hash",
		Doc:      "the same instance for the same operation and key, by a ring of virtual nodes: an instance that leaves takes only its own keys with it; with load_factor, one that has its share goes over to the next on the ring",
		Source:   "D. Karger et al., STOC 1997; 160 virtual nodes as in ketama and nginx (ngx_http_upstream_hash_module); bounded loads: V. Mirrokni, M. Thorup, M. Zadimoghaddam 2016",
		Weighted: true, Settings: []string{"virtual_nodes", "load_factor"}, Hashes: HashesKey,
		New: func(o Options) Policy { return newRing(o) },
	},
	{
		Name:     "ip-hash",
		Doc:      "always the same instance for the same source address; while that instance is out, another by a further hash of the address",
		Source:   "nginx, ip_hash (ngx_http_upstream_ip_hash_module)",
		Weighted: true, Hashes: HashesSource,
		New: func(o Options) Policy { return newHashed(o, true) },
	},
	{
		Name:   "least-connections",
		Doc:    "the instance with the fewest requests of this balancer in flight; ties go round in turn",
		Source: "nginx, least_conn; HAProxy, leastconn",
		New: func(o Options) Policy {
			if o.Weights != nil {
				return newWeightedLeast(o)
			}
			return newLeastConnections(o)
		},
	},
	{
		Name:   "least-response-time",
		Doc:    "the instance with the least cost: a moving average of its response times that jumps up to a longer one at once and decays with a time constant of 10 s, times its requests in flight and one; one that has not answered yet comes first while it has no request, last while it has",
		Source: "peak EWMA: Twitter Finagle, loadbalancer/PeakEwma.scala, decayTime 10 s; also linkerd",
		New:    func(o Options) Policy { return newPeakEWMA(o) },
	},
	{
		Name:     "power-of-two",
		Doc:      "two different instances are drawn, the one with fewer requests of this balancer in flight gets the request, of two alike either; choices says how many are drawn; weights count in the draw and divide the requests, as in nginx",
		Source:   "M. Mitzenmacher, IEEE TPDS 12(10), 2001; nginx, random two least_conn",
		Weighted: true, Settings: []string{"choices"},
		New: func(o Options) Policy { return newPowerOfTwo(o) },
	},
	{
		Name:     "random",
		Doc:      "any instance, each as likely as its weight",
		Source:   "nginx, random; HAProxy, random",
		Weighted: true,
		Fixed:    true,
		New: func(o Options) Policy {
			if o.Weights != nil {
				return newWeightedRandom(o)
			}
			return random{}
		},
	},
	{
		Name:   "round-robin",
		Doc:    "one after the other, in the order of the file",
		Source: "nginx and HAProxy, where all weights are alike",
		Fixed:  true,
		New: func(o Options) Policy {
			if o.Weights != nil {
				return newSmooth(o)
			}
			return &roundRobin{}
		},
	},
	{
		Name:     "url-hash",
		Doc:      "always the same instance for the same operation and key; while that instance is out, another by a further hash",
		Source:   "nginx, hash $request_uri (ngx_http_upstream_hash_module)",
		Weighted: true, Hashes: HashesKey,
		New: func(o Options) Policy { return newHashed(o, false) },
	},
	{
		Name:     "weighted-least-connections",
		Doc:      "the instance with the fewest requests of this balancer in flight for its weight: their number divided by the weight; ties go round in turn, by weight",
		Source:   "nginx, least_conn with weights",
		Weighted: true,
		New:      func(o Options) Policy { return newWeightedLeast(o) },
	},
	{
		Name:     "weighted-round-robin",
		Doc:      "in turn, each as often as its weight and spread as evenly as that allows: weights 5, 1, 1 give a a b a c a a",
		Source:   "nginx, smooth weighted round robin (ngx_http_upstream_round_robin)",
		Weighted: true,
		Fixed:    true,
		New:      func(o Options) Policy { return newSmooth(o) },
	},
}

// Lookup returns the row of a policy; false if there is none of that name.
func Lookup(name string) (Row, bool) {
	for _, row := range Table {
		if row.Name == name {
			return row, true
		}
	}
	return Row{}, false
}
