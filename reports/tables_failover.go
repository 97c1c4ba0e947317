package reports

import "github.com/capsim/capsim/internal/result"

// outagesTable is what faults did to the writes of databases.
func outagesTable(r *result.Result) table {
	t := table{
		Title:  "Write outages",
		Labels: 1, LabelWidth: nameWidth,
		Columns: []column{
			{Title: "fault", Left: true},
			{Title: "write outage", Help: "RTO: for how long a shard of a database took no writes, the longest; none if that was not over when the run was"},
			{Title: "lost writes", Help: "RPO: acknowledged writes that were lost because a replica was promoted that had not got them; of one replication"},
		},
	}
	for i := range r.Faults {
		f := &r.Faults[i]
		if f.RPOWrites == nil {
			continue
		}
		outage := cell{figure: figure{Num: noNumber}}
		if f.RTOS != nil {
			outage = value(*f.RTOS, seconds)
		}
		t.add(word(f.What), outage, value(*f.RPOWrites, plain))
	}
	return t
}

// failedOver reports whether any database has had a failover, or lost something.
func failedOver(r *result.Result) bool {
	for _, name := range sorted(r.Nodes) {
		if d := r.Nodes[name].Database; d != nil && d.Failovers+d.LostWrites+d.Conflicts > 0 {
			return true
		}
	}
	return false
}

// failoverColumns are of databases that have had failovers.
func failoverColumns() []column {
	return []column{
		{Title: "failovers", Help: "replicas that were promoted, over all replications"},
		{Title: "lost writes", Help: "acknowledged writes that the promoted replica had not got"},
		{Title: "conflicts", Help: "acknowledged writes of one side of a partition that gave way to newer ones of the other"},
	}
}

func failoverCells(d *result.Database) []cell {
	return []cell{word(count(d.Failovers)), word(count(d.LostWrites)), word(count(d.Conflicts))}
}
