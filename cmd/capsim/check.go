package main

import (
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/capsim/capsim/topologies"
)

func checkCommand(a *app) *cobra.Command {
	var in inputFlags
	var print bool
	cmd := &cobra.Command{
		Use: "check FILE", Short: "says everything that is wrong with a file, or that cannot work",
		Long: "Reads the topology in FILE (- is standard input) and all of its designs, and says\n" +
			"everything that is wrong with it or that cannot work, without simulating.",
		Example: "capsim check shop.toml\n" +
			"capsim check shop.toml --load 2 --strict\n" +
			"capsim check shop.toml --design vertical --print",
		RunE: func(*cobra.Command, []string) error { return a.check(&in, print) },
	}
	cmd.ValidArgsFunction = completeFiles
	in.bind(cmd, true)
	cmd.Flags().BoolVar(&print, "print", false, "print the file as it would be simulated: with its defaults, and where each value is from")
	return cmd
}

// check looks at the file and all of its designs, or at one of them.
func (a *app) check(in *inputFlags, print bool) error {
	report := a.findings()
	options := in.settle(a, report)
	names := a.line.files(report, "check", 1, 1)
	if len(names) == 0 {
		return a.refuse(report)
	}
	loaded, found := topologies.Load(&diskFiles{stdin: a.stdin}, names[0], options)
	report.Merge(found)
	designs := ""
	_, one := a.line.values["--design"]
	switch {
	case loaded == nil:
	case one:
		a.design(loaded, in.design, report)
		designs = " (design " + in.design + ")"
	default:
		report.Merge(loaded.Check())
		if all := loaded.Designs(); len(all) > 0 {
			designs = " (designs " + strings.Join(all, ", ") + ")"
		}
	}
	if report.Failed() || in.strict && report.Warnings() > 0 {
		return a.refuse(report)
	}
	a.print(report, "")
	if print {
		return a.answer(func(w io.Writer) error { return loaded.Print(w, in.design) })
	}
	return a.say(shown(names[0]) + ": ok" + designs + "\n")
}
