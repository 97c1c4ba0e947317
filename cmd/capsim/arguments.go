package main

import (
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/topologies"
)

// commandLine is the arguments, read once before any verb runs, so that all
// that is wrong with them can be said together and each finding knows which
// argument it is about. Arguments are numbered from 1.
type commandLine struct {
	args  []string
	sound []string // the verb, its flags and the files: what the flag library can read

	found    []kind.Diagnostic
	confused bool // by an unknown flag: the word after it may be its value or a file

	values map[string]int // flag: the argument that holds its value, the last if it is repeated
	sets   []topologies.Setting
	faults []topologies.DrillFault
	vary   []topologies.Setting
	names  []int // the arguments that are no flags: files, or the topic of help
}

// readCommandLine sorts the arguments into verb, flags and files.
func readCommandLine(root *cobra.Command, args []string) commandLine {
	// Nil would stand for the arguments of the process.
	l := commandLine{args: args, sound: []string{}, values: map[string]int{}}
	if len(args) == 0 {
		return l
	}
	switch verb := args[0]; {
	case verb == cobra.ShellCompRequestCmd || verb == cobra.ShellCompNoDescRequestCmd:
		l.sound = args // a shell asks for completions
	case verb == "-h" || verb == "--help":
		l.sound = []string{"--help"}
	case verb == "--version":
		l.sound = []string{"version"}
		l.names = numbers(2, len(args))
	case strings.HasPrefix(verb, "-"):
		l.fail("E801", 1, verb, "expected a verb before the flags"+kind.DidYouMean(strings.TrimLeft(verb, "-"), verbNames()), helpHint)
	case !slices.Contains(verbNames(), verb):
		l.fail("E801", 1, verb, "unknown verb"+kind.DidYouMean(verb, verbNames()), "the verbs are "+strings.Join(verbNames(), ", "))
	default:
		cmd, _, err := root.Find([]string{verb})
		if err != nil {
			panic("capsim: a verb that is not a command: " + err.Error())
		}
		l.readFlags(cmd)
	}
	return l
}

const helpHint = "capsim help lists the verbs, capsim help VERB its flags"

// readFlags reads what follows a verb.
func (l *commandLine) readFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	l.sound = []string{l.args[0]}
	for i := 1; i < len(l.args); i++ {
		arg := l.args[i]
		switch {
		case arg == "--":
			l.names = append(l.names, numbers(i+2, len(l.args))...)
			i = len(l.args)
		case arg == "-h":
			l.sound = append(l.sound, arg)
		case arg == "-" || !strings.HasPrefix(arg, "-"):
			l.names = append(l.names, i+1)
		default:
			i += l.readFlag(cmd.Name(), flags, i)
		}
	}
	l.sound = append(l.sound, "--")
	for _, n := range l.names {
		l.sound = append(l.sound, l.args[n-1])
	}
}

// readFlag reads the flag in args[i] and returns how many further arguments
// belong to it.
func (l *commandLine) readFlag(verb string, flags *pflag.FlagSet, i int) int {
	arg := l.args[i]
	name, value, joined := strings.Cut(strings.TrimLeft(arg, "-"), "=")
	flag := flags.Lookup(name)
	if flag == nil || !strings.HasPrefix(arg, "--") {
		return l.unknownFlag(verb, flags, i, name, joined)
	}
	key := "--" + name
	if flag.Value.Type() == "bool" {
		if _, err := strconv.ParseBool(value); joined && err != nil {
			l.fail("E802", i+1, key, "is on or off, and takes no value such as "+kind.QuoteText(value), "write "+key+" or leave it out")
			return 0
		}
		l.sound = append(l.sound, arg)
		return 0
	}
	further := 0
	if !joined {
		if i+1 == len(l.args) {
			l.fail("E802", i+1, key, "needs a value", flagHint(flag))
			return 0
		}
		value, further = l.args[i+1], 1
	}
	at := i + 1 + further
	l.sound = append(l.sound, key+"="+value)
	l.values[key] = at
	switch name {
	case "set":
		l.sets = append(l.sets, topologies.Setting{Text: value, Arg: at})
	case "vary":
		l.vary = append(l.vary, topologies.Setting{Text: value, Arg: at})
	case "fault":
		l.faults = append(l.faults, topologies.DrillFault{Text: value, Arg: at})
	}
	return further
}

// unknownFlag reports a flag that the verb does not have. A word behind it
// is taken for its value if the flag that may have been meant takes one.
func (l *commandLine) unknownFlag(verb string, flags *pflag.FlagSet, i int, name string, joined bool) int {
	l.confused = true
	var known []string
	flags.VisitAll(func(f *pflag.Flag) { known = append(known, "--"+f.Name) })
	key, _, _ := strings.Cut(l.args[i], "=")
	near := kind.Nearest("--"+name, known)
	if flags.Lookup(name) != nil {
		near = []string{"--" + name} // with one dash
	}
	message := "unknown flag of capsim " + verb
	if len(near) > 0 {
		message += "; did you mean " + strings.Join(near, " or ") + "?"
	}
	hint := "capsim help " + verb + " lists the flags"
	if others := verbsWith(name); len(near) == 0 && len(others) > 0 {
		hint = "it is a flag of capsim " + strings.Join(others, ", ")
	}
	l.fail("E801", i+1, key, message, hint)
	if len(near) == 0 || joined || i+1 == len(l.args) || strings.HasPrefix(l.args[i+1], "--") {
		return 0
	}
	if meant := flags.Lookup(strings.TrimPrefix(near[0], "--")); meant.Value.Type() == "bool" {
		return 0
	}
	return 1
}

// verbsWith are the verbs that have a flag.
func verbsWith(flag string) []string {
	var names []string
	for _, verb := range verbs(&app{}) {
		if verb.Flags().Lookup(flag) != nil {
			names = append(names, verb.Name())
		}
	}
	return names
}

// flagHint tells what kind of value a flag takes.
func flagHint(flag *pflag.Flag) string {
	value, _ := pflag.UnquoteUsage(flag)
	return "write --" + flag.Name + " " + value
}

// fail notes a finding about an argument.
func (l *commandLine) fail(code string, arg int, key, message, hint string) {
	l.found = append(l.found, kind.Diagnostic{Code: code, Pos: argPos(arg), Key: key, Message: message, Hint: hint})
}

// at is the argument that holds the value of a flag; the last argument if
// the flag was not given.
func (l *commandLine) at(flag string) int {
	if n := l.values[flag]; n > 0 {
		return n
	}
	return max(len(l.args), 1)
}

// words are the arguments that are no flags.
func (l *commandLine) words() []string {
	var words []string
	for _, n := range l.names {
		words = append(words, l.args[n-1])
	}
	return words
}

// files returns the arguments that are no flags and their numbers, and adds
// to the report that there are too few or too many for the verb; limit 0
// takes none, limit -1 any number.
func (l *commandLine) files(report *kind.Report, verb string, least, limit int) []string {
	return l.things(report, verb, "file", least, limit)
}

// things is the same for arguments that are not files.
func (l *commandLine) things(report *kind.Report, verb, thing string, least, limit int) []string {
	names := l.words()
	fail := func(arg int, key, message, hint string) {
		report.Add(kind.Diagnostic{Code: "E801", Pos: argPos(arg), Key: key, Message: message, Hint: hint})
	}
	switch {
	case l.confused:
	case len(names) < least:
		fail(1, verb, "needs a topology "+thing, "capsim "+verb+" topologies/hello.toml")
	case limit >= 0 && len(names) > limit:
		n := l.names[limit]
		message := "takes no arguments"
		if limit == 1 {
			message = "takes one " + thing + "; this is one too many"
		}
		fail(n, verb, message, helpHint)
	}
	for i, name := range names {
		if name == "" && i < len(l.names) {
			fail(l.names[i], verb, "the name of the "+thing+" is empty", helpHint)
			return nil
		}
	}
	return names
}

// argPos is the position of argument n.
func argPos(n int) kind.Pos {
	return kind.Pos{File: kind.CommandLine, Line: 1, Col: n, EndCol: n + 1}
}

// numbers lists the whole numbers from one to another.
func numbers(from, to int) []int {
	var out []int
	for n := from; n <= to; n++ {
		out = append(out, n)
	}
	return out
}
