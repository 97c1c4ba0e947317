package reports

import (
	"errors"
	"html/template"
	"image/color"
	"strconv"
	"strings"

	"github.com/capsim/capsim/internal/result"
)

// ErrLargeGraph says that a topology has too much in it for a picture.
var ErrLargeGraph = errors.New("more nodes, or longer ways between them, than a picture can bear: at most 200 nodes")

// What a picture can bear. Somebody else's layout may bear more.
const (
	mostPictured = 200   // nodes
	mostThreads  = 4_000 // nodes, and places where a wire passes through a layer
)

// Lettering and boxes of the picture of a topology, in points.
const (
	nameSize    = 13
	noteSize    = 12
	opSize      = 12
	nameRow     = 17
	noteRow     = 15
	barRoom     = 12 // for the bar of how busy a node was
	barHeight   = 6
	boxPadding  = 12
	narrowest   = 104 // box
	widest      = 190 // box
	noteWidth   = 164 // of a line of the detail
	detailLines = 2
	opColumns   = 26
	arrowLength = 8
	arrowHalf   = 4
	bowl        = 8 // height of half the lid of a cylinder
)

// The colours of a topology, beside those of the charts.
var (
	black    = swatch{"text", color.RGBA{0x1c, 0x21, 0x27, 0xff}}
	soft     = swatch{"soft", color.RGBA{0x56, 0x60, 0x6b, 0xff}}
	paper    = swatch{"paper", color.RGBA{0xff, 0xff, 0xff, 0xff}}
	cardFill = swatch{"card", color.RGBA{0xf6, 0xf7, 0xf9, 0xff}}
)

// A drawnGraph is the picture of a topology as it stands on a page.
type drawnGraph struct {
	SVG     template.HTML
	drawing *drawing
}

// phoneWidth is how wide a picture may be that a phone shows whole.
const phoneWidth = 360

// Wide says that a phone does not show the picture whole.
func (g *drawnGraph) Wide() bool { return g.drawing.width > phoneWidth }

// topologyPicture draws the topology of r, from left to right along its requests.
// Where it was run, each node shows how busy its busiest resource was, and the
// bottleneck stands out. It is nil where there is nothing to draw, or too much.
func topologyPicture(r *result.Result) (*drawnGraph, error) {
	d, err := newDrawing(graphOf(r))
	switch {
	case errors.Is(err, ErrLargeGraph):
		return nil, nil
	case err != nil || len(d.nodes) == 0:
		return nil, err
	}
	return &drawnGraph{template.HTML(d.inline()), d}, nil // every text in it is escaped
}

// A drawing is a graph on its way to SVG.
type drawing struct {
	*layout
	ruler  *ruler
	boxes  []box // of the nodes
	labels []string
}

// A box is what is written in a node.
type box struct {
	name, what, load string
	detail           []string
	inset            int // from the sides to the words
	lid              int // above the words
	content          int // height of all words
}

// newDrawing lays g out.
func newDrawing(g *graph) (*drawing, error) {
	if len(g.nodes) > mostPictured {
		return nil, ErrLargeGraph
	}
	l, ok := newLayout(g)
	if !ok {
		return nil, ErrLargeGraph
	}
	d := &drawing{layout: l, ruler: newRuler()}
	for n := range g.nodes {
		d.boxes = append(d.boxes, d.fill(n))
	}
	longest := make([]int, len(d.layers))
	for _, w := range d.wires {
		label := g.edges[w.edge].label(opColumns)
		d.labels = append(d.labels, label)
		layer := d.slots[w.slots[0]].layer
		longest[layer] = max(longest[layer], d.ruler.width(label, opSize, false))
	}
	d.place(longest)
	return d, nil
}

// fill measures what is written in a node, and its box.
func (d *drawing) fill(n int) box {
	node, s := &d.nodes[n], &d.slots[n]
	b := box{inset: boxPadding, load: node.load()}
	switch node.kind {
	case "cache", "queue", "load_balancer", "cdn":
		b.inset += 6
	case "database":
		b.lid = bowl
	}
	if node.bottleneck {
		b.load = "bottleneck: " + b.load
	}
	room := widest - 2*b.inset
	b.name = d.ruler.clipName(visible(node.name), nameSize, true, room)
	b.what = d.ruler.clip(node.what(), noteSize, false, room)
	b.load = d.ruler.clip(b.load, noteSize, true, room)
	b.detail = d.ruler.lines(visible(node.detail), noteSize, min(room, noteWidth), detailLines)
	s.width = max(d.ruler.width(b.name, nameSize, true), d.ruler.width(b.what, noteSize, false), d.ruler.width(b.load, noteSize, true))
	for _, line := range b.detail {
		s.width = max(s.width, d.ruler.width(line, noteSize, false))
	}
	s.width = max(narrowest, s.width+2*b.inset)
	b.content = nameRow + noteRow*len(b.detail)
	if b.what != "" {
		b.content += noteRow
	}
	if b.load != "" {
		b.content += noteRow + barRoom
	}
	ports := max(len(s.left), len(s.right))
	s.height = max(b.content+16+2*b.lid, ports*portGap+10+2*b.lid)
	s.height += s.height % 2
	if stacked(node) {
		s.above = stackRoom
	}
	for _, i := range d.loops {
		if d.edges[i].from == n {
			s.above = loopRoom
		}
	}
	return b
}

// stacked tells whether a node is drawn as a pile.
func stacked(n *graphNode) bool {
	return n.instances > 1 && n.kind != "database" && n.kind != "client"
}

// inline is the picture for a page, whose style sheet has its colours.
func (d *drawing) inline() string {
	return d.finish(d.open("topology" + d.deep()))
}

// deepest is how wide a picture may be that is made smaller to fit a page.
const deepest = 1500

// deep is the class of pictures that would be too small to read if they were
// squeezed into the width of a page.
func (d *drawing) deep() string {
	if d.width > deepest {
		return " deep"
	}
	return ""
}

// alone is the picture as a file of its own, on paper.
func (d *drawing) alone() string {
	p := d.open("")
	p.text("style", darkness())
	p.rect(0, 0, d.height, 0, float64(d.width), filled(paper))
	return d.finish(p)
}

// open begins the picture and says what it is.
func (d *drawing) open(class string) *svgPen {
	p := &svgPen{}
	p.out.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" role="img"`)
	if class != "" {
		p.attributes("class", class)
	}
	width, height := strconv.Itoa(d.width), strconv.Itoa(d.height)
	p.attributes("viewBox", "0 0 "+width+" "+height, "width", width, "height", height, "font-family", lettering)
	p.out.WriteString(">")
	p.text("title", d.headline())
	p.text("desc", d.description())
	return p
}

// finish draws all, and closes the picture.
func (d *drawing) finish(p *svgPen) string {
	p.out.WriteString("\n")
	d.draw(p)
	p.out.WriteString("</svg>\n")
	return p.out.String()
}

// mostDescribed is how many nodes the description of a picture has.
const mostDescribed = 40

// description tells the picture to those who cannot see it.
func (d *drawing) description() string {
	var said []string
	for n := range d.nodes {
		if n == mostDescribed {
			said = append(said, "and "+strconv.Itoa(len(d.nodes)-n)+" more nodes")
			break
		}
		line := d.nodes[n].whole()
		var targets []string
		for i := range d.edges {
			if d.edges[i].from == n {
				targets = append(targets, visible(d.nodes[d.edges[i].to].name))
			}
		}
		if len(targets) > 0 {
			line += "; sends to " + strings.Join(targets, ", ")
		}
		said = append(said, line)
	}
	return strings.Join(said, ". ") + "."
}

// draw draws what is in the picture: wires, and on top of them the nodes.
func (d *drawing) draw(p pen) {
	starts, ends := d.ports(true), d.ports(false)
	for i := range d.wires {
		d.wire(p, i, starts[i], ends[i])
	}
	for _, i := range d.loops {
		d.loop(p, i)
	}
	for n := range d.nodes {
		d.box(p, n)
	}
}
