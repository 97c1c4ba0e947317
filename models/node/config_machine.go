package node

import (
	"strings"

	"github.com/capsim/capsim/models/kind"
)

// ScalingConfig is the table of the Universal Scalability Law.
type ScalingConfig struct {
	kind.Place

	Contention kind.Ratio  `key:"contention" default:"0" doc:"α, the share of the work that only one core can do at a time" example:"cores = 32\nscaling = { contention = 0.03 }"`
	Coherency  kind.Factor `key:"coherency" default:"0" min:"0" limit:"1000000" doc:"β, what it costs that each core must agree with each other one; with it, too many cores do less than fewer: the most is done by √((1−α)/β)" example:"cores = 32\nscaling = { contention = 0.03, coherency = 0.0005 }"`
}

// DiskConfig is the table of what a disk can do.
type DiskConfig struct {
	kind.Place

	IOPS      int       `key:"iops" absent:"unlimited" min:"1" limit:"1000000000" doc:"operations per second that the whole disk does at most" example:"disk = { iops = 3000 }"`
	Bandwidth Bandwidth `key:"bandwidth" absent:"unlimited" doc:"bytes per second that the whole disk moves at most" example:"disk = { bandwidth = \"125MB/s\" }"`
	Depth     int       `key:"depth" default:"1" min:"1" limit:"1000000" doc:"disk steps that are served at once; each gets its part of iops and bandwidth, so that more of them do not make the disk faster, while steps given by a time each take that time" example:"disk = { iops = 3000, depth = 4 }"`
}

// DiskStep is an operation of a disk: a distribution of its time, or a table.
type DiskStep struct {
	Time  TimeLaw
	Table *DiskStepConfig // nil for a time
}

// DiskStepConfig is a disk step that is given by what it does.
type DiskStepConfig struct {
	kind.Place

	Ops   CountLaw `key:"ops" default:"1" doc:"operations, a number or a distribution; each takes depth/iops" example:"{ disk = { ops = 2 } }"`
	Bytes SizeLaw  `key:"bytes" absent:"none" doc:"bytes, a size or a distribution; each takes depth/bandwidth, at the same time as the operations: the step lasts as long as the longer of both" formula:"depth · max(ops/iops, bytes/bandwidth)" example:"{ disk = { ops = 2, bytes = \"64kB\" } }"`
}

// Read takes the text or the table.
func (d *DiskStep) Read(c kind.Cursor) {
	switch c.Value.Type {
	case kind.TypeTable:
		d.Table = new(DiskStepConfig)
		kind.Decode(c, d.Table)
	case kind.TypeString, kind.TypeInteger, kind.TypeFloat:
		d.Time.Read(c)
	default:
		c.Wrong(`a distribution such as "exp 0.8ms", or a table such as { ops = 2, bytes = "64kB" }`, "")
	}
}

// Shape describes the text and the table.
func (*DiskStep) Shape() kind.Shape {
	return kind.Shape{Type: "a distribution of a time, or a table", Table: DiskStepConfig{}}
}

// Scheduling is an order of service.
type Scheduling struct {
	Discipline Discipline
	Quantum    int64 // nanoseconds, of round robin
}

// disciplines are the words for the orders of service. Nobody writes to it.
var disciplines = []string{
	FCFS: "fcfs", LIFO: "lifo", ByPriority: "priority",
	Preemptive: "preemptive-priority", RoundRobin: "round-robin", ProcessorSharing: "ps",
}

// String returns the word for the order.
func (d Discipline) String() string { return disciplines[d] }

// leastQuantum keeps the events of one request within bounds.
const leastQuantum = 1000

// Read takes the text.
func (s *Scheduling) Read(c kind.Cursor) {
	if c.Value.Type != kind.TypeString {
		c.Wrong("one of "+strings.Join(disciplines, ", "), "")
		return
	}
	word, rest, _ := strings.Cut(c.Value.Text, " ")
	d := -1
	for i, known := range disciplines {
		if known == word {
			d = i
		}
	}
	const form = `for example "round-robin 4ms"`
	given := strings.TrimSpace(rest)
	offset := len(c.Value.Text) - len(strings.TrimLeft(rest, " "))
	switch {
	case d < 0:
		c.UnknownWord(c.Value.Text, disciplines)
		return
	case Discipline(d) != RoundRobin && rest != "":
		c.Part(&kind.LiteralError{Code: "E206", Message: word + " takes nothing behind it", Offset: len(word), Len: len(rest) + 1})
		return
	case Discipline(d) != RoundRobin:
	case given == "":
		c.Report(c.Problem("E206", "round-robin needs the longest turn").WithHint(form))
		return
	default:
		ns, err := kind.ParseDuration(given)
		if err == nil && ns < leastQuantum {
			err = &kind.LiteralError{Code: "E302", Message: "a turn must be at least 1us", Len: len(given)}
		}
		if err != nil {
			c.Part(err.Moved(offset))
			return
		}
		s.Quantum = ns
	}
	s.Discipline = Discipline(d)
}

// Shape describes the text.
func (*Scheduling) Shape() kind.Shape {
	forms := make([]string, len(disciplines))
	for i, word := range disciplines {
		forms[i] = `"` + word + `"`
		if Discipline(i) == RoundRobin {
			forms[i] = `"` + word + ` QUANTUM"`
		}
	}
	last := len(forms) - 1
	return kind.Shape{Type: strings.Join(forms[:last], ", ") + ", or " + forms[last]}
}
