package arrival

import (
	"strings"

	"github.com/capsim/capsim/models/kind"
)

// Row is one arrival process of the language.
type Row struct {
	Name    string
	Doc     string
	Example string
	New     func(rate float64, ramps []Ramp) Plan
}

// Table lists the arrival processes by name. Nobody writes to it.
var Table = []Row{
	{"constant", "one request after the other with equal gaps, the first at the start", "constant 800/s",
		func(rate float64, ramps []Ramp) Plan { return Constant{newShape(rate, ramps)} }},
	{"poisson", "independent requests: gaps are exponentially distributed", "poisson 800/s",
		func(rate float64, ramps []Ramp) Plan { return Poisson{newShape(rate, ramps)} }},
}

// Parse reads an arrival process such as "poisson 800/s" and lets its rate
// follow the ramps from time 0. The load multiplies all rates. Without a text
// the arrivals are Poisson and start from a rate of 0.
func Parse(text string, ramps []Ramp, load float64) (Plan, *kind.LiteralError) {
	scaled := make([]Ramp, len(ramps))
	for i, r := range ramps {
		scaled[i] = Ramp{r.Duration, r.Target * load}
	}
	if text == "" {
		return Poisson{newShape(0, scaled)}, nil
	}
	name, rest, _ := strings.Cut(strings.TrimLeft(text, " "), " ")
	names := make([]string, len(Table))
	for i, row := range Table {
		names[i] = row.Name
		if row.Name != name {
			continue
		}
		literal := strings.TrimSpace(rest)
		if literal == "" {
			return nil, &kind.LiteralError{Code: "E206", Message: name + " needs a rate", Hint: `write "` + row.Example + `"`, Len: len(text)}
		}
		rate, err := kind.ParseRate(literal)
		if err != nil {
			err.Offset += strings.Index(text, literal)
			return nil, err
		}
		if rate == 0 && len(ramps) == 0 {
			return nil, &kind.LiteralError{Code: "E302", Message: "the rate must be more than 0",
				Hint: "delete the client to switch it off", Offset: strings.Index(text, literal), Len: len(literal)}
		}
		return row.New(rate*load, scaled), nil
	}
	hint := "arrival processes are " + strings.Join(names, " and ")
	return nil, &kind.LiteralError{Code: "E205", Message: "unknown arrival process \"" + kind.Cut(name) + "\"", Hint: hint, Len: len(name)}
}
