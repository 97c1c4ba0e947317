package manual

import (
	"slices"
	"strings"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
)

// tableBuilder makes the pages of a table and of the tables within it.
type tableBuilder struct {
	pages []*Page
	stack []string // configuration structs that are being described
}

// surroundings are what an example of a key is put into.
type surroundings struct {
	header string   // of the outermost table
	keys   []string // of that table
	around string   // the example of the key that this one is within
}

// fields makes a page of each key of a table.
func (b *tableBuilder) fields(path, of string, fields []kind.Field, s surroundings) {
	for i := range fields {
		f := &fields[i]
		at := strings.TrimPrefix(path+"."+f.Key, ".")
		page := &Page{
			Path: at, Sort: "a key " + of, Doc: sentence(f.Doc), Facts: facts(f), field: f,
			Example: s.exampleOf(f),
		}
		b.pages = append(b.pages, page)
		form := f.Form()
		for _, config := range b.within(&form) {
			inner := kind.Describe(config)
			page.Rows = append(page.Rows, keyRows(inner)...)
			within := s
			within.around = page.Example
			if header, _, _ := strings.Cut(f.Example, "\n"); path == "" && strings.HasPrefix(header, "[") {
				within.header, within.keys = header, kind.KeysOf(inner)
			}
			b.stack = append(b.stack, kind.TypeName(config))
			b.fields(at, "of "+at, inner, within)
			b.stack = b.stack[:len(b.stack)-1]
		}
		if holdsSteps(&form) {
			page.See = append(page.See, "step")
		}
		page.See = append(page.See, seeAlso(f)...)
	}
}

// within lists the configuration structs of a key's tables, but for steps,
// which have a chapter of their own, and those that are being described.
func (b *tableBuilder) within(form *kind.Form) []any {
	return slices.DeleteFunc(configs(form), func(config any) bool {
		return isStep(config) || slices.Contains(b.stack, kind.TypeName(config))
	})
}

// configs lists the configuration structs that a form leads to.
func configs(form *kind.Form) []any {
	if form == nil {
		return nil
	}
	var all []any
	if form.Config != nil {
		all = append(all, form.Config)
	}
	all = append(all, configs(form.Values)...)
	return append(all, configs(form.Items)...)
}

func isStep(config any) bool {
	_, is := config.(node.StepConfig)
	return is
}

func holdsSteps(form *kind.Form) bool { return slices.ContainsFunc(configs(form), isStep) }

// keyRows lists keys and what they mean.
func keyRows(fields []kind.Field) []Row {
	rows := make([]Row, len(fields))
	for i := range fields {
		doc := firstClause(fields[i].Doc)
		if fields[i].Required {
			doc += " (required)"
		}
		rows[i] = Row{fields[i].Key, doc}
	}
	return rows
}

// firstClause is what a list shows of a key's description.
func firstClause(doc string) string {
	first, _, _ := strings.Cut(doc, "; ")
	return first
}

// facts are what the tags of a key say.
func facts(f *kind.Field) []Fact {
	list := []Fact{{"Type", typeText(f)}}
	add := func(name, text string) {
		if text != "" {
			list = append(list, Fact{name, text})
		}
	}
	if row := literalOf(f.Type); row != nil {
		add("Unit", row.Units)
	}
	add("Unit", f.Unit)
	switch {
	case f.Required:
		add("Default", "none: the key must be there")
	case f.Default != "":
		add("Default", f.Default)
	case f.Absent != "":
		add("Left out", f.Absent)
	}
	add("Bounds", bounds(f))
	add("Formula", f.Formula)
	add("Source", f.Source)
	return list
}

// typeText is the type of a key; of few words, which.
func typeText(f *kind.Field) string {
	if len(f.Words) > 0 {
		return "one of " + strings.Join(f.Words, ", ")
	}
	return f.Type
}

// literalOf returns the literal that a type is.
func literalOf(name string) *kind.LiteralRow {
	for _, row := range kind.Literals() {
		if row.Type() == name {
			return &row
		}
	}
	return nil
}

// bounds says within what a value must lie.
func bounds(f *kind.Field) string {
	low, high := "", ""
	switch {
	case f.Above != "":
		low = "more than " + f.Above
	case f.Min != "":
		low = "at least " + f.Min
	}
	switch {
	case f.Max != "":
		high = "at most " + f.Max
	case f.Limit != "":
		high = "at most " + f.Limit + " (a limit of capsim)"
	}
	if low == "" && high == "" && strings.HasPrefix(f.Type, "a ratio") {
		return "from 0 to 1 (0% to 100%)"
	}
	if low != "" && high != "" {
		return low + ", " + high
	}
	return low + high
}

// exampleOf puts a key's example below the header of its table, and a step
// into an operation. An example that begins with a key of an inner table says
// too little by itself: that of the key around stands for it.
func (s *surroundings) exampleOf(f *kind.Field) string {
	first, _, _ := strings.Cut(f.Example, " ")
	first, _, _ = strings.Cut(first, ".")
	operation := stepHeader + "\non.request = ["
	if strings.HasPrefix(f.Example, "{ query") {
		operation = "[database.orders]\nread.search = ["
	}
	switch {
	case strings.HasPrefix(f.Example, "{") && len(f.Example) > longStep:
		return operation + "\n  " + f.Example + ",\n]"
	case strings.HasPrefix(f.Example, "{"):
		return operation + f.Example + "]"
	case !strings.HasPrefix(f.Example, "[") && slices.Contains(s.keys, first):
		return strings.TrimPrefix(s.header+"\n", "\n") + f.Example
	case strings.HasPrefix(f.Example, "["), s.around == "":
		return f.Example
	}
	return s.around
}

// longStep is the length of a step that stands on a line of its own.
const longStep = 60

// seeAlso lists the chapters that the values of a key are in.
func seeAlso(f *kind.Field) []string {
	var see []string
	for _, part := range []struct{ word, chapter string }{
		{"distribution", "distributions"}, {"arrival process", "arrivals"},
	} {
		if strings.Contains(f.Type, part.word) {
			see = append(see, part.chapter)
		}
	}
	if row := literalOf(f.Type); row != nil {
		see = append(see, row.Name)
	}
	if f.Key == "objectives" {
		see = append(see, "metrics")
	}
	if len(f.Words) > 0 && isPolicy(f.Words[0]) {
		see = append(see, "policies")
	}
	if len(f.Words) > 0 && isPreset(f.Words[0]) {
		see = append(see, "presets")
	}
	if f.Type == node.TypeOfMachine {
		see = append(see, "machines")
	}
	return see
}
