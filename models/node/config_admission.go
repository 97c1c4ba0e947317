package node

import (
	"math/big"
	"strings"

	"github.com/capsim/capsim/models/kind"
)

// Pools are the connection pools of a server by the node that they lead to,
// in the order of the file.
type Pools []PoolConfig

// PoolConfig is pool.NODE = { size = 20 }.
type PoolConfig struct {
	kind.Place

	Name        string      // the key: a node
	At          kind.Cursor // the value
	KeyPosition kind.Pos

	Size           int     `key:"size" required:"yes" min:"1" limit:"1000000" doc:"connections of each instance; a call has one until it is answered" example:"pool.orders = { size = 20 }"`
	AcquireTimeout TimeLaw `key:"acquire_timeout" absent:"none" doc:"the longest wait for an open connection, then the call's attempt is rejected; no limit if left out" example:"pool.orders = { size = 20, acquire_timeout = \"1s\" }"`
	Connect        TimeLaw `key:"connect" absent:"0s" doc:"how long it takes to open a connection: a pool starts empty, and opens one when a call finds none idle; a connection whose call is given up is closed" example:"pool.orders = { size = 20, connect = \"exp 3ms\" }"`
}

// Read takes the table of pools.
func (p *Pools) Read(c kind.Cursor) {
	if c.Value.Type != kind.TypeTable {
		hint := ""
		if c.Value.Type == kind.TypeInteger {
			hint = "say to which node: pool.orders = { size = " + kind.Cut(c.Value.Raw) + " }"
		}
		c.Wrong("a table of pools by node, such as pool.orders = { size = 20 }", hint)
		return
	}
	for _, e := range c.Value.Table.Entries {
		one := PoolConfig{Name: e.Key, At: c.Key(e), KeyPosition: e.KeyPos}
		if e.Value.Type != kind.TypeTable {
			hint := ""
			if e.Value.Type == kind.TypeInteger {
				hint = "write { size = " + kind.Cut(e.Value.Raw) + " }"
			}
			one.At.Wrong("a table such as { size = 20 }", hint)
			continue
		}
		kind.Decode(one.At, &one)
		*p = append(*p, one)
	}
}

// Shape describes the table.
func (*Pools) Shape() kind.Shape {
	return kind.Shape{Type: "a table of connection pools by node", Table: PoolConfig{}}
}

// ShedConfig says when a server sheds load.
type ShedConfig struct {
	kind.Place

	Delay kind.Duration `key:"delay" required:"yes" above:"0s" doc:"arrivals are rejected while the request that is next in line for a worker has waited longer than this" example:"concurrency = 64\nshed = { delay = \"200ms\" }"`
}

// RateText is a rate limit such as "500/s burst=100".
type RateText struct {
	At    kind.Cursor
	Limit *RateLimit // nil: none
}

// maxBurst and maxRate keep the counts of a token bucket within 128 bits.
const (
	maxBurst = 1_000_000_000
	maxRate  = 1_000_000_000_000
)

// Read takes the text.
func (r *RateText) Read(c kind.Cursor) {
	const example = `a rate limit such as "500/s burst=100"`
	text, ok := literalText(c, example)
	if !ok {
		return
	}
	words := strings.Fields(text)
	if len(words) == 0 {
		c.Fail("E301", "expected %s, got an empty text", example)
		return
	}
	at := strings.Index(text, words[0])
	perSecond, err := rateOf(words[0])
	burst := uint64(1)
	if err == nil && len(words) > 1 {
		at += len(words[0])
		at += strings.Index(text[at:], words[1])
		burst, err = burstOf(words[1])
	}
	if err == nil && len(words) > 2 {
		at += len(words[1])
		at += strings.Index(text[at:], words[2])
		err = wrongWord("E206", words[2], "unexpected "+kind.QuoteText(words[2])+" after the burst", "")
	}
	if err != nil {
		c.Part(err.Moved(at))
		return
	}
	r.At, r.Limit = c, NewRateLimit(perSecond, burst)
}

func wrongWord(code, word, message, hint string) *kind.LiteralError {
	return &kind.LiteralError{Code: code, Message: message, Hint: hint, Len: len(word)}
}

// rateOf reads the rate of a limit.
func rateOf(word string) (*big.Rat, *kind.LiteralError) {
	x, err := kind.ParseExactRate(word)
	switch {
	case err != nil:
		return nil, err
	case x.Sign() == 0:
		return nil, wrongWord("E302", word, "must be more than 0/s, got "+kind.QuoteText(word), "")
	case x.Cmp(big.NewRat(maxRate, 1)) > 0:
		return nil, wrongWord("E705", word, "must be at most 1000G/s (a limit of capsim), got "+kind.QuoteText(word), "")
	}
	return x, nil
}

// burstOf reads "burst=100".
func burstOf(word string) (uint64, *kind.LiteralError) {
	const prefix = "burst="
	value, ok := strings.CutPrefix(word, prefix)
	if !ok {
		return 0, wrongWord("E206", word, "after the rate there may be a burst, not "+kind.QuoteText(word), `for example "500/s burst=100"`)
	}
	n, err := kind.ParseCount(value)
	switch {
	case err != nil:
		return 0, err.Moved(len(prefix))
	case n < 1:
		return 0, wrongWord("E302", word, "the burst must be at least 1, got "+kind.QuoteText(value), "with less than one token nothing would ever pass")
	case n > maxBurst:
		return 0, wrongWord("E705", word, "the burst must be at most 1G (a limit of capsim), got "+kind.QuoteText(value), "")
	}
	return uint64(n), nil
}

// Shape describes the text.
func (*RateText) Shape() kind.Shape { return kind.Shape{Type: "a rate, and a burst if wanted"} }

// Bytes is an amount of memory.
type Bytes struct {
	Given bool
	N     uint64
	Text  string // as it is written
}

// Read takes the text.
func (b *Bytes) Read(c kind.Cursor) {
	text, ok := literalText(c, `a size such as "16GB"`)
	if !ok {
		return
	}
	n, err := kind.ParseSize(text)
	if err != nil {
		c.Literal(err)
		return
	}
	b.Given, b.N, b.Text = true, uint64(n), text
}

// Shape describes the text.
func (*Bytes) Shape() kind.Shape { return kind.Shape{Type: "a size"} }
