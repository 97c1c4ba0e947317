package reports

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/capsim/capsim/internal/result"
)

// A track is one column of the series.
type track struct {
	subject, metric string
	points          []point // x is the middle of the window; y is NaN without a value
}

// tracks are the columns of r's series that are wanted, in the order of the
// document.
func tracks(r *result.Result, wanted func(subject, metric string) bool) []track {
	if r.Series == nil {
		return nil
	}
	var all []track
	for i, name := range r.Series.Columns {
		subject, metric := splitColumn(name)
		if i == 0 || !wanted(subject, metric) {
			continue
		}
		t := track{subject: subject, metric: metric}
		for _, row := range r.Series.Rows {
			if len(row) <= i || row[0] == nil {
				continue
			}
			end := *row[0] + r.Series.WindowS
			if r.Run.DurationS > *row[0] {
				end = min(end, r.Run.DurationS) // the last window may be cut short
			}
			p := point{x: (*row[0] + end) / 2, y: math.NaN()}
			if row[i] != nil && finite(*row[i]) {
				p.y = *row[i]
			}
			t.points = append(t.points, p)
		}
		if slices.ContainsFunc(t.points, func(p point) bool { return !math.IsNaN(p.y) }) {
			all = append(all, t)
		}
	}
	return all
}

// named wants one metric of any subject.
func named(wanted string) func(subject, metric string) bool {
	return func(_, metric string) bool { return metric == wanted }
}

// mean of the values of t.
func (t track) mean() float64 {
	sum, n := 0.0, 0
	for _, p := range t.points {
		if !math.IsNaN(p.y) {
			sum += p.y
			n++
		}
	}
	return sum / float64(max(n, 1))
}

// peak is where t is highest.
func (t track) peak() point {
	p := point{y: math.NaN()}
	for _, q := range t.points {
		if !(q.y <= p.y) && !math.IsNaN(q.y) {
			p = q
		}
	}
	return p
}

// floor is where t is lowest.
func (t track) floor() point {
	p := point{y: math.NaN()}
	for _, q := range t.points {
		if !(q.y >= p.y) && !math.IsNaN(q.y) {
			p = q
		}
	}
	return p
}

// largest are at most n of the tracks: those with the highest mean, in the
// order of the document.
func largest(all []track, n int) []track {
	if len(all) <= n {
		return all
	}
	order := slices.Clone(all)
	slices.SortStableFunc(order, func(a, b track) int { return cmp.Compare(b.mean(), a.mean()) })
	least := order[n:]
	return slices.DeleteFunc(slices.Clone(all), func(t track) bool {
		return slices.ContainsFunc(least, func(u track) bool { return u.subject == t.subject && u.metric == t.metric })
	})
}

// highest is the track with the highest peak.
func highest(all []track) track {
	return slices.MaxFunc(all, func(a, b track) int { return cmp.Compare(a.peak().y, b.peak().y) })
}

// overTime makes a picture of tracks: lines of one subject have one hue, its
// place among subjects, and the dash says which metric it is. Beyond mostLines
// the largest stay.
func overTime(label string, u unit, all []track, subjects []string, r *result.Result) *picture {
	if len(all) == 0 {
		return nil
	}
	p := &picture{}
	shown := largest(all, mostLines)
	if len(shown) < len(all) {
		p.remark = "The " + amount(len(shown), "highest line") + " of " + count(uint64(len(all))) + "; timeseries.csv has all."
	}
	var metrics []string
	for _, t := range shown {
		if !slices.Contains(metrics, t.metric) {
			metrics = append(metrics, t.metric)
		}
		p.lines = append(p.lines, line{
			label:  strings.TrimSpace(t.subject + " " + metricLabel(t.metric)),
			hue:    max(slices.Index(subjects, t.subject), 0),
			dash:   slices.Index(metrics, t.metric),
			points: t.points,
		})
	}
	_, high, _ := extent(p.lines)
	p.y = linearAxis(label, high, u)
	first, last := all[0].points[0], all[0].points[len(all[0].points)-1]
	p.x = timeAxis(min(first.x, 0), max(last.x, r.Run.DurationS))
	p.markEvents(r)
	return p
}

// mainClient is the client that sent most, "" where there is none.
func mainClient(r *result.Result) string {
	chosen := ""
	for _, name := range sorted(r.Clients) {
		if chosen == "" || r.Clients[name].Offered > r.Clients[chosen].Offered {
			chosen = name
		}
	}
	return chosen
}

// ofSubject are the tracks of one subject, or all of them where it has none.
func ofSubject(all []track, subject string) []track {
	others := func(t track) bool { return t.subject != subject }
	if own := slices.DeleteFunc(slices.Clone(all), others); len(own) > 0 {
		return own
	}
	return all
}
