package study

import (
	"fmt"
	"math"
	"strings"

	"github.com/capsim/capsim/models/theory"
)

// cdnOracles are CDNs whose answers are there at once, so that what they keep
// follows from the times of the requests alone, and such in front of a queue.
func cdnOracles() []oracle {
	return []oracle{
		lifetimesByOperation(), pointsOfPresence(1), pointsOfPresence(5), behindAShield(5), behindAShield(20),
		lifetimesOfManyItems(), inFrontOfAQueue(), collapsedRequests("40ms"), collapsedRequests("exp 40ms"),
		littleRoom("capacity = 5"), littleRoom("memory = \"100kB\"\nobject_size = \"20kB\"\npops = 3"),
	}
}

const jung = "J. Jung, A. W. Berger, H. Balakrishnan, Modeling TTL-based Internet Caches, INFOCOM 2003"

// edgeOf is a CDN in front of a server that takes no time.
func edgeOf(rate float64, client, edge string) string {
	return fmt.Sprintf("[client.users]\ntarget = \"edge\"\narrivals = \"poisson %s\"\n%s\n[cdn.edge]\norigin = \"web\"\n%s\n[server.web]\n", perSecond(rate), client, edge)
}

// lifetimesByOperation has operations that are kept for different times, and
// one that is not.
func lifetimesByOperation() oracle {
	page := theory.TTLCache{Rates: []float64{500}, Lifetime: 0.010}
	image := theory.TTLCache{Rates: []float64{300}, Lifetime: 0.100}
	missed := page.MissRate() + image.MissRate()
	return oracle{
		name: "lifetimes by operation", source: jung, when: always,
		topology: edgeOf(1000, "requests = { page = 5, image = 3, cart = 2 }", `cacheable = { page = "10ms", image = "100ms" }`) +
			"on.page = []\non.image = []\non.cart = []\n",
		rate: 1000, millions: lasting(0.2, 1), relax: 0.5,
		facts: []fact{
			{figure: "edge hit_ratio", exact: 1 - missed/800},
			{figure: "web throughput", exact: missed + 200},
		},
	}
}

// pointsOfPresence share the requests: each sees fewer, and hits less.
func pointsOfPresence(pops int) oracle {
	all := theory.TTLCache{Rates: []float64{1000}, Lifetime: 0.010}
	hit := all.Part(pops).HitRatio()
	return oracle{
		name: fmt.Sprintf("%d points of presence", pops), source: jung, when: always,
		topology: edgeOf(1000, "", fmt.Sprintf("cacheable = { request = \"10ms\" }\npops = %d", pops)) + "on.request = []\n",
		rate:     1000, millions: lasting(0.2, 1), relax: 0.5,
		facts: []fact{
			{figure: "edge hit_ratio", exact: hit},
			{figure: "web throughput", exact: 1000 * (1 - hit)},
		},
	}
}

// behindAShield has points of presence that keep an item until the shield
// does not have it any more either: the origin is asked as if there were one.
func behindAShield(pops int) oracle {
	all := theory.TTLCache{Rates: []float64{1000}, Lifetime: 0.020}
	hit := all.BehindPlaces(pops)
	return oracle{
		name: fmt.Sprintf("%d points of presence and a shield", pops), source: "RFC 9111, section 4.2.3; theory.TTLCache", when: usually,
		topology: edgeOf(1000, "", fmt.Sprintf("cacheable = { request = \"20ms\" }\npops = %d\nshield = true", pops)) + "on.request = []\n",
		rate:     1000, millions: lasting(0.2, 1), relax: 0.5,
		facts: []fact{
			{figure: "edge hit_ratio", exact: hit},
			{figure: "edge.shield throughput", exact: 1000 * (1 - hit)},
			{figure: "edge.shield hit_ratio", exact: 1 - all.MissRate()/(1000*(1-hit))},
			{figure: "web throughput", exact: all.MissRate()},
		},
	}
}

// lifetimesOfManyItems has keys by Zipf's law.
func lifetimesOfManyItems() oracle {
	const n, s = 1000, 0.9
	c, sum := theory.TTLCache{Lifetime: 2}, 0.0
	for k := 1; k <= n; k++ {
		c.Rates = append(c.Rates, math.Pow(float64(k), -s))
		sum += c.Rates[k-1]
	}
	for k := range c.Rates {
		c.Rates[k] *= 1000 / sum
	}
	return oracle{
		name: "lifetimes of a thousand items", source: jung, when: usually,
		topology: edgeOf(1000, `keys = "zipf s=0.9 n=1000"`, `cacheable = { request = "2s" }`) + "on.request = []\n",
		rate:     1000, millions: lasting(0.6, 2), relax: 2,
		facts: []fact{
			{figure: "edge hit_ratio", exact: c.HitRatio()},
			{figure: "web throughput", exact: c.MissRate()},
		},
	}
}

// littleRoom keeps for ever what was used last, at each of some places: how
// often it is asked does not matter to that.
func littleRoom(keys string) oracle {
	hit := theory.IRM{P: theory.ZipfLaw(16, 1.2), M: 5}.LRUHitRatio()
	return oracle{
		name: "LRU: " + strings.ReplaceAll(keys, "\n", ", "), source: "W. F. King 1971; A7 in ORACLES.md", when: usually,
		topology: edgeOf(1000, `keys = "zipf s=1.2 n=16"`, "cacheable = { request = \"1000h\" }\n"+keys) + "on.request = []\n",
		rate:     1000, millions: lasting(0.2, 1), relax: 0.5,
		facts: []fact{
			{figure: "edge hit_ratio", exact: hit},
			{figure: "web throughput", exact: 1000 * (1 - hit)},
		},
	}
}

// inFrontOfAQueue answers a fixed share: the rest is Poisson, and the origin
// M/M/1 of that.
func inFrontOfAQueue() oracle {
	q := theory.MM1{Lambda: 30, Mu: 50}
	return oracle{
		name: "in front of M/M/1", source: "Kleinrock 1975, section 3.2", when: always,
		topology: edgeOf(150, "", "hit_ratio = \"80%\"\nlatency = \"exp 8ms\"") + "on.request = [{ cpu = \"exp 20ms\" }]\n",
		rate:     150, millions: 5, relax: 1,
		facts: []fact{
			{figure: "edge hit_ratio", exact: 0.8},
			{figure: "web cpu utilization", exact: 0.6},
			{figure: "web response mean", exact: q.ResponseMean()},
			{figure: "users latency mean", exact: 0.008 + 0.2*q.ResponseMean()},
		},
	}
}

// collapsedRequests wait for the one that fetches what all want: whatever the
// law of the time that this takes.
func collapsedRequests(service string) oracle {
	hits, misses, waits := theory.Coalesced(200, 0.1, 0.04)
	return oracle{
		name: "collapsed requests, origin " + service, source: "renewal reward; theory.Coalesced", when: usually,
		topology: edgeOf(200, "", "cacheable = { request = \"100ms\" }\ncoalesce = true") + fmt.Sprintf("on.request = [{ wait = %q }]\n", service),
		rate:     200, millions: 2, relax: 0.5,
		facts: []fact{
			{figure: "edge hit_ratio", exact: hits / (hits + misses)},
			{figure: "web throughput", exact: 200 * misses},
			{figure: "edge collapsed", exact: 200 * waits},
		},
	}
}
