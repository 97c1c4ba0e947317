package evict_test

import (
	"fmt"

	"github.com/capsim/capsim/models/evict"
	"github.com/capsim/capsim/sim"
)

// Two objects fit. Of three, the one that has not been used for longest goes.
func Example() {
	choice, known, err := evict.Parse("lru")
	if !known || err != nil {
		panic("unreachable")
	}
	cache := choice.New(2, sim.Keyed(1))
	cache.Put(10, 1, 0, sim.Never)
	cache.Put(20, 1, 0, sim.Never)
	cache.Get(10, 0)
	fmt.Println(cache.Put(30, 1, 0, sim.Never), "had to go")
	fmt.Println(cache.Get(10, 0) == evict.Hit, cache.Get(20, 0) == evict.Hit, cache.Get(30, 0) == evict.Hit)
	// Output:
	// 1 had to go
	// true false true
}
