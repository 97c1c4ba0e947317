package scale

import (
	"math"

	"github.com/capsim/capsim/sim"
)

// Metric is what a controller looks at.
type Metric uint8

// The metrics.
const (
	CPU         Metric = iota // share of the cores that was busy
	Concurrency               // requests inside an instance
	Requests                  // that come to an instance each second
	Queue                     // messages that wait in a queue, for each instance
)

// Row is one metric in the language.
type Row struct {
	Metric Metric
	Word   string
	Form   string // how it is written
	Doc    string
}

// Table lists the metrics by their words.
var Table = []Row{
	{Concurrency, "concurrency", "concurrency 40", "requests inside an instance, those that wait for a worker too, on average"},
	{CPU, "cpu", "cpu 60%", "the share of its instances' cores that was busy"},
	{Queue, "queue", "queue jobs 100", "the messages that wait in that queue, divided by the instances; those that boot count"},
	{Requests, "requests", "requests 200/s", "requests that come to an instance, refused ones too"},
}

// Tolerance is how far a figure may be from its target, as a share of it,
// without anything being done: the default of Kubernetes
// (horizontal-pod-autoscaler-tolerance).
const Tolerance = 0.1

// dust is what the arithmetic may be off by: 66 ÷ 60 is exactly 1.1 to people.
const dust = 1e-9

// Spec is the controller of a server.
type Spec struct {
	Min, Max int
	Metric   Metric
	Target   float64  // of the metric
	Queue    int      // node, of Queue
	Text     string   // the target as it is written
	Every    sim.Time // how often it looks, and over how long
	Boot     sim.Time // from the start of an instance until it is in service
	Cooldown sim.Time // since the last change, before which nothing is stopped
	Drain    sim.Time // the longest that an instance which is stopped may take to finish what it has
	Schedule []Entry  // ordered by time of day
	Start    sim.Time // the time of day at time 0
}

// Entry is what Min is from a time of day on.
type Entry struct {
	At  sim.Time // since midnight
	Min int
}

const day = 24 * 3600 * sim.Second

// Least returns how many instances there are at least at a time, and when
// that may change next; sim.Never if it does not. Of the day on which the run
// begins an entry that lies before it counts, else Min, until the first
// entry; from then on each entry holds until the next, day after day.
func (s *Spec) Least(now sim.Time) (least int, next sim.Time) {
	if len(s.Schedule) == 0 {
		return s.Min, sim.Never
	}
	clock := now + s.Start
	days, today := clock/day, clock%day
	least = s.Min
	if days > 0 {
		least = s.Schedule[len(s.Schedule)-1].Min
	}
	next = (days+1)*day + s.Schedule[0].At
	for i, e := range s.Schedule {
		if e.At > today {
			next = days*day + e.At
			break
		}
		least = s.Schedule[i].Min
	}
	return least, next - s.Start
}

// Desired returns how many instances there should be by the rule: of serving
// ones, whose mean of a figure is metric, and booting ones, which do not do
// anything yet. As in Kubernetes, one that boots counts as doing nothing where
// there are too few, so that what is on its way is not asked for again, and
// not at all where there are too many.
func Desired(serving, booting int, metric, target float64) int {
	all := serving + booting
	ratio := metric / target
	if ratio > 1 && booting > 0 {
		ratio = float64(ratio*float64(serving)) / float64(all)
		if ratio <= 1+Tolerance+dust {
			return all
		}
		return max(all, ceil(float64(ratio*float64(all))))
	}
	if math.Abs(ratio-1) <= Tolerance+dust {
		return all
	}
	return ceil(float64(ratio * float64(serving)))
}

// ceil is the next whole number, as people would reckon it.
func ceil(x float64) int {
	if whole := math.Round(x); math.Abs(x-whole) <= float64(dust*max(1, whole)) {
		return int(whole)
	}
	return int(math.Ceil(x))
}

// Plan returns how many instances there are to be of the desired ones: not
// fewer than least, not more than Max, and no fewer than there are while a
// change lies less than Cooldown back. Only least itself is kept to at once.
func (s *Spec) Plan(now, changed sim.Time, there, least, desired int) int {
	desired = min(max(desired, least), s.Max)
	if desired < there && changed != sim.Never && now-changed < s.Cooldown {
		return max(least, min(there, s.Max))
	}
	return desired
}
