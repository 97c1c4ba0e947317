package manual

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/topologies"
)

// object is a JSON object. Its keys are written in the order of the alphabet.
type object map[string]any

// draft is the version of JSON Schema: the newest that taplo, and so the
// editors that are built on it, read in full.
const draft = "http://json-schema.org/draft-07/schema#"

// Schema draws the JSON Schema of topology files. It accepts every file that
// capsim accepts; what it refuses is wrong. What depends on more than one
// place of a file (names, sums, loops) only capsim check finds.
//
// A file that starts from another may give parts of what is there, so that
// nothing is required of any file but of those that stand alone. It is no
// choice between two schemas (anyOf): where a file is neither, a validator can
// only say so, and an editor marks all of it instead of the mistake.
func Schema() []byte {
	s := &schema{definitions: object{}}
	whole, root := s.top(false), s.top(true)
	for _, key := range topologies.Shared() {
		root["properties"].(object)[key] = whole["properties"].(object)[key]
	}
	root["if"] = object{"required": []string{"extends"}}
	root["else"] = standingAlone()
	root["$schema"] = draft
	root["title"] = "capsim topology"
	root["description"] = "A system whose capacity is to be planned: clients, servers and what stands between them. `capsim explain` is the manual."
	root["definitions"] = s.definitions
	data, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		panic("manual: the schema cannot be written: " + err.Error()) // it holds maps and strings
	}
	return append(data, '\n')
}

// standingAlone is what a file cannot do without that starts from no other.
func standingAlone() object {
	properties := object{}
	for _, f := range topologies.Top() {
		if form := f.Form(); f.Key != topologies.DesignKey {
			addNeeds(properties, f.Key, needsOf(&form))
		}
	}
	for i := range node.Kinds {
		row := &node.Kinds[i]
		if needs := needsOfTable(row.Config()); len(needs) > 0 {
			properties[row.Key] = object{"additionalProperties": needs}
		}
	}
	return object{"required": []string{"client"}, "properties": properties}
}

// needsOf is what the tables within a value cannot do without. Lists are left
// out: whoever gives one gives all of it.
func needsOf(form *kind.Form) object {
	needs := object{}
	if form.Config != nil {
		needs = needsOfTable(form.Config)
	}
	if form.Values != nil {
		addNeeds(needs, "additionalProperties", needsOf(form.Values))
	}
	return needs
}

func needsOfTable(config any) object {
	needs, properties := object{}, object{}
	var required []string
	fields := kind.Describe(config)
	for i := range fields {
		f := &fields[i]
		if f.Required {
			required = append(required, f.Key)
		}
		if form := f.Form(); form.Items == nil {
			addNeeds(properties, f.Key, needsOf(&form))
		}
	}
	if len(required) > 0 {
		needs["required"] = required
	}
	addNeeds(needs, "properties", properties)
	return needs
}

// addNeeds adds needs to others, if there are any.
func addNeeds(to object, key string, needs object) {
	if len(needs) > 0 {
		to[key] = needs
	}
}

// schema collects the definitions, one of each configuration struct, and one
// without required keys where a design changes it.
type schema struct{ definitions object }

// top is the whole of a file, or what a design may change of it.
func (s *schema) top(partial bool) object {
	properties := object{}
	for _, f := range topologies.Top() {
		switch {
		case f.Key == topologies.DesignKey && !partial:
			s.definitions["Design"] = s.top(true)
			properties[f.Key] = described(&f, object{"type": "object", "additionalProperties": ref("Design")})
		case partial && slices.Contains(topologies.Shared(), f.Key):
		default:
			properties[f.Key] = s.field(&f, partial)
		}
	}
	for i := range node.Kinds {
		row := &node.Kinds[i]
		properties[row.Key] = object{
			"description":          sentence(row.Doc) + "\n\n" + row.Example,
			"type":                 "object",
			"additionalProperties": s.table(row.Config(), partial),
		}
	}
	return object{"type": "object", "properties": properties, "additionalProperties": false}
}

func ref(name string) object { return object{"$ref": "#/definitions/" + name} }

// table refers to the definition of a configuration struct, and makes it the
// first time.
func (s *schema) table(config any, partial bool) object {
	name := strings.TrimSuffix(kind.TypeName(config), "Config")
	name = strings.ToUpper(name[:1]) + name[1:]
	if partial {
		name += "Changes"
	}
	if _, made := s.definitions[name]; made {
		return ref(name)
	}
	s.definitions[name] = nil // it may refer to itself
	s.definitions[name] = s.definition(config, partial)
	return ref(name)
}

// definition is a configuration struct.
func (s *schema) definition(config any, partial bool) object {
	properties := object{}
	required := []string{}
	fields := kind.Describe(config)
	for i := range fields {
		f := &fields[i]
		properties[f.Key] = s.field(f, partial)
		if f.Required && !partial {
			required = append(required, f.Key)
		}
	}
	definition := object{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		definition["required"] = required
	}
	if isStep(config) {
		maps.Copy(definition, oneAction())
	}
	return definition
}

// oneAction says that a step has one action, and that other keys go with
// some of them.
func oneAction() object {
	var actions []object
	needs := map[string][]object{}
	dependencies := object{}
	for _, a := range node.StepActions {
		actions = append(actions, object{"required": []string{a.Key}})
		for _, key := range a.With {
			needs[key] = append(needs[key], object{"required": []string{a.Key}})
			dependencies[key] = object{"anyOf": needs[key]}
		}
		if a.Needs != "" {
			dependencies[a.Key] = []string{a.Needs}
		}
	}
	return object{"oneOf": actions, "dependencies": dependencies}
}

// field is what a key takes.
func (s *schema) field(f *kind.Field, partial bool) object {
	form := f.Form()
	return described(f, s.value(f, &form, partial))
}

// value is one of the forms of a key's value.
func (s *schema) value(f *kind.Field, form *kind.Form, partial bool) object {
	scalar := form.String || form.Integer || form.Float || form.Boolean
	if form.Items != nil && form.Config != nil && form.Values == nil && !scalar {
		either := s.definition(form.Config, partial) // each keyword looks at one of the two, so that a mistake within is found
		either["type"] = []string{"array", "object"}
		either["items"] = s.value(f, form.Items, false)
		return either
	}
	var any []object
	if form.String {
		any = append(any, stringOf(f))
	}
	switch {
	case form.Float:
		any = append(any, numberOf(f, "number"))
	case form.Integer:
		any = append(any, numberOf(f, "integer"))
	}
	if form.Boolean {
		any = append(any, object{"type": "boolean"})
	}
	if form.Config != nil {
		any = append(any, s.table(form.Config, partial))
	}
	if form.Values != nil {
		any = append(any, object{"type": "object", "additionalProperties": s.value(f, form.Values, partial)})
	}
	if form.Items != nil {
		any = append(any, object{"type": "array", "items": s.value(f, form.Items, false)})
	}
	if len(any) == 1 {
		return any[0]
	}
	return object{"anyOf": any}
}

// described adds what a person is told who points at the key.
func described(f *kind.Field, value object) object {
	if _, refers := value["$ref"]; refers { // what stands beside it would be ignored
		value = object{"allOf": []object{value}}
	}
	text := sentence(f.Doc)
	for _, fact := range facts(f) {
		text += "\n" + fact.Name + ": " + fact.Text
	}
	value["description"] = text + "\n\n" + f.Example
	if number, err := strconv.ParseFloat(f.Default, 64); err == nil {
		value["default"] = number
	} else if f.Default != "" {
		value["default"] = f.Default
	}
	return value
}

// numberOf is a number within the bounds of its key.
func numberOf(f *kind.Field, name string) object {
	number := object{"type": name}
	bound := func(key, text string) {
		if x, err := strconv.ParseFloat(text, 64); err == nil {
			number[key] = x
		}
	}
	bound("minimum", f.Min)
	bound("exclusiveMinimum", f.Above)
	bound("maximum", f.Max)
	if f.Limit != "" {
		bound("maximum", f.Limit)
	}
	if f.Type == "a ratio" && f.Max == "" {
		number["maximum"] = 1
		if f.Above == "" && f.Min == "" {
			number["minimum"] = 0
		}
	}
	return number
}
