package fault

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEveryKindHasARow(t *testing.T) {
	require.True(t, slices.IsSortedFunc(Table, func(a, b Row) int { return strings.Compare(a.Key, b.Key) }))
	seen := map[Kind]bool{}
	for _, row := range Table {
		assert.Equal(t, row.Key, row.Kind.String())
		assert.NotEmpty(t, row.Doc)
		seen[row.Kind] = true
	}
	assert.Len(t, seen, len(Table))
	assert.Panics(t, func() { _ = Kind(99).String() })
	assert.Equal(t, "hang app[1]", (&Fault{Kind: Hang, Target: "app[1]"}).String())
}

// Whatever order faults begin and end in, the worst of those that hold counts,
// and an instance is up when all have ended.
func TestTheWorstOfSeveralFaultsHolds(t *testing.T) {
	all := []*Fault{{Kind: Hang}, {Kind: Kill}, {Kind: Kill, Silent: true}, {Kind: Hang}, {Kind: Kill}}
	states := []State{Hung, Dead, Silent, Hung, Dead}
	for holds := range 1 << len(all) {
		var c Condition
		worst := Up
		for i, f := range all {
			c.Begin(f)
			if holds&(1<<i) != 0 {
				worst = max(worst, states[i])
			}
		}
		for i, f := range all {
			if holds&(1<<i) == 0 {
				c.End(f)
			}
		}
		assert.Equal(t, worst, c.State(), "%05b", holds)
	}
}
