package manual

import (
	"regexp"
	"slices"
	"strings"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/topologies"
)

// Find returns the pages of a topic: a path of the manual, or the path of a
// key in some topology, names of nodes and operations included
// ("server.app.on.browse[0].cpu"). A word that stands at the end of paths will
// do, for all of them. There may be several pages: "constant" is a distribution and
// an arrival process.
func (b *Book) Find(topic string) []*Page {
	if pages := b.pages[topic]; len(pages) > 0 {
		return pages
	}
	if pages := b.pages[strings.ToUpper(topic)]; len(pages) > 0 {
		return pages
	}
	if percentile.MatchString(strings.TrimPrefix(topic, "objectives.")) {
		return b.pages["objectives.p99"]
	}
	if path, known := b.resolve(topic, false); known {
		return b.pages[path]
	}
	if pages := b.machinesOf(topic); len(pages) > 0 {
		return pages
	}
	var pages []*Page
	for _, path := range append(b.endingIn(topic), b.taking(topic)...) {
		pages = append(pages, b.pages[path]...)
	}
	if len(pages) > 0 {
		return pages
	}
	if joined := strings.ReplaceAll(topic, " ", "_"); joined != topic { // load balancer
		return b.Find(joined)
	}
	if one, plural := strings.CutSuffix(topic, "s"); plural && len(one) > 2 { // sessions
		return b.Find(one)
	}
	return nil
}

// taking lists the keys that take a word: clf is a value of arrivals.format.
func (b *Book) taking(word string) []string {
	return slices.DeleteFunc(b.Paths(), func(path string) bool {
		field := b.pages[path][0].field
		if field == nil {
			return true
		}
		inForm := strings.Contains(field.Type, `"`+word+`"`) || strings.Contains(field.Type, `"`+word+` `)
		return !slices.Contains(field.Words, word) && !inForm
	})
}

// SpeakingOf lists the topics whose texts use a word that is no topic: the
// meaning of the numbers first, where most such words are from.
func (b *Book) SpeakingOf(word string) []string {
	if len(word) < 3 {
		return nil
	}
	whole := regexp.MustCompile(`(?i)(^|\W)` + strings.ReplaceAll(regexp.QuoteMeta(word), "iz", "i[sz]") + `($|\W)`)
	speaks := func(p *Page) bool {
		text := p.Doc
		for _, row := range p.Rows {
			if p.Path == "numbers" { // elsewhere a row has a page of its own
				text += "\n" + row.Name + " " + row.Doc
			}
		}
		return whole.MatchString(text)
	}
	paths := append([]string{"numbers"}, slices.DeleteFunc(b.Paths(), func(path string) bool { return path == "numbers" })...)
	found := slices.DeleteFunc(paths, func(path string) bool { return !slices.ContainsFunc(b.pages[path], speaks) })
	return found[:min(len(found), maxNear)]
}

var percentile = regexp.MustCompile(`^p\d+(\.\d+)?$`)

// endingIn lists the paths whose last part is a word.
func (b *Book) endingIn(word string) []string {
	return slices.DeleteFunc(b.Paths(), func(path string) bool { return !strings.HasSuffix(path, "."+word) })
}

// Near lists the topics that a wrong one may stand for.
func (b *Book) Near(topic string) []string {
	if near := b.endingIn(topic); len(near) > 0 {
		return near[:min(len(near), maxNear)]
	}
	if near := kind.Nearest(topic, b.Paths()); len(near) > 0 {
		return near[:min(len(near), maxNear)]
	}
	// The first part may be the name of a node, or misspelt; so may the last.
	parts := strings.Split(topic, ".")
	last := parts[len(parts)-1]
	if len(parts) > 1 {
		if near := b.endingIn(last); len(near) > 0 {
			return near[:min(len(near), maxNear)]
		}
		for n := len(parts) - 1; n > 0; n-- {
			path, known := b.resolve(strings.Join(parts[:n], "."), false)
			if !known {
				continue
			}
			var keys []string
			for _, row := range b.pages[path][0].Rows {
				keys = append(keys, row.Name)
			}
			for _, key := range kind.Nearest(parts[n], keys) {
				if full := path + "." + key; len(b.pages[full]) > 0 {
					return []string{full}
				}
			}
			return []string{path}
		}
	}
	var ends []string
	for _, path := range b.Paths() {
		ends = append(ends, path[strings.LastIndexByte(path, '.')+1:])
	}
	if near := kind.Nearest(last, ends); len(near) > 0 {
		found := b.endingIn(near[0])
		return found[:min(len(found), maxNear)]
	}
	return nil
}

// maxNear is how many topics are proposed at most.
const maxNear = 4

// Topic returns the path of the page that is nearest to a key in a file, ""
// if there is none.
func (b *Book) Topic(key string) string {
	path, _ := b.resolve(strings.TrimPrefix(key, "--set "), true)
	return path
}

// resolve follows the path of a key through the descriptions. In a real path
// each node and each operation has its name; otherwise names may be left out.
// What is not known ends the walk at the table before it.
func (b *Book) resolve(key string, real bool) (path string, known bool) {
	w := walk{book: b, real: real}
	words := splitKey(key)
	if len(words) > 2 && words[0] == topologies.DesignKey {
		words = words[2:]
	}
	path, known = w.top(words)
	if len(b.pages[path]) == 0 {
		return "", false
	}
	return path, known
}

// walk follows the words of a key.
type walk struct {
	book     *Book
	real     bool
	misspelt bool // the last word that was no key resembles one: it is no name
}

func (w *walk) top(words []string) (string, bool) {
	if len(words) == 0 {
		return "", false
	}
	if words[0] == "step" && !w.real {
		return w.table("step", node.StepConfig{}, words[1:])
	}
	for i := range node.Kinds {
		row := &node.Kinds[i]
		if row.Key != words[0] {
			continue
		}
		return w.named(words[1:], func(rest []string) (string, bool) { return w.table(row.Key, row.Config(), rest) })
	}
	return w.key("", topologies.Top(), words)
}

// named goes on behind a name, or where it was left out.
func (w *walk) named(words []string, on func(rest []string) (string, bool)) (string, bool) {
	if w.real || len(words) == 0 {
		return on(words[min(1, len(words)):])
	}
	w.misspelt = false
	if path, known := on(words); known || len(words) == 1 && w.misspelt {
		return path, known
	}
	return on(words[1:])
}

// table goes on within a table of known keys.
func (w *walk) table(path string, config any, words []string) (string, bool) {
	if len(words) == 0 {
		return path, true
	}
	return w.key(path, kind.Describe(config), words)
}

func (w *walk) key(path string, fields []kind.Field, words []string) (string, bool) {
	i := slices.IndexFunc(fields, func(f kind.Field) bool { return f.Key == words[0] })
	if i < 0 {
		near := kind.Nearest(words[0], kind.KeysOf(fields))
		w.misspelt = len(near) > 0
		if w.real && len(near) == 1 {
			return strings.TrimPrefix(path+"."+near[0], "."), false
		}
		return path, false
	}
	at := strings.TrimPrefix(path+"."+fields[i].Key, ".")
	form := fields[i].Form()
	return w.form(at, &form, words[1:])
}

// form goes on within a value.
func (w *walk) form(path string, form *kind.Form, words []string) (string, bool) {
	if len(words) == 0 {
		return path, true
	}
	index := strings.HasPrefix(words[0], "[")
	switch {
	case index && form.Items != nil:
		return w.form(path, form.Items, words[1:])
	case index:
		return path, w.real
	case form.Config != nil:
		if isStep(form.Config) {
			path = "step"
		}
		at, known := w.table(path, form.Config, words)
		if !known && form.Items != nil && !w.real {
			return w.form(path, form.Items, words)
		}
		return at, known
	case form.Values != nil:
		return w.named(words, func(rest []string) (string, bool) { return w.form(path, form.Values, rest) })
	case form.Items != nil && !w.real:
		return w.form(path, form.Items, words)
	}
	return path, false
}

// splitKey splits a dotted key as TOML does; an index is a word of its own.
func splitKey(key string) []string {
	var words []string
	word, quoted := "", false
	flush := func() {
		if word != "" {
			words = append(words, word)
		}
		word = ""
	}
	for i := 0; i < len(key); i++ {
		switch c := key[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
			word += string(c)
		case c == '.':
			flush()
		case c == '[':
			flush()
			word = "["
		case c == ']':
			flush()
		default:
			word += string(c)
		}
	}
	flush()
	return words
}
