package main

import (
	"github.com/spf13/cobra"

	"github.com/capsim/capsim/internal/estimate"
	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/topologies"
)

// estimateFiles are what --out DIR gets.
var estimateFiles = []string{"estimate.json", "estimate.csv", "estimate.html"}

func estimateCommand(a *app) *cobra.Command {
	var in inputFlags
	var out outputFlags
	cmd := &cobra.Command{
		Use: "estimate FILE", Short: "answers from queueing theory in milliseconds, and says where that does not hold",
		Long: "Answers from queueing theory instead of simulating: how busy every resource is, what\n" +
			"saturates first and at which load, latencies, and bounds. It says which figures are\n" +
			"exact, and which assumptions do not hold for this file. Without --design, all designs\n" +
			"of the file stand side by side.",
		Example: "capsim estimate topologies/hello.toml\n" +
			"capsim estimate shop.toml --load 1.5 --set server.app.instances=8\n" +
			"capsim estimate shop.toml --format json | jq .designs[0].bottleneck",
		RunE: func(*cobra.Command, []string) error { return a.estimate(&in, &out) },
	}
	cmd.ValidArgsFunction = completeFiles
	in.bind(cmd, true)
	out.bind(cmd)
	return cmd
}

func (a *app) estimate(in *inputFlags, out *outputFlags) error {
	j := a.job("estimate", 1, in, out)
	if !j.named() {
		return j.refuse()
	}
	loaded, found := topologies.Load(j.files, j.names[0], j.options)
	j.report.Merge(found)
	var specs []*node.Spec
	if loaded != nil {
		specs = a.estimated(loaded, in.design, j.report)
	}
	if _, given := a.line.values["--out"]; !given { // an answer in milliseconds leaves no files behind unless asked to
		j.dir = ""
	}
	j.checkFiles(estimateFiles)
	done, err := j.begin()
	if err != nil {
		return err
	}
	defer done()

	e := &result.Estimates{Schema: result.EstimateSchema, Version: version, Title: specs[0].Title, Warnings: withFindings(j.report, nil)}
	for _, spec := range specs {
		e.Designs = append(e.Designs, estimate.Of(spec).Document())
	}
	return conclude(j, &estimateForms, e, estimateForms.files(estimateFiles, e), nil)
}

// estimated are the designs that are asked about: that of --design, else all of
// the file, else the file as it stands.
func (a *app) estimated(loaded *topologies.File, design string, report *kind.Report) []*node.Spec {
	names := loaded.Designs()
	if _, given := a.line.values["--design"]; given || len(names) == 0 {
		names = []string{a.knownDesign(loaded, design, report)}
	}
	var specs []*node.Spec
	for _, name := range names {
		spec, found := loaded.Spec(name)
		report.Merge(found)
		if spec != nil {
			specs = append(specs, spec)
		}
	}
	return specs
}
