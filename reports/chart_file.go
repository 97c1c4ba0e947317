package reports

import (
	"bytes"
	"fmt"
	"image/color"
	"io"
	"regexp"
	"strconv"
	"strings"

	xfont "golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/text/encoding/charmap"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgpdf"
)

// ChartForms are the forms that a chart may have as a file.
func ChartForms() []string { return []string{"svg", "png", "pdf"} }

// A Chart is a chart of a page that can be a file of its own.
type Chart struct {
	Name  string // of the file, without its ending; nothing of a topology is in it
	sheet sheet
}

// A sheet is what is on such a file.
type sheet interface {
	size() (width, height vg.Length)
	paint(c draw.Canvas)
	svg() (string, error)
}

// Charts are the charts that a page shows, in their order, as page, one of
// the functions for HTML, draws it.
func Charts(page func(io.Writer) error) ([]Chart, error) {
	g := &gallery{}
	if err := page(g); err != nil {
		return nil, err
	}
	return g.charts, nil
}

// A gallery takes the place of the file that a page is written to, and keeps
// the charts instead of the words.
type gallery struct{ charts []Chart }

// Write implements io.Writer.
func (g *gallery) Write(page []byte) (int, error) { return len(page), nil }

// shownTo is told by a page, which is written to w, what it shows.
func shownTo(w io.Writer) func(shown any) string {
	g, collects := w.(*gallery)
	topologies := 0
	return func(shown any) string {
		if !collects {
			return ""
		}
		switch s := shown.(type) {
		case drawnChart:
			g.charts = append(g.charts, Chart{s.ID, newPictureSheet(s.picture)})
		case *drawnGraph:
			name := "topology"
			if topologies++; topologies > 1 {
				name += "-" + strconv.Itoa(topologies)
			}
			g.charts = append(g.charts, Chart{name, graphSheet{s.drawing}})
		}
		return ""
	}
}

// Write writes the chart in one of the [ChartForms]. The same chart gives the
// same bytes; of PNG, where anti-aliasing rounds, on the same kind of processor.
func (c *Chart) Write(w io.Writer, form string) error {
	var drawn []byte
	var err error
	switch form {
	case "svg":
		var s string
		s, err = c.sheet.svg()
		drawn = []byte(s)
	case "png":
		drawn, err = pngOf(c.sheet)
	case "pdf":
		drawn, err = pdfOf(c.sheet)
	default:
		err = fmt.Errorf("no such form: %s", form)
	}
	if err != nil {
		return fmt.Errorf("reports: chart %s: %w", c.Name, err)
	}
	_, err = w.Write(drawn)
	return err
}

// sharpness is the dots per inch of an image: two for each point of the page.
const sharpness = 144

func pngOf(s sheet) ([]byte, error) {
	width, height := s.size()
	canvas := vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(sharpness), vgimg.UseBackgroundColor(color.White))
	s.paint(draw.New(canvas))
	var drawn bytes.Buffer
	_, err := vgimg.PngCanvas{Canvas: canvas}.WriteTo(&drawn)
	return drawn.Bytes(), err
}

func pdfOf(s sheet) ([]byte, error) {
	width, height := s.size()
	canvas := vgpdf.New(width, height)
	s.paint(draw.NewCanvas(pdfCanvas{canvas}, width, height))
	var drawn bytes.Buffer
	_, err := canvas.WriteTo(&drawn)
	return timeless(drawn.Bytes()), err
}

var pdfDate = regexp.MustCompile(`/(CreationDate|ModDate) \(D:[^)]*\)`)

// timeless takes out of a PDF when it was written, which need not be there:
// the same chart must be the same file. Blanks stand in for it, since a PDF
// knows its parts by the number of their first byte.
func timeless(drawn []byte) []byte {
	return pdfDate.ReplaceAllFunc(drawn, func(date []byte) []byte { return bytes.Repeat([]byte{' '}, len(date)) })
}

// A pdfCanvas writes words right: those of Windows' code page 1252, all that
// gonum's PDF has letters for, by that page, and all others by their outlines.
type pdfCanvas struct{ *vgpdf.Canvas }

// SetColor implements vg.Canvas. What shines through must not be darkened too,
// as gonum's PDF does, which takes the parts of a colour for those without its
// alpha.
func (c pdfCanvas) SetColor(ink color.Color) {
	if ink == nil {
		ink = color.Black
	}
	c.Canvas.SetColor(unmixed(color.NRGBAModel.Convert(ink).(color.NRGBA)))
}

// unmixed is a colour that tells its parts as they are without its alpha.
type unmixed color.NRGBA

// RGBA implements color.Color.
func (u unmixed) RGBA() (r, g, b, a uint32) {
	const both = 0x101 // from 8 bits to 16
	return uint32(u.R) * both, uint32(u.G) * both, uint32(u.B) * both, uint32(u.A) * both
}

// FillString implements vg.Canvas.
func (c pdfCanvas) FillString(face font.Face, at vg.Point, s string) {
	encoded, err := charmap.Windows1252.NewEncoder().String(s)
	if err != nil || face.Font.Weight != xfont.WeightNormal {
		c.Fill(outlines(face, at, s))
		return
	}
	c.Canvas.FillString(face, at, encoded)
}

// outlines are the letters of s, which begin at a place.
func outlines(face font.Face, at vg.Point, s string) vg.Path {
	var path vg.Path
	var buffer sfnt.Buffer
	unit := face.Font.Size / vg.Length(face.Face.UnitsPerEm())
	em := fixed.Int26_6(face.Face.UnitsPerEm()) // so that a unit of the font is one of the path
	for at0, letter := range s {
		start := at.X + face.Width(s[:at0])
		glyph, err := face.Face.GlyphIndex(&buffer, letter)
		if err != nil {
			continue
		}
		segments, err := face.Face.LoadGlyph(&buffer, glyph, em, nil)
		if err != nil {
			continue
		}
		point := func(p fixed.Point26_6) vg.Point {
			return vg.Point{X: start + vg.Length(p.X)*unit, Y: at.Y - vg.Length(p.Y)*unit}
		}
		for i, s := range segments {
			switch s.Op {
			case sfnt.SegmentOpMoveTo:
				if i > 0 {
					path.Close()
				}
				path.Move(point(s.Args[0]))
			case sfnt.SegmentOpLineTo:
				path.Line(point(s.Args[0]))
			case sfnt.SegmentOpQuadTo:
				path.QuadTo(point(s.Args[0]), point(s.Args[1]))
			case sfnt.SegmentOpCubeTo:
				path.CubeTo(point(s.Args[0]), point(s.Args[1]), point(s.Args[2]))
			}
		}
		if len(segments) > 0 {
			path.Close()
		}
	}
	return path
}

// boldWeight is that of headings.
const boldWeight = xfont.WeightBold

// lettersOf is the lettering of all charts.
func lettersOf(size vg.Length) font.Font {
	return font.From(font.Font{Typeface: "Liberation", Variant: "Sans"}, size)
}

// Sizes of a chart as a file, in points.
const (
	fileMargin vg.Length = 12
	titleSize            = 14
	titleRow   vg.Length = 19
	remarkRow  vg.Length = 15
	mostTitles           = 3
)

// A pictureSheet is a chart with its title above, which a page has beside it,
// and its remark below.
type pictureSheet struct {
	*picture
	heads, remarks []string
}

func newPictureSheet(p *picture) *pictureSheet {
	r := newRuler()
	return &pictureSheet{p, r.lines(visible(p.title), titleSize, int(p.width()), mostTitles), r.lines(visible(p.remark), noteSize, int(p.width()), mostTitles)}
}

func (s *pictureSheet) size() (width, height vg.Length) {
	return s.width() + 2*fileMargin, s.height() + 2*fileMargin + titleRow*vg.Length(len(s.heads)) + remarkRow*vg.Length(len(s.remarks))
}

func (s *pictureSheet) paint(c draw.Canvas) {
	style := textStyle(text.XLeft, text.YCenter)
	style.Font = lettersOf(titleSize)
	style.Color = black.color
	x, y := c.Min.X+fileMargin, c.Max.Y-fileMargin
	for _, line := range s.heads {
		c.FillText(style, vg.Point{X: x, Y: y - titleRow/2}, line)
		y -= titleRow
	}
	style.Font, style.Color = lettersOf(noteSize), soft.color
	bottom := c.Min.Y + fileMargin
	for i, line := range s.remarks {
		c.FillText(style, vg.Point{X: x, Y: bottom + remarkRow*(vg.Length(len(s.remarks)-i)-0.5)}, line)
	}
	bottom += remarkRow * vg.Length(len(s.remarks))
	s.picture.paint(draw.Crop(c, fileMargin, -fileMargin, bottom-c.Min.Y, y-c.Max.Y))
}

func (s *pictureSheet) svg() (string, error) {
	width, height := s.size()
	canvas := newTitledCanvas(width, height)
	s.paint(draw.New(canvas))
	var drawn bytes.Buffer
	if _, err := canvas.WriteTo(&drawn); err != nil {
		return "", err
	}
	clean, err := restyled(drawn.Bytes(), "chart", visible(s.title), canvas.titles)
	if err != nil {
		return "", err
	}
	w, h := tenths(float64(width)), tenths(float64(height))
	clean = strings.Replace(clean, ` class="chart"`, fmt.Sprintf(` width="%s" height="%s"`, w, h), 1)
	before, after, _ := strings.Cut(clean, "</title>\n")
	p := &svgPen{}
	p.text("style", darkness())
	p.element("rect", append([]string{"width", w, "height", h}, filled(paper).attributes()...)...)
	return before + "</title>\n" + p.out.String() + "\n" + after, nil
}

// A graphSheet is the picture of a topology.
type graphSheet struct{ *drawing }

func (s graphSheet) size() (width, height vg.Length) {
	return vg.Length(s.width), vg.Length(s.height)
}

func (s graphSheet) paint(c draw.Canvas) {
	s.draw(&canvasPen{c, c.Max.Y})
}

func (s graphSheet) svg() (string, error) { return s.alone(), nil }

var (
	darkBlock = regexp.MustCompile(`(?s)@media \(prefers-color-scheme: dark\) \{\s*:root \{(.*?)\}`)
	darkColor = regexp.MustCompile(`--([a-z]+): (#[0-9a-f]{6});`)
)

// darkness is the style sheet of a picture that stands by itself: the colours
// that the pages have in the dark. By day its own are those of its attributes.
func darkness() string {
	var b strings.Builder
	b.WriteString("@media (prefers-color-scheme: dark) {")
	for _, c := range darkColor.FindAllStringSubmatch(darkBlock.FindString(ownStyle), -1) {
		fmt.Fprintf(&b, " .fill-%s { fill: %s; } .stroke-%s { stroke: %s; }", c[1], c[2], c[1], c[2])
	}
	b.WriteString(" }")
	return b.String()
}
