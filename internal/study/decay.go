package study

import (
	"fmt"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim/stats"
)

// decay summarises what wears the instances of a server out.
func (f *figures) decay(n *result.Node, at int) {
	n.MemoryKills = f.count(func(s *node.Snapshot) uint64 {
		if x := s.Nodes[at].Exhausted; x != nil {
			return x.Kills
		}
		return 0
	})
	for _, s := range f.snaps {
		if x := s.Nodes[at].Exhausted; x != nil && (n.FirstKillS == nil || x.First.Seconds() < *n.FirstKillS) {
			first := x.First.Seconds()
			n.FirstKillS = &first
		}
	}
	if f.snaps[0].Nodes[at].Collector == nil {
		return
	}
	pauses := f.times(func(s *node.Snapshot) []*stats.Histogram {
		return []*stats.Histogram{&s.Nodes[at].Collector.Pause}
	})
	n.GC = &result.Collector{
		Pauses: f.count(func(s *node.Snapshot) uint64 { return s.Nodes[at].Collector.Pauses }),
		PausedRatio: f.collect(func(s *node.Snapshot) (float64, float64) {
			up := 0.0
			for i := range s.Nodes[at].Instances {
				up += float64(s.Nodes[at].Instances[i].Up)
			}
			return s.Nodes[at].Collector.Paused.Float64(), up
		}).estimate("no instance was up"),
		PauseS: pauses.latency(nil),
	}
}

// warnExhausted warns of a server whose memory was not enough.
func (f *figures) warnExhausted(at int, add func(code, format string, args ...any)) {
	var first *node.Snapshot
	kills, times, most, size := uint64(0), 0, uint64(0), uint64(0)
	for _, s := range f.snaps {
		x := s.Nodes[at].Exhausted
		if x == nil {
			continue
		}
		if first == nil {
			first = s
		}
		kills += x.Kills
		if x.Most > most {
			most, size = x.Most, x.Size
		}
		times++
	}
	if first == nil {
		return
	}
	n, when := &f.spec.Nodes[at], first.Nodes[at].Exhausted
	word := "times"
	if kills == 1 {
		word = "time"
	}
	add("W907", "%s: an instance ran out of memory and was killed %d %s: up to %s were needed of the %s that it had; %s was the first, %s into replication %d; it happened in %d of %d replications",
		n.Name, kills, word, bytes(most), bytes(size), n.InstanceName(when.Instance), formatSeconds(when.First), first.Replication, times, len(f.snaps))
}

// bytes writes an amount of memory in three digits.
func bytes(n uint64) string {
	x, unit := float64(n), "B"
	for _, next := range []string{"kB", "MB", "GB", "TB", "PB"} {
		if x < 1000 {
			break
		}
		x, unit = x/1000, next
	}
	return fmt.Sprintf("%.3g %s", x, unit)
}
