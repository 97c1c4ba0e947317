package manual

import (
	"fmt"
	"strings"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/models/price"
)

// wordsOf lists the words that a key takes, where they are few, or are the
// names of a list.
func wordsOf(f *kind.Field) []string {
	if f.Type == node.TypeOfMachine {
		return price.Names()
	}
	return f.Words
}

// machinePages are the machines of the price list, those of a family after
// each other; the first page lists the families.
func machinePages() []*Page {
	cover := &Page{Path: "machines", Sort: "a chapter of the manual", Example: "[server.app]\ntype = \"aws:m7i.xlarge\"\ninstances = 4"}
	cover.Rows = families()
	pages := []*Page{cover}
	for _, m := range price.Machines() {
		page := &Page{
			Path: m.Name, Sort: "a machine, for the key type of [server.NAME]",
			Doc:     fmt.Sprintf("%d %s and %s of memory.", m.Cores, plural(m.Cores, "core"), m.MemorySize()),
			Facts:   []Fact{{"cores", fmt.Sprintf("%d: vCPUs, each of which is a hardware thread", m.Cores)}},
			Example: "[server.app]\ntype = " + kind.QuoteText(m.Name),
			See:     []string{"server.type", "machines"},
		}
		if m.Network() != "" {
			page.Facts = append(page.Facts, Fact{"network", m.Network() + ": the bandwidth that it always has; more for a while is not counted on"})
		}
		page.Facts = append(page.Facts, Fact{"Memory", m.MemorySize()}, Fact{"Processor", m.Arch}, Fact{"Price", m.Price()}, Fact{"Source", m.Source})
		if m.Burstable() {
			page.Facts = append(page.Facts, Fact{"Beware", "the provider gives it all of its cores for a while only, and less in the long run; here it has all of them, always"})
		}
		pages = append(pages, page)
	}
	return pages
}

// families lists the machines, a row for those that differ in size only.
func families() []Row {
	var rows []Row
	for _, m := range price.Machines() {
		family, size := m.Family()
		name := m.Provider + ":" + family
		text := fmt.Sprintf("%s %d × %s", size, m.Cores, m.MemorySize())
		if size == fmt.Sprint(m.Cores) {
			text = fmt.Sprintf("%s × %s", size, m.MemorySize())
		}
		if i := len(rows) - 1; i >= 0 && rows[i].Name == name {
			rows[i].Doc += ", " + text
			continue
		}
		rows = append(rows, Row{name, text})
	}
	return rows
}

// familyNames are what the table of contents lists of the machines.
func familyNames() []string {
	rows := families()
	names := make([]string, len(rows))
	for i, r := range rows {
		names[i] = r.Name
	}
	return names
}

// presetPages are the presets of balancers and of queues, each figure with its
// source.
func presetPages() []*Page {
	return append(pagesOf(node.Presets, "load_balancer", "lb"), pagesOf(node.QueuePresets, "queue", "emails")...)
}

func pagesOf(presets []node.Preset, table, name string) []*Page {
	var pages []*Page
	for i := range presets {
		p := &presets[i]
		page := &Page{
			Path: p.Name, Sort: "a preset, for the key type of [" + table + ".NAME]", Doc: sentence(p.Doc),
			Example: "[" + table + "." + name + "]\ntype = " + kind.QuoteText(p.Name), See: []string{table + ".type", "presets"},
		}
		if p.Note != "" {
			page.Doc += " " + p.Note
		}
		for _, f := range p.Figures {
			page.Facts = append(page.Facts, Fact{f.Key, figureText(&f)})
		}
		pages = append(pages, page)
	}
	return pages
}

// figureText is a figure of a preset, and where it is from.
func figureText(f *node.Figure) string { return f.Value + condition(f) + ": " + reason(f) }

// condition is when a figure counts, if not always.
func condition(f *node.Figure) string {
	if !f.Within {
		return ""
	}
	table, _, _ := strings.Cut(f.Key, ".")
	return ", where the file has " + table
}

// reason is what the source of a figure says.
func reason(f *node.Figure) string {
	return fmt.Sprintf("%s (%s, read on %s)", f.Says, f.Source, f.Read)
}

// machinesOf are the pages of the machines that a provider calls so.
func (b *Book) machinesOf(model string) []*Page {
	var pages []*Page
	for _, m := range price.Machines() {
		if m.Type == model {
			pages = append(pages, b.pages[m.Name]...)
		}
	}
	return pages
}

func plural(n int, noun string) string {
	if n == 1 {
		return noun
	}
	return noun + "s"
}

// isPreset reports whether a word is the name of a preset.
func isPreset(word string) bool {
	_, balancer := node.LookUpPreset(word)
	_, queue := node.LookUpQueuePreset(word)
	return balancer || queue
}
