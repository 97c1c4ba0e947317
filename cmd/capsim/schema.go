package main

import (
	"github.com/spf13/cobra"

	"github.com/capsim/capsim/internal/manual"
)

func schemaCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "schema", Short: "prints a JSON Schema of the language, for editors",
		Long: "Prints a JSON Schema (draft 7) of topology files: editors complete keys by it, show what\n" +
			"they mean, and mark what is wrong while you type.",
		Example: "capsim schema >capsim.schema.json\n" +
			"taplo lint --schema \"file://$PWD/capsim.schema.json\" shop.toml",
		RunE: func(*cobra.Command, []string) error {
			report := a.findings()
			complaints{&a.line, report}.oneOf("--diagnostics", &a.diagnostics, "text", "json")
			a.line.files(report, "schema", 0, 0)
			if report.Failed() {
				return a.refuse(report)
			}
			return a.say(string(manual.Schema()))
		},
	}
}
