package estimate

// visitsOf is how often a request of a client comes to each node, all of its
// operations together.
func (m *model) visitsOf(client int) []float64 {
	rows := m.flow.Visits(client)
	out := make([]float64, len(m.places))
	for i := range m.places {
		for k := range m.places[i].work {
			out[i] += rows[m.flow.Row(i, k)]
		}
	}
	return out
}
