package node

import (
	"github.com/capsim/capsim/models/balance"
	"github.com/capsim/capsim/models/kind"
)

// BalancerConfig is a [load_balancer.NAME] table.
type BalancerConfig struct {
	kind.Place

	Targets      Targets     `key:"targets" required:"yes" doc:"the nodes behind it; the policy chooses among the instances of all of them" example:"targets = [\"app\", { name = \"app_big\", weight = 3 }]\npolicy = \"weighted-round-robin\""`
	Type         PresetName  `key:"type" absent:"none" doc:"a product whose defaults stand in for the keys that are left out; capsim explain NAME lists them with their sources" example:"type = \"nginx\""`
	Policy       PolicyName  `key:"policy" default:"round-robin" doc:"how an instance is chosen for each request" example:"policy = \"least-connections\""`
	Choices      int         `key:"choices" default:"2" min:"2" limit:"64" doc:"of power-of-two: how many different instances are drawn, of which the one with the fewest requests gets the request" example:"policy = \"power-of-two\"\nchoices = 3"`
	VirtualNodes int         `key:"virtual_nodes" default:"160" min:"1" limit:"100000" doc:"of consistent-hash: how many points on the ring an instance of weight 1 has; the more, the more evenly the keys are spread" formula:"the shares of M instances with V points each vary by sqrt((M − 1) ÷ (M·V + 1)) of their mean" source:"160 as in ketama and nginx (ngx_http_upstream_hash_module)" example:"policy = \"consistent-hash\"\nvirtual_nodes = 500"`
	LoadFactor   kind.Factor `key:"load_factor" absent:"no bound" min:"1" doc:"of consistent-hash: no instance gets a request beyond this many times the mean of the requests in flight; the request goes to the next on the ring then; no bound if left out" formula:"at most ⌈load_factor · mean⌉ requests in flight, with the next one counted in the mean" source:"V. Mirrokni, M. Thorup, M. Zadimoghaddam, Consistent Hashing with Bounded Loads, 2016" example:"policy = \"consistent-hash\"\nload_factor = 1.25"`
	Zones        Strings     `key:"zones" absent:"all of them" doc:"the zones that it stands in, of those at the top of the file; all of them if left out" example:"zones = [\"a\"]"`
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
