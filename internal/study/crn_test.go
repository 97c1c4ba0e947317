package study

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"testing"

	"github.com/capsim/capsim/topologies"
	"github.com/capsim/capsim/models/node"
)

func TestCRNMeasure(t *testing.T) {
	n, _ := strconv.Atoi(os.Getenv("CRN_N"))
	dur := os.Getenv("CRN_D")
	var fs []*figures
	for _, inst := range []string{"4", "5"} {
		b, _ := os.ReadFile(env("CRN_F", "../../topologies/web-shop.toml"))
		l, rep := topologies.Load(inMemory(string(b)), "web-shop.toml", topologies.Options{Load: 1.2, Set: []topologies.Setting{{Text: "server.app.instances=" + inst}, {Text: "run.duration=\"" + dur + "\""}}})
		if l == nil {
			t.Fatal(rep)
		}
		spec, rep := l.Spec("")
		if spec == nil {
			t.Fatal(rep)
		}
		spec.Run.Replications = n
		spec.Run.Warmup = 20e9
		_ = node.None
		f := newFigures(spec)
		if err := f.replicate(n, Options{}, &ticker{}); err != nil {
			t.Fatal(err)
		}
		fs = append(fs, f)
	}
	for _, fig := range compared {
		if fig.kind != node.Client && fig.metric != "cpu.utilization" {
			continue
		}
		for i := range fs[0].spec.Nodes {
			nd := &fs[0].spec.Nodes[i]
			if nd.Kind != fig.kind {
				continue
			}
			a, b := fig.of(fs[0], i).values(), fig.of(fs[1], i).values()
			ma, mb, va, vb, cov := 0.0, 0.0, 0.0, 0.0, 0.0
			for k := range a {
				ma += a[k] / float64(n)
				mb += b[k] / float64(n)
			}
			for k := range a {
				va += (a[k] - ma) * (a[k] - ma) / float64(n-1)
				vb += (b[k] - mb) * (b[k] - mb) / float64(n-1)
				cov += (a[k] - ma) * (b[k] - mb) / float64(n-1)
			}
			fmt.Printf("%s %s: %g %g var %g %g sdratio %.3f corr %.3f factor %.2f best %.2f\n", nd.Name, fig.metric, ma, mb, va, vb, math.Sqrt(va/vb), cov/math.Sqrt(va*vb), (va+vb)/(va+vb-2*cov), (va+vb)/(va+vb-2*math.Sqrt(va*vb)))
		}
	}
}

func env(k, d string) string {
	if v := os.Getenv(k); v != "" {
		return v
	}
	return d
}
