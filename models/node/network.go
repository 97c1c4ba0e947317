package node

import (
	"sync/atomic"

	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/balance"
	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
	"github.com/capsim/capsim/sim/stats"
)

// Limits of one replication. Reaching one ends the run with a [LimitError].
const (
	// MaxInFlight bounds requests, calls and branches in flight together.
	MaxInFlight = sim.MaxSlots
	// MaxEvents bounds the events of one replication.
	MaxEvents = 20_000_000_000
	// MaxEventsAtOnce bounds those of one moment: users without think time who
	// are refused at once would come again for ever.
	MaxEventsAtOnce = 50_000_000
	// MaxRounds bounds the rounds of one repeat step and the requests of one
	// session.
	MaxRounds = 1_000_000
	// MaxOperations bounds the different names of operations in a file.
	MaxOperations = 1<<16 - 1
)

// Network is a topology in operation: the state of one replication.
type Network struct {
	spec        *Spec
	eng         sim.Engine
	replication int
	end         sim.Time // of the window
	measuring   bool     // within the window
	row         int      // of the series, that now lies in
	outstanding int      // counted requests that have not ended
	lately      sim.Time // when checkRun last looked
	since       uint64   // how many events there had been when it became lately

	code     []instr
	nodes    []nodeState
	insts    []instance
	clients  []client
	opHashes []uint64 // of the operations' names: their numbers depend on what else there is
	guards   []guard  // of the calls with a breaker or a budget, by instance
	net      *wires   // nil: no time passes between nodes
	flights  *flights // nil: no cache lets one miss go at a time
	cancels  bool     // a client stops what it gives up
	faults   *faults  // nil: nothing goes wrong on purpose
	cuts     *cuts    // nil: nothing parts anybody
	hangs    bool     // an instance may stand still
	slows    bool     // work may take longer
	lags     bool     // what comes in may be delayed
	hedges   bool     // a call may have a second copy
	brokers  []*broker
	scaled   []scaler // of the servers that are scaled
	deployed []deployRun
	probers  []prober // of all balancers' health checks
	probePC  uint32   // what a probe runs
	rares    bool     // priorities, or calls with a key of their own
	sourced  bool     // somebody asks where a request comes from
	turning  bool     // cores are shared, or taken away again
	owners   []uint64 // of the requests: the user or session; 0: none
	owned    bool     // somebody asks for owners

	frames       []frame
	cold         []coldFrame
	rare         []rareFrame
	turns        []turn // by frame; empty unless turning
	freeFrame    uint32
	slots        int
	reqs         []request
	freeRequest  uint32
	requests     uint64
	tallies      []tally // of the requests that are followed
	spareTallies []uint32
	joins        []join
	freeJoin     uint32

	ready   []uint32   // frames that were given a worker and are to run on
	scratch sim.Stream // for draws through an interface: a local would escape

	snap       *Snapshot
	pilot      []*stats.MSER5 // by client, and then by queue; nil but in a pilot
	cachePilot []cachePilot   // by node; nil but in a pilot
	stop       *atomic.Bool
	tracer     *tracer              // nil: nothing is written down
	choosers   []chooser            // by client; nil: nothing is to be chosen
	opNames    []string             // by number
	stepNames  []string             // by instruction: which step of its operation it is of; "" if of none
	watcher    func(done, rows int) // nil: nobody watches
}

// nodeState is a node in operation.
type nodeState struct {
	kind   Kind
	rank   uint32 // place in the order of names
	first  uint32 // of its instances
	count  uint32
	turn   uint32    // of the instances, for callers without a balancer
	shared *balancer // of those callers, where they have a policy; nil: the instances take turns
	placer placer    // of those callers, where it matters what they ask for; nil: it does not
	client *client   // of a client
	cache  *caching  // of a cache; nil: it is none
	worked bool      // its instances have cores
	near   bool      // those who call it are at the same place, wherever that is
	broker *broker   // of a queue
	hop    uint64    // its name, hashed, for the messages to it

	entries []entry // where its operations begin

	concurrency  int32 // workers; 0: no limit
	backlog      int32 // None: no limit
	queueTimeout timed // longest wait for a worker

	choosy  bool       // it may turn requests away, for whatever reason
	gated   bool       // there is one of the next two
	wears   bool       // its requests hold memory, leak, or leave garbage
	rate    *RateLimit // nil: none
	buckets []bucket   // of the instances, if there is a rate limit
	shed    sim.Time   // longest wait of the next in line for a worker; 0: no limit
	pools   []nodePool
	use     *memoryUse // nil: nothing holds its memory

	inside   int64  // visits
	fleet    *fleet // nil: its instances are always there
	before   int64  // visits inside when the window began
	changed  sim.Time
	area     stats.Sum128 // ∫ inside dt
	sojourns stats.Sum128 // clipped to the window

	stats         *NodeStats
	cpu           meter
	workers       meter
	disk          *meter        // nil: no disk steps
	wire          *netInterface // its network interface; nil: no limit
	conns         *meter        // a balancer's connections to its targets; nil: no limit
	slots         *meter        // a database's connections; nil: no limit
	database      *database     // of one; nil: it is none
	replication   *replication  // of a database; nil: its replicas, if any, have all that is written
	memory        uint64        // bytes that are held
	memoryArea    stats.Sum128
	memoryChanged sim.Time
	mark          windowMark // what the integrals were when the row of the series began
	collector     *collector // nil: nothing stops it for its garbage
}

// entry is where an operation of a node begins.
type entry struct {
	op, pc   uint32
	priority *int32 // of its visits; nil: what they come with
}

// instance is one machine of a node.
type instance struct {
	node     uint32
	zone     int32 // or beyond
	at       *nodeState
	cpu      station
	workers  station
	wire     *station  // nil: no limit
	disk     *station  // nil: no disk steps
	slots    *station  // a database's connections; nil: no limit
	balancer *balancer // of a balancer
	arrivals uint64
	state    fault.State
	hang     *hang    // what stands still; nil: it never does
	ailment  *ailment // nil: no fault does anything else to it
}

// client is a source of traffic in operation.
type client struct {
	node    uint32
	index   uint32
	at      *nodeState
	attempt *instr // that its requests begin with
	spec    *ClientSpec
	seed    uint64
	stream  sim.Stream // arrivals
	process arrival.Process
	row     int32
	number  uint64 // of requests so far
	source  uint32 // its frame
	direct  bool   // its requests need no frame: no time-out, no retries, nothing that is lost

	weights picker
	sources []uint64    // of the trace
	sizes   []float64   // of the answers, of the trace
	rowOps  []uint16    // of the trace
	keys    []uint64    // of the trace
	columns [][]float64 // of the trace, by Network-wide column number
	ops     []uint16    // Network-wide numbers of the client's operations

	limits []sim.Time // of `within` objectives

	people    *arrival.Population
	users     []user
	sessions  []session
	idle      uint32 // free list of sessions
	begun     uint64 // sessions so far
	surge     *surge // nil: no more ever come
	following following
	active    int // users that there should be

	stats *ClientStats
}

// user is one of a closed client's: how many requests it has sent.
type user struct {
	sent  uint64
	alive bool
}

// session is a user who came, sends some requests and goes.
type session struct {
	seed uint64
	sent uint32
	left uint32
	next uint32 // free list
}

// balancer is an instance of a load balancer in operation, or all that call
// a node directly.
type balancer struct {
	inst    uint32 // itself; none of the callers of a node
	ways    []way  // its targets, and then those of its routes
	waiting int    // requests, for a connection
	stream  sim.Stream
}

// way is where a balancer sends some of its requests: what its policy chooses
// among, and what it remembers about that.
type way struct {
	group    *balance.Group
	insts    []uint32     // of the group
	conns    *connections // nil: no limit
	bound    *bindings    // nil: nothing sticks
	ramp     *ramp        // nil: no slow start
	outliers []outlier    // by member of the group; nil: none is ever ejected
}

// timed is a law of time, prepared for speed: constants have a lane.
type timed struct {
	law    dist.Law // nil: never
	kind   lawKind
	lane   int32   // -1: not constant
	value  float64 // the constant, the mean of an exponential, or the scale of a trace
	shift  float64 // of a trace
	column int32   // of a trace
	hashed uint64  // its identity, for sim.MixHashed
	speed  float64 // divides it
	rank   uint32  // of the node
}

type lawKind uint8

const (
	noLaw lawKind = iota
	constantLaw
	exponentialLaw
	traceLaw
	otherLaw
)

// sample draws from the law for frame f, in the law's unit.
func (n *Network) sample(t *timed, f uint32) float64 {
	c := &n.cold[f]
	switch t.kind {
	case constantLaw:
		return t.value
	case exponentialLaw:
		s := sim.Keyed(sim.MixHashed(c.seed, t.hashed))
		return t.value * s.Exp()
	case traceLaw:
		q := &n.reqs[n.frames[f].req]
		return float64(n.clients[q.client].columns[t.column][q.row]*t.value) + t.shift
	default:
		n.scratch = sim.Keyed(sim.MixHashed(c.seed, t.hashed))
		return t.law.Sample(&n.scratch)
	}
}

// settle runs every frame that was given a worker in the course of an event.
func (n *Network) settle() {
	for i := 0; i < len(n.ready); i++ {
		f := n.ready[i] // none for one that was cancelled meanwhile
		n.ready[i] = none
		n.resume(f)
	}
	n.ready = n.ready[:0]
}

// resume runs frame f, and what its end lets run, until everything waits.
func (n *Network) resume(f uint32) {
	for f != none {
		if n.hangs && n.stall(f) {
			return
		}
		f = n.step(f)
	}
}

// handle does what the event for slot f means.
func (n *Network) handle(f uint32) {
	if n.hangs && n.postpone(f) {
		return
	}
	switch n.frames[f].state {
	case onCore, onDisk:
		n.resume(n.worked(f))
	case inDelay:
		n.resume(n.delayDone(f))
	case lagging:
		n.resume(n.lagOver(f))
	case source:
		n.arrive(f)
	case thinking:
		n.thought(f)
	case forAnswer:
		n.resume(n.callTimedOut(f))
	case forCopies:
		n.resume(n.hedge(f))
	case inBackoff:
		n.resume(n.pauseOver(f))
	case receiving, sending:
		n.resume(n.transmitted(f))
	case outbound:
		n.resume(n.reach(f))
	case homebound:
		n.resume(n.deliver(f, Status(n.cold[f].limit)))
	case forWorker:
		n.resume(n.waitedTooLong(f))
	case forConnection:
		n.resume(n.noConnection(f))
	case forPool:
		n.resume(n.acquiredTooLate(f))
	case resting:
		n.restOver(f)
	case opening:
		n.resume(n.opened(f))
	case shipped:
		n.resume(n.shippedTo(f))
	case population:
		n.peopleChange(f)
	case ticking:
		n.resume(n.shareDone(f))
	case faultDue:
		n.faultChanges(f)
	case steering:
		n.helmDue(f)
	case probing:
		n.probeDue(f)
	case probeOutbound:
		n.probeArrives(f)
	case probeHomebound:
		n.probeBack(f)
	case ejected:
		n.ejectionOver(f)
	default:
		n.control(f)
	}
	if len(n.ready) > 0 {
		n.settle()
	}
}

// control handles the events of what comes and goes, and of what stops it.
func (n *Network) control(f uint32) {
	switch n.frames[f].state {
	case lifeDue:
		n.lifeChanges(f)
	case deployDue:
		n.deployComes(f)
	case scaleDue:
		n.controls(f)
	case collecting:
		n.collects(f)
	case exhausted:
		n.exhaustion(f)
	default:
		n.violated(n.insts[n.frames[f].inst].node, "an event came for a frame that waits for none")
	}
}
