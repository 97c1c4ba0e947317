package node

import (
	"slices"
	"strings"

	"github.com/capsim/capsim/models/kind"
)

// StepConfig is one step of an operation: a table with exactly one action,
// and perhaps keys that go with it.
type StepConfig struct {
	kind.Place

	Action StepKind // which of the actions it is; set by Steps.Read

	Name       string         `key:"name" doc:"a stable identity of the step for its random numbers; unique among its neighbours" example:"{ cpu = \"exp 6ms\", name = \"render\" }"`
	CPU        TimeLaw        `key:"cpu" doc:"work on one core, waiting for a free one first" example:"{ cpu = \"lognormal mean=6ms cv=1.2\" }"`
	Disk       DiskStep       `key:"disk" doc:"an operation of the instance's disk, behind those that came before: how long it takes, or how many operations and bytes it is" example:"{ disk = \"exp 0.8ms\" }"`
	Wait       TimeLaw        `key:"wait" doc:"time in which the worker is held and no core" example:"{ wait = \"exp 20ms\" }"`
	Call       string         `key:"call" doc:"a request to another node, and the wait for its answer" example:"{ call = \"orders.by_id\", timeout = \"300ms\", retries = 1 }"`
	Get        string         `key:"get" doc:"a look-up in a cache; on a miss the steps in miss follow" example:"{ get = \"redis\", miss = [{ call = \"orders.by_id\" }] }"`
	Set        string         `key:"set" doc:"a write to a cache: one latency of it" example:"{ set = \"redis\" }"`
	Invalidate string         `key:"invalidate" doc:"a deletion from a cache: one latency of it" example:"{ invalidate = \"redis\" }"`
	Choose     []ChoiceConfig `key:"choose" doc:"one of several lists of steps, drawn by weight" example:"{ choose = [{ weight = 9, steps = [] }, { weight = 1, steps = [{ cpu = \"exp 50ms\" }] }] }"`
	Parallel   Branches       `key:"parallel" doc:"several lists of steps at once; done when all of them are, or as many as need says" example:"{ parallel = [[{ call = \"stock\" }], [{ call = \"prices\" }]] }"`
	Memory     SizeLaw        `key:"memory" doc:"memory that is held until the operation ends; within a branch or a round, until that does" example:"{ memory = \"20MB\" }"`
	Spawn      Steps          `key:"spawn" doc:"steps that are begun and not waited for; how they end changes nothing" example:"{ spawn = [{ cpu = \"exp 30ms\" }] }"`
	Repeat     CountLaw       `key:"repeat" doc:"the steps in steps so many times, one round after the other" example:"{ repeat = \"geometric 4\", steps = [{ call = \"orders.line\" }] }"`
	Fail       kind.Ratio     `key:"fail" doc:"fails the operation with this probability" example:"{ fail = \"0.1%\" }"`
	Query      *QueryConfig   `key:"query" doc:"of databases: a look-up in a table, by an index or without one: work on a core and the disk by the constants of [database.NAME.engine]" example:"{ query = { rows = 5_000_000, index = true, returns = 20 } }"`

	Steps    Steps          `key:"steps" doc:"of repeat: what is repeated" example:"{ repeat = 3, steps = [{ cpu = \"exp 2ms\" }] }"`
	Miss     Steps          `key:"miss" doc:"of get: what is done on a miss" example:"{ get = \"redis\", miss = [{ call = \"orders\" }] }"`
	Need     Need           `key:"need" doc:"of parallel: how many branches must end well, \"all\", \"any\" or a number; it fails once that has become impossible" example:"{ parallel = [[{ call = \"a\" }], [{ call = \"b\" }]], need = \"any\" }"`
	Key      KeyText        `key:"key" doc:"of call: what it is about, for balancers that hash it: the request's item, the source that it came from, or a distribution of keys" example:"{ call = \"orders\", key = \"source\" }"`
	Policy   string         `key:"policy" doc:"of call and get: the name of a [policy.NAME] that holds its timeout, retries, hedge, breaker and fallback; those of the step go before" example:"{ call = \"orders\", policy = \"patient\" }"`
	Timeout  kind.Duration  `key:"timeout" above:"0s" doc:"of call and get: how long an attempt may take" example:"{ call = \"orders\", timeout = \"300ms\" }"`
	Retries  Retries        `key:"retries" doc:"of call and get: further attempts, a number or a table" example:"{ call = \"orders\", retries = { max = 2, backoff = \"exp 50ms\" } }"`
	Hedge    Hedge          `key:"hedge" doc:"of call and get: sends a second copy of an attempt that has had no answer by then; the first ok answer wins" example:"{ call = \"orders\", hedge = \"30ms\" }"`
	Breaker  *BreakerConfig `key:"breaker" doc:"of call and get: stops sending while too many attempts fail; each instance of the caller has its own" example:"{ call = \"orders\", breaker = { consecutive = 5, open = \"5s\" } }"`
	Fallback *Steps         `key:"fallback" doc:"of call and get: what is done instead after an error that is left when all attempts have been made" example:"{ call = \"prices\", timeout = \"50ms\", fallback = [{ cpu = \"1ms\" }] }"`
}

// PolicyConfig is a [policy.NAME]: what several calls do about slow and bad
// answers.
type PolicyConfig struct {
	kind.Place

	Timeout  kind.Duration  `key:"timeout" above:"0s" doc:"how long an attempt may take" example:"[policy.patient]\ntimeout = \"2s\""`
	Retries  Retries        `key:"retries" doc:"further attempts, a number or a table" example:"[policy.patient]\nretries = 2"`
	Hedge    Hedge          `key:"hedge" doc:"sends a second copy of an attempt that has had no answer by then" example:"[policy.eager]\nhedge = \"30ms\""`
	Breaker  *BreakerConfig `key:"breaker" doc:"stops sending while too many attempts fail; each call and each instance of the caller has its own" example:"[policy.wary]\nbreaker = { consecutive = 5, open = \"5s\" }"`
	Fallback *Steps         `key:"fallback" doc:"what is done instead after an error that is left" example:"[policy.modest]\nfallback = []"`
}

// StepAction is an action of the language: the key that names it, and the
// keys that may go with it or must.
type StepAction struct {
	Key   string
	Kind  StepKind
	With  []string
	Needs string
}

// StepActions lists the actions. Nobody writes to it.
var StepActions = []StepAction{
	{"cpu", StepCPU, nil, ""},
	{"disk", StepDisk, nil, ""},
	{"wait", StepWait, nil, ""},
	{"call", StepCall, []string{"timeout", "retries", "hedge", "breaker", "fallback", "policy", "key"}, ""},
	{"get", StepGet, []string{"miss", "timeout", "retries", "hedge", "breaker", "fallback", "policy"}, ""},
	{"set", StepSet, nil, ""},
	{"invalidate", StepInvalidate, nil, ""},
	{"choose", StepChoose, nil, ""},
	{"parallel", StepParallel, []string{"need"}, ""},
	{"repeat", StepRepeat, []string{"steps"}, "steps"},
	{"fail", StepFail, nil, ""},
	{"memory", StepMemory, nil, ""},
	{"spawn", StepSpawn, nil, ""},
	{"query", StepQuery, nil, ""},
}

// ChoiceConfig is one alternative of a choose step.
type ChoiceConfig struct {
	kind.Place

	Weight Weight `key:"weight" required:"yes" doc:"how often it is taken, relative to the others" example:"{ choose = [{ weight = 9, steps = [] }, { weight = 1, steps = [{ fail = 1 }] }] }"`
	Steps  Steps  `key:"steps" required:"yes" doc:"what is done; [] for nothing" example:"{ choose = [{ weight = 1, steps = [{ cpu = \"exp 5ms\" }] }] }"`
}

// Weight is a number from 0 on, relative to others.
type Weight struct {
	Value float64
}

// Read takes the number.
func (w *Weight) Read(c kind.Cursor) { w.Value, _ = readWeight(c) }

// Shape describes the number.
func (*Weight) Shape() kind.Shape { return kind.Shape{Type: "a number"} }

// Steps is a list of steps; an empty one is allowed.
type Steps []StepConfig

// Read takes the array.
func (s *Steps) Read(c kind.Cursor) {
	if c.Value.Type != kind.TypeArray {
		hint := ""
		if c.Value.Type == kind.TypeTable {
			hint = "put the step in brackets: [{ … }]"
		}
		c.Wrong(`an array of steps such as [{ cpu = "exp 6ms" }]`, hint)
		return
	}
	*s = make(Steps, 0, len(c.Value.Items))
	for i, item := range c.Value.Items {
		at := c.Item(i)
		if item.Type != kind.TypeTable {
			at.Wrong(`a step such as { cpu = "exp 6ms" }`, "")
			continue
		}
		var one StepConfig
		kind.Decode(at, &one)
		if one.settle(at) {
			*s = append(*s, one)
		}
	}
}

// Shape describes the array.
func (*Steps) Shape() kind.Shape { return kind.Shape{Type: "an array of steps", Table: StepConfig{}} }

// settle finds the step's one action, and checks that its other keys go with
// it.
func (s *StepConfig) settle(c kind.Cursor) bool {
	var actions []StepAction
	for _, e := range c.Value.Table.Entries {
		for _, a := range StepActions {
			if a.Key == e.Key {
				actions = append(actions, a)
			}
		}
	}
	switch len(actions) {
	case 0:
		known := kind.KeysOf(kind.Describe(StepConfig{}))
		strange := func(e *kind.Entry) bool { return !slices.Contains(known, e.Key) }
		if !slices.ContainsFunc(c.Value.Table.Entries, strange) { // else that was to be the action, and has been reported
			c.Fail("E203", "a step needs an action: one of %s", actionKeys())
		}
		return false
	case 1:
	default:
		first, second := actions[0].Key, actions[1].Key
		c.Report(s.AtKey(second, "E207", "a step has one action, this one has "+first+" and "+second).
			See(s.KeyPos(first), first+" is here").WithHint("make it two steps: { " + first + " = … }, { " + second + " = … }"))
		return false
	}
	action := actions[0]
	s.Action = action.Kind
	if action.Needs != "" && !s.Has(action.Needs) {
		c.Fail("E203", "missing key %s: %s does nothing without", kind.QuoteText(action.Needs), action.Key)
	}
	for _, key := range companions() {
		if s.Has(key) && !slices.Contains(action.With, key) {
			c.Report(s.AtKey(key, "E202", "this key goes with "+strings.Join(actionsWith(key), " or ")+", not with "+action.Key))
		}
	}
	return true
}

// companions lists the keys that go with some actions only.
func companions() []string {
	var keys []string
	for _, a := range StepActions {
		for _, key := range a.With {
			if !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
	}
	return keys
}

func actionKeys() string {
	keys := make([]string, len(StepActions))
	for i, a := range StepActions {
		keys[i] = a.Key
	}
	return strings.Join(keys, ", ")
}

func actionsWith(key string) []string {
	var keys []string
	for _, a := range StepActions {
		if slices.Contains(a.With, key) {
			keys = append(keys, a.Key)
		}
	}
	return keys
}

// Branches are the lists of steps of a parallel step.
type Branches []Steps

// Read takes the array of arrays.
func (b *Branches) Read(c kind.Cursor) {
	const form = `an array of lists of steps such as [[{ call = "stock" }], [{ call = "prices" }]]`
	if c.Value.Type != kind.TypeArray {
		c.Wrong(form, "")
		return
	}
	if len(c.Value.Items) == 0 {
		c.Fail("E302", "needs at least one branch")
	}
	for i, item := range c.Value.Items {
		if item.Type != kind.TypeArray {
			hint := ""
			if item.Type == kind.TypeTable {
				hint = "each branch is a list of its own: [{ … }]"
			}
			c.Item(i).Wrong("a list of steps", hint)
			continue
		}
		var branch Steps
		branch.Read(c.Item(i))
		*b = append(*b, branch)
	}
}

// Shape describes the array.
func (*Branches) Shape() kind.Shape {
	return kind.Shape{Type: "an array of lists of steps", Table: StepConfig{}}
}
