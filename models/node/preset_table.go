package node

// Presets lists the products in the order of the manual. Nobody writes to it.
// What stands here was read in the documentation of each, on the day that is
// given; what no documentation says is not here.
var Presets = []Preset{
	{
		Name: "nginx", Doc: "the open-source nginx as a reverse proxy, before an upstream group of which only the servers are given",
		Figures: []Figure{
			{Key: "policy", Value: `"round-robin"`, Says: "by default, requests are distributed by a weighted round-robin balancing method", Source: nginxUpstream, Read: readOn},
		},
	},
}

// readOn is the day on which the documentation was read.
const readOn = "2026-11-26"

const (
	nginxUpstream = "https://nginx.org/en/docs/http/ngx_http_upstream_module.html"
)
