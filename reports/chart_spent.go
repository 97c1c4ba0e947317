package reports

import (
	"cmp"
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

// spentCharts show where the time of each client's ok requests went.
func spentCharts(r *result.Result) []*picture {
	var all []*picture
	for _, name := range sorted(r.Clients) {
		if len(all) >= mostSpenders {
			break
		}
		t := &r.Clients[name].Traffic
		mean := t.LatencyS["mean"].Mean
		if mean == nil {
			continue
		}
		if p := spentChart(spentParts(t.Spent)); p != nil {
			p.title = visible(name) + ": of " + short(*mean, seconds) + " on average, " + p.title
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
	p := &picture{keys: []key{{"service", 0}, {"waiting", 1}, {"network, backoff", 3}}}
	if n := len(parts); n > mostBars {
		p.remark = "The longest " + count(mostBars) + " of " + amount(n, "part") + "; the table has all."
		parts = parts[:mostBars]
	}
	used := map[int]bool{}
	for _, part := range parts {
		s := stack{label: part.place, unit: seconds}
		add := func(e result.Estimate, hue int) {
			if e.Mean != nil && *e.Mean > 0 {
				s.parts = append(s.parts, stackPart{*e.Mean, hue})
				used[hue] = true
			}
		}
		switch {
		case part.node:
			add(part.service, 0)
			add(part.wait, 1)
		default:
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
// went on average.
func spentTable(r *result.Result, notes *footnotes) table {
	t := table{
		Title:  "Where the time went",
		Labels: 2, LabelWidth: nameWidth,
		Columns: []column{
			{Title: "client", Left: true}, {Title: "where", Left: true},
			{Title: "service", Help: "in service there, of an ok request on average"},
			{Title: "waiting", Help: "in queues there, of an ok request on average"},
			{Title: "share", Help: "of the mean latency; branches that run at once add up to more than all of it"},
		},
	}
	for _, name := range sorted(r.Clients) {
		traffic := &r.Clients[name].Traffic
		for _, part := range spentParts(traffic.Spent) {
			share := cell{}
			if mean := traffic.LatencyS["mean"].Mean; mean != nil && *mean > 0 {
				share = value(part.total() / *mean, ratio)
			}
			wait := cell{}
			if part.node {
				wait = notes.estimate(part.wait, seconds)
			}
			where := word(part.place)
			if !part.node {
				where = word(strings.TrimPrefix(placeWord(part.place), "the "))
			}
			t.add(word(name), where, notes.estimate(part.service, seconds), wait, share)
		}
	}
	return t.merged()
}

// spentLine says what the parts leave out.
const spentLine = "Of ok requests, on average. Branches that run at once add up to more than the latency; attempts that were given up, and failed ones, are missing."
