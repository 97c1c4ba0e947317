package main

import (
	"cmp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/internal/study"
	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/topologies"
)

// reportFiles are the files of a capacity report.
var reportFiles = []string{"report.json", "report.csv", "report.html"}

func reportCommand(a *app) *cobra.Command {
	var in inputFlags
	var out outputFlags
	more := stressFlags{always: true}
	var skip string
	cmd := &cobra.Command{
		Use: "report FILE", Short: "writes the capacity report: today, headroom, failures, runway, cost; or redraws a result",
		Long: "Makes one document of all that capsim can tell of a design, for people who have never\n" +
			"seen its topology: how it does today (as capsim run), how much more it holds and what\n" +
			"breaks then (stress), what happens when any one thing dies (drill --every), when growth\n" +
			"uses the headroom up, what it costs, and the other designs of the file (compare).\n" +
			"Exit status 1 says that an objective is missed today.\n\n" +
			"Of the .json that any verb wrote, it draws the same report again, and simulates nothing.",
		Example: "capsim report topologies/web-shop.toml --growth 5%/month --from 2026-12-01\n" +
			"capsim report shop.toml --design horizontal --skip designs\n" +
			"capsim report shop.toml --format markdown --out - >capacity.md\n" +
			"capsim report reports/out/shop/result.json --out drawn",
	}
	cmd.RunE = func(*cobra.Command, []string) error { return a.report(cmd, &in, &out, &more, skip) }
	cmd.ValidArgsFunction = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return []string{"toml", "json"}, cobra.ShellCompDirectiveFilterFileExt
	}
	more.bind(cmd)
	cmd.Flags().StringVar(&skip, "skip", "", "`LIST` of parts to leave out: headroom, failures, designs")
	in.bind(cmd, true)
	out.bind(cmd)
	out.bindCharts(cmd)
	return cmd
}

func (a *app) report(cmd *cobra.Command, in *inputFlags, out *outputFlags, more *stressFlags, skip string) error {
	j := a.job("report", 1, in, out)
	wanted := more.settle(a, j.report)
	skipped := a.skippedParts(skip, j.report)
	if !j.named() {
		return j.refuse()
	}
	if isDocument(j.files, j.names[0]) {
		return j.redraw(cmd)
	}
	plan := a.reportPlan(j.files, j.names[0], in.design, j.options, j.report)
	j.checkFiles(reportFiles)
	done, err := j.begin()
	if err != nil {
		return err
	}
	defer done()
	if plan.Stress != nil {
		plan.Stress.Width, plan.Stress.Growth = wanted.width, wanted.growth
	}
	skipParts(&plan.ReportPlan, skipped)
	plan.Watch = func(part string, about int) (func(done, total int), func()) {
		return progressOf(a.stderr, out.quiet, part, about)
	}

	var r *result.Report
	err = j.simulate(0, func(o study.Options) (err error) {
		r, err = study.Report(plan.ReportPlan, o)
		return err
	})
	if r == nil || broken(err) {
		return j.stopped(err, false)
	}
	plan.finish(r, &wanted)
	return conclude(j, &reportForms, r, reportForms.files(reportFiles, r), cmp.Or(j.stopped(err, true), verdict(in.strict, r.Result)))
}

// skippable are the parts that --skip may name.
var skippable = []string{result.HeadroomPart, result.FailuresPart, result.DesignsPart}

// skippedParts reads --skip.
func (a *app) skippedParts(text string, report *kind.Report) []string {
	if _, given := a.line.values["--skip"]; !given {
		return nil
	}
	var parts []string
	c := complaints{&a.line, report}
	for _, part := range strings.Split(text, ",") {
		part = strings.TrimSpace(part)
		switch {
		case !slices.Contains(skippable, part):
			c.add("--skip", "for example --skip failures,designs", "expected headroom, failures or designs, got %s%s", kind.QuoteText(part), kind.DidYouMean(part, skippable))
		case slices.Contains(parts, part):
			c.add("--skip", "", "names %s twice", part)
		}
		parts = append(parts, part)
	}
	if slices.Contains(parts, result.HeadroomPart) {
		for _, name := range []string{"--growth", "--from", "--width"} {
			if _, given := a.line.values[name]; given {
				c.add(name, "leave out one of the two", "is about the headroom, which --skip leaves out")
			}
		}
	}
	return parts
}

// skipParts takes parts out of a plan.
func skipParts(p *study.ReportPlan, parts []string) {
	for _, part := range parts {
		left := true
		switch part {
		case result.HeadroomPart:
			p.Stress = nil
		case result.FailuresPart:
			left, p.Drills = p.Drills != nil, nil
		case result.DesignsPart:
			left, p.Designs = p.Designs != nil, nil
		}
		if left {
			p.Missing = append(p.Missing, result.MissingPart{Part: part, Why: "left out by --skip " + part})
		}
	}
}

// capacityPlan is a plan, with what was found in the input on the way.
type capacityPlan struct {
	study.ReportPlan
	found   *kind.Report   // in the design that the report is about
	designs []*kind.Report // in each that is compared
}

// finish puts into a report what the simulations do not know: warnings of the
// input, and dates.
func (p *capacityPlan) finish(r *result.Report, wanted *stressWanted) {
	r.Result.Warnings = withFindings(p.found, r.Result.Warnings)
	if s := r.Stress; s != nil {
		wanted.date(s.Growth)
	}
	for i := range r.Runway {
		wanted.date(&r.Runway[i])
	}
	if c := r.Comparison; c != nil {
		for i := range c.Designs {
			c.Designs[i].Warnings = withFindings(p.designs[i], c.Designs[i].Warnings)
		}
	}
}

// reportPlan loads a file and finds what can be told of it.
func (a *app) reportPlan(files *diskFiles, name, design string, o topologies.Options, report *kind.Report) *capacityPlan {
	p := &capacityPlan{found: &kind.Report{}}
	loaded, found := topologies.Load(files, name, o)
	report.Merge(found)
	if loaded == nil {
		return p
	}
	p.found.Merge(found)
	design = a.knownDesign(loaded, design, report)
	p.Spec, found = loaded.Spec(design)
	report.Merge(found)
	p.found.Merge(found)
	if p.Spec == nil {
		return p
	}
	p.Spec.Source = loaded.Source(design)
	p.Stress = &study.StressPlan{Spec: p.Spec, Steady: topologies.Steady(p.Spec)}
	p.drills(loaded, design)
	p.compare(a, loaded, report)
	return p
}

// drills are those of everything that can break.
func (p *capacityPlan) drills(loaded *topologies.File, design string) {
	d, found := loaded.Drills(design, nil, true)
	if d.Spec == nil {
		p.missing(result.FailuresPart, firstMessage(found))
		return
	}
	p.Drills = &study.DrillPlan{Spec: d.Spec, AnyOf: d.AnyOf, Skipped: d.Skipped, WorstFirst: true}
}

// compare takes up all designs of the file, if there are several.
func (p *capacityPlan) compare(a *app, loaded *topologies.File, report *kind.Report) {
	if len(loaded.Designs()) == 0 {
		p.missing(result.DesignsPart, "the file describes a single design")
		return
	}
	plan := &study.ComparePlan{}
	for _, d := range a.designsIn(loaded, report) {
		plan.Specs = append(plan.Specs, d.spec)
		plan.Losses = append(plan.Losses, study.DrillPlan{Spec: d.losses.Spec, AnyOf: d.losses.AnyOf, Skipped: d.losses.Skipped})
		p.designs = append(p.designs, d.found)
	}
	if !pairable(plan.Specs) {
		p.missing(result.DesignsPart, "the designs differ in duration, warm-up, replications, seed or currency, so that they cannot be paired")
		return
	}
	p.Designs = plan
}

func (p *capacityPlan) missing(part, why string) {
	p.Missing = append(p.Missing, result.MissingPart{Part: part, Why: why})
}

// firstMessage is the first error of a report.
func firstMessage(found *kind.Report) string {
	for _, d := range found.Diagnostics() {
		if d.Severity() == kind.Error {
			return d.Message
		}
	}
	return "nothing here can break"
}

// sortedFlags are the names of the flags of a verb.
func sortedFlags(cmd *cobra.Command) []string {
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	slices.Sort(names)
	return names
}
