package node

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/capsim/capsim/models/dist"
)

// visitor lets each arrival of a client be a session of so many requests.
func visitor(c Node, length float64, think dist.Law) Node {
	c.Client.Session = &Session{Length: dist.Constant{Value: length}, Think: think}
	return c
}

// offeredAt lists in which rows of the series, of 10 ms each, a client's
// requests were due.
func offeredAt(s *Snapshot, client int) []int {
	var rows []int
	for row, w := range s.Clients[client].Series {
		for range w.Offered {
			rows = append(rows, row)
		}
	}
	return rows
}

func TestASessionThinksBetweenItsRequests(t *testing.T) {
	// 5 ms of work, 20 ms of thought: at 2, 27 and 52 ms, and again at 300 ms.
	web := server("web", ServerSpec{}, pause(5))
	s := simulate(t, 1, visitor(users(1, Policy{}, 2, 300), 3, constantLawOf(20)), web)
	assert.Equal(t, []int{0, 2, 5, 30, 32, 35}, offeredAt(s, 0))
	assert.Equal(t, onlyOne(OK, 6), endings(s, 0))
	assert.InDelta(t, 6*5, took(s, 0), 0, "thinking is no part of the latency")

	s = simulate(t, 1, visitor(users(1, Policy{}, 2), 4, nil), web)
	assert.Equal(t, []int{0, 0, 1, 1}, offeredAt(s, 0), "without thinking: 2, 7, 12, 17 ms")

	s = simulate(t, 1, visitor(users(1, Policy{}, 2), 1, constantLawOf(20)), web)
	assert.Equal(t, []int{0}, offeredAt(s, 0))

	s = simulate(t, 1, visitor(users(1, Policy{Timeout: 3 * msec}, 2), 3, constantLawOf(20)), web)
	assert.Equal(t, []int{0, 2, 4}, offeredAt(s, 0), "it goes on after an error: 2, 25, 48 ms")
	assert.Equal(t, onlyOne(TimedOut, 3), endings(s, 0))
}

func TestSessionsGoOnSideBySide(t *testing.T) {
	s := simulate(t, 1, visitor(users(1, Policy{}, 1, 6, 11), 3, constantLawOf(95)), server("web", ServerSpec{}, pause(5)))
	assert.Equal(t, []int{0, 0, 1, 10, 10, 11, 20, 20, 21}, offeredAt(s, 0))
}

// hit lists which of the instances of a node got requests.
func hit(s *Snapshot, node int) []int {
	var list []int
	for i, n := range arrivals(s, node) {
		if n > 0 {
			list = append(list, i)
		}
	}
	return list
}

// bySource sends what it is asked for on to one of many, by source.
func bySource() Node {
	call := asks(2, Policy{})
	call.Key.Source = true
	return server("front", ServerSpec{}, call)
}

func TestASessionHasOneSourceAndFreshKeys(t *testing.T) {
	many := spread(server("web", ServerSpec{}, pause(1)), 40)
	one := func() Node {
		c := visitor(users(1, Policy{}, 0), 30, nil)
		c.Client.Keys = keyed(t, "uniform n=1000")
		return c
	}
	s := simulate(t, 1, one(), bySource(), lb("url-hash", 3), many)
	assert.Len(t, hit(s, 3), 1, "all from one address")
	s = simulate(t, 1, one(), server("front", ServerSpec{}, asks(2, Policy{})), lb("url-hash", 3), many)
	assert.Greater(t, len(hit(s, 3)), 10, "about many items")

	s = simulate(t, 1, visitor(users(1, Policy{}, every(9, 30)...), 2, nil), bySource(), lb("url-hash", 3), many)
	assert.Greater(t, len(hit(s, 3)), 10, "each session has its own address")
	for _, n := range arrivals(s, 3) {
		assert.Zero(t, n%2, "for both of its requests")
	}
}

func TestRequestsHaveTheSourceThatTheClientSays(t *testing.T) {
	many := spread(server("web", ServerSpec{}, pause(1)), 40)
	c := users(1, Policy{}, every(9, 30)...)
	s := simulate(t, 1, c, bySource(), lb("url-hash", 3), many)
	assert.Greater(t, len(hit(s, 3)), 10, "each its own if nothing is said")
	c.Client.Sources = dist.Constant{Value: 4}
	s = simulate(t, 1, c, bySource(), lb("url-hash", 3), many)
	assert.Len(t, hit(s, 3), 1)
	c.Client.Session = &Session{Length: dist.Constant{Value: 2}}
	s = simulate(t, 1, c, bySource(), lb("url-hash", 3), many)
	assert.Len(t, hit(s, 3), 1, "sessions too")
}

func TestTheKeyOfACallDecidesWhereItIsHashedTo(t *testing.T) {
	many := spread(server("web", ServerSpec{}, pause(1)), 16)
	seen := map[int]bool{}
	for v := range 12 {
		value := dist.Constant{Value: float64(v)}
		to := func(item, source dist.Law, key KeyOf) int {
			c := users(1, Policy{}, 0, 10, 20)
			c.Client.Keys, c.Client.Sources = item, source
			call := asks(2, Policy{})
			call.Key = key
			s := simulate(t, 1, c, server("front", ServerSpec{}, call), lb("url-hash", 3), many)
			list := hit(s, 3)
			assert.Len(t, list, 1)
			return list[0]
		}
		other := dist.Constant{Value: 99}
		want := to(value, other, KeyOf{})
		assert.Equal(t, want, to(other, value, KeyOf{Source: true}))
		assert.Equal(t, want, to(other, other, KeyOf{Law: value}))
		seen[want] = true
	}
	assert.Greater(t, len(seen), 4)
}

func TestAKeyIsDrawnAfreshForEachCall(t *testing.T) {
	many := spread(server("web", ServerSpec{}, pause(1)), 50)
	call := asks(2, Policy{})
	call.Key.Law = keyed(t, "uniform n=1000")
	s := simulate(t, 1, users(1, Policy{}, 0), server("front", ServerSpec{}, times(30, call)), lb("url-hash", 3), many)
	assert.Greater(t, len(hit(s, 3)), 12)
}
