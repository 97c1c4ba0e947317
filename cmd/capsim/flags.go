package main

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/topologies"
)

// inputFlags say what is to be simulated. What can be wrong with their values
// is said all at once, so they are taken as texts.
type inputFlags struct {
	design                   string
	set                      []string // read by commandLine, with their places
	load, seed, replications string
	duration, warmup         string
	strict                   bool
}

// outputFlags say how, and what becomes of the answer.
type outputFlags struct {
	out, format, parallel string
	charts                string
	forms                 []string // of the charts that become files, from charts
	quiet, noColor        bool
}

func (f *inputFlags) bind(cmd *cobra.Command, withDesign bool) {
	fl := cmd.Flags()
	f.bindTopology(cmd, withDesign)
	fl.StringVar(&f.seed, "seed", "", "`N` from 0 to 2^64-1 that begins the random numbers (default: the file's)")
	fl.StringVar(&f.replications, "replications", "", "`N` independent runs (default: the file's)")
	fl.StringVar(&f.duration, "duration", "", "`TIME` of the measured window, such as 30s (default: the file's)")
	fl.StringVar(&f.warmup, "warmup", "", "`TIME` before the window, or auto (default: the file's)")
	fl.BoolVar(&f.strict, "strict", false, "let warnings, and undecided objectives, count as failures")
}

// bindTopology binds those that say which system it is, not how it is run.
func (f *inputFlags) bindTopology(cmd *cobra.Command, withDesign bool) {
	fl := cmd.Flags()
	if withDesign {
		fl.StringVar(&f.design, "design", "", "the design of the file, by `NAME` (default: the file as it stands)")
	}
	fl.StringArrayVar(&f.set, "set", nil, "change a value, as `PATH=VALUE`: server.app.instances=8 (repeatable)")
	fl.StringVar(&f.load, "load", "", "multiply the traffic by `X`, such as 1.5")
}

func (f *outputFlags) bind(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.out, "out", "", "`DIR` for the report, or - for none (default: reports/out/NAME)")
	fl.StringVar(&f.format, "format", "table", "`FORM` of the answer: table, json, markdown or csv")
	fl.StringVar(&f.parallel, "parallel", "", "`N` replications at once (default: one per core); no result depends on it")
	fl.BoolVar(&f.quiet, "quiet", false, "no progress bar, warnings or notes on standard error")
	fl.BoolVar(&f.noColor, "no-color", false, "no colours on a terminal; so does the variable NO_COLOR")
}

// complaints notes what is wrong with the values of flags.
type complaints struct {
	line   *commandLine
	report *kind.Report
}

func (c complaints) add(flag, hint, format string, args ...any) {
	c.report.Add(kind.Diagnostic{
		Code: "E802", Pos: argPos(c.line.at(flag)), Key: flag, Message: fmt.Sprintf(format, args...), Hint: hint,
	})
}

// settle checks all values, adds what is wrong to the report, and returns
// what they mean for a topology.
func (f *inputFlags) settle(a *app, report *kind.Report) topologies.Options {
	c := complaints{&a.line, report}
	c.oneOf("--diagnostics", &a.diagnostics, "text", "json")
	o := topologies.Options{Set: a.line.sets, Load: 1}
	for _, flag := range []struct{ name, value string }{
		{"replications", f.replications}, {"duration", f.duration}, {"warmup", f.warmup},
	} {
		if at, given := a.line.values["--"+flag.name]; given {
			o.Set = append(o.Set, topologies.Setting{Text: "run." + flag.name + "=" + flag.value, Flag: "--" + flag.name, Arg: at})
		}
	}
	if _, given := a.line.values["--load"]; given {
		o.Load = c.load(f.load)
	}
	if _, given := a.line.values["--seed"]; given {
		seed, err := strconv.ParseUint(f.seed, 10, 64)
		if err != nil {
			c.add("--seed", "for example --seed 7", "expected a whole number from 0 to 18446744073709551615, got %s", kind.QuoteText(f.seed))
		}
		o.Seed = &seed
	}
	return o
}

// maxLoad is far beyond any traffic that a file's rate could be short of.
const maxLoad = 1e6

func (c complaints) load(text string) float64 {
	load, err := kind.ParseFactor(text)
	switch {
	case err != nil:
		c.add("--load", "for example --load 1.5", "%s", err.Message)
	case !(load > 0) || math.IsInf(load, 0) || load > maxLoad:
		c.add("--load", "for example --load 1.5", "must be more than 0 and at most %.0f, got %s", float64(maxLoad), kind.QuoteText(text))
	default:
		return load
	}
	return 1
}

// settle checks the values and returns how many replications run at once, 0
// for one per core.
func (f *outputFlags) settle(a *app, report *kind.Report) (parallel int) {
	c := complaints{&a.line, report}
	c.oneOf("--format", &f.format, "table", "json", "markdown", "csv")
	if _, given := a.line.values["--out"]; given && f.out == "" {
		c.add("--out", "write --out - for no files", "must not be empty")
	}
	if _, given := a.line.values["--parallel"]; given {
		n, err := strconv.Atoi(f.parallel)
		if err != nil || n < 1 || n > maxParallel {
			c.add("--parallel", "", "expected a whole number from 1 to %d, got %s", maxParallel, kind.QuoteText(f.parallel))
		}
		parallel = n
	}
	f.settleCharts(c)
	return parallel
}

// maxParallel is more cores than machines have.
const maxParallel = 1024

// oneOf checks that a value is one of a few; if not it becomes the first.
func (c complaints) oneOf(flag string, value *string, known ...string) {
	if slices.Contains(known, *value) {
		return
	}
	c.add(flag, "", "expected %s or %s, got %s%s", strings.Join(known[:len(known)-1], ", "), known[len(known)-1],
		kind.QuoteText(*value), kind.DidYouMean(*value, known))
	*value = known[0]
}
