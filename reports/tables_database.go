package reports

import (
	"fmt"

	"github.com/capsim/capsim/internal/result"
)

// databasesTable has a row per database, with the shard that most came to.
func databasesTable(r *result.Result) table {
	t := table{
		Title:  "Databases",
		Labels: 1, LabelWidth: nameWidth,
		Columns: []column{
			{Title: "database", Left: true},
			{Title: "reads", Help: "answered ok; a scatter is one on each shard"},
			{Title: "writes", Help: "the same, with each commit of a transaction"},
			{Title: "hottest shard", Left: true, Help: "that most reads and writes came to"},
			{Title: "its share"},
			{Title: "busy", Help: "utilisation of the cores of its busiest instance"},
		},
	}
	sharded := false
	for _, name := range sorted(r.Nodes) {
		d := r.Nodes[name].Database
		sharded = sharded || d != nil && len(d.Shards) > 1
	}
	if !sharded {
		t.Columns = t.Columns[:3]
	}
	usual, failed := len(t.Columns), failedOver(r)
	if failed {
		t.Columns = append(t.Columns[:usual:usual], failoverColumns()...)
	}
	for _, name := range sorted(r.Nodes) {
		d := r.Nodes[name].Database
		if d == nil {
			continue
		}
		cells := []cell{word(name), word(count(d.Reads)), word(count(d.Writes)), {}, {}, {}}
		if k := hottestShard(d); len(d.Shards) > 1 {
			s := d.Shards[k]
			cells[3] = word(fmt.Sprintf("shard[%d] of %d", k, len(d.Shards)))
			if all := d.Reads + d.Writes; all > 0 {
				cells[4] = word(short(float64(s.Reads+s.Writes)/float64(all), ratio))
			}
			if s.Utilization != nil {
				cells[5] = word(short(*s.Utilization, ratio))
			}
		}
		cells = cells[:usual]
		if failed {
			cells = append(cells, failoverCells(d)...)
		}
		t.add(cells...)
	}
	return t
}

// hottestShard is the shard that most came to.
func hottestShard(d *result.Database) int {
	hottest := 0
	for k, s := range d.Shards {
		if s.Reads+s.Writes > d.Shards[hottest].Reads+d.Shards[hottest].Writes {
			hottest = k
		}
	}
	return hottest
}
