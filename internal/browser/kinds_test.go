//go:build browser

package browser

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A kind is a kind of page. To add one, add its row.
type kind struct {
	name  string
	makes string // the command, with files of the gallery or of testdata; PAGES is where all pages go
	page  string // its file
	exit  int
	title string

	// The ids of its charts, without "chart-": no more and no fewer. Those of
	// a document that has one for each of several things are numbered.
	charts []string
}

// kinds are all kinds of pages. The runs are short: what is looked at is how
// they are shown, not what came out.
var kinds = []kind{
	{
		name:  "run",
		makes: "run web-shop.toml --duration 60s --replications 3",
		page:  "report.html", title: "Web shop on a busy evening",
		charts: []string{
			"topology", "percentiles", "utilization", "latency", "throughput", "busy", "queues", "spent-1", "spent-2", "cost",
		},
	},
	{
		name:  "run-of-everything",
		makes: "run everything.toml",
		page:  "report.html", title: "Everything that a report can show",
		charts: []string{
			"topology", "percentiles", "utilization", "latency", "throughput", "errors", "busy", "queues", "backlog",
			"instances", "spent-1", "spent-2", "cost",
		},
	},
	{
		name:  "run-of-hostile-names",
		makes: "run hostile.toml",
		page:  "report.html", title: `</title><script>alert("title")</script>`,
		charts: []string{"topology", "percentiles", "utilization", "latency", "throughput", "busy", "queues", "spent-1"},
	},
	{
		name:  "baseline",
		makes: "run web-shop.toml --duration 60s --replications 3 --set server.app.instances=3 --baseline PAGES/run/result.json",
		page:  "report.html", exit: 1, title: "Web shop on a busy evening",
		charts: []string{
			"topology", "baseline", "percentiles", "utilization", "latency", "throughput", "busy", "queues", "spent-1",
			"spent-2", "cost",
		},
	},
	{
		name:  "compare",
		makes: "compare vertical-vs-horizontal.toml --duration 10s --warmup 2s --replications 2",
		page:  "comparison.html", title: "Up or out: 16 cores in one machine, in two or in eight",
		charts: []string{"latency-load", "answers-load", "errors-load", "cost-load", "cost-load-2", "percentiles"},
	},
	{
		name:  "compare-of-hostile-names",
		makes: "compare hostile.toml --loads 1,2",
		page:  "comparison.html", title: `</title><script>alert("title")</script>`,
		charts: []string{"latency-load", "answers-load", "percentiles"},
	},
	{
		name:  "whatif",
		makes: "compare web-shop.toml --whatif --duration 10s --replications 3",
		page:  "whatif.html", title: "Web shop on a busy evening",
		charts: []string{"benefit"},
	},
	{
		name:  "drill",
		makes: "drill web-shop.toml --every --duration 60s --replications 3",
		page:  "drill.html", exit: 1, title: "Web shop on a busy evening",
		charts: []string{
			"drill-1-1", "drill-1-2", "drill-2-1", "drill-2-2", "drill-3-1", "drill-3-2", "drill-4-1", "drill-4-2", "drill-5-1", "drill-5-2",
		},
	},
	{
		name:  "drill-of-hostile-names",
		makes: "drill hostile.toml --every",
		page:  "drill.html", title: `</title><script>alert("title")</script>`,
		charts: []string{"drill-1-1", "drill-2-1", "drill-3-1"},
	},
	{
		name:  "map",
		makes: "drill retry-storm.toml --map --replications 1",
		page:  "drill-map.html", title: "Ten slow seconds, and what retries make of them",
		charts: []string{"states"},
	},
	{
		name:  "stress",
		makes: "stress web-shop.toml --duration 10s --replications 3 --growth 5%/month --from 2026-12-01",
		page:  "stress.html", title: "Web shop on a busy evening",
		charts: []string{"load-1", "load-2", "load-3", "load-4"},
	},
	{
		name:  "soak",
		makes: "soak soak-memory-leak.toml --duration 30m --replications 2",
		page:  "soak.html", title: "Two instances that leak, and pause for their garbage",
		charts: []string{
			"topology", "drift-1", "percentiles", "utilization", "latency", "throughput", "busy", "queues", "spent-1",
			"spent-2",
		},
	},
	{
		name:  "sweep",
		makes: "sweep web-shop.toml --duration 10s --replications 2 --vary load=0.5,1,1.5 --vary server.app.instances=2,4,6",
		page:  "sweep.html", title: "Web shop on a busy evening",
		charts: []string{"sweep-1", "sweep-2", "sweep-3", "sweep-4", "sweep-5"},
	},
	{
		name:  "estimate",
		makes: "estimate vertical-vs-horizontal.toml",
		page:  "estimate.html", title: "Up or out: 16 cores in one machine, in two or in eight",
		charts: []string{"saturation", "utilization-1", "utilization-2", "utilization-3", "utilization-4", "utilization-5"},
	},
	{
		name:  "estimate-of-hostile-names",
		makes: "estimate hostile.toml",
		page:  "estimate.html", title: `</title><script>alert("title")</script>`,
		charts: []string{"saturation", "utilization-1", "utilization-2"},
	},
	{
		name:  "report",
		makes: "report web-shop.toml --duration 10s --replications 3 --growth 5%/month --from 2026-12-01",
		page:  "report.html", title: "Web shop on a busy evening",
		charts: []string{
			"topology", "percentiles", "utilization", "latency", "throughput", "busy", "queues", "spent-1", "spent-2",
			"load-1", "load-2", "load-3", "load-4", "drill-1-1", "drill-2-1", "cost",
		},
	},
	{
		name:  "report-of-designs",
		makes: "report vertical-vs-horizontal.toml --design horizontal --duration 10s --warmup 2s --replications 2",
		page:  "report.html", title: "Up or out: 16 cores in one machine, in two or in eight",
		charts: []string{
			"topology", "percentiles", "utilization", "latency", "throughput", "busy", "queues", "spent-1", "spent-2",
			"load-1", "load-2", "load-3", "drill-1-1", "drill-2-1", "cost", "designs-latency-load-1",
			"designs-answers-load-1", "designs-errors-load-1", "designs-cost-load-1", "designs-cost-load-2",
			"designs-percentiles-1",
		},
	},
	{
		name:  "report-of-hostile-names",
		makes: "report hostile.toml",
		page:  "report.html", title: `</title><script>alert("title")</script>`,
		charts: []string{
			"topology", "percentiles", "utilization", "latency", "throughput", "busy", "queues", "spent-1", "load-1",
			"load-2", "drill-1-1", "drill-2-1", "designs-latency-load-1", "designs-answers-load-1", "designs-percentiles-1",
		},
	},
	{
		name:  "estimate-of-one-design",
		makes: "estimate web-shop.toml",
		page:  "estimate.html", title: "Web shop on a busy evening",
		charts: []string{"utilization-1"},
	},
	{
		name:  "plan",
		makes: "plan web-shop.toml --duration 10s --vary server.app.instances=2..6",
		page:  "plan.html", title: "Web shop on a busy evening",
		charts: []string{"plan-1", "plan-2"},
	},
}

// pageless are the verbs that write no page.
var pageless = []string{"check", "graph", "init", "explain", "schema", "completion", "version", "help"}

// topologies is where those of the gallery are, and ours are.
const topologies, ours = "../../topologies", "testdata"

// make has capsim write the page into the folder named after the kind, and
// is its path.
func (k *kind) make(capsim, pages string) (string, error) {
	out := filepath.Join(pages, k.name)
	words := strings.Fields(k.makes)
	for i, w := range words {
		words[i] = strings.ReplaceAll(w, "PAGES", pages)
		if strings.HasSuffix(w, ".toml") {
			words[i] = filepath.Join(topologies, w)
			if _, err := os.Stat(words[i]); err != nil {
				words[i] = filepath.Join(ours, w)
			}
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	command := exec.CommandContext(ctx, capsim, append(words, "--out", out, "--quiet")...)
	var said bytes.Buffer
	command.Stderr = &said
	err := command.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return "", err
	}
	if got := command.ProcessState.ExitCode(); got != k.exit {
		return "", fmt.Errorf("capsim %s: exit status %d instead of %d: %.2000s", k.makes, got, k.exit, said.String())
	}
	return filepath.Abs(filepath.Join(out, k.page))
}
