package manual

import (
	"flag"
	"io"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/topologies"
)

var update = flag.Bool("update", false, "write docs/language.md anew")

// one is the file system of one file.
type one string

// Open opens it.
func (o one) Open(name string) (io.ReadCloser, error) {
	if name != "example.toml" {
		return nil, fs.ErrNotExist
	}
	return io.NopCloser(strings.NewReader(string(o))), nil
}

// List lists nothing.
func (one) List(string) []string { return nil }

// problems lists what is wrong with a text in itself: not what it refers to,
// nor what it leaves out.
func problems(text string) []string {
	var found []string
	file, report := topologies.Load(one(text), "example.toml", topologies.Options{})
	if file != nil {
		report = file.Check()
	}
	for _, d := range report.Diagnostics() {
		if beyond := d.Code == "E203" || d.Code == "E402" || d.Code[1] == '5' || d.Severity() == kind.Warning; !beyond {
			found = append(found, d.Headline())
		}
	}
	return found
}

func allPages(b *Book) []*Page {
	var pages []*Page
	for _, c := range b.Chapters {
		pages = append(pages, c.Pages...)
	}
	return pages
}

func TestEveryPageExplainsAndShowsAnExample(t *testing.T) {
	b := New()
	for _, p := range allPages(b) {
		assert.NotEmpty(t, p.Path)
		assert.NotEmpty(t, p.Sort, p.Path)
		assert.NotEmpty(t, p.Doc, p.Path)
		assert.NotEmpty(t, p.Example, p.Path)
		assert.Contains(t, b.Find(p.Path), p)
		for _, see := range p.See {
			assert.NotEmpty(t, b.pages[see], "%s: see %s", p.Path, see)
		}
		for _, f := range p.Facts {
			assert.NotEmpty(t, f.Text, "%s: %s", p.Path, f.Name)
		}
		for _, r := range p.Rows {
			assert.Equal(t, strings.Count(r.Doc, "("), strings.Count(r.Doc, ")"), "%s: %s is cut short", p.Path, r.Name)
		}
	}
}

func TestEveryKeyCodeAndWordHasAPage(t *testing.T) {
	b := New()
	for _, code := range kind.Codes() {
		assert.Len(t, b.Find(code.ID), 1, code.ID)
	}
	for i := range node.Kinds {
		row := &node.Kinds[i]
		for _, f := range kind.Describe(row.Config()) {
			assert.NotEmpty(t, b.Find(row.Key+"."+f.Key), row.Key+"."+f.Key)
		}
	}
	for _, f := range kind.Describe(node.StepConfig{}) {
		assert.NotEmpty(t, b.Find("step."+f.Key), f.Key)
	}
	for _, f := range topologies.Top() {
		assert.NotEmpty(t, b.Find(f.Key), f.Key)
	}
	for _, path := range []string{"lognormal", "poisson", "least-connections", "duration", "objectives.p99", "limits", "design"} {
		assert.NotEmpty(t, b.Find(path), path)
	}
}

func TestExamplesAreRight(t *testing.T) {
	for _, p := range allPages(New()) {
		if _, code := kind.LookUpCode(p.Path); code || p.Path == "codes" || p.Path == "numbers" {
			assert.True(t, isRightSomewhere(p.Example), "%s: %s", p.Path, p.Example)
			continue
		}
		assert.Empty(t, problems(p.Example), "%s:\n%s", p.Path, p.Example)
	}
}

var looksLikeTOML = regexp.MustCompile(`^(\[|\{|[A-Za-z_.]+ *= )`)

// isRightSomewhere reports whether a piece of a topology is right at the top,
// in the table of some node, or as a step. What is no TOML is a command, or a
// line of data.
func isRightSomewhere(example string) bool {
	if !looksLikeTOML.MatchString(example) {
		return true
	}
	places := []string{"", "run", "step"}
	for _, row := range node.Kinds {
		places = append(places, row.Key+".x")
	}
	return slices.ContainsFunc(places, func(place string) bool {
		switch place {
		case "":
			return len(problems(example)) == 0
		case "step":
			inStep := "[server.x]\non.request = [" + example + "]"
			if !strings.HasPrefix(example, "{") {
				inStep = "[server.x]\non.request = [{ wait = \"1ms\" }, { " + example + " }]"
			}
			return len(problems(inStep)) == 0
		}
		return len(problems("["+place+"]\n"+example)) == 0
	})
}

func TestPagesFitTheirWidth(t *testing.T) {
	b := New()
	for _, width := range []int{0, 60, 100, 200} {
		limit := map[int]int{0: 80, 60: 60, 100: 100, 200: 100}[width]
		for _, p := range allPages(b) {
			var out strings.Builder
			require.NoError(t, b.Text(&out, []*Page{p}, TextOptions{Width: width}))
			for line := range strings.SplitSeq(out.String(), "\n") {
				n, most := utf8.RuneCountInString(line), limit
				if strings.Contains(p.Example, strings.TrimSpace(line)) {
					most = 100 // examples are not broken
				}
				long := func(word string) bool { return len(word) > 40 } // an address
				if len(strings.Fields(line)) > 1 && !strings.HasPrefix(p.Path, "E") && !slices.ContainsFunc(strings.Fields(line), long) {
					assert.LessOrEqual(t, n, most, "%s: %s", p.Path, line)
				}
			}
		}
		var out strings.Builder
		require.NoError(t, b.Contents(&out, TextOptions{Width: width}))
		for line := range strings.SplitSeq(out.String(), "\n") {
			assert.LessOrEqual(t, utf8.RuneCountInString(line), limit, line)
		}
	}
}

func TestTopicsAreFound(t *testing.T) {
	b := New()
	for topic, want := range map[string]string{
		"server.app.instances": "server.instances", "server.on.cpu": "step.cpu", "server.app.on.browse[2].retries.max": "step.retries.max",
		"client.users.stages[1].target": "client.stages.target", "design.big.server.app": "server", "e302": "E302", "p99.9": "objectives.p99",
		"backoff": "policy.retries.backoff", "server.on.steps": "server.on.steps", `server."my app".cores`: "server.cores", "server.app": "server",
		"clf": "client.arrivals.format", "fcfs": "server.scheduling", "sessions": "client.session", "load balancer": "load_balancer",
	} {
		got := ""
		if pages := b.Find(topic); len(pages) > 0 {
			got = pages[0].Path
		}
		assert.Equal(t, want, got, topic)
	}
	for topic, want := range map[string][]string{
		"app.instances": {"cache.instances"}, "server.instnces": {"server.instances"}, "lognormel": {"lognormal"},
		"serverr": {"server"}, "zzzzzz": nil, "instnces": {"load_balancer.instances", "server.instances", "cache.instances"},
	} {
		assert.Equal(t, want, b.Near(topic), topic)
	}
	assert.Equal(t, "numbers", b.SpeakingOf("utilization")[0])
	assert.Equal(t, "numbers", b.SpeakingOf("rejected")[0])
	assert.Contains(t, b.SpeakingOf("batch"), "client.arrivals")
	assert.Empty(t, b.SpeakingOf("zzzzzz"))
	assert.Empty(t, b.SpeakingOf("is"), "too short to be meant")
	var places []string
	for _, page := range b.Find("backoff") {
		places = append(places, page.Path)
	}
	assert.ElementsMatch(t, []string{"client.retries.backoff", "load_balancer.retries.backoff", "step.retries.backoff", "policy.retries.backoff"}, places, "a word of several tables: all of them")
}

func TestDiagnosticsLeadToTheirKey(t *testing.T) {
	b := New()
	for key, want := range map[string]string{
		"server.app.instance": "server.instances", "design.large.server.app.cores": "server.cores", "--set server.app.cores": "server.cores",
		"server.app.on.browse[0].cpu": "step.cpu", "server.app.on.browse[0].choose[1].weight": "step.choose.weight", "run.duration": "run.duration",
		"objectives[0]": "objectives", "client.cpu.arrivals": "client.arrivals", "server.app.zzzzz": "server", "shop.toml": "",
	} {
		assert.Equal(t, want, b.Topic(key), key)
	}
	report := &kind.Report{}
	for _, d := range []kind.Diagnostic{
		{Code: "E302", Key: "server.app.cores"}, {Code: "E401", Key: "nobody"}, {Code: "E001", Key: "x.toml"}, {Code: "E201", Key: "run.seed", Hint: "better"},
	} {
		report.Add(d)
	}
	Advise(report)
	var hints []string
	for _, d := range report.Diagnostics() {
		hints = append(hints, d.Code+" "+d.Hint)
	}
	slices.Sort(hints)
	assert.Equal(t, []string{"E001 ", "E201 better", "E302 capsim explain server.cores", "E401 capsim explain E401"}, hints)
}

func TestSettingsAreKeysOfTheFile(t *testing.T) {
	paths := Settings([]topologies.NodeName{{Kind: "server", Name: "my app"}})
	assert.Contains(t, paths, "run.duration")
	assert.Contains(t, paths, `server."my app".instances`)
	assert.NotContains(t, paths, "design")
	assert.Equal(t, []string{"none", "full", "equal"}, New().Words("client.users.retries.jitter"))
	assert.Equal(t, []string{"true", "false"}, New().Words("client.users.arrivals.repeat"))
	assert.Empty(t, New().Words("client.users.zzz"))
}

func TestTheLanguageIsDocumented(t *testing.T) {
	const path = "../../docs/language.md"
	got := New().Markdown()
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), got, "docs/language.md is stale: go test ./internal/manual -update writes it anew")
	assert.NotContains(t, got, "<no value>")
}
