package topologies

import (
	"fmt"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
)

// query resolves a query step to what it costs: a step on a core, and one of
// the disk if anything is not in memory.
func (r *resolver) query(c *node.StepConfig, in scope) []node.Step {
	id := sim.HashName(in.path...)
	r.places[id] = c.Place
	q := c.Query
	db := r.nodes[in.node].database()
	if db == nil {
		r.report.Add(c.At("query", "E202", "a query goes into the operations of a database").
			WithHint("for example [database.orders] read.search = [{ query = { rows = 5_000_000, index = true } }]"))
		return nil
	}
	if q == nil || q.Rows == 0 {
		return nil // which has been reported
	}
	r.queries[in.node] = append(r.queries[in.node], q)
	engine, rows := db.Engine.Engine(), float64(q.Rows)
	if !(engine.PageSize > 0) || !(engine.IndexEntry > 0) || !(engine.IndexFill > 0) {
		return nil
	}
	returns := r.countLaw(q.Returns)
	if returns == nil {
		return nil
	}
	r.noTrace(returns, q.Returns.At, "write a distribution of a count")
	if mean := returns.Mean(); mean > rows {
		r.report.Add(q.At("returns", "E302", fmt.Sprintf("must be at most the rows there are, %d, got %.4g", q.Rows, mean)))
	}
	one := node.Query{Rows: rows, Index: q.Index, RowSize: float64(q.RowSize.N), Columns: 1}
	if q.Columns == "needed" {
		one.Columns = engine.Needed
	}
	cost := engine.Cost(one)
	out := []node.Step{{Kind: node.StepCPU, ID: id, Target: node.Target{Node: node.None}, Time: cost.CPU.Law(returns, rows)}}
	if cost.DiskOps != (node.Linear{}) {
		disk := node.Step{Kind: node.StepDisk, ID: id, Target: node.Target{Node: node.None}, Queries: true}
		cost.Disk(diskOf(db), &disk, returns, rows)
		out = append(out, disk)
	}
	return out
}

// engine checks the constants of a database's cost model, and that there is a
// query that they are for.
func (r *resolver) engine(i int, c *node.DatabaseConfig) {
	queries, e := r.queries[i], c.Engine
	if e == nil {
		return
	}
	for _, one := range []struct {
		key   string
		value uint64
	}{{"page_size", e.PageSize.N}, {"index_entry", e.IndexEntry.N}} {
		if e.Has(one.key) && one.value == 0 && e.ValueOf(one.key).Type == kind.TypeString && !r.nodes[i].bad {
			r.report.Add(e.At(one.key, "E302", "must be more than 0B"))
		}
	}
	if len(queries) == 0 {
		if !r.nodes[i].bad {
			r.report.Add(c.AtKey("engine", "W403", "no operation has a query step: the constants change nothing").
				WithHint("for example read.search = [{ query = { rows = 5_000_000, index = true } }]"))
		}
		return
	}
	indexed, scans, needs := false, false, false
	for _, q := range queries {
		indexed, scans = indexed || q.Index, scans || !q.Index
		needs = needs || q.Columns == "needed"
	}
	disk := diskOf(c)
	known := disk.Ops > 0 || disk.Bandwidth > 0
	idle := func(unless bool, why string, keys ...string) {
		for _, key := range keys {
			if !unless && e.Has(key) {
				r.report.Add(e.AtKey(key, "W403", why))
			}
		}
	}
	idle(indexed, "no query has an index: this changes nothing", "index_fill", "index_entry", "random_read")
	idle(scans, "no query scans a table: this changes nothing", "cpu_row", "sequential_read", "read_ahead")
	idle(needs, "all queries read all columns: this changes nothing", "needed")
	idle(!known || !indexed, "what the disk does is known by its iops and bandwidth: this changes nothing", "random_read")
	idle(!known || !scans, "what the disk does is known by its iops and bandwidth: this changes nothing", "sequential_read")
	idle(disk.Ops > 0 || !scans, "the disk has no iops: this changes nothing", "read_ahead")
}

// diskOf is what the disks of a database can do.
func diskOf(c *node.DatabaseConfig) node.Disk {
	if c.Disk == nil {
		return node.Disk{}
	}
	return node.Disk{Ops: float64(c.Disk.IOPS), Bandwidth: c.Disk.Bandwidth.PerSecond, Depth: c.Disk.Depth}
}
