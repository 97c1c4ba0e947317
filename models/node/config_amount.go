package node

import "github.com/capsim/capsim/models/kind"

// literalText is what is written for a value that has a unit, in a string or
// as a plain number. Anything else is reported.
func literalText(c kind.Cursor, example string) (text string, ok bool) {
	switch c.Value.Type {
	case kind.TypeString:
		return c.Value.Text, true
	case kind.TypeInteger, kind.TypeFloat:
		return c.Value.Raw, true
	}
	c.Wrong(example, "")
	return "", false
}

// Bandwidth is a number of bytes per second.
type Bandwidth struct {
	Given     bool
	PerSecond float64
}

// Read takes the text.
func (b *Bandwidth) Read(c kind.Cursor) {
	text, ok := literalText(c, `a bandwidth such as "1Gbps"`)
	if !ok {
		return
	}
	x, err := kind.ParseBandwidth(text)
	switch {
	case err != nil:
		c.Literal(err)
	case !(x > 0):
		c.Fail("E302", "must be more than 0, got %s", kind.QuoteText(text))
	default:
		b.Given, b.PerSecond = true, x
	}
}

// Shape describes the text.
func (*Bandwidth) Shape() kind.Shape { return kind.Shape{Type: "a bandwidth"} }

// Price is an amount of money.
type Price struct {
	Given  bool
	Amount float64
}

// maxPrice keeps sums of money exact enough.
const maxPrice = 1e12

// Read takes the number.
func (p *Price) Read(c kind.Cursor) {
	switch v := c.Value; v.Type {
	case kind.TypeInteger:
		p.Amount = float64(v.Int)
	case kind.TypeFloat:
		p.Amount = v.Float
	default:
		c.Wrong("an amount of money such as 0.09", "")
		return
	}
	switch {
	case p.Amount < 0:
		c.Fail("E302", "must be at least 0, got %s", kind.Cut(c.Value.Raw))
	case p.Amount > maxPrice:
		c.Fail("E705", "must be at most %g (a limit of capsim), got %s", maxPrice, kind.Cut(c.Value.Raw))
	default:
		p.Given = true
	}
}

// Shape describes the number.
func (*Price) Shape() kind.Shape { return kind.Shape{Type: "an amount of money"} }
