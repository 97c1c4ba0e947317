package manual

import (
	"slices"
	"strings"

	"github.com/capsim/capsim/models/arrival"
	"github.com/capsim/capsim/models/balance"
	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/evict"
	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/topologies"
)

// literalPages are the literals that some of the keys take.
func literalPages(keys []*Page) []*Page {
	var pages []*Page
	for _, row := range kind.Literals() {
		users := takers(keys, &row)
		if len(users) == 0 {
			continue
		}
		names := make([]string, len(users))
		for i, p := range users {
			names[i] = p.Path
		}
		pages = append(pages, &Page{
			Path: row.Name, Sort: "a literal", Doc: row.Doc, Example: users[0].Example,
			Facts: []Fact{{"Unit", row.Units}, {"Written", strings.Join(row.Examples, ", ")}, {"Taken by", strings.Join(names, ", ")}},
		})
	}
	return pages
}

// takers are the keys that take a literal: those whose type lists it, and of
// sizes those that vary.
func takers(keys []*Page, row *kind.LiteralRow) []*Page {
	var users []*Page
	for _, p := range keys {
		forms := alternatives(p.field.Type)
		switch {
		case slices.Contains(forms, row.Type()),
			row.Name == "count" && (slices.Contains(forms, "an integer") || slices.Contains(forms, "a whole number")),
			slices.Contains(forms, "a distribution of "+row.Type()) && row.Name != "duration":
			users = append(users, p)
		}
	}
	return users
}

// alternatives are the forms that a type lists.
func alternatives(text string) []string {
	text = strings.ReplaceAll(text, ", or ", ", ")
	text = strings.ReplaceAll(text, " or ", ", ")
	return strings.Split(text, ", ")
}

// distributionPages are the distributions, those of one name on pages of
// their own if they are of different quantities.
func distributionPages() []*Page {
	var pages []*Page
	seen := map[string]bool{}
	for _, q := range []dist.Quantity{dist.Time, dist.Size, dist.Count, dist.Key} {
		for _, row := range dist.Table(q) {
			if key := row.Name + row.Doc; !seen[key] {
				seen[key] = true
				pages = append(pages, distributionPage(&row, q))
			}
		}
	}
	return pages
}

func distributionPage(row *dist.Row, q dist.Quantity) *Page {
	var of, forms []string
	for _, each := range []dist.Quantity{dist.Time, dist.Size, dist.Count, dist.Key} {
		if row.Fits(each) {
			of = append(of, each.String())
		}
	}
	page := &Page{Path: row.Name, Sort: "a distribution of " + strings.Join(of, ", "), Doc: row.Doc}
	for _, p := range row.Parameters {
		form := p.Form
		if p.Name != "" {
			form = p.Name + "=" + form
		}
		doc := p.Doc
		if p.Optional {
			doc += " (may be left out)"
		}
		forms = append(forms, form)
		page.Rows = append(page.Rows, Row{form, doc})
	}
	page.Facts = append(page.Facts, Fact{"Written", row.Name + " " + strings.Join(forms, " ")})
	if row.Source != "" {
		page.Facts = append(page.Facts, Fact{"Source", row.Source})
	}
	key, header := "{ cpu = ", "on.request = ["
	end := " }]"
	table := stepHeader
	switch {
	case q == dist.Key:
		key, header, end, table = "keys = ", "", "", "[client.users]"
	case q == dist.Count:
		key, end = "{ repeat = ", ", steps = [{ cpu = \"exp 2ms\" }] }]"
	}
	lines := []string{table}
	for i, example := range row.Examples {
		if q != dist.Key || i == 0 {
			lines = append(lines, operation(header, i)+key+kind.QuoteText(example)+end)
		}
	}
	page.Example = strings.Join(lines, "\n")
	page.See = []string{"distributions"}
	return page
}

// operation names the operations of an example that has several.
func operation(header string, i int) string {
	if i > 0 {
		return strings.Replace(header, "request", "other", 1)
	}
	return header
}

// arrivalPages are the arrival processes.
func arrivalPages() []*Page {
	pages := make([]*Page, len(arrival.Table))
	for i, row := range arrival.Table {
		pages[i] = &Page{
			Path: row.Name, Sort: "an arrival process", Doc: row.Doc, See: []string{"client.arrivals"},
			Example: "[client.users]\narrivals = " + kind.QuoteText(row.Example),
		}
		if row.Source != "" {
			pages[i].Facts = []Fact{{"Source", row.Source}}
		}
	}
	return pages
}

// policyPages are the policies of balancers.
func policyPages() []*Page {
	pages := make([]*Page, len(balance.Table))
	for i, row := range balance.Table {
		pages[i] = &Page{
			Path: row.Name, Sort: "a balancing policy", Doc: sentence(row.Doc), See: []string{"load_balancer.policy"},
			Example: "[load_balancer.lb]\npolicy = " + kind.QuoteText(row.Name),
			Facts:   []Fact{{"Source", row.Source}, {"Weights", weights(row)}},
		}
		for _, setting := range row.Settings {
			pages[i].See = append(pages[i].See, "load_balancer."+setting)
		}
	}
	return pages
}

// evictionPages are the policies of caches.
func evictionPages() []*Page {
	pages := make([]*Page, len(evict.Table))
	for i, row := range evict.Table {
		text := row.Name
		if row.Samples != "" {
			text += " 5"
		}
		pages[i] = &Page{
			Path: "evictions." + row.Name, Sort: "an eviction policy", Doc: sentence(row.Doc), See: []string{"cache.policy"},
			Example: "[cache.redis]\ncapacity = 100_000\npolicy = " + kind.QuoteText(text),
		}
		if row.Source != "" {
			pages[i].Facts = append(pages[i].Facts, Fact{"Source", row.Source})
		}
		if row.Samples != "" {
			pages[i].Facts = append(pages[i].Facts, Fact{"The number behind it", row.Samples})
		}
	}
	return pages
}

func weights(row balance.Row) string {
	if row.Weighted {
		return "count"
	}
	return "change nothing"
}

func isPolicy(name string) bool {
	return slices.ContainsFunc(balance.Table, func(row balance.Row) bool { return row.Name == name })
}

// metricPages are the metrics of objectives.
func metricPages() []*Page {
	var pages []*Page
	for _, m := range topologies.Metrics() {
		var subjects []string
		for _, k := range m.Subjects {
			subjects = append(subjects, k.String())
		}
		if len(subjects) == 0 {
			subjects = []string{"none: it is about the whole system"}
		}
		name := m.Name
		if name == "p" {
			name = "p99"
		}
		pages = append(pages, &Page{
			Path: "objectives." + name, Sort: "a metric of objectives", Doc: sentence(m.Doc),
			Facts: []Fact{{"Compared with", m.Measure}, {"Subjects", strings.Join(subjects, ", ")}},
			See:   []string{"objectives"}, Example: "objectives = [" + kind.QuoteText(m.Example) + "]",
		})
	}
	return pages
}

// codePages are the diagnostics.
func codePages() []*Page {
	codes := kind.Codes()
	pages := make([]*Page, len(codes))
	for i, c := range codes {
		sort := "an error"
		if c.ID[0] == 'W' {
			sort = "a warning"
		}
		pages[i] = &Page{
			Path: c.ID, Sort: sort + ": " + c.Title, Doc: c.Text, Example: c.Example,
		}
	}
	return pages
}

// limitPages is one page of all limits.
func limitPages() []*Page {
	page := &Page{Path: "limits", Sort: "a chapter of the manual", Example: "[server.app]\ninstances = 1000"}
	for _, l := range topologies.Limits() {
		page.Rows = append(page.Rows, Row{l.What, l.Value + " (" + l.Code + ")"})
	}
	return []*Page{page}
}

// numbersPage is the prose on figures, a row for each paragraph.
func numbersPage() *Page {
	page := &Page{Path: "numbers", Sort: "a chapter of the manual", Example: "capsim run topologies/hello.toml"}
	for paragraph := range strings.SplitSeq(strings.TrimSpace(numbers), "\n\n") {
		name, text, _ := strings.Cut(strings.TrimPrefix(paragraph, "**"), ".**")
		page.Rows = append(page.Rows, Row{name, strings.NewReplacer("*", "", "`", "").Replace(text)})
	}
	return page
}
