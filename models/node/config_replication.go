package node

import "github.com/capsim/capsim/models/kind"

// ReplicationConfig is the table of how writes get to replicas.
type ReplicationConfig struct {
	kind.Place

	Mode  ReplicationMode `key:"mode" default:"async" doc:"when a write is acknowledged: async, when the primary has done it; semi-sync, when one replica has applied it too; sync, when all have; quorum, when more than half of the instances have, the primary counting as one. The wait holds the write's worker. A replica that is dead or hangs applies nothing, so that a write that needs it waits until it is back, or its caller gives up; the write stands at the primary all the same" source:"PostgreSQL documentation, 27.2.8 Synchronous Replication; MySQL 8.0 Reference Manual, 19.4.10 Semisynchronous Replication" example:"replicas = 2\nreplication = { mode = \"quorum\", lag = \"exp 5ms\" }"`
	Lag   TimeLaw         `key:"lag" absent:"0s" doc:"how long after the primary a replica has a write, drawn for each write and replica by itself, so that a later write may be there first; of a record a replica keeps the newest that it has got" formula:"stale reads of a record with w writes a second: 1 − E[exp(−w·lag)]" example:"replicas = 2\nreplication = { lag = \"lognormal p50=20ms p99=1s\" }"`
	Apply TimeLaw         `key:"apply" absent:"none" doc:"work on a core of the replica to apply a write that it has got, in the same queue as the reads; the write is applied at its end" example:"replicas = 2\nreplication = { lag = \"5ms\", apply = \"exp 0.4ms\" }"`
}

// ReplicationMode is when a write is acknowledged.
type ReplicationMode string

// The modes.
const (
	Async    ReplicationMode = "async"
	SemiSync ReplicationMode = "semi-sync"
	Sync     ReplicationMode = "sync"
	Quorum   ReplicationMode = "quorum"
)

// Words lists them.
func (ReplicationMode) Words() []string {
	return []string{string(Async), string(SemiSync), string(Sync), string(Quorum)}
}
