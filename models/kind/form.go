package kind

import (
	"reflect"
	"strings"
)

// Form is which types of TOML a value may have, and what is within it.
type Form struct {
	String, Integer, Float, Boolean bool

	Config any   // the configuration struct of a table with known keys
	Values *Form // of a table whose keys are names
	Items  *Form // of an array
}

// Form returns which types of TOML the key takes. For a [Union] it is found
// out by letting it read a value of each type: what is not refused for its
// type is taken. So a new Union needs no second description.
func (f *Field) Form() Form { return formOf(f.typ) }

func formOf(t reflect.Type) Form {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch zero := reflect.New(t).Interface().(type) {
	case Union:
		p := prober{func() Union { return reflect.New(t).Interface().(Union) }}
		return p.form("", func(v *Value) *Value { return v }, maxProbe)
	case *Duration, *Rate, Word:
		return Form{String: true}
	case *Ratio, *Factor:
		return Form{String: true, Integer: true, Float: true}
	case *int, *uint64:
		return Form{String: true, Integer: true}
	case *bool:
		return Form{Boolean: true}
	case *string:
		return Form{String: true}
	default:
		if t.Kind() == reflect.Slice {
			return Form{Items: &Form{Config: reflect.Zero(t.Elem()).Interface()}}
		}
		return Form{Config: reflect.ValueOf(zero).Elem().Interface()}
	}
}

// TypeName is what the program calls a configuration struct.
func TypeName(config any) string {
	t := reflect.TypeOf(config)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Name()
}

// maxProbe is how deep values within values are tried.
const maxProbe = 4

// prober lets a Union read values of every type.
type prober struct{ fresh func() Union }

// The texts that are tried: a word, a number with a suffix, a time. One of
// them is not refused for its type wherever strings are taken.
func probes() []*Value {
	texts := []string{"x", "2k", "2ms"}
	values := make([]*Value, len(texts))
	for i, text := range texts {
		values[i] = &Value{Type: TypeString, Text: text, Raw: `"` + text + `"`}
	}
	return values
}

// probed is the name that is tried as the key of a table.
const probed = "x"

// form tries all types at one place: wrap puts a value there, and path leads
// to it.
func (p prober) form(path string, wrap func(*Value) *Value, depth int) Form {
	var f Form
	for _, v := range probes() {
		taken, _ := p.takes(path, wrap(v), false)
		f.String = f.String || taken
	}
	f.Integer, _ = p.takes(path, wrap(&Value{Type: TypeInteger, Int: 2, Raw: "2"}), true)
	f.Float, _ = p.takes(path, wrap(&Value{Type: TypeFloat, Float: 0.5, Raw: "0.5"}), true)
	f.Boolean, _ = p.takes(path, wrap(&Value{Type: TypeBoolean, Bool: true, Raw: "true"}), false)
	if depth == 0 {
		return f
	}
	table, decodedAs := p.takes(path, wrap(&Value{Type: TypeTable, Table: &Table{}}), false)
	switch {
	case decodedAs != nil:
		f.Config = reflect.Zero(decodedAs).Interface()
	case table:
		inner := p.form(JoinKey(path, probed), func(v *Value) *Value {
			t := &Table{}
			t.Add(&Entry{Key: probed, Value: v})
			return wrap(&Value{Type: TypeTable, Table: t})
		}, depth-1)
		f.Values = &inner
	}
	if array, _ := p.takes(path, wrap(&Value{Type: TypeArray}), false); array {
		inner := p.form(joinItem(path, 0), func(v *Value) *Value {
			return wrap(&Value{Type: TypeArray, Items: []*Value{v}})
		}, depth-1)
		f.Items = &inner
	}
	return f
}

// takes reports whether a Union does not refuse the type of what is at a
// path, and as which configuration struct a table there was decoded.
func (p prober) takes(path string, v *Value, number bool) (taken bool, table reflect.Type) {
	d := &Decoder{Report: &Report{}, tables: map[string]reflect.Type{}}
	p.fresh().Read(d.At(v, ""))
	for _, found := range d.Report.found {
		within := found.Key == path || path == "" || strings.HasPrefix(found.Key, path+".") || strings.HasPrefix(found.Key, path+"[")
		unitless := found.Code == "E301" && number // a number that needs a unit is no number
		if within && (found.Code == "E204" || unitless) {
			return false, nil
		}
	}
	return true, d.tables[path]
}
