package node

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
)

// holds is a database with one operation, request. That of a transaction has
// a second phase of the same steps.
func holds(d DatabaseSpec, a Access, steps ...Step) Node {
	n := server("orders", ServerSpec{}, steps...)
	d.Shards = max(1, d.Shards)
	if d.By == "" {
		d.By = ByModulo
	}
	if a.Route == "" {
		a.Route = ReadPrimary
	}
	d.Access = []Access{a}
	if a.Kind == Transaction {
		n.Server.Ops = []Operation{{Name: CommitOf("request"), Steps: steps}, n.Server.Ops[0]}
		a.Commit = 0
		d.Access = []Access{{Kind: Commit}, a}
	}
	n.Kind, n.Database, n.Instances = Database, &d, d.Shards*d.PerShard()
	return n
}

// always lets a client ask for one item.
func always(c Node, key float64) Node {
	c.Client.Keys = dist.Constant{Value: key}
	return c
}

func TestReadsTakeTurnsWhereTheyAreRouted(t *testing.T) {
	for _, one := range []struct {
		a    Access
		want []uint64
	}{
		{Access{Kind: Read}, []uint64{6, 0, 0}},
		{Access{Kind: Read, Route: ReadReplicas}, []uint64{0, 3, 3}},
		{Access{Kind: Read, Route: ReadNearest}, []uint64{2, 2, 2}},
		{Access{Kind: Write, Route: ReadReplicas}, []uint64{6, 0, 0}},
	} {
		s := simulate(t, 1, users(1, Policy{}, 1, 2, 3, 4, 5, 6), holds(DatabaseSpec{Replicas: 2}, one.a, cpu(1)))
		assert.Equal(t, one.want, arrivals(s, 1), "%+v", one.a)
		assert.Equal(t, uint64(6), s.Nodes[1].Shards[0].Reads+s.Nodes[1].Shards[0].Writes)
	}
}

func TestTheNearestInstanceIsInTheCallersZone(t *testing.T) {
	spec := specFor(1, users(1, Policy{}, 1, 2, 3), holds(DatabaseSpec{Shards: 2, Replicas: 2}, Access{Kind: Read, Route: ReadNearest}, cpu(1)))
	spec.Zones = []string{"a", "b", "c"}
	spec.Nodes[0] = always(in(spec.Nodes[0], 2), 1)
	spec.Nodes[1].Zones = []int{0, 1, 2}
	spec.Network = &NetworkSpec{CrossZone: constantLawOf(10)}
	s := sufferOf(t, spec)
	assert.Equal(t, []uint64{0, 0, 0, 0, 3, 0}, arrivals(s, 1), "instance r of shard s stands in zone s + r")
	assert.InDelta(t, 3, took(s, 0), 0)

	spec.Zones, spec.Nodes[1].Zones = []string{"a", "b", "c", "d"}, []int{0, 1, 3}
	s = sufferOf(t, spec)
	assert.Equal(t, []uint64{0, 0, 0, 1, 1, 1}, arrivals(s, 1), "where none is near, all are")
}

func TestReadsPassOverTheDeadAndWritesCannot(t *testing.T) {
	dead := []fault.Fault{strikes(fault.Kill, 1, 1, 0, 50), strikes(fault.Kill, 1, 2, 20, 30)}
	at := []float64{10, 11, 12, 30, 60, 61}
	s := suffer(t, dead, users(1, Policy{}, at...), holds(DatabaseSpec{Replicas: 2}, Access{Kind: Read, Route: ReadReplicas}, cpu(1)))
	assert.Equal(t, [1 + Errors]uint64{OK: 5, Unavailable: 1}, endings(s, 0))
	assert.Zero(t, arrivals(s, 1)[0], "the primary is not among those that may be read")
	s = suffer(t, []fault.Fault{strikes(fault.Kill, 1, 0, 0, 20)}, users(1, Policy{}, at...), holds(DatabaseSpec{Replicas: 2}, Access{Kind: Write}, cpu(1)))
	assert.Equal(t, [1 + Errors]uint64{OK: 3, Unavailable: 3}, endings(s, 0))
}

func TestTheCopiesOfAHedgedReadGoToDifferentInstances(t *testing.T) {
	hedged := Policy{Hedged: true, Hedge: 2 * msec}
	for _, connect := range []dist.Law{nil, constantLawOf(1)} {
		d := DatabaseSpec{Shards: 2, Replicas: 2, Connect: connect}
		s := simulate(t, 1, always(users(1, hedged, 1, 50), 1), holds(d, Access{Kind: Read, Route: ReadReplicas}, cpu(10)))
		assert.Equal(t, []uint64{0, 0, 0, 0, 2, 2}, arrivals(s, 1))
		s = simulate(t, 1, always(users(1, hedged, 1), 1), holds(d, Access{Kind: Write}, cpu(10)))
		assert.Equal(t, []uint64{0, 0, 0, 2, 0, 0}, arrivals(s, 1), "there is one primary")
	}
}

func TestKeysFindTheirShards(t *testing.T) {
	for _, one := range []struct {
		by   ShardBy
		key  float64
		want uint32
	}{
		{ByModulo, 7, 3},
		{ByRange, 0, 0},
		{ByRange, 24, 0},
		{ByRange, 25, 1},
		{ByRange, 99, 3},
		{ByRange, 1000, 3}, // beyond what is known
	} {
		s := simulate(t, 1, always(users(1, Policy{}, 1), one.key), holds(DatabaseSpec{Shards: 4, By: one.by, Keys: 100}, Access{Kind: Write}, cpu(1)))
		assert.Equal(t, uint64(1), s.Nodes[1].Shards[one.want].Writes, "%+v", one)
	}
	for _, n := range []uint64{1, 7, 100, 1 << 40, math.MaxUint64} {
		d := newSharding("orders", &DatabaseSpec{Shards: 7, By: ByRange, Keys: n})
		for _, key := range []uint64{0, n / 3, n / 2, n - 1, n} {
			assert.Less(t, d.of(key), uint32(7), "%d of %d", key, n)
		}
		assert.Equal(t, uint32(0), d.of(0))
	}
	s := simulate(t, 1, always(users(2, Policy{}, 1), 7), holds(DatabaseSpec{Shards: 4}, Access{Kind: Read}, cpu(1)),
		server("app", ServerSpec{}, Step{Kind: StepCall, ID: 3, Target: Target{1, "request"}, Key: KeyOf{Law: dist.Constant{Value: 2}}}))
	assert.Equal(t, []uint64{0, 0, 1, 0}, arrivals(s, 1), "the key of the step, not of the request")
}

func TestAScatterIsDoneWhenTheSlowestShardIs(t *testing.T) {
	// Shard 1 works until 20 ms for somebody else.
	slow := always(asking("v", "request", 2, Policy{}, 0), 1)
	orders := holds(DatabaseSpec{Shards: 3}, Access{Kind: Scatter}, cpu(5))
	orders.Server.Ops = append(orders.Server.Ops, Operation{Name: "slow", Steps: []Step{cpu(20)}})
	orders.Database.Access = append(orders.Database.Access, Access{Kind: Write})
	slow.Client.Target.Op = "slow"
	s := simulate(t, 1, users(2, Policy{}, 1), slow, orders)
	assert.InDelta(t, 24, took(s, 0), 0)
	assert.Equal(t, []ShardStats{{Reads: 1}, {Reads: 1, Writes: 1}, {Reads: 1}}, s.Nodes[2].Shards)
}

func TestWhatACacheMissesComesToTheShardOfTheKey(t *testing.T) {
	for _, connect := range []dist.Law{nil, constantLawOf(2)} {
		for _, origin := range []Target{{Node: 2}, {2, "request"}} {
			d := DatabaseSpec{Shards: 4, Replicas: 1, Connect: connect}
			ask := about(users(1, Policy{}, 0, 10, 20, 30), 3, 1, 1, 3)
			s := simulate(t, 1, ask, keeping(CacheSpec{Capacity: 10, Origin: &origin}), holds(d, Access{Kind: Read, Route: ReadReplicas}, pause(5)))
			assert.Equal(t, [3]uint64{2, 2, 0}, lookUps(s, 1))
			assert.Equal(t, []uint64{0, 0, 0, 1, 0, 0, 0, 1}, arrivals(s, 2))
			way := 0.0
			if connect != nil {
				way = 2
			}
			assert.InDelta(t, 2*(1+way+5)+2*1, took(s, 0), 1e-9)

			s = simulate(t, 1, ask, keeping(CacheSpec{Capacity: 10, Origin: &origin}), holds(d, Access{Kind: Scatter}, pause(5)))
			assert.Equal(t, []uint64{2, 0, 2, 0, 2, 0, 2, 0}, arrivals(s, 2), "all of them are asked, once for each item")
		}
	}
}

func TestAScatterFailsWhenOneShardDoes(t *testing.T) {
	down := []fault.Fault{strikes(fault.Kill, 1, 2, 0, 500)}
	orders := holds(DatabaseSpec{Shards: 3}, Access{Kind: Scatter}, cpu(50))
	s := suffer(t, down, users(1, Policy{}, 1), orders)
	assert.Equal(t, [1 + Errors]uint64{Unavailable: 1}, endings(s, 0))
	assert.InDelta(t, 100*ms, s.Nodes[1].CPU.Busy.Float64(), 0, "the others work on for nobody")
	s = suffer(t, down, cancelling(users(1, Policy{}, 1)), orders)
	assert.Zero(t, s.Nodes[1].CPU.Busy.Float64(), "or are stopped")
	assert.Equal(t, uint64(2), s.Nodes[1].Cancelled)
}

func TestATimeOutOfAScatterStopsItsPartsIfTheClientWantsIt(t *testing.T) {
	orders := holds(DatabaseSpec{Shards: 3}, Access{Kind: Scatter}, cpu(50))
	impatient := Policy{Timeout: 10 * msec}
	s := simulate(t, 1, users(1, impatient, 1), orders)
	assert.InDelta(t, 150*ms, s.Nodes[1].CPU.Busy.Float64(), 0)
	s = simulate(t, 1, cancelling(users(1, impatient, 1)), orders)
	assert.InDelta(t, 30*ms, s.Nodes[1].CPU.Busy.Float64(), 0)
}

func TestATransactionCommitsWhenAllHavePrepared(t *testing.T) {
	a := Access{Kind: Transaction, Shards: 2}
	s := simulate(t, 1, always(users(1, Policy{}, 1), 1), holds(DatabaseSpec{Shards: 2, Replicas: 1}, a, cpu(5)))
	assert.InDelta(t, 10, took(s, 0), 0)
	assert.Equal(t, []uint64{2, 0, 2, 0}, arrivals(s, 1), "both phases at both primaries")
	assert.Equal(t, []ShardStats{{Writes: 1}, {Writes: 1}}, s.Nodes[1].Shards, "what is prepared is not written yet")

	s = suffer(t, []fault.Fault{strikes(fault.Kill, 1, 1, 0, 500)}, users(1, Policy{}, 1), holds(DatabaseSpec{Shards: 2}, a, cpu(5)))
	assert.Equal(t, [1 + Errors]uint64{Unavailable: 1}, endings(s, 0))
	assert.Equal(t, []ShardStats{{}, {}}, s.Nodes[1].Shards, "nobody commits if one cannot prepare")
}

func TestTheShardsOfATransactionAreDrawnAlike(t *testing.T) {
	d := &database{sharding: sharding{shards: 7}, seen: make([]uint32, 7)}
	const draws = 70_000
	sets := map[[3]uint32]int{}
	for seed := range uint64(draws) {
		home := uint32(seed % 7)
		d.draw(home, 3, sim.Mix(seed, 9))
		require.Len(t, d.drawn, 3)
		require.Equal(t, home, d.drawn[0])
		first := slices.Clone(d.drawn)
		slices.Sort(d.drawn)
		require.Len(t, slices.Compact(slices.Clone(d.drawn)), 3, "all different")
		sets[[3]uint32{home, first[1] + first[2], first[1] * first[2]}]++
		d.draw(home, 3, sim.Mix(seed, 9))
		require.Equal(t, first, d.drawn, "the same in both phases")
	}
	assert.Len(t, sets, 7*15, "every pair of the six others, for each home")
	for set, n := range sets {
		assert.InDelta(t, draws/7/15, n, 5*math.Sqrt(draws/7/15), "%v", set)
	}
}

func TestTheFirstDrawAfterAllNumbersOfDrawsIsRight(t *testing.T) {
	d := &database{sharding: sharding{shards: 3}, seen: []uint32{0, 0, 0}, draws: math.MaxUint32}
	d.draw(0, 3, 1)
	slices.Sort(d.drawn)
	assert.Equal(t, []uint32{0, 1, 2}, d.drawn)
}

func TestConnectIsPaidByWhoHasNoPool(t *testing.T) {
	for _, one := range []struct {
		a    Access
		took float64
	}{
		{Access{Kind: Read}, 5},
		{Access{Kind: Scatter}, 5},
		{Access{Kind: Transaction, Shards: 2}, 10},
	} {
		orders := holds(DatabaseSpec{Shards: 2, Connect: constantLawOf(3)}, one.a, cpu(5))
		s := simulate(t, 1, users(1, Policy{}, 1), orders)
		assert.InDelta(t, one.took+3, took(s, 0), 0, "%+v", one.a)
		p := Pool{To: 2, Size: 1, Connect: constantLawOf(1)}
		s = simulate(t, 1, users(1, Policy{}, 1, 1), pooled(server("app", ServerSpec{}, asks(2, Policy{})), p), orders)
		assert.InDelta(t, 2*one.took+1+one.took+1, took(s, 0), 0, "%+v: one connection for all shards, opened once", one.a)
	}
}

func TestConnectChangesNothingButTheTime(t *testing.T) {
	work := Step{Kind: StepCPU, ID: 4, Time: dist.Exponential{MeanValue: 5 * ms}}
	base := took(simulate(t, 1, users(1, Policy{}, 1, 300), holds(DatabaseSpec{}, Access{Kind: Read}, work)), 0)
	with := took(simulate(t, 1, users(1, Policy{}, 1, 300), holds(DatabaseSpec{Connect: constantLawOf(2)}, Access{Kind: Read}, work)), 0)
	assert.InDelta(t, base+4, with, 1e-6, "the same work")
}

func TestNoMoreRequestsAreInsideThanConnectionsAllow(t *testing.T) {
	orders := holds(DatabaseSpec{Shards: 2, Connections: 2}, Access{Kind: Read}, cpu(10))
	orders.Server.Concurrency = 1
	orders.Server.Backlog = None
	s := simulate(t, 1, always(users(2, Policy{}, 0, 1, 2, 12), 0), always(asking("v", "request", 2, Policy{}, 3), 1), orders)
	assert.Equal(t, [1 + Errors]uint64{OK: 3, Rejected: 1}, endings(s, 0), "the third of shard 0; at 12 ms there is room again")
	assert.Equal(t, uint64(1), endings(s, 1)[OK], "the other shard has room")
	c := s.Nodes[2].Connections
	assert.InDelta(t, (10+19+18+10)*ms, c.Busy.Float64(), 0, "from arrival to answer")
	assert.InDelta(t, 4e9, c.Capacity.Float64(), 0)
}

// A steady state allocates nothing, whatever is asked of a database.
func TestDatabasesAllocateNothing(t *testing.T) {
	m := &maker{s: sim.Keyed(3), spec: &Spec{Zones: []string{"a", "b"}}, servers: 1, external: 2}
	orders := m.store()
	orders.Server.Backlog = None
	orders.Server.RateLimit, orders.Server.Shed, orders.Server.Concurrency, orders.Server.Pools = nil, 0, 0, nil
	d := orders.Database
	d.Shards, d.Replicas, d.Connect, d.Connections = 4, 2, constantLawOf(1), 50
	d.Access[0].Route, d.Access[2].Route, d.Access[3].Shards = ReadNearest, ReadReplicas, 3
	for k := range orders.Server.Ops {
		orders.Server.Ops[k].Steps = []Step{{Kind: StepCPU, ID: uint64(k), Time: dist.Exponential{MeanValue: 0.5 * ms}}}
	}
	orders.Instances = d.Shards * d.PerShard()
	plan, problem := arrival.Parse("poisson 1000/s", nil, 1)
	require.Nil(t, problem)
	client := users(1, Policy{Timeout: 3 * msec, Hedged: true, Hedge: 2 * msec})
	client.Client.Open, client.Client.Keys, client.Client.Cancel = plan, keyed(t, "zipf s=1 n=1000"), true
	client.Client.Ops = []WeightedOp{{Name: "all", Weight: 1}, {Name: "get", Weight: 5}, {Name: "move", Weight: 2}, {Name: "put", Weight: 2}}
	spec := specFor(3600, client, orders)
	spec.Zones = m.spec.Zones
	n := NewNetwork(spec, 0)
	n.start(0)
	n.openWindow()
	n.advance(20 * sim.Second)
	at, events := n.eng.Now(), n.eng.Events()
	per := testing.AllocsPerRun(5, func() {
		at += 4 * sim.Second
		n.advance(at)
	})
	events = (n.eng.Events() - events) / 6
	require.Greater(t, events, uint64(20_000))
	assert.Less(t, per/float64(events), 2e-4, "pages that are touched for the first time")
}
