package study

import (
	"fmt"
	"math"

	"github.com/capsim/capsim/models/theory"
)

// web is a topology of one client and one server.
func web(rate float64, server, steps string) string {
	return clientOf(rate, "") + fmt.Sprintf("[server.web]\n%s\non.request = [%s]\n", server, steps)
}

// clientOf is an open client of Poisson traffic to web.
func clientOf(rate float64, more string) string {
	return fmt.Sprintf("[client.users]\ntarget = \"web\"\narrivals = \"poisson %s\"\n%s\n", perSecond(rate), more)
}

func cpu(law string) string { return fmt.Sprintf("{ cpu = %q }", law) }

func wait(law string) string { return fmt.Sprintf("{ wait = %q }", law) }

// exponential is a law of the language by its mean in seconds.
func exponential(mean float64) string { return "exp " + seconds(mean) }

// relaxation of M/M/c, 1/(c mu (1-sqrt(rho))^2): how fast what it was like at
// first is forgotten (Morse 1958).
func relaxation(lambda, mu float64, c int) float64 {
	rate := float64(c) * mu
	gap := 1 - math.Sqrt(lambda/rate)
	return 1 / (rate * gap * gap)
}

func mm1Oracles() []oracle {
	row := func(lambda, mu float64, w when, millions float64) oracle {
		m := theory.MM1{Lambda: lambda, Mu: mu}
		o := oracle{
			name: fmt.Sprintf("M/M/1 lambda=%g mu=%g", lambda, mu), source: "Kleinrock, Queueing Systems I, ch. 3", when: w,
			topology: web(lambda, "cores = 1", cpu(exponential(1/mu))), rate: lambda, millions: millions, relax: relaxation(lambda, mu, 1),
			facts: []fact{
				{figure: "users latency mean", exact: m.ResponseMean()},
				{figure: "users throughput", exact: lambda},
				{figure: "web response mean", exact: m.ResponseMean()},
				{figure: "web in_flight", exact: m.NumberMean()},
				{figure: "web cpu utilization", exact: m.Utilisation()},
				{figure: "web cpu queue", exact: m.QueueMean()},
				{figure: "web cpu waits", exact: lambda / mu},
				{figure: "web cpu wait mean", exact: m.WaitMean()},
			},
		}
		o.facts = append(o.facts, responseFacts("users latency", m.ResponseQuantile)...)
		o.facts = append(o.facts, waitFacts("web cpu wait", m.Utilisation(), m.WaitQuantile)...)
		return o
	}
	return []oracle{
		row(500, 1000, always, 3),
		row(5, 8, usually, 3),
		row(80, 100, usually, 12),
		row(800, 1000, nightly, 12),
		row(900, 1000, nightly, 45),
		row(950, 1000, nightly, 160),
	}
}

func mmcOracles() []oracle {
	// The cores are the servers, or the workers are. Where waiting is rare, its
	// mean would need ten times the requests and is left out.
	row := func(lambda, mu float64, c int, workers bool, w when, millions float64) oracle {
		m := theory.MMc{Lambda: lambda, Mu: mu, C: c}
		station, topology := "cpu", web(lambda, fmt.Sprintf("cores = %d", c), cpu(exponential(1/mu)))
		if workers {
			station, topology = "workers", web(lambda, fmt.Sprintf("concurrency = %d", c), wait(exponential(1/mu)))
		}
		o := oracle{
			name: fmt.Sprintf("M/M/%d lambda=%g mu=%g %s", c, lambda, mu, station), source: "Gross and Harris, sec. 2.3", when: w,
			topology: topology, rate: lambda, millions: millions, relax: relaxation(lambda, mu, c),
			facts: []fact{
				{figure: "users latency mean", exact: m.ResponseMean()},
				{figure: "web in_flight", exact: m.NumberMean()},
				{figure: "web " + station + " utilization", exact: m.Utilisation()},
				{figure: "web " + station + " busy", exact: lambda / mu},
			},
		}
		if m.WaitProbability() > 0.05 {
			o.facts = append(o.facts,
				fact{figure: "web " + station + " queue", exact: m.QueueMean()},
				fact{figure: "web " + station + " waits", exact: m.WaitProbability()},
				fact{figure: "web " + station + " wait mean", exact: m.WaitMean()})
		}
		o.facts = append(o.facts, responseFacts("users latency", m.ResponseQuantile)...)
		o.facts = append(o.facts, waitFacts("web "+station+" wait", m.WaitProbability(), m.WaitQuantile)...)
		return o
	}
	return []oracle{
		row(1500, 1000, 2, false, usually, 8),
		row(2400, 1000, 3, true, usually, 12),
		row(3500, 1000, 5, false, always, 9),
		row(1800, 1000, 2, false, nightly, 50),
		row(7000, 1000, 8, false, nightly, 40),
		row(14000, 1000, 16, true, nightly, 50),
		row(90, 10, 10, false, nightly, 60),
		row(60000, 1000, 64, false, nightly, 150),
		row(400, 5, 100, true, nightly, 40),
	}
}

func mmckOracles() []oracle {
	// rare leaves out the blocking probability, which would need a hundred
	// times the requests.
	row := func(lambda, mu float64, c, k int, w when, millions float64, rare bool) oracle {
		m := theory.MMcK{Lambda: lambda, Mu: mu, C: c, K: k}
		o := oracle{
			name: fmt.Sprintf("M/M/%d/%d lambda=%g mu=%g", c, k, lambda, mu), source: "Gross and Harris, sec. 2.4", when: w,
			topology: web(lambda, fmt.Sprintf("cores = %d\nconcurrency = %d\nbacklog = %d", c, c, k-c), cpu(exponential(1/mu))),
			rate:     lambda, millions: millions, relax: float64(k) / mu,
			facts: []fact{
				{figure: "users throughput", exact: m.Throughput()},
				{figure: "web throughput", exact: m.Throughput()},
				{figure: "users latency mean", exact: m.ResponseMean()},
				{figure: "users latency p50", exact: m.ResponseQuantile(0.5)},
				{figure: "users latency p99", exact: m.ResponseQuantile(0.99)},
				{figure: "web in_flight", exact: m.NumberMean()},
				{figure: "web cpu utilization", exact: m.Utilisation()},
				{figure: "web workers utilization", exact: m.Utilisation()},
			},
		}
		if !rare {
			o.facts = append(o.facts, fact{figure: "users errors", exact: m.BlockingProbability()})
		}
		if k > c {
			o.facts = append(o.facts,
				fact{figure: "web workers queue", exact: m.QueueMean()},
				fact{figure: "web workers wait mean", exact: m.WaitMean()})
		}
		return o
	}
	return []oracle{
		row(900, 1000, 1, 5, always, 2.5, false),
		row(3, 2, 2, 5, usually, 3.2, false),
		row(12, 1, 10, 14, usually, 2.2, false),
		row(50, 10, 4, 6, usually, 1.5, false),
		row(1200, 1000, 1, 10, nightly, 3, false),
		row(40, 30, 3, 7, nightly, 45, false),
		row(8, 4, 5, 12, nightly, 25, true),
		row(100, 10, 8, 40, nightly, 6, false),
	}
}

// erlangBOracles lose who finds no server free. Erlang's formula holds
// whatever the law of service, here of mean 10 ms at a load of a erlangs.
func erlangBOracles() []oracle {
	laws := map[string]string{"M": "exp 10ms", "D": "10ms", "LogN": "lognormal mean=10ms cv=2"}
	row := func(law string, a float64, c int, w when, millions float64) oracle {
		b := theory.ErlangB(c, a)
		o := oracle{
			name: fmt.Sprintf("M/%s/%d/%d a=%g", law, c, c, a), source: "Erlang 1917, Sevast'yanov 1957", when: w,
			topology: web(a*100, fmt.Sprintf("cores = %d\nconcurrency = %d\nbacklog = 0", c, c), cpu(laws[law])),
			rate:     a * 100, millions: millions, relax: 0.05,
			facts: []fact{
				{figure: "users errors", exact: b},
				{figure: "users throughput", exact: a * 100 * (1 - b)},
				{figure: "users latency mean", exact: 0.01},
				{figure: "web workers busy", exact: a * (1 - b)},
				{figure: "web cpu busy", exact: a * (1 - b)},
			},
		}
		switch law {
		case "LogN":
			o.relax *= 10 // the longest services are far longer
		case "D":
			o.facts[2].slack = 1e-12 // all take as long: there is no standard error
		}
		return o
	}
	return []oracle{
		row("D", 1, 1, usually, 0.2),
		row("M", 2, 3, always, 0.8),
		row("D", 5, 5, usually, 1),
		row("LogN", 10, 10, usually, 3),
		row("M", 1, 1, nightly, 0.2),
		row("LogN", 1, 1, nightly, 1),
		row("LogN", 2, 3, nightly, 1.5),
		row("M", 5, 5, nightly, 1.5),
		row("M", 5, 10, nightly, 18),
		row("D", 5, 10, nightly, 18),
		row("LogN", 5, 10, nightly, 32),
		row("M", 10, 10, nightly, 3),
		row("D", 12, 15, nightly, 8),
		row("LogN", 20, 30, nightly, 80),
		row("M", 100, 100, nightly, 15),
		row("D", 100, 100, nightly, 5),
		row("M", 100, 120, nightly, 150),
	}
}

func erlangAOracles() []oracle {
	row := func(lambda, mu float64, c int, theta float64, w when, millions float64) oracle {
		m := theory.ErlangA{Lambda: lambda, Mu: mu, C: c, Theta: theta}
		return oracle{
			name: fmt.Sprintf("M/M/%d+M lambda=%g mu=%g theta=%g", c, lambda, mu, theta), source: "Mandelbaum and Zeltyn 2007", when: w,
			topology: web(lambda, fmt.Sprintf("cores = %d\nconcurrency = %d\nqueue_timeout = %q", c, c, exponential(1/theta)), cpu(exponential(1/mu))),
			rate:     lambda, millions: millions, relax: 5 / min(mu, theta),
			facts: []fact{
				{figure: "users errors", exact: m.AbandonProbability()},
				{figure: "users throughput", exact: m.Throughput()},
				{figure: "users latency mean", exact: m.ServedWaitMean() + 1/mu},
				{figure: "web workers queue", exact: m.QueueMean()},
				{figure: "web workers utilization", exact: m.Utilisation()},
				{figure: "web workers wait mean", exact: m.ServedWaitMean()},
				{figure: "web in_flight", exact: m.QueueMean() + m.Throughput()/mu},
			},
		}
	}
	return []oracle{
		row(10000, 1000, 9, 500, usually, 4),
		row(10000, 1000, 10, 500, nightly, 6),
		row(10000, 1000, 12, 500, nightly, 15),
		row(48000, 1000, 50, 500, nightly, 25),
		row(100000, 1000, 90, 2000, nightly, 10),
		row(1200, 1000, 1, 250, usually, 0.8),
		row(900, 1000, 1, 1000, always, 1),
	}
}

func mmcdOracles() []oracle {
	row := func(lambda, mu float64, c int, tau float64, w when, millions float64) oracle {
		m := theory.MMcD{Lambda: lambda, Mu: mu, C: c, Tau: tau}
		return oracle{
			name: fmt.Sprintf("M/M/%d+D lambda=%g mu=%g tau=%g", c, lambda, mu, tau), source: "Barrer 1957, Zeltyn and Mandelbaum 2005", when: w,
			topology: web(lambda, fmt.Sprintf("concurrency = %d\nqueue_timeout = %q", c, seconds(tau)), wait(exponential(1/mu))),
			rate:     lambda, millions: millions, relax: 5 * (1/mu + tau),
			facts: []fact{
				{figure: "users errors", exact: m.TimeoutProbability()},
				{figure: "users throughput", exact: m.Throughput()},
				{figure: "users latency mean", exact: m.ServedResponseMean()},
				{figure: "web workers queue", exact: lambda * m.WaitMean()},
				{figure: "web workers utilization", exact: m.Utilisation()},
				{figure: "web workers wait mean", exact: m.ServedWaitMean()},
			},
		}
	}
	return []oracle{
		row(900, 1000, 1, 0.002, always, 1.3),
		row(1200, 1000, 1, 0.002, nightly, 1),
		row(10000, 1000, 9, 0.0005, usually, 2.5),
		row(10000, 1000, 10, 0.0005, nightly, 8),
		row(48000, 1000, 50, 0.0002, nightly, 30),
		row(100000, 1000, 90, 0.0001, nightly, 20),
		row(4000, 1000, 4, 0.001, usually, 3),
	}
}

// timeoutOracles are of clients who go away while the server works on: the
// queue is that of M/M/c all the same, and who is left has a truncated
// response time.
func timeoutOracles() []oracle {
	row := func(lambda, mu float64, c int, tau float64, w when, millions float64) oracle {
		m := theory.MMc{Lambda: lambda, Mu: mu, C: c}
		late := m.ResponseSurvival(tau)
		o := oracle{
			name: fmt.Sprintf("M/M/%d lambda=%g mu=%g timeout=%g", c, lambda, mu, tau), source: "P(T > tau) of M/M/c; Gross and Harris, sec. 2.3", when: w,
			topology: clientOf(lambda, fmt.Sprintf("timeout = %q", seconds(tau))) +
				fmt.Sprintf("[server.web]\ncores = %d\non.request = [%s]\n", c, cpu(exponential(1/mu))),
			rate: lambda, millions: millions, relax: relaxation(lambda, mu, c),
			facts: []fact{
				{figure: "users errors", exact: late},
				{figure: "users throughput", exact: lambda * (1 - late)},
				{figure: "web throughput", exact: lambda},
				{figure: "web response mean", exact: m.ResponseMean()},
				{figure: "web cpu utilization", exact: m.Utilisation()},
			},
		}
		if c == 1 {
			rate := mu - lambda // the response time is exponential with this rate
			o.facts = append(o.facts, fact{figure: "users latency mean", exact: 1/rate - tau*late/(1-late)})
		}
		return o
	}
	return []oracle{
		row(800, 1000, 1, 0.005, usually, 8),
		row(3500, 1000, 5, 0.003, always, 6),
		row(800, 1000, 1, 0.010, nightly, 30),
		row(14000, 1000, 16, 0.003, nightly, 25),
	}
}
