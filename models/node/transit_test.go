package node

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// In these scenarios a message takes 1 ms within zone 0 or zone 1, 5 ms from
// one to the other, and 20 ms over the internet.
func network() *NetworkSpec {
	return &NetworkSpec{SameZone: constantLawOf(1), CrossZone: constantLawOf(5), Internet: constantLawOf(20)}
}

func in(n Node, zones ...int) Node {
	n.Zones = zones
	return n
}

func simulateOver(t *testing.T, net *NetworkSpec, nodes ...Node) *Snapshot {
	t.Helper()
	spec := specFor(1, nodes...)
	spec.Network, spec.Zones = net, []string{"a", "b", "c"}
	s, err := NewNetwork(spec, 0).Run(nil)
	require.NoError(t, err)
	return s
}

// travelled is the time that a client's requests spent on the way, in
// milliseconds.
func travelled(s *Snapshot, client int) float64 {
	return s.Clients[client].Ops[0].Network.Float64() / ms
}

func TestMessagesGoThereAndBack(t *testing.T) {
	web := in(server("web", ServerSpec{}, pause(3)), 0)
	for _, c := range []struct {
		name   string
		client Node
		want   float64
	}{
		{"without a zone: over the internet", users(1, Policy{}, 0), 40},
		{"in the same zone", in(users(1, Policy{}, 0), 0), 2},
		{"in another zone", in(users(1, Policy{}, 0), 1), 10},
		{"with a time-out", in(users(1, Policy{Timeout: 90 * msec}, 0), 1), 10},
	} {
		s := simulateOver(t, network(), c.client, web)
		assert.InDelta(t, c.want+3, took(s, 0), 0, c.name)
		assert.InDelta(t, c.want, travelled(s, 0), 0, c.name)
		assert.Equal(t, int64(3*msec), s.Nodes[1].Response.Max(), "%s: from arrival at the instance", c.name)
		assert.InDelta(t, 3*ms, s.Nodes[1].InFlight.Float64(), 0, c.name)
	}
}

func TestCallsTravelFromTheInstanceThatMakesThem(t *testing.T) {
	front, far := in(server("front", ServerSpec{}, asks(2, Policy{}), pause(1)), 0), in(server("far", ServerSpec{}, pause(3)), 1)
	s := simulateOver(t, network(), in(users(1, Policy{}, 0), 0), front, far)
	assert.InDelta(t, 2+10+3+1, took(s, 0), 0)
	assert.InDelta(t, 12, travelled(s, 0), 0)

	s = simulateOver(t, network(), users(1, Policy{}, 0), in(server("front", ServerSpec{}, asks(2, Policy{})), 1), in(lb("random", 3), 0), in(server("web", ServerSpec{}, pause(3)), 1))
	assert.InDelta(t, 40+10+10+3, took(s, 0), 0, "to the balancer, and on to the instance")

	s = simulateOver(t, network(), in(users(1, Policy{}, 0), 0), in(server("front", ServerSpec{}, looksUp(Policy{}, pause(7)), Step{Kind: StepSet, ID: 4, Target: Target{Node: 2}}), 0), in(cacheOf(0), 1))
	assert.InDelta(t, 2+10+7+10, took(s, 0), 0, "a look-up and a set")
}

func TestMessagesOfBranchesAreCountedOnce(t *testing.T) {
	// Frames are used again: nothing of their earlier journeys must remain.
	front := in(server("front", ServerSpec{}, parallel(0, []Step{asks(2, Policy{})}, []Step{asks(2, Policy{})}), times(2, pause(1))), 0)
	s := simulateOver(t, network(), in(users(1, Policy{}, 0, 100, 200), 1), front, in(server("far", ServerSpec{}, pause(3)), 1))
	assert.InDelta(t, 3*(10+10+3+2), took(s, 0), 0)
	assert.InDelta(t, 3*(10+2*10), travelled(s, 0), 0)
}

func TestExternalServicesAreBehindTheInternet(t *testing.T) {
	pay := Node{Name: "pay", Kind: External, Instances: 1, External: &ExternalSpec{Latency: constantLawOf(30)}}
	s := simulateOver(t, network(), in(users(1, Policy{}, 0), 0), in(server("front", ServerSpec{}, asks(2, Policy{})), 0), pay)
	assert.InDelta(t, 2+40+30, took(s, 0), 0)
	s = simulateOver(t, network(), in(users(1, Policy{}, 0), 0), pay)
	assert.InDelta(t, 40+30, took(s, 0), 0)
	pay.External.ErrorRatio = 1
	s = simulateOver(t, network(), users(1, Policy{}, 0), in(server("front", ServerSpec{}, orElse(asks(2, Policy{}))), 0), pay)
	assert.InDelta(t, 40+40+30, took(s, 0), 0, "bad answers travel too")
}

func TestRejectionsTravelToo(t *testing.T) {
	full := in(server("web", ServerSpec{Concurrency: 1}, pause(90)), 1)
	front := in(server("front", ServerSpec{}, orElse(asks(1, Policy{}))), 0)
	s := simulateOver(t, network(), in(users(2, Policy{}, 10), 0), full, front, in(asking("v", "request", 1, Policy{}, 0), 1))
	assert.InDelta(t, 2+10, took(s, 0), 0)
	assert.Equal(t, uint64(1), s.Nodes[1].Errors[Rejected-1])
	assert.Equal(t, uint64(2), s.Nodes[1].Arrivals)
	s = simulateOver(t, network(), in(users(1, Policy{}, 10), 0), full, front, in(asking("v", "request", 1, Policy{}, 0), 1))
	assert.Equal(t, onlyOne(Rejected, 1), endings(s, 0), "whoever sends it")
}

func TestInstancesSpreadOverTheirZonesInTurn(t *testing.T) {
	for _, c := range []struct {
		zones []int
		want  float64
	}{
		{[]int{0, 1}, 2 + 10 + 2}, // instances 0 and 2 in zone 0
		{[]int{0}, 2 + 2 + 2},
		{[]int{1}, 10 + 10 + 10},
		{[]int{1, 2, 0}, 10 + 10 + 2},
	} {
		web := in(spread(server("web", ServerSpec{}, pause(1)), 3), c.zones...)
		s := simulateOver(t, network(), in(users(1, Policy{}, 0, 50, 100), 0), web)
		assert.InDelta(t, c.want, travelled(s, 0), 0)
	}
}

func TestTimesBetweenSingleZonesGoBeforeTheOthers(t *testing.T) {
	net := network()
	net.Between = []ZoneDelay{{A: 0, B: 2, Delay: constantLawOf(40)}, {A: 1, B: 1, Delay: constantLawOf(2)}}
	for _, c := range []struct {
		from, to int
		want     float64
	}{{0, 2, 80}, {2, 0, 80}, {0, 1, 10}, {2, 1, 10}, {1, 1, 4}, {0, 0, 2}, {2, 2, 2}} {
		s := simulateOver(t, net, in(users(1, Policy{}, 0), c.from), in(server("web", ServerSpec{}, pause(1)), c.to))
		assert.InDelta(t, c.want, travelled(s, 0), 0, "%d to %d", c.from, c.to)
	}
}

func TestNoTimePassesWhereNoneIsAskedFor(t *testing.T) {
	s := simulateOver(t, &NetworkSpec{CrossZone: constantLawOf(5)}, users(1, Policy{}, 0), in(server("web", ServerSpec{}, pause(3)), 0), in(asking("v", "request", 1, Policy{}, 0), 1))
	assert.InDelta(t, 3, took(s, 0), 0)
	assert.InDelta(t, 3+10, took(s, 1), 0)
}

func TestATimeOutRunsWhileTheMessageIsOnItsWay(t *testing.T) {
	// Given up at 10 ms, 10 ms before it would be there.
	for cancel, want := range map[bool]uint64{false: 1, true: 0} {
		client := gaveUp(cancel)
		s := simulateOver(t, network(), client, in(server("web", ServerSpec{}, pause(3)), 0))
		assert.Equal(t, onlyOne(TimedOut, 1), endings(s, 0))
		assert.Equal(t, want, s.Nodes[1].Arrivals)
	}
	// Given up at 42 ms, while the answer is on its way since 23 ms.
	client := cancelling(users(1, Policy{Timeout: 42 * msec}, 0))
	s := simulateOver(t, network(), client, in(server("web", ServerSpec{}, pause(3)), 0))
	assert.Equal(t, onlyOne(TimedOut, 1), endings(s, 0))
	assert.Equal(t, uint64(1), s.Nodes[1].Completions)
}

func TestABalancerForgetsWhatComesTooLate(t *testing.T) {
	// Given up at 10 ms, at the balancer at 20 ms, at the server at 21 ms.
	spec := specFor(1, gaveUp(false), in(lb("least-connections", 2), 0), in(server("web", ServerSpec{}, pause(90)), 0))
	spec.Network, spec.Zones = network(), []string{"a"}
	n := NewNetwork(spec, 0)
	n.start(0)
	n.openWindow()
	n.advance(50 * msec)
	assert.Zero(t, n.insts[n.nodes[1].first].balancer.ways[0].group.InFlight(0))
	assert.Equal(t, []int64{0, 1}, []int64{n.nodes[1].inside, n.nodes[2].inside}, "the server works on it")
}

func TestALostMessageIsATimeOut(t *testing.T) {
	net := network()
	net.Loss = 1
	for _, cancel := range []bool{false, true} {
		s := simulateOver(t, net, gaveUp(cancel), in(server("web", ServerSpec{}, pause(3)), 0))
		assert.Equal(t, onlyOne(TimedOut, 1), endings(s, 0))
		assert.Zero(t, s.Nodes[1].Arrivals)
	}
	// Half of all messages: a quarter of the requests comes back.
	net.Loss = 0.5
	for _, cancel := range []bool{false, true} {
		client := users(1, Policy{Timeout: 200 * msec}, every(1, 900)...)
		client.Client.Cancel = cancel
		s := simulateOver(t, net, client, in(server("web", ServerSpec{}, pause(3)), 0))
		e := endings(s, 0)
		assert.Equal(t, uint64(900), e[OK]+e[TimedOut])
		assert.InDelta(t, 450, float64(s.Nodes[1].Arrivals), 60, "four standard deviations")
		assert.InDelta(t, 225, float64(e[OK]), 52)
		assert.Equal(t, s.Nodes[1].Arrivals, s.Nodes[1].Completions)
	}
}

func TestWithoutATimeOutALostMessageIsWaitedForToTheEnd(t *testing.T) {
	net := network()
	net.Loss = 0.5
	s := simulateOver(t, net, users(1, Policy{}, every(1, 900)...), in(server("web", ServerSpec{}, pause(3)), 0))
	o := &s.Clients[0].Ops[0]
	assert.Equal(t, uint64(900), o.Offered)
	assert.Equal(t, o.Offered, o.OK+o.Unfinished)
	assert.InDelta(t, 225, float64(o.OK), 52)
}

func TestHedgeMakesUpForALostMessage(t *testing.T) {
	// Nothing arrives; what counts is where the copies go. It would be the
	// turn of instance 0 again when the second is sent.
	net := network()
	net.Loss = 1
	spec := specFor(1, users(1, Policy{Hedged: true, Hedge: 5 * msec}, 0), in(spread(server("web", ServerSpec{}, pause(3)), 2), 0), asking("w", "request", 1, Policy{}, 1))
	spec.Network, spec.Zones = net, []string{"a"}
	n := NewNetwork(spec, 0)
	n.start(0)
	n.advance(10 * msec)
	var went []uint32
	for f := range n.frames {
		if n.frames[f].state == forAnswer && n.frames[f].flags&isCopy != 0 {
			went = append(went, n.cold[f].count-n.nodes[1].first)
		}
	}
	assert.Equal(t, []uint32{0, 1}, went)
}
