package study

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
)

// Met, missed, or undecided where the interval straddles the value; an end that
// touches it counts as what the comparison says of equal numbers.
func TestVerdictStraddles(t *testing.T) {
	half := func(h float64) *float64 { return &h }
	for _, c := range []struct {
		mean    float64
		half    *float64
		compare string
		want    string
	}{
		{9, half(0.5), "<", result.Met}, {11, half(0.5), "<", result.Missed}, {9.8, half(0.5), "<", result.Undecided}, {10.2, half(0.5), "<", result.Undecided},
		{9.5, half(0.5), "<", result.Undecided}, {9.5, half(0.5), "<=", result.Met}, {10.5, half(0.5), "<", result.Missed}, {10.5, half(0.5), "<=", result.Undecided},
		{11, half(0.5), ">", result.Met}, {9, half(0.5), ">", result.Missed}, {10.2, half(0.5), ">", result.Undecided},
		{10.5, half(0.5), ">", result.Undecided}, {10.5, half(0.5), ">=", result.Met}, {9.5, half(0.5), ">", result.Missed}, {9.5, half(0.5), ">=", result.Undecided},
		// No variance, and no interval: the point decides.
		{10, half(0), "<", result.Missed}, {10, half(0), "<=", result.Met}, {10, half(0), ">", result.Missed}, {10, half(0), ">=", result.Met},
		{9.9, nil, "<", result.Met}, {10.1, nil, "<", result.Missed}, {10, nil, "<=", result.Met},
		// A sum of binary fractions is what was meant.
		{10 + 4e-15, half(0), "<=", result.Met}, {10 - 4e-15, half(0), ">=", result.Met}, {10 - 4e-15, half(0), "<", result.Missed},
		{10 + 1e-9, half(0), "<=", result.Missed},
	} {
		e := result.Estimate{Mean: &c.mean, HalfWidth: c.half}
		assert.Equal(t, c.want, verdict(e, c.compare, 10), "%+v", c)
	}
	assert.Equal(t, result.Undecided, verdict(result.Estimate{}, "<", 10), "no figure")
	zero := 0.0
	assert.Equal(t, result.Met, verdict(result.Estimate{Mean: &zero, HalfWidth: &zero}, "<=", 0))
	assert.Equal(t, result.Missed, verdict(result.Estimate{Mean: &zero, HalfWidth: &zero}, "<", 0))
}

// One value out of several replications has no interval that could be known.
func TestVerdictOfOneValueOutOfSeveralIsUndecided(t *testing.T) {
	x := 5.0
	o := &node.Objective{Compare: "<", Value: 10}
	three := &figures{snaps: make([]*node.Snapshot, 3)}
	assert.Equal(t, result.Undecided, three.verdict(result.Estimate{Mean: &x}, o))
	one := &figures{snaps: make([]*node.Snapshot, 1)}
	assert.Equal(t, result.Met, one.verdict(result.Estimate{Mean: &x}, o))
}

// What had not recovered when the run was over took at least that long.
func TestVerdictOnWhatIsNotOver(t *testing.T) {
	for _, c := range []struct {
		atLeast float64
		compare string
		want    string
	}{
		{20, "<", result.Missed}, {5, "<", result.Undecided}, {10, "<", result.Missed}, {10, "<=", result.Undecided},
		{20, ">", result.Met}, {5, ">", result.Undecided}, {10, ">=", result.Met},
	} {
		assert.Equal(t, c.want, slowVerdict(c.atLeast, &node.Objective{Compare: c.compare, Value: 10}), "%+v", c)
	}
}

// Machines cost what a table says, to the cent, whatever the binary digits.
func TestCostsAtTheirLimitAreMet(t *testing.T) {
	for _, price := range []string{"0.07", "0.1", "0.1344", "0.192", "0.3"} {
		for _, n := range []int{1, 3, 7, 13} {
			var hundredths int
			_, err := fmt.Sscanf(price[2:], "%d", &hundredths)
			require.NoError(t, err)
			scale := 1
			for range len(price) - 2 {
				scale *= 10
			}
			tenThousandths := hundredths * (10_000 / scale) * n * 730
			limit := fmt.Sprintf("%d.%04d", tenThousandths/10_000, tenThousandths%10_000)
			spec := specsOf(t, fmt.Sprintf(`objectives = ["cost <= %[1]s", "cost >= %[1]s", "cost < %[1]s"]
run = { duration = "9s", warmup = "1s", replications = 3 }
client.u = { target = "app", arrivals = "constant 97/s" }
server.app = { price_per_hour = %s, instances = %d, on.request = [] }
`, limit, price, n))[0]
			r, err := Run(spec, Options{})
			require.NoError(t, err)
			for i, want := range []string{result.Met, result.Met, result.Missed} {
				assert.Equal(t, want, r.Objectives[i].Verdict, "%s %d: %s", price, n, r.Objectives[i].Text)
			}
		}
	}
}

// Two objectives of one client with a limit of time, and one of another: each
// counts its own requests.
func TestWithinCountsItsOwnRequests(t *testing.T) {
	spec := specsOf(t, `objectives = ["a within 5ms > 99%", "b within 20ms > 1%", "a within 15ms > 99%", "a.slow within 5ms < 1%"]
run = { duration = "20s", warmup = "0s", replications = 2 }
[client.a]
target = "app"
arrivals = "constant 50/s"
requests = { quick = 1, slow = 1 }
[client.b]
target = "app.slow"
arrivals = "constant 10/s"
[server.app]
on.quick = [{ wait = "1ms" }]
on.slow = [{ wait = "10ms" }]
`)[0]
	r, err := Run(spec, Options{})
	require.NoError(t, err)
	var verdicts []string
	for _, o := range r.Objectives {
		verdicts = append(verdicts, o.Verdict)
	}
	assert.Equal(t, []string{result.Missed, result.Met, result.Met, result.Met}, verdicts)
	assert.InDelta(t, 0.5, *r.Objectives[0].Actual.Mean, 0.05)
	assert.InDelta(t, 1, *r.Objectives[1].Actual.Mean, 0)
}

// Requests of which none is answered have no latency, and do not meet an
// objective on it; one above a value, or of whom nobody asked, is open. Money
// that is spent on no answer at all is not well spent.
func TestNoAnswerAtAllIsMissed(t *testing.T) {
	const text = `
run = { duration = "10s", warmup = "1s", replications = 2 }
objectives = ["users p99 < 50ms", "users mean <= 1h", "users max > 100us", "users.never p99 < 50ms", "cost_per_million < 1000"]
server.app.price_per_hour = 1
client.users = { target = "app", arrivals = "poisson 50/s", requests = { a = 1, never = 1e-9 } }
server.app.on = { a = [{ cpu = "1ms" }, { fail = "FAILS" }], never = [] }`
	for _, tt := range []struct{ fails, p99, mean, most, price string }{
		{"100%", result.Missed, result.Missed, result.Undecided, result.Missed},
		{"90%", result.Undecided, result.Met, result.Met, result.Met},
	} {
		r, err := Run(specOf(t, strings.Replace(text, "FAILS", tt.fails, 1)), Options{})
		require.NoError(t, err)
		var got []string
		for _, o := range r.Objectives {
			got = append(got, o.Verdict)
		}
		assert.Equal(t, []string{tt.p99, tt.mean, tt.most, result.Undecided, tt.price}, got, tt.fails)
	}
}
