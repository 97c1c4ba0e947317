package stats_test

import (
	"fmt"

	"github.com/capsim/capsim/sim/stats"
)

func Example() {
	var latencies stats.Histogram
	for ms := range int64(2000) {
		latencies.Record(ms * 1_000_000)
	}
	p99, _ := latencies.Quantile(0.99)
	fmt.Printf("p99 %.2f s, %d samples beyond, %d needed\n", p99/1e9, latencies.Beyond(0.99), stats.MinSamples(0.99))

	mean, half, _ := stats.Interval([]float64{4.1, 3.9, 4.0, 4.2})
	fmt.Printf("%.2f ± %.2f over 4 replications\n", mean, half)
	// Output:
	// p99 1.98 s, 20 samples beyond, 1000 needed
	// 4.05 ± 0.21 over 4 replications
}
