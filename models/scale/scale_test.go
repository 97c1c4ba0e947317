package scale

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/sim"
)

func TestEveryMetricHasARow(t *testing.T) {
	require.True(t, slices.IsSortedFunc(Table, func(a, b Row) int { return strings.Compare(a.Word, b.Word) }))
	seen := map[Metric]bool{}
	for _, row := range Table {
		assert.NotEmpty(t, row.Doc)
		assert.True(t, strings.HasPrefix(row.Form, row.Word+" "))
		seen[row.Metric] = true
	}
	assert.Len(t, seen, len(Table))
}

// The first is of the Kubernetes blog, 2025-04-28, the others are examples of
// the documentation of the HorizontalPodAutoscaler and its default tolerance.
func TestTheRuleGivesThePublishedNumbers(t *testing.T) {
	for _, c := range []struct {
		now            int
		metric, target float64
		want           int
	}{
		{50, 90, 75, 60},
		{4, 50, 60, 4},
		{10, 66, 60, 10},
		{10, 67, 60, 12},
		{3, 200, 100, 6},
		{10, 54, 60, 10},
		{10, 53, 60, 9},
		{2, 0, 60, 0},
	} {
		assert.Equal(t, c.want, Desired(c.now, 0, c.metric, c.target), "%+v", c)
		assert.Equal(t, c.want, Desired(c.now, 0, c.metric/100, c.target/100), "%+v", c)
	}
}

// kubernetes is calcPlainMetricReplicas of the replica calculator of
// Kubernetes 1.33 (pkg/controller/podautoscaler), in whole thousandths, by the
// metrics of the pods.
func kubernetes(metrics []int64, unready int, target int64) int {
	sum := func(m []int64) (s int64) {
		for _, x := range m {
			s += x
		}
		return s
	}
	// The ratio of the mean of n pods to the target is more than, less than or
	// about 1, compared as fractions.
	current := len(metrics) + unready
	const more, about, less = 1, 0, -1
	side := func(total int64, n int) int {
		a, b := 10*total, 10*target*int64(n)
		switch {
		case a > b+target*int64(n):
			return more
		case a < b-target*int64(n):
			return less
		}
		return about
	}
	replicas := func(total int64) int { return int((total + target - 1) / target) }
	total := sum(metrics)
	rising := total > target*int64(len(metrics))
	if unready == 0 || !rising {
		if side(total, len(metrics)) == about {
			return current
		}
		return replicas(total)
	}
	// Pods that are not ready use nothing.
	all := len(metrics) + unready
	if side(total, all) == about || total < target*int64(all) {
		return current
	}
	return max(current, replicas(total))
}

func TestTheRuleIsThatOfKubernetes(t *testing.T) {
	s := sim.Named(1, 0, "scale", "rule")
	moved := map[bool]int{}
	for range 20000 {
		metrics := make([]int64, 1+s.Below(12))
		total := 0.0
		for i := range metrics {
			metrics[i] = int64(s.Below(1500))
			total += float64(metrics[i])
		}
		unready, target := int(s.Below(4)), int64(50*(1+s.Below(20)))
		want := kubernetes(metrics, unready, target)
		got := Desired(len(metrics), unready, total/float64(len(metrics)), float64(target))
		require.Equal(t, want, got, "%v, %d unready, target %d", metrics, unready, target)
		moved[want > len(metrics)+unready]++
	}
	assert.Greater(t, min(moved[true], moved[false]), 2000)
}

func TestTheScheduleHoldsDayAfterDay(t *testing.T) {
	const hour = 3600 * sim.Second
	s := Spec{Min: 2, Max: 20, Schedule: []Entry{{8 * hour, 10}, {20 * hour, 3}}}
	never := Spec{Min: 2}
	least, next := never.Least(5)
	assert.Equal(t, 2, least)
	assert.Equal(t, sim.Never, next)
	for _, c := range []struct {
		start, now sim.Time
		least      int
		next       sim.Time
	}{
		{0, 0, 2, 8 * hour},
		{0, 8*hour - 1, 2, 8 * hour},
		{0, 8 * hour, 10, 20 * hour},
		{0, 20 * hour, 3, 32 * hour},
		{0, 31 * hour, 3, 32 * hour},
		{0, 32 * hour, 10, 44 * hour},
		{12 * hour, 0, 10, 8 * hour},
		{7 * hour, 0, 2, hour},
		{21 * hour, 0, 3, 11 * hour},
		{21 * hour, 11 * hour, 10, 23 * hour},
	} {
		s.Start = c.start
		least, next := s.Least(c.now)
		assert.Equal(t, c.least, least, "%+v", c)
		assert.Equal(t, c.next, next, "%+v", c)
	}
}

func TestAPlanKeepsToItsLimitsAndWaitsBeforeItStops(t *testing.T) {
	s := Spec{Min: 2, Max: 8, Cooldown: 60}
	for _, c := range []struct {
		now, changed          sim.Time
		there, least, desired int
		want                  int
	}{
		{100, sim.Never, 4, 2, 9, 8},
		{100, sim.Never, 4, 2, 1, 2},
		{100, sim.Never, 4, 6, 1, 6},
		{100, 50, 4, 2, 3, 4},
		{109, 50, 4, 2, 3, 4},
		{110, 50, 4, 2, 3, 3},
		{100, 50, 4, 2, 7, 7},
		{100, 50, 4, 6, 3, 6},
	} {
		assert.Equal(t, c.want, s.Plan(c.now, c.changed, c.there, c.least, c.desired), "%+v", c)
	}
}

func TestWholeNumbersAreNotRoundedUp(t *testing.T) {
	for n := 1; n < 1000; n++ {
		assert.Equal(t, n, ceil(math.Nextafter(float64(n), math.Inf(1))))
		assert.Equal(t, n, ceil(math.Nextafter(float64(n), 0)))
		assert.Equal(t, n+1, ceil(float64(n)+1e-3))
	}
}
