package reports

import (
	"slices"
	"strconv"
	"strings"

	"github.com/capsim/capsim/internal/result"
)

// costTable is what a month costs, item by item: of what has no price the cells
// of money are empty.
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
			{Title: "quantity", Help: "of instances the mean number, from the start of each to its end; of calls and GB, so many in a month of 730 hours like the measured window"},
			{Title: "price", Help: "of an hour of an instance, of a call or of a GB, the discount taken off"},
			{Title: visible(r.Cost.Currency) + "/month", Help: "for 730 hours like the measured window"},
		},
	}
	for _, line := range r.Cost.Lines {
		price, month := moneyCell(line.Price, notes, line.Note), moneyCell(line.Monthly, notes, line.Note)
		if line.Price != nil {
			price.Num, price.Unit = priceText(*line.Price), "/"+priceUnit(line.Unit)
		}
		t.add(word(line.Node), word(line.Item), value(line.Quantity, plain), price, month)
	}
	all := "together"
	if len(r.Cost.Without) > 0 {
		all = "together, without those"
	}
	t.add(word(all), cell{}, cell{}, cell{}, notes.estimate(r.Cost.Monthly, money))
	t.add(word("per million ok"), cell{}, cell{}, cell{}, notes.estimate(r.Cost.PerMillionRequests, money))
	return t
}

// priceUnit is a unit of a price as short as tables want it.
func priceUnit(unit string) string {
	if unit == "hour" {
		return "h"
	}
	return visible(unit)
}

// priceText is a price of a list in all its digits, as far as there are prices:
// 0.2016, and 0.10.
func priceText(v float64) string {
	text := strings.TrimRight(strconv.FormatFloat(v, 'f', mostDecimals, 64), "0")
	if strings.Trim(text, "0.") == "" && v > 0 {
		return strconv.FormatFloat(v, 'g', significant, 64)
	}
	if _, decimals, _ := strings.Cut(text, "."); len(decimals) < cents {
		text += strings.Repeat("0", cents-len(decimals))
	}
	return text
}

// moneyCell is an amount of money, or the note why there is none.
func moneyCell(v *float64, notes *footnotes, note string) cell {
	if v == nil {
		return notes.estimate(result.Estimate{Note: note}, money)
	}
	return value(*v, money)
}

// costLines say what the cost leaves out, and where prices are from.
func costLines(r *result.Result) []string {
	c := r.Cost
	if c == nil {
		return nil
	}
	var lines []string
	if len(c.Without) > 0 {
		lines = append(lines, "Without "+visible(strings.Join(c.Without, ", "))+": no price is known.")
	}
	if len(c.Sources) > 0 {
		line := "Prices of machines: " + visible(strings.Join(c.Sources, "; ")) + ". They are a dated example, not an offer."
		if places := priceRegions(c); len(places) > 1 {
			line += " They are of different regions: " + visible(strings.Join(places, ", ")) + "."
		}
		lines = append(lines, line)
	}
	return lines
}

// priceRegions are the clouds and regions that prices are of: the first words
// of where they are from.
func priceRegions(c *result.Cost) []string {
	var places []string
	for _, source := range c.Sources {
		place, _, _ := strings.Cut(source, " on demand")
		if !slices.Contains(places, place) {
			places = append(places, place)
		}
	}
	return places
}

// addCost appends what the designs cost.
func addCost(t *table, c *result.Comparison, notes *footnotes) {
	of := func(label string, figure func(*result.Cost) cell) {
		addRow(t, c, "cost", label, func(r *result.Result) cell {
			if r.Cost == nil {
				return cell{}
			}
			return figure(r.Cost)
		})
	}
	of(paidLabel("monthly", currencyOf(c)), func(c *result.Cost) cell { return notes.estimate(c.Monthly, money) })
	of(paidLabel("per_million_requests", currencyOf(c)), func(c *result.Cost) cell { return notes.estimate(c.PerMillionRequests, money) })
	of("left out", func(c *result.Cost) cell { return word(strings.Join(c.Without, ", ")) })
}
