package reports

import (
	"compress/zlib"
	"fmt"
	"image/color"
	"image/png"
	"io"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/capsim/capsim/internal/result"
)

// pageOf is the page of a stored document.
func pageOf(t *testing.T, data []byte) func(io.Writer) error {
	t.Helper()
	document, err := result.ReadAny(data)
	require.NoError(t, err)
	return func(w io.Writer) error {
		switch d := document.(type) {
		case *result.Result:
			return HTML(w, d)
		case *result.Comparison:
			return ComparisonHTML(w, d)
		case *result.WhatIf:
			return WhatIfHTML(w, d)
		case *result.DrillReport:
			return DrillHTML(w, d)
		case *result.DrillMap:
			return MapHTML(w, d)
		case *result.Stress:
			return StressHTML(w, d)
		case *result.Sweep:
			return SweepHTML(w, d)
		case *result.Plan:
			return PlanHTML(w, d)
		case *result.Soak:
			return SoakHTML(w, d)
		case *result.Report:
			return ReportHTML(w, d)
		case *result.Estimates:
			return EstimateHTML(w, d)
		}
		return fmt.Errorf("nothing draws a page of a %T", document)
	}
}

var (
	figureID = regexp.MustCompile(`<figure[^>]* id="chart-([^"]+)"`)
	fileName = regexp.MustCompile(`^[a-z0-9.-]+$`)
)

func TestTheChartsOfAPageAreThoseThatItShows(t *testing.T) {
	all := storedDocuments(t)
	for _, name := range sorted(all) {
		page := pageOf(t, all[name])
		charts, err := Charts(page)
		require.NoError(t, err, name)
		var got, want []string
		topologies := 0
		for _, c := range charts {
			assert.Regexp(t, fileName, c.Name, "a name of ours, fit for a file")
			assert.NotContains(t, got, c.Name, "no two in one file")
			if strings.HasPrefix(c.Name, "topology") {
				topologies++
			} else {
				got = append(got, c.Name)
			}
		}
		shown := rendered(t, page)
		for _, figure := range figureID.FindAllStringSubmatch(shown, -1) {
			want = append(want, figure[1])
		}
		assert.Equal(t, want, got, name)
		assert.Equal(t, strings.Count(shown, `role="img" class="topology`), topologies, name)
	}
}

func chartsOf(t *testing.T, name string) []Chart {
	t.Helper()
	charts, err := Charts(pageOf(t, storedDocuments(t)[name]))
	require.NoError(t, err)
	require.NotEmpty(t, charts)
	return charts
}

func TestChartsAsFilesAreTheSameBytesEachTime(t *testing.T) {
	again := chartsOf(t, "hostile")
	for i, c := range chartsOf(t, "hostile") {
		for _, form := range ChartForms() {
			first := rendered(t, func(w io.Writer) error { return c.Write(w, form) })
			second := rendered(t, func(w io.Writer) error { return again[i].Write(w, form) })
			assert.True(t, first == second, "%s.%s", c.Name, form)
			assert.NotEmpty(t, first)
		}
	}
	assert.ErrorContains(t, again[0].Write(io.Discard, "gif"), "no such form: gif")
}

func TestChartsAsSVGStandByThemselves(t *testing.T) {
	for _, c := range chartsOf(t, "result") {
		svg := rendered(t, func(w io.Writer) error { return c.Write(w, "svg") })
		if c.Name == "percentiles" {
			golden(t, filepath.Join("testdata", "golden", "result.percentiles.svg"), svg)
		}
		assert.Regexp(t, `^<svg xmlns="http://www.w3.org/2000/svg" role="img" [^>]*width="\d+"`, svg)
		assert.Equal(t, 1, strings.Count(svg, "<style>@media (prefers-color-scheme: dark)"))
		assert.Contains(t, svg, `fill="#FFFFFF" class="fill-paper"`, "on paper")
		assert.NotContains(t, svg, "style=")
		if s, ok := c.sheet.(*pictureSheet); ok {
			assert.Contains(t, svg, ">"+escaped(s.heads[0])+"</text>", "with its title")
		}
	}
}

func TestChartsAsPNGAreSharpAndOnWhite(t *testing.T) {
	for _, c := range chartsOf(t, "result") {
		image, err := png.Decode(strings.NewReader(rendered(t, func(w io.Writer) error { return c.Write(w, "png") })))
		require.NoError(t, err, c.Name)
		width, height := c.sheet.size()
		assert.Equal(t, 2*int(width), image.Bounds().Dx(), c.Name)
		assert.InDelta(t, 2*float64(height), image.Bounds().Dy(), 1, c.Name)
		assert.Equal(t, color.RGBAModel.Convert(color.White), color.RGBAModel.Convert(image.At(0, 0)), c.Name)
		if g, ok := c.sheet.(graphSheet); ok {
			busyPixels(t, g, func(x, y int) color.RGBA { return color.RGBAModel.Convert(image.At(x, y)).(color.RGBA) })
		}
	}
}

// busyPixels looks at the bar of the bottleneck: full as far as it was busy,
// empty behind.
func busyPixels(t *testing.T, g graphSheet, at func(x, y int) color.RGBA) {
	t.Helper()
	looked := false
	for n := range g.nodes {
		if !g.nodes[n].bottleneck {
			continue
		}
		s, b := &g.slots[n], &g.boxes[n]
		rows := nameSize + nameRow - 1 + noteRow + noteRow*len(b.detail) + barRoom - barHeight/2
		y := s.y + (s.height-b.content)/2 + rows
		end := float64(s.x+b.inset) + *g.nodes[n].busy*float64(s.width-2*b.inset)
		assert.Equal(t, palette[1].color, at(2*(s.x+b.inset+1), 2*y), "its beginning")
		assert.Equal(t, palette[1].color, at(int(2*(end-1)), 2*y), "its end")
		assert.Equal(t, rule.color, at(int(2*(end+1)), 2*y), "what was free")
		looked = true
	}
	assert.True(t, looked)
}

var (
	pdfObject = regexp.MustCompile(`(?m)^(\d{10}) 00000 n`)
	pdfStream = regexp.MustCompile(`(?s)/Filter /FlateDecode /Length (\d+)>>\nstream\n`)
)

// readPDF checks that a PDF finds its parts, and returns what is drawn.
func readPDF(t *testing.T, pdf string) string {
	t.Helper()
	assert.True(t, strings.HasPrefix(pdf, "%PDF-1."))
	assert.True(t, strings.HasSuffix(strings.TrimSpace(pdf), "%%EOF"))
	objects := pdfObject.FindAllStringSubmatch(pdf, -1)
	require.NotEmpty(t, objects)
	for i, o := range objects {
		offset, err := strconv.Atoi(o[1])
		require.NoError(t, err)
		assert.True(t, strings.HasPrefix(pdf[offset:], strconv.Itoa(i+1)+" 0 obj"), "object %d", i+1)
	}
	var all strings.Builder
	for _, at := range pdfStream.FindAllStringSubmatchIndex(pdf, -1) {
		length, err := strconv.Atoi(pdf[at[2]:at[3]])
		require.NoError(t, err)
		unpacked, err := zlib.NewReader(strings.NewReader(pdf[at[1] : at[1]+length]))
		require.NoError(t, err)
		_, err = io.Copy(&all, unpacked)
		require.NoError(t, err)
	}
	return all.String()
}

// A PDF says when it was made, unless it is kept from that.
func TestChartsAsPDFDoNotSayWhen(t *testing.T) {
	for _, c := range chartsOf(t, "result") {
		pdf := rendered(t, func(w io.Writer) error { return c.Write(w, "pdf") })
		assert.NotContains(t, pdf, "(D:")
		assert.NotContains(t, pdf, "Date")
		if s, ok := c.sheet.(*pictureSheet); ok {
			assert.Contains(t, readPDF(t, pdf), "("+strings.NewReplacer("(", `\(`, ")", `\)`).Replace(s.heads[0])+")Tj", "words are words")
		} else {
			assert.Contains(t, readPDF(t, pdf), "(server \xd7 4)Tj", "in the code page of the font")
		}
	}
	dated := []byte("<</Producer (x)\n/CreationDate (D:20261127022400)\n/ModDate (D:20261127022400)>>")
	assert.Equal(t, "<</Producer (x)\n"+strings.Repeat(" ", 32)+"\n"+strings.Repeat(" ", 27)+">>", string(timeless(dated)))
}

// lettersSheet is a line of words.
type lettersSheet struct{ words string }

func (lettersSheet) size() (width, height vg.Length) { return 200, 20 }
func (lettersSheet) svg() (string, error)            { return "", nil }
func (s lettersSheet) paint(c draw.Canvas) {
	c.FillString(font.DefaultCache.Lookup(lettersOf(12), 12), vg.Point{X: 5, Y: 5}, s.words)
}

func TestEveryLetterIsInThePDF(t *testing.T) {
	drawn := func(words string) string {
		pdf, err := pdfOf(lettersSheet{words})
		require.NoError(t, err)
		return readPDF(t, string(pdf))
	}
	assert.Contains(t, drawn("5 µs ± 2 × €"), "(5 \xb5s \xb1 2 \xd7 \x80)Tj")
	for _, words := range []string{"−5", "λ → ∞", "Ёлка", "日本"} {
		outlined := drawn(words)
		assert.NotContains(t, outlined, "Tj", words)
		assert.Greater(t, strings.Count(outlined, " l\n")+strings.Count(outlined, " c\n"), 4, words)
	}
}

// What shines through is as bright in a PDF as elsewhere.
func TestTheColoursOfAPDFAreNotDarkened(t *testing.T) {
	half := color.RGBA{R: 0x40, G: 0x20, B: 0, A: 0x80} // of 80 40 00
	r, g, b, a := unmixed(color.NRGBAModel.Convert(half).(color.NRGBA)).RGBA()
	assert.InDeltaSlice(t, []float64{0x80, 0x40, 0, 0x80}, []float64{float64(r >> 8), float64(g >> 8), float64(b >> 8), float64(a >> 8)}, 1)
}

func TestLinesOfWordsFitAndSayThatMoreIsMissing(t *testing.T) {
	r := newRuler()
	assert.Empty(t, r.lines("", 10, 100, 2))
	assert.Equal(t, []string{"4 cores, 64 workers,", "backlog 200"}, r.lines("4 cores, 64 workers, backlog 200", 11, 110, 2))
	for _, words := range []string{strings.Repeat("x", 300), strings.Repeat("word, ", 50), strings.Repeat("word ", 50), "a, " + strings.Repeat("y", 200)} {
		lines := r.lines(words, 11, 110, 2)
		assert.LessOrEqual(t, len(lines), 2)
		for _, line := range lines {
			assert.LessOrEqual(t, r.width(line, 11, false), 110)
		}
		assert.True(t, strings.HasSuffix(lines[len(lines)-1], "…"), "%q", lines)
	}
	assert.Equal(t, 12, r.width("日", 12, false), "a wide letter is a whole em")
	assert.Equal(t, r.width("n", 12, false), r.width("n\u0301", 12, false), "a mark takes no room")
}
