package node

import (
	"slices"
	"strings"

	"github.com/capsim/capsim/models/kind"
)

// DatabaseConfig is a [database.NAME] table.
type DatabaseConfig struct {
	kind.Place

	HostConfig
	Shards         int                `key:"shards" default:"1" min:"1" limit:"100000" doc:"the parts that the data is divided into, each with a primary of its own" example:"shards = 8"`
	Replicas       int                `key:"replicas" default:"0" min:"0" limit:"1000" doc:"further instances of each shard beside its primary; instance r of shard s, the primary first, stands in zone s + r, counted round" example:"replicas = 2"`
	ShardBy        ShardBy            `key:"shard_by" default:"hash" doc:"which shard has a key: hash, by a hash of it, modulo the number of shards; modulo, the key itself modulo that number; range, equal ranges of the keys of the clients and steps of the file, from 0 to the highest (with a trace, the highest in it); consistent-hash, by a ring on which each shard has 160 points" source:"consistent-hash: D. Karger et al., STOC 1997; 160 points as in ketama" example:"shards = 8\nshard_by = \"range\""`
	ShardKey       ShardKey           `key:"shard_key" default:"item" doc:"what of a request is its key: the item that it is about, or the address that it came from" example:"shards = 8\nshard_key = \"source\""`
	RouteReads     ReadRoute          `key:"route_reads" default:"primary" doc:"which instance of a shard is read: primary; replicas, in turn; read-your-writes, replicas in turn, but the primary for a source (an address, a user, a session) any of whose own writes the replica has not applied yet; nearest, those in the caller's zone in turn if any of them is up, else all in turn. One that is dead is passed over while another that might be read is up. Both copies of a hedged read go to different instances if they can" example:"replicas = 2\nroute_reads = \"replicas\""`
	Replication    *ReplicationConfig `key:"replication" absent:"async, without lag" doc:"how writes get from the primaries to the replicas, and when they are acknowledged" example:"replicas = 2\nreplication = { mode = \"async\", lag = \"lognormal p50=20ms p99=1s\" }"`
	Failover       *FailoverConfig    `key:"failover" absent:"nobody takes the place of a primary" doc:"how another instance becomes the primary of a shard whose primary is gone. Until then its writes are unavailable (who vanished without a word or stands still swallows them, until that has been noticed), and reads follow route_reads: those of replicas go on, if none is up they go to the primary. Writes whose lag is not over stay with the primary when it dies; who waits for replicas at one that loses its office gets unavailable. A primary that died is a replica when it is back, without what was lost; it applies at once what was written meanwhile and has reached it, the rest after its lag. Callers know the new primary at once; what their pools had open to the old one is closed" example:"replicas = 2\nreplication = { mode = \"async\", lag = \"lognormal p50=20ms p99=1s\" }\nfailover = { detect = \"10s\", promote = \"20s\" }"`
	OnPartition    OnPartition        `key:"on_partition" absent:"consistent with failover; without it the primary goes on" doc:"what happens while a partition parts the instances of a shard. consistent: a primary takes writes only while it can reach more than half of the instances of its shard, itself and dead ones counted; otherwise it refuses them as unavailable, and after detect and promote the side with more than half of them has a new one, if there is such a side. available: the primary goes on, and a side that cannot reach it gets one of its own, so that both take writes; callers go to the one that they can reach, the older one if they reach both. When they meet again the newer one stays, each side gets what the other has written, and of a record that both wrote the newest write stands: the acknowledged writes to it of the other side are conflicts. Writes whose lag is not over when the partition begins do not get through; what is lost is counted at each promotion" source:"S. Gilbert, N. Lynch, Brewer's Conjecture, SIGACT News 33(2), 2002" example:"replicas = 2\nfailover = { detect = \"10s\" }\non_partition = \"available\""`
	Engine         *EngineConfig      `key:"engine" absent:"the defaults of its keys" doc:"the constants by which query steps cost work on a core and the disk" example:"engine = { cached = \"99%\" }\nread.search = [{ query = { rows = 5_000_000, index = true } }]"`
	MaxConnections int                `key:"max_connections" absent:"unlimited" min:"1" limit:"1000000000" doc:"requests that may be inside an instance; further ones are rejected, even while it hangs" example:"max_connections = 200"`
	Connect        TimeLaw            `key:"connect" absent:"0s" doc:"how long a caller without a pool takes to open a connection, before each request that it sends; a pool has a connect of its own" example:"connect = \"exp 3ms\""`
	Read           Reads              `key:"read" absent:"none" doc:"operations that read: each is done by one instance of the shard that has the key" example:"read.by_id = [{ cpu = \"exp 0.6ms\" }]"`
	Write          Writes             `key:"write" absent:"none" doc:"operations that write: each is done by the primary of the shard that has the key" example:"write.reserve = [{ cpu = \"exp 0.9ms\" }, { disk = \"exp 1.2ms\" }]"`
	Scatter        Reads              `key:"scatter" absent:"none" doc:"operations that read every shard at once: done when the slowest is, failed when one fails" example:"scatter.search = [{ cpu = \"exp 5ms\" }]"`
	Transaction    Transactions       `key:"transaction" absent:"none" doc:"operations that write to several shards by two-phase commit: the primary of the key's shard and those of others, drawn at random; first each takes the steps, and when all have, each takes those of commit" source:"J. Gray, Notes on Data Base Operating Systems, 1978" example:"shards = 4\ntransaction.transfer = { shards = 2, steps = [{ cpu = \"exp 1ms\" }] }"`
}

// ShardBy is how keys are given to shards.
type ShardBy string

// The ways to shard.
const (
	ByHash           ShardBy = "hash"
	ByModulo         ShardBy = "modulo"
	ByRange          ShardBy = "range"
	ByConsistentHash ShardBy = "consistent-hash"
)

// Words lists them.
func (ShardBy) Words() []string {
	return []string{string(ByHash), string(ByModulo), string(ByRange), string(ByConsistentHash)}
}

// ShardKey is what of a request decides its shard.
type ShardKey string

// Words lists them.
func (ShardKey) Words() []string { return []string{"item", "source"} }

// ReadRoute is which instance of a shard is read.
type ReadRoute string

// The ways to route reads.
const (
	ReadPrimary  ReadRoute = "primary"
	ReadReplicas ReadRoute = "replicas"
	ReadNearest  ReadRoute = "nearest"
	ReadOwn      ReadRoute = "read-your-writes"
)

// Words lists them.
func (ReadRoute) Words() []string {
	return []string{string(ReadPrimary), string(ReadReplicas), string(ReadOwn), string(ReadNearest)}
}

// fromReplicas reports whether the replicas are read, in turn, if they may be.
func (r ReadRoute) fromReplicas() bool { return r == ReadReplicas || r == ReadOwn }

// Reads are the reading operations of a database in the order of the file.
type Reads []ReadConfig

// ReadConfig is read.OP = [steps], or read.OP = { steps = [steps] }.
type ReadConfig struct {
	kind.Place

	Name     string      // the key
	At       kind.Cursor // the value
	Route    ReadRoute   `key:"route" absent:"route_reads of the database" doc:"which instance of a shard is read, instead of what route_reads says" example:"read.balance = { steps = [{ cpu = \"exp 1ms\" }], route = \"primary\" }"`
	Priority Priority    `key:"priority" doc:"instead of the priority that a request comes with" example:"read.report = { steps = [{ cpu = \"exp 50ms\" }], priority = -1 }"`
	Steps    Steps       `key:"steps" required:"yes" doc:"what the operation does, one step after the other" example:"read.by_id = { steps = [{ cpu = \"exp 0.6ms\" }] }"`
}

// Writes are the writing operations of a database in the order of the file.
type Writes []OperationConfig

// Transactions are the transactions of a database in the order of the file.
type Transactions []TransactionConfig

// TransactionConfig is transaction.OP = { shards = 2, steps = [steps] }.
type TransactionConfig struct {
	kind.Place

	Name     string      // the key
	At       kind.Cursor // the value
	Shards   int         `key:"shards" default:"2" min:"2" limit:"100000" doc:"how many shards take part, all different: the one that has the key, and others drawn at random" example:"shards = 4\ntransaction.transfer = { shards = 3, steps = [{ cpu = \"exp 1ms\" }] }"`
	Priority Priority    `key:"priority" doc:"instead of the priority that a request comes with" example:"shards = 4\ntransaction.transfer = { steps = [{ cpu = \"exp 1ms\" }], priority = 5 }"`
	Steps    Steps       `key:"steps" required:"yes" doc:"what each shard does to prepare; if it fails on one, the transaction fails" example:"shards = 4\ntransaction.transfer = { steps = [{ cpu = \"exp 1ms\" }] }"`
	Commit   *Steps      `key:"commit" absent:"the same steps again" doc:"what each shard does to commit, when all have prepared" example:"shards = 4\ntransaction.transfer = { steps = [{ cpu = \"exp 1ms\" }], commit = [{ disk = \"exp 1ms\" }] }"`
}

// accessTable reports whether the value is a table of operations.
func accessTable(c kind.Cursor) bool {
	if c.Value.Type == kind.TypeTable {
		return true
	}
	hint := ""
	if c.Value.Type == kind.TypeArray {
		hint = "name the operation: " + c.Path[strings.LastIndexByte(c.Path, '.')+1:] + ".by_id = [ … ]"
	}
	c.Wrong("a table of operations", hint)
	return false
}

// Read takes the table of operations.
func (o *Reads) Read(c kind.Cursor) {
	if !accessTable(c) {
		return
	}
	for _, e := range c.Value.Table.Entries {
		CheckName(c, e)
		one := ReadConfig{Name: e.Key, At: c.Key(e)}
		if e.Value.Type == kind.TypeTable {
			kind.Decode(one.At, &one)
		} else {
			one.Steps.Read(one.At)
		}
		*o = append(*o, one)
	}
}

// Shape describes the table.
func (*Reads) Shape() kind.Shape {
	return kind.Shape{Type: "a table of operations, each an array of steps or a table", Table: ReadConfig{}}
}

// Read takes the table of operations.
func (o *Writes) Read(c kind.Cursor) {
	if accessTable(c) {
		*o = readOperations(c)
	}
}

// Shape describes the table.
func (*Writes) Shape() kind.Shape { return (*Operations)(nil).Shape() }

// Read takes the table of operations.
func (o *Transactions) Read(c kind.Cursor) {
	if !accessTable(c) {
		return
	}
	for _, e := range c.Value.Table.Entries {
		CheckName(c, e)
		one := TransactionConfig{Name: e.Key, At: c.Key(e)}
		if e.Value.Type != kind.TypeTable {
			one.At.Wrong("a table such as { shards = 2, steps = [ … ] }", "")
			continue
		}
		kind.Decode(one.At, &one)
		*o = append(*o, one)
	}
}

// Shape describes the table.
func (*Transactions) Shape() kind.Shape {
	return kind.Shape{Type: "a table of transactions by operation", Table: TransactionConfig{}}
}

// Knows reports whether the database has an operation of that name.
func (c *DatabaseConfig) Knows(op string) bool {
	reads := func(o ReadConfig) bool { return o.Name == op }
	return slices.ContainsFunc(c.Read, reads) || slices.ContainsFunc(c.Scatter, reads) ||
		slices.ContainsFunc(c.Write, func(o OperationConfig) bool { return o.Name == op }) ||
		slices.ContainsFunc(c.Transaction, func(o TransactionConfig) bool { return o.Name == op })
}
