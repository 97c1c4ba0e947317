package main

import (
	"cmp"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/internal/study"
	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/topologies"
)

// whatIfFiles are the files of the report of compare --whatif.
var whatIfFiles = []string{"whatif.json", "whatif.csv", "whatif.html"}

// whatIf is compare --whatif: each resource of each design a little better, in
// turn. One design is enough.
func (j *job) whatIf() error {
	specs, found := j.eachDesign(j.files, j.names, j.options, j.report)
	j.checkFiles(whatIfFiles)
	done, err := j.begin()
	if err != nil {
		return err
	}
	defer done()

	total := 0
	for _, s := range specs {
		total += study.WhatIfRuns(s)
	}
	var w *result.WhatIf
	err = j.simulate(total, func(o study.Options) (err error) {
		w, err = study.WhatIf(specs, o)
		return err
	})
	if len(w.Designs) == 0 || broken(err) {
		return j.stopped(err, false)
	}
	var judged []*result.Result
	for i := range w.Designs {
		w.Designs[i].Baseline.Warnings = withFindings(found[i], w.Designs[i].Baseline.Warnings)
		judged = append(judged, w.Designs[i].Baseline)
	}
	return conclude(j, &whatIfForms, w, whatIfForms.files(whatIfFiles, w), cmp.Or(j.stopped(err, true), verdict(j.in.strict, judged...)))
}

// eachDesign loads every design of the files as compare does, but one is
// enough.
func (a *app) eachDesign(files *diskFiles, names []string, o topologies.Options, report *kind.Report) (specs []*node.Spec, each []*kind.Report) {
	for _, name := range names {
		loaded, found := topologies.Load(files, name, o)
		report.Merge(found)
		if loaded == nil {
			continue
		}
		for _, design := range designsOf(loaded) {
			spec, found := loaded.Spec(design)
			report.Merge(found)
			if spec == nil {
				continue
			}
			named := *spec
			if len(names) > 1 {
				named.Design = designName(name, design)
			}
			specs, each = append(specs, &named), append(each, found)
		}
	}
	return specs, each
}
