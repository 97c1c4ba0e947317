package study

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/topologies"
)

// measuredFault is a measurement of a balancer, one of whose servers failed.
// Times are in seconds from the start; of the measurement and its repeat.
type measuredFault struct {
	Name        string
	Trace       string
	Description string
	AtS         float64   `json:"fault_at_s"`
	EndsS       float64   `json:"fault_ends_s"`
	DetectedS   []float64 `json:"detected_s"`
	RecoveredS  []float64 `json:"recovered_s"`
	Failed      []float64 // requests
	Slow        *float64  // answered after more than 0.9 s; nil: not counted
}

// faultSetups say in the language what the cases are.
var faultSetups = map[string]struct{ fault, lb string }{
	"c_haproxy_kill_noretry": {fault: "kill", lb: haproxyChecks},
	"c_haproxy_hang":         {fault: "hang", lb: haproxyChecks + "timeout = \"1s\"\n"},
	"c_haproxy_kill_retry3":  {fault: "kill", lb: haproxyChecks + "retries = { max = 3, on = [\"unavailable\"] }\n"},
	"c_nginx_kill_passive":   {fault: "kill", lb: nginxPassive},
	"c_nginx_hang_passive":   {fault: "hang", lb: nginxPassive},
}

const (
	haproxyChecks = "health_check = { interval = \"200ms\", timeout = \"200ms\", unhealthy = 2, healthy = 2, kind = \"http\" }\n"
	nginxPassive  = "timeout = \"1s\"\nretries = { max = 1, on = [\"unavailable\", \"timeout\"] }\nejection = { consecutive = 1, for = \"5s\" }\n"
	// faultWarmup is left out of the measurements too.
	faultWarmup = 5.0
	// checkPeriod is from one probe to the next of a server that is well.
	checkPeriod = 0.2
	// The phase of the probes, which the measurements drew once each, is drawn
	// anew in each replication.
	faultReplications = 40
)

func faultCasesMeasured(t *testing.T) []measuredFault {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "measured", "faults.json"))
	require.NoError(t, err)
	var cases []measuredFault
	require.NoError(t, json.Unmarshal(data, &cases))
	require.Len(t, cases, len(faultSetups))
	return cases
}

// replay simulates a case.
func (c *measuredFault) replay(t *testing.T) (*result.Result, []*node.Snapshot) {
	t.Helper()
	setup, known := faultSetups[c.Name]
	require.True(t, known, c.Name)
	rows := (&measuredSystem{folder: "testdata/measured"}).rows(t, &measuredCase{Name: c.Trace, Requests: map[string]int{"c_kill": 16653, "c_hang": 16623}[c.Trace]})
	first := rows[0].at.Seconds() // the trace begins with it
	text := fmt.Sprintf(`[run]
duration = "50s"
warmup = "%.9fs"
replications = %d
[client.clients]
target = "lb"
arrivals = { trace = "%s.csv.gz", format = "csv", columns = { time = "arrival_s" }, unit = "s" }
[load_balancer.lb]
targets = ["b"]
%s[server.b]
instances = 3
cores = 4
on.request = [{ cpu = "trace drawn_service_us unit=us" }]
[[fault]]
at = "%.9fs"
%s = "b[1]"
for = "%.9fs"
`, faultWarmup-first, faultReplications, c.Trace, setup.lb, c.AtS-faultWarmup, setup.fault, c.EndsS-c.AtS)
	file, report := topologies.Load(measuredFiles{"testdata/measured", text}, "measured.toml", topologies.Options{})
	require.NotNil(t, file)
	spec, report := file.Spec("")
	require.NotNil(t, spec, "%v\n%s", report.Diagnostics(), text)
	outcomes, err := runAll([]*node.Spec{spec}, Options{})
	require.NoError(t, err)
	return outcomes[0].Result, outcomes[0].figures.snaps
}

// spreadOver is the mean, and the smallest and largest of the replications.
type spreadOver struct{ mean, least, most float64 }

func over(values []float64) spreadOver {
	s := spreadOver{least: slices.Min(values), most: slices.Max(values)}
	for _, v := range values {
		s.mean += v / float64(len(values))
	}
	return s
}

// faultFigures are how long it took to notice and to be back, in seconds, the
// failed requests, and those that were answered after more than 0.9 s.
func (c *measuredFault) faultFigures(t *testing.T) (detected, recovered, failed, slow spreadOver) {
	t.Helper()
	r, snaps := c.replay(t)
	require.Len(t, r.Faults, 1)
	var d, b, n, late []float64
	for _, s := range snaps {
		d = append(d, s.Faults[0].Detected.Seconds()+faultWarmup-c.AtS)
		b = append(b, s.Faults[0].Recovered.Seconds()+faultWarmup-c.EndsS)
		bad := uint64(0)
		for _, count := range s.Clients[0].Ops[0].Errors {
			bad += count
		}
		n = append(n, float64(bad))
		over := uint64(0)
		for bucket := range s.Clients[0].Ops[0].Latency.Buckets() {
			if bucket.Low >= 900*1e6 {
				over += bucket.Count
			}
		}
		late = append(late, float64(over))
	}
	return over(d), over(b), over(n), over(late)
}

// Detection must be within 25 ms and a period of the checks of what was
// measured, whatever the phase; the mean number of failed requests between
// 0.8 of the smaller and 1.2 of the larger of two measurements.
func TestMeasuredFaultsArePredicted(t *testing.T) {
	for _, c := range faultCasesMeasured(t) {
		t.Run(c.Name, func(t *testing.T) {
			detected, recovered, failed, slow := c.faultFigures(t)
			if c.Slow != nil {
				assert.GreaterOrEqual(t, slow.mean, 0.8**c.Slow)
				assert.LessOrEqual(t, slow.mean, 1.2**c.Slow)
			}
			for _, at := range c.DetectedS {
				assert.InDelta(t, at-c.AtS, detected.least, 0.025+checkPeriod)
				assert.InDelta(t, at-c.AtS, detected.most, 0.025+checkPeriod)
			}
			for _, at := range c.RecoveredS {
				assert.InDelta(t, at-c.EndsS, recovered.mean, 0.025+checkPeriod)
			}
			assert.GreaterOrEqual(t, failed.mean, 0.8*slices.Min(c.Failed))
			assert.LessOrEqual(t, failed.mean, 1.2*slices.Max(c.Failed))
		})
	}
}

// describeFaults writes what docs/validation.md says of them.
func describeFaults(t *testing.T, b *strings.Builder) {
	t.Helper()
	b.WriteString("\n### A balancer that loses a server\n\n" + strings.TrimSpace(faultText) + "\n\n" +
		"| case | what |\n| --- | --- |\n")
	cases := faultCasesMeasured(t)
	for _, c := range cases {
		fmt.Fprintf(b, "| %s | %s |\n", c.Name, c.Description)
	}
	b.WriteString("\n| case | detected after, measured | simulated | back after, measured | simulated | failed, measured | simulated | slow, measured | simulated |\n" +
		"| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n")
	seconds := func(at []float64, since float64) string {
		var all []string
		for _, x := range at {
			all = append(all, fmt.Sprintf("%.2f s", x-since))
		}
		return strings.Join(all, ", ")
	}
	counts := func(of []float64) string {
		var all []string
		for _, x := range of {
			all = append(all, fmt.Sprintf("%.0f", x))
		}
		return strings.Join(all, ", ")
	}
	for i := range cases {
		c := &cases[i]
		d, r, n, late := c.faultFigures(t)
		slow := ""
		if c.Slow != nil {
			slow = fmt.Sprintf("%.0f | %.1f (%.0f to %.0f)", *c.Slow, late.mean, late.least, late.most)
		} else {
			slow = " | "
		}
		fmt.Fprintf(b, "| %s | %s | %.2f s (%.2f to %.2f) | %s | %.2f s (%.2f to %.2f) | %s | %.1f (%.0f to %.0f) | %s |\n", c.Name,
			seconds(c.DetectedS, c.AtS), d.mean, d.least, d.most, seconds(c.RecoveredS, c.EndsS), r.mean, r.least, r.most,
			counts(c.Failed), n.mean, n.least, n.most, slow)
	}
}

const faultText = `
Three of the servers above, with four slots each, stand behind HAProxy; 300
requests a second come, of 20 ms. One server is killed, or frozen, at 20 s, and
is back at 35 s. Each case was measured twice with the same requests; what
differs between the two is where in its period the check was when the server
failed. The simulation draws that anew in each of ` + "`40`" + ` replications: it gives the
mean, and the smallest and largest value.

Demanded are a detection within 25 ms and one period of the checks (200 ms) of
what was measured, in every replication, and a mean number of failed requests
between 0.8 of the smaller and 1.2 of the larger measurement. The interval of
the checks counts from the end of a check: a frozen server keeps the two checks
that it takes waiting for 200 ms each, and the measured 0.2 s from the first
failure to the second when it is killed, 0.4 s when it is frozen, tell that from
any other rule. The measured server lets checks in beside its slots, so that these are its
cores here and not its workers, for which a check would wait. Of the killed server's requests under way, two or three, the simulation
counts those as failed that the measuring client repeated silently.

Behind nginx, which has no checks, nothing fails: a request that found the server
dead, or had no answer within 1 s, is sent to another. *Slow* are the requests
that took more than 0.9 s: those sent to the frozen server until the first of
them had timed out, and one more whenever it is tried again. nginx tried it at
27.4 s and 34.4 s, because it counts its 5 s in whole seconds and from the last of
the time-outs; here they count from the first.
`
