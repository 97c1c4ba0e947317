package node

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/dist"
)

// moody has operations that end well, badly, and well after 50 ms.
func moody() Node {
	n := offering(server("web", ServerSpec{}), "good", pause(1))
	return offering(offering(n, "bad", pause(1), failing(1)), "slow", pause(50))
}

// asked is a request at a moment, for an operation of moody.
type asked struct {
	at float64
	op string
}

// sends is a client that asks moody for what the breaker is to be tried with.
func sends(p Policy, list ...asked) Node {
	var at []float64
	var ops []string
	for _, a := range list {
		at, ops = append(at, a.at), append(ops, a.op)
	}
	return scripted(1, p, at, ops...)
}

// ended is how many requests ended well, badly, and by the breaker.
func ended(s *Snapshot, client int) [3]uint64 {
	e := endings(s, client)
	return [3]uint64{e[OK], e[Failed], e[BreakerOpen]}
}

func TestBreakerOpensAfterSoManyErrorsInARow(t *testing.T) {
	p := Policy{Breaker: &Breaker{Consecutive: 3, Open: 100 * msec}}
	for _, c := range []struct {
		name string
		list []asked
		want [3]uint64
	}{
		{"two are not three", []asked{{0, "bad"}, {10, "bad"}, {20, "good"}}, [3]uint64{1, 2, 0}},
		{"a success begins anew", []asked{{0, "bad"}, {10, "bad"}, {20, "good"}, {30, "bad"}, {40, "bad"}, {50, "good"}}, [3]uint64{2, 4, 0}},
		{"open from 21 to 121 ms", []asked{{0, "bad"}, {10, "bad"}, {20, "bad"}, {30, "good"}, {120, "good"}, {122, "good"}, {124, "good"}}, [3]uint64{2, 3, 2}},
		{"until exactly then", []asked{{0, "bad"}, {10, "bad"}, {20, "bad"}, {121, "good"}}, [3]uint64{1, 3, 0}},
	} {
		assert.Equal(t, c.want, ended(simulate(t, 1, sends(p, c.list...), moody()), 0), c.name)
	}
}

func TestHalfOpenLetsOneThrough(t *testing.T) {
	p := Policy{Breaker: &Breaker{Consecutive: 1, Open: 50 * msec}}
	for _, c := range []struct {
		name string
		list []asked
		want [3]uint64
	}{
		{"nobody else while it is out", []asked{{0, "bad"}, {60, "slow"}, {70, "good"}, {109, "good"}, {111, "good"}, {112, "good"}}, [3]uint64{3, 1, 2}},
		{"its failure opens again, as long", []asked{{0, "bad"}, {60, "bad"}, {62, "good"}, {110, "good"}, {112, "good"}}, [3]uint64{1, 2, 2}},
		{"its success closes: one error more opens", []asked{{0, "bad"}, {60, "good"}, {70, "bad"}, {80, "good"}}, [3]uint64{1, 2, 1}},
		{"what was begun before does not close it", []asked{{0, "slow"}, {10, "bad"}, {12, "good"}, {49, "good"}, {51, "good"}, {60, "good"}, {62, "slow"}, {63, "good"}}, [3]uint64{2, 1, 5}},
	} {
		assert.Equal(t, c.want, ended(simulate(t, 1, sends(p, c.list...), moody()), 0), c.name)
	}
	// An attempt that was begun before it opened ends while the probe is out.
	list := []asked{{0, "slow"}, {1, "bad"}, {5, "good"}}
	short := Policy{Breaker: &Breaker{Consecutive: 1, Open: 20 * msec}}
	s := simulate(t, 1, sends(short, append(list, asked{30, "slow"}, asked{55, "good"}, asked{81, "good"})...), moody())
	assert.Equal(t, [3]uint64{3, 1, 2}, ended(s, 0), "it does not close the breaker for the request of 55 ms")
}

func TestBreakerOpensAtARatio(t *testing.T) {
	p := Policy{Breaker: &Breaker{Ratio: 0.5, Window: 100 * msec, Least: 4, Open: 1000 * msec}}
	for _, c := range []struct {
		name string
		list []asked
		want [3]uint64
	}{
		{"three are too few", []asked{{0, "bad"}, {5, "bad"}, {10, "bad"}, {15, "good"}}, [3]uint64{1, 3, 0}},
		{"the fourth makes it three of four", []asked{{0, "bad"}, {5, "bad"}, {10, "bad"}, {15, "good"}, {20, "good"}}, [3]uint64{1, 3, 1}},
		{"half is enough", []asked{{0, "bad"}, {5, "good"}, {10, "good"}, {15, "bad"}, {20, "good"}}, [3]uint64{2, 2, 1}},
		{"two of five are not", []asked{{0, "bad"}, {5, "good"}, {10, "good"}, {15, "good"}, {20, "bad"}, {30, "good"}}, [3]uint64{4, 2, 0}},
		{"it forgets", []asked{{0, "bad"}, {1, "bad"}, {2, "bad"}, {115, "bad"}, {120, "bad"}, {125, "bad"}, {130, "good"}}, [3]uint64{1, 6, 0}},
		{"not too early", []asked{{0, "bad"}, {1, "bad"}, {2, "bad"}, {85, "bad"}, {90, "good"}}, [3]uint64{0, 4, 1}},
	} {
		assert.Equal(t, c.want, ended(simulate(t, 1, sends(p, c.list...), moody()), 0), c.name)
	}
}

func TestBreakerCountsTimeOutsAndRejections(t *testing.T) {
	p := Policy{Timeout: 10 * msec, Breaker: &Breaker{Consecutive: 1, Open: 900 * msec}}
	s := simulate(t, 1, sends(p, asked{0, "slow"}, asked{9, "good"}, asked{11, "good"}), moody())
	assert.Equal(t, [1 + Errors]uint64{OK: 1, TimedOut: 1, BreakerOpen: 1}, endings(s, 0))
	full := moody()
	full.Server.Concurrency, full.Server.Backlog = 1, 0
	p.Timeout = 0
	s = simulate(t, 1, sends(p, asked{0, "slow"}, asked{9, "good"}, asked{60, "good"}), full)
	assert.Equal(t, [1 + Errors]uint64{OK: 1, Rejected: 1, BreakerOpen: 1}, endings(s, 0))
}

func TestRefusedByTheBreakerIsNoAttemptAndNotTriedAgain(t *testing.T) {
	p := Policy{Retries: 3, Breaker: &Breaker{Consecutive: 2, Open: 500 * msec}}
	s := simulate(t, 1, sends(p, asked{0, "bad"}, asked{10, "good"}), moody())
	assert.Equal(t, [3]uint64{0, 0, 2}, ended(s, 0), "the second attempt opens it, the third is refused: the last attempt counts")
	assert.Equal(t, uint64(2), attempts(s, 0))
	assert.Equal(t, uint64(2), s.Nodes[1].Arrivals)
}

func TestAHedgedAttemptIsOneForTheBreaker(t *testing.T) {
	p := Policy{Hedged: true, Timeout: 20 * msec, Hedge: 5 * msec, Breaker: &Breaker{Consecutive: 2, Open: 500 * msec}}
	s := simulate(t, 1, sends(p, asked{0, "slow"}, asked{30, "good"}, asked{40, "slow"}, asked{70, "slow"}, asked{100, "good"}), moody())
	assert.Equal(t, [1 + Errors]uint64{OK: 1, TimedOut: 3, BreakerOpen: 1}, endings(s, 0))
}

// rowed lets each request of a client say, in its row, how long it takes and
// whether it fails: for calls that share a step, and so a breaker.
func rowed(c Node, rows ...[2]float64) Node {
	trace := c.Client.Open.(arrival.TracePlan).Trace
	trace.Columns = map[string][]float64{}
	for _, row := range rows {
		trace.Columns["ms"] = append(trace.Columns["ms"], row[0])
		trace.Columns["bad"] = append(trace.Columns["bad"], row[1])
	}
	return c
}

// asRowed does what the row of the request says.
func asRowed() Node {
	return server("web", ServerSpec{}, Step{Kind: StepWait, ID: 1, Time: dist.Trace{Column: "ms", Scale: ms}},
		Step{Kind: StepRepeat, ID: 2, Time: dist.Trace{Column: "bad", Scale: 1}, Branches: [][]Step{{failing(1)}}})
}

func TestACancelledProbeFreesThePlace(t *testing.T) {
	// What was let through at 60 ms is given up at 70 ms.
	for _, hedged := range []bool{false, true} {
		p := Policy{Breaker: &Breaker{Consecutive: 1, Open: 50 * msec}, Hedged: hedged, Hedge: 3 * msec}
		for _, cancel := range []bool{false, true} {
			client := rowed(users(1, Policy{Timeout: 10 * msec}, 0, 60, 75), [2]float64{1, 1}, [2]float64{50, 0}, [2]float64{1, 0})
			client.Client.Cancel = cancel
			s := simulate(t, 1, client, server("front", ServerSpec{}, asks(2, p)), asRowed())
			want := [1 + Errors]uint64{Failed: 1, TimedOut: 1, BreakerOpen: 1}
			if cancel {
				want = [1 + Errors]uint64{Failed: 1, TimedOut: 1, OK: 1}
			}
			assert.Equal(t, want, endings(s, 0), "cancel %t, hedged %t", cancel, hedged)
		}
	}
}

func TestEveryInstanceOfACallerHasABreakerOfItsOwn(t *testing.T) {
	// The instances take turns: 0, 1, 0, 1. Only the first sees the error.
	front := spread(server("front", ServerSpec{}, asks(2, Policy{Breaker: &Breaker{Consecutive: 1, Open: 900 * msec}})), 2)
	rows := [][2]float64{{1, 1}, {1, 0}, {1, 0}, {1, 0}}
	s := simulate(t, 1, rowed(users(1, Policy{}, 0, 10, 20, 30), rows...), front, asRowed())
	assert.Equal(t, [3]uint64{2, 1, 1}, ended(s, 0))
	front.Instances = 1
	s = simulate(t, 1, rowed(users(1, Policy{}, 0, 10, 20, 30), rows...), front, asRowed())
	assert.Equal(t, [3]uint64{0, 1, 3}, ended(s, 0))
}

func TestFallbackOfACallThatTheBreakerRefuses(t *testing.T) {
	front := server("front", ServerSpec{}, orElse(asks(2, Policy{Breaker: &Breaker{Consecutive: 1, Open: 900 * msec}}), pause(3)))
	s := simulate(t, 1, rowed(users(1, Policy{}, 0, 10, 20), [2]float64{20, 1}, [2]float64{20, 0}, [2]float64{20, 0}), front, asRowed())
	assert.Equal(t, onlyOne(OK, 3), endings(s, 0))
	assert.InDelta(t, 23+20+3, took(s, 0), 0, "the second was under way when the first opened it at 20 ms, just before the third")
}

func TestUsersWhoComeAgainAtOnceForEverEndTheRun(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes fifty million events")
	}
	// While the breaker is open users are refused at once, and do not think.
	user := users(1, Policy{Breaker: &Breaker{Consecutive: 1, Open: 50 * msec}})
	user.Client.Open, user.Client.Closed = nil, &arrival.Users{Initial: 1}
	_, err := NewNetwork(specFor(1, user, server("web", ServerSpec{}, pause(1), failing(1))), 0).Run(nil)
	var limit *LimitError
	require.ErrorAs(t, err, &limit)
	assert.Equal(t, uint64(MaxEventsAtOnce), limit.Limit)
}
