package node

import (
	"sync/atomic"

	"github.com/capsim/capsim/sim"
	"github.com/capsim/capsim/sim/stats"
)

// Run simulates the replication: the warm-up from −Run.Warmup, the window,
// and then on until every counted request has been answered, at most
// Run.Drain longer. It returns a *LimitError if the run became too large, a
// *AssertionError if a law of the simulation did not hold, and ErrStopped if
// stop (which may be nil) became true.
func (n *Network) Run(stop *atomic.Bool) (snap *Snapshot, err error) {
	defer recoverRun(&err)
	n.stop = stop
	n.start(n.spec.Run.Warmup)
	n.scheduleFaults()
	n.scheduleScalers()
	n.scheduleDeploys()
	n.advance(0)
	n.openWindow()
	for w := range n.rows() {
		n.row = w
		n.advance(min(sim.Time(w+1)*n.snap.WindowSize, n.end))
		n.closeRow(w)
		if n.watcher != nil {
			n.watcher(w+1, n.rows())
		}
	}
	n.closeWindow()
	n.drain()
	n.finish()
	return n.snap, nil
}

// Watch lets f know how much of the window has been simulated: it is called
// at the end of each row of the series. Nothing depends on it.
func (n *Network) Watch(f func(done, rows int)) { n.watcher = f }

// FindWarmup runs a pilot from empty for as long as the window and returns
// how long the slowest client's latencies, the slowest cache's hit ratio, and
// the times that messages spend in queues and at work, take to settle (MSER-5,
// White 1997), rounded up to a hundredth of the window. late says that this was
// more than half of it.
func (n *Network) FindWarmup(stop *atomic.Bool) (warmup sim.Time, late bool, err error) {
	defer recoverRun(&err)
	n.stop = stop
	n.pilot = make([]*stats.MSER5, len(n.clients)+len(n.brokers))
	for i := range n.pilot {
		n.pilot[i] = stats.NewMSER5()
	}
	n.pilotCaches()
	n.start(0)
	n.advance(n.end)
	warmup, late = n.settled()
	grain := max(1, n.end/100)
	return (warmup + grain - 1) / grain * grain, late, nil
}

// recoverRun turns the two ways in which a run gives up into errors.
func recoverRun(err *error) {
	switch r := recover().(type) {
	case nil:
	case *LimitError:
		*err = r
	case *AssertionError:
		*err = r
	case stopped:
		*err = ErrStopped
	default:
		panic(r)
	}
}

type stopped struct{}

// ErrStopped is the answer of a run that was asked to stop.
var ErrStopped error = stopError{}

type stopError struct{}

func (stopError) Error() string { return "stopped" }

func (n *Network) start(warmup sim.Time) {
	n.eng.StartAt(-warmup)
	n.warmUp(-warmup)
	n.startProcesses(-warmup)
	n.startTraffic()
	n.startProbes()
	n.startCollectors()
}

// advance lets everything happen that happens before the given time.
func (n *Network) advance(until sim.Time) {
	if n.tracer != nil {
		n.advanceTraced(until)
		return
	}
	for i := 1; ; i++ {
		f, ok := n.eng.Next(until)
		if !ok {
			return
		}
		n.handle(f)
		if i&0x3ff == 0 {
			n.checkRun()
		}
	}
}

// advanceTraced is advance for a run that is watched.
func (n *Network) advanceTraced(until sim.Time) {
	for i := 1; ; i++ {
		f, ok := n.eng.Next(until)
		if !ok {
			return
		}
		n.handle(f)
		n.tracer.look(n)
		if i&0x3ff == 0 {
			n.checkRun()
		}
	}
}

// drain follows the counted requests to their end. Traffic goes on.
func (n *Network) drain() {
	limit := n.end + n.spec.Run.Drain
	for i := 1; n.outstanding > 0; i++ {
		f, ok := n.eng.Next(limit)
		if !ok {
			return
		}
		n.handle(f)
		if n.tracer != nil {
			n.tracer.look(n)
		}
		if i&0x3ff == 0 {
			n.checkRun()
		}
	}
}

func (n *Network) checkRun() {
	if n.stop != nil && n.stop.Load() {
		panic(stopped{})
	}
	if n.eng.Events() > MaxEvents {
		panic(&LimitError{What: "events of one replication", Limit: MaxEvents})
	}
	if now := n.eng.Now(); now != n.lately {
		n.lately, n.since = now, n.eng.Events()
	} else if n.eng.Events()-n.since > MaxEventsAtOnce {
		panic(&LimitError{What: "events at one moment (requests come again at once, and no time passes)", Limit: MaxEventsAtOnce})
	}
}

// rows returns how many rows the series has.
func (n *Network) rows() int {
	return int((n.end + n.snap.WindowSize - 1) / n.snap.WindowSize)
}

// openWindow begins the measurement at time 0: integrals start anew.
func (n *Network) openWindow() {
	n.measuring = true
	for i := range n.nodes {
		nd := &n.nodes[i]
		nd.changed, nd.before = 0, nd.inside
		n.openMemory(nd)
		nd.openPools()
		if nd.broker != nil {
			nd.broker.openQueue()
		}
	}
	for i := range n.insts {
		for st := range n.insts[i].stations() {
			st.restart(0)
		}
		if st := n.insts[i].slots; st != nil {
			st.restart(0)
		}
		if b := n.insts[i].balancer; b != nil {
			for k := range b.ways {
				b.ways[k].conns.each(func(st *station) { st.restart(0) })
			}
		}
	}
}

// windowMark is what the integrals of a node were at the beginning of a row.
type windowMark struct{ cpu, workers, queue, inside, memory, started, cores, channels stats.Sum128 }

// integrals brings the integrals of a node up to now.
func (n *Network) integrals(nd *nodeState) windowMark {
	now := n.eng.Now()
	nd.area.AddProduct(uint64(nd.inside), uint64(now-nd.changed))
	nd.changed = now
	nd.memoryArea.AddProduct(nd.memory, uint64(now-nd.memoryChanged))
	nd.memoryChanged = now
	m := windowMark{inside: nd.area, memory: nd.memoryArea}
	if nd.kind == LoadBalancer && (nd.conns != nil || nd.concurrency > 0) {
		n.accountConnections(nd, &m, now)
	}
	if nd.broker != nil {
		nd.broker.account(n)
		m.queue = nd.broker.area
	}
	if !nd.worked {
		return m
	}
	for i := nd.first; i < nd.first+nd.count; i++ {
		in := &n.insts[i]
		for st := range in.stations() {
			st.account(now)
		}
		m.cpu.AddSum(in.cpu.busyArea)
		m.workers.AddSum(in.workers.busyArea)
		m.queue.AddSum(in.cpu.waits())
		m.queue.AddSum(in.workers.waitArea)
		if in.disk != nil {
			m.queue.AddSum(in.disk.waitArea)
		}
	}
	if nd.concurrency == 0 {
		m.workers = m.inside
	}
	if nd.fleet != nil {
		nd.fleet.account(now)
		m.started = nd.fleet.startedArea
		for i := nd.first; i < nd.first+nd.count; i++ {
			n.channelsUp(i, &m.cores, &m.channels)
		}
	}
	return m
}

// accountConnections brings the integrals of a balancer's limits up to now.
func (n *Network) accountConnections(nd *nodeState, m *windowMark, now sim.Time) {
	for i := nd.first; i < nd.first+nd.count; i++ {
		n.insts[i].workers.account(now)
		for k := range n.insts[i].balancer.ways {
			n.insts[i].balancer.ways[k].conns.each(func(st *station) {
				st.account(now)
				m.queue.AddSum(st.waitArea)
			})
		}
	}
}

// closeRow ends row w of the series.
func (n *Network) closeRow(w int) {
	from := sim.Time(w) * n.snap.WindowSize
	span := float64(n.eng.Now() - from)
	for i := range n.nodes {
		nd := &n.nodes[i]
		if nd.kind == Client {
			continue
		}
		m, was := n.integrals(nd), nd.mark
		nd.stats.Series[w] = NodeWindow{
			CPU:      mean(m.cpu, was.cpu, span),
			Workers:  mean(m.workers, was.workers, span),
			Queue:    mean(m.queue, was.queue, span),
			InFlight: mean(m.inside, was.inside, span),
			Started:  mean(m.started, was.started, span),
			CoresUp:  mean(m.cores, was.cores, span), WorkersUp: mean(m.channels, was.channels, span),
			Memory: mean(m.memory, was.memory, span),
		}
		nd.mark = m
	}
}

func mean(to, from stats.Sum128, span float64) float64 {
	to.Sub(from)
	return to.Float64() / span
}

// Pilot is the replication number of the run that looks for the warm-up. Its
// random numbers are its own.
const Pilot = -1
