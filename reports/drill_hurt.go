package reports

import (
	"maps"
	"slices"
	"strings"

	"github.com/capsim/capsim/internal/result"
)

// unhurt reports whether a client took no notice of a drill: nothing failed
// that would not have, no objective of it was in danger, and answers took at
// most a tenth longer.
func unhurt(r *result.DrillReport, d *result.Drill, name string) bool {
	c, calm := d.Clients[name], r.Baseline.Clients[name]
	if calm == nil || c.FailedRequests.Mean == nil || *c.FailedRequests.Mean > 0 || c.RecoveryS.Mean == nil || *c.RecoveryS.Mean > 0 {
		return false
	}
	for _, o := range d.Objectives {
		if isAbout(o, name) && o.Verdict != result.Met {
			return false
		}
	}
	for _, f := range []string{"mean", "p99"} {
		extra, usual := c.ExtraLatencyS[f].Mean, calm.LatencyS[f].Mean
		if extra != nil && (usual == nil || *extra > *usual/10) {
			return false
		}
	}
	return true
}

// isAbout reports whether an objective is one of a client.
func isAbout(o result.Objective, client string) bool {
	return strings.HasPrefix(o.Text, client+" ") || strings.HasPrefix(o.Text, client+".")
}

// hurtPart is d with only those clients that it hurt, and their objectives;
// nil if it hurt nobody, and held what is asked of nodes.
func hurtPart(r *result.DrillReport, d *result.Drill) *result.Drill {
	if !d.Began || d.Limit != "" || r.Baseline == nil {
		return d
	}
	part := *d
	part.Clients = maps.Clone(d.Clients)
	for _, name := range sorted(d.Clients) {
		if unhurt(r, d, name) {
			delete(part.Clients, name)
			part.Objectives = slices.DeleteFunc(slices.Clone(part.Objectives), func(o result.Objective) bool { return isAbout(o, name) })
		}
	}
	if len(part.Clients) > 0 {
		return &part
	}
	if slices.ContainsFunc(part.Objectives, func(o result.Objective) bool { return o.Verdict != result.Met }) {
		return d
	}
	return nil
}

// partDrills takes out of many drills those that hurt nobody, and of the rest
// the clients that were not hurt, and says so in one sentence, "" where there
// are none.
func partDrills(r *result.DrillReport) (hurt *result.DrillReport, spared string) {
	rest := *r
	rest.Drills = nil
	var names []string
	some := false
	for i := range r.Drills {
		d := &r.Drills[i]
		part := hurtPart(r, d)
		if part == nil {
			names = append(names, drillLabel(d))
			continue
		}
		some = some || len(part.Clients) < len(d.Clients)
		rest.Drills = append(rest.Drills, *part)
	}
	var lines []string
	if some {
		lines = append(lines, "Of each drill, the clients that it hurt.")
	}
	if len(names) > 0 {
		lines = append(lines, "No client was hurt by "+strings.Join(names, ", ")+".")
	}
	return &rest, strings.Join(lines, " ")
}
