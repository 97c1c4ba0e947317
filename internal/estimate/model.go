package estimate

import (
	"github.com/capsim/capsim/models/balance"
	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/node"
)

// model is a topology on its way to an Estimate.
type model struct {
	spec   *node.Spec
	flow   *node.Flow
	stores []*store // of each cache whose content is seen

	rates  []float64 // visits per second of each row
	closed []float64 // of these, for users who wait for their answers
	seen   float64   // share of the closed rates that an arrival of them finds
	only   bool      // there is no open client

	places  []place // of all nodes
	sources []source
	passing map[passage]*passed
	loops   bool // some operation calls itself
	bare    bool // nobody waits at the instance that is looked at
	idle    bool // nobody waits anywhere
	fixed   bool // the waits have been found for the network as a whole

	asked   [][]stream // of nodes that are no servers; nil: not known yet
	assumed []Assumption
}

// passage is a request for an operation of a node that is no server.
type passage struct {
	node int
	op   string
}

type passed struct {
	visit
	busy bool // being computed
}

// source is a client at work.
type source struct {
	node  int
	rate  float64 // requests per second
	users int     // of a closed one; 0: it is open
	think float64 // mean, in seconds
	least float64 // seconds that a request lasts if nobody waits for anything
}

// place is a node with its queues.
type place struct {
	at     int
	node   *node.Node
	by     policyKind
	among  int  // how many instances a policy chooses among, those of other nodes too; 0: none does
	known  bool // the policy is one that is known to share out at random, or in turn
	zones  []float64
	arrive float64 // squared coefficient of variation between arrivals

	work   []work
	groups []group
	visits []visit // of each operation, once known
	state  []uint8 // 0 not looked at, 1 being looked at, 2 known
	ready  bool    // the waits of the groups are known

	clean  bool   // keeps product form
	exact  bool   // its figures are exact
	reason string // why not
	own    string // what keeps the node itself from product form
}

// group is instances of a node that are alike.
type group struct {
	count int
	role  bool      // replicas of a database, which also apply what others write
	share []float64 // of the visits to each operation that comes to one of them

	cpu, disk line
	crew      crowd
	crewed    bool
	held      float64 // seconds that a visit holds its worker if nobody waits
	hold      float64 // wait for a worker
	holdOdds  float64
	pools     []line
}

// line is what one kind of visit finds at a station.
type line struct {
	queue
	among  int // stations like it
	wait   float64
	odds   float64    // that there is a wait
	before [2]float64 // waits that were found the last time
}

// work is what one visit to an operation asks of the instance.
type work struct {
	cpu, disk demand
	pools     []float64 // calls through each pool
}

// demand is the service that one visit asks of a station, over all its steps.
type demand struct {
	visits, mean, second float64
	exponential          bool // all steps are, with one mean
	each                 float64
}

func (d *demand) add(times float64, m moments, exponential bool) {
	if times == 0 {
		return
	}
	if d.visits == 0 {
		d.each, d.exponential = m.mean, exponential
	}
	d.exponential = d.exponential && exponential && m.mean == d.each
	d.visits += times
	d.mean += float64(times * m.mean)
	d.second += float64(times * (m.variance + float64(m.mean*m.mean)))
}

func newModel(spec *node.Spec) *model {
	m := &model{spec: spec, passing: map[passage]*passed{}}
	m.clients()
	m.caches()
	m.places = make([]place, len(spec.Nodes))
	for i := range spec.Nodes {
		m.place(i)
	}
	m.policies()
	return m
}

// clients takes in who sends what.
func (m *model) clients() {
	m.only = true
	for i := range m.spec.Nodes {
		c := m.spec.Nodes[i].Client
		switch {
		case c == nil:
		case c.Open != nil:
			m.only = false
			m.sources = append(m.sources, source{node: i, rate: c.MeanRate(m.spec.Run.Duration)})
		case c.Closed.Initial > 0:
			s := source{node: i, users: c.Closed.Initial}
			if c.Think != nil {
				s.think = c.Think.Mean() / 1e9
			}
			m.sources = append(m.sources, s)
		default:
			m.sources = append(m.sources, source{node: i})
		}
	}
}

// place lays out the queues of a node.
func (m *model) place(i int) {
	n, p := &m.spec.Nodes[i], &m.places[i]
	p.at, p.node, p.arrive, p.known = i, n, 1, true
	switch {
	case n.Server != nil:
		for k := range n.Server.Ops {
			w := work{pools: make([]float64, len(n.Server.Pools))}
			m.gather(n.Server, n.Server.Ops[k].Steps, 1, &w)
			p.work = append(p.work, w)
		}
		shares, known := m.spec.InstanceShares(i)
		if !known {
			m.assume(i, "which instance gets how much is not known: all alike")
		}
		p.groups = groupsOf(shares, n.Server.Ops, func(i int) bool {
			return n.Database != nil && i%n.Database.PerShard() > 0
		})
	case n.Cache != nil && n.Cache.Cores > 0 && n.Cache.Latency != nil:
		w := work{}
		w.cpu.add(1, timeOf(n.Cache.Latency, 1), exponential(n.Cache.Latency))
		p.work = []work{w}
		p.groups = groupsOf([][]float64{m.spec.HolderShares(i)}, nil, func(int) bool { return false })
	default:
		p.work = make([]work, 1)
	}
	p.visits, p.state = make([]visit, len(p.work)), make([]uint8, len(p.work))
	for g := range p.groups {
		p.groups[g].pools = make([]line, len(p.work[0].pools))
	}
}

// groupsOf puts instances that get the same together: of even shares all.
func groupsOf(shares [][]float64, ops []node.Operation, role func(i int) bool) []group {
	var out []group
	if len(shares) == 0 {
		return nil
	}
	for i := range shares[0] {
		share := make([]float64, max(1, len(ops)))
		for k := range share {
			share[k] = shares[k][i]
		}
		if last := len(out) - 1; last >= 0 && out[last].role == role(i) && alike(out[last].share, share) {
			out[len(out)-1].count++
			continue
		}
		out = append(out, group{count: 1, role: role(i), share: share})
	}
	return out
}

func alike(a, b []float64) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// gather adds up what steps ask of their instance, times times.
func (m *model) gather(v *node.ServerSpec, steps []node.Step, times float64, w *work) {
	for i := range steps {
		s := &steps[i]
		switch s.Kind {
		case node.StepCPU:
			w.cpu.add(times, timeOf(s.Time, v.CoreSpeed()), exponential(s.Time))
		case node.StepDisk:
			mean, variance := v.DiskTime(s)
			w.disk.add(times, moments{mean, variance}, s.Time != nil && exponential(s.Time))
		}
		if k := poolOf(v, s); k >= 0 {
			w.pools[k] += float64(times * m.flow.Attempts(s))
		}
		for j, b := range s.Branches {
			m.gather(v, b, float64(times*m.flow.Begun(s, j)), w)
		}
		times = float64(times * m.flow.Survival(s))
	}
}

// poolOf is the pool that a call goes through, -1 if there is none.
func poolOf(v *node.ServerSpec, s *node.Step) int {
	if s.Calls() {
		for k := range v.Pools {
			if v.Pools[k].To == s.Target.Node {
				return k
			}
		}
	}
	return -1
}

// timeOf is a law of nanoseconds in seconds, at a speed. Of a trace's column
// nothing is known: NaN.
func timeOf(law dist.Law, speed float64) moments {
	if law == nil {
		return moments{}
	}
	each := 1e9 * speed
	return moments{law.Mean() / each, law.Variance() / float64(each*each)}
}

func exponential(law dist.Law) bool {
	_, yes := law.(dist.Exponential)
	return yes
}

// policies finds out how the instances of each node are chosen among: by a
// balancer in front, or by those who call it directly.
func (m *model) policies() {
	names, among := make([]string, len(m.spec.Nodes)), make([]int, len(m.spec.Nodes))
	for i := range m.spec.Nodes {
		b := m.spec.Nodes[i].Balancer
		if b == nil {
			continue
		}
		name := b.Policy
		if b.Sticky != nil {
			name = "ip-hash" // who came first decides, which is nearly random
		}
		for _, way := range b.Ways() {
			total := 0
			for _, target := range way {
				total += m.spec.Nodes[target].AtStart()
			}
			for _, target := range way {
				names[target], among[target] = name, total
			}
		}
	}
	for i := range m.places {
		p := &m.places[i]
		if p.node.Server == nil {
			continue
		}
		p.among = among[i]
		if p.among == 0 {
			p.among = p.node.AtStart()
		}
		if d := p.node.Database; d != nil {
			p.among = max(1, d.Replicas)
		}
		if p.among < 2 {
			continue
		}
		name := names[i]
		if name == "" {
			name = p.node.Server.Balance
		}
		p.by, p.known = policyOf(name)
	}
}

func policyOf(name string) (by policyKind, known bool) {
	switch name {
	case "", "round-robin", "weighted-round-robin":
		return byTurn, true
	case "least-connections", "weighted-least-connections", "least-response-time":
		return byLeast, false
	case "power-of-two":
		return byTwo, false
	case "random":
		return bySplit, true
	}
	row, _ := balance.Lookup(name)
	return bySplit, row.Hashes == balance.HashesNothing
}

// settle sets the rates of visits to what the sources send.
func (m *model) settle() {
	rows := m.flow.Rows()
	if m.rates == nil {
		m.rates, m.closed = make([]float64, rows), make([]float64, rows)
	}
	clear(m.rates)
	clear(m.closed)
	all, found := 0.0, 0.0
	for _, s := range m.sources {
		for k, v := range m.flow.Visits(s.node) {
			part := float64(s.rate * v)
			m.rates[k] += part
			if s.users > 0 {
				m.closed[k] += part
			}
		}
		if s.users > 0 {
			all += s.rate
			found += float64(s.rate*float64(s.users-1)) / float64(s.users)
		}
	}
	m.seen = 1
	if all > 0 {
		m.seen = found / all
	}
	for i := range m.places {
		m.places[i].ready = false
		clear(m.places[i].state)
	}
	clear(m.passing)
}

// rate is the rate of visits to a node, all operations together.
func (m *model) rate(i int) float64 {
	total := 0.0
	for k := range m.places[i].work {
		total += m.rates[m.flow.Row(i, k)]
	}
	return total
}

// hop is how long a message from one node to another takes, on average over
// their instances.
func (m *model) hop(from, to int) moments {
	s, a, b := m.spec.Network, &m.spec.Nodes[from], &m.spec.Nodes[to]
	if s == nil || b.CDN != nil && b.CDN.Shields == node.None {
		return moments{}
	}
	if len(a.Zones) == 0 || len(b.Zones) == 0 {
		return timeOf(s.Internet, 1)
	}
	mixed := moments{}
	for i, p := range m.zonesOf(from) {
		for j, q := range m.zonesOf(to) {
			if p > 0 && q > 0 {
				mixed.mix(float64(p*q), timeOf(between(s, i, j), 1))
			}
		}
	}
	return mixed.settled()
}

// zonesOf is which share of a node's instances stands in each zone.
func (m *model) zonesOf(i int) []float64 {
	p := &m.places[i]
	if p.zones == nil {
		n := &m.spec.Nodes[i]
		p.zones = make([]float64, len(m.spec.Zones))
		for k := range n.AtStart() {
			p.zones[n.Zone(k)] += 1 / float64(n.AtStart())
		}
	}
	return p.zones
}

func between(s *node.NetworkSpec, a, b int) dist.Law {
	for _, z := range s.Between {
		if z.A == a && z.B == b || z.A == b && z.B == a {
			return z.Delay
		}
	}
	if a == b {
		return s.SameZone
	}
	return s.CrossZone
}

// backoffOf is the mean pause before the first retry.
func backoffOf(b node.Backoff) float64 {
	pause := 0.0
	switch {
	case b.Law != nil:
		pause = b.Law.Mean() / 1e9
	case b.Doubling:
		pause = b.First.Seconds()
		if b.Max > 0 {
			pause = min(pause, b.Max.Seconds())
		}
	}
	switch b.Jitter {
	case node.FullJitter:
		return pause / 2
	case node.EqualJitter:
		return pause * 3 / 4
	}
	return pause
}
