package reports

import (
	_ "embed" // for the templates
	"io"
	"strconv"
	"strings"

	"github.com/capsim/capsim/internal/result"
)

//go:embed page/result.tmpl
var resultPage string

//go:embed page/comparison.tmpl
var comparisonPage string

// HTML writes r as one page that stands by itself: it makes no request, runs
// no script but its own two (page.go), and its Content-Security-Policy forbids
// everything else. It begins with the answer.
func HTML(w io.Writer, r *result.Result) error {
	notes := &footnotes{}
	page, err := resultPageOf(r, notes)
	if err != nil {
		return err
	}
	page.Notes = notes.texts
	return writePage(w, resultPage, page)
}

// resultPageOf is what the page of r is filled with, but for the notes.
func resultPageOf(r *result.Result, notes *footnotes) (resultView, error) {
	verdict, tone := verdictLine(r)
	page := resultView{
		frame:       newFrame(r.Title),
		Run:         runLine(r),
		Verdict:     verdict,
		Tone:        tone,
		Objectives:  objectivesTable(r, notes),
		Cards:       clientCards(r, notes),
		Bottleneck:  bottleneckLine(r),
		Doubt:       doubtLine(r.Run.Replications),
		Warnings:    warningLines(r),
		Clients:     clientsTable(r, notes),
		Losses:      lossLines(r),
		Nodes:       nodesTable(r, notes),
		Caches:      cachesTable(r, notes),
		Queues:      queuesTable(r, notes),
		Databases:   databasesTable(r),
		Replicas:    replicasTable(r, notes),
		Decay:       decayTable(r, notes),
		Faults:      faultsTable(r),
		Random:      randomFaultsTable(r, notes),
		Outages:     outagesTable(r),
		Deploys:     deploysTable(r),
		Cost:        costTable(r, notes),
		CostLines:   costLines(r),
		CostCard:    costCard(r, notes),
		Spent:       spentTable(r, notes),
		SpentLines:  spentLines(r),
		Trust:       trustLines(r),
		Theory:      theoryTable(r, notes),
		Source:      sourceLines(r),
		Assumptions: assumptions,
		Parts:       partsTable(r),
		Defaults:    defaultsTable(r),
		Facts:       facts(r),
	}
	if r.Truncated {
		page.Truncated = truncatedLine
	}
	page.Against, page.AgainstTone = baselineLine(r)
	if page.Against != "" {
		page.Changes, page.AgainstOrigin, page.AgainstNotes = changesTable(r, false, notes), baselineOrigin(r, false), baselineNotes(r)
	}
	picture, err := topologyPicture(r)
	if err != nil {
		return page, err
	}
	page.Topology = picture
	return page, page.drawResult(r)
}

// ComparisonHTML writes c as one page that stands by itself, as [HTML] does.
func ComparisonHTML(w io.Writer, c *result.Comparison) error {
	notes := &footnotes{}
	page := comparisonView{
		frame:          newFrame(c.Title),
		Runs:           designLines(c),
		Verdicts:       verdictsTable(c, notes),
		VerdictsLine:   verdictsLine,
		Differences:    differencesTables(c, notes),
		DifferenceLine: differenceLine(c),
		Designs:        designsTable(c, notes),
		Doubt:          doubtLine(fewestReplications(c)),
		Warnings:       comparisonWarnings(c),
		Origins:        comparisonOrigins(c),
	}
	for _, chart := range comparisonCharts {
		for i, p := range chart.draw(c) {
			id := chart.id
			if i > 0 {
				id += "-" + strconv.Itoa(i+1)
			}
			if err := page.chart(id, p); err != nil {
				return err
			}
		}
	}
	labels := designLabels(c)
	for i, r := range c.Designs {
		part, err := drawDesign(labels[i], r)
		if err != nil {
			return err
		}
		page.Parts = append(page.Parts, part)
	}
	page.Decision, page.Tone = decisionLine(c)
	page.Statements = statementLines(c)
	page.Tables, page.Lines = compareTables(c, notes), curvesLine(c)
	page.Notes = notes.texts
	return writePage(w, comparisonPage, page)
}

// A resultView is what the page of a Result is filled with.
type resultView struct {
	frame
	Run, Truncated, Verdict, Bottleneck, Doubt string

	Against, AgainstOrigin string // of a baseline; "" without one
	AgainstTone            tone
	AgainstNotes           []string
	Changes                table

	Topology    *drawnGraph // its picture, nil for none
	Sections    []section
	Spent       table
	SpentLines  []string
	SpentCharts []drawnChart
	CostCharts  []drawnChart
	CostCard    []namedCell
	Trust       []string
	Theory      table
	Assumptions []string
	Source      string

	Tone       tone
	Answers    []answer // of a soak, before the verdict
	Trends     table
	TrendNotes []string
	Cards      []card
	Warnings   []string
	Losses     []string
	Objectives table
	Clients    table
	Nodes      table
	Caches     table
	Queues     table
	Databases  table
	Replicas   table
	Decay      table
	Faults     table
	Random     table
	Outages    table
	Deploys    table
	Cost       table
	CostLines  []string
	Parts      table
	Defaults   table
	Facts      []fact
}

// An answer is a line at the top of a page.
type answer struct {
	Text string
	Tone tone
}

// A comparisonView is what the page of a Comparison is filled with.
type comparisonView struct {
	frame
	Decision       string
	Tone           tone
	Statements     []string
	Tables         []table // of loads and failures
	Lines          []string
	Runs           []string
	Verdicts       table
	VerdictsLine   string
	Differences    []table
	DifferenceLine string
	Designs        table
	Doubt          string
	Warnings       []string
	Origins        []string
	Parts          []drawnDesign
}

// A card holds the key figures of a client.
type card struct {
	Title   string
	Figures []namedCell
}

type namedCell struct {
	Name string
	cell
}

// mostCards is how many clients begin the page; the table has them all.
const mostCards = 5

func clientCards(r *result.Result, notes *footnotes) []card {
	var cards []card
	for _, name := range sorted(r.Clients) {
		t := &r.Clients[name].Traffic
		cards = append(cards, card{visible(name), []namedCell{
			{"p50 latency", notes.estimate(t.LatencyS["p50"], seconds)},
			{"p99 latency", notes.estimate(t.LatencyS["p99"], seconds)},
			{"ok answers", notes.estimate(t.ThroughputRPS, perSecond)},
			{"errors", notes.estimate(t.ErrorRatio, ratio)},
		}})
	}
	return cards[:min(len(cards), mostCards)]
}

// costCard is what a month costs, nil where nothing has a price.
func costCard(r *result.Result, notes *footnotes) []namedCell {
	if r.Cost == nil {
		return nil
	}
	currency := visible(r.Cost.Currency)
	return []namedCell{
		{currency + " a month", notes.estimate(r.Cost.Monthly, money)},
		{currency + " per million ok", notes.estimate(r.Cost.PerMillionRequests, money)},
	}
}

// A fact is a line about the origin of the figures.
type fact struct {
	Name, Value string
	Code        bool
}

func facts(r *result.Result) []fact {
	return []fact{
		{Name: "capsim", Value: visible(r.Version)},
		{Name: "document", Value: visible(r.Schema)},
		{Name: "seed", Value: strconv.FormatUint(r.Seed, 10)},
		{Name: "replications", Value: strconv.Itoa(r.Run.Replications)},
		{Name: "requests", Value: count(r.Run.Requests) + ", warm-up and drain included"},
		{Name: "events", Value: count(r.Run.Events)},
		{Name: "fingerprint", Value: visible(r.Fingerprint), Code: true},
	}
}

// A placedCell is a cell that knows its column.
type placedCell struct {
	cell
	Label bool
	Class string
}

// At puts a cell into column i, for the templates.
func (t table) At(i int, c cell) placedCell {
	var classes []string
	if t.Columns[i].Left {
		classes = append(classes, "left")
	}
	if t.Columns[i].Long {
		classes = append(classes, "long")
	}
	if c.Tone != neutral {
		classes = append(classes, string(c.Tone))
	}
	return placedCell{cell: c, Label: i == 0 && c.Num != "", Class: strings.Join(classes, " ")}
}
