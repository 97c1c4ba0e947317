package reports

import (
	"bytes"
	"encoding/xml"
	"strconv"
)

// A pen draws the marks of a topology: on paper of its own kind. Places are in
// points from the upper left corner.
type pen interface {
	// begin and end put a few marks under one title.
	begin(title string)
	end()
	path(w way, l look)
	rect(x, y, height, radius int, width float64, l look)
	words(text string, at spot, size int, bold bool, color swatch)
}

// A look is how a surface is filled and bordered.
type look struct {
	fill, stroke *swatch // nil: not at all
	width        string  // of the border, in points
	dashed       bool
}

// A spot is where words stand: on a line at y, at x with their beginning,
// middle or end.
type spot struct {
	x, y   int
	anchor string // "", "middle" or "end"
}

// filled is a surface without a border.
func filled(s swatch) look { return look{fill: &s} }

// stroked is a line.
func stroked(s swatch, width string) look { return look{stroke: &s, width: width} }

// bordered is a box.
func bordered(s swatch, width string) look { return look{fill: &cardFill, stroke: &s, width: width} }

// A way is the path of a line, in the commands of SVG.
type way []stride

// A stride is one of its commands: M, L, H, V, C, A or Z.
type stride struct {
	command byte
	to      []int
}

func (w *way) to(command byte, coordinates ...int) {
	*w = append(*w, stride{command, coordinates})
}

// String is the path as SVG writes it.
func (w way) String() string {
	var out []byte
	for _, s := range w {
		out = append(out, s.command)
		for i, c := range s.to {
			if i > 0 {
				out = append(out, ' ')
			}
			out = strconv.AppendInt(out, int64(c), 10)
		}
	}
	return string(out)
}

// A svgPen writes SVG: presentation attributes, and classes by which a style
// sheet may choose other colours.
type svgPen struct{ out bytes.Buffer }

func (p *svgPen) begin(title string) {
	p.out.WriteString("<g>")
	p.text("title", title)
}

func (p *svgPen) end() { p.out.WriteString("</g>\n") }

func (p *svgPen) path(w way, l look) {
	p.element("path", append([]string{"d", w.String()}, l.attributes()...)...)
}

func (p *svgPen) rect(x, y, height, radius int, width float64, l look) {
	pairs := []string{"x", strconv.Itoa(x), "y", strconv.Itoa(y), "width", tenths(width), "height", strconv.Itoa(height)}
	if radius > 0 {
		pairs = append(pairs, "rx", strconv.Itoa(radius))
	}
	p.element("rect", append(pairs, l.attributes()...)...)
}

func (p *svgPen) words(text string, at spot, size int, bold bool, color swatch) {
	pairs := []string{"x", strconv.Itoa(at.x), "y", strconv.Itoa(at.y), "font-size", strconv.Itoa(size)}
	if at.anchor != "" {
		pairs = append(pairs, "text-anchor", at.anchor)
	}
	if bold {
		pairs = append(pairs, "font-weight", "bold")
	}
	p.text("text", text, append(pairs, filled(color).attributes()...)...)
}

// attributes are those of SVG.
func (l look) attributes() []string {
	fill, class := "none", ""
	if l.fill != nil {
		fill, class = hex(l.fill.color), "fill-"+l.fill.class
	}
	pairs := []string{"fill", fill}
	if l.stroke != nil {
		if class != "" {
			class += " "
		}
		class += "stroke-" + l.stroke.class
		pairs = append(pairs, "stroke", hex(l.stroke.color), "stroke-width", l.width)
		if l.fill != nil {
			pairs = append(pairs, "stroke-linejoin", "round")
		}
	}
	if l.dashed {
		pairs = append(pairs, "stroke-dasharray", "6 4")
	}
	return append(pairs, "class", class)
}

// element writes an element without content; pairs are its attributes.
func (p *svgPen) element(name string, pairs ...string) {
	p.out.WriteString("<" + name)
	p.attributes(pairs...)
	p.out.WriteString("/>")
}

// text writes an element around words.
func (p *svgPen) text(name, words string, pairs ...string) {
	p.out.WriteString("<" + name)
	p.attributes(pairs...)
	p.out.WriteString(">")
	// Writing to a bytes.Buffer cannot fail.
	_ = xml.EscapeText(&p.out, []byte(words))
	p.out.WriteString("</" + name + ">")
}

func (p *svgPen) attributes(pairs ...string) {
	for i := 0; i < len(pairs); i += 2 {
		p.out.WriteString(" " + pairs[i] + `="`)
		_ = xml.EscapeText(&p.out, []byte(pairs[i+1]))
		p.out.WriteByte('"')
	}
}
