package node

// QueuePresets lists the brokers that there are to rent or to install, in the
// order of the manual. Nobody writes to it. The same goes for them as for
// Presets: what no documentation says is not here.
var QueuePresets = []Preset{rabbitMQ, kafka, awsSQS, redisStream}

// LookUpQueuePreset returns the preset of a name.
func LookUpQueuePreset(name string) (*Preset, bool) {
	for i := range QueuePresets {
		if QueuePresets[i].Name == name {
			return &QueuePresets[i], true
		}
	}
	return nil, false
}

var rabbitMQ = Preset{
	Name: "rabbitmq", Doc: "a queue of RabbitMQ whose consumers acknowledge by hand, with the defaults of the broker",
	Figures: []Figure{
		{Key: "prefetch", Value: "0", Says: "basic.qos limits the unacknowledged messages of a consumer; a value of 0 is treated as infinite", Source: "https://rabbitmq.com/docs/consumer-prefetch", Read: readOn},
		{Key: "visibility_timeout", Value: `"30m"`, Says: "consumer_timeout, on the acknowledgement of a delivery, is 1800000 ms", Source: "https://docs.aws.amazon.com/amazon-mq/latest/developer-guide/configurable-values.html", Read: readOn},
	},
	Note: "After consumer_timeout RabbitMQ closes the channel, so that all its messages come back; here each has its own time. How long it takes to confirm a message depends on its disks: that is for latency to say.",
}

const kafkaRustDocs = "https://docs.confluent.io/kafka-clients/rust/current/api/html/confluent_kafka/consumer/struct.ConsumerConfig.html"

var kafka = Preset{
	Name: "kafka", Doc: "a topic of Apache Kafka that one group of consumers reads, with the defaults of broker and consumer",
	Figures: []Figure{
		{Key: "partitions", Value: "1", Says: "num.partitions, the number of partitions of a topic that does not say otherwise, is 1", Source: "https://kafka.apache.org/20/configuration/broker-configs", Read: readOn},
		{Key: "prefetch", Value: "500", Says: "max.poll.records, what one poll returns at most, is 500", Source: kafkaRustDocs, Read: readOn},
		{Key: "visibility_timeout", Value: `"5m"`, Says: "max.poll.interval.ms, the longest time between two polls of a member of the group, is 5 minutes", Source: "https://docs.conduktor.io/learn/advanced/consumers/consumer-important-settings", Read: readOn},
	},
	Note: "A consumer of Kafka commits an offset, not a message, and goes on behind one that fails; here it comes back, at the head of its partition, until max_deliveries. Kafka keeps a dead member's partitions until its session has timed out.",
}

var awsSQS = Preset{
	Name: "aws:sqs", Doc: "a standard queue of Amazon SQS with the defaults of its attributes",
	Figures: []Figure{
		{Key: "visibility_timeout", Value: `"30s"`, Says: "the default visibility timeout for the queue is 30 seconds", Source: "https://docs.aws.amazon.com/sdk-for-kotlin/api/latest/sqs/aws.sdk.kotlin.services.sqs.model/-receive-message-request/visibility-timeout.html", Read: readOn},
	},
	Note: "Messages are dropped after four days there, and at most about 120,000 are out at a time, which no key here says. A consumer that fails without a word lets the visibility timeout pass; here what it answers is taken at its word.",
}

var redisStream = Preset{
	Name: "redis", Doc: "a stream of Redis that one group of consumers reads, with the defaults of its persistence",
	Figures: []Figure{
		{Key: "durable", Value: "false", Says: "by default the data set is dumped on the disk now and then: the latest records are lost in a crash", Source: "https://github.com/antirez/redis/blob/2.2-alpha2/doc/AppendOnlyFileHowto.html", Read: readOn},
	},
	Note: "What was written to the last dump survives there; here nothing does. Messages that are pending come back only where somebody claims them (XAUTOCLAIM), which is for visibility_timeout to say.",
}
