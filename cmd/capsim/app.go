package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/capsim/capsim/models/kind"
)

// version of the program; any change of a pinned fingerprint raises it.
const version = "0.1.0"

// app is one invocation.
type app struct {
	args           []string
	stdin          io.Reader
	stdout, stderr io.Writer

	diagnostics string
}

// run is the program: it returns the exit status.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	a := &app{args: args, stdin: stdin, stdout: stdout, stderr: stderr, diagnostics: "text"}
	root := a.rootCommand()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.Execute()
	var exit *exitError
	if err != nil && !errors.As(err, &exit) && isUsage(err) {
		err = a.usage(err)
	}
	return status(err, stderr)
}

// verbs lists the commands, in the order of the help.
var verbs = []func(a *app) *cobra.Command{runCommand, compareCommand, checkCommand, versionCommand}

func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "capsim",
		Short:         "capacity planning by simulation: from a topology in TOML to latencies, errors and utilisation",
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return &unknownVerb{args[0]}
			}
			return cmd.Help()
		},
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &flagError{err} })
	for _, verb := range verbs {
		cmd := verb(a)
		cmd.Flags().StringVar(&a.diagnostics, "diagnostics", "text", "how findings in the input are printed: text or json")
		cmd.Flags().SortFlags = false
		root.AddCommand(cmd)
	}
	return root
}

func versionCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "prints the version", Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(a.stdout, "capsim "+version)
			return err
		},
	}
}

// unknownVerb is a first argument that names no command.
type unknownVerb struct{ verb string }

func (e *unknownVerb) Error() string { return "unknown verb " + e.verb }

// flagError is what the flag library says about a flag.
type flagError struct{ err error }

func (e *flagError) Error() string { return e.err.Error() }
func (e *flagError) Unwrap() error { return e.err }

// argsError is a number of arguments that a verb does not take.
type argsError struct {
	message string
	arg     int // its number, from 1
}

func (e *argsError) Error() string { return e.message }

func noArgs(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return &argsError{"takes no arguments", 2}
	}
	return nil
}

func isUsage(err error) bool {
	var verb *unknownVerb
	var flag *flagError
	var args *argsError
	return errors.As(err, &verb) || errors.As(err, &flag) || errors.As(err, &args)
}

// usage turns a wrong use of the command line into a diagnostic, prints it,
// and returns the error to end with.
func (a *app) usage(err error) error {
	d := kind.Diagnostic{Code: "E801", Pos: argPos(1), Key: "capsim", Message: err.Error(), Hint: "capsim help lists the verbs, capsim help VERB its flags"}
	var verb *unknownVerb
	var args *argsError
	var missing *pflag.NotExistError
	var value *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &verb):
		d.Pos, d.Key, d.Message = argPos(a.argOf(verb.verb)), verb.verb, "unknown verb"
		if near := kind.DidYouMean(verb.verb, verbNames()); near != "" {
			d.Message += "; " + near
		}
	case errors.As(err, &args):
		d.Pos, d.Key, d.Message = argPos(args.arg), strings.Join(a.args[:min(1, len(a.args))], ""), args.message
	case errors.As(err, &missing):
		name := missing.GetSpecifiedName()
		d.Pos, d.Key, d.Message = argPos(a.argOf("--"+name)), "--"+name, "unknown flag"
		if near := kind.DidYouMean(name, flagNames()); near != "" {
			d.Message += "; " + near
		}
	case errors.As(err, &value):
		name := "--" + value.GetSpecifiedName()
		d.Code, d.Pos, d.Key, d.Message = "E802", argPos(a.argOf(name)), name, "needs a value"
	case errors.As(err, &invalid):
		name := "--" + invalid.GetFlag().Name
		d.Code, d.Pos, d.Key, d.Message = "E802", argPos(a.argOf(name)), name, fmt.Sprintf("not a value for it: %q", kind.Cut(invalid.GetValue()))
	}
	report := &kind.Report{}
	report.AddArguments(a.args)
	report.Add(d)
	return a.refuse(report)
}

// argOf returns the number of the argument that a flag or verb stands in.
func (a *app) argOf(word string) int {
	i := slices.IndexFunc(a.args, func(arg string) bool {
		return arg == word || strings.HasPrefix(arg, word+"=")
	})
	return max(i, 0) + 1
}

func argPos(n int) kind.Pos {
	return kind.Pos{File: kind.CommandLine, Line: 1, Col: n, EndCol: n + 1}
}

func verbNames() []string {
	var names []string
	for _, verb := range verbs {
		names = append(names, strings.Fields(verb(&app{}).Use)[0])
	}
	return append(names, "help")
}

func flagNames() []string {
	var names []string
	for _, verb := range verbs {
		verb(&app{}).Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// refuse prints findings that leave nothing to be done, and returns the error
// to end with.
func (a *app) refuse(report *kind.Report) error {
	if err := a.print(report, "nothing was simulated"); err != nil {
		return err
	}
	for _, d := range report.Diagnostics() {
		if d.Severity() == kind.Error && !isFileCode(d.Code) {
			return &exitError{status: exitInput}
		}
	}
	if report.Failed() {
		return &exitError{status: exitFile}
	}
	return &exitError{status: exitInput}
}

// isFileCode reports whether a finding is that a file could not be read.
func isFileCode(code string) bool {
	return strings.HasPrefix(code, "E00") || code == "E503"
}

// print prints findings to standard error in the form that was asked for.
func (a *app) print(report *kind.Report, outcome string) error {
	if a.diagnostics == "json" {
		return report.WriteJSON(a.stderr)
	}
	return report.WriteText(a.stderr, outcome)
}
