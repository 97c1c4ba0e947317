package node

import "github.com/capsim/capsim/models/kind"

// QueueConfig is a [queue.NAME] table.
type QueueConfig struct {
	kind.Place

	Consumer     string          `key:"consumer" required:"yes" doc:"the operation of a server that deals with each message; the server's instances share the messages, and what such a visit answers acknowledges its message or sends it back" example:"consumer = \"mailer.send\""`
	Type         QueuePresetName `key:"type" absent:"none" doc:"a product whose defaults stand in for the keys that are left out; capsim explain NAME lists them with their sources" example:"type = \"rabbitmq\""`
	Prefetch     int             `key:"prefetch" absent:"the consumer's concurrency, else its cores" min:"0" limit:"1000000000" doc:"messages that an instance of the consumer may hold unacknowledged; 0 is unlimited; the oldest message goes to the next instance that has room, in turn" source:"RabbitMQ: https://www.rabbitmq.com/docs/consumer-prefetch" example:"prefetch = 10"`
	Visibility   kind.Duration   `key:"visibility_timeout" absent:"none" above:"0s" doc:"from a delivery on; a message that is not acknowledged by then is delivered again, while the former delivery is still being worked on: its place in the prefetch is free, and its answer counts for nothing, when that ends" source:"Amazon SQS developer guide: visibility timeout" example:"visibility_timeout = \"30s\""`
	Most         int             `key:"max_deliveries" absent:"unlimited" min:"1" limit:"1000000000" doc:"how often a message is delivered at most, whether it is refused, fails, takes too long or its consumer dies; then it goes to the dead letters" source:"Amazon SQS: maxReceiveCount" example:"max_deliveries = 5"`
	DeadLetter   string          `key:"dead_letter" absent:"none" doc:"of max_deliveries: the queue to which dead letters are published; without it they are counted, and gone" example:"max_deliveries = 5\ndead_letter = \"graveyard\""`
	Capacity     int             `key:"capacity" absent:"unlimited" min:"1" limit:"1000000000" doc:"messages that may wait for a delivery; those that are out, or have come back, find their place anyway" example:"capacity = 10_000"`
	WhenFull     WhenFullText    `key:"when_full" default:"reject" doc:"of capacity: a further message is rejected, or its publisher waits for room (block), first come first served, until its own time-out at most, or the oldest message is dropped" example:"capacity = 10_000\nwhen_full = \"drop-oldest\""`
	Partitions   int             `key:"partitions" absent:"none" min:"1" limit:"100000" doc:"messages about one key go to one partition, those without a key to each in turn; a partition belongs to one instance of the consumer, keeps its order and has one message out at a time, so that there are never more at work than partitions; when an instance dies or comes back, the partitions are at once shared out anew among those that live, in turn" source:"Kafka: consumer groups" example:"partitions = 12"`
	Latency      TimeLaw         `key:"latency" absent:"none" doc:"how long the broker takes until it has a message, and answers the publisher" example:"latency = \"exp 2ms\""`
	Durable      bool            `key:"durable" absent:"true" doc:"messages survive the death of the broker; false: those that it has are lost, those that are out too" example:"durable = false"`
	PricePerHour Price           `key:"price_per_hour" absent:"none" doc:"what an hour of it costs; the list has no prices of queues: take a bill of yours, for a month of 730 hours, divided by those" example:"price_per_hour = 0.05"`
	Discount     kind.Ratio      `key:"discount" absent:"none" doc:"off price_per_hour: a contract" example:"price_per_hour = 0.05\ndiscount = \"10%\""`
	Zones        Strings         `key:"zones" absent:"all of them" doc:"the zones that it stands in, of those at the top of the file; it is in the first; all of them if left out" example:"zones = [\"a\"]"`
}

// WhenFullText is what a queue does with a message for which it has no room.
type WhenFullText string

// Words lists the ways.
func (WhenFullText) Words() []string { return []string{"reject", "block", "drop-oldest"} }

// QueuePresetName is the name of one of the QueuePresets.
type QueuePresetName string

// Words lists the presets.
func (QueuePresetName) Words() []string {
	names := make([]string, len(QueuePresets))
	for i := range QueuePresets {
		names[i] = QueuePresets[i].Name
	}
	return names
}
