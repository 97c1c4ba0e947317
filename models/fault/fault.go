package fault

import (
	"slices"
	"strconv"

	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/sim"
)

// Kind is what goes wrong.
type Kind uint8

// The kinds of fault.
const (
	Kill      Kind = iota // what is in flight is lost, what comes is refused
	Hang                  // everything stands still, and goes on afterwards
	Partition             // nothing gets from one side to the other
	Slow                  // work takes longer by a factor, what is left of it included
	Errors                // a share of what comes in is answered failed
	Latency               // what comes in is delayed
	Surge                 // more requests come
	Flush                 // what is kept is forgotten
)

// Row is one kind of fault in the language.
type Row struct {
	Kind Kind
	Key  string
	Doc  string
}

// Table lists the kinds by their keys.
var Table = []Row{
	{Errors, "errors", "answers a share of the attempts that arrive there failed"},
	{Flush, "flush", "a cache or CDN forgets what it keeps, at one instant"},
	{Hang, "hang", "accepts requests and never answers; goes on where it was when the fault ends"},
	{Kill, "kill", "what is in flight there fails at once as unavailable, new requests are refused; empty when it is back"},
	{Latency, "latency", "adds a time to each request before it is handled there"},
	{Partition, "partition", "swallows what one side sends to the other; what was sent before arrives"},
	{Slow, "slow", "times of cpu, disk and wait steps last longer by a factor, what is left of those under way included"},
	{Surge, "surge", "a client sends more requests by a factor"},
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

	Sides  [2][]Span // of a partition; Where is both
	Factor float64   // of slow and surge
	Ratio  float64   // of errors: the share that fails
	Add    dist.Law  // of latency: nanoseconds

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

// Nothing reports whether the fault changes nothing while it lasts: a share of
// 0, a factor of 1, no time. Such a fault never begins.
func (f *Fault) Nothing() bool {
	switch f.Kind {
	case Errors:
		return f.Ratio == 0
	case Slow, Surge:
		return f.Factor == 1
	case Latency:
		return f.Add.Mean() == 0
	}
	return false
}

// Span is some instances of a node that stand next to each other.
type Span struct {
	Node  int // in the order of the specification
	First int // instance
	Count int
	Leads bool // not First, the primary of a shard at first, but who is when it begins
}

// String says what goes wrong where.
func (f *Fault) String() string { return f.Kind.String() + " " + f.Target }

// Measure says how bad that is, to be put behind it; of a latency by its mean.
func (f *Fault) Measure() string {
	number := func(x float64) string { return strconv.FormatFloat(x, 'g', 6, 64) }
	switch {
	case f.Kind == Slow || f.Kind == Surge:
		return " factor " + number(f.Factor)
	case f.Kind == Errors:
		return " error_ratio " + number(100*f.Ratio) + "%"
	case f.Kind == Latency:
		return " add " + number(f.Add.Mean()/1e9) + "s"
	case f.Silent:
		return " silent"
	}
	return ""
}

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

// Condition is the faults that hold for one instance.
type Condition struct {
	hangs, kills, silent int32 // by number

	slower, more product  // factors
	passes       product  // shares that do not fail
	late         []*Fault // in the order of their times
}

// Begin adds a fault.
func (c *Condition) Begin(f *Fault) { c.count(f, 1) }

// End takes a fault back.
func (c *Condition) End(f *Fault) { c.count(f, -1) }

func (c *Condition) count(f *Fault, by int32) {
	switch f.Kind {
	case Kill:
		if f.Silent {
			c.silent += by
		} else {
			c.kills += by
		}
	case Hang:
		c.hangs += by
	case Slow:
		c.slower.change(f.Factor, by)
	case Surge:
		c.more.change(f.Factor, by)
	case Errors:
		c.passes.change(1-f.Ratio, by)
	case Latency:
		c.delay(f, by)
	case Partition, Flush: // happen between instances, or to what they keep
	}
}

func (c *Condition) delay(f *Fault, by int32) {
	i := slices.Index(c.late, f)
	switch {
	case by < 0:
		c.late = slices.Delete(c.late, i, i+1)
	default:
		i = 0
		for i < len(c.late) && (c.late[i].At < f.At || c.late[i].At == f.At && c.late[i].Target <= f.Target) {
			i++
		}
		c.late = slices.Insert(c.late, i, f)
	}
}

// Slowness is how many times as long work takes.
func (c *Condition) Slowness() float64 { return c.slower.value() }

// Growth is how many times as many requests come.
func (c *Condition) Growth() float64 { return c.more.value() }

// Passing is the share of what comes in that is not answered failed.
func (c *Condition) Passing() float64 { return c.passes.value() }

// Delay draws the time that is added to a request before it is handled: the
// sum of what each fault adds.
func (c *Condition) Delay(s *sim.Stream) sim.Time {
	var sum sim.Time
	for _, f := range c.late {
		sum += sim.FromNanoseconds(f.Add.Sample(s))
	}
	return sum
}

// Delays reports whether there is such a time.
func (c *Condition) Delays() bool { return len(c.late) > 0 }

// product is the product of some numbers. They are kept in order, so that it
// is the same whatever order they came in, and is 1 again when all have gone.
type product []float64

func (p *product) change(x float64, by int32) {
	i, _ := slices.BinarySearch(*p, x)
	if by > 0 {
		*p = slices.Insert(*p, i, x)
	} else {
		*p = slices.Delete(*p, i, i+1)
	}
}

func (p product) value() float64 {
	v := 1.0
	for _, x := range p {
		v *= x
	}
	return v
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
