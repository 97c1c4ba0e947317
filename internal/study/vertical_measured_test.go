package study

import (
	"encoding/csv"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/topologies"
)

// upOrOut is a design of a topology about growing up or out, with settings.
func upOrOut(t *testing.T, name, design string, settings ...string) *node.Spec {
	t.Helper()
	opt := topologies.Options{}
	for i, text := range settings {
		opt.Set = append(opt.Set, topologies.Setting{Text: text, Arg: i + 1})
	}
	file, report := topologies.Load(onDisk{}, "../../topologies/vertical-vs-horizontal"+name+".toml", opt)
	require.NotNil(t, file, "%v", report)
	spec, report := file.Spec(design)
	require.NotNil(t, spec, "%s %s: %v", name, design, report)
	return spec
}

// heldBy is what a design holds, in requests a second, and what it costs.
type heldBy struct {
	name    string
	cores   int
	rate    float64 // requests a second, at the objectives
	half    float64 // of the 95 % interval
	monthly float64 // USD
	window  string  // of each simulation
}

// perHundred is what 100 requests a second cost a month.
func (h heldBy) perHundred() float64 { return 100 * h.monthly / h.rate }

// hold searches for what a design holds, as capsim stress --duration
// does, each in some hundred thousand requests.
func hold(t *testing.T, name, window, file, design string, settings ...string) heldBy {
	t.Helper()
	spec := upOrOut(t, file, design, append(settings, "run.duration="+window)...)
	c, err := FindCapacity(spec, CapacityOptions{})
	require.NoError(t, err)
	require.NotNil(t, c.Load.Mean, "%s: %s", name, c.Load.Note)
	require.NotNil(t, c.Load.HalfWidth)
	today := map[string]float64{"": 450, "-data": 1550}[file]
	brief := *spec
	brief.Run.Duration, brief.Run.Replications = 1e9, 1
	r, err := Run(&brief, Options{})
	require.NoError(t, err)
	h := heldBy{name: name, rate: today * *c.Load.Mean, half: today * *c.Load.HalfWidth, monthly: *r.Cost.Monthly.Mean, window: window}
	t.Logf("%s: %.0f ± %.0f/s, %.0f USD a month", name, h.rate, h.half, h.monthly)
	return h
}

// sizes are those of the family m7i in the list, by their cores.
var sizes = []string{"large", "xlarge", "2xlarge", "4xlarge", "8xlarge"}

// singles is what one machine of each size holds.
func singles(t *testing.T) (all []heldBy) {
	for i, size := range sizes {
		h := hold(t, "1 × "+size, []string{"10m", "5m", "3m", "2m", "2m"}[i], "", "vertical", "server.app.type=aws:m7i."+size)
		h.cores = 2 << i
		all = append(all, h)
	}
	return all
}

// rows is what two to eight small machines hold, with their balancers and
// their store of sessions.
func rows(t *testing.T) (all []heldBy) {
	for n := 2; n <= 8; n++ {
		window := "30s"
		if n < 4 {
			window = "90s"
		}
		h := hold(t, strconv.Itoa(n)+" × large", window, "", "horizontal", "server.app.instances="+strconv.Itoa(n))
		h.cores = 2 * n
		all = append(all, h)
	}
	return all
}

// cheapest is the cheapest of those that hold more than a rate.
func cheapest(of []heldBy, rate float64) *heldBy {
	var best *heldBy
	for i := range of {
		if of[i].rate > rate && (best == nil || of[i].monthly < best.monthly) {
			best = &of[i]
		}
	}
	return best
}

// oneLess is what is held when one machine is gone, at the price of all.
func oneLess(all []heldBy) (out []heldBy) {
	for i := 1; i < len(all); i++ {
		out = append(out, heldBy{name: all[i].name, cores: all[i].cores, rate: all[i-1].rate, half: all[i-1].half, monthly: all[i].monthly})
	}
	return out
}

// turn is the rate from which on several machines are always cheaper than
// one, as far as there is anything that holds more.
func turn(one, several []heldBy) (rate, half float64, from *heldBy) {
	rates := []heldBy{{}}
	rates = append(rates, one...)
	rates = append(rates, several...)
	slices.SortFunc(rates, func(a, b heldBy) int {
		if a.rate < b.rate {
			return -1
		}
		return 1
	})
	for i := len(rates) - 1; i >= 0; i-- {
		up, out := cheapest(one, rates[i].rate), cheapest(several, rates[i].rate)
		if out == nil {
			continue
		}
		if up != nil && up.monthly <= out.monthly {
			return rates[i+1].rate, rates[i+1].half, cheapest(several, rates[i+1].rate)
		}
	}
	return 0, 0, nil
}

// gone is the share of the requests that fail while one machine is gone, and
// the objectives that are missed meanwhile.
func gone(t *testing.T, design string, settings ...string) (failed result.Estimate, missed []string) {
	t.Helper()
	opt := topologies.Options{}
	for i, text := range append(settings, "run.duration=60s") {
		opt.Set = append(opt.Set, topologies.Setting{Text: text, Arg: i + 1})
	}
	file, _ := topologies.Load(onDisk{}, "../../topologies/vertical-vs-horizontal.toml", opt)
	lost, report := file.Losses(design)
	require.NotNil(t, lost.Spec, "%v", report)
	spec := *lost.Spec
	for i := range spec.Faults {
		if strings.HasPrefix(spec.Faults[i].Target, "app") {
			spec.Faults = slices.Clone(spec.Faults[i : i+1])
			break
		}
	}
	spec.Faults[0].At, spec.Faults[0].For = 0, 0
	d, err := Drill(DrillPlan{Spec: &spec}, Options{})
	require.NoError(t, err)
	require.Len(t, d.Drills, 1)
	l := lossOf(&d.Drills[0])
	return l.FailedRatio, l.Missed
}

// simulate runs a design.
func simulate(t *testing.T, file, design string, settings ...string) *result.Result {
	t.Helper()
	r, err := Run(upOrOut(t, file, design, settings...), Options{})
	require.NoError(t, err)
	return r
}

// sizesOf is how much an hour of a core costs along the sizes of a family.
type sizesOf struct {
	name        string
	sizes       int
	least, most float64 // USD
}

// listed are those of the list that have several sizes.
func listed(t *testing.T) (all []sizesOf) {
	t.Helper()
	file, err := os.Open("../../models/price/cloud-instances.csv")
	require.NoError(t, err)
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	require.NoError(t, err)
	require.Equal(t, []string{"provider", "instance_type"}, rows[0][:2])
	require.Equal(t, []string{"vcpu", "usd_per_hour_on_demand_linux"}, []string{rows[0][3], rows[0][7]})
	for _, row := range rows[1:] {
		name := row[0] + ":" + sizeless(row[0], row[1])
		cores, err := strconv.Atoi(row[3])
		require.NoError(t, err)
		hourly, err := strconv.ParseFloat(row[7], 64)
		require.NoError(t, err)
		core := hourly / float64(cores)
		i := slices.IndexFunc(all, func(f sizesOf) bool { return f.name == name })
		if i < 0 {
			all, i = append(all, sizesOf{name: name, least: core, most: core}), len(all)
		}
		f := &all[i]
		f.sizes++
		f.least, f.most = min(f.least, core), max(f.most, core)
	}
	slices.SortFunc(all, func(a, b sizesOf) int { return strings.Compare(a.name, b.name) })
	return slices.DeleteFunc(all, func(f sizesOf) bool { return f.sizes < 2 })
}

var firstNumber = regexp.MustCompile(`^(\D*)\d+`)

// sizeless is the name of a machine with a * where its size stands.
func sizeless(provider, machine string) string {
	switch provider {
	case "aws": // m7i.large
		return machine[:strings.IndexByte(machine, '.')] + ".*"
	case "azure": // Standard_D2as_v5
		return firstNumber.ReplaceAllString(machine, "$1*")
	}
	return machine[:strings.LastIndexByte(machine, '-')] + "-*" // n2-standard-16
}
