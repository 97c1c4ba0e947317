package study

import (
	"errors"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/node"
)

func TestAPanicInAReplicationComesBackAsAnErrorWithItsStack(t *testing.T) {
	err := each(3, 2, func(i int) error {
		if i == 1 {
			panic("broken")
		}
		return nil
	})
	var crash *CrashError
	require.ErrorAs(t, err, &crash)
	assert.Equal(t, "broken", crash.Cause)
	assert.Contains(t, err.Error(), "run_test.go")
}

func TestEachReturnsTheErrorOfTheSmallestIndex(t *testing.T) {
	second := errors.New("second")
	err := each(4, 1, func(i int) error {
		if i == 2 {
			return second
		}
		return nil
	})
	assert.ErrorIs(t, err, second)
}

func TestAStoppedStudyHasTheLeadingReplicationsOnly(t *testing.T) {
	spec := specOf(t, `
		run = { duration = "1s", warmup = "0s", replications = 50 }
		client.users = { target = "app", arrivals = "poisson 50/s" }
		server.app = { on.request = [{ cpu = "exp 10ms" }] }`)
	whole, err := Run(spec, Options{})
	require.NoError(t, err)

	// Told to stop when the tenth is done: replications too short to look at
	// the time themselves are left out.
	stop := &atomic.Bool{}
	r, err := Run(spec, Options{Parallel: 2, Stop: stop, Progress: func(done, _ int) { stop.Store(done >= 10) }})
	require.ErrorIs(t, err, node.ErrStopped)
	require.NotNil(t, r)
	assert.True(t, r.Truncated)
	assert.Less(t, r.Run.Replications, 15)

	// What is left is what a study of so many replications would have said.
	shorter := *spec
	shorter.Run.Replications = r.Run.Replications
	same, err := Run(&shorter, Options{})
	require.NoError(t, err)
	assert.Equal(t, same.Fingerprint, r.Fingerprint)
	assert.NotEqual(t, whole.Fingerprint, r.Fingerprint)

	stop.Store(true)
	none, err := Run(spec, Options{Stop: stop})
	assert.ErrorIs(t, err, node.ErrStopped)
	assert.Nil(t, none)
}

func TestAComparisonThatLacksADesignIsMarked(t *testing.T) {
	spec := specOf(t, `
		run = { duration = "1s", warmup = "0s", replications = 3 }
		client.users = { target = "app", arrivals = "poisson 50/s" }
		server.app = { on.request = [{ cpu = "exp 10ms" }] }`)
	stop := &atomic.Bool{}
	c, err := Compare([]*node.Spec{spec, spec}, Options{Parallel: 1, Stop: stop, Progress: func(done, _ int) { stop.Store(done == 3) }})
	require.ErrorIs(t, err, node.ErrStopped)
	assert.True(t, c.Truncated)
	require.Len(t, c.Designs, 1)
	assert.False(t, c.Designs[0].Truncated, "it had been finished")

	c, err = Compare([]*node.Spec{spec, spec}, Options{})
	require.NoError(t, err)
	assert.False(t, c.Truncated)
}
