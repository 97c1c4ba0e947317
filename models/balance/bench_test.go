package balance

import (
	"fmt"
	"testing"

	"github.com/capsim/capsim/sim"
)

// BenchmarkPolicies sends a request and ends another, at random, with some
// 2.8 of them at each instance.
func BenchmarkPolicies(b *testing.B) {
	for _, row := range Table {
		for _, n := range []int{8, 8000} {
			o := Options{Instances: n}
			if row.Weighted {
				for i := range n {
					o.Weights = append(o.Weights, 1+float64(i%4)/4)
				}
			}
			b.Run(fmt.Sprint(row.Name, "/", n), func(b *testing.B) {
				g := NewGroup(row.Name, o)
				s := sim.Keyed(1)
				var sent []int
				now := sim.Time(0)
				step := func() {
					now += sim.Microsecond
					i := g.Pick(Request{Hash: s.Uint64(), Source: s.Uint64(), Now: now}, Nobody, &s)
					g.Sent(i)
					at := int(s.Below(uint64(len(sent))))
					i, sent[at] = sent[at], i
					g.Answered(i, 10*sim.Millisecond, now)
					g.Done(i)
				}
				for range n * 28 / 10 {
					i := g.Pick(Request{Hash: s.Uint64()}, Nobody, &s)
					g.Sent(i)
					sent = append(sent, i)
				}
				for b.Loop() {
					step()
				}
			})
		}
	}
}
