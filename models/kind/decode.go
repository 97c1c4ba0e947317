package kind

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Decode reads the table under the cursor into a pointer to a configuration
// struct: it reports unknown, missing and wrong keys, and fills in defaults.
// The struct's embedded Place, if it has one, is set.
func Decode(c Cursor, config any) {
	rv := reflect.ValueOf(config).Elem()
	if c.Value.Type != TypeTable {
		c.Wrong("a table", "")
		return
	}
	c.decode(rv)
}

func (c Cursor) decode(rv reflect.Value) {
	fields := c.d.fieldsOf(rv.Type())
	if c.d.tables != nil {
		c.d.tables[c.Path] = rv.Type()
	}
	if place := rv.FieldByName("Place"); place.IsValid() {
		place.Set(reflect.ValueOf(c.Place()))
	}
	for _, e := range c.Value.Table.Entries {
		if !slices.ContainsFunc(fields, func(f Field) bool { return f.Key == e.Key }) {
			c.unknown(e, fields)
		}
	}
	for i := range fields { // in the order of the manual: that of the file changes nothing
		if e := c.Value.Table.Get(fields[i].Key); e != nil {
			c.Key(e).read(&fields[i], rv.FieldByIndex(fields[i].index))
		}
	}
	for i := range fields {
		if f := &fields[i]; c.Value.Table.Get(f.Key) == nil {
			c.absent(f, rv.FieldByIndex(f.index))
		}
	}
}

func (d *Decoder) fieldsOf(t reflect.Type) []Field {
	if d.Known == nil {
		d.Known = &Descriptions{}
	}
	return d.Known.of(t)
}

// of describes a configuration struct, the first time that it is asked for.
func (k *Descriptions) of(t reflect.Type) []Field {
	fields, ok := k.fields[t]
	if !ok {
		if k.fields == nil {
			k.fields = make(map[reflect.Type][]Field)
		}
		fields = describe(t)
		k.fields[t] = fields
	}
	return fields
}

// Keys lists the keys of a configuration struct, in the order of the manual.
func (k *Descriptions) Keys(config any) []string { return KeysOf(k.of(reflect.TypeOf(config))) }

// unknown reports a key that the table does not have.
func (c Cursor) unknown(e *Entry, fields []Field) {
	if c.d.Report.Full() {
		c.Report(c.KeyProblem(e, "E201", "unknown key"))
		return
	}
	known := KeysOf(fields)
	var places []string
	sure := false
	if c.d.Elsewhere != nil {
		places, sure = c.d.Elsewhere(c.Path, e.Key)
	}
	c.Report(UnknownKey(c.KeyProblem(e, "E201", ""), e.Key, known, places, sure))
}

// UnknownKey completes the finding that a table has no such key: with the
// table that it surely belongs in (one of places, which may be empty), else
// with the key that was probably meant, else with the keys that there are and
// the tables that have this one.
func UnknownKey(d Diagnostic, key string, known, places []string, sure bool) Diagnostic {
	near := Nearest(key, known)
	switch {
	case len(near) > 0 && strings.EqualFold(near[0], key):
		d.Message = "unknown key; keys are case-sensitive; did you mean " + orList(near) + "?"
		d.meant = near
	case sure && len(places) > 0:
		d.Code, d.Message = "E202", "this key belongs in "+strings.Join(places, " or ")
	case len(near) > 0:
		d.Message = "unknown key; did you mean " + orList(near) + "?"
		d.meant = near
	default:
		d.Message = "unknown key"
		if len(places) > 0 {
			d.Message += " here, though known in " + strings.Join(places, " and ")
		}
		if len(known) > 0 {
			d.Message += "; the keys here are " + strings.Join(known, ", ")
		}
	}
	return d
}

// absent fills in for a key that the file leaves out.
func (c Cursor) absent(f *Field, rv reflect.Value) {
	switch {
	case f.Required:
		d := c.Place().At(f.Key, "E203", "missing key "+QuoteText(f.Key))
		if line, _, _ := strings.Cut(f.Example, "\n"); line != "" && line[0] != '[' {
			d.Hint = "for example " + line
		}
		c.Report(d)
	case f.Default != "":
		silent := &Decoder{Report: &Report{}}
		at := silent.At(&Value{Type: TypeString, Text: f.Default, Raw: f.Default}, f.Key)
		if rv.Kind() == reflect.Int || rv.Kind() == reflect.Uint64 {
			at.Value.Type = TypeInteger
			at.Value.Int, _ = strconv.ParseInt(f.Default, 10, 64)
		}
		if number, err := strconv.ParseFloat(f.Default, 64); err == nil && rv.Kind() == reflect.Float64 {
			at.Value.Type, at.Value.Float = TypeFloat, number
		}
		at.read(f, rv)
		if silent.Report.Failed() {
			panic("kind: the default of " + JoinKey(c.Path, f.Key) + " is wrong: " + silent.Report.found[0].Message)
		}
		c.noteDefault(f.Key, f.Default)
	case f.Absent != "":
		c.noteDefault(f.Key, f.Absent)
	case rv.Kind() == reflect.Struct && !isUnion(rv):
		// The defaults of the keys of a table that is not there.
		empty := &Value{Type: TypeTable, Pos: c.Value.Table.Pos, Table: &Table{Pos: c.Value.Table.Pos}, Origin: c.Value.Origin}
		Cursor{Value: empty, Path: JoinKey(c.Path, f.Key), d: c.d, inArray: c.inArray}.decode(rv)
	}
}

// byName orders the defaults of a table whose keys are names, such as those of
// operations, by them. Others are in the order of the manual.
func (c Cursor) byName(defaults []Default) {
	name := func(d Default) string {
		name, _, deeper := strings.Cut(strings.TrimPrefix(d.Key, c.Path+"."), ".")
		if !deeper {
			return ""
		}
		return name
	}
	slices.SortStableFunc(defaults, func(a, b Default) int { return strings.Compare(name(a), name(b)) })
}

func isUnion(rv reflect.Value) bool {
	_, ok := rv.Addr().Interface().(Union)
	return ok
}

// noteDefault notes a default. A file that is refused is not shown with its
// defaults, and may have a million of them.
func (c Cursor) noteDefault(key, value string) {
	if !c.inArray && !c.d.Report.Failed() {
		c.d.Defaults = append(c.d.Defaults, Default{JoinKey(c.Path, key), value})
	}
}

// read reads a value into a field of its type.
func (c Cursor) read(f *Field, rv reflect.Value) {
	if rv.Kind() == reflect.Pointer {
		one := reflect.New(rv.Type().Elem())
		if _, union := one.Interface().(Union); !union && one.Elem().Kind() == reflect.Struct && c.Value.Type != TypeTable {
			c.Wrong("a table", "")
			return // and the table is as absent as it was
		}
		rv.Set(one)
		rv = rv.Elem()
	}
	switch target := rv.Addr().Interface().(type) {
	case Union:
		first := len(c.d.Defaults)
		target.Read(c)
		c.byName(c.d.Defaults[first:])
		return
	case Word:
		if text, ok := c.word(f); ok {
			rv.SetString(text)
		}
		return
	}
	switch rv.Interface().(type) {
	case Duration, int, uint64:
		if n, ok := c.integer(f, rv.Interface()); ok {
			if rv.CanUint() {
				rv.SetUint(uint64(n))
			} else {
				rv.SetInt(n)
			}
		}
		return
	case Rate, Ratio, Factor:
		if x, ok := c.number(f, rv.Interface()); ok {
			rv.SetFloat(x)
		}
		return
	}
	switch rv.Kind() {
	case reflect.String:
		if c.Value.Type != TypeString {
			c.Wrong("a string", "")
			return
		}
		rv.SetString(c.Value.Text)
	case reflect.Bool:
		if c.Value.Type != TypeBoolean {
			c.Wrong("true or false", unquoted(c.Value, "true", "false"))
			return
		}
		rv.SetBool(c.Value.Bool)
	case reflect.Struct:
		if c.Value.Type != TypeTable {
			c.Wrong("a table", "")
			return
		}
		c.decode(rv)
	case reflect.Slice:
		c.tables(rv)
	}
}

// tables reads an array of tables.
func (c Cursor) tables(rv reflect.Value) {
	if c.Value.Type != TypeArray {
		hint := ""
		if c.Value.Type == TypeTable {
			hint = "put it in brackets: [{ … }]"
		}
		c.Wrong("an array of tables", hint)
		return
	}
	for i, item := range c.Value.Items {
		at := c.Item(i)
		if item.Type != TypeTable {
			at.Wrong("a table", "")
			continue
		}
		one := reflect.New(rv.Type().Elem()).Elem()
		at.decode(one)
		rv.Set(reflect.Append(rv, one))
	}
}

// word reads one of a few words.
func (c Cursor) word(f *Field) (string, bool) {
	if c.Value.Type != TypeString {
		c.Wrong("one of "+strings.Join(f.Words, ", "), "")
		return "", false
	}
	text := c.Value.Text
	if slices.Contains(f.Words, text) {
		return text, true
	}
	c.UnknownWord(text, f.Words)
	return "", false
}

// UnknownWord notes that a word is none of those that the value may be.
func (c Cursor) UnknownWord(text string, words []string) {
	c.Report(c.Problem("E205", "unknown value "+QuoteText(text)+DidYouMean(text, words)).
		WithHint("one of " + strings.Join(words, ", ")))
}

// unquoted is the hint for a value that only has quotes too many.
func unquoted(v *Value, words ...string) string {
	if v.Type == TypeString && slices.Contains(words, v.Text) {
		return "remove the quotes: " + v.Text
	}
	return ""
}
