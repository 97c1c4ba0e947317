package reports

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // for what all pages share
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strconv"

	"github.com/capsim/capsim/internal/result"
)

//go:embed page/style.css
var ownStyle string

//go:embed page/parts.tmpl
var partsPage string

//go:embed page/charts.js
var chartsScript string

// The vendored library that draws the charts that answer to the pointer (see
// NOTICE). It needs no eval, and sets styles only where a strict policy lets
// it.
//
//go:embed page/vendor/uplot.min.js
var uplotScript string

//go:embed page/vendor/uplot.min.css
var uplotStyle string

// styleSheet is that of every page: ours comes last and wins.
var styleSheet = uplotStyle + "\n" + ownStyle

// A frame is what all pages have.
type frame struct {
	Title   string
	Policy  string
	Style   template.CSS
	Scripts []template.JS // none on a page without a chart to point at
	Charts  []drawnChart
	Notes   []string
}

func newFrame(title string) frame {
	f := frame{Title: titleOf(title), Style: template.CSS(styleSheet)}
	f.setPolicy()
	return f
}

// setPolicy forbids everything but the style sheet and the scripts, which it
// knows by their hashes. A picture may come from a data address: a browser asks
// for an icon of the page, and none is better than a request.
func (f *frame) setPolicy() {
	f.Policy = "default-src 'none'"
	if len(f.Scripts) > 0 {
		f.Policy += "; script-src"
		for _, s := range f.Scripts {
			f.Policy += " " + sourceHash(string(s))
		}
	}
	f.Policy += "; style-src " + sourceHash(string(f.Style)) + "; img-src data:; base-uri 'none'; form-action 'none'"
}

// sourceHash is how a Content-Security-Policy names a text.
func sourceHash(text string) string {
	digest := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(digest[:]) + "'"
}

// A drawnChart is a chart as it stands on a page.
type drawnChart struct {
	ID, Title, Remark string
	SVG               template.HTML
	Live              *liveChart

	picture *picture
}

// chart draws p, if there is anything to show.
func (f *frame) chart(id string, p *picture) error {
	c, err := drawChart(id, p)
	if err != nil || c == nil {
		return err
	}
	f.Charts = append(f.Charts, *c)
	if c.Live != nil {
		f.runScripts()
	}
	return nil
}

// runScripts lets the scripts run.
func (f *frame) runScripts() {
	if len(f.Scripts) == 0 {
		f.Scripts = []template.JS{template.JS(uplotScript), template.JS(chartsScript)}
		f.setPolicy()
	}
}

// drawChart draws p, nil if there is nothing to show.
func drawChart(id string, p *picture) (*drawnChart, error) {
	if p == nil {
		return nil, nil
	}
	p.id = id
	svg, err := p.svg()
	if err != nil {
		return nil, err
	}
	// restyled escaped every text in it and let only known elements through.
	return &drawnChart{ID: id, Title: p.title, Remark: p.remark, SVG: template.HTML(svg), Live: p.live(), picture: p}, nil
}

// writePage fills a page and writes it in one piece, so that an error leaves
// nothing half written.
func writePage(w io.Writer, text string, view any) error {
	t := template.New("page").Funcs(template.FuncMap{"inc": func(i int) int { return i + 1 }, "shown": shownTo(w)})
	for _, part := range []string{partsPage, text} {
		if _, err := t.Parse(part); err != nil {
			return fmt.Errorf("reports: %w", err)
		}
	}
	var page bytes.Buffer
	if err := t.Execute(&page, view); err != nil {
		return fmt.Errorf("reports: %w", err)
	}
	_, err := w.Write(page.Bytes())
	return err
}

// A section is charts under a heading.
type section struct {
	Title  string
	Charts []drawnChart
}

// drawResult draws the charts of r: those that were there before, of what
// drifts, come first.
func (v *resultView) drawResult(r *result.Result) error {
	for _, g := range chartGroups {
		f := frame{}
		for _, c := range g.charts {
			if err := f.chart(c.id, c.draw(r)); err != nil {
				return err
			}
		}
		if len(f.Charts) > 0 {
			v.Sections = append(v.Sections, section{g.title, f.Charts})
			v.alive(f.Charts)
		}
	}
	for i, p := range spentCharts(r) {
		f := frame{}
		if err := f.chart("spent-"+strconv.Itoa(i+1), p); err != nil {
			return err
		}
		v.SpentCharts = append(v.SpentCharts, f.Charts...)
	}
	f := frame{}
	if err := f.chart("cost", costChart(r)); err != nil {
		return err
	}
	v.CostCharts = f.Charts
	return nil
}

// alive lets the scripts run if one of the charts is for them.
func (f *frame) alive(charts []drawnChart) {
	if slices.ContainsFunc(charts, func(c drawnChart) bool { return c.Live != nil }) {
		f.runScripts()
	}
}

// A drawnDesign is a topology on a page about something else.
type drawnDesign struct {
	Title   string
	Picture *drawnGraph
	Source  string
}

// drawDesign draws what was simulated.
func drawDesign(title string, r *result.Result) (drawnDesign, error) {
	picture, err := topologyPicture(r)
	if err != nil {
		return drawnDesign{}, err
	}
	return drawnDesign{title, picture, sourceLines(r)}, nil
}
