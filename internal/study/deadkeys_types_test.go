package study

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// keyRented is a rented machine that is nearly full.
const keyRented = `[client.users]
target = "web"
arrivals = "poisson 170/s"
response_size = "50kB"
[server.web]
type = "aws:m7i.large"
on.request = [{ cpu = "exp 10ms" }]
`

// typeCases are of what a type gives for the keys that are left out.
var typeCases = []keyCase{
	{key: "server.type", base: keyRented, old: "m7i.large", new: "m7i.xlarge", figure: latencyMean, want: down},
	{key: "server.type", base: keyRented, old: "aws:m7i.large", new: "aws:t3.micro", figure: "nodes/web/resources/network/utilization", want: up},
	{key: "server.type", base: keyRented, old: `type = "aws:m7i.large"`, new: "cores = 2\nnetwork = \"0.781Gbps\"", effect: func(t *testing.T, before, after keyAnswer) {
		assert.Equal(t, before.Fingerprint, after.Fingerprint, "a type is its sizes, to the bit")
	}},
}
