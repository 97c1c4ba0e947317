package node

import "github.com/capsim/capsim/models/kind"

// GCConfig is the table of a garbage collector.
type GCConfig struct {
	kind.Place

	EveryAllocated Bytes         `key:"every_allocated" doc:"how much an instance allocates between two pauses: the request that reaches it begins a pause; what is allocated during a pause counts to the next" example:"gc = { every_allocated = \"64MiB\", allocates = \"200kB\", pause = \"3ms\" }"`
	Allocates      SizeLaw       `key:"allocates" doc:"how much each request allocates, when it comes in; garbage is not part of the memory that is held" example:"gc = { every_allocated = \"64MiB\", allocates = \"exp 200kB\", pause = \"3ms\" }"`
	Every          kind.Duration `key:"every" above:"0s" doc:"instead of every_allocated: from the beginning of a pause to that of the next; each instance begins at a random moment within it, and anew when it has died. A share of pause/every of the time is paused. What would begin in a pause is left out" example:"gc = { every = \"5s\", pause = \"uniform 20ms 60ms\" }"`
	Pause          TimeLaw       `key:"pause" required:"yes" doc:"how long a pause is" example:"gc = { every = \"5s\", pause = \"lognormal p50=3ms p99=40ms\" }"`
}
