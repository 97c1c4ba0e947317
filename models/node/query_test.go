package node

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/sim"
)

// defaultEngine is what a file gets that says nothing.
func defaultEngine(t *testing.T) Engine {
	t.Helper()
	e := (*EngineConfig)(nil).Engine()
	require.Positive(t, e.PageSize)
	return e
}

// simple has constants that are easy to reckon with: 10 rows of 100 bytes to
// a page, and 100 entries of an index.
var simple = Engine{
	PageSize: 1000, IndexFill: 0.5, IndexEntry: 5, Needed: 0.25,
	CPUPage: 7, CPURow: 3, CPUReturned: 11, CPUByte: 2,
	Cached: 0.75, RandomRead: 400, SequentialRead: 100, ReadAhead: 4000,
}

func TestIndexedQueryCostsADescentAndTheRowsReturned(t *testing.T) {
	c := simple.Cost(Query{Rows: 10_000, Index: true, RowSize: 100, Columns: 0.25})
	// Two levels of a fan-out of 100; for each row a page of the table and a
	// hundredth of a leaf; 25 of its 100 bytes.
	assert.InDelta(t, 2*7+5*(11+25*2+1.01*7), c.CPU.At(5), 1e-9)
	assert.InDelta(t, 0.25*(1+5*1.01)*400, c.DiskTime.At(5), 1e-9)
	assert.InDelta(t, 0.25*(1+5*1.01), c.DiskOps.At(5), 1e-9)
	assert.InDelta(t, 0.25*(1+5*1.01)*1000, c.DiskBytes.At(5), 1e-9)
}

func TestScanCostsAllRows(t *testing.T) {
	c := simple.Cost(Query{Rows: 10_001, RowSize: 100, Columns: 1})
	// 1000.1 pages are 1001.
	assert.InDelta(t, 1001*7+10_001*3+5*(11+100*2), c.CPU.At(5), 1e-9)
	assert.InDelta(t, 0.25*1001*100, c.DiskTime.At(5), 1e-9)
	assert.InDelta(t, 0.25*1001/4, c.DiskOps.At(5), 1e-9, "four pages in one operation")
	assert.InDelta(t, 0.25*1001*1000, c.DiskBytes.At(5), 1e-9)
}

func TestLevelsAreTheLeastThatReachAllRows(t *testing.T) {
	for _, row := range []struct{ rows, levels float64 }{{1, 1}, {100, 1}, {101, 2}, {10_000, 2}, {10_001, 3}, {1e6, 3}, {1e6 + 1, 4}} {
		assert.Equal(t, row.levels, simple.Levels(row.rows), "%v rows", row.rows)
	}
	one := Engine{PageSize: 10, IndexFill: 0.5, IndexEntry: 100}
	assert.Equal(t, 2.0, one.Fanout(), "a tree that does not branch would never end")
	assert.Equal(t, 40.0, one.Levels(1e12))
}

// What PostgreSQL 15 took for a million rows in memory, less 0.105 ms for a
// statement that does nothing, in milliseconds. The model is meant to be
// right by a factor of 1.5 where its assumptions hold.
func TestDefaultsAreNearWhatPostgreSQLTook(t *testing.T) {
	e := defaultEngine(t)
	for _, row := range []struct {
		name     string
		query    Query
		returns  float64
		measured float64
	}{
		{"scan of rows of 205 bytes", Query{Rows: 1e6, RowSize: 204.8, Columns: 0.02}, 0, 64.4},
		{"scan of rows of 44 bytes", Query{Rows: 1e6, RowSize: 44.3, Columns: 0.1}, 0, 49.1},
		{"100 rows, scattered, one column", Query{Rows: 1e6, Index: true, RowSize: 204.8, Columns: 0.02}, 100, 0.152},
		{"100 rows, scattered, all columns", Query{Rows: 1e6, Index: true, RowSize: 204.8, Columns: 1}, 100, 0.159},
	} {
		got := e.Cost(row.query).CPU.At(row.returns) / 1e6
		assert.InDelta(t, row.measured, got, row.measured/2, row.name)
	}
	assert.Equal(t, 3.0, e.Levels(1e6), "PostgreSQL's index of a million numbers has three levels")
	assert.InDelta(t, 364, e.Fanout(), 8, "and 2745 pages")
}

func TestMoreOfAnythingCostsMore(t *testing.T) {
	e := defaultEngine(t)
	base := Query{Rows: 1e6, RowSize: 200, Columns: 0.25}
	cost := func(q Query, returns float64) float64 {
		c := e.Cost(q)
		return c.CPU.At(returns) + c.DiskTime.At(returns)
	}
	indexed, larger, wider, all := base, base, base, base
	indexed.Index, larger.Rows, wider.RowSize, all.Columns = true, 2e6, 400, 1
	assert.Greater(t, cost(base, 10), 100*cost(indexed, 10))
	assert.InDelta(t, 2, cost(larger, 0)/cost(base, 0), 0.001)
	assert.Greater(t, cost(wider, 10), cost(base, 10))
	assert.Greater(t, cost(all, 10), cost(base, 10))
	assert.Greater(t, cost(base, 11), cost(base, 10))
	assert.Greater(t, cost(indexed, 900_000), cost(base, 900_000), "nearly all rows are better scanned; there is no planner")
}

func TestLawOfAQueryIsThatOfItsRows(t *testing.T) {
	cost := Linear{Base: 100, Row: 10}
	assert.Equal(t, dist.Constant{Value: 130}, cost.Law(dist.Constant{Value: 3}, 50))
	assert.Equal(t, dist.Constant{Value: 600}, cost.Law(dist.Constant{Value: 1000}, 50), "no more than there are")
	returns, err := dist.Parse("integers 1..9", dist.Count, nil)
	require.Nil(t, err)
	law := cost.Law(returns, 50)
	assert.InDelta(t, 150, law.Mean(), 1e-9)
	assert.InDelta(t, 100*returns.Variance(), law.Variance(), 1e-9)
	assert.InDelta(t, 4.0/9, law.CDF(140), 1e-9)
	assert.Zero(t, law.CDF(99))
	assert.Equal(t, 1.0, law.CDF(600))
	s, twin := sim.Keyed(5), sim.Keyed(5)
	for range 1000 {
		assert.Equal(t, 100+10*returns.Sample(&twin), law.Sample(&s))
	}
	few := cost.Law(returns, 4)
	for range 1000 {
		assert.LessOrEqual(t, few.Sample(&s), 140.0)
	}
}

func TestDiskOfAQueryIsWhatTakesLonger(t *testing.T) {
	one := simple.Cost(Query{Rows: 10_000, RowSize: 100})
	spend := func(d Disk) float64 {
		s := Step{Kind: StepDisk}
		one.Disk(d, &s, dist.Constant{Value: 1}, 10_000)
		return (&ServerSpec{Disk: d, Speed: 1}).diskMean(&s)
	}
	const pages = 250.0
	assert.InDelta(t, pages*100/1e9, spend(Disk{}), 1e-15)
	assert.InDelta(t, pages/4/50, spend(Disk{Ops: 50}), 1e-12)
	assert.InDelta(t, pages*1000/1e6, spend(Disk{Bandwidth: 1e6}), 1e-12)
	assert.InDelta(t, pages*1000/1e6, spend(Disk{Ops: 1e6, Bandwidth: 1e6}), 1e-12)
	assert.InDelta(t, pages/4/50, spend(Disk{Ops: 50, Bandwidth: 1e9}), 1e-12)
}
