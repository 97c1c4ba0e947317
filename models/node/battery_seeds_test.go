package node

import (
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/fault"
)

// seedsVariable asks a battery for other seeds than its own: for one that
// failed ("1697"), or for more ("0..4000").
const seedsVariable = "CAPSIM_SEEDS"

// battery is a number of made-up systems, each known by its seed.
type battery struct {
	from, to uint64
	judged   bool // what they have gone through, all together, is to be much
}

// batteryOf returns so many systems, or those that are asked for.
func batteryOf(t *testing.T, usually, short uint64) battery {
	t.Helper()
	text := os.Getenv(seedsVariable)
	switch {
	case text == "" && testing.Short():
		return battery{to: short, judged: true}
	case text == "":
		return battery{to: usually, judged: true}
	}
	first, last, several := strings.Cut(text, "..")
	from, err := strconv.ParseUint(first, 10, 64)
	require.NoError(t, err, "%s is a seed, or FROM..TO", seedsVariable)
	if !several {
		return battery{from: from, to: from + 1}
	}
	to, err := strconv.ParseUint(last, 10, 64)
	require.NoError(t, err, "%s is a seed, or FROM..TO", seedsVariable)
	return battery{from: from, to: to, judged: to >= from+short}
}

func (b battery) size() uint64 { return b.to - b.from }

// each tries every system. The first that fails is named, a panic included,
// and how to see it alone.
func (b battery) each(t *testing.T, try func(seed uint64)) {
	t.Helper()
	for seed := b.from; seed < b.to; seed++ {
		func() {
			defer func() {
				why := recover()
				if why == nil && !t.Failed() {
					return
				}
				t.Logf("seed %d failed; again: %s=%d go test ./models/node -run '^%s$'", seed, seedsVariable, seed, t.Name())
				if why != nil {
					t.Fatalf("seed %d: %v\n%s", seed, why, debug.Stack())
				}
			}()
			try(seed)
		}()
		if t.Failed() {
			return
		}
	}
}

// happenings counts the faults that have happened, by what they are and by the
// kind of node that they struck.
type happenings [fault.Flush + 1][Queue + 1]uint64

// count adds those of a run.
func (h *happenings) count(n *Network, s *Snapshot) {
	for k := range n.spec.Faults {
		f := &n.spec.Faults[k]
		if r := s.Faults[k].Random; r != nil && r.Occurrences == 0 || r == nil && !n.faults.runs[k].begun {
			continue
		}
		for _, at := range f.Where {
			h[f.Kind][n.spec.Nodes[at.Node].Kind]++
		}
	}
}

// missing lists what may happen to a node and has not, so many times.
func (h *happenings) missing(least uint64) (list []string) {
	for k := range h {
		for at, count := range h[k] {
			n := &Node{Kind: Kind(at)}
			if n.Kind == Client {
				n.Client = &ClientSpec{}
			}
			may := strikable(fault.Kind(k), n) || fault.Kind(k) == fault.Partition
			if may && count < least {
				list = append(list, fault.Kind(k).String()+" of a "+n.Kind.String()+": "+strconv.FormatUint(count, 10))
			}
		}
	}
	return list
}
