package portable_test

import (
	"fmt"

	"github.com/capsim/capsim/sim/portable"
)

func Example() {
	fmt.Println(portable.Pow(2, 10))
	fmt.Printf("%.4f\n", portable.NormalQuantile(0.99))
	fmt.Printf("%.4f\n", portable.StudentTQuantile(0.975, 19)) // 20 replications
	// Output:
	// 1024
	// 2.3263
	// 2.0930
}
