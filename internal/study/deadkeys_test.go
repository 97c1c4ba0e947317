package study

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/topologies"
)

// A key that is accepted and does nothing makes a plausible wrong number.
// So every key of the language has a case here that changes it, and a figure
// of the result document that must move in the direction that is stated, by
// more than the intervals of both runs. What may be written is taken from the
// descriptions that the decoder itself works by: whatever is added to them
// has no case, and fails, until somebody says what it does.

// keyCase changes one key of a topology.
type keyCase struct {
	key  string // as languageKeys writes it
	base string // a topology; without [run] it gets keyRun

	// The first text, which the base holds once, is replaced by the second;
	// if it is empty, the second is put in front. With a design, that design
	// is run instead.
	old, new string
	design   string

	figure string    // path in the result document, to an estimate
	want   direction // of the figure
	effect func(t *testing.T, before, after keyAnswer)
}

// direction is where a figure must go.
type direction int

const (
	up      direction = 1
	down    direction = -1
	differs direction = 0 // where to is a matter of a hash
)

const keyRun = "\n[run]\nduration = \"10s\"\nwarmup = \"1s\"\nreplications = 5\n"

func TestNoKeyIsDead(t *testing.T) {
	cases := keyCases()
	for _, problem := range keysWithoutCase(languageKeys(), cases) {
		t.Error(problem)
	}
	if testing.Short() {
		t.Skip("every key has a case; running them takes seconds, and a minute under the race detector")
	}
	answers := map[string]keyAnswer{}
	for i := range cases {
		c := &cases[i]
		t.Run(c.key, func(t *testing.T) {
			before, after := c.texts(t)
			c.judge(t, answerTo(t, answers, before, ""), answerTo(t, answers, after, c.design))
		})
	}
}

func keyCases() []keyCase {
	cases := slices.Concat(
		topCases, runCases, clientCases, retryCases(), traceCases, serverCases, stepCases, otherNodeCases, zoneCases(), failoverCases(),
		arrivalCases, shapeCases, processCases, objectiveCases(), lawCases(), frontCases(),
		careCases(), callCases, priorityCases, networkCases, sizeCases, stationCases,
		cdnCases, edgeDemands(),
		balanceCases(), typeCases, productCases(), forwardingCases(), faultCases(), breakdownCases(), kindCases(), autoscaleCases(), recoveryCases(), admissionCases, decayCases,
		cacheCases,
		queueCases(),
		replicationCases(), databaseCases(), deployCases(), sweepCases(), planCases(), priceCases(),
	)
	return append(cases, hostCases(cases)...)
}

// texts returns the topology before and after the change.
func (c *keyCase) texts(t *testing.T) (before, after string) {
	t.Helper()
	before = c.base
	if !strings.Contains(before, "[run]") {
		before += keyRun
	}
	switch {
	case c.design != "":
		return before, before
	case c.old == "":
		return before, c.new + "\n" + before
	}
	require.Equal(t, 1, strings.Count(before, c.old), "the base must hold %q once", c.old)
	return before, strings.Replace(before, c.old, c.new, 1)
}

// judge demands the effect of a case.
func (c *keyCase) judge(t *testing.T, before, after keyAnswer) {
	t.Helper()
	if c.effect != nil {
		c.effect(t, before, after)
		return
	}
	a, b := before.estimate(t, c.figure), after.estimate(t, c.figure)
	assert.NoError(t, moved(a, b, c.want), c.figure)
}

// moved says what is wrong with the way from one estimate to another: it must
// lead in the direction, and farther than both intervals reach together.
func moved(a, b result.Estimate, want direction) error {
	if a.Mean == nil || b.Mean == nil || a.HalfWidth == nil || b.HalfWidth == nil {
		return fmt.Errorf("no estimate: %q, %q", a.Note, b.Note)
	}
	by := *b.Mean - *a.Mean
	if want == down || want == differs && by < 0 {
		by = -by
	}
	if by > *a.HalfWidth+*b.HalfWidth {
		return nil
	}
	return fmt.Errorf("%.6g ± %.2g became %.6g ± %.2g; wanted: %s", *a.Mean, *a.HalfWidth, *b.Mean, *b.HalfWidth,
		map[direction]string{up: "more", down: "less", differs: "another value"}[want])
}

// keyAnswer is what a topology led to.
type keyAnswer struct {
	*result.Result          // nil if the topology was refused
	refused        []string // the codes of the errors
}

// estimate looks a figure up in the document as it is written.
func (a keyAnswer) estimate(t *testing.T, path string) result.Estimate {
	t.Helper()
	require.Empty(t, a.refused, "the topology is refused")
	written, err := json.Marshal(a.Result)
	require.NoError(t, err)
	at := json.RawMessage(written)
	for part := range strings.SplitSeq(path, "/") {
		inside := map[string]json.RawMessage{}
		require.NoError(t, json.Unmarshal(at, &inside), path)
		require.Contains(t, inside, part, path)
		at = inside[part]
	}
	var e result.Estimate
	decoder := json.NewDecoder(strings.NewReader(string(at)))
	decoder.DisallowUnknownFields()
	require.NoError(t, decoder.Decode(&e), "%s is no estimate", path)
	return e
}

// answerTo simulates a topology, each text once.
func answerTo(t *testing.T, answers map[string]keyAnswer, text, design string) keyAnswer {
	t.Helper()
	id := design + "\n" + text
	if known, ok := answers[id]; ok {
		return known
	}
	var a keyAnswer
	files := keyFiles{"case.toml": text}
	file, report := topologies.Load(files, "case.toml", topologies.Options{})
	var spec *node.Spec
	if file != nil {
		spec, report = file.Spec(design)
	}
	for _, d := range report.Diagnostics() {
		if d.Severity() == kind.Error {
			a.refused = append(a.refused, d.Code)
			t.Log(d.Headline())
		}
	}
	if spec != nil {
		var err error
		a.Result, err = Run(spec, Options{})
		require.NoError(t, err, text)
	}
	answers[id] = a
	return a
}

// keyFiles are texts by name, beside those that the cases share.
type keyFiles map[string]string

func (f keyFiles) Open(name string) (io.ReadCloser, error) {
	text, ok := f[name]
	if !ok {
		text, ok = keyData[name]
	}
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return io.NopCloser(strings.NewReader(text)), nil
}

func (keyFiles) List(string) []string { return nil }

// languageKeys lists what may be written, from the tables and descriptions
// that the language is decoded by: "server.cores"; where only some words are
// allowed, each of them ("load_balancer.policy=random"); "step.get.timeout"
// for a key that goes with an action; "arrivals.poisson"; "law.time.exp.1"
// for the first parameter of a distribution of a time; "objective.server.p".
func languageKeys() []string {
	w := &keyWalk{}
	w.fields("", topologies.Top())
	w.add("design")
	for _, row := range node.Kinds {
		w.fields(row.Key, kind.Describe(row.Config()))
	}
	for _, row := range arrival.Table {
		w.add("arrivals." + row.Name)
		for _, p := range row.Parameters {
			w.add("arrivals." + row.Name + "." + p.Name)
		}
	}
	for _, m := range topologies.Metrics() {
		for _, subject := range m.Subjects {
			w.add("objective." + subject.String() + "." + m.Name)
		}
		if len(m.Subjects) == 0 {
			w.add("objective." + m.Name)
		}
	}
	for _, q := range lawQuantities {
		for _, row := range dist.Table(q.quantity) {
			w.law("law."+q.name+"."+row.Name, q.quantity, row)
		}
		if q.quantity != dist.Key {
			w.add("law." + q.name + ".+")
			w.add("law." + q.name + ".truncate")
		}
	}
	return w.keys
}

// keyWalk collects keys.
type keyWalk struct {
	keys   []string
	inside []reflect.Type // the tables around the present one
	steps  bool           // the steps are in
}

func (w *keyWalk) add(key string) {
	if !slices.Contains(w.keys, key) {
		w.keys = append(w.keys, key)
	}
}

func (w *keyWalk) fields(prefix string, fields []kind.Field) {
	for i := range fields {
		w.field(prefix, &fields[i])
	}
}

func (w *keyWalk) field(prefix string, f *kind.Field) {
	path := strings.TrimPrefix(prefix+"."+f.Key, ".")
	for _, word := range f.Words {
		w.add(path + "=" + word)
	}
	if len(f.Words) == 0 && f.Type != "a table" { // a mere table says nothing itself
		w.add(path)
	}
	if f.Table == nil {
		return
	}
	table := reflect.TypeOf(f.Table)
	if table == reflect.TypeFor[node.StepConfig]() {
		w.step()
		return
	}
	if slices.Contains(w.inside, table) {
		return
	}
	w.inside = append(w.inside, table)
	w.fields(path, kind.Describe(f.Table))
	w.inside = w.inside[:len(w.inside)-1]
}

// step adds the keys of steps, wherever the steps stand: those that go with
// an action once for each action.
func (w *keyWalk) step() {
	if w.steps {
		return
	}
	w.steps = true
	fields := kind.Describe(node.StepConfig{})
	for i := range fields {
		owned := false
		for _, action := range node.StepActions {
			if slices.Contains(action.With, fields[i].Key) {
				owned = true
				w.field("step."+action.Key, &fields[i])
			}
		}
		if !owned {
			w.field("step", &fields[i])
		}
	}
}

// law adds the parameters of a distribution, those without a name by their
// place.
func (w *keyWalk) law(path string, q dist.Quantity, row dist.Row) {
	for i, p := range row.Parameters {
		switch {
		case p.Form == "UNIT" && q == dist.Count: // for times and sizes only
		case p.Name == "":
			w.add(fmt.Sprintf("%s.%d", path, i+1))
		default:
			w.add(path + "." + p.Name)
		}
	}
}

// keysWithoutCase compares what may be written with what there are cases for.
func keysWithoutCase(keys []string, cases []keyCase) []error {
	var problems []error
	have := map[string]bool{}
	for _, c := range cases {
		have[c.key] = true
		if !slices.Contains(keys, c.key) {
			problems = append(problems, fmt.Errorf("the case of %s is stale: there is no such key", c.key))
		}
	}
	for _, key := range keys {
		if !have[key] {
			problems = append(problems, fmt.Errorf("%s has no case: what does it do?", key))
		}
	}
	return problems
}

func TestKeysWithoutACaseAndCasesWithoutAKeyAreFound(t *testing.T) {
	problems := keysWithoutCase([]string{"server.cores", "server.disk"}, []keyCase{{key: "server.cores"}, {key: "server.tapes"}})
	require.Len(t, problems, 2)
	assert.ErrorContains(t, problems[0], "server.tapes")
	assert.ErrorContains(t, problems[1], "server.disk")
}

func TestKeysOfNestedTablesAreWalked(t *testing.T) {
	keys := languageKeys()
	for _, key := range []string{
		"title", "run.drain", "client.stages.target", "client.retries.jitter=equal", "client.arrivals.columns.key",
		"server.on.steps", "step.choose.weight", "step.get.retries.max", "step.get.miss", "law.time.lognormal.pN",
		"law.key.zipf.s", "arrivals.poisson", "load_balancer.policy=random", "objective.cache.hit_ratio",
	} {
		assert.Contains(t, keys, key)
	}
	for _, f := range kind.Describe(node.StepConfig{}) {
		named := slices.ContainsFunc(keys, func(key string) bool { return strings.Contains(key+".", "."+f.Key+".") })
		assert.True(t, named, "the key %s of a step is in the walk", f.Key)
	}
}

func TestAFigureThatStaysOrGoesTheOtherWayIsNotMoved(t *testing.T) {
	at := func(mean, half float64) result.Estimate { return result.Estimate{Mean: &mean, HalfWidth: &half} }
	assert.NoError(t, moved(at(1, 0.1), at(1.3, 0.1), up))
	assert.NoError(t, moved(at(1.3, 0.1), at(1, 0.1), down))
	assert.NoError(t, moved(at(1.3, 0.1), at(1, 0.1), differs))
	for _, err := range []error{
		moved(at(1, 0), at(1, 0), up), moved(at(1, 0), at(1, 0), down), moved(at(1, 0), at(1, 0), differs),
		moved(at(1, 0.1), at(1.3, 0.1), down), moved(at(1.3, 0.1), at(1, 0.1), up),
		moved(at(1, 0.2), at(1.3, 0.2), up), moved(result.Estimate{Note: "no samples"}, at(1, 0), up),
	} {
		assert.Error(t, err)
	}
}
