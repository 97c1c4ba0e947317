package reports

import (
	"encoding/xml"
	"errors"
	"io"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/internal/result"
)

var graphForms = []struct {
	ending string
	write  func(io.Writer, *result.Result) error
}{
	{"graph.svg", GraphSVG}, {"graph.mmd", GraphMermaid}, {"graph.dot", GraphDOT},
}

func TestGraphsRenderAsTheirGoldenFiles(t *testing.T) {
	for _, name := range []string{"result", "hostile", "baseline"} {
		r := load[result.Result](t, name)
		for _, f := range graphForms {
			t.Run(name+"."+f.ending, func(t *testing.T) {
				got := rendered(t, func(w io.Writer) error { return f.write(w, r) })
				golden(t, filepath.Join("testdata", "golden", name+"."+f.ending), got)
			})
		}
	}
}

// christened is a topology in which everything bears such a name: nodes, details,
// operations, a loop, and the bottleneck.
func christened(name string) *result.Result {
	r := &result.Result{Title: name, Bottleneck: &result.Bottleneck{Node: name + "1", Resource: name, Utilization: 0.5}}
	for i, kind := range []string{"client", "load_balancer", "server", "cache", "external", "cdn", "database", "queue", name} {
		r.Topology.Nodes = append(r.Topology.Nodes, result.TopologyNode{Name: name + strconv.Itoa(i), Kind: kind, Instances: i, Detail: name})
		r.Topology.Edges = append(r.Topology.Edges,
			result.Edge{From: name + strconv.Itoa(i/2), To: name + strconv.Itoa(i), Op: name},
			result.Edge{From: name + strconv.Itoa(i), To: name + "0", Op: name + "again"})
	}
	return r
}

// hostileWords are those that mean something to Mermaid or Graphviz, beside
// what is hostile everywhere.
var hostileWords = append([]string{
	"end", "graph", "subgraph", "a;b", "a]b", `a"]; click n0 "javascript:alert(1)" %%`, "#quot;", "#35;", "%%{init: {'theme':'dark'}}%%",
	"%% comment", "`**bold**`", "$$x^2$$", `\n`, `\N\G\l`, `a\`, "&amp;", "&#34;", "style n0 fill:#f00;", "classDef x fill:#f00;", "👩‍🚀 café",
	"<br/>", "-->", "|x|", "strict digraph {", "a=b,c", "100 %{x}", "",
}, hostileNames...)

var (
	mermaidNode = regexp.MustCompile(`^  n(\d+)(\(\[|\{\{|\[\[|\[\(|\[/|\[|\()"([^"]+)"(\]\)|\}\}|\]\]|\)\]|/\]|\]|\))$`)
	mermaidEdge = regexp.MustCompile(`^  n(\d+) -->(?:\|"([^"]+)"\|)? n(\d+)$`)
	mermaidLook = regexp.MustCompile(`^  (classDef external stroke-dasharray:6 4|classDef bottleneck stroke:#D55E00,stroke-width:3px|class n\d+(,n\d+)* (external|bottleneck))$`)
	mermaidCode = regexp.MustCompile(`#(\d+);`)
	// What may stand between quotes: letters and digits of any script, and
	// marks that neither Mermaid nor HTML does anything with.
	mermaidPlain = regexp.MustCompile(`^([\p{L}\p{M}\p{N} .,_/()+×=-]| %|#\d+;|<br/>)*$`)
)

// readMermaid takes a flow chart apart, as far as ours go.
func readMermaid(t *testing.T, text string) (nodes, labels []string) {
	t.Helper()
	closing := map[string]string{"([": "])", "{{": "}}", "[[": "]]", "[(": ")]", "[/": "/]", "[": "]", "(": ")"}
	plain := func(s string) string {
		assert.Regexp(t, mermaidPlain, s)
		s = strings.ReplaceAll(s, "<br/>", "\n")
		return mermaidCode.ReplaceAllStringFunc(s, func(code string) string {
			n, err := strconv.Atoi(strings.Trim(code, "#;"))
			require.NoError(t, err)
			return string(rune(n))
		})
	}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	assert.Equal(t, "flowchart LR", lines[0])
	for _, line := range lines[1:] {
		if m := mermaidNode.FindStringSubmatch(line); m != nil {
			assert.Equal(t, strconv.Itoa(len(nodes)), m[1])
			assert.Equal(t, closing[m[2]], m[4], "brackets of a kind: %s", line)
			nodes = append(nodes, plain(m[3]))
		} else if m := mermaidEdge.FindStringSubmatch(line); m != nil {
			labels = append(labels, plain(m[2]))
		} else {
			assert.Regexp(t, mermaidLook, line)
		}
	}
	return nodes, labels
}

// readDOT takes a graph of Graphviz apart: its words between quotes, in order,
// and everything else, which no name can touch.
func readDOT(t *testing.T, text string) (quoted []string, rest string) {
	t.Helper()
	var outside, inside strings.Builder
	in := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '"' && in:
			quoted = append(quoted, strings.ReplaceAll(inside.String(), "&amp;", "&"))
			inside.Reset()
			in = false
		case c == '"':
			in = true
		case !in:
			outside.WriteByte(c)
		case c == '\\':
			i++
			switch text[i] {
			case 'n':
				inside.WriteByte('\n')
			case '"', '\\':
				inside.WriteByte(text[i])
			default:
				assert.Fail(t, "an escape that Graphviz gives a meaning of its own", text[i-1:i+1])
			}
		default:
			assert.NotEqual(t, byte('\n'), c, "no line break inside of quotes")
			inside.WriteByte(c)
		}
	}
	assert.False(t, in, "the last quote is closed")
	return quoted, outside.String()
}

func TestHostileNamesStandInGraphsAsTheyAre(t *testing.T) {
	_, harmless := readDOT(t, rendered(t, func(w io.Writer) error { return GraphDOT(w, christened("name")) }))
	for _, name := range hostileWords {
		t.Run(strconv.QuoteToASCII(name[:min(len(name), 20)]), func(t *testing.T) {
			r := christened(name)
			g := newGraph(&r.Topology, r.Nodes, r.Bottleneck)
			var wanted, along []string
			for i := range g.nodes {
				wanted = append(wanted, strings.Join(g.nodes[i].lines(), "\n"))
			}
			for i := range g.edges {
				along = append(along, g.edges[i].label(opColumns))
			}
			mermaid := rendered(t, func(w io.Writer) error { return GraphMermaid(w, r) })
			nodes, labels := readMermaid(t, mermaid)
			assert.Equal(t, wanted, nodes)
			assert.Equal(t, along, labels)
			assert.Empty(t, dangerous.FindAllString(mermaid, -1))

			dot := rendered(t, func(w io.Writer) error { return GraphDOT(w, r) })
			quoted, rest := readDOT(t, dot)
			assert.Empty(t, dangerous.FindAllString(dot, -1))
			if name == "" {
				return // has no title, and no operations
			}
			assert.Equal(t, harmless, rest)
			for _, text := range append(append(wanted, along...), visible(name)) {
				assert.Contains(t, quoted, text)
			}

			svg := rendered(t, func(w io.Writer) error { return GraphSVG(w, r) })
			assert.Empty(t, dangerous.FindAllString(svg, -1))
			assert.Contains(t, svg, "<title>"+escaped(visible(name)+": topology of 9 nodes; the bottleneck is "+visible(name)+"1, "+visible(name)+" 50 %")+"</title>")
			onlyKnown(t, svg)
		})
	}
}

func escaped(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}

// graphElements are what a picture of a topology may hold.
var graphElements = map[string]string{
	"svg": "xmlns role viewBox width height font-family", "title": "", "desc": "", "style": "", "g": "",
	"rect": "x y width height rx fill stroke stroke-width stroke-linejoin stroke-dasharray class",
	"path": "d fill stroke stroke-width stroke-linejoin class",
	"text": "x y font-size font-weight text-anchor fill class",
}

// onlyKnown checks that an SVG is well formed and holds nothing else.
func onlyKnown(t *testing.T, svg string) {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader(svg))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		require.NoError(t, err)
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		attributes, known := graphElements[start.Name.Local]
		assert.True(t, known, start.Name.Local)
		for _, a := range start.Attr {
			assert.Contains(t, strings.Fields(attributes), a.Name.Local, start.Name.Local)
		}
	}
}

// Whoever drops the style sheet still sees the picture by day: every mark has
// its colour as an attribute too. With it, the night is that of the pages.
func TestAPictureByItselfNeedsNoStyleSheet(t *testing.T) {
	svg := rendered(t, func(w io.Writer) error { return GraphSVG(w, load[result.Result](t, "result")) })
	assert.NotContains(t, svg, "style=")
	for element := range strings.SplitSeq(svg, "<") {
		name, _, _ := strings.Cut(element, " ")
		switch name {
		case "rect", "path", "text":
			assert.Regexp(t, ` fill="(#[0-9A-F]{6}|none)"`, element)
		}
		if strings.Contains(element, "stroke-") {
			assert.Regexp(t, `^style| stroke="#[0-9A-F]{6}"`, element)
		}
	}
	_, dark, _ := strings.Cut(styleSheet, "prefers-color-scheme: dark")
	dark, _, _ = strings.Cut(dark, "\n}")
	classes := regexp.MustCompile(`class="([^"]+)"`).FindAllStringSubmatch(svg, -1)
	require.NotEmpty(t, classes)
	for _, list := range classes {
		for class := range strings.FieldsSeq(list[1]) {
			property, name, _ := strings.Cut(class, "-")
			code := regexp.MustCompile("--" + name + `: (#[0-9a-f]{6});`).FindStringSubmatch(dark)
			require.NotNil(t, code, class)
			assert.Contains(t, darkness(), "."+class+" { "+property+": "+code[1]+"; }")
		}
	}
}

func TestLabelsOfArrowsAreShort(t *testing.T) {
	for _, row := range []struct {
		ops  []string
		want string
	}{
		{nil, ""},
		{[]string{"get"}, "get"},
		{[]string{"by_id", "reserve"}, "by_id, reserve"},
		{[]string{"a", "b", "c", "d", "e"}, "a, b, c +2"},
		{[]string{"recommendations", "recent_orders"}, "recommendations +1"},
		{[]string{strings.Repeat("x", 40), "b"}, strings.Repeat("x", 13) + "…" + strings.Repeat("x", 12) + " +1"},
	} {
		e := graphEdge{ops: row.ops}
		assert.Equal(t, row.want, e.label(26))
	}
}

// What goes along an arrow is said once, and not at all where anything does.
func TestOneArrowFromANodeToAnother(t *testing.T) {
	g := newGraph(&result.Topology{
		Nodes: []result.TopologyNode{{Name: "a", Kind: "client"}, {Name: "a", Kind: "server"}},
		Edges: []result.Edge{
			{From: "a", To: "b", Op: "x"}, {From: "a", To: "b", Op: "y"}, {From: "a", To: "b", Op: "x"},
			{From: "b", To: "c", Op: "x"}, {From: "b", To: "c", Op: ""}, {From: "b", To: "c", Op: "z"}, {From: "c", To: "c", Op: "x"},
		},
	}, nil, nil)
	require.Len(t, g.nodes, 3)
	assert.Equal(t, "client", g.nodes[0].kind, "the first of a name counts")
	assert.Equal(t, []graphEdge{{0, 1, []string{"x", "y"}}, {1, 2, nil}, {2, 2, []string{"x"}}}, g.edges)
}

func TestANodeShowsItsBusiestResourceOrWhatMakesItTheBottleneck(t *testing.T) {
	share := func(v float64) result.Optional { return result.Optional{Estimate: result.Estimate{Mean: &v}} }
	nodes := map[string]*result.Node{
		"app": {Resources: map[string]*result.Resource{"cpu": {Utilization: share(0.4), Capacity: share(4)}, "disk": {Utilization: share(0.62)}, "workers": {}}},
		"db":  {Resources: map[string]*result.Resource{"cpu": {Utilization: share(0.9)}, "workers": {Utilization: share(0.5)}}},
	}
	topology := &result.Topology{Nodes: []result.TopologyNode{{Name: "app"}, {Name: "db"}, {Name: "users"}}}
	g := newGraph(topology, nodes, &result.Bottleneck{Node: "db", Resource: "workers", Utilization: 0.5})
	assert.Equal(t, "disk 62 %", g.nodes[0].load())
	assert.Equal(t, "workers 50 %", g.nodes[1].load())
	assert.True(t, g.nodes[1].bottleneck)
	assert.Empty(t, g.nodes[2].load())

	d, err := newDrawing(g)
	require.NoError(t, err)
	svg := d.alone()
	length := d.slots[0].width - 2*d.boxes[0].inset
	assert.Contains(t, svg, `width="`+tenths(0.62*float64(length))+`" height="6" fill="#0072B2"`, "the bar is as full as the resource")
	assert.Equal(t, 1, strings.Count(svg, "bottleneck: workers 50 %"))
}
