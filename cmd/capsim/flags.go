package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/topologies"
)

// simFlags are the flags of the verbs that simulate. What can be wrong with
// their values is said all at once, so they are taken as texts.
type simFlags struct {
	design                        string
	set                           []string
	load, seed, replications      string
	duration, warmup, out, format string
	parallel                      string
	strict, quiet, noColor        bool
}

func (f *simFlags) bind(cmd *cobra.Command, withDesign bool) {
	fl := cmd.Flags()
	if withDesign {
		fl.StringVar(&f.design, "design", "", "simulate this design of the file")
	}
	fl.StringArrayVar(&f.set, "set", nil, "change a value: --set server.app.instances=8 (repeatable)")
	fl.StringVar(&f.load, "load", "1", "multiply the traffic by this factor")
	fl.StringVar(&f.seed, "seed", "", "seed of the random numbers, 0 to 2^64-1 (default: the file's)")
	fl.StringVar(&f.replications, "replications", "", "independent runs (default: the file's)")
	fl.StringVar(&f.duration, "duration", "", `length of the measured window, such as "30s" (default: the file's)`)
	fl.StringVar(&f.warmup, "warmup", "", `length of the warm-up, or "auto" (default: the file's)`)
	fl.StringVar(&f.out, "out", "", `directory for the report, "-" for none (default: reports/out/NAME)`)
	fl.StringVar(&f.format, "format", "table", "what to print: table, json, markdown or csv")
	fl.StringVar(&f.parallel, "parallel", "", "replications at once (default: one per core); results never depend on it")
	fl.BoolVar(&f.strict, "strict", false, "treat warnings, and objectives that are undecided, as failures")
	fl.BoolVar(&f.quiet, "quiet", false, "no progress bar and no notes on standard error")
	fl.BoolVar(&f.noColor, "no-color", false, "no colours on a terminal")
}

// settled are flags whose values make sense.
type settled struct {
	options  topologies.Options
	parallel int
}

// settle checks all values and adds what is wrong to the report.
func (f *simFlags) settle(a *app, cmd *cobra.Command, report *kind.Report) settled {
	var s settled
	bad := func(flag, format string, args ...any) {
		report.Add(kind.Diagnostic{Code: "E802", Pos: argPos(a.argOf("--" + flag)), Key: "--" + flag, Message: fmt.Sprintf(format, args...)})
	}
	s.options.Set = f.settings(a)
	for _, name := range []string{"replications", "duration", "warmup"} {
		if cmd.Flags().Changed(name) {
			value, _ := cmd.Flags().GetString(name)
			s.options.Set = append(s.options.Set, topologies.Setting{Text: "run." + name + "=" + value, Flag: "--" + name, Arg: a.argOf("--" + name)})
		}
	}
	load, err := kind.ParseFactor(f.load)
	switch {
	case err != nil:
		bad("load", "%s", err.Message)
	case !(load > 0) || math.IsInf(load, 0) || load > 1e6:
		bad("load", "must be more than 0 and at most 1000000")
	}
	s.options.Load = load
	if cmd.Flags().Changed("seed") {
		seed, err := strconv.ParseUint(f.seed, 10, 64)
		if err != nil {
			bad("seed", "expected a whole number from 0 to 18446744073709551615, got %q", kind.Cut(f.seed))
		}
		s.options.Seed = &seed
	}
	if cmd.Flags().Changed("parallel") {
		n, err := strconv.Atoi(f.parallel)
		if err != nil || n < 1 || n > 1024 {
			bad("parallel", "expected a whole number from 1 to 1024, got %q", kind.Cut(f.parallel))
		}
		s.parallel = n
	}
	oneOf(bad, "format", f.format, "table", "json", "markdown", "csv")
	oneOf(bad, "diagnostics", a.diagnostics, "text", "json")
	if a.diagnostics != "json" {
		a.diagnostics = "text"
	}
	return s
}

func oneOf(bad func(flag, format string, args ...any), flag, value string, known ...string) {
	for _, k := range known {
		if value == k {
			return
		}
	}
	message := fmt.Sprintf("expected %s, got %q", strings.Join(known, ", "), kind.Cut(value))
	if near := kind.DidYouMean(value, known); near != "" {
		message += "; " + near
	}
	bad(flag, "%s", message)
}

// settings finds every --set with the number of its argument.
func (f *simFlags) settings(a *app) []topologies.Setting {
	var out []topologies.Setting
	for i := 0; i < len(a.args) && a.args[i] != "--"; i++ {
		switch text, joined := strings.CutPrefix(a.args[i], "--set="); {
		case joined:
			out = append(out, topologies.Setting{Text: text, Arg: i + 1})
		case a.args[i] == "--set" && i+1 < len(a.args):
			i++
			out = append(out, topologies.Setting{Text: a.args[i], Arg: i + 1})
		}
	}
	return out
}
