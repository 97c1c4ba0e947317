package study

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/theory"
)

const verticalHead = `# Up or out: one big machine, or several small ones

<!-- Generated: go test ./internal/study -run VerticalDocument -update -->

What textbooks say of vertical and horizontal scaling, each claim as a number of
four topologies, with the command that shows it. Loads are in requests a second
at which all objectives of the file hold, prices in USD a month of 730 hours, ±
is half of the 95 % interval. The systems are made up and the prices are not:
they are those of the [list](../models/price/cloud-instances.csv), on demand.
Where the list or the model does not bear a claim out, it says so.

`

// verticalDocument writes docs/vertical-vs-horizontal.md, and holds each of
// its claims to what it says.
func verticalDocument(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(verticalHead)
	one, several := singles(t), rows(t)
	writeSizes(t, &b, one)
	writePrices(t, &b)
	writeTurn(t, &b, one, several)
	writeDeath(t, &b)
	writeYear(t, &b)
	writeUpgrade(t, &b)
	writeOverhead(t, &b)
	writePooling(t, &b)
	writeState(t, &b, one)
	writeData(t, &b)
	return b.String()
}

// section begins a claim.
func section(b *strings.Builder, claim, command string) {
	fmt.Fprintf(b, "## %s\n\n```sh\n%s\n```\n\n", claim, command)
}

func writeSizes(t *testing.T, b *strings.Builder, one []heldBy) {
	section(b, "One machine has an upper limit, and the next size brings less than it costs",
		"capsim stress topologies/vertical-vs-horizontal.toml --design vertical --set server.app.type=aws:m7i.large --duration 10m")
	law := theory.Scalability{Contention: 0.04, Coherency: 0.0008}
	b.WriteString("| m7i | cores | do the work of | --duration | holds | USD a month | USD for 100/s |\n| :--- | ---: | ---: | ---: | ---: | ---: | ---: |\n")
	for i, h := range one {
		work := law.Capacity(float64(h.cores))
		fmt.Fprintf(b, "| %s | %d | %.2f | %s | %.0f ± %.0f/s | %.0f | %.1f |\n", sizes[i], h.cores, work, h.window, h.rate, h.half, h.monthly, h.perHundred())
		assert.Less(t, h.rate, 100*work, "no more than the law says: a request is 10 ms of a core")
		assert.Greater(t, h.rate, 0.8*100*work, h.name)
		if i > 1 {
			assert.Greater(t, h.perHundred(), one[i-1].perHundred(), "%s costs more for what it does than the size below", h.name)
		}
	}
	last, before := one[len(one)-1], one[len(one)-2]
	assert.Less(t, last.rate, 1.3*before.rate)
	assert.InDelta(t, 34.6, law.Peak(), 0.1)
	fmt.Fprintf(b, `
**Borne out**, for software that scales as this file says (contention 0.04, coherency
0.0008). The largest machine of the list holds %.2f times what the one of half its size
does, at twice the price, and by the Universal Scalability Law the best has %.1f cores
and does the work of %.1f: %.0f/s, whatever is paid. Without `+"`scaling`"+` the claim is
not true: the model lets cores that share nothing work alike at any number.
`, last.rate/before.rate, law.Peak(), law.Capacity(law.Peak()), 100*law.Capacity(law.Peak()))
	b.WriteString("\n")
}

func writePrices(t *testing.T, b *strings.Builder) {
	section(b, "Big machines cost more than in proportion", "capsim explain machines")
	all, even := listed(t), 0
	var odd []string
	for _, f := range all {
		if f.most <= 1.005*f.least {
			even++
			continue
		}
		odd = append(odd, fmt.Sprintf("| `%s` | %d | %.4f | %.4f |\n", f.name, f.sizes, f.least, f.most))
	}
	assert.Equal(t, 33, even)
	assert.Len(t, all, 39)
	fmt.Fprintf(b, `**Not borne out.** In %d of the %d families of the list an hour of a core costs the same at
each size, to half a percent. The others, by their cheapest and their dearest size:

| family | sizes | USD for an hour of a core | to |
| :--- | ---: | ---: | ---: |
%s
Those of aws and the two B sell the same few cores with more memory; of the two other
families the list has single prices that do not fit those of their neighbours. What becomes
dearer along the sizes is what a core does, by the table above, not the core.

`, even, len(all), strings.Join(odd, ""))
}

func writeTurn(t *testing.T, b *strings.Builder, one, several []heldBy) {
	section(b, "Begin with one machine, and go out when it is full",
		"capsim stress topologies/vertical-vs-horizontal.toml --design horizontal --duration 30s --set server.app.instances=4")
	b.WriteString("| m7i, two balancers, a store of two | cores | --duration | holds | USD a month | USD for 100/s |\n| :--- | ---: | ---: | ---: | ---: | ---: |\n")
	for _, h := range several {
		fmt.Fprintf(b, "| %s | %d | %s | %.0f ± %.0f/s | %.0f | %.1f |\n", h.name, h.cores, h.window, h.rate, h.half, h.monthly, h.perHundred())
	}
	rate, half, from := turn(one, several)
	spare, spareHalf, fromSpare := turn(one, oneLess(several))
	require.NotNil(t, from)
	require.NotNil(t, fromSpare)
	two, last := one[2], one[len(one)-1]
	assert.InDelta(t, two.rate, rate, 1, "a machine of 8 cores is the last that is cheaper")
	assert.GreaterOrEqual(t, spare, rate)
	first, final := several[0], several[len(several)-1]
	assert.Less(t, final.perHundred(), first.perHundred(), "balancers and store are shared by more")
	perMachine := (final.rate - first.rate) / 6
	fmt.Fprintf(b, `
**Borne out**, and this is where the verdict turns. Up to **%.0f ± %.0f/s** one machine
is cheaper; beyond, machines of 2 cores are: first %s for %.0f USD, where the next size of
one machine costs %.0f. With one machine to spare (what is left when one is gone must hold
the load) it turns at %.0f ± %.0f/s, with %s. Beyond %.0f/s there is no single machine of
the list. Each further small machine adds %.0f/s, the last as much as the first: nothing in
this model makes a row of machines that share nothing slower. What they share (a store, a
database) does: see the end of this page.
`, rate, half, from.name, from.monthly, cheapest(one, rate).monthly, spare, spareHalf, fromSpare.name, last.rate, perMachine)
	b.WriteString("\n")
}

func writeDeath(t *testing.T, b *strings.Builder) {
	section(b, "One machine is a single point of failure; of many, one is 1/n", "capsim compare topologies/vertical-vs-horizontal.toml --loads 1\n"+
		"# so that nobody tries again, and no balancer looks who is there:\n"+
		"capsim drill topologies/vertical-vs-horizontal.toml --design horizontal --fault 'kill app[0] at 0s for 2m' --set client.users.retries.max=0 \\\n"+
		"  --set load_balancer.lb.retries=0 --set load_balancer.lb.policy=round-robin --set load_balancer.lb.health_check.interval=1h")
	alone := []string{"client.users.retries.max=0"}
	blind := append(alone, "load_balancer.lb.policy=round-robin", "load_balancer.lb.retries=0", "load_balancer.lb.health_check.interval=1h")
	b.WriteString("| while a machine is gone | fail, if nobody tries again | fail, as in the file | objectives missed |\n| :--- | ---: | ---: | :--- |\n")
	for _, machines := range []int{1, 2, 8} {
		design := map[int]string{1: "vertical", 2: "hybrid", 8: "horizontal"}[machines]
		settings := blind
		if design == "vertical" {
			settings = alone
		}
		lost, _ := gone(t, design, settings...)
		tried, missed := gone(t, design)
		fmt.Fprintf(b, "| %s (1 of %d) | %s | %s | %s |\n", design, machines, inPercent(lost), inPercent(tried), orNone(missed))
		assert.InDelta(t, 1/float64(machines), *lost.Mean, 0.001, design)
		if machines == 1 {
			assert.InDelta(t, 1, *tried.Mean, 1e-9)
			assert.NotEmpty(t, missed)
			continue
		}
		assert.Less(t, *tried.Mean, 0.001, "%s: another machine answers", design)
		assert.Empty(t, missed, design)
	}
	b.WriteString("\n**Borne out.** But 1/n is what is lost only if nobody tries again: a balancer that tries\nanother machine loses next to nothing, as long as the others can bear the load. Either of\ntwo machines with 8 cores can here; at a load of more than half of what both hold, none could.\n\n")
}

func inPercent(e result.Estimate) string {
	return fmt.Sprintf("%.3g ± %.2g %%", 100**e.Mean, 100**e.HalfWidth)
}

func orNone(texts []string) string {
	if len(texts) == 0 {
		return "none"
	}
	return strings.Join(texts, ", ")
}

func TestVerticalDocumentIsUpToDate(t *testing.T) {
	if testing.Short() {
		t.Skip("it searches for what some twenty systems hold")
	}
	const path = "../../docs/vertical-vs-horizontal.md"
	got := verticalDocument(t)
	if *updateValidation {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), got, "go test ./internal/study -run VerticalDocument -update writes it anew")
}
