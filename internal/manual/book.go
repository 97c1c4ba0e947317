package manual

import (
	"slices"
	"strings"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/models/price"
	"github.com/capsim/capsim/topologies"
)

// Book is the manual. It does not change once made.
type Book struct {
	Chapters []Chapter
	pages    map[string][]*Page
}

// Chapter is a part of the manual.
type Chapter struct {
	Path  string // its own page, which lists the others
	Title string
	Pages []*Page
	names []string // what the table of contents lists; nil: the pages
}

// Page explains one thing.
type Page struct {
	Path    string // by which it is looked up
	Sort    string // what it is: "a key of [server.NAME]"
	Doc     string // what it means, in sentences
	Facts   []Fact
	Rows    []Row  // what is within: keys, parameters
	Example string // right as it stands
	See     []string

	field *kind.Field // of a key
}

// Fact is a property of what a page is about.
type Fact struct{ Name, Text string }

// Row is a line of a page's list.
type Row struct{ Name, Doc string }

// New draws the manual.
func New() *Book {
	b := &Book{pages: map[string][]*Page{}}
	b.chapter("file", "The file", "What stands at the top of a topology file, apart from the nodes.", topPages())
	for i := range node.Kinds {
		row := &node.Kinds[i]
		b.chapter(row.Key, "["+row.Key+".NAME]", sentence(row.Doc), kindPages(row))
	}
	b.chapter("step", "Steps", "What an operation does, one step after the other. A step is a table with exactly one action, and perhaps keys "+
		"that go with it. An empty list of steps is allowed.", stepPages())
	b.chapter("literals", "Literals", "How times, rates and other amounts are written.", literalPages(b.keys()))
	b.chapter("distributions", "Distributions", "A time, a size or a count that varies: the name of the distribution first, then its parameters. "+
		"Any of them may be followed by \"+ 0.3ms\" (shift) and by \"truncate 2s\" (drawn again until below).", distributionPages())
	b.chapter("arrivals", "Arrival processes", "How open traffic comes: the name of the process, then its rate.", arrivalPages())
	b.chapter("policies", "Balancing policies", "How a load balancer chooses the instance that gets the next request.", policyPages())
	b.chapter("evictions", "Eviction policies", "What a cache throws out when there is no room for another item: the key policy of [cache.NAME].", evictionPages())
	b.chapter("presets", "Presets of balancers and queues", "How a balancer or a queue behaves of which no more is said than what it is: the key type of [load_balancer.NAME] and of [queue.NAME]. A preset "+
		"gives what the documentation of the product says of its defaults, for the keys that the file leaves out; capsim check --print shows which those are. A table in the file (health_check = {}) is completed, key by key. "+
		"What nobody has documented is left out.", presetPages())
	b.chapter("machines", "Machines", "Machines of clouds, for the key type of [server.NAME]: of each, how many cores (vCPUs, each a hardware thread) and how much memory. "+
		"A machine gives the keys that the file leaves out; capsim check --print shows which those are. Prices are a dated example, in USD: "+strings.Join(price.Provenances(), "; ")+". Machines of your own stand in [catalog.NAME].", machinePages())
	b.Chapters[len(b.Chapters)-1].names = familyNames()
	b.chapter("metrics", "Metrics of objectives", "An objective is SUBJECT METRIC < VALUE, with <, >, <= or >=. The subject is a client, an operation "+
		"of one (client.op), or another node that has the metric; cost and cost_per_million have none. Each is judged with its confidence interval: met, missed, or undecided "+
		"where the interval straddles the value.", metricPages())
	b.chapter("numbers", "What the numbers mean", "What the figures of a report say, and what they do not.", []*Page{numbersPage()})
	b.chapter("codes", "Diagnostics", "What capsim says about a file or a command line that is not right. E is an error, after which nothing is "+
		"simulated; W a warning.", codePages())
	b.pages["codes"][0].Example = "capsim explain E302"
	b.chapter("limits", "Limits", "How large a topology may be.", limitPages())
	return b
}

// chapter adds a chapter, and a page for it unless it has one: that of the
// table which it is about.
func (b *Book) chapter(path, title, doc string, pages []*Page) {
	if len(pages) == 0 || pages[0].Path != path {
		cover := &Page{Path: path, Sort: "a chapter of the manual", Doc: doc}
		for _, p := range pages {
			cover.Rows = append(cover.Rows, Row{p.Path, firstSentence(p.Doc)})
		}
		if len(pages) > 0 {
			cover.Example = pages[0].Example
		}
		pages = append([]*Page{cover}, pages...)
	} else {
		pages[0].Doc = doc
	}
	for _, p := range pages {
		b.pages[p.Path] = append(b.pages[p.Path], p)
	}
	b.Chapters = append(b.Chapters, Chapter{Path: path, Title: title, Pages: pages})
}

// Paths lists all topics, in the order of the book, each once.
func (b *Book) Paths() []string {
	var paths []string
	seen := map[string]bool{}
	for _, c := range b.Chapters {
		for _, p := range c.Pages {
			if !seen[p.Path] {
				seen[p.Path] = true
				paths = append(paths, p.Path)
			}
		}
	}
	return paths
}

// keys are the pages of all keys so far.
func (b *Book) keys() []*Page {
	var keys []*Page
	for _, c := range b.Chapters {
		for _, p := range c.Pages {
			if p.field != nil {
				keys = append(keys, p)
			}
		}
	}
	return keys
}

// topPages are the keys at the top of a file, and those of their tables.
func topPages() []*Page {
	b := &tableBuilder{}
	fields := topologies.Top()
	b.fields("", "of the file", fields, surroundings{keys: kind.KeysOf(fields)})
	return b.pages
}

// kindPages are the table of a kind of node and its keys.
func kindPages(row *node.KindRow) []*Page {
	b := &tableBuilder{}
	name, _, _ := strings.Cut(row.Example, "\n")
	fields := kind.Describe(row.Config())
	cover := &Page{Path: row.Key, Sort: "a kind of node, [" + row.Key + ".NAME]", Doc: sentence(row.Doc), Example: row.Example, Rows: keyRows(fields)}
	b.pages = append(b.pages, cover)
	b.fields(row.Key, "of ["+row.Key+".NAME]", fields, surroundings{header: name, keys: kind.KeysOf(fields)})
	return b.pages
}

// stepPages are the actions and the keys that go with them.
func stepPages() []*Page {
	b := &tableBuilder{}
	fields := kind.Describe(node.StepConfig{})
	slices.SortStableFunc(fields, func(x, y kind.Field) int { return actionRank(x.Key) - actionRank(y.Key) })
	b.pages = append(b.pages, &Page{Path: "step", Sort: "what operations are made of", Rows: keyRows(fields), Example: `[server.app]
on.request = [{ cpu = "exp 6ms" }, { call = "orders.by_id", timeout = "300ms" }]`})
	b.fields("step", "of a step", fields, surroundings{})
	for _, p := range b.pages {
		if a := action(strings.TrimPrefix(p.Path, "step.")); a != nil {
			p.Sort = "a step"
			if a.Needs != "" {
				p.Facts = append(p.Facts, Fact{"Needs", a.Needs})
			}
			if len(a.With) > 0 {
				p.Facts = append(p.Facts, Fact{"May have", strings.Join(append(slices.Clone(a.With), "name"), ", ")})
			}
		}
	}
	return b.pages
}

// stepHeader is the table that the examples of steps are put into.
const stepHeader = "[server.app]"

// action returns the step that a key names, nil if it goes with one.
func action(key string) *node.StepAction {
	for i := range node.StepActions {
		if node.StepActions[i].Key == key {
			return &node.StepActions[i]
		}
	}
	return nil
}

// actionRank puts the actions before the keys that go with them.
func actionRank(key string) int {
	for i := range node.StepActions {
		if node.StepActions[i].Key == key {
			return i
		}
	}
	return len(node.StepActions)
}

// sentence makes one of the first line of a description.
func sentence(doc string) string {
	if doc == "" {
		return ""
	}
	text := doc
	if first, rest, _ := strings.Cut(doc, " "); isPlainWord(first) {
		text = strings.ToUpper(first[:1]) + first[1:] + " " + rest
	}
	text = strings.TrimSpace(text)
	if strings.HasSuffix(text, ".") {
		return text
	}
	return text + "."
}

// isPlainWord reports whether a word may be given a capital: those that are
// keys or words of the language keep their spelling.
func isPlainWord(word string) bool {
	if word == "" || word[0] < 'a' || word[0] > 'z' {
		return false
	}
	return !strings.ContainsAny(word, `_.="`) && !slices.Contains([]string{"clf", "csv", "auto"}, strings.TrimSuffix(word, ":"))
}

// firstSentence is what a list shows of a text.
func firstSentence(text string) string {
	first, _, _ := strings.Cut(text, ". ")
	return strings.TrimSuffix(first, ".")
}
