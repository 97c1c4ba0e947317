package reports

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"

	"github.com/capsim/capsim/internal/result"
)

// GraphSVG writes the topology of r as an SVG that stands by itself: with a
// style sheet for the dark and, for those who drop that, colours of its own.
// Where r is of a run, it says how busy everything was. It returns
// [ErrLargeGraph] where there is too much for a picture.
func GraphSVG(w io.Writer, r *result.Result) error {
	d, err := newDrawing(graphOf(r))
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, d.alone())
	return err
}

// GraphMermaid writes the topology of r as a flow chart of Mermaid, which
// GitHub, GitLab and many wikis draw.
func GraphMermaid(w io.Writer, r *result.Result) error {
	return graphOf(r).mermaid(w)
}

// GraphDOT writes the topology of r in the language of Graphviz.
func GraphDOT(w io.Writer, r *result.Result) error {
	return graphOf(r).dot(w)
}

// lines are the words in a node, for those who lay out themselves.
func (n *graphNode) lines() []string {
	load := n.load()
	if n.bottleneck {
		load = "bottleneck: " + load
	}
	var lines []string
	for _, line := range []string{visible(n.name), n.what(), visible(n.detail), load} {
		if line != "" {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return []string{noNumber}
	}
	return lines
}

// mermaidShapes are the brackets around the words of a node, by its kind.
var mermaidShapes = map[string][2]string{
	"client": {"([", "])"}, "load_balancer": {"{{", "}}"}, "cache": {"[[", "]]"},
	"database": {"[(", ")]"}, "queue": {"[/", "/]"}, "cdn": {"(", ")"},
}

// mermaid writes g as a flow chart. The nodes have numbers of ours, and every
// word of a stranger stands between quotes.
func (g *graph) mermaid(out io.Writer) error {
	w := bufio.NewWriter(out)
	fmt.Fprintln(w, "flowchart LR")
	var external, bottleneck []string
	for i := range g.nodes {
		n := &g.nodes[i]
		id := "n" + strconv.Itoa(i)
		brackets, known := mermaidShapes[n.kind]
		if !known {
			brackets = [2]string{"[", "]"}
		}
		lines := n.lines()
		for k := range lines {
			lines[k] = mermaidText(lines[k])
		}
		fmt.Fprintf(w, "  %s%s\"%s\"%s\n", id, brackets[0], strings.Join(lines, "<br/>"), brackets[1])
		if n.kind == "external" {
			external = append(external, id)
		}
		if n.bottleneck {
			bottleneck = append(bottleneck, id)
		}
	}
	for i := range g.edges {
		e := &g.edges[i]
		arrow := "-->"
		if label := e.label(opColumns); label != "" {
			arrow += "|\"" + mermaidText(label) + "\"|"
		}
		fmt.Fprintf(w, "  n%d %s n%d\n", e.from, arrow, e.to)
	}
	if len(external) > 0 {
		fmt.Fprintf(w, "  classDef external stroke-dasharray:6 4\n  class %s external\n", strings.Join(external, ","))
	}
	if len(bottleneck) > 0 {
		fmt.Fprintf(w, "  classDef bottleneck stroke:%s,stroke-width:3px\n  class %s bottleneck\n", hex(palette[1].color), strings.Join(bottleneck, ","))
	}
	return w.Flush()
}

// mermaidText returns s so that Mermaid shows it as it is between quotes: what
// is neither a letter, nor a digit, nor among a few marks that mean nothing to
// it stands there by its number.
func mermaidText(s string) string {
	const harmless = " .,_-/()+×="
	var b strings.Builder
	last := rune(0)
	for _, r := range visible(s) {
		switch {
		case r == '%' && last == ' ', // of a figure; a directive has two of them
			unicode.In(r, unicode.Letter, unicode.Mark, unicode.Number), strings.ContainsRune(harmless, r):
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, "#%d;", r)
		}
		last = r
	}
	return b.String()
}

// dotShapes are the attributes of a node, by its kind.
var dotShapes = map[string]string{
	"client": `, style=rounded`, "load_balancer": `, shape=octagon`, "cache": `, shape=box3d`, "database": `, shape=cylinder`,
	"queue": `, shape=cds`, "cdn": `, style=rounded, peripheries=2`, "external": `, style=dashed`,
}

// dot writes g in the language of Graphviz.
func (g *graph) dot(out io.Writer) error {
	w := bufio.NewWriter(out)
	fmt.Fprintln(w, "digraph topology {")
	fmt.Fprintln(w, "  rankdir=LR")
	if g.title != "" {
		fmt.Fprintf(w, "  label=%s\n  labelloc=t\n", dotText(g.title))
	}
	fmt.Fprintln(w, `  node [shape=box, fontname="Helvetica", fontsize=11]`)
	fmt.Fprintln(w, `  edge [fontname="Helvetica", fontsize=10]`)
	for i := range g.nodes {
		n := &g.nodes[i]
		look := dotShapes[n.kind]
		if n.bottleneck {
			look += fmt.Sprintf(", color=%q, penwidth=3", hex(palette[1].color))
		}
		fmt.Fprintf(w, "  n%d [label=%s%s]\n", i, dotText(n.lines()...), look)
	}
	for i := range g.edges {
		e := &g.edges[i]
		label := ""
		if text := e.label(opColumns); text != "" {
			label = " [label=" + dotText(text) + "]"
		}
		fmt.Fprintf(w, "  n%d -> n%d%s\n", e.from, e.to, label)
	}
	fmt.Fprintln(w, "}")
	return w.Flush()
}

// dotText is a text of lines between quotes. Graphviz knows escapes with a
// backslash, and the entities of HTML.
func dotText(lines ...string) string {
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "&", "&amp;")
	escaped := make([]string, len(lines))
	for i, line := range lines {
		escaped[i] = escape.Replace(line)
	}
	return `"` + strings.Join(escaped, `\n`) + `"`
}
