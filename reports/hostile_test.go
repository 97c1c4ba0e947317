package reports

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"github.com/capsim/capsim/internal/result"
)

// hostileNames are names that a topology may bring and that mean something to
// a terminal, a browser, a spreadsheet, a Markdown renderer or a shell.
var hostileNames = []string{
	`<script>alert(1)</script>`, `"><script>alert(1)</script>`, `'><img src=x onerror=alert(1)>`,
	`</style><script>alert(1)</script>`, `</title><svg onload=alert(1)>`, `--><b>`, `<!--`, `<![CDATA[x]]>`, `]]>`,
	`</svg><iframe src=//evil>`, `<a href="javascript:alert(1)">`, `" onmouseover="alert(1)`, `' style='color:red`,
	`&lt;b&gt;&#x22;`, `{{.Secret}}`, `${jndi:ldap://x}`, `<?xml version="1.0"?>`, `<!ENTITY x "y">`,
	`=HYPERLINK("http://evil")`, `+1+1`, `-1+1`, `@SUM(A1)`, "\t=1+1", "\r=1", "\n=1", "\x00=1", `＝1`, `,";'`,
	"\x1b[2J\x1b]0;owned\x07", "\x9b31m", "a\x7fb\x08c", "line\nbreak", "\u202eevil", "\u2066x\u2069", "\u200bzero\ufeff",
	"\u2028sep\u2029", "bad\xffutf8\xc3", "| a | b |", "`code` *b* _i_ [x](http://evil) ![i](x)", `../../etc/passwd`,
	"日本語の名前", strings.Repeat("long", 80), `\`, "$(rm -rf /)",
}

// renamedBaseline is a comparison with a baseline that is as hostile.
func renamedBaseline(name string) *result.Baseline {
	old, now, difference, share := 2.0, 3.0, 1.0, 0.5
	e := func(x *float64) result.Estimate { return result.Estimate{Mean: x, HalfWidth: &share, Note: name} }
	b := &result.Baseline{
		Version: name, Title: name, Design: name, Fingerprint: name, Currency: name, Verdict: name,
		Notes: []string{name}, Missing: []string{name}, Added: []string{name},
	}
	for _, subject := range []string{name, "cost"} {
		for _, verdict := range []string{result.Regression, result.Tolerated, result.Improvement, result.Unknown, name} {
			b.Changes = append(b.Changes, result.Change{
				Subject: subject, Metric: "latency_s.p99", Baseline: e(&old), Current: e(&now), Difference: e(&difference),
				Ratio: &share, Visible: &share, Judged: true, Verdict: verdict,
			})
		}
	}
	return b
}

// renamed is the realistic document with every name made of one text.
func renamed(t *testing.T, name string) *result.Result {
	t.Helper()
	r := load[result.Result](t, "result")
	n := 0
	names := map[string]string{}
	rename := func(old string) string {
		if names[old] == "" {
			names[old] = name + strconv.Itoa(n) // hostile at the front, and unique
			n++
		}
		return names[old]
	}
	r.Title, r.Design, r.Version, r.Fingerprint = name, name, name, name
	r.Baseline = renamedBaseline(name)
	r.Warnings[0].Code, r.Warnings[0].Message = name, name
	clients := map[string]*result.Client{}
	for _, old := range sorted(r.Clients) {
		c := r.Clients[old]
		ops := map[string]*result.Traffic{}
		for _, op := range sorted(c.Ops) {
			ops[rename(op)] = c.Ops[op]
		}
		c.Ops = ops
		spent := map[string]any{}
		for _, place := range sorted(c.Spent) {
			spent[rename(place)] = c.Spent[place]
		}
		c.Spent = spent
		c.Slowest = &result.Slowest{Requests: 7, OneIn: 2, Spent: spent, LatencyMeanS: result.Estimate{Note: name}, Note: name}
		e := c.LatencyS["p99.9"]
		if e.Note != "" {
			e.Note = name
			c.LatencyS["p99.9"] = e
		}
		clients[rename(old)] = c
	}
	r.Clients = clients
	nodes := map[string]*result.Node{}
	for _, old := range sorted(r.Nodes) {
		node := r.Nodes[old]
		for i := range node.PerInstance {
			node.PerInstance[i].Name = name
		}
		nodes[rename(old)] = node
	}
	r.Nodes = nodes
	for i := range r.Topology.Nodes {
		r.Topology.Nodes[i].Name = rename(r.Topology.Nodes[i].Name)
		r.Topology.Nodes[i].Detail = name
	}
	for i := range r.Topology.Edges {
		e := &r.Topology.Edges[i]
		e.From, e.To = rename(e.From), rename(e.To)
	}
	for i := range r.Topology.Defaults {
		r.Topology.Defaults[i] = result.Default{Key: name, Value: name}
	}
	for i := range r.Objectives {
		_, demand, _ := strings.Cut(r.Objectives[i].Text, " ")
		r.Objectives[i].Text = name + " " + demand
	}
	r.Bottleneck.Node = rename(r.Bottleneck.Node)
	for i, column := range r.Series.Columns {
		if subject, metric := splitColumn(column); i > 0 {
			r.Series.Columns[i] = rename(subject) + " " + metric
		}
	}
	return r
}

// compared is a comparison of two designs with such names.
func compared(t *testing.T, name string) *result.Comparison {
	t.Helper()
	a, b := renamed(t, name), renamed(t, name)
	a.Design, b.Design = "", name
	mean, half := -0.01, 0.001
	return &result.Comparison{
		Schema: result.ComparisonSchema, Version: name, Title: name, Designs: []*result.Result{a, b},
		Differences: []result.Difference{{
			Design: name, Subject: name, Metric: "latency_s.p99",
			Difference: result.Estimate{Mean: &mean, HalfWidth: &half}, Significant: true,
		}},
	}
}

// everySink renders both documents in every form.
func everySink(t *testing.T, name string) map[string]string {
	t.Helper()
	r, c := renamed(t, name), compared(t, name)
	sinks := map[string]string{}
	for _, f := range resultFormats {
		sinks[f.ending] = rendered(t, func(w io.Writer) error { return f.write(w, r) })
	}
	for _, f := range comparisonFormats {
		sinks["comparison."+f.ending] = rendered(t, func(w io.Writer) error { return f.write(w, c) })
	}
	sinks["json"] = rendered(t, func(w io.Writer) error { return JSON(w, r) })
	sinks["comparison.json"] = rendered(t, func(w io.Writer) error { return ComparisonJSON(w, c) })
	return sinks
}

// dangerous finds what a terminal would obey: written out here, so that it
// does not lean on the code that it judges.
var dangerous = regexp.MustCompile("[\x00-\x09\x0b-\x1f\x7f\u0080-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")

var colour = regexp.MustCompile("\x1b\\[[0-9]+m")

// In every sink, a document full of a hostile name looks like one full of a
// harmless name, and no more.
func TestHostileNamesDoNothing(t *testing.T) {
	harmless := everySink(t, "name")
	for _, name := range hostileNames {
		t.Run(strconv.QuoteToASCII(name[:min(len(name), 20)]), func(t *testing.T) {
			sinks := everySink(t, name)
			for sink, got := range sinks {
				if sink == "color.txt" {
					got = colour.ReplaceAllString(got, "")
				}
				assert.Empty(t, dangerous.FindAllString(got, -1), sink)
				assert.True(t, utf8.ValidString(got), sink)
			}
			for _, sink := range []string{"html", "comparison.html"} {
				sameElements(t, harmless[sink], sinks[sink])
			}
			for _, sink := range []string{"csv", "timeseries.csv", "comparison.csv"} {
				noFormulas(t, harmless[sink], sinks[sink])
			}
			for _, sink := range []string{"md", "comparison.md"} {
				sameTables(t, harmless[sink], sinks[sink])
			}
			var back result.Result
			require.NoError(t, json.Unmarshal([]byte(sinks["json"]), &back))
			assert.Equal(t, strings.ToValidUTF8(name, "\ufffd"), back.Title, "JSON keeps the name")
		})
	}
}

// sameElements checks that two pages have the same elements with the same
// attributes, as often. (Their order goes by name.)
func sameElements(t *testing.T, want, got string) {
	t.Helper()
	expected := elements(t, want)
	for element, n := range elements(t, got) {
		if element == "svg:text x y font-size text-anchor fill class" {
			assert.LessOrEqual(t, n, detailLines*expected[element], "words in nodes, which may need a second line")
			continue
		}
		assert.Equal(t, expected[element], n, "number of %s", element)
	}
	assert.Len(t, elements(t, got), len(expected))
}

// elements counts the elements of a page, by name and names of attributes.
func elements(t *testing.T, page string) map[string]int {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	require.NoError(t, err)
	counts := map[string]int{}
	for n := range root.Descendants() {
		switch n.Type {
		case html.ElementNode:
			e := n.Namespace + ":" + n.Data
			for _, a := range n.Attr {
				e += " " + a.Key
				if a.Key == "href" && !strings.HasPrefix(a.Val, "#") {
					assert.Fail(t, "leads out of the page", a.Val)
				}
			}
			counts[e]++
		case html.CommentNode:
			counts["comment"]++
		}
	}
	return counts
}

func TestPagesHaveNoForeignScriptAndNoInlineStyle(t *testing.T) {
	for sink, page := range everySink(t, "name") {
		if !strings.HasSuffix(sink, "html") {
			continue
		}
		found := elements(t, page)
		assert.NotEmpty(t, found[":table"])
		onlyOwnScripts(t, page)
		assert.NotZero(t, found[":script type"], "charts bring their numbers along")
		for element := range found {
			name, attributes, _ := strings.Cut(element, " ")
			assert.NotContains(t, []string{":img", ":link", ":iframe", "comment"}, name)
			if name == ":script" {
				assert.Contains(t, []string{"", "type"}, attributes)
			}
			for a := range strings.FieldsSeq(attributes) {
				assert.NotContains(t, []string{"style", "src"}, a)
				assert.False(t, strings.HasPrefix(a, "on"), element)
			}
		}
	}
}

// onlyOwnScripts checks that a page runs the two scripts that it comes with and
// no other, and that the numbers of its charts are numbers.
func onlyOwnScripts(t *testing.T, page string) {
	t.Helper()
	assert.Equal(t, []string{uplotScript, chartsScript}, contents(t, page, "script"))
	for _, data := range dataOf(t, page) {
		assert.Empty(t, dangerous.FindAllString(data, -1))
		var c struct{ Tables []struct{ X []float64 } }
		require.NoError(t, json.Unmarshal([]byte(data), &c))
		assert.NotEmpty(t, c.Tables[0].X)
	}
}

// dataOf are the numbers of the charts of a page, which no browser runs.
func dataOf(t *testing.T, page string) []string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	require.NoError(t, err)
	var all []string
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && n.Data == "script" && len(n.Attr) > 0 {
			assert.Equal(t, []html.Attribute{{Key: "type", Val: "application/json"}}, n.Attr)
			all = append(all, n.FirstChild.Data)
		}
	}
	return all
}

// noFormulas checks that no cell of a spreadsheet is taken for a formula, and
// that numbers, negative ones too, were left alone.
func noFormulas(t *testing.T, want, got string) {
	t.Helper()
	expected, err := csv.NewReader(strings.NewReader(want)).ReadAll()
	require.NoError(t, err)
	rows, err := csv.NewReader(strings.NewReader(got)).ReadAll()
	require.NoError(t, err)
	assert.Len(t, rows, len(expected))
	for _, row := range rows {
		for _, cell := range row {
			if _, err := strconv.ParseFloat(cell, 64); err != nil && formula.MatchString(cell) {
				assert.Fail(t, "a formula", cell)
			}
		}
	}
}

var formula = regexp.MustCompile("^[=+\\-@＝\t\r\x00]")

var (
	escapedBar = regexp.MustCompile(`\\\\|\\\|`)                     // an escaped backslash, an escaped bar
	liveMarkup = regexp.MustCompile("(^|[^\\\\])(\\\\\\\\)*[<`\\[]") // not escaped
)

// sameTables checks that names stayed inside their cells and mean nothing.
func sameTables(t *testing.T, want, got string) {
	t.Helper()
	shape := func(markdown string) []int {
		var bars []int
		for line := range strings.Lines(markdown) {
			bars = append(bars, strings.Count(escapedBar.ReplaceAllString(line, ""), "|"))
		}
		slices.Sort(bars)
		return bars
	}
	assert.Equal(t, shape(want), shape(got))
	assert.NotRegexp(t, liveMarkup, got)
}

func TestNamesAreShownAndNotDropped(t *testing.T) {
	sinks := everySink(t, "<b>&|\u202e")
	assert.Contains(t, sinks["html"], `<h1>&lt;b&gt;&amp;|\u202e</h1>`)
	assert.Contains(t, sinks["md"], `\<b\>\&\|\\u202e`)
	assert.Contains(t, sinks["txt"], `<b>&|\u202e`)
}

func TestCellsOfASpreadsheetAreText(t *testing.T) {
	assert.Equal(t, "'=1", cellText("=1"))
	assert.Equal(t, `'\x09=1`, cellText("\t=1"))
	assert.Equal(t, `'\x00`, cellText("\x00"))
	assert.Equal(t, "a=1", cellText("a=1"))
	assert.Contains(t, everySink(t, "n")["comparison.csv"], "n,as written,n,latency_s.p99,-0.01,0.001,true,\n")
}

func TestJSONReadBackIsTheDocument(t *testing.T) {
	r := renamed(t, "\x1b\U000e0041\u202e\"\\")
	var back result.Result
	require.NoError(t, json.Unmarshal([]byte(rendered(t, func(w io.Writer) error { return JSON(w, r) })), &back))
	assert.Equal(t, r, &back)
}

func TestPagesForbidEverythingButTheirStyleSheetAndScripts(t *testing.T) {
	for _, name := range []string{"name", "</style>", "</script>", "\u2028"} {
		for _, sink := range []string{"html", "comparison.html"} {
			page := everySink(t, name)[sink]
			assert.Equal(t, "default-src 'none'; script-src "+sourceHash(uplotScript)+" "+sourceHash(chartsScript)+
				"; style-src "+sourceHash(styleSheet)+"; img-src data:; base-uri 'none'; form-action 'none'", policyOf(t, page))
			assert.Equal(t, []string{styleSheet}, contents(t, page, "style"), "the hash is of the sheet as it stands on the page")
			assert.NotContains(t, styleSheet, "url(")
			assert.NotContains(t, styleSheet, "@import")
		}
	}
}

// policyOf is the policy of a page, which must have one.
func policyOf(t *testing.T, page string) string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	require.NoError(t, err)
	for n := range root.Descendants() {
		if n.Data == "meta" && len(n.Attr) == 2 && n.Attr[0].Val == "Content-Security-Policy" {
			return n.Attr[1].Val
		}
	}
	require.Fail(t, "no policy")
	return ""
}

// contents are the texts of all elements of a name that are no data.
func contents(t *testing.T, page, name string) []string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	require.NoError(t, err)
	var texts []string
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && n.Data == name && len(n.Attr) == 0 {
			texts = append(texts, n.FirstChild.Data)
		}
	}
	return texts
}

func TestChartsAreWellFormedAndHaveNoStyleAttributes(t *testing.T) {
	for _, name := range []string{"name", "]]><b '\"&", "\x00\x1b\ufffe"} {
		r := renamed(t, name)
		withBacklog(r, name+"2", 0, 5_000, 1_000)
		waits := sorted(r.Nodes)[0]
		require.Nil(t, r.Nodes[waits].Queue)
		r.Series.Columns = append(r.Series.Columns, name+" instances", waits+" queue")
		for i, n := range []float64{2, 8, 3} {
			r.Series.Rows[i] = append(r.Series.Rows[i], &n, &n)
		}
		for _, c := range allCharts() {
			p := c.draw(r)
			require.NotNil(t, p, c.id)
			svg, err := p.svg()
			require.NoError(t, err, "%s: %q", c.id, name)
			decoder := xml.NewDecoder(strings.NewReader(svg))
			for {
				token, err := decoder.Token()
				if err == io.EOF {
					break
				}
				require.NoError(t, err, "%s: %q", c.id, name)
				if e, ok := token.(xml.StartElement); ok {
					assert.Contains(t, []string{"svg", "title", "g", "path", "text"}, e.Name.Local)
					for _, a := range e.Attr {
						assert.NotEqual(t, "style", a.Name.Local)
						assert.False(t, strings.HasPrefix(a.Name.Local, "on"), a.Name.Local)
					}
				}
			}
		}
	}
}

// allCharts are those of a page of a result.
func allCharts() []chart {
	all := []chart{{"cost", costChart}, {"spent", func(r *result.Result) *picture { return firstOf(spentCharts(r)) }}}
	for _, g := range chartGroups {
		all = append(all, g.charts...)
	}
	return all
}

func firstOf(all []*picture) *picture {
	if len(all) == 0 {
		return nil
	}
	return all[0]
}

func TestForeignSVGIsRefused(t *testing.T) {
	const head = `<svg viewBox="0 0 1 1">`
	for _, body := range []string{
		`<script>x</script>`, `<image href="x"/>`, `<path d="M0,0" onclick="x"/>`, `<path style="filter:url(x)"/>`,
		`<g><foreignObject/></g>`, `<path`,
	} {
		_, err := restyled([]byte(head+body+"</svg>"), "chart", "", nil)
		assert.Error(t, err, body)
	}
	got, err := restyled([]byte(head+`<path d="M0.04,1e-05L10.26,-0.02" style="stroke:#0072B2;fill:none"/></svg>`), "chart", `a<b`, nil)
	require.NoError(t, err)
	assert.Contains(t, got, `<path d="M0,0L10.3,0" stroke="#0072B2" fill="none" class="stroke-blue">`)
	assert.Contains(t, got, `<title>a&lt;b</title>`)
}

func TestNumbersThatJSONCannotHoldAreAnError(t *testing.T) {
	zero := 0.0
	r := load[result.Result](t, "result")
	r.Run.DurationS = 1 / zero
	var out bytes.Buffer
	assert.Error(t, JSON(&out, r))
	assert.Empty(t, out.String())
	assert.NotPanics(t, func() { _ = HTML(&out, r) }, fmt.Sprint(r.Run.DurationS))
}
