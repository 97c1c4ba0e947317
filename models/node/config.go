package node

import "github.com/capsim/capsim/models/kind"

// KindRow is one kind of node in the language.
type KindRow struct {
	Key     string // of its tables: [client.NAME]
	Kind    Kind
	Doc     string
	Example string     // a table that is right
	Config  func() any // a new configuration struct
}

// Kinds lists the kinds of node in the order of the manual. Nobody writes to
// it.
var Kinds = []KindRow{
	{"client", Client, "where traffic comes from", "[client.users]\ntarget = \"web\"\narrivals = \"poisson 80/s\"",
		func() any { return new(ClientConfig) }},
	{"load_balancer", LoadBalancer, "passes requests on to one of several instances", "[load_balancer.lb]\ntargets = [\"web\"]",
		func() any { return new(BalancerConfig) }},
	{"server", Server, "machines that run operations", "[server.web]\ncores = 1\non.request = [{ cpu = \"exp 10ms\" }]",
		func() any { return new(ServerConfig) }},
	{"cache", Cache, "keeps what was looked up, or answers a fixed share of the look-ups", "[cache.redis]\ncapacity = 100_000",
		func() any { return new(CacheConfig) }},
	{"cdn", CDN, "keeps answers near the users", "[cdn.edge]\norigin = \"web\"\ncacheable = { request = \"60s\" }",
		func() any { return new(CDNConfig) }},
	{"database", Database, "shards, each a primary and its replicas, that run reads and writes", "[database.orders]\nreplicas = 2\nread.by_id = [{ cpu = \"exp 0.6ms\" }]\nwrite.reserve = [{ cpu = \"exp 0.9ms\" }]",
		func() any { return new(DatabaseConfig) }},
	{"external", External, "a service of somebody else", "[external.payments]\nlatency = \"lognormal p50=120ms p99=900ms\"",
		func() any { return new(ExternalConfig) }},
	{"queue", Queue, "keeps messages until somebody has dealt with them", "[queue.emails]\nconsumer = \"mailer.send\"",
		func() any { return new(QueueConfig) }},
}

// The distributions of a configuration are kept as they are written: what
// they mean may depend on files and on the client that sends the request.
type (
	// TimeLaw is a distribution of a time.
	TimeLaw struct{ At kind.Cursor }
	// CountLaw is a distribution of a count, or a plain whole number.
	CountLaw struct{ At kind.Cursor }
	// KeyLaw is a distribution of keys: "uniform n=1M", "zipf s=0.99 n=1M".
	KeyLaw struct{ At kind.Cursor }
)

// Read takes the text.
func (l *TimeLaw) Read(c kind.Cursor) {
	switch c.Value.Type {
	case kind.TypeString:
		l.At = c
	case kind.TypeInteger, kind.TypeFloat:
		if _, err := kind.ParseDuration(c.Value.Raw); err != nil {
			c.Literal(err)
		}
	default:
		c.Wrong(`a distribution such as "exp 6ms"`, "")
	}
}

// Shape describes the text.
func (*TimeLaw) Shape() kind.Shape { return kind.Shape{Type: "a distribution of a time"} }

// Given reports whether the file has it, and it may be read.
func (l TimeLaw) Given() bool { return l.At.Value != nil }

// Read takes the text or the number.
func (l *CountLaw) Read(c kind.Cursor) {
	switch c.Value.Type {
	case kind.TypeString, kind.TypeInteger:
		l.At = c
	default:
		c.Wrong(`a whole number, or a distribution such as "geometric 4"`, "")
	}
}

// Shape describes the text.
func (*CountLaw) Shape() kind.Shape {
	return kind.Shape{Type: "a whole number, or a distribution of a count"}
}

// Given reports whether the file has it, and it may be read.
func (l CountLaw) Given() bool { return l.At.Value != nil }

// Read takes the text.
func (l *KeyLaw) Read(c kind.Cursor) {
	if c.Value.Type != kind.TypeString {
		c.Wrong(`a distribution of keys such as "zipf s=0.99 n=1M"`, "")
		return
	}
	l.At = c
}

// Shape describes the text.
func (*KeyLaw) Shape() kind.Shape { return kind.Shape{Type: "a distribution of keys"} }

// Given reports whether the file has it, and it may be read.
func (l KeyLaw) Given() bool { return l.At.Value != nil }

// Strings is an array of strings, each with its place.
type Strings []kind.Cursor

// Read takes the strings.
func (s *Strings) Read(c kind.Cursor) {
	if c.Value.Type != kind.TypeArray {
		hint := ""
		if c.Value.Type == kind.TypeString {
			hint = "put it in brackets: [" + kind.QuoteText(c.Value.Text) + "]"
		}
		c.Wrong(`an array of strings such as ["a", "b"]`, hint)
		return
	}
	for i, item := range c.Value.Items {
		if item.Type != kind.TypeString {
			c.Item(i).Wrong("a string", "")
			continue
		}
		*s = append(*s, c.Item(i))
	}
}

// Shape describes the array.
func (*Strings) Shape() kind.Shape { return kind.Shape{Type: "an array of strings"} }

// Weights maps operations to how often each is asked for, in the order of the
// file.
type Weights []NamedWeight

// NamedWeight is one entry of Weights.
type NamedWeight struct {
	Name   string
	At     kind.Cursor
	Weight float64
}

// Read takes the numbers.
func (w *Weights) Read(c kind.Cursor) {
	if c.Value.Type != kind.TypeTable {
		c.Wrong("a table of weights such as { browse = 9, buy = 1 }", "")
		return
	}
	sum := 0.0
	for _, e := range c.Value.Table.Entries {
		at := c.Key(e)
		CheckName(c, e)
		weight, ok := readWeight(at)
		if !ok {
			sum = 1 // one problem is enough
			continue
		}
		sum += weight
		*w = append(*w, NamedWeight{e.Key, at, weight})
	}
	if sum == 0 {
		c.Fail("E307", "at least one weight must be more than 0")
	}
}

// Shape describes the table.
func (*Weights) Shape() kind.Shape { return kind.Shape{Type: "a table of weights by operation"} }

// maxWeight keeps sums of weights exact enough to share out by.
const maxWeight = 1e12

// readWeight reads a number from 0 on.
func readWeight(c kind.Cursor) (float64, bool) {
	var weight float64
	switch v := c.Value; v.Type {
	case kind.TypeInteger:
		weight = float64(v.Int)
	case kind.TypeFloat:
		weight = v.Float
	default:
		c.Wrong("a weight such as 9", "")
		return 0, false
	}
	switch {
	case weight < 0:
		c.Fail("E307", "a weight must not be negative, got %s", kind.Cut(c.Value.Raw))
	case weight > maxWeight:
		c.Fail("E705", "a weight must be at most %g (a limit of capsim), got %s", maxWeight, kind.Cut(c.Value.Raw))
	default:
		return weight, true
	}
	return 0, false
}
