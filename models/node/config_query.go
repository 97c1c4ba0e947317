package node

import "github.com/capsim/capsim/models/kind"

// QueryConfig is the table of a query step.
type QueryConfig struct {
	kind.Place

	Rows    int      `key:"rows" required:"yes" min:"1" limit:"1000000000000" doc:"how many rows the table has, or the part of it that the shard holds" example:"{ query = { rows = 5_000_000 } }"`
	Index   bool     `key:"index" absent:"false" doc:"there is an index for what is asked: a look-up costs a descent of its B-tree, and for each row returned a page of the table; without one all rows are scanned. There is no planner: an index that there is is used, however many rows are returned" formula:"descent = ceil(log(rows) / log(page_size·index_fill/index_entry)) pages, at least one" source:"R. Bayer and E. McCreight, Organization and maintenance of large ordered indexes, Acta Informatica 1, 1972" example:"{ query = { rows = 5_000_000, index = true, returns = 20 } }"`
	Returns CountLaw `key:"returns" default:"1" doc:"how many rows are returned, a number or a distribution; at most those that there are" example:"{ query = { rows = 5_000_000, index = true, returns = \"geometric 20\" } }"`
	RowSize Bytes    `key:"row_size" default:"200B" doc:"bytes of a row in the table, all of its columns" example:"{ query = { rows = 5_000_000, row_size = \"1kB\" } }"`
	Columns Columns  `key:"columns" default:"needed" doc:"what is read out of each row and sent: the needed columns, engine.needed of its bytes, or all of them" example:"{ query = { rows = 5_000_000, index = true, columns = \"all\" } }"`
}

// Columns are the columns that a query asks for.
type Columns string

// Words lists them.
func (Columns) Words() []string { return []string{"needed", "all"} }

// What the default constants of EngineConfig are taken from: a row of a
// million integers and one of 205 bytes each, all in memory, read by one
// session of PostgreSQL 15 on a virtual machine of 2026. Scans of both tables
// differ by 0.8 µs a page, and take 45 ns a row beside that; a thousand
// neighbouring rows by an index take 0.25 µs each, and 3 ns more for every
// byte that is sent; a hundred scattered ones take 1.5 µs each. See the test
// of the cost model.

// EngineConfig is the table [database.NAME.engine]: what reading a table
// costs. Planning, connections, locks, joins and sorts are not in it.
type EngineConfig struct {
	kind.Place

	PageSize   Bytes         `key:"page_size" default:"8192B" doc:"bytes of a page, of tables and of indexes" source:"PostgreSQL documentation, 73.6 Database page layout" example:"engine = { page_size = \"16KiB\" }"`
	IndexFill  kind.Ratio    `key:"index_fill" default:"90%" above:"0" doc:"the share of an index page that is in use" source:"PostgreSQL documentation, CREATE INDEX: the fillfactor of B-trees" example:"engine = { index_fill = \"69%\" }"`
	IndexEntry Bytes         `key:"index_entry" default:"20B" doc:"bytes of an index page for each row: 8 of key, 8 of header and 4 of pointer for a number" source:"PostgreSQL documentation, 73.6 Database page layout" example:"engine = { index_entry = \"48B\" }"`
	Needed     kind.Ratio    `key:"needed" default:"25%" doc:"the share of a row's bytes that the needed columns have" source:"TPC-H: query 6 reads 4 of the 16 columns of lineitem" example:"engine = { needed = \"10%\" }"`
	CPUPage    kind.Duration `key:"cpu_page" default:"800ns" doc:"work on a core for each page that is looked at, wherever it was" formula:"indexed: (levels + returns + returns/fan-out)·cpu_page, fan-out = page_size·index_fill/index_entry; scan: ceil(rows·row_size/page_size)·cpu_page" source:"measured, PostgreSQL 15: scans of rows of 44 and of 205 bytes" example:"engine = { cpu_page = \"500ns\" }"`
	CPURow     kind.Duration `key:"cpu_row" default:"45ns" doc:"work on a core for each row that a scan looks at" formula:"scan: rows·cpu_row" source:"measured, PostgreSQL 15: a scan of a million rows with one comparison each" example:"engine = { cpu_row = \"30ns\" }"`
	CPUReturn  kind.Duration `key:"cpu_returned" default:"250ns" doc:"work on a core for each row returned, apart from its bytes" formula:"returns·cpu_returned" source:"measured, PostgreSQL 15: a thousand neighbouring rows by an index" example:"engine = { cpu_returned = \"400ns\" }"`
	CPUByte    kind.Duration `key:"cpu_byte" default:"3ns" doc:"work on a core for each byte that is read out of a row and sent" formula:"returns·row_size·(needed or 1)·cpu_byte" source:"measured, PostgreSQL 15: one column against all of a thousand rows" example:"engine = { cpu_byte = \"1ns\" }"`
	Cached     kind.Ratio    `key:"cached" default:"90%" doc:"the share of table pages and index leaves that is in memory; pages above the leaves always are. The disk is asked for the rest, on average" formula:"indexed: (1 + returns + returns/fan-out)·(1 − cached) pages; scan: ceil(rows·row_size/page_size)·(1 − cached)" source:"PostgreSQL documentation, 20.7.2: random_page_cost expects 90 % of random reads to be cached" example:"engine = { cached = \"99%\" }"`
	RandomRead kind.Duration `key:"random_read" default:"100us" doc:"time of the disk for a page of an indexed look-up that is not in memory, of a machine without disk; with one its iops and bandwidth say so" source:"data sheets of solid-state disks: a read of 8 kB alone takes about 100 µs" example:"engine = { random_read = \"8ms\" }"`
	Sequential kind.Duration `key:"sequential_read" default:"25us" doc:"time of the disk for a page of a scan that is not in memory, of a machine without disk" source:"a quarter of random_read, as random_page_cost is 4 and seq_page_cost 1 in the PostgreSQL documentation, 20.7.2" example:"engine = { sequential_read = \"50us\" }"`
	ReadAhead  Bytes         `key:"read_ahead" default:"128KiB" doc:"bytes that a scan reads in one operation of a disk with iops" source:"Linux, read_ahead_kb of block devices: 128" example:"disk = { iops = 3000 }\nengine = { read_ahead = \"1MiB\" }"`
}

// Engine returns the constants; of no table, the defaults.
func (c *EngineConfig) Engine() Engine {
	if c == nil {
		c = new(EngineConfig)
		d := &kind.Decoder{Report: &kind.Report{}}
		kind.Decode(d.At(&kind.Value{Type: kind.TypeTable, Table: &kind.Table{}}, "engine"), c)
	}
	return Engine{
		PageSize: float64(c.PageSize.N), IndexFill: float64(c.IndexFill), IndexEntry: float64(c.IndexEntry.N), Needed: float64(c.Needed),
		CPUPage: float64(c.CPUPage), CPURow: float64(c.CPURow), CPUReturned: float64(c.CPUReturn), CPUByte: float64(c.CPUByte),
		Cached: float64(c.Cached), RandomRead: float64(c.RandomRead), SequentialRead: float64(c.Sequential), ReadAhead: float64(c.ReadAhead.N),
	}
}
