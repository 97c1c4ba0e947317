package topologies

import (
	"slices"
	"strconv"
	"strings"

	"github.com/capsim/capsim/models/kind"
)

// ParseLoads reads the loads of a flag: numbers and ranges with commas between
// them, such as "0.5,1" or "0.25..2 step 0.25". They come in order, each once.
func ParseLoads(flag, text string, arg int, report *kind.Report) []float64 {
	pos := kind.Pos{File: kind.CommandLine, Line: 1, Col: max(arg, 1), EndCol: max(arg, 1) + 1}
	fail := func(message, hint string) []float64 {
		report.Add(kind.Diagnostic{Code: "E802", Pos: pos, Key: flag, Message: message, Hint: hint})
		return nil
	}
	const form = "for example " + `"0.25..2 step 0.25" or "0.5,1,1.5"`
	if len(text) > maxArgument {
		return fail("longer than 64 KiB", "")
	}
	var loads []float64
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		var values []*kind.Value
		if isRange(part) {
			r, problem, hint := readRange(part)
			if problem != "" {
				return fail(problem, hint)
			}
			values = r.values(&kind.Value{Pos: pos})
		} else {
			values = []*kind.Value{{Type: kind.TypeString, Text: part}}
		}
		for _, v := range values {
			written := v.Text
			if v.Type != kind.TypeString {
				written = v.Raw
			}
			load, err := strconv.ParseFloat(written, 64)
			if err != nil || !(load > 0) || load > maxLoad {
				return fail("expected loads above 0 and at most "+strconv.Itoa(maxLoad)+", got "+kind.QuoteText(part), form)
			}
			loads = append(loads, load)
		}
		if len(loads) > maxLoads {
			return fail("more than "+strconv.Itoa(maxLoads)+" loads", "take a larger step")
		}
	}
	slices.Sort(loads)
	return slices.Compact(loads)
}

// Limits of the loads of a flag.
const (
	maxLoad  = 1000
	maxLoads = 64
)
