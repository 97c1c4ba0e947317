package result

// DrillMapSchema is the name and version of a [DrillMap].
const DrillMapSchema = "capsim/drill-map/v1"

// DrillMap is the document of `capsim drill --map`: at which load a fault of
// which size and length leaves the system in a state that it does not come back
// from although the fault is over.
type DrillMap struct {
	Schema    string    `json:"schema"` // "capsim/drill-map/v1"
	Version   string    `json:"version"`
	Title     string    `json:"title"`
	Design    string    `json:"design"`
	Truncated bool      `json:"truncated"` // interrupted: triggers are missing
	Warnings  []Warning `json:"warnings"`

	Trigger Trigger `json:"trigger"`
	Run     MapRun  `json:"run"`
	Seed    uint64  `json:"seed"`

	// Loads are the loads of the map, ascending, as multiples of the file's.
	Loads []float64 `json:"loads"`

	// LimitLoad is the highest of them that the system bears without any
	// trigger, nil if it bears none; TippingLoad the lowest at which one of the
	// triggers leaves it stuck; RecoveryLoad the lowest that it had to be
	// lowered to from there, 0 if it never came back. HysteresisLoad is from the
	// recovery load to the limit: there both states keep themselves up.
	LimitLoad      *float64 `json:"limit_load"`
	TippingLoad    *float64 `json:"tipping_load"`
	RecoveryLoad   *float64 `json:"recovery_load"`
	HysteresisLoad *float64 `json:"hysteresis_load"`
	Amplification  *float64 `json:"amplification"` // the most of any trigger

	Triggers []TriggerRow `json:"triggers"` // by size, then by how long it lasts
}

// Trigger is what sets a system off.
type Trigger struct {
	What string  `json:"what"`
	Size string  `json:"size"` // what its size is: "factor", "instances", "share", "" where it has none
	AtS  float64 `json:"at_s"` // since the start of the window
}

// MapRun is how each point of a map was simulated.
type MapRun struct {
	WindowS      float64 `json:"window_s"` // as long again after the load was lowered
	JudgedFromS  float64 `json:"judged_from_s"`
	WarmupS      float64 `json:"warmup_s"`
	Replications int     `json:"replications"`
	Simulations  int     `json:"simulations"` // in all
}

// TriggerRow is a trigger of one size and length, at all loads.
type TriggerRow struct {
	Size float64  `json:"size"`
	ForS *float64 `json:"for_s"` // nil of what happens at one instant

	// As of the map. AttemptsPerRequest is what was sent for each request in
	// the stuck state at the tipping load, and BeforePerRequest what the
	// system without the trigger sends there.
	TippingLoad        *float64 `json:"tipping_load"`
	RecoveryLoad       *float64 `json:"recovery_load"`
	HysteresisLoad     *float64 `json:"hysteresis_load"`
	AttemptsPerRequest *float64 `json:"attempts_per_request"`
	BeforePerRequest   *float64 `json:"before_per_request"`

	Points []MapPoint `json:"points"` // that were simulated, by load
}

// MapPoint is one trigger at one load.
type MapPoint struct {
	Load    float64 `json:"load"`
	State   string  `json:"state"`
	Stuck   int     `json:"stuck"`   // in so many replications
	Goodput float64 `json:"goodput"` // ok answers per request offered, in the last part of the window
}

// What a system is like in the last part of the window.
const (
	MapBack       = "back"       // as it would be without the trigger
	MapMending    = "mending"    // not yet, but what has piled up is becoming less
	MapStuck      = "stuck"      // not, and it is not getting better
	MapOverloaded = "overloaded" // it does not bear this load even without the trigger
)

// StateAt is what the system is like at the load of a number: a trigger tips
// it at all loads from the tipping load on.
func (m *DrillMap) StateAt(t *TriggerRow, load float64) string {
	switch {
	case m.LimitLoad == nil || load > *m.LimitLoad:
		return MapOverloaded
	case t.TippingLoad != nil && load >= *t.TippingLoad:
		return MapStuck
	}
	for _, p := range t.Points {
		if p.Load == load && p.State == MapMending {
			return MapMending
		}
	}
	return MapBack
}
