package reports

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/capsim/capsim/internal/result"
)

// mostSpenders is how many clients have a chart of where their time went; the
// table has them all.
const mostSpenders = 3

// A spentPart is where some of the time of an ok request went.
type spentPart struct {
	place         string // a node, "network" or "backoff"
	wait, service result.Estimate
	node          bool // else the time is in service, and is neither
}

// total is waiting and service together.
func (p spentPart) total() float64 {
	sum := 0.0
	for _, e := range [...]result.Estimate{p.wait, p.service} {
		if e.Mean != nil {
			sum += *e.Mean
		}
	}
	return sum
}

// spentParts are the parts of a document that took any time, the longest first.
func spentParts(spent result.TimeSpent) []spentPart {
	var parts []spentPart
	for _, place := range sorted(spent) {
		part := spentPart{place: place}
		switch v := spent[place].(type) {
		case result.Spent:
			part.wait, part.service, part.node = v.Wait, v.Service, true
		case result.Estimate:
			part.service = v
		}
		if part.total() > 0 {
			parts = append(parts, part)
		}
	}
	slices.SortStableFunc(parts, func(a, b spentPart) int { return cmp.Compare(b.total(), a.total()) })
	return parts
}

// spentCharts show where the time of each client's ok requests went, and beside
// it that of the slowest hundredth.
func spentCharts(r *result.Result) []*picture {
	var all []*picture
	names := sorted(r.Clients)
	for _, name := range names[:min(len(names), mostSpenders)] {
		t := &r.Clients[name].Traffic
		if p := spentChart(spentParts(t.Spent)); p != nil && t.LatencyS["mean"].Mean != nil {
			p.title = visible(name) + ": of " + short(*t.LatencyS["mean"].Mean, seconds) + " on average, " + p.title
			all = append(all, p)
		}
		slow := t.Slowest
		if slow == nil {
			continue
		}
		if p := spentChart(spentParts(slow.Spent)); p != nil && slow.LatencyMeanS.Mean != nil {
			p.title = visible(name) + ", the slowest 1 %: of " + short(*slow.LatencyMeanS.Mean, seconds) + ", " + p.title
			all = append(all, p)
		}
	}
	return all
}

// spentChart draws parts as bars: service, then waiting. Its title is the end
// of a sentence about the longest.
func spentChart(parts []spentPart) *picture {
	if len(parts) == 0 {
		return nil
	}
	p := &picture{keys: []key{{"service", 0}, {"waiting", 1}, {"neither: on the way, or before another attempt", 3}}}
	if n := len(parts); n > mostBars {
		p.remark = "The longest " + count(mostBars) + " of " + amount(n, "part") + "; the table has all."
		parts = parts[:mostBars]
	}
	used := map[int]bool{}
	for _, part := range parts {
		s := stack{label: part.place, unit: seconds}
		add := func(e result.Estimate, hue int) {
			if e.Mean != nil && *e.Mean > 0 {
				s.parts = append(s.parts, barPart{*e.Mean, hue})
				used[hue] = true
			}
		}
		switch {
		case part.node:
			add(part.service, 0)
			add(part.wait, 1)
		default:
			s.label = strings.TrimPrefix(placeWord(part.place), "the ")
			add(part.service, 3)
		}
		p.stacks = append(p.stacks, s)
	}
	p.keys = slices.DeleteFunc(p.keys, func(k key) bool { return !used[k.hue] })
	p.x = linearAxis("time of an ok request", parts[0].total(), seconds)
	p.title = spentTitle(parts)
	return p
}

// spentTitle names the longest single part.
func spentTitle(parts []spentPart) string {
	most, says := 0.0, ""
	for _, p := range parts {
		for _, one := range [...]struct {
			e    result.Estimate
			says string
		}{{p.service, " in service at "}, {p.wait, " waiting at "}} {
			if one.e.Mean == nil || *one.e.Mean <= most {
				continue
			}
			most = *one.e.Mean
			says = short(most, seconds) + one.says + visible(p.place)
			if !p.node {
				says = short(most, seconds) + " on " + placeWord(p.place)
			}
		}
	}
	return says
}

// placeWord is what people call a place that is no node.
func placeWord(place string) string {
	if place == "backoff" {
		return "pauses between attempts"
	}
	return "the " + place
}

// spentTable has a row per client and place: where the time of an ok request
// went on average, and of the slowest hundredth.
func spentTable(r *result.Result, notes *footnotes) table {
	t := table{
		Title:  "Where the time went",
		Labels: 2, LabelWidth: nameWidth,
		Columns: []column{
			{Title: "client", Left: true}, {Title: "where", Left: true},
			{Title: "service", Help: "in service there, of an ok request on average"},
			{Title: "waiting", Help: "in queues there, of an ok request on average"},
			{Title: "share", Help: "of the mean latency; branches that run at once add up to more than all of it"},
			{Title: "slowest 1 %: service", Help: "in service there, of the slowest hundredth of the ok requests on average"},
			{Title: "slowest 1 %: waiting", Help: "in queues there, of the slowest hundredth of the ok requests on average"},
			{Title: "slowest 1 %: share", Help: "of their mean latency"},
		},
	}
	for _, name := range sorted(r.Clients) {
		traffic := &r.Clients[name].Traffic
		all, slow, slowMean := spentParts(traffic.Spent), []spentPart(nil), result.Estimate{}
		if traffic.Slowest != nil {
			slow, slowMean = spentParts(traffic.Slowest.Spent), traffic.Slowest.LatencyMeanS
		}
		for _, place := range spentPlaces(all, slow) {
			row := []cell{word(name), word(strings.TrimPrefix(placeWord(place), "the "))}
			row = append(row, spentCells(all, place, traffic.LatencyS["mean"], notes)...)
			t.add(append(row, spentCells(slow, place, slowMean, notes)...)...)
		}
	}
	return t.trimmed().merged()
}

// spentPlaces are those of two lists, each once, in the order of the first.
func spentPlaces(all, slow []spentPart) []string {
	var places []string
	for _, p := range append(slices.Clone(all), slow...) {
		if !slices.Contains(places, p.place) {
			places = append(places, p.place)
		}
	}
	return places
}

// spentCells are service, waiting and share of a place; empty where no time
// was spent.
func spentCells(parts []spentPart, place string, mean result.Estimate, notes *footnotes) []cell {
	cells := make([]cell, 3)
	i := slices.IndexFunc(parts, func(p spentPart) bool { return p.place == place })
	if i < 0 {
		return cells
	}
	p := parts[i]
	cells[0] = notes.estimate(p.service, seconds)
	if p.node {
		cells[1] = notes.estimate(p.wait, seconds)
	}
	if mean.Mean != nil && *mean.Mean > 0 {
		share := p.total() / *mean.Mean
		if math.Abs(share-1) < 1e-9 {
			share = 1 // but for how sums are rounded
		}
		cells[2] = value(share, ratio)
	}
	return cells
}

// spentLines say what the parts leave out, and which requests are the slowest.
func spentLines(r *result.Result) []string {
	lines := []string{"Of ok requests, on average. Branches that run at once add up to more than the latency; attempts that were given up, and failed ones, are missing."}
	for _, name := range sorted(r.Clients) {
		slow := r.Clients[name].Slowest
		switch {
		case slow == nil:
		case slow.AtLeastS == nil:
			lines = append(lines, visible(name)+", the slowest 1 %: "+visible(slow.Note)+".")
		default:
			line := visible(name) + ", the slowest 1 %: " + count(slow.Requests) + " requests that took " + short(*slow.AtLeastS, seconds) + " or longer"
			if slow.OneIn > 1 {
				line += ", of one in " + count(slow.OneIn) + " that were followed"
			}
			lines = append(lines, line+".")
		}
	}
	return lines
}
