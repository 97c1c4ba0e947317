package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDatesOfAGrowth(t *testing.T) {
	for _, one := range []struct {
		from   string
		n      float64
		period string
		date   string
	}{
		{"2026-12-01", 0, "month", "2026-12-01"},
		{"2026-12-01", 7.5, "month", "2027-07-16"}, // July has 31 days
		{"2026-01-31", 1, "month", "2026-02-28"},
		{"2026-01-31", 1.5, "month", "2026-03-15"}, // half of the 31 days to March 31
		{"2028-01-31", 1, "month", "2028-02-29"},
		{"2026-12-01", 1.5, "year", "2028-06-01"},
		{"2026-12-01", 1.5, "week", "2026-12-11"},
		{"2026-12-01", 9e9, "week", ""},
		{"2026-12-01", 9000, "year", ""},
		{"2026-12-01", 7000, "year", "9026-12-01"},
	} {
		from, err := time.Parse(time.DateOnly, one.from)
		require.NoError(t, err)
		assert.Equal(t, one.date, after(from, one.n, one.period), "%v", one)
	}
}
