package reports

import (
	"image/color"
	"strconv"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A canvasPen draws on what gonum draws on: images and PDF.
type canvasPen struct {
	canvas draw.Canvas
	height vg.Length // of the picture: a canvas counts from below
}

// begin and end do nothing: there is nobody who could point at the marks.
func (p *canvasPen) begin(string) {}
func (p *canvasPen) end()         {}

// at is a place on the canvas.
func (p *canvasPen) at(x, y float64) vg.Point {
	return vg.Point{X: vg.Length(x), Y: p.height - vg.Length(y)}
}

// round4 is how far from its ends the handles of a curve are that is a quarter
// of a circle of radius 1, to three parts in ten thousand: 4/3 (√2 − 1).
const round4 = 0.5522847498

func (p *canvasPen) path(w way, l look) {
	var path vg.Path
	var x, y float64
	for _, s := range w {
		n := make([]float64, len(s.to))
		for i, c := range s.to {
			n[i] = float64(c)
		}
		switch s.command {
		case 'M':
			x, y = n[0], n[1]
			path.Move(p.at(x, y))
		case 'L':
			x, y = n[0], n[1]
			path.Line(p.at(x, y))
		case 'H':
			x = n[0]
			path.Line(p.at(x, y))
		case 'V':
			y = n[0]
			path.Line(p.at(x, y))
		case 'C':
			x, y = n[4], n[5]
			path.CubeTo(p.at(n[0], n[1]), p.at(n[2], n[3]), p.at(x, y))
		case 'A':
			p.halfEllipse(&path, x, n[5], y, n[1], n[4] == 1)
			x, y = n[5], n[6]
		case 'Z':
			path.Close()
		}
	}
	p.ink(path, l)
}

// halfEllipse goes from x to another at the same y, over the upper half where
// that is clockwise, else over the lower.
func (p *canvasPen) halfEllipse(path *vg.Path, from, to, y, half float64, clockwise bool) {
	if clockwise == (to > from) {
		half = -half
	}
	middle, pull := (from+to)/2, round4*(to-from)/2
	path.CubeTo(p.at(from, y+round4*half), p.at(middle-pull, y+half), p.at(middle, y+half))
	path.CubeTo(p.at(middle+pull, y+half), p.at(to, y+round4*half), p.at(to, y))
}

func (p *canvasPen) rect(x, y, height, radius int, width float64, l look) {
	left, top, r := float64(x), float64(y), float64(radius)
	right, bottom, pull := left+width, top+float64(height), (1-round4)*float64(radius)
	var path vg.Path
	path.Move(p.at(left+r, top))
	path.Line(p.at(right-r, top))
	path.CubeTo(p.at(right-pull, top), p.at(right, top+pull), p.at(right, top+r))
	path.Line(p.at(right, bottom-r))
	path.CubeTo(p.at(right, bottom-pull), p.at(right-pull, bottom), p.at(right-r, bottom))
	path.Line(p.at(left+r, bottom))
	path.CubeTo(p.at(left+pull, bottom), p.at(left, bottom-pull), p.at(left, bottom-r))
	path.Line(p.at(left, top+r))
	path.CubeTo(p.at(left, top+pull), p.at(left+pull, top), p.at(left+r, top))
	path.Close()
	p.ink(path, l)
}

// ink fills a path, and strokes it.
func (p *canvasPen) ink(path vg.Path, l look) {
	if l.fill != nil {
		p.canvas.SetColor(l.fill.color)
		p.canvas.Fill(path)
	}
	if l.stroke == nil {
		return
	}
	width, err := strconv.ParseFloat(l.width, 64)
	if err != nil {
		panic("reports: a line of no width: " + l.width)
	}
	p.canvas.SetColor(l.stroke.color)
	p.canvas.SetLineWidth(vg.Length(width))
	if l.dashed {
		p.canvas.SetLineDash([]vg.Length{6, 4}, 0)
	} else {
		p.canvas.SetLineDash(nil, 0)
	}
	p.canvas.Stroke(path)
}

func (p *canvasPen) words(text string, at spot, size int, bold bool, ink swatch) {
	f := lettersOf(vg.Length(size))
	if bold {
		f.Weight = boldWeight
	}
	face := font.DefaultCache.Lookup(f, f.Size)
	where := p.at(float64(at.x), float64(at.y))
	switch at.anchor {
	case "middle":
		where.X -= face.Width(text) / 2
	case "end":
		where.X -= face.Width(text)
	}
	p.canvas.SetColor(color.Color(ink.color))
	p.canvas.FillString(face, where, text)
}
