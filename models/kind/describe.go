package kind

import (
	"fmt"
	"reflect"
)

// The scalar types of configuration structs, besides string, bool, int and
// uint64.
type (
	// Duration is a length of time in nanoseconds: "250us", "1h30m".
	Duration int64
	// Rate is a number per second: "800/s".
	Rate float64
	// Ratio is a number from 0 to 1: 0.8 or "80%".
	Ratio float64
	// Factor is a number: 1.3 or "4x".
	Factor float64
)

// Word is implemented by string types of which only some values exist.
type Word interface {
	// Words returns the values, in the order in which the manual lists them.
	Words() []string
}

// Union is implemented (by its pointer) by a type that may be written in more
// than one way.
type Union interface {
	// Read fills the receiver from a value, and reports what is wrong with it.
	Read(c Cursor)
	// Shape describes what may be written.
	Shape() Shape
}

// Shape describes the values of a Union. Its Type lists the forms, divided by
// ", or " or commas: a word in quotes stands for itself, words in capitals
// within quotes for a value, "a duration" for the literal of that name.
type Shape struct {
	Type  string // with its article: "a distribution of time"
	Table any    // the configuration struct of its table form, nil if it has none
}

// Field describes one key of a configuration struct.
type Field struct {
	Key      string
	Type     string   // with its article: "a duration"
	Words    []string // the values that exist, where they are few
	Default  string   // as it would be written; "" if there is none
	Absent   string   // what absence means where there is no default
	Required bool
	Min      string // smallest value
	Above    string // the value must be larger than this
	Max      string // largest value
	Limit    string // largest value that capsim takes on
	Doc      string
	Unit     string // of a plain number: "objects", "per gigabyte"
	Formula  string // what is computed from the value, where a formula says it best
	Source   string // where the formula, or the meaning, is from
	Example  string
	Table    any // the configuration struct of a value that is a table or an array of tables

	typ   reflect.Type
	index []int
	like  string // "such as …", for messages
}

// Describe lists the keys of a configuration struct in the order of its
// fields; those of an embedded struct, which several have in common, stand
// where it does. It panics if a tag is wrong: the program is, not the input.
func Describe(config any) []Field {
	t := reflect.TypeOf(config)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return describe(t)
}

func describe(t reflect.Type) []Field {
	if t.Kind() != reflect.Struct {
		panic("kind: no configuration struct: " + t.String())
	}
	var fields []Field
	for i := range t.NumField() {
		sf := t.Field(i)
		key := sf.Tag.Get("key")
		if key == "" {
			if sf.Anonymous && sf.Type.Kind() == reflect.Struct {
				for _, f := range describe(sf.Type) {
					f.index = append([]int{i}, f.index...)
					fields = append(fields, f)
				}
			}
			continue
		}
		f := Field{
			Key: key, index: []int{i}, typ: sf.Type,
			Default: sf.Tag.Get("default"), Absent: sf.Tag.Get("absent"), Required: sf.Tag.Get("required") == "yes",
			Min: sf.Tag.Get("min"), Above: sf.Tag.Get("above"), Max: sf.Tag.Get("max"), Limit: sf.Tag.Get("limit"),
			Doc: sf.Tag.Get("doc"), Example: sf.Tag.Get("example"),
			Unit: sf.Tag.Get("unit"), Formula: sf.Tag.Get("formula"), Source: sf.Tag.Get("source"),
		}
		f.typeOf(sf.Type)
		fields = append(fields, f)
	}
	return fields
}

// typeOf fills in what follows from the Go type of a field.
func (f *Field) typeOf(t reflect.Type) {
	if t.Kind() == reflect.Pointer { // what may be absent
		t = t.Elem()
	}
	zero := reflect.New(t).Interface()
	switch v := zero.(type) {
	case Union:
		shape := v.Shape()
		f.Type, f.Table = shape.Type, shape.Table
		return
	case Word:
		f.Type, f.Words = "one of a few words", v.Words()
		return
	case *Duration:
		f.Type, f.like = "a duration", ` such as "30s"`
		return
	case *Rate:
		f.Type, f.like = "a rate", ` such as "800/s"`
		return
	case *Ratio:
		f.Type, f.like = "a ratio", ` such as 0.8 or "80%"`
		return
	case *Factor:
		f.Type, f.like = "a factor", ` such as 1.3`
		return
	case *int, *uint64:
		f.Type = "an integer"
		return
	}
	switch {
	case t.Kind() == reflect.String:
		f.Type = "a string"
	case t.Kind() == reflect.Bool:
		f.Type = "true or false"
	case t.Kind() == reflect.Struct:
		f.Type, f.Table = "a table", reflect.Zero(t).Interface()
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct:
		f.Type, f.Table = "an array of tables", reflect.Zero(t.Elem()).Interface()
	default:
		panic(fmt.Sprintf("kind: key %q has a type that no value is read into: %s", f.Key, t))
	}
}

// KeysOf lists the keys of some fields.
func KeysOf(fields []Field) []string {
	keys := make([]string, len(fields))
	for i := range fields {
		keys[i] = fields[i].Key
	}
	return keys
}
