package node

// Presets lists the products in the order of the manual. Nobody writes to it.
// What stands here was read in the documentation of each, on the day that is
// given; what no documentation says is not here, and what capsim cannot
// express is in the notes.
var Presets = []Preset{
	nginx, haproxy, traefik, envoy, awsALB, awsNLB, gcpLB, azureLB,
}

// readOn is the day on which the documentation was read.
const readOn = "2026-11-26"

const (
	nginxUpstream = "https://nginx.org/en/docs/http/ngx_http_upstream_module.html"
	nginxProxy    = "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_read_timeout"
)

var nginx = Preset{
	Name: "nginx", Doc: "the open-source nginx as a reverse proxy, before an upstream group of which only the servers are given",
	Figures: []Figure{
		{Key: "policy", Value: `"weighted-round-robin"`, Says: "by default, requests are distributed by a weighted round-robin balancing method", Source: nginxUpstream, Read: readOn},
		{Key: "timeout", Value: `"60s"`, Says: "proxy_read_timeout, the longest silence while a response is read, is 60s", Source: nginxProxy, Read: readOn},
	},
	Note: "It also passes a request that met an error or a time-out on to the next server, until all have been tried: that is for retries to say.",
}

const haproxyManual = "https://docs.haproxy.org/2.6/configuration.html"

var haproxy = Preset{
	Name: "haproxy", Doc: "the open-source HAProxy with a backend of which only the servers are given",
	Figures: []Figure{
		{Key: "policy", Value: `"weighted-round-robin"`, Says: "the algorithm is roundrobin when no other has been set: each server in turn, according to its weight", Source: haproxyManual + "#4.2-balance", Read: readOn},
	},
	Note: "There are no time-outs unless they are set.",
}

const traefikService = "https://doc.traefik.io/traefik/reference/routing-configuration/http/load-balancing/service/"

var traefik = Preset{
	Name: "traefik", Doc: "the open-source Traefik with an HTTP service of which only the servers are given",
	Figures: []Figure{
		{Key: "policy", Value: `"weighted-round-robin"`, Says: "strategy is wrr by default: in rotation, respecting the servers' weights", Source: traefikService, Read: readOn},
	},
}

const envoyAPI = "https://github.com/envoyproxy/envoy/blob/main/api/envoy/config/"

var envoy = Preset{
	Name: "envoy", Doc: "the open-source Envoy with a cluster and a route that say no more than they must",
	Figures: []Figure{
		{Key: "policy", Value: `"weighted-round-robin"`, Says: "lb_policy is ROUND_ROBIN unless set; it goes by the endpoints' weights", Source: envoyAPI + "cluster/v3/cluster.proto", Read: readOn},
		{Key: "timeout", Value: `"15s"`, Says: "the upstream timeout of a route, if not specified, is 15s", Source: envoyAPI + "route/v3/route_components.proto", Read: readOn},
		{Key: "max_connections", Value: "1024", Says: "max_requests, the parallel requests to the upstream cluster, is 1024", Source: envoyAPI + "cluster/v3/circuit_breaker.proto", Read: readOn},
	},
}

const awsGuide = "https://docs.aws.amazon.com/elasticloadbalancing/latest/"

var awsALB = Preset{
	Name: "aws:alb", Doc: "an Application Load Balancer of AWS with the defaults of its target group",
	Figures: []Figure{
		{Key: "policy", Value: `"round-robin"`, Says: "load_balancing.algorithm.type is round_robin by default", Source: awsGuide + "application/edit-target-group-attributes.html", Read: readOn},
		{Key: "timeout", Value: `"60s"`, Says: "idle_timeout.timeout_seconds is 60 by default", Source: awsGuide + "application/application-load-balancers.html", Read: readOn},
	},
}

var awsNLB = Preset{
	Name: "aws:nlb", Doc: "a Network Load Balancer of AWS with the defaults of its target group",
	Figures: []Figure{
		{Key: "policy", Value: `"ip-hash"`, Says: "a target is selected by a flow hash of protocol, addresses, ports and TCP sequence number", Source: awsGuide + "network/introduction.html", Read: readOn},
	},
	Note: "A source (a request, or a user or session) stands for a connection here.",
}

var gcpLB = Preset{
	Name: "gcp:lb", Doc: "an external Application Load Balancer of Google Cloud with the defaults of its backend service",
	Figures: []Figure{
		{Key: "policy", Value: `"round-robin"`, Says: "localityLbPolicy: ROUND_ROBIN, each healthy backend in turn, is the default", Source: "https://cloud.google.com/compute/docs/reference/rest/v1/backendServices", Read: readOn},
		{Key: "timeout", Value: `"30s"`, Says: "the backend service timeout is 30 seconds by default", Source: "https://gcpdiag.dev/rules/lb/BP/2025_002/", Read: readOn},
	},
}

var azureLB = Preset{
	Name: "azure:lb", Doc: "an Azure Load Balancer with the defaults of its rule",
	Figures: []Figure{
		{Key: "policy", Value: `"ip-hash"`, Says: "a five-tuple hash by default: source and destination, address and port, and protocol", Source: "https://learn.microsoft.com/en-us/azure/load-balancer/distribution-mode-concepts", Read: readOn},
	},
	Note: "A source (a request, or a user or session) stands for a connection here.",
}
