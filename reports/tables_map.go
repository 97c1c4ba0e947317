package reports

import (
	"strconv"
	"strings"

	"github.com/capsim/capsim/internal/result"
)

// mapRunLine says what was tried.
func mapRunLine(m *result.DrillMap) string {
	line := visible(m.Trigger.What) + " at " + span(m.Trigger.AtS) + " of " + span(m.Run.WindowS)
	if m.Run.WarmupS > 0 {
		line += " after " + span(m.Run.WarmupS) + " of warm-up"
	}
	line += " · " + amount(m.Run.Replications, "replication") + " · seed " + strconv.FormatUint(m.Seed, 10)
	if m.Design != "" {
		line = "design " + visible(m.Design) + " · " + line
	}
	return line
}

// loadText is a load as a multiple of the file's.
func loadText(load float64) string { return "×" + strconv.FormatFloat(load, 'f', -1, 64) }

// sizeText is the size of a trigger, "" where it has none.
func sizeText(m *result.DrillMap, size float64) string {
	switch m.Trigger.Size {
	case "factor":
		return "×" + short(size, plain)
	case "share":
		return short(size, ratio)
	case "instances":
		return amount(int(size), "instance")
	}
	return ""
}

// triggerLabel names one size and length of the trigger.
func triggerLabel(m *result.DrillMap, t *result.TriggerRow) string {
	var parts []string
	if s := sizeText(m, t.Size); s != "" {
		parts = append(parts, s)
	}
	if t.ForS != nil {
		parts = append(parts, span(*t.ForS))
	}
	if len(parts) == 0 {
		return visible(m.Trigger.What)
	}
	return strings.Join(parts, ", ")
}

// mapVerdict says whether there is a state that the system does not leave.
func mapVerdict(m *result.DrillMap) (string, tone) {
	switch {
	case m.LimitLoad == nil && len(m.Loads) > 0:
		return "Overloaded at the lowest load, " + loadText(m.Loads[0]) + ", without any trigger: there is nothing to map.", unsure
	case m.TippingLoad == nil && m.Truncated:
		return "None of the triggers that were tried leaves the system stuck.", unsure
	case m.TippingLoad == nil:
		return "No metastable state: at every load that the system bears it comes back from every trigger that was tried.", good
	case *m.TippingLoad <= 1:
		return "Metastable: a trigger can leave the system stuck from " + loadText(*m.TippingLoad) + " of the file's load on, though without one it bears " + loadText(*m.LimitLoad) + ".", bad
	}
	return "Metastable above today's load: a trigger can leave the system stuck from " + loadText(*m.TippingLoad) + " on.", unsure
}

// mapFindings are the figures of the map in sentences.
func mapFindings(m *result.DrillMap) []string {
	if m.LimitLoad == nil {
		return nil
	}
	most := " of the file's load."
	if *m.LimitLoad == m.Loads[len(m.Loads)-1] {
		most = " of the file's load, the highest that was tried."
	}
	lines := []string{"Without a trigger it bears " + loadText(*m.LimitLoad) + most}
	if m.TippingLoad == nil {
		return lines
	}
	lines = append(lines, "Tipping load: "+loadText(*m.TippingLoad)+", the least at which a trigger leaves it stuck.")
	switch {
	case m.RecoveryLoad == nil:
	case *m.RecoveryLoad == 0:
		lines = append(lines, "Recovery load: none. Lowering the load does not bring it back: only a restart does.")
	default:
		lines = append(lines, "Recovery load: "+loadText(*m.RecoveryLoad)+", to which the load must be lowered for it to come back by itself.",
			"Hysteresis: "+strconv.FormatFloat(*m.HysteresisLoad, 'g', 3, 64)+" of the file's load, from the recovery load to what it bears; in between it stays well or stuck, whichever it is.")
	}
	if m.Amplification != nil {
		lines = append(lines, "Stuck, it is sent "+short(*m.Amplification, plain)+" attempts for each request.")
	}
	return lines
}

// What stands for a state in a strip.
var stateMarks = map[string]string{
	result.MapBack: "·", result.MapMending: "~", result.MapStuck: "#", result.MapOverloaded: "x",
}

// mostStrip is how many loads a strip shows.
const mostStrip = 60

// stripLoads are the loads of a strip: each nth, if they are many.
func stripLoads(m *result.DrillMap) []float64 {
	every := (len(m.Loads) + mostStrip - 1) / mostStrip
	var loads []float64
	for i := 0; i < len(m.Loads); i += every {
		loads = append(loads, m.Loads[i])
	}
	return loads
}

// stripsTable draws the map: a line for each trigger, a character for each
// load.
func stripsTable(m *result.DrillMap) table {
	loads := stripLoads(m)
	if len(loads) == 0 {
		return table{}
	}
	low, high := loadText(loads[0]), loadText(loads[len(loads)-1])
	t := table{Title: "Map", Labels: 1, LabelWidth: nameWidth, Columns: []column{
		{Title: "trigger", Left: true},
		{Title: "at loads", Left: true},
	}}
	t.add(word("load"), word(low+strings.Repeat(" ", max(len(loads)-displayWidth(low)-displayWidth(high), 1))+high))
	for i := range m.Triggers {
		row := &m.Triggers[i]
		strip := ""
		for _, load := range loads {
			strip += stateMarks[m.StateAt(row, load)]
		}
		t.add(word(triggerLabel(m, row)), word(strip))
	}
	return t
}

// stripsKey says what the characters mean: those that there are.
func stripsKey(m *result.DrillMap) []string {
	seen := map[string]bool{}
	for i := range m.Triggers {
		for _, load := range stripLoads(m) {
			seen[m.StateAt(&m.Triggers[i], load)] = true
		}
	}
	var parts []string
	for _, s := range []struct{ state, says string }{
		{result.MapBack, "comes back"}, {result.MapMending, "on its way back"}, {result.MapStuck, "stuck when the trigger is over"},
		{result.MapOverloaded, "overloaded without a trigger"},
	} {
		if seen[s.state] {
			parts = append(parts, stateMarks[s.state]+" "+s.says)
		}
	}
	return []string{strings.Join(parts, "   ")}
}

// tippingTable has a row for each trigger.
func tippingTable(m *result.DrillMap) table {
	t := table{
		Title: "Triggers", Labels: 1, LabelWidth: nameWidth,
		Columns: []column{
			{Title: "trigger", Left: true},
			{Title: "tips at", Help: "the least load at which the system stays bad when the trigger is over"},
			{Title: "comes back at", Help: "the load to which it must be lowered to come back without a restart"},
			{Title: "between", Help: "from where it comes back to where it tips, as a share of the file's load"},
			{Title: "attempts per request", Help: "while it is stuck, at the load at which it tips"},
			{Title: "without it", Help: "the same at the same load without the trigger"},
		},
	}
	load := func(v *float64, none string) cell {
		switch {
		case v == nil:
			return word(none)
		case *v == 0:
			return cell{figure: figure{Num: "never"}, Tone: bad}
		}
		return word(loadText(*v))
	}
	for i := range m.Triggers {
		row := &m.Triggers[i]
		tips := load(row.TippingLoad, noNumber)
		if row.TippingLoad != nil {
			tips.Tone = bad
		}
		between := cell{figure: figure{Num: noNumber}}
		if row.HysteresisLoad != nil {
			between = word(strconv.FormatFloat(*row.HysteresisLoad, 'g', 3, 64))
		}
		t.add(word(triggerLabel(m, row)), tips, load(row.RecoveryLoad, noNumber), between,
			optionalCell(row.AttemptsPerRequest, plain), optionalCell(row.BeforePerRequest, plain))
	}
	return t
}

// mapLine says how the figures came about.
func mapLine(m *result.DrillMap) string {
	step := ""
	if len(m.Loads) > 1 {
		step = " in steps of " + strconv.FormatFloat(roundLoad(m.Loads[1]-m.Loads[0]), 'f', -1, 64)
	}
	return "Loads are multiples of the file's" + step + ", found by bisection; the same customers came to every point, " +
		amount(m.Run.Simulations, "simulation") + ". Judged is what is there from " + span(m.Run.JudgedFromS) + " on; the load is lowered at the end of the window, for another " +
		span(m.Run.WindowS) + "."
}

func roundLoad(x float64) float64 { return round(x, 9) }
