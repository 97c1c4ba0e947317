package study

import (
	"fmt"
	"strings"

	"github.com/capsim/capsim/models/theory"
)

// stop is a station that requests stop at on their way: so many cores of
// exponential service.
type stop struct {
	name    string
	cores   int
	service float64 // seconds
}

// route is a topology in which the front, which does no work itself, leads
// requests from station to station.
func route(client, steps string, stops ...stop) string {
	var b strings.Builder
	b.WriteString(client)
	fmt.Fprintf(&b, "[server.web]\non.request = [%s]\n", steps)
	for _, s := range stops {
		fmt.Fprintf(&b, "[server.%s]\ncores = %d\non.request = [%s]\n", s.name, s.cores, cpu(exponential(s.service)))
	}
	return b.String()
}

// closedClient is a fixed population. Without a law of thinking it asks again
// at once.
func closedClient(users int, think string) string {
	if think != "" {
		think = fmt.Sprintf("think = %q\n", think)
	}
	return fmt.Sprintf("[client.users]\ntarget = \"web\"\nusers = %d\n%s", users, think)
}

func call(node string) string { return fmt.Sprintf("{ call = %q }", node) }

func steps(list ...string) string { return strings.Join(list, ", ") }

func repeat(times, steps string) string {
	return fmt.Sprintf("{ repeat = %s, steps = [%s] }", times, steps)
}

// choose makes alternatives out of pairs of a weight and steps.
func choose(pairs ...any) string {
	var parts []string
	for i := 0; i < len(pairs); i += 2 {
		parts = append(parts, fmt.Sprintf("{ weight = %v, steps = [%v] }", pairs[i], pairs[i+1]))
	}
	return "{ choose = [" + strings.Join(parts, ", ") + "] }"
}

// jacksonOracles are open networks of stations: each by itself as M/M/c
// (Jackson 1957), whatever the route (Kelly 1979).
func jacksonOracles() []oracle {
	return []oracle{tandemOfThree(), tandemOfTwo(), shortTandem(), feedback(), centralServer(), webAndDatabase()}
}

// nodeFacts are the figures of a station visited at a rate.
func nodeFacts(name string, lambda, service float64, cores int) []fact {
	m := theory.MMc{Lambda: lambda, Mu: 1 / service, C: cores}
	return []fact{
		{figure: name + " throughput", exact: lambda},
		{figure: name + " in_flight", exact: m.NumberMean()},
		{figure: name + " response mean", exact: m.ResponseMean()},
		{figure: name + " cpu utilization", exact: m.Utilisation()},
	}
}

func tandemOfThree() oracle {
	const lambda = 700.0
	o := oracle{
		name: "tandem of three M/M/1", source: "Burke 1956, Reich 1957", when: usually,
		topology: route(clientOf(lambda, ""), steps(call("one"), call("two"), call("three")), stop{"one", 1, 1e-3}, stop{"two", 1, 1e-3 / 1.2}, stop{"three", 1, 1e-3 / 0.9}),
		rate:     lambda, millions: 7, relax: 2 * relaxation(lambda, 900, 1),
	}
	law, err := theory.TandemResponse(lambda, 1000, 1200, 900)
	if err != nil {
		panic(err)
	}
	o.facts = append(o.facts, fact{figure: "users latency mean", exact: law.Mean()})
	o.facts = append(o.facts, responseFacts("users latency", law.Quantile)...)
	o.facts = append(o.facts, nodeFacts("one", lambda, 1e-3, 1)...)
	o.facts = append(o.facts, nodeFacts("two", lambda, 1e-3/1.2, 1)...)
	o.facts = append(o.facts, nodeFacts("three", lambda, 1e-3/0.9, 1)...)
	return o
}

// shortTandem nests: the first station calls the second, and the request
// holds neither a core nor a worker of the first meanwhile.
func shortTandem() oracle {
	const lambda = 500.0
	law, err := theory.TandemResponse(lambda, 1000, 2000)
	if err != nil {
		panic(err)
	}
	o := oracle{
		name: "tandem of two M/M/1, nested", source: "Burke 1956, Reich 1957", when: always,
		topology: clientOf(lambda, "") + fmt.Sprintf("[server.web]\non.request = [%s]\n[server.db]\non.request = [%s]\n", steps(cpu("exp 1ms"), call("db")), cpu("exp 0.5ms")),
		rate:     lambda, millions: 1.3, relax: 2 * relaxation(lambda, 1000, 1),
		facts: append(nodeFacts("db", lambda, 0.5e-3, 1),
			fact{figure: "web response mean", exact: law.Mean()},
			fact{figure: "web cpu utilization", exact: 0.5},
			fact{figure: "users latency mean", exact: law.Mean()}),
	}
	o.facts = append(o.facts, responseFacts("users latency", law.Quantile)...)
	return o
}

func tandemOfTwo() oracle {
	const lambda = 1500.0
	facts := append(nodeFacts("one", lambda, 1e-3, 2), nodeFacts("two", lambda, 1e-3/0.7, 3)...)
	return oracle{
		name: "tandem of M/M/2 and M/M/3", source: "Burke 1956", when: usually,
		topology: route(clientOf(lambda, ""), steps(call("one"), call("two")), stop{"one", 2, 1e-3}, stop{"two", 3, 1e-3 / 0.7}),
		rate:     lambda, millions: 3.5, relax: 2 * relaxation(lambda, 1000, 2),
		facts: append(facts, fact{figure: "users latency mean", exact: facts[2].exact + facts[6].exact}),
	}
}

// feedback sends three in ten back to the end of the queue.
func feedback() oracle {
	const lambda, back = 500.0, 0.3
	m := theory.MM1{Lambda: lambda / (1 - back), Mu: 1000}
	return oracle{
		name: "M/M/1 with feedback", source: "Jackson 1957", when: usually,
		topology: web(lambda, "", repeat(`"geometric 1.428571428571428571"`, cpu("exp 1ms"))),
		rate:     lambda, millions: 5, relax: 2 * relaxation(m.Lambda, m.Mu, 1),
		facts: []fact{
			{figure: "users latency mean", exact: m.NumberMean() / lambda},
			{figure: "web in_flight", exact: m.NumberMean()},
			{figure: "web cpu utilization", exact: m.Utilisation()},
			{figure: "web cpu wait mean", exact: m.WaitMean()},
			{figure: "web cpu waits", exact: m.Utilisation()},
		},
	}
}

// centralServer is a network with a loop. From outside to station 4, then to
// 1; from 1 to 2 or 3, each as likely; from 2 to 1 with 0.6, else away; from
// 3 to 1. So 1 is visited a geometric number of times of mean 5; between two
// of its visits, 2 is visited with 0.375 and 3 with 0.625; and last comes 2.
func centralServer() oracle {
	const lambda = 4.0
	again := choose(0.2, "", 0.8, repeat(`"geometric 5"`, steps(choose(0.375, call("two"), 0.625, call("three")), call("one"))))
	network, err := theory.Jackson{
		External: []float64{0, 0, 0, lambda}, Mu: []float64{25, 1 / 0.03, 1 / 0.06, 20}, Servers: []int{1, 1, 1, 1},
		Routing: [][]float64{{0, 0.5, 0.5, 0}, {0.6, 0, 0, 0}, {1, 0, 0, 0}, {1, 0, 0, 0}},
	}.Solve()
	if err != nil {
		panic(err)
	}
	facts := []fact{{figure: "users latency mean", exact: network.ResponseMean}}
	facts = append(facts, nodeFacts("one", 20, 0.04, 1)...)
	facts = append(facts, nodeFacts("two", 10, 0.03, 1)...)
	facts = append(facts, nodeFacts("three", 10, 0.06, 1)...)
	facts = append(facts, nodeFacts("four", 4, 0.05, 1)...)
	return oracle{
		name: "Bolch et al., example 7.4", source: "Bolch et al. 2006, p. 287", when: nightly,
		topology: route(clientOf(lambda, ""), steps(call("four"), call("one"), again, call("two")),
			stop{"one", 1, 0.04}, stop{"two", 1, 0.03}, stop{"three", 1, 0.06}, stop{"four", 1, 0.05}),
		rate: lambda, millions: 6, relax: 5 * relaxation(20, 25, 1),
		facts: facts,
	}
}

// webAndDatabase is the first thing that anybody draws.
func webAndDatabase() oracle {
	const lambda = 300.0
	web, db := theory.MMc{Lambda: lambda, Mu: 100, C: 4}, theory.MMc{Lambda: 0.3 * lambda, Mu: 60, C: 2}
	response := theory.ResponseLaw([]float64{1, 0.3}, []float64{web.ResponseMean(), db.ResponseMean()})
	facts := append(nodeFacts("web", lambda, 0.01, 4)[3:], nodeFacts("db", 0.3*lambda, 1.0/60, 2)...)
	return oracle{
		name: "web of four cores, cache of 70 %, database of two", source: "Jackson 1957: what leaves M/M/4 is Poisson, and so are three in ten of it", when: usually,
		topology: clientOf(lambda, "") + "[server.web]\ncores = 4\non.request = [{ cpu = \"exp 10ms\" }, { get = \"cache\", miss = [{ call = \"db\" }] }]\n" +
			"[cache.cache]\nhit_ratio = \"70%\"\n[server.db]\ncores = 2\non.request = [{ cpu = \"exp 16.666667ms\" }]\n",
		rate: lambda, millions: 16, relax: 2 * relaxation(lambda, 100, 4),
		facts: append(facts,
			fact{figure: "users latency mean", exact: response},
			fact{figure: "web response mean", exact: response},
			fact{figure: "web cpu queue", exact: web.QueueMean()}),
	}
}

// closedOracles are populations that never leave.
func closedOracles() []oracle {
	var rows []oracle
	// One server and users who think for a second, by any law.
	for _, r := range []struct {
		users    int
		think    string
		when     when
		millions float64
	}{
		{1, "exp 1s", nightly, 2},
		{5, "1s", usually, 0.2},
		{10, "exp 1s", always, 0.5},
		{20, "lognormal mean=1s cv=2", usually, 0.6},
		{50, "exp 1s", nightly, 3},
		{100, "exp 1s", nightly, 4},
	} {
		rows = append(rows, closedNetwork(fmt.Sprintf("N=%d think %s, one server of 100 ms", r.users, r.think), r.when, r.users, r.think, r.millions, stop{"one", 1, 0.1}))
	}
	for _, r := range []struct {
		users    int
		when     when
		millions float64
	}{{20, nightly, 3}, {50, usually, 2.5}, {100, nightly, 20}} {
		rows = append(rows, closedNetwork(fmt.Sprintf("N=%d think 5 s, D=(0.05,0.08,0.06)", r.users), r.when, r.users, "exp 5s", r.millions,
			stop{"one", 1, 0.05}, stop{"two", 1, 0.08}, stop{"three", 1, 0.06}))
	}
	for _, r := range []struct {
		users    int
		when     when
		millions float64
	}{{1, nightly, 1}, {5, usually, 0.4}, {20, usually, 3}, {50, nightly, 10}} {
		rows = append(rows, closedNetwork(fmt.Sprintf("N=%d no thinking, four of 100 ms", r.users), r.when, r.users, "", r.millions,
			stop{"one", 1, 0.1}, stop{"two", 1, 0.1}, stop{"three", 1, 0.1}, stop{"four", 1, 0.1}))
	}
	for _, r := range []struct {
		users    int
		when     when
		millions float64
	}{{20, usually, 0.8}, {50, nightly, 10}, {100, nightly, 20}} {
		rows = append(rows, closedNetwork(fmt.Sprintf("N=%d think 2 s, four cores of 200 ms and one of 50 ms", r.users), r.when, r.users, "exp 2s", r.millions,
			stop{"app", 4, 0.2}, stop{"db", 1, 0.05}))
	}
	for _, r := range []struct {
		users    int
		when     when
		millions float64
	}{{50, usually, 0.4}, {100, nightly, 10}} {
		rows = append(rows, closedNetwork(fmt.Sprintf("N=%d think 10 s, eight cores of 1 s and two of 200 ms", r.users), r.when, r.users, "uniform 5s 15s", r.millions,
			stop{"app", 8, 1}, stop{"db", 2, 0.2}))
	}
	return append(rows, machineRepairOracles()...)
}

// closedNetwork visits each stop once.
func closedNetwork(name string, w when, users int, think string, millions float64, stops ...stop) oracle {
	z := map[string]float64{"": 0, "1s": 1, "exp 1s": 1, "lognormal mean=1s cv=2": 1, "exp 2s": 2, "exp 5s": 5, "uniform 5s 15s": 10}
	network := theory.ClosedNetwork{Think: z[think]}
	var calls []string
	slowest := 0.0
	for _, s := range stops {
		network.Stations = append(network.Stations, theory.ClosedStation{Demand: s.service, Servers: s.cores})
		calls = append(calls, call(s.name))
		slowest = max(slowest, s.service/float64(s.cores))
	}
	solved, err := network.Solve(users)
	if err != nil {
		panic(err)
	}
	o := oracle{
		name: name, source: "Buzen 1973", when: w,
		topology: route(closedClient(users, think), steps(calls...), stops...),
		rate:     solved.Throughput, millions: millions, relax: network.Think + float64(users*len(stops))*slowest,
		facts: []fact{
			{figure: "users throughput", exact: solved.Throughput},
			{figure: "users latency mean", exact: solved.ResponseMean},
			{figure: "web in_flight", exact: float64(users) - solved.Throughput*network.Think},
		},
	}
	for i, s := range stops {
		busy := fact{figure: s.name + " cpu utilization", exact: solved.Stations[i].Utilisation}
		if busy.exact > 1-1e-5 {
			busy.slack = 1e-5 // so rarely idle that a run may never see it, and has no standard error
		}
		o.facts = append(o.facts, busy,
			fact{figure: s.name + " response mean", exact: solved.Stations[i].ResponseMean},
			fact{figure: s.name + " in_flight", exact: solved.Stations[i].NumberMean})
	}
	return o
}

// machineRepairOracles are a finite source: machines break down, crews repair
// them.
func machineRepairOracles() []oracle {
	row := func(machines int, up, repair float64, crews int, w when, millions float64) oracle {
		m := theory.MachineRepair{Machines: machines, UpMean: up, RepairMean: repair, Crews: crews}
		return oracle{
			name: fmt.Sprintf("M/M/%d//%d up %g repair %g", crews, machines, up, repair), source: "Palm 1947", when: w,
			topology: closedClient(machines, exponential(up)) + fmt.Sprintf("[server.web]\ncores = %d\non.request = [%s]\n", crews, cpu(exponential(repair))),
			rate:     m.Throughput(), millions: millions, relax: up + repair*float64(machines)/float64(crews),
			facts: []fact{
				{figure: "users throughput", exact: m.Throughput()},
				{figure: "users latency mean", exact: m.ResponseMean()},
				{figure: "web in_flight", exact: m.NumberMean()},
				{figure: "web cpu utilization", exact: m.Utilisation()},
			},
		}
	}
	return []oracle{
		row(10, 10, 1, 1, usually, 0.5),
		row(20, 20, 1, 1, nightly, 3),
		row(30, 10, 1, 3, usually, 0.8),
		row(100, 50, 2, 5, nightly, 4),
	}
}
