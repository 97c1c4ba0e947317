package node

import (
	"strings"

	"github.com/capsim/capsim/models/evict"
	"github.com/capsim/capsim/models/kind"
)

// CacheConfig is a [cache.NAME] table.
type CacheConfig struct {
	kind.Place

	HitRatio   kind.Ratio    `key:"hit_ratio" absent:"emergent" doc:"the share of look-ups that find their item, whatever they ask for: instead of capacity, memory and ttl, from which it would follow which items are there" example:"hit_ratio = \"80%\""`
	Capacity   int           `key:"capacity" absent:"unlimited" min:"1" limit:"1000000000" doc:"items that each instance has room for" example:"capacity = 100_000"`
	Memory     Bytes         `key:"memory" absent:"unlimited" doc:"bytes that each instance has room for, instead of capacity; how large an item is, object_size says" example:"memory = \"2GB\"\nobject_size = \"20kB\""`
	ObjectSize SizeLaw       `key:"object_size" absent:"none" doc:"of memory: the bytes of an item, what the cache needs for itself included; a distribution gives each item a size of its own, which is the same whenever it is asked for" example:"memory = \"2GB\"\nobject_size = \"lognormal mean=20kB cv=2\""`
	Policy     EvictionText  `key:"policy" default:"lru" doc:"which item goes when there is no room for another" example:"capacity = 100_000\npolicy = \"lru\""`
	TTL        kind.Duration `key:"ttl" absent:"for ever" above:"0s" doc:"how long an item stays, from when it was entered; alone, without capacity or memory, nothing else bounds what is kept" example:"ttl = \"10m\""`
	Warm       bool          `key:"warm" absent:"false" doc:"it is full from the start: of the items that its clients ask for most often, 0, 1, 2 and so on of a distribution of keys, the most frequent of a trace; with a ttl each as old as if it had been entered at any time before. Otherwise it starts empty" example:"capacity = 100_000\nwarm = true"`

	Instances    int           `key:"instances" default:"1" min:"1" limit:"100000" doc:"how many there are; each keeps the items that consistent hashing gives it. While one is dead, look-ups of its items are unavailable, which to a get is a miss; it comes back empty" example:"capacity = 100_000\ninstances = 3"`
	Latency      TimeLaw       `key:"latency" absent:"none" doc:"how long a get, set or invalidate takes, hit or miss, and a call before it goes on to the origin; the look-up is made when it has passed" example:"hit_ratio = \"80%\"\nlatency = \"exp 0.4ms\""`
	Cores        int           `key:"cores" absent:"none" min:"1" limit:"1000000" doc:"the latency is work on so many cores of each instance, first come first served; without it nobody waits for anybody, also where there is a type" example:"hit_ratio = \"80%\"\nlatency = \"exp 0.02ms\"\ncores = 1"`
	Type         MachineType   `key:"type" absent:"none" doc:"a machine of a cloud; its memory stands in for memory where object_size is given and neither memory nor capacity is. Its cores are not taken over: how many of them a cache uses is a matter of the product (Redis: one). capsim explain machines lists them" example:"type = \"aws:r7g.large\"\nobject_size = \"20kB\""`
	PricePerHour Price         `key:"price_per_hour" absent:"that of the type, if there is one" doc:"what an hour of an instance costs, dead or alive; it goes before the price of the type" example:"hit_ratio = \"80%\"\nprice_per_hour = 0.11"`
	Discount     kind.Ratio    `key:"discount" absent:"none" doc:"off its price, the list's and the file's alike: reserved or spot machines, or a contract" example:"hit_ratio = \"80%\"\ntype = \"aws:r7g.large\"\ndiscount = \"30%\""`
	Coalesce     bool          `key:"coalesce" absent:"false" doc:"one miss at a time for each item: while it is fetched, others that miss it wait, and are answered as if they had found it once it is entered; if it is not, the next of them goes" example:"ttl = \"10m\"\ncoalesce = true"`
	Origin       string        `key:"origin" absent:"none" doc:"makes it a read-through cache, which is called like a server, { call = \"redis\" } or the target of a client or a balancer: what it does not have it asks this for, keeps it if the answer is ok, and passes the answer on; an operation, such as \"orders.by_id\" of a database, or a node, which is then asked for the operation that the cache was asked for, each of them with items of its own. The instance that balancers choose looks in what it has itself" example:"capacity = 100_000\norigin = \"web\""`
	Timeout      kind.Duration `key:"timeout" absent:"none" above:"0s" doc:"of origin: how long it may take to answer; then the request has timed out, and nothing is kept" example:"capacity = 100_000\norigin = \"web\"\ntimeout = \"2s\""`
	Zones        Strings       `key:"zones" absent:"all of them" doc:"the zones that its instances are spread over in turn, of those at the top of the file; all of them if left out" example:"hit_ratio = \"80%\"\nzones = [\"a\"]"`
}

// EvictionText is a policy of evict.Table, with its parameter if it has one.
type EvictionText struct {
	Choice evict.Choice // none if it cannot be read
}

// Read takes the text.
func (e *EvictionText) Read(c kind.Cursor) {
	if c.Value.Type != kind.TypeString {
		c.Wrong("one of "+strings.Join(evictions(), ", "), "")
		return
	}
	choice, known, err := evict.Parse(c.Value.Text)
	switch {
	case !known:
		c.UnknownWord(c.Value.Text, evictions())
	case err != nil:
		c.Fail("E206", "%s", err.Error())
	default:
		e.Choice = choice
	}
}

// Shape describes the text.
func (*EvictionText) Shape() kind.Shape {
	forms := make([]string, len(evict.Table))
	for i, p := range evict.Table {
		forms[i] = `"` + p.Name + `"`
		if p.Samples != "" {
			forms[i] = `"` + p.Name + ` N"`
		}
	}
	last := len(forms) - 1
	return kind.Shape{Type: strings.Join(forms[:last], ", ") + " or " + forms[last]}
}

// evictions are the names of the policies.
func evictions() []string {
	names := make([]string, len(evict.Table))
	for i, p := range evict.Table {
		names[i] = p.Name
	}
	return names
}
