package node

import (
	"github.com/capsim/capsim/models/balance"
	"github.com/capsim/capsim/models/kind"
)

// BalancerConfig is a [load_balancer.NAME] table.
type BalancerConfig struct {
	kind.Place

	Targets      Targets     `key:"targets" doc:"the nodes behind it; the policy chooses among the instances of all of them; may be left out where routes take everything" example:"targets = [\"app\", { name = \"app_big\", weight = 3 }]\npolicy = \"weighted-round-robin\""`
	Type         PresetName  `key:"type" absent:"none" doc:"a product whose defaults stand in for the keys that are left out; capsim explain NAME lists them with their sources" example:"type = \"nginx\""`
	Policy       PolicyName  `key:"policy" default:"round-robin" doc:"how an instance is chosen for each request" example:"policy = \"least-connections\""`
	Choices      int         `key:"choices" default:"2" min:"2" limit:"64" doc:"of power-of-two: how many different instances are drawn, of which the one with the fewest requests gets the request" example:"policy = \"power-of-two\"\nchoices = 3"`
	VirtualNodes int         `key:"virtual_nodes" default:"160" min:"1" limit:"100000" doc:"of consistent-hash: how many points on the ring an instance of weight 1 has; the more, the more evenly the keys are spread" formula:"the shares of M instances with V points each vary by sqrt((M − 1) ÷ (M·V + 1)) of their mean" source:"160 as in ketama and nginx (ngx_http_upstream_hash_module)" example:"policy = \"consistent-hash\"\nvirtual_nodes = 500"`
	LoadFactor   kind.Factor `key:"load_factor" absent:"no bound" min:"1" doc:"of consistent-hash: no instance gets a request beyond this many times the mean of the requests in flight; the request goes to the next on the ring then; no bound if left out" formula:"at most ⌈load_factor · mean⌉ requests in flight, with the next one counted in the mean" source:"V. Mirrokni, M. Thorup, M. Zadimoghaddam, Consistent Hashing with Bounded Loads, 2016" example:"policy = \"consistent-hash\"\nload_factor = 1.25"`
	Zones        Strings     `key:"zones" absent:"all of them" doc:"the zones that it stands in, of those at the top of the file; all of them if left out" example:"zones = [\"a\"]"`

	Routes                  []RouteConfig `key:"route" absent:"none" doc:"operations that go elsewhere than to the targets" example:"route = [{ ops = [\"checkout\"], to = \"checkout_servers\" }]"`
	Sticky                  *StickyConfig `key:"sticky" absent:"none" doc:"binds each user, or each address, to the instance that it got first, for as long as that is in rotation; a retry goes elsewhere, and binds anew; a balancer that dies forgets the addresses, users keep their cookies" example:"sticky = { by = \"cookie\", ttl = \"30m\" }"`
	Instances               int           `key:"instances" default:"1" min:"1" limit:"1000000" doc:"how many of it there are; callers take turns, and each knows only of its own requests, bindings and connections" example:"instances = 2"`
	PricePerHour            Price         `key:"price_per_hour" absent:"none" doc:"what an hour of an instance costs, dead or alive; the list has no prices of load balancers: take a bill of yours, for a month of 730 hours, divided by those and by the instances" example:"price_per_hour = 0.03"`
	Discount                kind.Ratio    `key:"discount" absent:"none" doc:"off price_per_hour: a contract" example:"price_per_hour = 0.03\ndiscount = \"10%\""`
	Overhead                TimeLaw       `key:"overhead" absent:"none" doc:"time that it takes before it passes a request on, any number of requests at once" example:"overhead = \"exp 0.2ms\""`
	MaxConnections          int           `key:"max_connections" absent:"unlimited" min:"1" limit:"1000000000" doc:"requests that may be inside each of its instances, waiting ones too; further ones are rejected" example:"max_connections = 10_000"`
	MaxConnectionsPerTarget int           `key:"max_connections_per_target" absent:"unlimited" min:"1" limit:"1000000000" doc:"requests that each of its instances may have in flight at each instance of its targets; a further one waits, first come first served, for whichever frees first, and one that is bound waits for its own; the connection of a request that its caller gives up is free, and one that waits leaves" source:"HAProxy configuration manual: maxconn of a server" example:"max_connections_per_target = 100"`
	Queue                   int           `key:"queue" absent:"unlimited" min:"0" limit:"1000000000" doc:"of max_connections_per_target: requests that may wait in each of its instances; further ones are rejected" example:"max_connections_per_target = 100\nqueue = 50"`
	QueueTimeout            TimeLaw       `key:"queue_timeout" absent:"none" doc:"of max_connections_per_target: the longest wait, then the request is rejected" source:"HAProxy configuration manual: timeout queue" example:"max_connections_per_target = 100\nqueue_timeout = \"5s\""`
	Timeout                 kind.Duration `key:"timeout" absent:"none" above:"0s" doc:"how long an attempt at a target may take, the wait for a connection not counted; then it has timed out, and is tried again if there are retries" example:"timeout = \"2s\""`
	Retries                 Retries       `key:"retries" absent:"0" doc:"further attempts after one that did not end well, at instances that have not been tried for as long as there are any: a number, or a table" source:"nginx: proxy_next_upstream" example:"retries = { max = 1, on = [\"unavailable\"] }"`

	HealthCheck *HealthConfig   `key:"health_check" absent:"none" doc:"asks every target again and again whether it is well, and takes those that are not out of rotation; without one a dead target stays in rotation, and requests to it are unavailable at once; if no target is left, all are" example:"health_check = { interval = \"5s\", timeout = \"2s\", unhealthy = 2, healthy = 3 }"`
	Ejection    *EjectionConfig `key:"ejection" absent:"none" doc:"takes targets out of rotation by how they answer requests (passive health checks, outlier detection)" example:"ejection = { consecutive = 5, for = \"30s\" }"`
	SlowStart   kind.Duration   `key:"slow_start" absent:"none" above:"0s" doc:"how long a target that is back in rotation takes to get its full share: it begins with a tenth of its weight and gets a twentieth more at a time; the policies that know weights go by them, round-robin and least-connections too, consistent-hash when nothing was heavier before" source:"https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/slow_start" example:"health_check = { interval = \"2s\" }\nslow_start = \"30s\""`
}

// PolicyName is a name of balance.Table.
type PolicyName string

// Words lists the policies.
func (PolicyName) Words() []string {
	names := make([]string, len(balance.Table))
	for i, row := range balance.Table {
		names[i] = row.Name
	}
	return names
}

// Targets are what a balancer chooses among: names, or tables with a weight.
type Targets []TargetConfig

// TargetConfig is one target.
type TargetConfig struct {
	kind.Place

	At     kind.Cursor // the name
	Name   string      `key:"name" required:"yes" doc:"the node" example:"targets = [\"app\", { name = \"app_big\", weight = 3 }]\npolicy = \"weighted-round-robin\""`
	Weight kind.Factor `key:"weight" default:"1" above:"0" limit:"1000000" doc:"of each of its instances: how much each gets in proportion to the others, with the policies that heed it" example:"targets = [\"app\", { name = \"app_big\", weight = 3 }]\npolicy = \"weighted-round-robin\""`
}

// Read takes the names and the tables.
func (t *Targets) Read(c kind.Cursor) {
	const form = `an array of names such as ["app", { name = "app_big", weight = 3 }]`
	if c.Value.Type != kind.TypeArray {
		hint := ""
		if c.Value.Type == kind.TypeString {
			hint = "put it in brackets: [" + kind.QuoteText(c.Value.Text) + "]"
		}
		c.Wrong(form, hint)
		return
	}
	for i, item := range c.Value.Items {
		one, at := TargetConfig{Weight: 1}, c.Item(i)
		switch item.Type {
		case kind.TypeString:
			one.At = at
		case kind.TypeTable:
			kind.Decode(at, &one)
			name := item.Table.Get("name")
			if name == nil || name.Value.Type != kind.TypeString {
				continue // reported
			}
			one.At = at.Key(name)
		default:
			at.Wrong(`a name, or a table such as { name = "app_big", weight = 3 }`, "")
			continue
		}
		*t = append(*t, one)
	}
}

// Shape describes the array.
func (*Targets) Shape() kind.Shape {
	return kind.Shape{Type: "an array of names and tables", Table: TargetConfig{}}
}
