package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/capsim/capsim/models/kind"
)

func helpCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "help [VERB]", Short: "lists the verbs, or the flags of a verb",
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return verbNames(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			report := a.findings()
			topics := a.line.files(report, "help", 0, -1)
			if len(topics) == 0 && !report.Failed() {
				return a.help(cmd.Root())
			}
			for i, topic := range topics {
				if verb, _, err := cmd.Root().Find([]string{topic}); err == nil && verb != cmd.Root() && len(topics) == 1 && !report.Failed() {
					return a.help(verb)
				} else if err != nil || verb == cmd.Root() {
					report.Add(kind.Diagnostic{Code: "E801", Pos: argPos(a.line.names[i]), Key: "help",
						Message: "unknown verb " + kind.QuoteText(topic) + kind.DidYouMean(topic, verbNames()),
						Hint:    "the verbs are " + strings.Join(verbNames(), ", ")})
				}
			}
			return a.refuse(report)
		},
	}
}

// helpWidth is how wide the help is, terminal or not.
const helpWidth = 100

// help prints the page of a command.
func (a *app) help(cmd *cobra.Command) error {
	var b strings.Builder
	if cmd.HasParent() {
		verbHelp(&b, cmd)
	} else {
		rootHelp(&b, cmd)
	}
	return a.say(b.String())
}

func rootHelp(b *strings.Builder, root *cobra.Command) {
	fmt.Fprintf(b, "%s\n\nUsage: capsim VERB [FILE] [FLAGS]\n\nVerbs\n", root.Short)
	for _, cmd := range verbs(&app{}) {
		fmt.Fprintf(b, "  %-21s %s\n", cmd.Use, cmd.Short)
	}
	fmt.Fprintf(b, "\nExit status\n%s\ncapsim help VERB lists the flags of a verb. Begin with: capsim run topologies/hello.toml\n", exitTable)
}

func verbHelp(b *strings.Builder, cmd *cobra.Command) {
	about := cmd.Long
	if about == "" {
		about = strings.ToUpper(cmd.Short[:1]) + cmd.Short[1:] + "."
	}
	fmt.Fprintf(b, "%s\n\nUsage: capsim %s [FLAGS]\n", about, cmd.Use)
	if cmd.Example != "" {
		fmt.Fprintf(b, "\nExamples\n  %s\n", strings.ReplaceAll(cmd.Example, "\n", "\n  "))
	}
	fmt.Fprintf(b, "\nFlags\n%s", cmd.Flags().FlagUsagesWrapped(helpWidth))
}
