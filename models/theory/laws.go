package theory

// The operational laws hold for any system over any period that begins and
// ends alike, whatever its laws of arrival and service (Denning and Buzen,
// "The operational analysis of queueing network models", 1978; Lazowska et
// al., Quantitative System Performance, 1984, ch. 3).

// Little returns the mean number in a system, L = X R: throughput times mean
// time spent there (Little 1961). It applies equally to a queue alone, with
// its waiting time. A rate of 0 leaves nobody there, however long the time.
func Little(throughput, timeMean float64) float64 {
	mustNotBeNegative("a throughput", throughput)
	if throughput == 0 {
		return 0
	}
	return throughput * timeMean
}

// Utilisation returns the utilisation law U = X S / c: throughput times mean
// service time over the number of servers.
func Utilisation(throughput, serviceMean float64, servers int) float64 {
	mustNotBeNegative("a throughput", throughput)
	mustNotBeNegative("a mean service time", serviceMean)
	mustBeAtLeast("the number of servers", servers, 1)
	return throughput * serviceMean / float64(servers)
}

// ForcedFlow returns the throughput of a node that each request to the system
// visits the given number of times on average: X_i = V_i X.
func ForcedFlow(throughput, visits float64) float64 {
	mustNotBeNegative("a throughput", throughput)
	mustNotBeNegative("a visit count", visits)
	return throughput * visits
}

// Demand returns the service demand D = V S: the service that one request to
// the system asks of a node over all its visits.
func Demand(visits, serviceMean float64) float64 {
	mustNotBeNegative("a visit count", visits)
	mustNotBeNegative("a mean service time", serviceMean)
	return visits * serviceMean
}

// ResponseLaw returns the response time of a system, R = sum of V_i R_i, from
// the visits to each node and the response time per visit. It holds where one
// request is in one place at a time: parallel branches overlap, and their
// times do not add.
func ResponseLaw(visits, responseMeans []float64) float64 {
	if len(visits) != len(responseMeans) {
		panic("theory: as many visit counts as response times are needed")
	}
	sum := 0.0
	for i, v := range visits {
		mustNotBeNegative("a visit count", v)
		sum += Little(v, responseMeans[i])
	}
	return sum
}

// InteractiveResponse returns the response time seen by users who think
// between requests, R = N/X - Z.
func InteractiveResponse(users int, throughput, thinkMean float64) float64 {
	mustBeAtLeast("the number of users", users, 1)
	mustBePositive("a throughput", throughput)
	mustNotBeNegative("a mean think time", thinkMean)
	return float64(users)/throughput - thinkMean
}

// Bottleneck returns the index of the node with the largest demand per
// server, the first to saturate, and the greatest throughput 1/max(D_i/c_i)
// that it lets through: +Inf if nothing is demanded.
func Bottleneck(demands []float64, servers []int) (index int, throughputMax float64) {
	mustBeAtLeast("the number of nodes", len(demands), 1)
	if len(demands) != len(servers) {
		panic("theory: as many server counts as demands are needed")
	}
	largest := -1.0
	for i, demand := range demands {
		mustNotBeNegative("a service demand", demand)
		mustBeAtLeast("the number of servers", servers[i], 1)
		if share := demand / float64(servers[i]); share > largest {
			index, largest = i, share
		}
	}
	return index, 1 / largest
}
