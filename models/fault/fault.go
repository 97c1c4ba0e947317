package fault

import "github.com/capsim/capsim/sim"

// Kind is what goes wrong.
type Kind uint8

// The kinds of fault.
const (
	Kill      Kind = iota // what is in flight is lost, what comes is refused
	Hang                  // everything stands still, and goes on afterwards
	Partition             // nothing gets from one side to the other
)

// Row is one kind of fault in the language.
type Row struct {
	Kind Kind
	Key  string
	Doc  string
}

// Table lists the kinds by their keys.
var Table = []Row{
	{Hang, "hang", "accepts requests and never answers; goes on where it was when the fault ends"},
	{Kill, "kill", "what is in flight there fails at once as unavailable, new requests are refused; empty when it is back"},
	{Partition, "partition", "swallows what one side sends to the other; what was sent before arrives"},
}

// String returns the key of the kind.
func (k Kind) String() string {
	for _, row := range Table {
		if row.Kind == k {
			return row.Key
		}
	}
	panic("fault: a kind without a row")
}

// Fault is one thing that goes wrong.
type Fault struct {
	Kind   Kind
	Silent bool     // of a kill: nobody is told, what comes is swallowed
	At     sim.Time // since the start of the window
	For    sim.Time // 0: to the end
	Where  []Span   // what it strikes, in order
	Target string   // as it is written

	Sides [2][]Span // of a partition; Where is both

	// A fault that comes by chance strikes each instance by itself, again and
	// again: MTTF is the mean of the exponential time from when the instance
	// was whole, or At, to the next failure, MTTR that of each repair. So many
	// Crews repair at once, 0 as many as are needed. MTTF is 0 for a fault that
	// comes when the file says so.
	// Where all of it fails AsOne, as a zone and a partition do, there is one
	// clock.
	MTTF, MTTR sim.Time
	Crews      int
	AsOne      bool
}

// Random reports whether the fault comes by chance.
func (f *Fault) Random() bool { return f.MTTF > 0 }

// Span is some instances of a node that stand next to each other.
type Span struct {
	Node  int // in the order of the specification
	First int // instance
	Count int
}

// String says what goes wrong where.
func (f *Fault) String() string { return f.Kind.String() + " " + f.Target }

// State is what an instance is like. From Dead on nothing is there that
// could take a request.
type State uint8

// The states, from the best to the worst.
const (
	Up     State = iota
	Hung         // stands still
	Dead         // refuses
	Silent       // swallows
)

// Condition is the faults that hold for one instance, by number.
type Condition struct{ hangs, kills, silent int32 }

// Begin adds a fault.
func (c *Condition) Begin(f *Fault) { c.count(f, 1) }

// End takes a fault back.
func (c *Condition) End(f *Fault) { c.count(f, -1) }

func (c *Condition) count(f *Fault, by int32) {
	switch {
	case f.Kind == Partition: // it happens between instances, not to them
	case f.Kind == Hang:
		c.hangs += by
	case f.Silent:
		c.silent += by
	default:
		c.kills += by
	}
}

// State returns what the faults together make of the instance: the worst.
func (c *Condition) State() State {
	switch {
	case c.silent > 0:
		return Silent
	case c.kills > 0:
		return Dead
	case c.hangs > 0:
		return Hung
	}
	return Up
}
