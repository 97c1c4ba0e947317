package node

import "github.com/capsim/capsim/models/kind"

// FailoverConfig is the table of how a database replaces a primary that is
// gone.
type FailoverConfig struct {
	kind.Place

	Detect  TimeLaw `key:"detect" required:"yes" doc:"how long a primary must be away until that is noticed: dead, standing still, or kept from its replicas by a partition. One that is back before that goes on as if nothing had happened" example:"replicas = 1\nfailover = { detect = \"10s\", promote = \"20s\" }"`
	Promote TimeLaw `key:"promote" absent:"0s" doc:"how long it takes from then on until a replica takes writes: of those that are up the one that lacks the fewest acknowledged writes, the first among equals; the old primary is one of them if it is back. If none is up, the first that is back is promoted. It takes over what it lacks and another replica has that it can reach; acknowledged writes that nobody has who is up and can be reached are lost" formula:"lost writes of an async primary with w writes a second and n replicas: w·E[the shortest of n lags]; share of the time without a primary, if primaries die every MTTF: (detect + promote) / (MTTF + detect + promote)" example:"replicas = 1\nfailover = { detect = \"10s\", promote = \"lognormal p50=15s p99=60s\" }"`
}

// OnPartition is what a database does while a partition keeps a primary from
// other instances of its shard.
type OnPartition string

// The ways to take a partition.
const (
	Consistent OnPartition = "consistent"
	Available  OnPartition = "available"
)

// Words lists them.
func (OnPartition) Words() []string { return []string{string(Consistent), string(Available)} }
