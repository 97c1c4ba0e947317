package main

import (
	"github.com/spf13/cobra"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/internal/study"
	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/topologies"
)

// mapFiles are the files of a map's report.
var mapFiles = []string{"drill-map.json", "drill-map.csv", "drill-map.html"}

// mapFlags say over what a map is made.
type mapFlags struct {
	on                      bool
	sizes, durations, loads string
}

func (m *mapFlags) bind(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.BoolVar(&m.on, "map", false, "find the load from which a fault, as its trigger, leaves the system stuck when it is over")
	fl.StringVar(&m.sizes, "sizes", "", "with --map, `LIST` of sizes of the trigger: factors of slow and surge, shares of errors, instances of kill and hang")
	fl.StringVar(&m.durations, "durations", "", "with --map, `LIST` of how long it lasts (default: 1s,3s,10s,30s, up to a quarter of the window)")
	fl.StringVar(&m.loads, "loads", "", "with --map, `RANGE` of loads (default: \"0.3..1.2 step 0.05\")")
}

// settle checks how the flags go together.
func (m *mapFlags) settle(a *app, every bool, report *kind.Report) topologies.MapFlags {
	c := complaints{&a.line, report}
	flag := func(name, value string) topologies.MapFlag {
		at, given := a.line.values["--"+name]
		switch {
		case given && !m.on:
			c.add("--"+name, "", "goes with --map")
		case given && value == "":
			c.add("--"+name, "", "must not be empty")
		}
		return topologies.MapFlag{Text: value, Arg: at}
	}
	if m.on && every {
		c.add("--every", "a map is of one trigger: leave out --every or --map", "does not go with --map")
	}
	return topologies.MapFlags{Sizes: flag("sizes", m.sizes), Durations: flag("durations", m.durations), Loads: flag("loads", m.loads)}
}

// mostMapped is how often each point of a map is simulated where the command
// does not say it.
const mostMapped = 3

// mapOf loads a file and finds what its map is made of.
func (a *app) mapOf(files *diskFiles, name, design string, flags topologies.MapFlags, o topologies.Options, report *kind.Report) topologies.Map {
	loaded, found := topologies.Load(files, name, o)
	report.Merge(found)
	if loaded == nil {
		return topologies.Map{}
	}
	m, found := loaded.Map(a.knownDesign(loaded, design, report), a.line.faults, flags)
	report.Merge(found)
	if m.Spec != nil {
		m.Spec.Run.Precision = 0
		if _, given := a.line.values["--replications"]; !given {
			m.Spec.Run.Replications = min(m.Spec.Run.Replications, mostMapped)
		}
	}
	return m
}

func (j *job) drillMap(flags topologies.MapFlags) error {
	if !j.named() {
		return j.refuse()
	}
	m := j.mapOf(j.files, j.names[0], j.in.design, flags, j.options, j.report)
	j.checkFiles(mapFiles)
	done, err := j.begin()
	if err != nil {
		return err
	}
	defer done()

	var d *result.DrillMap
	err = j.simulate(len(m.Sizes)*len(m.Lasts)*len(m.Loads), func(o study.Options) (err error) {
		d, err = study.DrillMap(study.MapPlan{Spec: m.Spec, Sizes: m.Sizes, Lasts: m.Lasts, Loads: m.Loads}, o)
		return err
	})
	if d == nil || broken(err) {
		return j.stopped(err, false)
	}
	d.Warnings = withFindings(j.report, d.Warnings)
	return conclude(j, &mapForms, d, mapForms.files(mapFiles, d), j.stopped(err, true))
}
