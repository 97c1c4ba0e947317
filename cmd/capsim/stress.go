package main

import (
	"cmp"
	"errors"

	"github.com/spf13/cobra"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/internal/study"
	"github.com/capsim/capsim/topologies"
)

// stressFiles are the files of a stress test's report.
var stressFiles = []string{"stress.json", "stress.csv", "stress.html"}

func stressCommand(a *app) *cobra.Command {
	var in inputFlags
	var out outputFlags
	var more stressFlags
	cmd := &cobra.Command{
		Use: "stress FILE", Short: "raises the load until an objective breaks: what holds, what breaks, how it fails",
		Long: "Searches for the highest load at which all objectives of FILE hold, as a multiple of\n" +
			"today's traffic (the file's, times --load), and prints it with its interval, what breaks\n" +
			"first and where, how the system fails beyond (graceful: it goes on giving as many ok\n" +
			"answers; collapse: it gives fewer; metastable: a surge leaves it bad when it is over), and\n" +
			"the curves against the load. Every load meets the same customers. A file without\n" +
			"objectives is asked to keep up: 99 % answered as they come, nothing busy all the time.\n\n" +
			"--growth says when traffic that grows evenly gets there; with --from as a date.",
		Example: "capsim stress topologies/web-shop.toml\n" +
			"capsim stress shop.toml --growth 5%/month --from 2026-12-01\n" +
			"capsim stress shop.toml --design vertical --format json --out - | jq .held_load",
		RunE: func(*cobra.Command, []string) error { return a.stress(&in, &out, &more) },
	}
	cmd.ValidArgsFunction = completeFiles
	more.bind(cmd)
	in.bind(cmd, true)
	out.bind(cmd)
	out.bindCharts(cmd)
	return cmd
}

func (a *app) stress(in *inputFlags, out *outputFlags, more *stressFlags) error {
	j := a.job("stress", 1, in, out)
	wanted := more.settle(a, j.report)
	if !j.named() {
		return j.refuse()
	}
	spec := j.spec()
	j.checkFiles(stressFiles)
	done, err := j.begin()
	if err != nil {
		return err
	}
	defer done()

	var s *result.Stress
	err = j.simulate(20*spec.Run.Replications, func(o study.Options) (err error) {
		s, err = study.Stress(study.StressPlan{Spec: spec, Steady: topologies.Steady(spec), Width: wanted.width, Growth: wanted.growth}, o)
		return err
	})
	if s == nil || broken(err) {
		return j.stopped(err, false)
	}
	wanted.date(s.Growth)
	s.Warnings = withFindings(j.report, s.Warnings)
	return conclude(j, &stressForms, s, stressForms.files(stressFiles, s), cmp.Or(j.stopped(err, true), stressVerdict(in.strict, s)))
}

// stressVerdict is the exit status that the objectives ask for at today's
// load, as run would.
func stressVerdict(strict bool, s *result.Stress) error {
	for _, p := range s.Curve {
		if p.Load == 1 && p.Limit != "" {
			return &exitError{exitLimit, errors.New("today's load: a limit was reached: " + p.Limit)}
		}
	}
	return verdict(strict, &result.Result{Objectives: s.Objectives})
}
