package main

import (
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/capsim/capsim/internal/manual"
	"github.com/capsim/capsim/models/kind"
)

func explainCommand(a *app) *cobra.Command {
	var noColor bool
	cmd := &cobra.Command{
		Use: "explain [TOPIC]", Short: "the manual of the language: a key, a word or the code of a diagnostic",
		Long: "Explains a key, a table, a literal, a distribution, an arrival process, a policy, a metric\n" +
			"or the code of a diagnostic; without a topic, lists what there is. The path of a key in a\n" +
			"file of yours will do too.",
		Example: "capsim explain\n" +
			"capsim explain server.instances\n" +
			"capsim explain step.cpu\n" +
			"capsim explain lognormal\n" +
			"capsim explain E302",
		RunE: func(*cobra.Command, []string) error { return a.explain(noColor) },
	}
	cmd.Flags().BoolVar(&noColor, "no-color", false, "no colours on a terminal; so does the variable NO_COLOR")
	cmd.ValidArgsFunction = completeTopics
	return cmd
}

func (a *app) explain(noColor bool) error {
	report := a.findings()
	complaints{&a.line, report}.oneOf("--diagnostics", &a.diagnostics, "text", "json")
	topics := a.line.things(report, "explain", "topic", 0, 1)
	book := manual.New()
	var pages []*manual.Page
	if len(topics) == 1 {
		if pages = book.Find(topics[0]); len(pages) == 0 {
			report.Add(unknownTopic(book, a.line.names[0], topics[0]))
		}
	}
	if report.Failed() {
		return a.refuse(report)
	}
	color, width := a.terminal(noColor)
	o := manual.TextOptions{Width: width, Color: color}
	return a.answer(func(w io.Writer) error {
		if len(pages) == 0 {
			return book.Contents(w, o)
		}
		return book.Text(w, pages, o)
	})
}

// unknownTopic is the finding that the manual has no such page.
func unknownTopic(book *manual.Book, arg int, topic string) kind.Diagnostic {
	d := kind.Diagnostic{Code: "E806", Pos: argPos(arg), Key: "explain", Message: "the manual has no topic " + kind.QuoteText(topic),
		Hint: "capsim explain lists the topics"}
	if speaking := book.SpeakingOf(topic); len(speaking) > 0 {
		d.Message += "; " + strings.Join(speaking, ", ") + map[bool]string{true: " speaks of it", false: " speak of it"}[len(speaking) == 1]
		d.Hint = "capsim explain " + speaking[0]
	} else if near := book.Near(topic); len(near) > 0 {
		d.Message += "; did you mean " + strings.Join(near, " or ") + "?"
		d.Hint = "capsim explain " + near[0]
	}
	return d
}
