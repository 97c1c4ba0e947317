package arrival

import "github.com/capsim/capsim/sim"

// Plan is a way in which open traffic comes: fixed, shared between
// replications, and able to start a fresh [Process] for each.
type Plan interface {
	// Start makes the process of one replication whose simulation begins at
	// start (at or before 0). The stream is the client's own.
	Start(start sim.Time, s *sim.Stream) Process
	// MeanRate returns the mean number of requests per second from time 0
	// to end, for warnings and for theory.
	MeanRate(end sim.Time) float64
	// Stationary reports whether the rate never changes, so that a warm-up
	// can be found by looking.
	Stationary() bool
}

// Process yields one replication's arrivals in order of time.
type Process interface {
	// Next returns the next arrival at or after the one before it. Row is
	// the row of the trace that it came from, or -1. ok is false when
	// there will be no more.
	Next() (at sim.Time, row int, ok bool)
}

// Users is how many users a closed client has over time: Initial at time 0
// and before, then along Ramps. Times count from 0.
type Users struct {
	Initial int
	Ramps   []Ramp
}

// Ramp moves linearly from the value before it to Target over Duration; a
// Duration of 0 is a jump. After the last ramp its target holds.
type Ramp struct {
	Duration sim.Time
	Target   float64 // requests per second, or users
}

// Trace is a recorded series of requests, in order of time, the first at
// time 0; of counts, it is the first interval that begins there. Shared by all
// replications: nobody writes to it.
type Trace struct {
	Times   []sim.Time
	Span    sim.Time             // from its beginning to its end; 0: the last time and a mean gap
	Ops     []string             // nil, or one per row
	Keys    []uint64             // nil, or one per row: dense numbers in order of first appearance
	Sources []uint64             // client addresses, as Keys
	Sizes   []float64            // nil, or one per row: bytes
	Columns map[string][]float64 // numbers by column name, for `trace COLUMN` laws
}
