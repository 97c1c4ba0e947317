package main

import (
	"cmp"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/internal/study"
	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/topologies"
)

// compareFiles are the files of a comparison's report.
var compareFiles = []string{"comparison.json", "comparison.csv", "comparison.html"}

func compareCommand(a *app) *cobra.Command {
	var in inputFlags
	var out outputFlags
	var far compareFlags
	whatIf := false
	cmd := &cobra.Command{
		Use: "compare FILE [FILE…]", Short: "simulates every design under the same customers and prints which to build",
		Long: "Simulates every design of the files under the same customers (a file with fewer than\n" +
			"two designs counts as it stands too): at today's load, at loads from light to beyond\n" +
			"what each design holds, with the faults of the file, and with each instance and zone\n" +
			"lost in turn. Prints a verdict in words, the designs side by side, their differences\n" +
			"from the first with intervals, and the load at which a verdict turns.\n\n" +
			"Loads are multiples of the file's traffic, times --load. Curves and losses are simulated\n" +
			"for a fifth of the window, but at least a minute, where nothing happens at a set time.\n" +
			"--loads 1 leaves the curves out, --no-failures what breaks.\n\n" +
			"--whatif simulates each design, be it a single one, with each of its resources 10 %\n" +
			"better in turn (cores, disks, workers, pools, services of others, caches, the network),\n" +
			"and prints which makes most of a difference: what to fix first.",
		Example: "capsim compare topologies/vertical-vs-horizontal.toml\n" +
			"capsim compare today.toml tomorrow.toml --load 1.5\n" +
			"capsim compare shop.toml --loads \"0.25..2 step 0.25\"\n" +
			"capsim compare shop.toml --loads 1 --no-failures\n" +
			"capsim compare topologies/web-shop.toml --whatif",
		RunE: func(*cobra.Command, []string) error { return a.compare(&in, &out, &far, whatIf) },
	}
	cmd.ValidArgsFunction = completeFiles
	far.bind(cmd)
	cmd.Flags().BoolVar(&whatIf, "whatif", false, "make each resource 10 % better in turn, and rank what that brings: what to fix first")
	in.bind(cmd, false)
	out.bind(cmd)
	out.bindCharts(cmd)
	return cmd
}

// compareFlags say how far designs are compared.
type compareFlags struct {
	loads      string
	noFailures bool
}

func (f *compareFlags) bind(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.loads, "loads", "", "`LIST` or range of loads of the curves, such as \"0.25..2 step 0.25\" (default: about 8, by what the designs hold); 1 for no curves")
	fl.BoolVar(&f.noFailures, "no-failures", false, "neither the faults of the file by themselves nor losses")
}

// settle reads the loads; nil are to be chosen.
func (f *compareFlags) settle(a *app, report *kind.Report) []float64 {
	if _, given := a.line.values["--loads"]; !given {
		return nil
	}
	return topologies.ParseLoads("--loads", f.loads, a.line.at("--loads"), report)
}

// notWithWhatIf notes flags that say how far designs are compared, where they
// are not.
func (f *compareFlags) notWithWhatIf(a *app, report *kind.Report) {
	c := complaints{&a.line, report}
	_, loads := a.line.values["--loads"]
	for _, flag := range []struct {
		name  string
		given bool
	}{{"--loads", loads}, {"--no-failures", f.noFailures}} {
		if flag.given {
			c.add(flag.name, "leave out "+flag.name+" or --whatif", "does not go with --whatif")
		}
	}
}

func (a *app) compare(in *inputFlags, out *outputFlags, far *compareFlags, whatIf bool) error {
	j := a.job("compare", -1, in, out)
	loads := far.settle(a, j.report)
	if !j.named() {
		return j.refuse()
	}
	a.onlyOnce(j.names, j.report)
	if whatIf {
		far.notWithWhatIf(a, j.report)
		return j.whatIf()
	}
	designs := a.designsOf(j.files, j.names, j.options, j.report)
	plan := study.ComparePlan{Loads: loads}
	total := 0
	for _, d := range designs {
		plan.Specs = append(plan.Specs, d.spec)
		total += d.spec.Run.Replications
		if !far.noFailures {
			plan.Losses = append(plan.Losses, study.DrillPlan{Spec: d.losses.Spec, AnyOf: d.losses.AnyOf, Skipped: d.losses.Skipped})
		}
	}
	a.comparable(j.names, plan.Specs, j.report)
	j.checkFiles(compareFiles)
	done, err := j.begin()
	if err != nil {
		return err
	}
	defer done()

	var c *result.Comparison
	err = j.simulate(total, func(o study.Options) (err error) {
		c, err = study.CompareDesigns(plan, o)
		return err
	})
	if c == nil || len(c.Designs) == 0 || broken(err) {
		return j.stopped(err, false)
	}
	for i, r := range c.Designs {
		r.Warnings = withFindings(designs[i].found, r.Warnings)
	}
	return conclude(j, &compareForms, c, compareForms.files(compareFiles, c), cmp.Or(j.stopped(err, true), verdict(in.strict, c.Designs...)))
}

// onlyOnce refuses a file that is named twice: its designs would be their own
// rivals.
func (a *app) onlyOnce(names []string, report *kind.Report) {
	for i, name := range names {
		same := func(other string) bool { return filepath.Clean(other) == filepath.Clean(name) }
		if slices.ContainsFunc(names[:i], same) {
			report.Add(kind.Diagnostic{Code: "E802", Pos: argPos(a.line.names[i]), Key: "compare",
				Message: kind.QuoteText(name) + " is named twice", Hint: "name it once: all its designs are compared"})
		}
	}
}

// comparedDesign is a design of a file, with what was found in it, which is in
// the report already, and the parts that it may lose.
type comparedDesign struct {
	spec   *node.Spec
	found  *kind.Report
	losses topologies.Drills
}

// designsOf loads every design of the files; of a file without designs, or
// with a single one, the file as it stands too.
func (a *app) designsOf(files *diskFiles, names []string, o topologies.Options, report *kind.Report) (all []comparedDesign) {
	for _, name := range names {
		loaded, found := topologies.Load(files, name, o)
		report.Merge(found)
		if loaded == nil {
			continue
		}
		for _, d := range a.designsIn(loaded, report) {
			if len(names) > 1 {
				named := *d.spec
				named.Design = designName(name, named.Design)
				d.spec = &named
			}
			all = append(all, d)
		}
	}
	return all
}

// designsOf are the names of what a file has to compare: its designs, and the
// file as it stands where there are fewer than two.
func designsOf(loaded *topologies.File) []string {
	designs := loaded.Designs()
	if len(designs) < 2 {
		designs = append([]string{""}, designs...)
	}
	return designs
}

// designsIn are the designs of one file.
func (a *app) designsIn(loaded *topologies.File, report *kind.Report) (all []comparedDesign) {
	for _, design := range designsOf(loaded) {
		spec, found := loaded.Spec(design)
		report.Merge(found)
		if spec == nil {
			continue
		}
		spec.Source = loaded.Source(design)
		losses, _ := loaded.Losses(design)
		all = append(all, comparedDesign{spec, found, losses})
	}
	return all
}

// designName tells designs of several files apart.
func designName(file, design string) string {
	if design == "" {
		return file
	}
	return file + ":" + design
}

// comparable refuses designs that cannot be paired.
func (a *app) comparable(names []string, specs []*node.Spec, report *kind.Report) {
	if report.Failed() {
		return
	}
	if len(specs) < 2 {
		report.Add(kind.Diagnostic{Code: "E203", Pos: kind.Pos{File: names[0], Line: 1, Col: 1}, Key: "design",
			Message: "there is only one design, and nothing to compare it with", Hint: "add [design.NAME] tables to the file, or name a second file"})
	}
	if !pairable(specs) {
		report.Add(kind.Diagnostic{Code: "E207", Pos: argPos(a.line.names[len(a.line.names)-1]), Key: "compare",
			Message: "the files differ in duration, warm-up, replications, seed or currency, so that their designs cannot be paired",
			Hint:    "give --duration, --warmup, --replications and --seed"})
	}
}

// pairable reports whether designs run as long, as often and from the same
// seed, and are paid for alike. A warm-up that is found is as long as others need.
func pairable(specs []*node.Spec) bool {
	warmup := node.Auto
	for _, s := range specs {
		first := specs[0].Run
		if warmup == node.Auto {
			warmup = s.Run.Warmup
		}
		warm := s.Run.Warmup != warmup && s.Run.Warmup != node.Auto
		if s.Currency != specs[0].Currency || s.Run.Replications != first.Replications || s.Run.Duration != first.Duration || s.Run.Seed != first.Seed || warm {
			return false
		}
	}
	return true
}
