package result

// PlanSchema is the name and version of a [Plan].
const PlanSchema = "capsim/plan/v1"

// Plan is the document of `capsim plan`: the cheapest design of a space that
// meets the objectives.
type Plan struct {
	Schema    string    `json:"schema"` // "capsim/plan/v1"
	Version   string    `json:"version"`
	Title     string    `json:"title"`
	Design    string    `json:"design"` // that the designs are variants of; "" for the file as it stands
	Seed      uint64    `json:"seed"`
	Truncated bool      `json:"truncated"` // interrupted: cheaper designs may be left
	Warnings  []Warning `json:"warnings"`

	Load       float64         `json:"load"`    // the multiple of the traffic at which the objectives must hold
	Survive    []string        `json:"survive"` // and the faults during which
	Objectives []string        `json:"objectives"`
	Dimensions []PlanDimension `json:"dimensions"`
	Currency   string          `json:"currency"` // "" where nothing has a price
	Counts     PlanCounts      `json:"counts"`
	Procedure  PlanProcedure   `json:"procedure"`

	Winner   *PlanDesign `json:"winner"`    // nil: none meets the objectives
	NearMiss *PlanDesign `json:"near_miss"` // then the one that comes nearest
	Obstacle string      `json:"obstacle"`  // and the objective that it misses by most, with the fault if there is one

	Neighbors []PlanNeighbor `json:"neighbors"` // one step from the winner along each dimension
	Front     []int          `json:"front"`     // points of those simulated that no other beats in cost, p99 and availability; by cost
	Simulated []PlanDesign   `json:"simulated"` // by cost
}

// PlanDimension is a key that was varied. Monotone says that more of it is
// never worse, so that one design that fails speaks for those with less; Why
// says why it is not.
type PlanDimension struct {
	SweepDimension

	Monotone bool   `json:"monotone"`
	Why      string `json:"why"`
}

// PlanCounts says what became of all designs. Each is counted once: Screened,
// Pruned, Costlier, Simulated and Unsettled make Designs.
type PlanCounts struct {
	Designs   int `json:"designs"`
	Screened  int `json:"screened"`  // surely infeasible by what the traffic asks, or cost more than an objective allows
	Pruned    int `json:"pruned"`    // no better in anything than one that failed
	Costlier  int `json:"costlier"`  // cost as much as the winner, or more
	Simulated int `json:"simulated"` // decided by simulation, or shown beside the winner
	Unsettled int `json:"unsettled"` // nobody looked: a limit was reached, or the plan was interrupted
}

// PlanProcedure says how designs were decided.
type PlanProcedure struct {
	Confidence   float64 `json:"confidence"`   // of all decisions together
	Indifference float64 `json:"indifference"` // nearer to an objective than this share of it, either answer is right
	Looks        []int   `json:"looks"`        // replications after which there was a look
	Replications int     `json:"replications"` // simulated in all
	MostDesigns  int     `json:"most_designs"` // that may be simulated
}

// PlanDesign is a design that was simulated.
type PlanDesign struct {
	Point        int        `json:"point"`
	Values       []string   `json:"values"`  // by dimension
	Monthly      Estimate   `json:"monthly"` // what it costs
	Verdict      string     `json:"verdict"` // of all objectives, at all that it must survive
	Separated    bool       `json:"separated"`
	Role         string     `json:"role"` // "decided", or "shown" for the front alone
	Replications int        `json:"replications"`
	WarmupS      float64    `json:"warmup_s"`
	P99S         Estimate   `json:"p99_s"`        // of the slowest client, without a fault
	Availability Estimate   `json:"availability"` // of the client that has least, without a fault
	Cases        []PlanCase `json:"cases"`        // those that it came to: a miss ends it
	Reason       string     `json:"reason"`       // why it was rejected; "" of the winner
}

// What a design was simulated for.
const (
	PlanDecided = "decided"
	PlanShown   = "shown"
)

// PlanCase is a design without a fault, or during one.
type PlanCase struct {
	What         string          `json:"what"` // the fault; "" for none
	Fingerprint  string          `json:"fingerprint"`
	Replications int             `json:"replications"`
	Limit        string          `json:"limit,omitempty"` // reached by the simulation: there are no figures
	Objectives   []PlanObjective `json:"objectives"`
}

// PlanObjective is an objective with what is left to it. Margin is the share of
// what it allows that is not used: 0.2 of a p99 that is 20 % below, -0.1 of
// one that is 10 % above; nil where there is no figure.
type PlanObjective struct {
	Objective

	Margin          *float64 `json:"margin"`
	MarginHalfWidth *float64 `json:"margin_half_width"`
}

// PlanNeighbor is a design one step from the winner.
type PlanNeighbor struct {
	Path     string   `json:"path"`
	Value    string   `json:"value"`
	Point    int      `json:"point"`
	Monthly  *float64 `json:"monthly"`
	Rejected string   `json:"rejected"` // "costs more", "misses", "screened", "pruned" or "unsettled"
	Reason   string   `json:"reason"`
}

// Why a neighbour is not the winner.
const (
	RejectedCost      = "costs more"
	RejectedMiss      = "misses"
	RejectedScreened  = "screened"
	RejectedPruned    = "pruned"
	RejectedUnsettled = "unsettled"
)
