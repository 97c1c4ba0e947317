package kind

import (
	"strconv"
	"strings"
)

// Pos is a place in a file. Line and Col count from 1, Col in code points (a
// tab is one). EndCol is the column after the last character, on that line; 0
// for a finding about a whole file.
type Pos struct {
	File   string
	Line   int
	Col    int
	EndCol int
}

// CommandLine is the File of what was given as a flag; Col is the number of
// the argument.
const CommandLine = "command-line"

// ValueType is a type of TOML.
type ValueType uint8

// The types of a value.
const (
	TypeString ValueType = iota
	TypeInteger
	TypeFloat
	TypeBoolean
	TypeDate
	TypeArray
	TypeTable
)

// String returns the type with its article, for "got …".
func (t ValueType) String() string {
	return [...]string{"a string", "an integer", "a float", "a boolean", "a date", "an array", "a table"}[t]
}

// Value is one value of a file and where it stands.
//
// Origin is empty for what the file itself says; an overlay sets it to what
// messages put before the path: "design.vertical." or "--set ". An Origin that
// does not end in a point or a space ("--duration") stands for the path.
type Value struct {
	Type   ValueType
	Pos    Pos
	Raw    string // a scalar as it is written, quotes included
	Text   string // of a string
	Int    int64
	Float  float64
	Bool   bool
	Items  []*Value // of an array
	Table  *Table   // of a table
	Origin string
}

// Within returns the position of a part of a string, from byte offset, size
// bytes long. Where the string holds escapes or several lines, it is the
// position of the whole.
func (v *Value) Within(offset, size int) Pos {
	pos := v.Pos
	if v.Type != TypeString || offset < 0 || size < 0 || offset+size > len(v.Text) || len(v.Raw) != len(v.Text)+2 ||
		pos.File == CommandLine {
		return pos
	}
	from := pos.Col + 1 + countRunes(v.Text[:offset])
	to := from + countRunes(v.Text[offset:offset+size])
	if size == 0 {
		to = from + 1
	}
	pos.Col, pos.EndCol = from, to
	return pos
}

// Entry is a key of a table and its value.
type Entry struct {
	Key    string
	KeyPos Pos
	Value  *Value
}

// Table is a table of a file, its entries in document order.
type Table struct {
	Pos     Pos // of the header, the brace, or the first key that implies it
	Entries []*Entry
	byKey   map[string]*Entry
}

// Get returns the entry of a key, nil if there is none.
func (t *Table) Get(key string) *Entry {
	if t == nil {
		return nil
	}
	return t.byKey[key]
}

// Add appends an entry. It panics if the key is there already: whoever adds
// has to look first, to say where.
func (t *Table) Add(e *Entry) {
	if t.byKey == nil {
		t.byKey = make(map[string]*Entry)
	}
	if t.byKey[e.Key] != nil {
		panic("kind: key added twice: " + e.Key)
	}
	t.byKey[e.Key] = e
	t.Entries = append(t.Entries, e)
}

// Set gives a key a new value, whether or not it has one.
func (t *Table) Set(e *Entry) {
	if have := t.Get(e.Key); have != nil {
		*have = *e
		return
	}
	t.Add(e)
}

// Keys returns the keys in document order.
func (t *Table) Keys() []string {
	if t == nil {
		return nil
	}
	keys := make([]string, 0, len(t.Entries))
	for _, e := range t.Entries {
		keys = append(keys, e.Key)
	}
	return keys
}

// Clone copies a tree of tables and arrays down to its scalars, which are
// shared: nobody writes to them.
func (t *Table) Clone() *Table {
	c := &Table{Pos: t.Pos, Entries: make([]*Entry, 0, len(t.Entries))}
	for _, e := range t.Entries {
		c.Add(&Entry{e.Key, e.KeyPos, e.Value.clone()})
	}
	return c
}

func (v *Value) clone() *Value {
	switch v.Type {
	case TypeTable:
		c := *v
		c.Table = v.Table.Clone()
		return &c
	case TypeArray:
		c := *v
		c.Items = make([]*Value, len(v.Items))
		for i, item := range v.Items {
			c.Items[i] = item.clone()
		}
		return &c
	}
	return v
}

// JoinKey appends a key to a dotted path, in quotes where TOML wants them.
func JoinKey(path, key string) string {
	if !bare(key) {
		key = QuoteText(key)
	}
	if path == "" {
		return key
	}
	return path + "." + key
}

// bare reports whether TOML wants no quotes around a key.
func bare(key string) bool {
	for i := range len(key) {
		switch c := key[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', isDigit(c), c == '_', c == '-':
		default:
			return false
		}
	}
	return key != ""
}

// joinItem appends the index of an array to a path.
func joinItem(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

// withOrigin is the path that a message calls a thing by.
func withOrigin(origin, path string) string {
	switch {
	case strings.HasSuffix(origin, ".") || strings.HasSuffix(origin, " "):
		return origin + path
	case origin != "":
		return origin
	}
	return path
}
