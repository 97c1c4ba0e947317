// Package theory holds the exact results of queueing theory that capsim's
// simulations are judged by, and that answer simple questions without one.
//
// # What is here
//
// Single stations come first, each a small struct named in Kendall's notation
// whose methods are its closed forms:
//
//   - [MM1], [MMc] and [MMcK]: Poisson arrivals, exponential service, one or
//     many servers, an unlimited or a limited number of places.
//   - [ErlangB], [ErlangC] and [MGcc]: loss and delay probabilities; [ErlangA]
//     and [MMcD]: waiting requests that give up after a random or a fixed time.
//   - [MG1], [MPH1], [MDc], [MGInf]: service that is not exponential;
//     [PhaseType] is the family of service laws for which percentiles follow.
//     [MH2c] has both that and many servers.
//   - [MG1Priority] and [MMcPriority]: classes, the first served first;
//     [Scalability] is what many cores cost each other.
//   - [GIM1]: arrivals that are not Poisson, and through [RoundRobin] a server
//     behind a balancer that deals requests in turn; [JSQ] is the balancer that
//     sends each request to the shortest queue.
//   - [MtGInf], [MMct] and [FluidOverload]: loads that change with time.
//
// Then networks: [Jackson] (open), [ClosedNetwork] and [MachineRepair] (a
// fixed population of users); then what scattering costs: [OrderStatistic]
// (the k-th fastest of n calls), [FanOut] and [Branches] (the same of any
// [Latency]) and [ForkJoin].
//
// Then what callers do about slow and failing calls: [Hedge]; [Retries],
// [TimedRetries] and [RetryChain] with their [Backoff] and [RetryBudget];
// [Breaker] and [TokenBucket]; [MM1Retrial] and [RetryLoadsApprox] for calls
// that keep coming back.
//
// Then what a cache of limited size or a limited time keeps: [IRM] and
// [TTLHitRatio].
//
// Then what breaks and is repaired: [Unit], [MachineRepair] again for crews,
// and [Detection] of it.
//
// And last the operational laws ([Little], [Utilisation],
// [InteractiveResponse] and the rest), which hold for every system whatever
// its laws.
//
// # Conventions
//
// Lambda is an arrival rate and Mu the service rate of one server, both per
// unit of time; every time that comes out is in that same unit. "Response" is
// waiting plus service; "wait" is waiting alone. "Number" counts requests in
// the station (L), "queue" those still waiting (Lq). A quantile takes q in
// (0, 1) and returns the least t with P(T <= t) >= q. An approximation says so
// in its name (ResponseMeanApprox); everything else is exact, evaluated to at
// least nine significant digits unless its comment says less.
//
// # What it does not do
//
// It knows no topology and no node: `estimate` maps those onto these forms. It
// never falls back to an approximation where an exact form is missing. It is
// the one package of the models that uses the mathematics of the platform and
// of gonum, so its last digits may differ between processors; nothing here may
// reach the fingerprint of a run.
//
// # Invariants
//
// A station offered at least what it can serve has no steady state: its means
// and quantiles are +Inf, its survival functions 1, its utilisation 1; never a
// number that looks like an answer. Arguments that no checked topology can
// produce (a negative rate, no servers) are broken code and panic with a
// message that starts with "theory:". What a checked topology can produce and
// theory cannot answer (a routing matrix that lets nobody out) is an error.
package theory
