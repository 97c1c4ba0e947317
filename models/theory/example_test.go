package theory_test

import (
	"fmt"

	"github.com/capsim/capsim/models/theory"
)

// One machine twice as fast answers sooner on average than two machines that
// share a queue; two machines with a queue each are the slowest.
func Example() {
	fast := theory.MM1{Lambda: 80, Mu: 100}
	shared := theory.MMc{Lambda: 80, Mu: 50, C: 2}
	apart := theory.RandomSplit(2, 80, 50)
	fmt.Printf("fast    mean %.1f ms  p99 %.0f ms\n", 1e3*fast.ResponseMean(), 1e3*fast.ResponseQuantile(0.99))
	fmt.Printf("shared  mean %.1f ms  p99 %.0f ms\n", 1e3*shared.ResponseMean(), 1e3*shared.ResponseQuantile(0.99))
	fmt.Printf("apart   mean %.1f ms  p99 %.0f ms\n", 1e3*apart.ResponseMean(), 1e3*apart.ResponseQuantile(0.99))
	// Output:
	// fast    mean 50.0 ms  p99 230 ms
	// shared  mean 55.6 ms  p99 239 ms
	// apart   mean 100.0 ms  p99 461 ms
}
