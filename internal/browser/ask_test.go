//go:build browser

package browser

import (
	"os"
	"sync"
	"time"
)

// contents is what a page shows.
type contents struct {
	Title, Language, Policy string
	Figures                 []figure
	Tables                  int
	Dangling, Twice         []string
}

// A figure is a chart on a page; Width and Height are in pixels.
type figure struct {
	ID, Caption   string
	Width, Height float64
	Marks, Words  int
}

// contentsOf is a contents.
const contentsOf = `(() => {
	const all = (where, what) => [...where.querySelectorAll(what)];
	const seen = e => e.checkVisibility() && e.getBoundingClientRect().width > 0;
	const ids = all(document, "[id]").map(e => e.id);
	return {
		Title: document.title,
		Language: document.documentElement.lang,
		Policy: document.querySelector("meta[http-equiv=Content-Security-Policy]")?.content ?? "",
		Figures: all(document, "figure").filter(seen).map(f => {
			const drawing = all(f, "svg, canvas").filter(seen)[0];
			const box = drawing?.getBoundingClientRect() ?? {width: 0, height: 0};
			const svg = f.querySelector("svg");
			return {
				ID: f.id, Caption: (f.querySelector("figcaption") ?? f.querySelector("svg > title"))?.textContent ?? "",
				Width: box.width, Height: box.height,
				Marks: svg ? all(svg, "path, rect, circle, line, polyline, polygon").length : 0,
				Words: svg ? all(svg, "text").length : 0,
			};
		}),
		Tables: all(document, "table").filter(e => seen(e) && !e.closest("figure")).length, // what reads the pointer has its own
		Dangling: all(document, "a[href^='#'], use").map(e => e.getAttribute("href")).filter(h => h && !ids.includes(h.slice(1))),
		Twice: ids.filter((id, i) => ids.indexOf(id) !== i),
	};
})()`

// tooWide is what makes the page wider than its window, so that the reader
// has to scroll sideways: a few elements, the innermost ones first. What
// scrolls inside a box of its own does not.
const tooWide = `(() => {
	const root = document.documentElement;
	if (Math.max(root.scrollWidth, document.body.scrollWidth) <= root.clientWidth) return [];
	const out = [...document.body.querySelectorAll("*")].filter(e => e.getBoundingClientRect().right > root.clientWidth + 0.5);
	const name = e => e.tagName.toLowerCase() + (e.id && "#" + e.id) + " to " + Math.round(e.getBoundingClientRect().right);
	return [...out.reverse().slice(0, 5).map(name), "page to " + root.scrollWidth];
})()`

// barriersOf is what axe-core finds serious or worse: the rule, the elements,
// and why.
const barriersOf = `axe.run(document, {resultTypes: ["violations"]}).then(r => r.violations
	.filter(v => ["serious", "critical"].includes(v.impact))
	.map(v => v.impact + " " + v.id + ": " + v.nodes.length + " of " + v.nodes.slice(0, 3).map(n =>
		n.target.join(" ") + " " + n.html.slice(0, 120) + " (" + [...n.any, ...n.all, ...n.none].map(c => c.message).join("; ").slice(0, 300) + ")").join(", ")))`

// axe is axe-core, which knows what people who cannot see well, or use no
// mouse, trip over.
var axe = sync.OnceValues(func() ([]byte, error) { return os.ReadFile("testdata/axe.min.js") })

// problems is what is wrong with the page as it stands in its window, with
// barriers or without, which take a second to find.
func (t *tab) problems(barred bool) ([]string, error) {
	wide, err := t.wide()
	if err != nil {
		return nil, err
	}
	for i, w := range wide {
		wide[i] = "wider than the window: " + w
	}
	if !barred {
		return wide, nil
	}
	source, err := axe()
	if err != nil {
		return nil, err
	}
	var barriers []string
	if err := t.ask("var module = undefined, define = undefined;\n"+string(source)+";\n"+barriersOf, &barriers); err != nil {
		return nil, err
	}
	return append(wide, barriers...), nil
}

// wide is what tooWide is, once the page has come to rest: charts that answer
// to the pointer follow the width of the window a moment later.
func (t *tab) wide() (wide []string, err error) {
	for range 20 {
		if err := t.ask(tooWide, &wide); err != nil || len(wide) == 0 {
			return nil, err
		}
		time.Sleep(50 * time.Millisecond)
	}
	return wide, nil
}
