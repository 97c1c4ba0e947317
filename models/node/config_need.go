package node

import (
	"strings"

	"github.com/capsim/capsim/models/kind"
)

// Need is how many branches of a parallel step must end well.
type Need struct {
	At   kind.Cursor
	Some int // 0: all
}

// Read takes the word or the number.
func (n *Need) Read(c kind.Cursor) {
	n.At = c
	switch {
	case c.Value.Type == kind.TypeString && c.Value.Text == "all":
	case c.Value.Type == kind.TypeString && c.Value.Text == "any":
		n.Some = 1
	case c.Value.Type == kind.TypeString && !strings.ContainsAny(c.Value.Text, "0123456789"):
		c.UnknownWord(c.Value.Text, []string{"all", "any"})
	default:
		if some, ok := c.Count(`"all", "any" or a number`); ok && some < 1 {
			c.Fail("E302", "must be at least 1, got %d", some)
		} else if ok {
			n.Some = int(min(some, 1<<31-1))
		}
	}
}

// Shape describes the word and the number.
func (*Need) Shape() kind.Shape { return kind.Shape{Type: `"all", "any" or a number`} }

// KeyText is what a step is about: "item", "source" or a distribution.
type KeyText struct{ At kind.Cursor }

// Read takes the text.
func (k *KeyText) Read(c kind.Cursor) {
	if c.Value.Type != kind.TypeString {
		c.Wrong(`"item", "source", or a distribution of keys such as "zipf s=1 n=100k"`, "")
		return
	}
	k.At = c
}

// Shape describes the text.
func (*KeyText) Shape() kind.Shape {
	return kind.Shape{Type: `"item", "source", or a distribution of keys`}
}

// Given reports whether the file has it, and it may be read.
func (k KeyText) Given() bool { return k.At.Value != nil }

// SizeLaw is a distribution of a size.
type SizeLaw struct{ At kind.Cursor }

// Read takes the text.
func (l *SizeLaw) Read(c kind.Cursor) {
	if c.Value.Type != kind.TypeString {
		hint := ""
		if c.Value.Type == kind.TypeInteger {
			hint = "a size needs a unit: " + kind.QuoteText(kind.Cut(c.Value.Raw)+"MB")
		}
		c.Wrong(`a size such as "20MB"`, hint)
		return
	}
	l.At = c
}

// Shape describes the text.
func (*SizeLaw) Shape() kind.Shape { return kind.Shape{Type: "a size, or a distribution of a size"} }

// Given reports whether the file has it, and it may be read.
func (l SizeLaw) Given() bool { return l.At.Value != nil }

// NetworkConfig is the [network] table. Nothing is added to a call that it
// does not ask for.
type NetworkConfig struct {
	kind.Place

	SameZone    TimeLaw         `key:"same_zone" absent:"0s" doc:"one-way time between two instances in one zone" example:"[network]\nsame_zone = \"exp 0.2ms\""`
	CrossZone   TimeLaw         `key:"cross_zone" absent:"0s" doc:"one-way time between two instances in different zones" example:"[network]\ncross_zone = \"exp 0.6ms\""`
	Internet    TimeLaw         `key:"internet" absent:"0s" doc:"one-way time to or from clients without a zone and external services" example:"[network]\ninternet = \"lognormal p50=20ms p99=120ms\""`
	Between     []BetweenConfig `key:"between" doc:"one-way times between single zones, instead of same_zone and cross_zone" example:"[network]\nbetween = [{ zones = [\"a\", \"c\"], delay = \"40ms\" }]"`
	Loss        kind.Ratio      `key:"loss" default:"0" doc:"the share of messages, requests and answers alike, that are lost; who waits for one notices by a time-out" example:"[network]\nloss = \"0.1%\""`
	EgressPrice Price           `key:"egress_price" absent:"none" doc:"what each GB (10^9 bytes) of answers to clients beyond the internet costs" example:"[network]\negress_price = 0.09"`
}

// BetweenConfig is the time between two zones.
type BetweenConfig struct {
	kind.Place

	Zones Strings `key:"zones" required:"yes" doc:"the two zones, in either order" example:"between = [{ zones = [\"a\", \"b\"], delay = \"5ms\" }]"`
	Delay TimeLaw `key:"delay" required:"yes" doc:"one-way time" example:"between = [{ zones = [\"a\", \"b\"], delay = \"5ms\" }]"`
}
