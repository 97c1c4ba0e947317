package node

import "github.com/capsim/capsim/models/kind"

// RouteConfig is a [[load_balancer.NAME.route]].
type RouteConfig struct {
	kind.Place

	Ops Strings `key:"ops" required:"yes" doc:"the operations that go this way; of several routes that name one the first takes it" example:"route = [{ ops = [\"checkout\"], to = \"checkout_servers\" }]"`
	To  string  `key:"to" required:"yes" doc:"the server or balancer that they go to, by the balancer's policy among its instances" example:"route = [{ ops = [\"search\"], to = \"search_servers\" }]"`
}

// StickyConfig is the sticky of a balancer.
type StickyConfig struct {
	kind.Place

	By  StickyBy      `key:"by" required:"yes" doc:"cookie: each user or session is bound by its first answer, single requests are not; source: each address is bound by its first request" source:"HAProxy configuration manual: cookie, stick on src" example:"sticky = { by = \"source\" }"`
	TTL kind.Duration `key:"ttl" default:"30m" above:"0s" doc:"how long after its last use a binding is forgotten: the last request, and by cookie the last answer" source:"HAProxy configuration manual: stick-table expire" example:"sticky = { by = \"cookie\", ttl = \"5m\" }"`
}

// StickyBy is what a binding goes by.
type StickyBy string

// Words lists them.
func (StickyBy) Words() []string { return []string{"cookie", "source"} }

// DirectPolicy is a name of balance.Table, for those who call a server
// directly.
type DirectPolicy string

// Words lists the policies.
func (DirectPolicy) Words() []string { return PolicyName("").Words() }
