package reports

import "github.com/capsim/capsim/internal/result"

// faultsTable is what went wrong on purpose, and what came of it.
func faultsTable(r *result.Result) table {
	t := table{
		Title:  "Faults",
		Labels: 1, LabelWidth: nameWidth,
		Columns: []column{
			{Title: "fault", Left: true},
			{Title: "at", Help: "since the start of the measured window"},
			{Title: "detected after", Help: "until the first balancer took one of the instances out of rotation, or a database noticed that its primary was gone"},
			{Title: "recovered after", Help: "until the fault had ended, and all balancers had the instances back"},
			{Title: "failed requests", Help: "of clients, that ended with an error from the beginning of the fault to the recovery; over all replications"},
		},
	}
	for i := range r.Faults {
		if f := &r.Faults[i]; f.AtS != nil {
			t.add(word(f.What), value(*f.AtS, seconds), afterCell(f.DetectedS, *f.AtS), afterCell(f.RecoveredS, *f.AtS), word(count(f.FailedRequests)))
		}
	}
	return t
}

// randomFaultsTable is what went wrong by chance, and what came of it.
func randomFaultsTable(r *result.Result, notes *footnotes) table {
	t := table{
		Title:  "Random faults",
		Labels: 1, LabelWidth: nameWidth,
		Columns: []column{
			{Title: "fault", Left: true},
			{Title: "failures", Help: "of all its instances, within the measured window of one replication"},
			{Title: "down", Help: "share of the instances' time that it held: of a kill, 1 − availability"},
			{Title: "each", Help: "how long it held each time, the wait for a crew included"},
			{Title: "detected after", Help: "until a balancer took the instance out of rotation, of those failures that one noticed"},
			{Title: "recovered after", Help: "until it was repaired, and all balancers had the instance back"},
			{Title: "failed requests", Help: "of clients, that ended with an error while anything had failed and not recovered; over all replications"},
		},
	}
	for i := range r.Faults {
		if f := &r.Faults[i]; f.Random != nil {
			t.add(append(randomRow(f.What, f.Random, notes), word(count(f.FailedRequests)))...)
		}
	}
	return t
}

func randomRow(name string, x *result.RandomFault, notes *footnotes) []cell {
	return []cell{
		word(name), notes.estimate(x.Occurrences, plain), notes.estimate(x.DownRatio, ratio), notes.estimate(x.DownS, seconds),
		notes.estimate(x.DetectionDelayS, seconds), notes.estimate(x.RecoveryDelayS, seconds),
	}
}

// randomDrillsTable is the same of drills, which say what they cost elsewhere.
func randomDrillsTable(r *result.DrillReport, notes *footnotes) table {
	t := randomFaultsTable(&result.Result{}, notes)
	t.Columns = t.Columns[:len(t.Columns)-1]
	for i := range r.Drills {
		if d := &r.Drills[i]; d.Random != nil {
			t.add(randomRow(drillLabel(d), d.Random, notes)...)
		}
	}
	return t
}

// afterCell is how long after the beginning something came.
func afterCell(at *float64, begin float64) cell {
	if at == nil {
		return cell{figure: figure{Num: noNumber}}
	}
	return value(*at-begin, seconds)
}
