package study

import "github.com/capsim/capsim/models/node"

// hitRatio is the share of look-ups that found their item.
func (f *figures) hitRatio(at int) sample {
	return f.collect(func(s *node.Snapshot) (hits, all float64) {
		n := &s.Nodes[at]
		return float64(n.Hits), float64(n.Hits + n.Misses)
	})
}
