package sim

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Suspended events, of timers and of lanes, come as much later as they were
// suspended for, and in their old order.
func TestSuspendedEventsGoOnWhereTheyWere(t *testing.T) {
	for seed := range uint64(20) {
		e, s := &Engine{}, Keyed(seed)
		e.Grow(200)
		lanes := []int{e.NewLane(30, Timer, 1), e.NewLane(50, Completion, 2)}
		var want []uint32
		due := map[uint32]Time{}
		for slot := range uint32(200) {
			switch s.Below(3) {
			case 0:
				e.Arm(e.Now()+Time(20+s.Below(60)), Class(s.Below(2)), uint32(s.Below(3)), slot)
			default:
				e.ArmLane(lanes[s.Below(2)], slot)
			}
			if s.Below(5) == 0 {
				e.Disarm(uint32(s.Below(uint64(slot + 1))))
			}
			if slot%40 == 39 {
				e.Next(e.Now() + 1)
			}
		}
		begin := e.Now()
		var all []Suspended
		var slots []uint32
		for slot := range uint32(200) {
			one, ok := e.Suspend(slot)
			if !ok {
				continue
			}
			require.False(t, e.Armed(slot))
			at := 0
			for at < len(all) && all[at].Before(one) {
				at++
			}
			all = append(all[:at], append([]Suspended{one}, all[at:]...)...)
			slots = append(slots[:at], append([]uint32{slot}, slots[at:]...)...)
		}
		require.Zero(t, e.Pending())
		e.Next(begin + 1000)
		for i := range all {
			e.Resume(all[i], slots[i])
			due[slots[i]] = begin + 1000 + all[i].Left
			want = append(want, slots[i])
		}
		for _, slot := range want {
			got, ok := e.Next(Never)
			require.True(t, ok)
			require.Equal(t, slot, got, "seed %d", seed)
			require.Equal(t, due[slot], e.Now())
		}
		_, ok := e.Suspend(0)
		assert.False(t, ok, "it has happened")
	}
}

// The time left is the time until the event would have come.
func TestTimeLeftOfASuspendedEvent(t *testing.T) {
	var e Engine
	e.Grow(8)
	lane := e.NewLane(100, Timer, 0)
	for slot := range uint32(5) {
		e.ArmLane(lane, slot)
		e.Schedule(e.Now()+10, Completion, 0, 7)
		e.Next(Never)
	}
	e.Disarm(2)
	e.Arm(e.Now()+33, Timer, 0, 6)
	for slot, left := range map[uint32]Time{0: 50, 1: 60, 3: 80, 4: 90, 6: 33} {
		s, ok := e.Suspend(slot)
		require.True(t, ok)
		assert.Equal(t, left, s.Left, "slot %d", slot)
	}
	s := Suspended{Left: Never - 5}
	e.Resume(s, 1)
	assert.True(t, e.Armed(1), "a time beyond all others does not run over")
}
