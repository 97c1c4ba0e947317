package node

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/balance"
	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/fault"
	"github.com/capsim/capsim/sim"
)

// relaying is a balancer that does more than to choose.
func relaying(b BalancerSpec, targets ...int) Node {
	b.Targets = targets
	if b.Policy == "" {
		b.Policy = "round-robin"
	}
	return Node{Name: "lb", Kind: LoadBalancer, Instances: 1, Balancer: &b}
}

// lasting is a server of so many one-core instances whose requests wait for
// a time, any number at once.
func lasting(milliseconds float64, instances int) Node {
	return spread(server("web", ServerSpec{}, pause(milliseconds)), instances)
}

func TestConnectionsToATargetAreLimitedAndTheRestWaits(t *testing.T) {
	// 10 ms each, one connection to each of two instances: the third and the
	// fourth wait until 10 and 11 ms, the fifth until 20 ms.
	lb := relaying(BalancerSpec{PerTarget: 1, Queue: None}, 2)
	s := simulate(t, 1, users(1, Policy{}, 0, 1, 2, 3, 4), lb, lasting(10, 2))
	assert.Equal(t, []uint64{3, 2}, arrivals(s, 2))
	assert.InDelta(t, (10+10+18+18+26)*ms, s.Clients[0].Ops[0].Latency.Sum().Float64(), 0)
	c := s.Nodes[1].Connections
	assert.InDelta(t, (8+8+16)*ms, c.Queue.Float64(), 0)
	assert.InDelta(t, 50*ms, c.Busy.Float64(), 0)
	assert.InDelta(t, 2000*ms, c.Capacity.Float64(), 0)
	assert.Equal(t, uint64(5), c.Served)
	assert.InDelta(t, (8+8+16)*ms, s.Clients[0].Ops[0].SpentAt(1).Wait.Float64(), 0, "it is the balancer's wait")
}

func TestOnlySoManyWaitAndOnlySoLong(t *testing.T) {
	lb := relaying(BalancerSpec{PerTarget: 1, Queue: 1}, 2)
	s := simulate(t, 1, users(1, Policy{}, 0, 1, 2), lb, lasting(10, 1))
	assert.Equal(t, uint64(1), s.Nodes[1].Errors[Rejected-1])
	assert.InDelta(t, (10+19)*ms, s.Clients[0].Ops[0].Latency.Sum().Float64(), 0)

	lb = relaying(BalancerSpec{PerTarget: 1, Queue: None, QueueTimeout: constantLawOf(5)}, 2)
	s = simulate(t, 1, users(1, Policy{}, 0, 1, 6), lb, lasting(10, 1))
	assert.Equal(t, uint64(1), s.Nodes[1].Errors[Rejected-1], "the second waits from 1 to 6 ms")
	assert.InDelta(t, (10+14)*ms, s.Clients[0].Ops[0].Latency.Sum().Float64(), 0)
}

func TestWhoIsGivenUpLeavesTheLineOfABalancer(t *testing.T) {
	for _, cancel := range []bool{true, false} {
		client := users(1, Policy{Timeout: 15 * msec}, 0, 1, 7)
		client.Client.Cancel = cancel
		n := NewNetwork(specFor(1, client, relaying(BalancerSpec{PerTarget: 1, Queue: None}, 2), lasting(12, 1)), 0)
		s, err := n.Run(nil)
		require.NoError(t, err)
		// The second is passed on at 12 ms and given up at 16 ms; the third is
		// passed on at once, and given up at 22 ms.
		assert.Equal(t, uint64(3), s.Nodes[2].Arrivals)
		assert.Equal(t, [1 + Errors]uint64{OK: 1, TimedOut: 2}, endings(s, 0))
		assert.InDelta(t, (12+4+6)*ms, s.Nodes[1].Connections.Busy.Float64(), 0)
		assert.Zero(t, sentBy(&n.insts[1]))
	}
	s := simulate(t, 1, users(1, Policy{Timeout: 5 * msec}, 0, 1, 2), relaying(BalancerSpec{PerTarget: 1, Queue: None}, 2), lasting(100, 1))
	assert.Equal(t, uint64(3), s.Nodes[2].Arrivals, "each gets the connection of the one that was given up before")
	assert.InDelta(t, (5+1+1)*ms, s.Nodes[1].Connections.Busy.Float64(), 0)
}

func TestABalancerHoldsOnlySoManyRequests(t *testing.T) {
	lb := relaying(BalancerSpec{Connections: 2}, 2)
	s := simulate(t, 1, users(1, Policy{}, 0, 1, 2, 10, 11), lb, lasting(10, 1))
	assert.Equal(t, uint64(1), s.Nodes[1].Errors[Rejected-1])
	assert.Equal(t, uint64(5), s.Nodes[1].Arrivals)
	assert.Equal(t, uint64(4), s.Nodes[2].Arrivals)
	assert.InDelta(t, 40*ms, s.Nodes[1].Connections.Busy.Float64(), 0)
	assert.InDelta(t, 2000*ms, s.Nodes[1].Connections.Capacity.Float64(), 0)
	for _, cancel := range []bool{true, false} { // what is given up makes room
		client := users(1, Policy{Timeout: 5 * msec}, 0, 1, 6, 7)
		client.Client.Cancel = cancel
		s = simulate(t, 1, client, lb, lasting(10, 1))
		assert.Zero(t, s.Nodes[1].Errors[Rejected-1])
		assert.InDelta(t, 20*ms, s.Nodes[1].Connections.Busy.Float64(), 0)
	}
}

func TestOverheadIsTimeInTheBalancer(t *testing.T) {
	s := simulate(t, 1, users(1, Policy{}, 0, 1), relaying(BalancerSpec{Overhead: constantLawOf(3)}, 2), lasting(10, 1))
	assert.InDelta(t, 26*ms, s.Clients[0].Ops[0].Latency.Sum().Float64(), 0)
	assert.InDelta(t, 6*ms, s.Clients[0].Ops[0].SpentAt(1).Service.Float64(), 0)
	assert.InDelta(t, 26*ms, s.Nodes[1].InFlight.Float64(), 0)
}

// flaky answers badly at the first instance, and well at the others.
func flaky() []Node {
	return []Node{
		server("bad", ServerSpec{}, pause(1), failing(1)),
		spread(server("good", ServerSpec{}, pause(4)), 2),
	}
}

func TestABalancerTriesAgainElsewhere(t *testing.T) {
	lb := relaying(BalancerSpec{Attempts: Policy{Retries: 1, Backoff: Backoff{Law: constantLawOf(2)}}}, 2, 3)
	nodes := append([]Node{users(1, Policy{}, 0, 10, 20, 30), lb}, flaky()...)
	s := simulate(t, 1, nodes...)
	// In turn: bad and then good[0]; good[1]; bad and good[0]; good[1].
	assert.Equal(t, onlyOne(OK, 4), endings(s, 0))
	assert.Equal(t, []uint64{2, 2}, arrivals(s, 3))
	assert.InDelta(t, (7+4+7+4)*ms, s.Clients[0].Ops[0].Latency.Sum().Float64(), 0)
	assert.InDelta(t, 4*ms, s.Clients[0].Ops[0].Backoff.Float64(), 0)
	assert.Equal(t, uint64(4), attempts(s, 0), "the client knows nothing of it")
	assert.Equal(t, uint64(4), s.Nodes[1].Completions)

	nodes[1].Balancer.Attempts.On = 1 << TimedOut
	assert.Equal(t, [1 + Errors]uint64{OK: 2, Failed: 2}, endings(simulate(t, 1, nodes...), 0), "failures are not tried again")
}

func TestNoInstanceIsTriedTwiceWhileThereAreOthers(t *testing.T) {
	for seed := range uint64(20) {
		bad := spread(server("bad", ServerSpec{}, failing(1)), 3)
		spec := specFor(1, users(1, Policy{}, 0), relaying(BalancerSpec{Policy: "random", Attempts: Policy{Retries: 3}}, 2, 3), bad, server("good", ServerSpec{}, pause(1)))
		spec.Run.Seed = seed
		s, err := NewNetwork(spec, 0).Run(nil)
		require.NoError(t, err)
		assert.Equal(t, onlyOne(OK, 1), endings(s, 0))
		for _, n := range arrivals(s, 2) {
			assert.LessOrEqual(t, n, uint64(1))
		}
	}
	s := simulate(t, 1, users(1, Policy{}, 0), relaying(BalancerSpec{Attempts: Policy{Retries: 3}}, 2), spread(server("bad", ServerSpec{}, failing(1)), 2))
	assert.Equal(t, []uint64{2, 2}, arrivals(s, 2), "then again, but not where it has just been")
}

func TestAttemptsOfABalancerTimeOut(t *testing.T) {
	for cancel, busy := range map[bool]float64{true: 5 + 5, false: 20 + 20} {
		client := users(1, Policy{}, 0)
		client.Client.Cancel = cancel
		slow := spread(server("slow", ServerSpec{}, cpu(20)), 3)
		s := simulate(t, 1, client, relaying(BalancerSpec{Attempts: Policy{Timeout: 5 * msec, Retries: 1}}, 2), slow)
		assert.Equal(t, onlyOne(TimedOut, 1), endings(s, 0))
		assert.InDelta(t, 10*ms, s.Nodes[1].InFlight.Float64(), 0)
		assert.InDelta(t, busy*ms, s.Nodes[2].CPU.Busy.Float64(), 0)
		assert.Equal(t, []uint64{1, 1, 0}, arrivals(s, 2))
	}
}

func TestRetriesOfABalancerHaveABudget(t *testing.T) {
	at := make([]float64, 100)
	for i := range at {
		at[i] = float64(i)
	}
	s := simulate(t, 1, users(1, Policy{}, at...), relaying(BalancerSpec{Attempts: Policy{Retries: 1, Budget: 0.25}}, 2), server("bad", ServerSpec{}, failing(1)))
	assert.Equal(t, uint64(125), s.Nodes[2].Arrivals)
}

func TestRoutesGoTheirWay(t *testing.T) {
	lb := relaying(BalancerSpec{Routes: []Route{{Ops: []string{"buy"}, To: 3}, {Ops: []string{"buy", "help"}, To: 4}}}, 2)
	one := func(name string) Node {
		return spread(offering(offering(server(name, ServerSpec{}, pause(1)), "buy", pause(1)), "help", pause(1)), 2)
	}
	s := simulate(t, 1, scripted(1, Policy{}, []float64{0, 1, 2, 3, 4, 5}, "request", "buy", "help", "request", "buy", "buy"),
		lb, one("web"), one("shop"), one("desk"))
	assert.Equal(t, []uint64{1, 1}, arrivals(s, 2))
	assert.Equal(t, []uint64{2, 1}, arrivals(s, 3), "each way takes its own turns")
	assert.Equal(t, []uint64{1, 0}, arrivals(s, 4), "the first route that names it")
}

// returning are sessions of three requests, one after the other.
func returning(target int, at ...float64) Node {
	return visitor(users(target, Policy{}, at...), 3, constantLawOf(10))
}

func TestASessionSticksToItsInstance(t *testing.T) {
	lb := relaying(BalancerSpec{Sticky: &Sticky{TTL: 15 * msec}}, 2)
	s := simulate(t, 1, returning(1, 0, 1, 2), lb, lasting(1, 3))
	assert.Equal(t, []uint64{3, 3, 3}, arrivals(s, 2))
	s = simulate(t, 1, returning(1, 0), lb, lasting(1, 3))
	assert.Equal(t, []uint64{3, 0, 0}, arrivals(s, 2))
	lb.Balancer.Sticky.TTL = 9 * msec // from the last answer on, which brings the cookie
	s = simulate(t, 1, returning(1, 0), lb, lasting(1, 3))
	assert.Equal(t, []uint64{1, 1, 1}, arrivals(s, 2), "forgotten by then")
	s = simulate(t, 1, users(1, Policy{}, 0, 1, 2), lb, lasting(1, 3))
	assert.Equal(t, []uint64{1, 1, 1}, arrivals(s, 2), "single requests are somebody else's")
}

func TestACookieComesWithAnAnswerAndAnAddressWithTheRequest(t *testing.T) {
	// The first attempt is never answered: its retry has no cookie.
	slow := []Node{server("slow", ServerSpec{}, pause(50)), spread(server("web", ServerSpec{}, pause(1)), 2)}
	for source, want := range map[bool][]uint64{false: {1, 0}, true: {0, 0}} {
		client := returning(1, 0)
		client.Client.Session.Length = dist.Constant{Value: 1}
		client.Client.Policy = Policy{Timeout: 5 * msec, Retries: 1}
		lb := relaying(BalancerSpec{Sticky: &Sticky{Source: source, TTL: sim.Second}}, 2, 3)
		s := simulate(t, 1, append([]Node{client, lb}, slow...)...)
		assert.Equal(t, want, arrivals(s, 3))
	}
}

func TestARetryOfABalancerBindsAnew(t *testing.T) {
	for _, source := range []bool{false, true} {
		lb := relaying(BalancerSpec{Sticky: &Sticky{Source: source, TTL: sim.Second}, Attempts: Policy{Timeout: 5 * msec, Retries: 1}}, 2, 3)
		s := simulate(t, 1, returning(1, 0), lb, server("slow", ServerSpec{}, pause(50)), spread(server("web", ServerSpec{}, pause(1)), 2))
		assert.Equal(t, uint64(1), s.Nodes[2].Arrivals)
		assert.Equal(t, []uint64{3, 0}, arrivals(s, 3))
	}
}

func TestWhoIsBoundWaitsForItsOwnInstance(t *testing.T) {
	// The session comes back at 11 ms, when its instance has been taken until
	// 20.5 ms; the other instance is free at 15 ms.
	lb := relaying(BalancerSpec{Sticky: &Sticky{TTL: sim.Second}, PerTarget: 1, Queue: None}, 2)
	short := visitor(users(1, Policy{}, 0), 2, constantLawOf(1))
	other := users(1, Policy{}, 5, 10.5)
	other.Name = "others"
	s := simulate(t, 1, short, lb, lasting(10, 2), other)
	assert.Equal(t, []uint64{3, 1}, arrivals(s, 2))
	assert.InDelta(t, 10+(20.5-11)+10, took(s, 0), 1e-9)
}

// A balancer that restarts has forgotten the addresses; cookies are with the
// users. Whatever was starting slowly has its full weight.
func TestABalancerThatRestartsForgetsAddressesAndNotCookies(t *testing.T) {
	for source, want := range map[bool][]uint64{false: {2, 0}, true: {1, 1}} {
		balancer := relaying(BalancerSpec{Sticky: &Sticky{Source: source, TTL: sim.Second}}, 2)
		client := visitor(users(1, Policy{}, 0), 2, constantLawOf(10))
		s := suffer(t, []fault.Fault{strikes(fault.Kill, 1, 0, 5, 2)}, client, balancer, lasting(1, 2))
		assert.Equal(t, want, arrivals(s, 2))
	}

	balancer := relaying(BalancerSpec{SlowStart: 100 * sim.Second, Ejects: &EjectionSpec{Consecutive: 1, For: msec}}, 2)
	at := []float64{0, 10, 15}
	for k := range 20 {
		at = append(at, float64(30+10*k))
	}
	// The first instance fails 0 and is back, slowly, at 16; the balancer
	// restarts at 25.
	s := suffer(t, []fault.Fault{strikes(fault.Kill, 2, 0, 0, 5), strikes(fault.Kill, 1, 0, 22, 3)}, users(1, Policy{}, at...), balancer, lasting(1, 2))
	assert.Equal(t, []uint64{12, 11}, arrivals(s, 2))
}

func TestBindingsAreForgottenAndTakeNoMoreRoom(t *testing.T) {
	b := newBindings(100)
	for i := range sim.Time(100_000) {
		b.bind(uint64(i), int32(i%7), i)
		if i > 50 {
			assert.Equal(t, int32((i-50)%7), b.find(uint64(i-50), i), "still there")
		}
		if i > 300 {
			assert.Equal(t, int32(balance.Nobody), b.find(uint64(i-300), i), "forgotten")
		}
	}
	assert.LessOrEqual(t, len(b.slots), 1024)
}

// A second implementation with a map, and no thought of memory.
func TestBindingsAreThoseOfAMap(t *testing.T) {
	type one struct {
		inst int32
		last sim.Time
	}
	s := sim.Keyed(3)
	b, dumb := newBindings(500), map[uint64]one{}
	now := sim.Time(0)
	for range 50_000 {
		now += sim.Time(s.Below(10))
		owner := s.Below(300)
		if s.Below(3) == 0 {
			inst := int32(s.Below(9))
			b.bind(owner, inst, now)
			dumb[owner] = one{inst, now}
			continue
		}
		want := int32(balance.Nobody)
		if d, ok := dumb[owner]; ok && now-d.last <= 500 {
			want, dumb[owner] = d.inst, one{d.inst, now}
		}
		require.Equal(t, want, b.find(owner, now))
	}
}

func TestInstancesOfABalancerKnowOnlyTheirOwn(t *testing.T) {
	lb := relaying(BalancerSpec{PerTarget: 1, Queue: 0}, 2)
	s := simulate(t, 1, users(1, Policy{}, 0, 1, 2), lb, lasting(10, 1))
	assert.Equal(t, uint64(2), s.Nodes[1].Errors[Rejected-1])
	lb.Instances = 2
	s = simulate(t, 1, users(1, Policy{}, 0, 1, 2), lb, lasting(10, 1))
	assert.Equal(t, uint64(1), s.Nodes[1].Errors[Rejected-1], "one connection each")
	assert.Equal(t, []uint64{2, 1}, arrivals(s, 1), "callers take turns")
	lb = relaying(BalancerSpec{}, 2)
	lb.Instances = 3
	s = simulate(t, 1, users(1, Policy{}, 0, 1, 2), lb, lasting(1, 3))
	assert.Equal(t, []uint64{3, 0, 0}, arrivals(s, 2), "each begins with the first")
}

func TestDirectCallersShareAPolicy(t *testing.T) {
	// The first lasts long; in turn the third would come to it.
	web := func(balance string) Node {
		return spread(offering(server("web", ServerSpec{Balance: balance}, pause(50)), "short", pause(1)), 2)
	}
	for balance, want := range map[string][]uint64{"": {2, 2}, "least-connections": {1, 3}} {
		client := scripted(1, Policy{}, []float64{0, 2, 4, 6}, "request", "short", "short", "short")
		n := NewNetwork(specFor(1, client, web(balance)), 0)
		s, err := n.Run(nil)
		require.NoError(t, err)
		assert.Equal(t, want, arrivals(s, 1))
	}
	two := []Node{scripted(2, Policy{}, []float64{0}, "request"), asking("w", "short", 2, Policy{}, 1, 2.5), web("least-connections")}
	assert.Equal(t, []uint64{1, 2}, arrivals(simulate(t, 1, two...), 2), "what others have in flight counts")
	gone := []Node{scripted(1, Policy{Timeout: 3 * msec}, []float64{0, 1, 5}, "request", "short", "short"), web("least-connections")}
	assert.Equal(t, []uint64{2, 1}, arrivals(simulate(t, 1, gone...), 1), "what is given up does not count")
}

func TestAnInstanceThatIsBackStartsSlowly(t *testing.T) {
	g := balance.NewGroup("round-robin", balance.Options{Instances: 2, Weights: []float64{4, 4}})
	r := &ramp{over: 100, full: []float64{4, 4}, since: make([]sim.Time, 2)}
	r.begin(g, 1, 1000)
	for after, want := range map[sim.Time]float64{0: 0.4, 9: 0.4, 14: 0.4, 15: 0.6, 19: 0.6, 50: 2, 99: 3.8} {
		r.advance(g, 1000+after)
		assert.InDelta(t, want, g.Weight(1), 1e-12, after)
	}
	r.advance(g, 1100)
	assert.InDelta(t, 4, g.Weight(1), 0)
	assert.InDelta(t, 4, g.Weight(0), 0)
	assert.Empty(t, r.active)
}

func TestWhoWaitsIsServedByAnInstanceThatIsBackAndTurnedAwayByNone(t *testing.T) {
	run := func(events func(n *Network, b *balancer, w *way)) *Snapshot {
		n := NewNetwork(specFor(1, users(1, Policy{}, 0, 1, 2), relaying(BalancerSpec{PerTarget: 1, Queue: None}, 2), lasting(10, 2)), 0)
		n.start(0)
		n.advance(0)
		n.openWindow()
		b := n.insts[1].balancer
		events(n, b, &b.ways[0])
		n.advance(n.end)
		n.closeWindow()
		n.finish()
		return n.snap
	}
	s := run(func(n *Network, b *balancer, w *way) {
		n.outOfRotation(b, w, 1, balance.Unhealthy)
		n.advance(5 * msec)
		n.backInRotation(b, w, 1, balance.Unhealthy)
		n.settle()
	})
	assert.InDelta(t, (10+14+18)*ms, s.Clients[0].Ops[0].Latency.Sum().Float64(), 0, "the second goes on at 5 ms, the third at 10 ms")
	s = run(func(n *Network, b *balancer, w *way) {
		n.outOfRotation(b, w, 1, balance.Unhealthy)
		n.advance(5 * msec)
		n.outOfRotation(b, w, 0, balance.Ejected)
		n.settle()
	})
	assert.Equal(t, [1 + Errors]uint64{OK: 1, Unavailable: 2}, endings(s, 0))
	assert.InDelta(t, (4+3)*ms, s.Nodes[1].Connections.Queue.Float64(), 0)
	s = run(func(n *Network, b *balancer, w *way) {
		n.outOfRotation(b, w, 0, balance.Unhealthy)
		n.outOfRotation(b, w, 1, balance.Unhealthy)
	})
	assert.Equal(t, onlyOne(Unavailable, 3), endings(s, 0))
}

// What comes and goes while everything is under way leaves nothing behind.
func TestInstancesComeAndGoUnderWay(t *testing.T) {
	unavailable := uint64(0)
	for seed := range uint64(200) {
		spec := madeUp(seed)
		spec.Faults = nil
		for i := range spec.Nodes {
			if b := spec.Nodes[i].Balancer; b != nil {
				b.Health, b.Ejects = nil, nil // the test itself takes out and takes back
			}
		}
		n := NewNetwork(spec, 0)
		s := sim.Keyed(sim.Mix(seed, 7))
		n.start(spec.Run.Warmup)
		n.advance(0)
		n.openWindow()
		for w := range n.rows() {
			n.row = w
			n.advance(min(sim.Time(w+1)*n.snap.WindowSize, n.end))
			n.closeRow(w)
			for i := range n.insts {
				b := n.insts[i].balancer
				if b == nil {
					continue
				}
				for k := range b.ways {
					way := &b.ways[k]
					one := int(s.Below(uint64(len(way.insts))))
					if s.Below(4) == 0 {
						n.outOfRotation(b, way, one, balance.Unhealthy)
					} else {
						n.backInRotation(b, way, one, balance.Unhealthy)
					}
					n.settle()
				}
			}
		}
		n.closeWindow()
		n.drain()
		n.finish()
		n.advance(n.eng.Now() + 100*sim.Second)
		for i := range n.insts { // who waits for an instance that never comes back waits for ever
			if b := n.insts[i].balancer; b != nil {
				for k := range b.ways {
					for one := range b.ways[k].insts {
						n.backInRotation(b, &b.ways[k], one, balance.Unhealthy)
					}
				}
			}
		}
		n.settle()
		n.advance(n.eng.Now() + 100*sim.Second)
		require.Empty(t, n.leftover(), "seed %d", seed)
		for c := range n.snap.Clients {
			unavailable += endings(n.snap, c)[Unavailable]
		}
	}
	assert.Greater(t, unavailable, uint64(1000))
}
