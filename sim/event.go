package sim

// Class orders events of one instant by meaning: what ends comes before what
// was waited for, and both before what is new.
type Class uint8

// The classes, in the order in which they happen.
const (
	Completion Class = iota // work is done, an answer is there
	Timer                   // a time is up
	Arrival                 // something new comes
)

// The key of an event is unique among all that are pending. From the top:
// class, rank (of the name it belongs to), sequence number, slot.
const (
	slotBits = 22
	seqBits  = 26
	rankBits = 14

	seqShift   = slotBits
	rankShift  = seqShift + seqBits
	classShift = rankShift + rankBits

	slotMask = 1<<slotBits - 1
	seqMask  = 1<<seqBits - 1

	// MaxSlots is how many activations may exist at once.
	MaxSlots = 1 << slotBits
	// MaxRanks is how many names events may belong to.
	MaxRanks = 1 << rankBits
	// MaxArrivalNumber bounds the number given to ScheduleArrival.
	MaxArrivalNumber = seqMask
)

// Event is something that will happen: when, and to which slot. It is plain
// data of 16 bytes; what it means is the business of whoever owns the slot.
type Event struct {
	At  Time
	Key uint64
}

// Slot returns the slot that the event is for.
func (e Event) Slot() uint32 { return uint32(e.Key & slotMask) }

func makeKey(class Class, rank uint32, seq uint64, slot uint32) uint64 {
	return uint64(class)<<classShift | uint64(rank)<<rankShift | seq<<seqShift | uint64(slot)
}

// before is the total order of events.
func (e Event) before(o Event) bool {
	return e.At < o.At || e.At == o.At && e.Key < o.Key
}

// last is later than every event.
var last = Event{At: Never, Key: 1<<64 - 1}
