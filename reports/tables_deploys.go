package reports

import "github.com/capsim/capsim/internal/result"

// deploysTable is what was replaced on purpose, and what came of it.
func deploysTable(r *result.Result) table {
	t := table{
		Title:  "Deploys",
		Labels: 1, LabelWidth: nameWidth,
		Columns: []column{
			{Title: "deploy", Left: true},
			{Title: "at", Help: "since the start of the measured window"},
			{Title: "finished after", Help: "until all new instances were in service, and all old ones had stopped"},
			{Title: "failed requests", Help: "of clients, that ended with an error while the deploy was under way; over all replications"},
		},
	}
	for i := range r.Deploys {
		d := &r.Deploys[i]
		t.add(word(d.What), value(d.AtS, seconds), afterCell(d.FinishedS, d.AtS), word(count(d.FailedRequests)))
	}
	return t
}
