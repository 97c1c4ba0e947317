package reports

import "github.com/capsim/capsim/internal/result"

// costTable is what a month costs, item by item, as far as there are prices.
func costTable(r *result.Result, notes *footnotes) table {
	if r.Cost == nil {
		return table{}
	}
	t := table{
		Title:  "Cost",
		Labels: 1, LabelWidth: nameWidth,
		Columns: []column{
			{Title: "cost", Left: true},
			{Title: "item", Left: true},
			{Title: "a month", Help: "how much of it in 730 hours like the measured window"},
			{Title: r.Cost.Currency + "/month"},
		},
	}
	for _, line := range r.Cost.Lines {
		t.add(word(line.Node), word(line.Item), value(line.Quantity, plain), value(line.Monthly, plain))
	}
	t.add(word("together"), cell{}, cell{}, notes.estimate(r.Cost.Monthly, plain))
	t.add(word("per million ok"), cell{}, cell{}, notes.estimate(r.Cost.PerMillionRequests, plain))
	return t
}
