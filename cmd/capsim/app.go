package main

import (
	"cmp"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/capsim/capsim/models/kind"
)

// version of the program; any change of a pinned fingerprint raises it.
const version = "0.1.0"

// app is one invocation.
type app struct {
	args           []string
	stdin          io.Reader
	stdout, stderr io.Writer

	line        commandLine
	diagnostics string // "text" or "json"
	blocked     bool   // what is wrong is that the report cannot be written
	unhelped    error  // why --help could not be printed
}

// run is the program: it returns the exit status.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) (exit int) {
	a := &app{args: args, stdin: stdin, stdout: stdout, stderr: stderr, diagnostics: "text"}
	defer func() {
		if r := recover(); r != nil {
			exit = status(&defect{r}, stderr)
		}
	}()
	root := a.rootCommand()
	a.line = readCommandLine(root, args)
	root.SetArgs(a.line.sound)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.Execute()
	return status(cmp.Or(err, a.unhelped), stderr)
}

// verbs lists the commands, in the order of the help.
func verbs(a *app) []*cobra.Command {
	return []*cobra.Command{
		runCommand(a), compareCommand(a), drillCommand(a), stressCommand(a), soakCommand(a), sweepCommand(a), planCommand(a), estimateCommand(a), checkCommand(a), reportCommand(a), graphCommand(a),
		initCommand(a), explainCommand(a), schemaCommand(a),
		completionCommand(a), versionCommand(a), helpCommand(a),
	}
}

// rootCommand puts the verbs together. What is wrong with the arguments has
// been found before any of them runs, and is said by them.
func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "capsim",
		Short:         "Capacity planning by simulation: how a system that a TOML file describes bears its traffic.",
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if report := a.findings(); report.Failed() {
				return a.refuse(report)
			}
			return a.help(cmd)
		},
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { a.unhelped = a.help(cmd) }) // --help
	for _, cmd := range verbs(a) {
		cmd.Args = cobra.ArbitraryArgs
		if cmd.Name() != "help" && cmd.Name() != "version" {
			cmd.Flags().StringVar(&a.diagnostics, "diagnostics", "text", "`FORM` of what is wrong with the input: text or json")
		}
		cmd.Flags().SortFlags = false
		cmd.InitDefaultHelpFlag()
		completeFlags(cmd)
		root.AddCommand(cmd)
		if cmd.Name() == "help" {
			root.SetHelpCommand(cmd)
		}
	}
	root.InitDefaultHelpFlag()
	return root
}

func versionCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "prints the version",
		RunE: func(*cobra.Command, []string) error {
			report := a.findings()
			a.line.files(report, "version", 0, 0)
			if report.Failed() {
				return a.refuse(report)
			}
			return a.say("capsim " + version + "\n")
		},
	}
}

// say writes to standard output.
func (a *app) say(text string) error {
	return a.answer(func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}

// answer lets draw write to standard output. A reader who has had enough
// (| head -1) is no error.
func (a *app) answer(draw func(w io.Writer) error) error {
	if err := draw(a.stdout); err != nil && !isBrokenPipe(err) {
		return &fileError{"write", "standard output", err}
	}
	return nil
}

// note writes a line to standard error. Where even that cannot be written
// there is nobody to tell.
func (a *app) note(format string, args ...any) {
	fmt.Fprintf(a.stderr, format+"\n", args...)
}

func verbNames() []string {
	var names []string
	for _, verb := range verbs(&app{}) {
		names = append(names, verb.Name())
	}
	return names
}

// findings is a report that begins with what is wrong with the arguments.
func (a *app) findings() *kind.Report {
	report := &kind.Report{}
	report.AddArguments(a.args)
	for _, d := range a.line.found {
		report.Add(d)
	}
	return report
}
