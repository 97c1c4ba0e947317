package study

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/capsim/capsim/internal/estimate"
)

// Random open networks with product form (Jackson 1957; Baskett, Chandy, Muntz
// and Palacios 1975): of 200, so many are simulated by a plain go test.
const (
	randomNetworks = 200
	fewNetworks    = 30
)

// estimateOracles are the random networks: what capsim estimate calls exact
// must be what is simulated.
func estimateOracles(t *testing.T) []oracle {
	t.Helper()
	var rows []oracle
	for i := range randomNetworks {
		n := randomNetwork(uint64(i))
		o := oracle{
			name: fmt.Sprintf("random network %d", i), source: "capsim estimate, which says that it is exact", when: nightly,
			topology: n.text, rate: n.rate, millions: n.millions, relax: n.relax,
		}
		if i < fewNetworks {
			o.when = usually
		}
		if o.when.now() {
			o.facts = estimatedFacts(t, n.text)
		}
		rows = append(rows, o)
	}
	return rows
}

// estimatedFacts are the figures of a topology of which theory is sure.
func estimatedFacts(t *testing.T, topology string) []fact {
	t.Helper()
	spec := specOf(t, topology+runTable(100, 0, 1, 1))
	e := estimate.Of(spec)
	var facts []fact
	for _, c := range e.Clients {
		if !c.Latency.Exact {
			t.Errorf("a network of product form is not said to be exact:\n%s", topology)
		}
		facts = append(facts, fact{figure: spec.Nodes[c.Node].Name + " latency mean", exact: c.Latency.Mean})
	}
	for _, n := range e.Nodes {
		name := spec.Nodes[n.Node].Name
		if !n.Response.Exact || n.Utilization == 0 {
			continue
		}
		facts = append(facts, fact{figure: name + " response mean", exact: n.Response.Mean},
			fact{figure: name + " cpu utilization", exact: n.Utilization})
	}
	return facts
}

// drawn is a random network.
type drawn struct {
	text                  string
	rate, millions, relax float64
}

// randomNetwork draws one: a front that calls two to five stations, each with
// some probability or a geometric number of times, one of them perhaps from
// another one; with one to four cores, first come first served or shared.
func randomNetwork(seed uint64) drawn {
	r := rand.New(rand.NewPCG(seed, 0))
	const rate = 100.0
	count := 2 + r.IntN(4)
	n := drawn{rate: rate, millions: 0.8}
	var calls []string
	var servers strings.Builder
	for k := range count {
		name, cores, rho := fmt.Sprintf("s%d", k), 1+r.IntN(4), 0.2+0.35*r.Float64()
		visits, one := 1.0, call(name)
		switch r.IntN(3) {
		case 0:
			visits = 0.4 + 0.5*r.Float64()
			one = choose(visits, one, 1-visits, "")
		case 1:
			visits = 1.2 + r.Float64()
			one = repeat(fmt.Sprintf(`"geometric %.9g"`, visits), one)
		}
		service := rho * float64(cores) / (rate * visits)
		law, order := exponential(service), ""
		if r.IntN(3) == 0 {
			order = "scheduling = \"ps\"\n"
			law = fmt.Sprintf("lognormal mean=%s cv=%.3g", seconds(service), 0.5+r.Float64())
		}
		inner := cpu(law)
		if k == count-1 && r.IntN(2) == 0 { // behind another one instead of the front
			servers.WriteString("[server.behind]\non.request = [" + one + "]\n")
			one = call("behind")
		}
		calls = append(calls, one)
		fmt.Fprintf(&servers, "[server.%s]\ncores = %d\n%son.request = [%s]\n", name, cores, order, inner)
		n.relax = max(n.relax, 2*relaxation(rate*visits, 1/service, cores))
	}
	if r.IntN(2) == 0 {
		calls = append(calls, `{ wait = "lognormal mean=20ms cv=1" }`)
	}
	n.text = clientOf(rate, "") + "[server.web]\non.request = [" + steps(calls...) + "]\n" + servers.String()
	return n
}
