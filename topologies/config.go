package topologies

import (
	"fmt"
	"slices"
	"strings"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
)

// fileConfig is the top level of a file, its nodes and designs apart.
type fileConfig struct {
	kind.Place

	Version    version             `key:"capsim" absent:"1" doc:"the version of the language" example:"capsim = 1"`
	Extends    string              `key:"extends" doc:"the file that this one starts from, its path relative to this file: tables are merged key by key, anything else here replaces what is there; its designs may be changed too; at most 16 files one through the other" example:"extends = \"base.toml\""`
	Title      string              `key:"title" doc:"what the file is about, for the head of a report" example:"title = \"Web shop on a busy evening\""`
	Currency   currency            `key:"currency" absent:"USD" doc:"what all prices of the file are in, by its three letters (ISO 4217). The price list is in USD; in any other the types of the list give sizes and no prices: nothing is converted" example:"currency = \"EUR\""`
	Objectives node.Strings        `key:"objectives" doc:"what is demanded: SUBJECT METRIC < VALUE, or SUBJECT within TIME > SHARE" example:"objectives = [\"shoppers p99 < 400ms\", \"shoppers errors < 0.1%\"]"`
	Zones      node.Strings        `key:"zones" absent:"one" doc:"the availability zones; instances are spread over them in turn; one zone if left out" example:"zones = [\"a\", \"b\"]"`
	Network    *node.NetworkConfig `key:"network" absent:"no time passes" doc:"how long a message takes from one instance to another" example:"[network]\nsame_zone = \"exp 0.2ms\""`
	Catalog    node.Catalog        `key:"catalog" doc:"machines of your own, by name, for the key type of servers, databases and caches: what they have and what an hour of one costs; the names of the price list are taken" example:"[catalog.r740]\ncores = 32\nmemory = \"128GiB\"\nprice_per_hour = 0.21"`
	Policies   policies            `key:"policy" doc:"what calls do about slow and bad answers, by name, for the key policy of steps" example:"[policy.patient]\ntimeout = \"2s\"\nretries = 1"`
	Faults     node.Faults         `key:"fault" doc:"what goes wrong, and when" example:"[[fault]]\nat = \"3m\"\nkill = \"app[0]\"\nfor = \"90s\""`
	Deploys    node.Deploys        `key:"deploy" doc:"what is replaced while the system works, and how" example:"[[deploy]]\nat = \"3m\"\ntarget = \"app\"\nboot = \"30s\""`
	Sweep      Variation           `key:"sweep" doc:"what capsim sweep varies: paths as --set has them, each with a list of values or a range: \"1..32\" counts by one, \"0.25..2 step 0.25\" and \"1s..5s step 1s\" by a step, \"1..64 x2\" multiplies, and the end is part of it if it is met; the path load multiplies the traffic, design names designs; every combination is a point" example:"[sweep]\n\"server.app.instances\" = [1, 2, 4, 8]\n\"load\" = \"0.25..2.0 step 0.25\""`
	Plan       *planConfig         `key:"plan" doc:"what capsim plan chooses among, and what the choice must bear" example:"[plan]\nvary = { \"server.app.instances\" = \"1..32\" }\nload = 1.5\nsurvive = [\"kill app[0]\"]"`
	Run        node.RunConfig      `key:"run" doc:"how long and how often to simulate" example:"[run]\nduration = \"10m\""`
}

// policies are the [policy.NAME] tables, ordered by name.
type policies []namedPolicy

type namedPolicy struct {
	name string
	pos  kind.Pos
	node.PolicyConfig
}

// Read takes the tables.
func (p *policies) Read(c kind.Cursor) {
	if c.Value.Type != kind.TypeTable {
		c.Wrong("tables [policy.NAME]", "each policy is a table of its own: [policy.NAME]")
		return
	}
	fields := kind.KeysOf(kind.Describe(node.PolicyConfig{}))
	byName := func(a, b *kind.Entry) int { return strings.Compare(a.Key, b.Key) }
	for _, e := range slices.SortedFunc(slices.Values(c.Value.Table.Entries), byName) {
		at := c.Key(e)
		if e.Value.Type != kind.TypeTable {
			hint := "each policy is a table: [policy.NAME]"
			if slices.Contains(fields, e.Key) {
				hint = "give the policy a name: [policy.NAME]"
			}
			at.Wrong("a table [policy.NAME]", hint)
			continue
		}
		node.CheckName(c, e)
		one := namedPolicy{name: e.Key, pos: e.KeyPos}
		kind.Decode(at, &one.PolicyConfig)
		*p = append(*p, one)
	}
}

// Shape describes the tables.
func (*policies) Shape() kind.Shape {
	return kind.Shape{Type: "tables [policy.NAME]", Table: node.PolicyConfig{}}
}

// languageVersion is the newest version of the language that this capsim
// reads; the first is 1.
const languageVersion = 1

// version is the version of the language that a file asks for.
type version int64

// Read takes the number.
func (v *version) Read(c kind.Cursor) {
	n, ok := c.Count("a version such as 1")
	if !ok {
		return
	}
	*v = version(n)
	if n < 1 || n > languageVersion {
		c.Report(c.Problem("E208", fmt.Sprintf("version %d of the language is unknown; this capsim reads version %d", n, languageVersion)).
			WithHint("a newer capsim may read it"))
	}
}

// Shape describes the number.
func (*version) Shape() kind.Shape { return kind.Shape{Type: "an integer"} }

// currency is that of a file's prices; "" is that of the price list.
type currency string

// Read takes the three letters.
func (m *currency) Read(c kind.Cursor) {
	const example = `for example currency = "EUR"`
	text := c.Value.Text
	switch other := func(r rune) bool { return r < 'A' || r > 'Z' }; {
	case c.Value.Type != kind.TypeString:
		c.Wrong("a currency", example)
	case len(text) != 3 || strings.ContainsFunc(text, other):
		c.Report(c.Problem("E208", "expected the three capital letters of a currency, got "+kind.QuoteText(text)).WithHint(example))
	default:
		*m = currency(text)
	}
}

// Shape describes the letters.
func (*currency) Shape() kind.Shape { return kind.Shape{Type: "a currency, such as \"EUR\""} }

// config is a whole file read into configuration structs.
type config struct {
	file     fileConfig
	nodes    []*nodeConfig // ordered by name
	defaults []kind.Default
	runBad   bool            // something is wrong within [run]
	strays   map[string]bool // names, of kinds too, that stand where no node can; a finding says so
}

// nodeConfig is one node as it is written.
type nodeConfig struct {
	name   string
	row    *node.KindRow
	keyPos kind.Pos
	at     kind.Cursor
	config any
	bad    bool // something is wrong within it

	shields *nodeConfig // the CDN whose shield it is; nil: it is none
}

// as returns the configuration of a node of a kind, nil if it is of another.
func (n *nodeConfig) client() *node.ClientConfig { c, _ := n.config.(*node.ClientConfig); return c }
func (n *nodeConfig) balancer() *node.BalancerConfig {
	c, _ := n.config.(*node.BalancerConfig)
	return c
}
func (n *nodeConfig) server() *node.ServerConfig { c, _ := n.config.(*node.ServerConfig); return c }
func (n *nodeConfig) database() *node.DatabaseConfig {
	c, _ := n.config.(*node.DatabaseConfig)
	return c
}
func (n *nodeConfig) cache() *node.CacheConfig { c, _ := n.config.(*node.CacheConfig); return c }
func (n *nodeConfig) cdn() *node.CDNConfig     { c, _ := n.config.(*node.CDNConfig); return c }
func (n *nodeConfig) external() *node.ExternalConfig {
	c, _ := n.config.(*node.ExternalConfig)
	return c
}

// host is what the instances of a server or a database are made of, and where
// the file says so.
type host struct {
	kind.Place
	*node.HostConfig
}

// host returns that of a node, false if it is of a kind that has none.
func (n *nodeConfig) host() (host, bool) {
	if s := n.server(); s != nil {
		return host{s.Place, &s.HostConfig}, true
	}
	if d := n.database(); d != nil {
		return host{d.Place, &d.HostConfig}, true
	}
	return host{}, false
}

// kindRow returns the kind of node that a key of the top level stands for,
// nil if none.
func kindRow(key string) *node.KindRow {
	for i := range node.Kinds {
		if node.Kinds[i].Key == key {
			return &node.Kinds[i]
		}
	}
	return nil
}

// decode reads a tree. What it returns may have holes where the report has
// errors.
func decode(src *source, root *kind.Table, report *kind.Report, described *kind.Descriptions) *config {
	d := &kind.Decoder{Report: report, Elsewhere: elsewhere(), Known: described}
	top := d.At(&kind.Value{Type: kind.TypeTable, Pos: src.start(), Table: root}, "")
	cfg := &config{}
	own := &kind.Table{Pos: root.Pos}
	known := described.Keys(fileConfig{})
	known = append(known, nodeKeys()...)
	for _, e := range root.Entries {
		switch row := kindRow(e.Key); {
		case row != nil:
			cfg.family(top.Key(e), row)
		case slices.Contains(known, e.Key) && e.Key != DesignKey:
			own.Add(e)
		default:
			unknownTop(top, e, known, d)
			cfg.stray(e)
		}
	}
	sortEntries(own, known) // what is left out is noted in the order of the manual
	before := report.Errors()
	if e := own.Get("run"); e != nil {
		probe := &kind.Decoder{Report: &kind.Report{}, Known: described}
		kind.Decode(probe.At(e.Value, "run"), new(node.RunConfig))
		cfg.runBad = probe.Report.Failed()
	}
	kind.Decode(d.At(&kind.Value{Type: kind.TypeTable, Pos: src.start(), Table: own}, ""), &cfg.file)
	if n := len(cfg.file.Title); n > maxTitle {
		report.Add(cfg.file.At("title", "E704", fmt.Sprintf("the title must be at most %d bytes long, this one has %d", maxTitle, n)))
	}
	if r, position := kind.Invisible(cfg.file.Title); position > 0 {
		report.Add(cfg.file.At("title", "E210", fmt.Sprintf("the title must not hold the invisible character U+%04X (at position %d)", r, position)))
	}
	slices.SortStableFunc(cfg.nodes, func(a, b *nodeConfig) int { return strings.Compare(a.name, b.name) })
	for _, n := range cfg.nodes {
		before = report.Errors()
		kind.Decode(n.at, n.config)
		n.bad = report.Errors() > before
	}
	cfg.shields()
	slices.SortStableFunc(cfg.nodes, func(a, b *nodeConfig) int { return strings.Compare(a.name, b.name) })
	cfg.defaults = d.Defaults
	return cfg
}

// sortEntries puts the entries of a table into the order of some keys.
func sortEntries(t *kind.Table, keys []string) {
	slices.SortStableFunc(t.Entries, func(a, b *kind.Entry) int {
		return slices.Index(keys, a.Key) - slices.Index(keys, b.Key)
	})
}

// topKeys are all keys of the top level.
func topKeys() []string {
	return append(kind.KeysOf(kind.Describe(fileConfig{})), nodeKeys()...)
}

// nodeKeys are those of the kinds of node, and of the designs.
func nodeKeys() []string {
	var keys []string
	for _, row := range node.Kinds {
		keys = append(keys, row.Key)
	}
	return append(keys, DesignKey)
}

// unknownTop reports a key or a table that the top level does not have.
func unknownTop(top kind.Cursor, e *kind.Entry, known []string, d *kind.Decoder) {
	if d.Report.Full() {
		d.Report.Add(top.KeyProblem(e, "E201", "unknown key"))
		return
	}
	var places []string
	sure, table := false, e.Value.Type == kind.TypeTable ||
		e.Value.Type == kind.TypeArray && len(e.Value.Items) > 0 && e.Value.Items[0].Type == kind.TypeTable
	if !table {
		places, sure = d.Elsewhere("", e.Key)
	}
	found := kind.UnknownKey(top.KeyProblem(e, "E201", ""), e.Key, known, places, sure)
	if table {
		found.Message = strings.Replace(found.Message, "unknown key", "unknown table", 1)
	}
	d.Report.Add(found)
}

// stray notes the names in what was meant for nodes of a kind and has not the
// form of them: that they are unknown need not be said as well.
func (cfg *config) stray(of *kind.Entry) {
	if cfg.strays == nil {
		cfg.strays = map[string]bool{}
	}
	cfg.strays[of.Key] = true
	if of.Value.Type == kind.TypeTable {
		for _, e := range of.Value.Table.Entries {
			cfg.strays[e.Key] = true
		}
	}
	for _, item := range of.Value.Items {
		if item.Type != kind.TypeTable {
			continue
		}
		if e := item.Table.Get("name"); e != nil && e.Value.Type == kind.TypeString {
			cfg.strays[e.Value.Text] = true
		}
	}
}

// family notes the nodes of one kind: the entries of [client], say.
func (cfg *config) family(c kind.Cursor, row *node.KindRow) {
	form := "[" + row.Key + ".NAME]"
	if c.Value.Type != kind.TypeTable {
		hint := "each " + row.Key + " is a table of its own: " + form
		c.Wrong("tables "+form, hint)
		cfg.stray(&kind.Entry{Key: row.Key, Value: c.Value})
		return
	}
	for _, e := range c.Value.Table.Entries {
		at := c.Key(e)
		if e.Value.Type != kind.TypeTable {
			hint := "each " + row.Key + " is a table: " + form
			if slices.Contains(kind.KeysOf(kind.Describe(row.Config())), e.Key) {
				hint = "give the " + row.Key + " a name: " + form
			}
			at.Wrong("a table "+form, hint)
			cfg.stray(&kind.Entry{Key: row.Key, Value: &kind.Value{Type: kind.TypeTable, Table: &kind.Table{Entries: []*kind.Entry{e}}}})
			continue
		}
		cfg.nodes = append(cfg.nodes, &nodeConfig{name: e.Key, row: row, keyPos: e.KeyPos, at: at, config: row.Config()})
	}
}
