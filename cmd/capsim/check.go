package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/capsim/capsim/topologies"
)

func checkCommand(a *app) *cobra.Command {
	var in inputFlags
	cmd := &cobra.Command{
		Use: "check FILE", Short: "says everything that is wrong with a file, or that cannot work",
		Long: "Reads the topology in FILE (- is standard input) and all of its designs, and says\n" +
			"everything that is wrong with it or that cannot work, without simulating.",
		Example: "capsim check shop.toml\n" +
			"capsim check shop.toml --load 2 --strict",
		RunE: func(*cobra.Command, []string) error { return a.check(&in) },
	}
	in.bind(cmd, true)
	return cmd
}

// check looks at the file and all of its designs, or at one of them.
func (a *app) check(in *inputFlags) error {
	report := a.findings()
	options := in.settle(a, report)
	names := a.line.files(report, "check", 1, 1)
	if len(names) == 0 {
		return a.refuse(report)
	}
	files := &diskFiles{stdin: a.stdin}
	designs := ""
	if _, given := a.line.values["--design"]; given {
		a.specOf(files, names[0], in.design, options, report)
		designs = " (design " + in.design + ")"
	} else if loaded, found := topologies.Load(files, names[0], options); loaded != nil {
		report.Merge(loaded.Check())
		if names := loaded.Designs(); len(names) > 0 {
			designs = " (designs " + strings.Join(names, ", ") + ")"
		}
	} else {
		report.Merge(found)
	}
	if report.Failed() || in.strict && report.Warnings() > 0 {
		return a.refuse(report)
	}
	a.print(report, "")
	return a.say(shown(names[0]) + ": ok" + designs + "\n")
}
