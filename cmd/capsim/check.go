package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/topologies"
)

func checkCommand(a *app) *cobra.Command {
	var f simFlags
	cmd := &cobra.Command{
		Use: "check FILE", Short: "validates a file and warns of what cannot work",
		Args: oneFile,
		RunE: func(cmd *cobra.Command, args []string) error { return a.check(cmd, &f, args[0]) },
	}
	fl := cmd.Flags()
	fl.StringArrayVar(&f.set, "set", nil, "change a value: --set server.app.instances=8 (repeatable)")
	fl.StringVar(&f.load, "load", "1", "multiply the traffic by this factor")
	fl.BoolVar(&f.strict, "strict", false, "treat warnings as failures")
	f.format = "table"
	return cmd
}

// check looks at the file and all of its designs.
func (a *app) check(cmd *cobra.Command, f *simFlags, name string) error {
	report := &kind.Report{}
	report.AddArguments(a.args)
	s := f.settle(a, cmd, report)
	file, found := topologies.Load(diskFiles{a.stdin}, name, s.options)
	report.Merge(found)
	if file != nil {
		report.Merge(file.Check())
	}
	if report.Failed() || f.strict && report.Warnings() > 0 {
		return a.refuse(report)
	}
	if err := a.print(report, ""); err != nil {
		return err
	}
	designs := ""
	if names := file.Designs(); len(names) > 0 {
		designs = " (designs: " + strings.Join(names, ", ") + ")"
	}
	_, err := fmt.Fprintf(a.stdout, "%s: ok%s\n", name, designs)
	return err
}
