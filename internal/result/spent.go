package result

import "encoding/json"

// TimeSpent is where time went: a [Spent] by node, and an [Estimate] for
// "backoff" and "network".
type TimeSpent map[string]any

// UnmarshalJSON reads what was written. A node is told from the others by what
// it holds, since it may bear any name.
func (t *TimeSpent) UnmarshalJSON(data []byte) error {
	var places map[string]*spentPlace
	if err := json.Unmarshal(data, &places); err != nil || places == nil {
		*t = nil
		return err
	}
	*t = TimeSpent{}
	for _, name := range sortedNames(places) {
		switch p := places[name]; {
		case p == nil:
			(*t)[name] = Estimate{}
		case p.Wait != nil || p.Service != nil:
			(*t)[name] = Spent{Wait: p.Wait.orNone(), Service: p.Service.orNone()}
		default:
			(*t)[name] = p.Estimate
		}
	}
	return nil
}

// spentPlace is either.
type spentPlace struct {
	Estimate
	Wait    *Estimate `json:"wait"`
	Service *Estimate `json:"service"`
}

func (e *Estimate) orNone() Estimate {
	if e == nil {
		return Estimate{}
	}
	return *e
}
