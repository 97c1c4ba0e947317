package sim

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// twin is the dumb second implementation: a slice that is sorted whenever
// the next event is wanted.
type twin struct {
	events []twinEvent
	seq    int
	now    Time
}

type twinEvent struct {
	at    Time
	class Class
	rank  uint32
	seq   int
	slot  uint32
	armed bool
}

func (w *twin) add(at Time, class Class, rank uint32, seq int, slot uint32, armed bool) {
	if class != Arrival || armed {
		w.seq++
		seq = w.seq
	}
	w.events = append(w.events, twinEvent{at, class, rank, seq, slot, armed})
}

func (w *twin) disarm(slot uint32) bool {
	i := slices.IndexFunc(w.events, func(e twinEvent) bool { return e.slot == slot && e.armed })
	if i < 0 {
		return false
	}
	w.events = slices.Delete(w.events, i, i+1)
	return true
}

func (w *twin) next(until Time) (uint32, bool) {
	slices.SortFunc(w.events, func(a, b twinEvent) int {
		for _, d := range []int64{int64(a.at - b.at), int64(a.class) - int64(b.class), int64(a.rank) - int64(b.rank), int64(a.seq - b.seq)} {
			if d != 0 {
				return int(max(-1, min(1, d)))
			}
		}
		return 0
	})
	if len(w.events) == 0 || w.events[0].at >= until {
		w.now = max(w.now, until)
		return 0, false
	}
	e := w.events[0]
	w.events = w.events[1:]
	w.now = e.at
	return e.slot, true
}

// exercise drives engine and twin with the same random operations and
// compares every answer. Every so many steps (0: never) the sequence numbers
// are made to run out.
func exercise(t *testing.T, seed uint64, steps, runOut int) {
	t.Helper()
	const slots = 300
	e, w, s := &Engine{}, &twin{}, Keyed(seed)
	e.Grow(slots)
	lanes := []Time{0, 3, 50, 50, 1000}
	for i, d := range lanes {
		e.NewLane(d, Class(i%2), uint32(i))
	}
	var arrivals uint64
	for step := range steps {
		if runOut > 0 && step%runOut == runOut-1 {
			e.seq = seqMask - s.Below(20)
		}
		slot := uint32(s.Below(slots))
		switch s.Below(8) {
		case 0, 1:
			at, class, rank := e.Now()+Time(s.Below(40)), Class(s.Below(2)), uint32(s.Below(4))
			e.Schedule(at, class, rank, slot)
			w.add(at, class, rank, 0, slot, false)
		case 2:
			arrivals++
			at, rank := e.Now()+Time(s.Below(20)), uint32(s.Below(4))
			e.ScheduleArrival(at, rank, arrivals, slot)
			w.add(at, Arrival, rank, int(arrivals), slot, false)
		case 3:
			if !e.Armed(slot) {
				at := e.Now() + Time(s.Below(200))
				e.Arm(at, Timer, 2, slot)
				w.add(at, Timer, 2, 0, slot, true)
			}
		case 4, 5:
			if !e.Armed(slot) {
				i := int(s.Below(uint64(len(lanes))))
				e.ArmLane(i, slot)
				w.add(e.Now()+lanes[i], Class(i%2), uint32(i), 0, slot, true)
			}
		case 6:
			require.Equal(t, w.disarm(slot), e.Disarm(slot))
		default:
			until := e.Now() + Time(s.Below(60))
			got, ok := e.Next(until)
			want, wantOK := w.next(until)
			require.Equal(t, wantOK, ok)
			require.Equal(t, want, got)
			require.Equal(t, w.now, e.Now())
		}
		require.Equal(t, len(w.events), e.Pending())
	}
}

func TestEngineAgreesWithASortedSlice(t *testing.T) {
	for seed := range uint64(20) {
		exercise(t, seed, 2000, 0)
	}
}

func TestRenumberingKeepsEveryOrder(t *testing.T) {
	for seed := range uint64(10) {
		exercise(t, seed, 1500, 97)
	}
}

func FuzzEngine(f *testing.F) {
	f.Add(uint64(1), uint16(500))
	f.Fuzz(func(t *testing.T, seed uint64, steps uint16) { exercise(t, seed, int(steps)%3000, 0) })
}

func TestEventsOfOneInstantAreOrderedByMeaning(t *testing.T) {
	var e Engine
	e.Grow(8)
	e.ScheduleArrival(5, 1, 0, 1)
	e.Schedule(5, Timer, 0, 2)
	e.ScheduleArrival(5, 0, 7, 3)
	e.Schedule(5, Completion, 9, 4)
	e.Schedule(5, Completion, 2, 5)
	e.Schedule(5, Completion, 9, 6)
	var order []uint32
	for {
		slot, ok := e.Next(10)
		if !ok {
			break
		}
		order = append(order, slot)
	}
	assert.Equal(t, []uint32{5, 4, 6, 2, 3, 1}, order)
	assert.Equal(t, Time(10), e.Now())
}

func TestDisarmedEventsDoNotRot(t *testing.T) {
	var e Engine
	e.Grow(1000)
	e.NewLane(Second, Timer, 0)
	for i := range 100_000 {
		e.ArmLane(0, uint32(i%1000))
		e.Disarm(uint32(i % 1000))
	}
	assert.LessOrEqual(t, e.lanes[0].n, 256, "entries of a ring of which all were disarmed")
	for i := range 100_000 {
		e.Arm(Second, Timer, 0, uint32(i%1000))
		e.Disarm(uint32(i % 1000))
	}
	assert.Empty(t, e.timers.ev)
	assert.Zero(t, e.Pending())
}

func TestSteadyStateAllocatesNothing(t *testing.T) {
	var e Engine
	e.Grow(64)
	lane := e.NewLane(7, Timer, 0)
	s := Keyed(1)
	for i := range uint32(32) {
		e.Schedule(Time(s.Below(100)), Completion, 0, i)
	}
	run := func() {
		for range 1000 {
			slot, _ := e.Next(Never)
			if slot < 32 {
				e.Schedule(e.Now()+Time(s.Below(100)), Completion, 0, slot)
				e.Disarm(slot + 32)
				e.ArmLane(lane, slot+32)
			}
		}
	}
	run()
	assert.Zero(t, testing.AllocsPerRun(20, run))
}

func TestEngineRefusesThePast(t *testing.T) {
	var e Engine
	e.Grow(2)
	e.Schedule(10, Timer, 0, 0)
	e.Next(100)
	assert.Panics(t, func() { e.Schedule(9, Timer, 0, 0) })
	assert.Panics(t, func() { e.StartAt(0) })
	e.Arm(20, Timer, 0, 1)
	assert.Panics(t, func() { e.Arm(21, Timer, 0, 1) })
}

func BenchmarkHold(b *testing.B) {
	for _, pending := range []int{16, 1000, 100_000} {
		b.Run("pending="+itoa(pending), func(b *testing.B) {
			var e Engine
			s := Keyed(1)
			for i := range pending {
				e.Schedule(Time(s.Below(1_000_000)), Completion, 0, uint32(i))
			}
			b.ReportAllocs()
			for b.Loop() {
				slot, _ := e.Next(Never)
				e.Schedule(e.Now()+Time(s.Below(1_000_000)), Completion, 0, slot)
			}
		})
	}
}

func itoa(n int) string {
	if n == 0 {
		return ""
	}
	return itoa(n/10) + string(rune('0'+n%10))
}
