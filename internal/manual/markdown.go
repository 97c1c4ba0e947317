package manual

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"text/template"

	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/topologies"
)

// The prose between the tables.
var (
	//go:embed language.md.tmpl
	languageTemplate string
	//go:embed numbers.md
	numbers string
)

// Markdown is docs/language.md.
func (b *Book) Markdown() string {
	var out strings.Builder
	t := template.Must(template.New("language").Parse(languageTemplate))
	if err := t.Execute(&out, &document{b}); err != nil {
		panic("manual: the template is wrong: " + err.Error())
	}
	return out.String()
}

// document is what the template may ask for.
type document struct{ book *Book }

// section is the table of one kind of node.
type section struct {
	Path, Anchor, Text, Example string
	Keys                        string
}

// Hello is the smallest topology of the gallery.
func (*document) Hello() string { return string(topologies.Exhibit("hello.toml")) }

// Numbers is the prose on what the figures mean.
func (*document) Numbers() string { return numbers }

// Kinds are the kinds of node.
func (d *document) Kinds() []section {
	list := make([]section, len(node.Kinds))
	for i, row := range node.Kinds {
		list[i] = section{
			Path: row.Key, Anchor: row.Key + "name", Text: sentence(row.Doc), Example: row.Example, Keys: d.Keys(row.Key),
		}
	}
	return list
}

func (d *document) chapter(path string) *Chapter {
	for i := range d.book.Chapters {
		if d.book.Chapters[i].Path == path {
			return &d.book.Chapters[i]
		}
	}
	panic("manual: the template names no chapter: " + path)
}

// Chapter is the introduction of a chapter.
func (d *document) Chapter(path string) string { return d.chapter(path).Pages[0].Doc }

// table writes a table of Markdown.
func table(head []string, rows [][]string) string {
	var b strings.Builder
	line := func(cells []string) {
		for _, cell := range cells {
			cell = strings.ReplaceAll(strings.ReplaceAll(cell, "\n", " "), "|", `\|`)
			b.WriteString("| " + cell + " ")
		}
		b.WriteString("|\n")
	}
	line(head)
	b.WriteString(strings.Repeat("| --- ", len(head)) + "|\n")
	for _, row := range rows {
		line(row)
	}
	return b.String()
}

// Keys is the table of the keys of a chapter.
func (d *document) Keys(path string) string {
	var rows [][]string
	for _, p := range d.chapter(path).Pages {
		f := p.field
		if f == nil {
			continue
		}
		takes := typeText(f)
		if limits := bounds(f); limits != "" {
			takes += ", " + limits
		}
		if f.Unit != "" {
			takes += ", in " + f.Unit
		}
		rows = append(rows, []string{code(strings.TrimPrefix(p.Path, path+".")), takes, leftOut(f), meaning(p)})
	}
	return table([]string{"key", "takes", "left out", "means"}, rows)
}

// leftOut says what happens without a key.
func leftOut(f *kind.Field) string {
	switch {
	case f.Required:
		return "required"
	case f.Default != "":
		return code(f.Default)
	}
	return f.Absent
}

// meaning is the text of a key, with its formula and source, and its example.
func meaning(p *Page) string {
	text := p.Doc
	if p.field.Formula != "" {
		text += " " + p.field.Formula + "."
	}
	if p.field.Source != "" {
		text += " Source: " + strings.TrimSuffix(p.field.Source, ".") + "."
	}
	return text + " " + code(p.field.Example)
}

// code sets a text as code; a line break in it becomes a space.
func code(text string) string { return "`" + strings.ReplaceAll(text, "\n", " ") + "`" }

// Literals is the table of literals.
func (d *document) Literals() string {
	var rows [][]string
	for _, p := range d.chapter("literals").Pages[1:] {
		row := literalOf("a " + p.Path)
		examples := make([]string, len(row.Examples))
		for i, e := range row.Examples {
			examples[i] = code(e)
		}
		rows = append(rows, []string{row.Name, strings.Join(examples, ", "), row.Doc + " " + sentence(row.Units)})
	}
	return table([]string{"literal", "examples", "means"}, rows)
}

// Distributions is the table of distributions.
func (d *document) Distributions() string {
	var rows [][]string
	seen := map[string]bool{}
	for _, q := range []dist.Quantity{dist.Time, dist.Size, dist.Count, dist.Key} {
		for _, row := range dist.Table(q) {
			if seen[row.Name+row.Doc] {
				continue
			}
			seen[row.Name+row.Doc] = true
			examples := make([]string, len(row.Examples))
			for i, e := range row.Examples {
				examples[i] = code(kind.QuoteText(e))
			}
			var parameters []string
			for _, p := range row.Parameters {
				form := p.Form
				if p.Name != "" {
					form = p.Name + "=" + form
				}
				parameters = append(parameters, code(form)+" "+p.Doc)
			}
			text := row.Doc + " " + strings.Join(parameters, "; ") + "."
			if row.Source != "" {
				text += " Source: " + row.Source + "."
			}
			_, of, _ := strings.Cut(distributionPage(&row, q).Sort, " of ")
			rows = append(rows, []string{strings.Join(examples, " "), of, text})
		}
	}
	return table([]string{"literal", "of", "means"}, rows)
}

// List is the table of a chapter whose pages are words.
func (d *document) List(path string) string {
	var rows [][]string
	for _, p := range d.chapter(path).Pages[1:] {
		text := p.Doc
		for _, f := range p.Facts {
			text += " " + f.Name + ": " + strings.TrimSuffix(f.Text, ".") + "."
		}
		lines := strings.Split(p.Example, "\n")
		name := p.Path[strings.LastIndexByte(p.Path, '.')+1:]
		rows = append(rows, []string{code(name), text, code(lines[len(lines)-1])})
	}
	return table([]string{"word", "means", "example"}, rows)
}

// Presets is the table of the presets' figures.
func (*document) Presets() string {
	var rows [][]string
	all := slices.Concat(node.Presets, node.QueuePresets)
	for i := range all {
		p := &all[i]
		for k, f := range p.Figures {
			name := ""
			if k == 0 {
				name = code(p.Name) + " " + strings.TrimSpace(sentence(p.Doc)+" "+p.Note)
			}
			rows = append(rows, []string{name, code(f.Key+" = "+f.Value) + condition(&f), reason(&f)})
		}
	}
	return table([]string{"preset", "gives", "because"}, rows)
}

// Machines is the table of machines, by family.
func (*document) Machines() string {
	var rows [][]string
	for _, r := range families() {
		rows = append(rows, []string{code(r.Name), r.Doc})
	}
	return table([]string{"family", "sizes: cores × memory"}, rows)
}

// Codes is the table of diagnostics.
func (*document) Codes() string {
	var rows [][]string
	for _, c := range kind.Codes() {
		rows = append(rows, []string{c.ID, c.Title, c.Text, code(c.Example)})
	}
	return table([]string{"code", "is", "means", "right"}, rows)
}

// Limits is the table of limits.
func (*document) Limits() string {
	var rows [][]string
	for _, l := range topologies.Limits() {
		rows = append(rows, []string{l.What, fmt.Sprint(l.Value), l.Code})
	}
	return table([]string{"limit", "value", "code"}, rows)
}
