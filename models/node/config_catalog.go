package node

import (
	"slices"
	"strings"

	"github.com/capsim/capsim/models/kind"
)

// CatalogConfig is a [catalog.NAME] table: a type of machine of one's own. Its
// keys are those that a server has for its size.
type CatalogConfig struct {
	kind.Place

	Like         MachineType `key:"like" absent:"none" doc:"a machine of the list, whose sizes and price stand in for the keys that are left out" example:"[catalog.spot]\nlike = \"aws:m7i.xlarge\"\nprice_per_hour = 0.08"`
	Cores        int         `key:"cores" absent:"those of like, else the default of the node" min:"1" limit:"1000000" doc:"processor cores of each instance" example:"[catalog.r740]\ncores = 32"`
	Speed        kind.Factor `key:"speed" absent:"the default of the node" above:"0" doc:"divides the times of cpu, disk and wait steps" example:"[catalog.r740]\nspeed = 1.3"`
	Memory       Bytes       `key:"memory" absent:"that of like, else the default of the node" doc:"memory of each instance" example:"[catalog.r740]\nmemory = \"128GiB\""`
	Network      Bandwidth   `key:"network" absent:"that of like, else the default of the node" doc:"bandwidth of each instance's network interface" example:"[catalog.r740]\nnetwork = \"10Gbps\""`
	Disk         *DiskConfig `key:"disk" absent:"the default of the node" doc:"what the disk of each instance can do" example:"[catalog.r740]\ndisk = { iops = 50_000, depth = 32 }"`
	PricePerHour Price       `key:"price_per_hour" absent:"that of like, else none" doc:"what an hour of an instance costs" example:"[catalog.r740]\nprice_per_hour = 0.21"`
}

// Catalog is the [catalog.NAME] tables, ordered by name.
type Catalog []NamedMachine

// NamedMachine is one of the Catalog.
type NamedMachine struct {
	Name string
	Pos  kind.Pos
	CatalogConfig
}

// Read takes the tables.
func (m *Catalog) Read(c kind.Cursor) {
	if c.Value.Type != kind.TypeTable {
		c.Wrong("tables [catalog.NAME]", "each machine is a table of its own: [catalog.NAME]")
		return
	}
	fields := kind.KeysOf(kind.Describe(CatalogConfig{}))
	byName := func(a, b *kind.Entry) int { return strings.Compare(a.Key, b.Key) }
	for _, e := range slices.SortedFunc(slices.Values(c.Value.Table.Entries), byName) {
		at := c.Key(e)
		if e.Value.Type != kind.TypeTable {
			hint := "each machine is a table: [catalog.NAME]"
			if slices.Contains(fields, e.Key) {
				hint = "give the machine a name: [catalog.NAME]"
			}
			at.Wrong("a table [catalog.NAME]", hint)
			continue
		}
		CheckName(c, e)
		one := NamedMachine{Name: e.Key, Pos: e.KeyPos}
		kind.Decode(at, &one.CatalogConfig)
		*m = append(*m, one)
	}
}

// Shape describes the tables.
func (*Catalog) Shape() kind.Shape {
	return kind.Shape{Type: "tables [catalog.NAME]", Table: CatalogConfig{}}
}
