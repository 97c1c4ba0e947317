package topologies

import (
	"strings"

	"github.com/capsim/capsim/models/kind"
)

// Losses are the drills of what may be lost alone: an instance of each group of
// instances that are alike, the only one of a node that has no other, each
// zone. They strike when the traffic is greatest.
func (f *File) Losses(design string) (Drills, *kind.Report) {
	return f.drillsOf(design, nil, true, func(c candidate) bool {
		return c.kind == "kill" && (c.alone || strings.HasPrefix(c.target, zonePrefix))
	})
}
