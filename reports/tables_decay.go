package reports

import "github.com/capsim/capsim/internal/result"

// decayTable is what wore the instances of servers out: kills for their
// memory, and pauses for their garbage.
func decayTable(r *result.Result, notes *footnotes) table {
	t := table{
		Title:  "Memory and garbage",
		Labels: 1, LabelWidth: nameWidth,
		Columns: []column{
			{Title: "node", Left: true},
			{Title: "memory kills", Help: "instances that were killed because they needed more memory than they have; over all replications"},
			{Title: "pauses", Help: "in which an instance stood still for its garbage; over all replications"},
			{Title: "paused", Help: "share of the time that its instances were up"},
			{Title: "mean", Help: "mean length of a pause"},
			{Title: "p99", Help: "99th percentile of the length of a pause"},
		},
	}
	for _, name := range sorted(r.Nodes) {
		n := r.Nodes[name]
		cells := []cell{word(name), word(count(n.MemoryKills)), {}, {}, {}, {}}
		switch c := n.GC; {
		case c != nil:
			cells[2] = word(count(c.Pauses))
			cells[3] = notes.estimate(c.PausedRatio, ratio)
			cells[4] = notes.estimate(c.PauseS["mean"], seconds)
			cells[5] = notes.estimate(c.PauseS["p99"], seconds)
		case n.MemoryKills == 0:
			continue
		}
		t.add(cells...)
	}
	return t
}
