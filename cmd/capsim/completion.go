package main

import (
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/capsim/capsim/internal/manual"
	"github.com/capsim/capsim/models/kind"
	"github.com/capsim/capsim/topologies"
)

// shells are those that completion can be made for.
var shells = []struct {
	name  string
	write func(root *cobra.Command, w io.Writer) error
}{
	{"bash", func(root *cobra.Command, w io.Writer) error { return root.GenBashCompletionV2(w, true) }},
	{"zsh", func(root *cobra.Command, w io.Writer) error { return root.GenZshCompletion(w) }},
	{"fish", func(root *cobra.Command, w io.Writer) error { return root.GenFishCompletion(w, true) }},
}

func shellNames() []string {
	names := make([]string, len(shells))
	for i := range shells {
		names[i] = shells[i].name
	}
	return names
}

func completionCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use: "completion SHELL", Short: "prints the completion for a shell: bash, zsh or fish",
		Long: "Prints a script that teaches a shell to complete verbs, flags, files, designs, topics of\n" +
			"the manual and the paths of keys.",
		Example: "source <(capsim completion bash)                                  # in ~/.bashrc\n" +
			"capsim completion zsh >\"${fpath[1]}/_capsim\"                      # once\n" +
			"capsim completion fish >~/.config/fish/completions/capsim.fish    # once",
		RunE: func(cmd *cobra.Command, _ []string) error { return a.completion(cmd.Root()) },
	}
	cmd.ValidArgsFunction = func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return shellNames(), cobra.ShellCompDirectiveNoFileComp
	}
	return cmd
}

func (a *app) completion(root *cobra.Command) error {
	report := a.findings()
	complaints{&a.line, report}.oneOf("--diagnostics", &a.diagnostics, "text", "json")
	names := a.line.words()
	known := "the shells are " + strings.Join(shellNames(), ", ")
	switch {
	case len(names) == 0 && !a.line.confused:
		report.Add(kind.Diagnostic{Code: "E801", Pos: argPos(1), Key: "completion", Message: "needs the name of a shell", Hint: known})
	case len(names) > 1:
		report.Add(kind.Diagnostic{Code: "E801", Pos: argPos(a.line.names[1]), Key: "completion", Message: "takes one shell; this is one too many", Hint: known})
	}
	for _, shell := range shells {
		if len(names) == 1 && shell.name == names[0] && !report.Failed() {
			return a.answer(func(w io.Writer) error { return shell.write(root, w) })
		}
	}
	if len(names) == 1 && !report.Failed() {
		report.Add(kind.Diagnostic{Code: "E802", Pos: argPos(a.line.names[0]), Key: "completion",
			Message: "unknown shell " + kind.QuoteText(names[0]) + kind.DidYouMean(names[0], shellNames()), Hint: known})
	}
	return a.refuse(report)
}

// completer proposes what an argument, or the value of a flag, may be.
type completer = func(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective)

// completeFiles leaves it to the shell to list topology files.
func completeFiles(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return []string{"toml"}, cobra.ShellCompDirectiveFilterFileExt
}

// completeEnding leaves it to the shell to list files of an ending.
func completeEnding(ending string) completer {
	return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return []string{ending}, cobra.ShellCompDirectiveFilterFileExt
	}
}

// completeFolders leaves it to the shell to list folders.
func completeFolders(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}

// completeWords proposes a few words.
func completeWords(words ...string) completer {
	return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return words, cobra.ShellCompDirectiveNoFileComp
	}
}

// completeTopics proposes the topics of the manual that begin so.
func completeTopics(_ *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return startingWith(begun, manual.New().Paths()), cobra.ShellCompDirectiveNoFileComp
}

// completeDesigns proposes the designs of the file that the command names.
func completeDesigns(_ *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	if file := loadFirst(args); file != nil {
		return startingWith(begun, file.Designs()), cobra.ShellCompDirectiveNoFileComp
	}
	return nil, cobra.ShellCompDirectiveNoFileComp
}

// completeSettings proposes PATH= for the keys of the file that the command
// names, and behind the equals sign the words that the key takes.
func completeSettings(_ *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	silent := cobra.ShellCompDirectiveNoFileComp
	var nodes []topologies.NodeName
	if file := loadFirst(args); file != nil {
		nodes = file.Nodes()
	}
	var proposed []string
	if path, _, valued := strings.Cut(begun, "="); valued {
		for _, word := range manual.New().Words(path) {
			proposed = append(proposed, path+"="+word)
		}
		return startingWith(begun, proposed), silent
	}
	for _, path := range manual.Settings(nodes) {
		proposed = append(proposed, path+"=")
	}
	return startingWith(begun, proposed), silent | cobra.ShellCompDirectiveNoSpace
}

// loadFirst reads the topology that a command names, nil if it cannot be.
func loadFirst(args []string) *topologies.File {
	for _, name := range args {
		if file, _ := topologies.Load(&diskFiles{stdin: strings.NewReader("")}, name, topologies.Options{}); file != nil {
			return file
		}
	}
	return nil
}

func startingWith(begun string, words []string) []string {
	var found []string
	for _, word := range words {
		if strings.HasPrefix(word, begun) {
			found = append(found, word)
		}
	}
	return found
}

// completeFlags gives the flags of a verb what their values may be.
func completeFlags(cmd *cobra.Command) {
	for _, flag := range []struct {
		name   string
		values completer
	}{
		{"design", completeDesigns},
		{"set", completeSettings},
		{"vary", completeSettings},
		{"out", completeFolders},
		{"baseline", completeEnding("json")},
		{"junit", completeEnding("xml")},
		{"trace", completeEnding("json")},
		{"profile", completeEnding("gz")},
		{"format", completeWords("table", "json", "markdown", "csv")},
		{"diagnostics", completeWords("text", "json")},
		{"from", completeWords(topologies.Gallery()...)},
	} {
		if cmd.Flags().Lookup(flag.name) == nil {
			continue
		}
		if err := cmd.RegisterFlagCompletionFunc(flag.name, flag.values); err != nil {
			panic("capsim: a flag that cannot be completed: " + err.Error())
		}
	}
}
