package node

// Presets lists the products in the order of the manual. Nobody writes to it.
// What stands here was read in the documentation of each, on the day that is
// given; what no documentation says is not here, and what capsim cannot
// express is in the notes.
var Presets = []Preset{
	nginx, haproxy, traefik, envoy, awsALB, awsNLB, gcpLB, azureLB, hardware,
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
		{Key: "ejection.consecutive", Value: "1", Within: true, Says: "max_fails, the unsuccessful attempts after which a server is unavailable, is 1", Source: nginxUpstream, Read: readOn},
		{Key: "ejection.for", Value: `"10s"`, Within: true, Says: "fail_timeout, for which it is unavailable then, is 10 seconds", Source: nginxUpstream, Read: readOn},
	},
	Note: "nginx counts connections that fail and time-outs against a server in any case, and answers that say of an error never; here both count, so it begins only where the file has ejection = {}. " +
		"It also passes such a request on to the next server until all have been tried, which is for retries to say.",
}

const haproxyManual = "https://docs.haproxy.org/2.6/configuration.html"

var haproxy = Preset{
	Name: "haproxy", Doc: "the open-source HAProxy with a backend of which only the servers are given",
	Figures: []Figure{
		{Key: "policy", Value: `"weighted-round-robin"`, Says: "the algorithm is roundrobin when no other has been set: each server in turn, according to its weight", Source: haproxyManual + "#4.2-balance", Read: readOn},
		{Key: "health_check.interval", Value: `"2s"`, Within: true, Says: "inter, left unspecified, is 2000 ms", Source: haproxyManual + "#5.2-inter", Read: readOn},
		{Key: "health_check.unhealthy", Value: "3", Within: true, Says: "fall, the checks that fail in a row, is 3", Source: haproxyManual + "#5.2-fall", Read: readOn},
		{Key: "health_check.healthy", Value: "2", Within: true, Says: "rise, the checks that succeed in a row, is 2", Source: haproxyManual + "#5.2-rise", Read: readOn},
		{Key: "health_check.kind", Value: `"tcp"`, Within: true, Says: "by default, health checks only consist in trying to establish a TCP connection", Source: haproxyManual + "#4.2-option%20httpchk", Read: readOn},
	},
	Note: "Servers are checked only if that is asked for (check), so it begins where the file has health_check = {}. There are no time-outs unless they are set.",
}

const traefikService = "https://doc.traefik.io/traefik/reference/routing-configuration/http/load-balancing/service/"

var traefik = Preset{
	Name: "traefik", Doc: "the open-source Traefik with an HTTP service of which only the servers are given",
	Figures: []Figure{
		{Key: "policy", Value: `"weighted-round-robin"`, Says: "strategy is wrr by default: in rotation, respecting the servers' weights", Source: traefikService, Read: readOn},
		{Key: "health_check.interval", Value: `"30s"`, Within: true, Says: "interval of healthCheck is 30s", Source: traefikService, Read: readOn},
		{Key: "health_check.timeout", Value: `"5s"`, Within: true, Says: "timeout of healthCheck is 5s", Source: traefikService, Read: readOn},
		{Key: "ejection.consecutive", Value: "1", Within: true, Says: "maxFailedAttempts of passiveHealthcheck is 1", Source: traefikService, Read: readOn},
		{Key: "ejection.for", Value: `"10s"`, Within: true, Says: "failureWindow of passiveHealthcheck, for which a server counts as unhealthy, is 10s", Source: traefikService, Read: readOn},
	},
	Note: "Servers are checked, actively or passively, only if that is asked for: with health_check = {} or ejection = {}.",
}

const envoyAPI = "https://github.com/envoyproxy/envoy/blob/main/api/envoy/config/"

var envoy = Preset{
	Name: "envoy", Doc: "the open-source Envoy with a cluster and a route that say no more than they must",
	Figures: []Figure{
		{Key: "policy", Value: `"weighted-round-robin"`, Says: "lb_policy is ROUND_ROBIN unless set; it goes by the endpoints' weights", Source: envoyAPI + "cluster/v3/cluster.proto", Read: readOn},
		{Key: "timeout", Value: `"15s"`, Says: "the upstream timeout of a route, if not specified, is 15s", Source: envoyAPI + "route/v3/route_components.proto", Read: readOn},
		{Key: "max_connections", Value: "1024", Says: "max_requests, the parallel requests to the upstream cluster, is 1024", Source: envoyAPI + "cluster/v3/circuit_breaker.proto", Read: readOn},
		{Key: "ejection.consecutive", Value: "5", Within: true, Says: "consecutive_5xx of outlier_detection defaults to 5", Source: envoyAPI + "cluster/v3/outlier_detection.proto", Read: readOn},
		{Key: "ejection.for", Value: `"30s"`, Within: true, Says: "base_ejection_time of outlier_detection defaults to 30s", Source: envoyAPI + "cluster/v3/outlier_detection.proto", Read: readOn},
	},
	Note: "Outliers are looked for only if that is asked for: with ejection = {}. Envoy ejects a host for longer each time, and at most 10 % of the hosts (but always one); here each time is as long, and there is no such bound. " +
		"Health checks have no defaults in Envoy.",
}

const (
	awsGuide  = "https://docs.aws.amazon.com/elasticloadbalancing/latest/"
	awsTarget = awsGuide + "APIReference/API_CreateTargetGroup.html"
)

var awsALB = Preset{
	Name: "aws:alb", Doc: "an Application Load Balancer of AWS with the defaults of its target group",
	Figures: []Figure{
		{Key: "policy", Value: `"round-robin"`, Says: "load_balancing.algorithm.type is round_robin by default", Source: awsGuide + "application/edit-target-group-attributes.html", Read: readOn},
		{Key: "timeout", Value: `"60s"`, Says: "idle_timeout.timeout_seconds is 60 by default", Source: awsGuide + "application/application-load-balancers.html", Read: readOn},
		{Key: "health_check.interval", Value: `"30s"`, Says: "HealthCheckIntervalSeconds is 30 by default", Source: awsGuide + "application/target-group-health-checks.html", Read: readOn},
		{Key: "health_check.timeout", Value: `"5s"`, Says: "HealthCheckTimeoutSeconds is 5 by default", Source: awsGuide + "application/target-group-health-checks.html", Read: readOn},
		{Key: "health_check.unhealthy", Value: "2", Says: "UnhealthyThresholdCount is 2 by default", Source: awsGuide + "application/target-group-health-checks.html", Read: readOn},
		{Key: "health_check.healthy", Value: "5", Says: "HealthyThresholdCount is 5 by default", Source: awsGuide + "application/target-group-health-checks.html", Read: readOn},
		{Key: "health_check.kind", Value: `"http"`, Says: "HealthCheckProtocol is HTTP by default", Source: awsGuide + "application/target-group-health-checks.html", Read: readOn},
	},
	Note: "Targets are always checked. With none of them healthy it sends to all, as if they were; here nobody gets a request then.",
}

var awsNLB = Preset{
	Name: "aws:nlb", Doc: "a Network Load Balancer of AWS with the defaults of its target group",
	Figures: []Figure{
		{Key: "policy", Value: `"ip-hash"`, Says: "a target is selected by a flow hash of protocol, addresses, ports and TCP sequence number", Source: awsGuide + "network/introduction.html", Read: readOn},
		{Key: "health_check.interval", Value: `"30s"`, Says: "HealthCheckIntervalSeconds is 30 by default", Source: awsTarget, Read: readOn},
		{Key: "health_check.timeout", Value: `"10s"`, Says: "HealthCheckTimeoutSeconds is 10 for TCP", Source: awsGuide + "network/target-group-health-checks.html", Read: readOn},
		{Key: "health_check.unhealthy", Value: "2", Says: "UnhealthyThresholdCount is 2 by default", Source: awsTarget, Read: readOn},
		{Key: "health_check.healthy", Value: "5", Says: "HealthyThresholdCount is 5 by default", Source: awsTarget, Read: readOn},
		{Key: "health_check.kind", Value: `"tcp"`, Says: "HealthCheckProtocol is TCP by default", Source: awsGuide + "network/target-group-health-checks.html", Read: readOn},
	},
	Note: "A source (a request, or a user or session) stands for a connection here. Targets are always checked. With none of them healthy it sends to all, as if they were; here nobody gets a request then.",
}

const gcpHealth = "https://cloud.google.com/sdk/gcloud/reference/compute/http-health-checks/create"

var gcpLB = Preset{
	Name: "gcp:lb", Doc: "an external Application Load Balancer of Google Cloud with the defaults of its backend service and health check",
	Figures: []Figure{
		{Key: "policy", Value: `"round-robin"`, Says: "localityLbPolicy: ROUND_ROBIN, each healthy backend in turn, is the default", Source: "https://cloud.google.com/compute/docs/reference/rest/v1/backendServices", Read: readOn},
		{Key: "timeout", Value: `"30s"`, Says: "the backend service timeout is 30 seconds by default", Source: "https://gcpdiag.dev/rules/lb/BP/2025_002/", Read: readOn},
		{Key: "health_check.interval", Value: `"5s"`, Says: "--check-interval is 5s by default", Source: gcpHealth, Read: readOn},
		{Key: "health_check.timeout", Value: `"5s"`, Says: "--timeout is 5s by default", Source: gcpHealth, Read: readOn},
		{Key: "health_check.unhealthy", Value: "2", Says: "--unhealthy-threshold is 2 by default", Source: gcpHealth, Read: readOn},
		{Key: "health_check.healthy", Value: "2", Says: "--healthy-threshold is 2 by default", Source: gcpHealth, Read: readOn},
		{Key: "health_check.kind", Value: `"http"`, Says: "an HTTP health check", Source: gcpHealth, Read: readOn},
	},
}

const azureProbes = "https://learn.microsoft.com/en-us/azure/load-balancer/load-balancer-custom-probe-overview"

var azureLB = Preset{
	Name: "azure:lb", Doc: "an Azure Load Balancer with the defaults of its rule and its health probe",
	Figures: []Figure{
		{Key: "policy", Value: `"ip-hash"`, Says: "a five-tuple hash by default: source and destination, address and port, and protocol", Source: "https://learn.microsoft.com/en-us/azure/load-balancer/distribution-mode-concepts", Read: readOn},
		{Key: "health_check.interval", Value: `"5s"`, Says: "the probe is every 5 seconds by default", Source: azureProbes, Read: readOn},
		{Key: "health_check.timeout", Value: `"5s"`, Says: "a probe fails once its interval has passed without an answer", Source: azureProbes, Read: readOn},
		{Key: "health_check.unhealthy", Value: "1", Says: "if the probe fails, the instance is marked as unhealthy immediately", Source: azureProbes, Read: readOn},
		{Key: "health_check.healthy", Value: "1", Says: "if the next probe succeeds, it is marked as healthy", Source: azureProbes, Read: readOn},
	},
	Note: "A source (a request, or a user or session) stands for a connection here.",
}

var hardware = Preset{
	Name: "hardware", Doc: "an appliance, for which F5's BIG-IP Local Traffic Manager stands, with a pool of which only the members are given",
	Figures: []Figure{
		{Key: "policy", Value: `"round-robin"`, Says: "lb_method of a new pool is round-robin if not specified", Source: "https://docs.ansible.com/ansible/latest/collections/f5networks/f5_modules/bigip_pool_module.html", Read: readOn},
		{Key: "health_check.interval", Value: `"5s"`, Within: true, Says: "interval of a new HTTP monitor is 5 seconds if not provided", Source: "https://docs.ansible.com/ansible/latest/collections/f5networks/f5_modules/bigip_monitor_http_module.html", Read: readOn},
	},
	Note: "Members are checked only if a monitor is given: with health_check = {}. A monitor gives up after a time that is longer than its interval, which health_check has no word for.",
}
