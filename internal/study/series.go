package study

import (
	"strconv"

	"github.com/capsim/capsim/internal/result"
	"github.com/capsim/capsim/models/node"
)

// seriesSums is the run over time, summed over replications in their order.
// A snapshot's own series is dropped once it has been added: with many
// replications they would fill the memory.
type seriesSums struct {
	clients [][]node.ClientWindow // by client and row
	nodes   [][]node.NodeWindow   // by node and row
}

func (t *seriesSums) add(s *node.Snapshot) {
	if t.clients == nil {
		t.clients = make([][]node.ClientWindow, len(s.Clients))
		t.nodes = make([][]node.NodeWindow, len(s.Nodes))
		for i := range s.Clients {
			t.clients[i], s.Clients[i].Series = s.Clients[i].Series, nil
		}
		for i := range s.Nodes {
			t.nodes[i], s.Nodes[i].Series = s.Nodes[i].Series, nil
		}
		return
	}
	for i := range s.Clients {
		for w := range t.clients[i] {
			sum, c := &t.clients[i][w], &s.Clients[i].Series[w]
			sum.Offered += c.Offered
			sum.Answered += c.Answered
			sum.Errors += c.Errors
			sum.Latency.Merge(&c.Latency)
		}
		s.Clients[i].Series = nil
	}
	for i := range s.Nodes {
		for w := range t.nodes[i] {
			sum, n := &t.nodes[i][w], &s.Nodes[i].Series[w]
			sum.CPU += n.CPU
			sum.Workers += n.Workers
			sum.Queue += n.Queue
			sum.InFlight += n.InFlight
			sum.Started += n.Started
			sum.Up += n.Up
			sum.Memory += n.Memory
		}
		s.Nodes[i].Series = nil
	}
}

// series puts the run over time into a table, averaged over replications.
func (f *figures) series() *result.Series {
	first := f.snaps[0]
	size := first.WindowSize.Seconds()
	rows := 0
	for i := range f.sums.clients {
		rows = max(rows, len(f.sums.clients[i]))
	}
	s := &result.Series{WindowS: size, Columns: []string{"time_s"}, Rows: make([][]*float64, rows)}
	for w := range s.Rows {
		s.Rows[w] = []*float64{number(float64(w) * size)}
	}
	for i := range first.Clients {
		f.clientSeries(s, i)
	}
	for i := range f.spec.Nodes {
		if f.spec.Nodes[i].Kind != node.Client {
			f.nodeSeries(s, i)
		}
	}
	return s
}

// number is a cell of the table, rounded to twelve digits: sums of many rows
// carry dust in the last places of a float.
func number(x float64) *float64 {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 12, 64), 64)
	if err != nil {
		panic("study: a number that cannot be read back: " + err.Error())
	}
	return &rounded
}

// span returns how long row w is: the last may be cut short.
func (f *figures) span(s *result.Series, w int) float64 {
	return min(s.WindowS, f.seconds-float64(float64(w)*s.WindowS))
}

func (f *figures) clientSeries(s *result.Series, i int) {
	name := f.spec.Nodes[f.snaps[0].Clients[i].Node].Name
	for _, metric := range []string{"offered_rps", "throughput_rps", "errors_rps", "latency_mean_s", "latency_p99_s"} {
		s.Columns = append(s.Columns, name+" "+metric)
	}
	replications := float64(len(f.snaps))
	for w := range s.Rows {
		c := &f.sums.clients[i][w]
		h := &c.Latency
		seconds := replications * f.span(s, w)
		row := append(s.Rows[w],
			number(float64(c.Offered)/seconds), number(float64(c.Answered)/seconds), number(float64(c.Errors)/seconds), nil, nil)
		if h.Count() > 0 {
			row[len(row)-2] = number(h.Sum().Float64() / 1e9 / float64(h.Count()))
			if h.Beyond(0.99) >= enough {
				q, _ := h.Quantile(0.99)
				row[len(row)-1] = number(q / 1e9)
			}
		}
		s.Rows[w] = row
	}
}

func (f *figures) nodeSeries(s *result.Series, at int) {
	spec := &f.spec.Nodes[at]
	add := func(metric string, of func(n *node.NodeWindow) float64) {
		s.Columns = append(s.Columns, spec.Name+" "+metric)
		for w := range s.Rows {
			s.Rows[w] = append(s.Rows[w], number(of(&f.sums.nodes[at][w])/float64(len(f.snaps))))
		}
	}
	add("in_flight", func(n *node.NodeWindow) float64 { return n.InFlight })
	if spec.Kind == node.Queue {
		add("queue", func(n *node.NodeWindow) float64 { return n.Queue })
	}
	if spec.Server == nil {
		return
	}
	replications := float64(len(f.snaps))
	ratio := func(metric string, each int, busy func(n *node.NodeWindow) float64) {
		add(metric, func(n *node.NodeWindow) float64 {
			return perUp(spec, busy(n), n.Up/replications, each)
		})
	}
	ratio("cpu", spec.Server.Cores, func(n *node.NodeWindow) float64 { return n.CPU })
	if workers := spec.Server.Concurrency; workers > 0 {
		ratio("workers", workers, func(n *node.NodeWindow) float64 { return n.Workers })
	}
	add("queue", func(n *node.NodeWindow) float64 { return n.Queue })
	if spec.Changing() {
		add("instances", func(n *node.NodeWindow) float64 { return n.Started })
	}
	if spec.Server.UsesMemory() {
		add("memory_bytes", func(n *node.NodeWindow) float64 { return n.Memory })
	}
}
