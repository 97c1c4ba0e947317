package node

import (
	"math"

	"github.com/capsim/capsim/models/dist"
	"github.com/capsim/capsim/sim"
)

// Engine is what reading a table costs a database: the constants of the cost
// model of query steps. Times are in nanoseconds, sizes in bytes.
type Engine struct {
	PageSize   float64
	IndexFill  float64 // the share of an index page that is in use
	IndexEntry float64 // bytes of an index page for each row
	Needed     float64 // the share of a row that the needed columns are

	CPUPage, CPURow, CPUReturned, CPUByte float64

	Cached                     float64 // the share of leaves and table pages that is in memory
	RandomRead, SequentialRead float64 // a page, where the disk is not known by what it can do
	ReadAhead                  float64 // of a scan, in one operation, where it is
}

// Query is one access to a table.
type Query struct {
	Rows    float64 // of the table
	Index   bool    // there is one for what is asked
	RowSize float64
	Columns float64 // the share of a row that is sent
}

// Linear is what a query costs that returns n rows: Base + Row·n.
type Linear struct{ Base, Row float64 }

// At is the cost of n rows.
func (l Linear) At(n float64) float64 { return l.Base + float64(l.Row*n) }

// Law is the cost of so many rows, of which there are at most the table's.
func (l Linear) Law(returns dist.Law, rows float64) dist.Law {
	if c, fixed := returns.(dist.Constant); fixed {
		return dist.Constant{Value: l.At(min(c.Value, rows))}
	}
	return rowsLaw{returns, l, rows}
}

// Cost is what a query costs. The disk's cost is a time, or operations and
// bytes where it is known what the disk can do.
type Cost struct{ CPU, DiskTime, DiskOps, DiskBytes Linear }

// Fanout is how many rows a page of an index leads to.
func (e *Engine) Fanout() float64 {
	return max(2, math.Floor(float64(e.PageSize*e.IndexFill)/e.IndexEntry))
}

// Levels is how many pages there are from the root of a B-tree to a leaf:
// the least h with fan-out^h ≥ rows.
func (e *Engine) Levels(rows float64) float64 {
	levels, reach := 1.0, e.Fanout()
	for reach < rows {
		levels++
		reach = float64(reach * e.Fanout())
	}
	return levels
}

// Cost is what a query costs.
//
// With an index: a descent from the root to a leaf, and for each row that is
// returned its part of a leaf and a page of the table, for rows that are
// neighbours in the index are anywhere in the table. What is above the leaves
// is always in memory. Without one: every page of the table in order, and
// every row of it looked at. Rows that are returned cost more by their bytes.
func (e *Engine) Cost(q Query) Cost {
	row := e.CPUReturned + float64(float64(q.RowSize*q.Columns)*e.CPUByte)
	missing := 1 - e.Cached
	if q.Index {
		pages := 1 + 1/e.Fanout() // for each row: of the table, and its part of a leaf
		reads := Linear{missing, float64(missing * pages)}
		return Cost{
			CPU:       Linear{float64(e.Levels(q.Rows) * e.CPUPage), row + float64(pages*e.CPUPage)},
			DiskTime:  reads.times(e.RandomRead),
			DiskOps:   reads,
			DiskBytes: reads.times(e.PageSize),
		}
	}
	pages := math.Ceil(float64(q.Rows*q.RowSize) / e.PageSize)
	reads := Linear{Base: float64(missing * pages)}
	return Cost{
		CPU:       Linear{float64(pages*e.CPUPage) + float64(q.Rows*e.CPURow), row},
		DiskTime:  reads.times(e.SequentialRead),
		DiskOps:   reads.times(e.PageSize / max(e.PageSize, e.ReadAhead)),
		DiskBytes: reads.times(e.PageSize),
	}
}

func (l Linear) times(x float64) Linear { return Linear{float64(l.Base * x), float64(l.Row * x)} }

// Disk gives a disk step the cost of a query: by its time, or, if it is known
// what the disk can do, by the operations or the bytes, whichever take longer.
// A query's operations and bytes are in proportion, so that one of them always
// decides.
func (c Cost) Disk(d Disk, s *Step, returns dist.Law, rows float64) {
	switch {
	case d.Ops == 0 && d.Bandwidth == 0:
		s.Time = c.DiskTime.Law(returns, rows)
	case c.DiskOps.longest()*d.perOp() >= c.DiskBytes.longest()*d.perByte():
		s.Ops = c.DiskOps.Law(returns, rows)
	default:
		s.Ops, s.Bytes = dist.Constant{}, c.DiskBytes.Law(returns, rows)
	}
}

// longest stands for the cost in comparisons of two that are in proportion.
func (l Linear) longest() float64 { return l.Base + l.Row }

// rowsLaw is the law of a cost that is linear in a random number of rows.
type rowsLaw struct {
	returns dist.Law
	cost    Linear
	most    float64
}

func (l rowsLaw) Sample(s *sim.Stream) float64 { return l.cost.At(min(l.most, l.returns.Sample(s))) }

// Mean takes it that hardly ever more rows are drawn than there are.
func (l rowsLaw) Mean() float64 { return l.cost.At(min(l.most, l.returns.Mean())) }

func (l rowsLaw) Variance() float64 {
	return float64(float64(l.cost.Row*l.cost.Row) * l.returns.Variance())
}

func (l rowsLaw) CDF(x float64) float64 {
	switch {
	case x < l.cost.Base:
		return 0
	case x >= l.cost.At(l.most):
		return 1
	case l.cost.Row == 0:
		return 1
	}
	return l.returns.CDF((x - l.cost.Base) / l.cost.Row)
}
