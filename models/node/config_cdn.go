package node

import "github.com/capsim/capsim/models/kind"

// CDNConfig is a [cdn.NAME] table.
type CDNConfig struct {
	kind.Place

	Origin       string        `key:"origin" required:"yes" doc:"what stands behind it: a server, a database, a load balancer, an external service, a read-through cache or another CDN, or an operation of one; of a node it asks for the operation that it was asked for itself" example:"origin = \"web\"\ncacheable = { request = \"60s\" }"`
	Cacheable    Lifetimes     `key:"cacheable" absent:"none" doc:"the operations whose ok answers it keeps, and for how long, from when an answer came from the origin (behind another CDN, or the shield: when that got it); each operation has items of its own. Other operations pass through to the origin, and cost the latency too. Where the clients have no keys each operation is one item, such as a front page" source:"RFC 9111, HTTP Caching, section 4.2 (freshness, and the age of an answer)" example:"cacheable = { browse = \"60s\", image = \"1d\" }"`
	HitRatio     kind.Ratio    `key:"hit_ratio" absent:"emergent" doc:"the share of all requests that it answers by itself, whatever they ask for: instead of cacheable, from which it would follow" example:"hit_ratio = \"85%\""`
	Pops         int           `key:"pops" default:"1" min:"1" limit:"100000" doc:"points of presence, edge.pop[0] and so on, each with a cache of its own: which one a request comes to is decided by its source, so that a user always has the same, and by no distance; while that one is dead, by the next of them that is not" example:"cacheable = { browse = \"60s\" }\npops = 20"`
	Shield       Shield        `key:"shield" absent:"false" doc:"one more cache between all points of presence and the origin, with room for as much as one of them: what they do not have they ask it for, and it the origin; true, or a table. It is a node of its own, edge.shield, which stands in the zone of the first instance of the origin: faults of the CDN strike the points of presence only. While it is dead, what they do not have is unavailable" example:"cacheable = { browse = \"60s\" }\npops = 20\nshield = true"`
	Capacity     int           `key:"capacity" absent:"unlimited" min:"1" limit:"1000000000" doc:"items that each point of presence has room for" example:"cacheable = { browse = \"60s\" }\ncapacity = 200_000"`
	Memory       Bytes         `key:"memory" absent:"unlimited" doc:"bytes that each point of presence has room for, instead of capacity; how large an item is, object_size says" example:"cacheable = { browse = \"60s\" }\nmemory = \"50GB\"\nobject_size = \"200kB\""`
	ObjectSize   SizeLaw       `key:"object_size" absent:"none" doc:"of memory: the bytes of an item; a distribution gives each item a size of its own, which is the same whenever it is asked for" example:"cacheable = { browse = \"60s\" }\nmemory = \"50GB\"\nobject_size = \"lognormal mean=200kB cv=2\""`
	Policy       EvictionText  `key:"policy" default:"lru" doc:"which item goes when there is no room for another" example:"cacheable = { browse = \"60s\" }\ncapacity = 200_000\npolicy = \"lru\""`
	Warm         bool          `key:"warm" absent:"false" doc:"every point of presence, and the shield, is full from the start: of the items that the clients ask for most often, each of some age. Otherwise they start empty" example:"cacheable = { browse = \"60s\" }\ncapacity = 200_000\nwarm = true"`
	Coalesce     bool          `key:"coalesce" absent:"false" doc:"one miss at a time for each item and point of presence (request collapsing): while it is fetched, others that miss it wait for it; if it fails, the next of them goes. It holds for the shield too" example:"cacheable = { browse = \"60s\" }\ncoalesce = true"`
	Latency      TimeLaw       `key:"latency" absent:"none" doc:"what a request costs between its caller and the point of presence, there and back, hit or miss: [network] adds nothing on this way, since the point of presence stands near its users. On the way behind it, to the shield or the origin, messages take the internet time" example:"cacheable = { browse = \"60s\" }\nlatency = \"lognormal p50=8ms p99=30ms\""`
	Timeout      kind.Duration `key:"timeout" absent:"none" above:"0s" doc:"how long the origin, or the shield, may take to answer; then the request has timed out" example:"cacheable = { browse = \"60s\" }\ntimeout = \"30s\""`
	PricePerHour Price         `key:"price_per_hour" absent:"none" doc:"what an hour of the whole CDN costs, whatever the number of its points of presence, besides what its answers cost by the byte; the list has no prices of CDNs: take a bill of yours, for a month of 730 hours, divided by those" example:"cacheable = { browse = \"60s\" }\nprice_per_hour = 0.05"`
	Discount     kind.Ratio    `key:"discount" absent:"none" doc:"off its prices, price_per_hour and egress_price: a contract" example:"cacheable = { browse = \"60s\" }\negress_price = 0.05\ndiscount = \"20%\""`
	Egress       Price         `key:"egress_price" absent:"none" doc:"what each GB (10^9 bytes) of its ok answers to clients costs, wherever they stand; how large an answer is, the client's response_size says. The egress_price of [network] is for what comes from the origin: its answers to the CDN are answers to the internet, so that a byte that the CDN did not have costs both; what points of presence get from their shield costs nothing" example:"cacheable = { browse = \"60s\" }\negress_price = 0.05"`
}

// Shield is the shield of a CDN: true is short for {}.
type Shield struct {
	On bool
	ShieldConfig
}

// ShieldConfig is the table form of Shield.
type ShieldConfig struct {
	kind.Place

	Latency  TimeLaw `key:"latency" absent:"none" doc:"what a request costs between a point of presence and the shield, there and back, hit or miss, besides what [network] says" example:"shield = { latency = \"20ms\" }"`
	Capacity int     `key:"capacity" absent:"the CDN's" min:"1" limit:"1000000000" doc:"items that the shield has room for, where the CDN has capacity" example:"capacity = 10_000\nshield = { capacity = 200_000 }"`
	Memory   Bytes   `key:"memory" absent:"the CDN's" doc:"bytes that the shield has room for, where the CDN has memory" example:"memory = \"5GB\"\nobject_size = \"200kB\"\nshield = { memory = \"50GB\" }"`
}

// Read takes the word or the table.
func (s *Shield) Read(c kind.Cursor) {
	switch c.Value.Type {
	case kind.TypeBoolean:
		s.On = c.Value.Bool
		if s.On {
			s.read(c, &kind.Table{Pos: c.Value.Pos})
		}
	case kind.TypeTable:
		s.On = true
		s.read(c, c.Value.Table)
	default:
		c.Wrong(`true, or a table such as { latency = "20ms" }`, "")
	}
}

func (s *Shield) read(c kind.Cursor, t *kind.Table) {
	long := *c.Value
	long.Type, long.Table = kind.TypeTable, t
	c.Value = &long
	kind.Decode(c, &s.ShieldConfig)
}

// Shape describes both.
func (*Shield) Shape() kind.Shape {
	return kind.Shape{Type: "true, false or a table", Table: ShieldConfig{}}
}

// Lifetimes are the operations whose answers are kept, in the order of the
// file, and for how long.
type Lifetimes []NamedLifetime

// NamedLifetime is one entry of Lifetimes.
type NamedLifetime struct {
	Name string
	Key  kind.Pos
	At   kind.Cursor
	TTL  int64 // nanoseconds
}

// Read takes the durations.
func (l *Lifetimes) Read(c kind.Cursor) {
	if c.Value.Type != kind.TypeTable {
		c.Wrong(`a table of times such as { browse = "60s", image = "1d" }`, "")
		return
	}
	if len(c.Value.Table.Entries) == 0 {
		c.Report(c.Problem("E203", "needs at least one operation").WithHint(`for example cacheable = { browse = "60s" }`))
	}
	for _, e := range c.Value.Table.Entries {
		at := c.Key(e)
		CheckName(c, e)
		ttl, ok := readLifetime(at)
		if ok {
			*l = append(*l, NamedLifetime{e.Key, e.KeyPos, at, ttl})
		}
	}
}

// Shape describes the table.
func (*Lifetimes) Shape() kind.Shape { return kind.Shape{Type: "a table of durations by operation"} }

func readLifetime(c kind.Cursor) (int64, bool) {
	text, ok := literalText(c, `a duration such as "60s"`)
	if !ok {
		return 0, false
	}
	ttl, err := kind.ParseDuration(text)
	switch {
	case err != nil:
		c.Literal(err)
	case ttl <= 0:
		c.Fail("E302", "must be more than 0s, got %s", kind.QuoteText(text))
	default:
		return ttl, true
	}
	return 0, false
}
