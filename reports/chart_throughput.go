package reports

import (
	"github.com/capsim/capsim/internal/result"
)

// throughputChart shows what each client offered (dashed) and what was
// answered ok (solid) over time.
func throughputChart(r *result.Result) *picture {
	all := tracks(r, named("throughput_rps"))
	if len(all) <= mostLines/2 {
		all = append(all, tracks(r, named("offered_rps"))...)
	}
	p := overTime("requests per second", plain, all, sorted(r.Clients), r)
	if p == nil {
		return nil
	}
	offered, ok := 0.0, 0.0
	for _, name := range sorted(r.Clients) {
		t := &r.Clients[name].Traffic
		if t.OfferedRPS.Mean != nil && t.ThroughputRPS.Mean != nil {
			offered += *t.OfferedRPS.Mean
			ok += *t.ThroughputRPS.Mean
		}
	}
	p.title = "Of " + short(offered, perSecond) + " offered, " + short(ok, perSecond) + " are answered ok"
	return p
}
