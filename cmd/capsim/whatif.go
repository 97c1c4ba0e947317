package main

import (
	"errors"

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
func (a *app) whatIf(in *inputFlags, out *outputFlags, names []string, options topologies.Options, parallel int, report *kind.Report) error {
	files := &diskFiles{stdin: a.stdin}
	specs, found := a.eachDesign(files, names, options, report)
	dir := out.reportDir(names[0], "")
	a.checkReport(dir, whatIfFiles, files, report)
	release, err := a.begin(report, in, out, dir)
	if err != nil {
		return err
	}
	defer release()

	total := 0
	for _, s := range specs {
		total += study.WhatIfRuns(s)
	}
	caught := catchInterrupt()
	defer caught.release()
	show, wipe := progress(a.stderr, out.quiet, total)
	w, err := study.WhatIf(specs, study.Options{Version: version, Parallel: parallel, Stop: &caught.stop, Progress: show})
	wipe()
	if len(w.Designs) == 0 || err != nil && !errors.Is(err, node.ErrStopped) {
		return stoppedOr(err, caught, false)
	}
	var judged []*result.Result
	for i := range w.Designs {
		carryWarnings(found[i], w.Designs[i].Baseline)
		judged = append(judged, w.Designs[i].Baseline)
	}
	if err := a.writeReport(dir, out, whatIfForms.files(whatIfFiles, w)); err != nil {
		return err
	}
	if err := whatIfForms.answer(a, out, w); err != nil {
		return err
	}
	if err != nil {
		return stoppedOr(err, caught, true)
	}
	return verdict(in.strict, judged...)
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
