package reports

import "github.com/capsim/capsim/internal/result"

// addTier has the figures that only caches, databases and queues have, as rows
// of the table of designs.
func addTier(t *table, c *result.Comparison, name string, notes *footnotes) {
	row := func(label string, of func(n *result.Node) cell) {
		addRow(t, c, name, label, func(r *result.Result) cell {
			if r.Nodes[name] == nil {
				return cell{}
			}
			return of(r.Nodes[name])
		})
	}
	row("hit ratio", func(n *result.Node) cell {
		if n.Cache == nil {
			return cell{}
		}
		return notes.estimate(n.Cache.HitRatio, ratio)
	})
	addShards(row)
	if anyNode(c, name, func(n *result.Node) bool { return n.Database != nil && n.Database.ReplicationLagS != nil }) {
		row("stale reads", func(n *result.Node) cell {
			if n.Database == nil {
				return cell{}
			}
			return notes.estimate(n.Database.StaleReadRatio, ratio)
		})
	}
	addMessages(c, name, row, notes)
}

// addShards has the share of the shard that most came to.
func addShards(row func(string, func(*result.Node) cell)) {
	row("hottest shard", func(n *result.Node) cell {
		d := n.Database
		if d == nil || len(d.Shards) < 2 || d.Reads+d.Writes == 0 {
			return cell{}
		}
		s := d.Shards[hottestShard(d)]
		return word(short(float64(s.Reads+s.Writes)/float64(d.Reads+d.Writes), ratio))
	})
}

// addMessages has what became of the messages of a queue: those that nobody
// dealt with only where there are any.
func addMessages(c *result.Comparison, name string, row func(string, func(*result.Node) cell), notes *footnotes) {
	of := func(label string, figure func(q *result.Queue) cell) {
		row(label, func(n *result.Node) cell {
			if n.Queue == nil {
				return cell{}
			}
			return figure(n.Queue)
		})
	}
	of("depth", func(q *result.Queue) cell { return notes.estimate(q.Depth, plain) })
	of("age", func(q *result.Queue) cell { return notes.estimate(q.AgeS["mean"], seconds) })
	of("age p99", func(q *result.Queue) cell { return notes.estimate(q.AgeS["p99"], seconds) })
	for _, f := range [...]struct {
		label string
		count func(q *result.Queue) uint64
	}{
		{"dead letters", func(q *result.Queue) uint64 { return q.DeadLettered }},
		{"lost", func(q *result.Queue) uint64 { return q.Dropped + q.Lost }},
	} {
		if anyNode(c, name, func(n *result.Node) bool { return n.Queue != nil && f.count(n.Queue) > 0 }) {
			of(f.label, func(q *result.Queue) cell { return word(count(f.count(q))) })
		}
	}
}

// anyNode reports whether what is true of a node is so in any design.
func anyNode(c *result.Comparison, name string, is func(n *result.Node) bool) bool {
	for _, r := range c.Designs {
		if r.Nodes[name] != nil && is(r.Nodes[name]) {
			return true
		}
	}
	return false
}
