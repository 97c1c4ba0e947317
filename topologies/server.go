package topologies

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/sim"
)

// server resolves a [server.NAME].
func (r *resolver) server(i int, n *nodeConfig) {
	c := n.server()
	spec := &node.ServerSpec{}
	r.host(i, host{c.Place, &c.HostConfig}, spec)
	r.spec.Nodes[i].Server, r.spec.Nodes[i].Instances = spec, c.Instances
	r.rented(i, c.Place, string(c.Type), c.PricePerHour, c.Discount)
	if c.Balance != "round-robin" {
		spec.Balance = string(c.Balance)
	}
	r.autoscale(i, n)
	r.admission(i, c, spec)
	for k := range c.On {
		op := &c.On[k]
		path := scope{node: i, op: op.Name, path: []string{n.name, op.Name}}
		one := node.Operation{Name: op.Name, Steps: r.program(op.Steps, path)}
		if op.Priority.Given {
			one.Priority = &op.Priority.Value
		}
		spec.Ops = append(spec.Ops, one)
	}
	slices.SortFunc(spec.Ops, func(a, b node.Operation) int { return strings.Compare(a.Name, b.Name) })
	r.ops[i] = make(map[string]int, len(spec.Ops))
	for k := range spec.Ops {
		r.ops[i][spec.Ops[k].Name] = k
	}
}

// host resolves what a server and a database have in common.
func (r *resolver) host(i int, c host, spec *node.ServerSpec) {
	spec.Type, spec.Cores, spec.Speed = r.machineType(c.Place, string(c.Type)), c.Cores, float64(c.Speed)
	spec.Concurrency, spec.Backlog, spec.Network = c.Concurrency, node.None, c.Network.PerSecond
	r.machine(c, spec)
	r.spec.Nodes[i].Zones = r.standsIn(c.Place, c.Zones)
	for _, key := range []string{"backlog", "queue_timeout"} {
		if c.Has(key) && !c.Has("concurrency") {
			r.report.Add(c.AtKey(key, "E203", "the key concurrency is missing: without a limit on workers nobody waits for one").
				WithHint("for example concurrency = 64"))
		}
	}
	if c.Has("backlog") {
		spec.Backlog = c.Backlog
	}
	spec.QueueTimeout = r.timeLaw(c.QueueTimeout)
	r.noteTraced(spec.QueueTimeout, i, "", c.QueueTimeout.At)
	r.memory(i, c, spec)
}

// scope is where a list of steps belongs: to an operation, and within it to
// a step. Its path gives the steps their identity.
type scope struct {
	node int
	op   string
	path []string
}

// within is the scope of a list of steps inside a step.
func (s scope) within(parts ...string) scope {
	s.path = append(slices.Clone(s.path), parts...)
	return s
}

// program resolves a list of steps.
func (r *resolver) program(steps node.Steps, in scope) []node.Step {
	out := make([]node.Step, 0, len(steps))
	named := map[string]kind.Pos{}
	for i := range steps {
		c := &steps[i]
		if r.steps++; r.steps == maxSteps+1 {
			r.report.Add(c.Whole("E703", fmt.Sprintf("more than %d steps", maxSteps)))
		}
		identity := "#" + strconv.Itoa(i)
		if c.Name != "" || c.Has("name") {
			identity = "=" + c.Name
			code, message := kind.BadName(c.Name)
			if first, twice := named[c.Name]; twice {
				r.report.Add(c.At("name", "E401", "the name "+kind.QuoteText(c.Name)+" is taken").See(first, "by this step"))
			} else if code != "" {
				r.report.Add(c.At("name", code, message))
			}
			named[c.Name] = c.ValueOf("name").Pos
		}
		if c.Action == node.StepQuery {
			out = append(out, r.query(c, in.within(identity))...)
			continue
		}
		out = append(out, r.step(c, in.within(identity)))
	}
	return out
}

// step resolves one step.
func (r *resolver) step(c *node.StepConfig, in scope) node.Step {
	s := node.Step{Kind: c.Action, ID: sim.HashName(in.path...), Target: node.Target{Node: node.None}}
	r.places[s.ID] = c.Place
	if c.Action == node.StepCall || c.Action == node.StepGet || c.Action == node.StepPublish {
		r.stepPolicy(c, &s, in)
	}
	switch c.Action {
	case node.StepCPU:
		s.Time = r.timeLaw(c.CPU)
		r.noteTraced(s.Time, in.node, in.op, c.CPU.At)
	case node.StepWait:
		s.Time = r.timeLaw(c.Wait)
		r.noteTraced(s.Time, in.node, in.op, c.Wait.At)
	case node.StepDisk:
		r.diskStep(c, &s, in)
	case node.StepCall:
		s.Target = r.stepTarget(c, "call", node.LoadBalancer, node.Server, node.Database, node.External, node.Cache, node.CDN)
		s.Key = r.keyOf(c)
		if s.Target.Op == "" {
			s.Target.Op = "request"
		}
	case node.StepGet:
		s.Target = r.stepTarget(c, "get", node.Cache)
		s.Key = r.keyOf(c)
		s.Branches = [][]node.Step{r.program(c.Miss, in.within("miss"))}
	case node.StepSet:
		s.Target = r.stepTarget(c, "set", node.Cache)
		s.Key = r.keyOf(c)
	case node.StepInvalidate:
		s.Target = r.stepTarget(c, "invalidate", node.Cache)
		s.Key = r.keyOf(c)
	case node.StepPublish:
		r.publishStep(c, &s)
	case node.StepChoose:
		r.choose(c, &s, in)
	case node.StepParallel:
		for i, branch := range c.Parallel {
			s.Branches = append(s.Branches, r.program(branch, in.within("parallel", strconv.Itoa(i))))
		}
		if s.Need = c.Need.Some; s.Need > len(c.Parallel) {
			r.report.Add(c.At("need", "E302", fmt.Sprintf("must be at most the number of branches, %d, got %d", len(c.Parallel), s.Need)))
		}
	case node.StepMemory:
		s.Time = r.law(c.Memory.At, dist.Size)
		r.noteTraced(s.Time, in.node, in.op, c.Memory.At)
	case node.StepSpawn:
		s.Branches = [][]node.Step{r.program(c.Spawn, in.within("spawn"))}
	case node.StepRepeat:
		s.Time = r.roundsLaw(c.Repeat)
		r.noteTraced(s.Time, in.node, in.op, c.Repeat.At)
		s.Branches = [][]node.Step{r.program(c.Steps, in.within("repeat"))}
	case node.StepFail:
		s.Ratio = float64(c.Fail)
	}
	return s
}

// choose resolves alternatives and their weights.
func (r *resolver) choose(c *node.StepConfig, s *node.Step, in scope) {
	sum := 0.0
	for i := range c.Choose {
		one := &c.Choose[i]
		sum += one.Weight.Value
		s.Weights = append(s.Weights, one.Weight.Value)
		s.Branches = append(s.Branches, r.program(one.Steps, in.within("choose", strconv.Itoa(i))))
	}
	if v := c.ValueOf("choose"); v.Type == kind.TypeArray && len(v.Items) == 0 {
		r.report.Add(c.At("choose", "E302", "needs at least one alternative"))
	} else if sum == 0 && v.Type == kind.TypeArray && !r.nodes[in.node].bad {
		r.report.Add(c.At("choose", "E307", "at least one weight must be more than 0"))
	}
}

// stepTarget resolves what a step sends a request to.
func (r *resolver) stepTarget(c *node.StepConfig, key string, kinds ...node.Kind) node.Target {
	at, ok := r.at(c.Place, key)
	if !ok {
		return node.Target{Node: node.None}
	}
	t, ok := r.reference(at, kinds...)
	if ok && r.nodes[t.Node].row.Kind == node.Cache && !r.cacheTakes(at, t, key) {
		return node.Target{Node: node.None}
	}
	if ok && t.Op != "" && (kinds[0] == node.Cache || kinds[0] == node.Queue) {
		r.report.Add(at.Problem("E502", aKind(kinds[0])+" has no operations").
			WithHint("write " + kind.QuoteText(r.spec.Nodes[t.Node].Name)))
	}
	if !ok {
		return node.Target{Node: node.None}
	}
	return t
}

// tracedLaw is a law that reads a column of the trace that a request came
// from, and where such a request must come to.
type tracedLaw struct {
	node   int
	op     string // "" for any
	column string
	at     kind.Cursor
}

func (r *resolver) noteTraced(law dist.Law, at int, op string, c kind.Cursor) {
	if t, ok := law.(dist.Trace); ok {
		r.traced = append(r.traced, tracedLaw{at, op, t.Column, c})
	}
}

// timeLaw reads a distribution of a time, nil if there is none.
func (r *resolver) timeLaw(l node.TimeLaw) dist.Law { return r.law(l.At, dist.Time) }

// countLaw reads a distribution of a count.
func (r *resolver) countLaw(l node.CountLaw) dist.Law { return r.law(l.At, dist.Count) }

// roundsLaw reads how often something is done.
func (r *resolver) roundsLaw(l node.CountLaw) dist.Law {
	law := r.countLaw(l)
	if law != nil && law.Mean() > node.MaxRounds {
		l.At.Fail("E705", "must be at most %d on average (a limit of capsim), got %.4g", node.MaxRounds, law.Mean())
	}
	return law
}

// sizeLaw reads a distribution of the size of a request or an answer.
func (r *resolver) sizeLaw(l node.SizeLaw) dist.Law {
	law := r.law(l.At, dist.Size)
	r.noTrace(law, l.At, "sizes are drawn once for each request")
	return law
}

// keyLaw reads a distribution of keys.
func (r *resolver) keyLaw(l node.KeyLaw) dist.Law {
	law := r.law(l.At, dist.Key)
	r.noTrace(law, l.At, "a csv trace gives the keys in its key column")
	return law
}

func (r *resolver) law(at kind.Cursor, q dist.Quantity) dist.Law {
	if at.Value == nil {
		return nil
	}
	text := at.Value.Text
	if at.Value.Type != kind.TypeString {
		text = strings.ReplaceAll(at.Value.Raw, "_", "")
	}
	law, err := dist.Parse(text, q, lawFiles{r.file, at.Value})
	if err != nil {
		at.Part(err)
		return nil
	}
	if math.IsInf(law.Variance(), 1) {
		r.report.Add(at.Problem("W308", "the variance is infinite: averages converge slowly, and their confidence intervals are too narrow").
			WithHint(`percentiles are sound; to bound it give a max, or "truncate 10s"`))
	}
	return law
}

// lawFiles opens the data of distributions.
type lawFiles struct {
	file *File
	law  *kind.Value
}

// Open opens a data file, its path relative to the file that the law is in.
func (l lawFiles) Open(name string) (io.ReadCloser, error) {
	path := l.file.resolvePath(l.law, name)
	in, err := l.file.files.Open(path)
	if err == nil {
		return in, nil
	}
	code, message := fileProblem(err)
	hint := ""
	if errors.Is(err, fs.ErrNotExist) {
		code, hint = "E503", nearFile(l.file.files, path)
	}
	return nil, &kind.LiteralError{Code: code, Message: message + ": " + kind.QuoteText(path), Hint: hint}
}
