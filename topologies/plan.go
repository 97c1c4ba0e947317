package topologies

import (
	"slices"
	"strconv"
	"strings"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
)

// planConfig is the [plan] table.
type planConfig struct {
	kind.Place

	Vary    Variation    `key:"vary" absent:"--vary says it" doc:"the designs to choose among: paths as --set has them, or design, each with a list of values or a range as in [sweep]; every combination is a design" example:"[plan]\nvary = { \"server.app.instances\" = \"1..32\", \"server.app.cores\" = [2, 4, 8] }"`
	Load    kind.Factor  `key:"load" default:"1" above:"0" limit:"1000000" doc:"headroom: the objectives must hold at so many times the traffic of the file, and that of --load" example:"[plan]\nload = 1.5"`
	Survive node.Strings `key:"survive" absent:"nothing" doc:"faults, as --fault of capsim drill has them, during each of which, alone, the objectives must hold as well; one that does not say when begins with the measured window and lasts as long" example:"[plan]\nsurvive = [\"kill app[0]\", \"slow orders factor 2\"]"`
}

// Plan is what the table [plan] of a file asks for.
type Plan struct {
	Vary    Variation
	Load    float64
	Survive []string // the faults, as they are written

	faults []*kind.Value
}

// Planned reads [plan]; without the table, nothing is varied, the load is that
// of the file, and nothing is to be survived.
func (f *File) Planned(design string, report *kind.Report) *Plan {
	out := &Plan{Load: 1}
	e := f.overlaid(design, &kind.Report{}).Get("plan")
	if e == nil {
		return out
	}
	var cfg planConfig
	kind.Decode((&kind.Decoder{Report: report, Known: f.known}).At(e.Value, "plan"), &cfg)
	out.Vary, out.Load = cfg.Vary, float64(cfg.Load)
	whole := *f
	whole.atPoint = true
	spec, _ := whole.withFaults(nil).Spec(design)
	if spec == nil {
		return out // which Point says
	}
	for _, at := range cfg.Survive {
		out.Survive = append(out.Survive, strings.Join(strings.Fields(at.Value.Text), " "))
		out.faults = append(out.faults, survival(spec, at, report))
	}
	return out
}

// survival makes a [[fault]] table of a text of survive, nil if it cannot be
// read. It lasts from the beginning of the window to its end, for the figures
// to be those of that time.
func survival(spec *node.Spec, at kind.Cursor, report *kind.Report) *kind.Value {
	found := &kind.Report{}
	v := plan{lasts: spec.Run.Duration}.parse(DrillFault{Text: at.Value.Text}, found)
	for _, d := range found.Diagnostics() {
		one := at.Problem(d.Code, d.Message)
		one.Hint = strings.NewReplacer(`--fault "`, `survive = ["`, `for 90s"`, `for 90s"]`).Replace(d.Hint)
		report.Add(one)
	}
	if v == nil {
		return nil
	}
	return standingAt(v, at.Value.Pos, at.Path+" ")
}

// standingAt copies a tree whose values all stand at one place.
func standingAt(v *kind.Value, pos kind.Pos, origin string) *kind.Value {
	c := *v
	c.Pos, c.Origin = pos, origin
	c.Items = slices.Clone(v.Items)
	for i := range c.Items {
		c.Items[i] = standingAt(c.Items[i], pos, origin)
	}
	if v.Table != nil {
		c.Table = &kind.Table{Pos: pos}
		for _, e := range v.Table.Entries {
			c.Table.Add(&kind.Entry{Key: e.Key, KeyPos: pos, Value: standingAt(e.Value, pos, origin)})
		}
	}
	return &c
}

// checkPlan checks [plan], which does nothing to a run: its faults must strike
// what is there.
func (r *resolver) checkPlan() {
	cfg := r.cfg.file.Plan
	if cfg == nil || r.report.Failed() {
		return
	}
	for _, at := range cfg.Survive {
		if v := survival(r.spec, at, r.report); v != nil {
			whole := *r.file
			whole.atPoint = true // else it would look at its plan
			mergeNew(r.report, whole.withFaults([]*kind.Value{v}), r.spec.Design)
		}
	}
}

// mergeNew takes over what keeps a file from being simulated.
func mergeNew(into *kind.Report, f *File, design string) {
	spec, found := f.Spec(design)
	if spec != nil {
		return
	}
	for _, d := range found.Diagnostics() {
		if d.Severity() == kind.Error {
			into.Add(d)
		}
	}
}

// AtLoad is the file under so many times its traffic.
func (f *File) AtLoad(factor float64) *File {
	g := *f
	if g.opts.Load == 0 {
		g.opts.Load = 1
	}
	g.opts.Load *= factor
	return &g
}

// Struck is the file with one of the faults of its plan, instead of its own.
func (f *File) Struck(p *Plan, fault int) *File { return f.withFaults([]*kind.Value{p.faults[fault]}) }

// PlanSpace is the space of the designs of a plan, those of the command line
// included. It is nil if the report has errors.
func (f *File) PlanSpace(p *Plan, flags []Setting, report *kind.Report) *Space {
	s := f.Space(p.Vary, flags, report)
	if s == nil {
		return nil
	}
	if len(s.Dimensions) == 0 {
		report.Add(kind.Diagnostic{Code: "E203", Pos: f.src.start(), Key: "plan", Message: "the file has no [plan] with vary, so there is one design, and nothing to choose",
			Hint: `give it one: vary = { "server.app.instances" = "1..32" }, or --vary server.app.instances=1..32`})
		return nil
	}
	for i := range s.Dimensions {
		d := &s.Dimensions[i]
		if why := notDesign(d.Path); why != "" {
			report.Add(kind.Diagnostic{Code: "E202", Pos: d.pos, Key: d.origin + d.Path, Message: d.Path + " is no part of a design: " + why,
				Hint: "vary a key of a node, or the designs; capsim sweep varies the rest"})
		}
	}
	if n := s.Len(); n > maxPlanPoints {
		d := &s.Dimensions[0]
		report.Add(kind.Diagnostic{Code: "E706", Pos: d.pos, Key: d.origin + d.Path, Message: "too many designs: " + grouped(n) + "; at most " + grouped(maxPlanPoints) + " are allowed",
			Hint: "take fewer values, or larger steps"})
	}
	if report.Failed() {
		return nil
	}
	return s
}

// notDesign says why a path cannot be chosen.
func notDesign(path string) string {
	switch family, _, _ := strings.Cut(path, "."); family {
	case LoadPath:
		return "the traffic is not for us to choose, and load of [plan] says how much it is"
	case "run":
		return "it says how to simulate"
	case "objectives":
		return "they are what designs are judged by"
	case "client":
		return "it is what comes, and all designs must bear the same"
	case "title", "fault", "deploy":
		return "it says nothing about what is built"
	}
	return ""
}

// grouped writes a count with its thousands apart.
func grouped(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return grouped(n/1000) + "," + strconv.Itoa(1000 + n%1000)[1:]
}
