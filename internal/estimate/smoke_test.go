package estimate

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/capsim/capsim/models/node"
	"github.com/capsim/capsim/topologies"
)

type diskF struct{}

func (diskF) Open(n string) (io.ReadCloser, error) { return os.Open(n) }
func (diskF) List(string) []string                 { return nil }

type memF string

func (m memF) Open(string) (io.ReadCloser, error) {
	return io.NopCloser(strings.NewReader(string(m))), nil
}
func (memF) List(string) []string { return nil }

func specT(tb testing.TB, text string) *node.Spec {
	f, _ := topologies.Load(memF(text), "x.toml", topologies.Options{})
	s, r := f.Spec("")
	if s == nil {
		r.WriteText(os.Stdout, "")
		tb.Fatal("bad")
	}
	return s
}

func show(name string, s *node.Spec) {
	e := Of(s)
	fmt.Printf("== %s\n", name)
	for _, c := range e.Clients {
		fmt.Printf("  client %s %.5g/s ok %.5g err %.3g lat %+v\n", s.Nodes[c.Node].Name, c.Offered, c.Throughput, c.ErrorRatio, c.Latency)
	}
	for _, n := range e.Nodes {
		fmt.Printf("  %s %.4g/s u=%.4g R=%+v hit=%.3g", s.Nodes[n.Node].Name, n.Arrivals, n.Utilization, n.Response, n.HitRatio)
		for _, r := range n.Resources {
			fmt.Printf(" %s:%.3g/%.3g w=%.3g", r.Name, r.Utilization, r.Hottest, r.Wait)
		}
		fmt.Println()
	}
	fmt.Printf("  %+v\n", e.Bottleneck)
}

func TestSmoke(t *testing.T) {
	names, _ := filepath.Glob("../../topologies/*.toml")
	for _, name := range names {
		f, _ := topologies.Load(diskF{}, name, topologies.Options{})
		for _, d := range append([]string{""}, f.Designs()...) {
			s, _ := f.Spec(d)
			if s == nil {
				fmt.Println(name, d, "nil")
				continue
			}
			show(filepath.Base(name)+" "+d, s)
		}
	}
	show("jackson", specT(t, `[client.u]
target = "a"
arrivals = "poisson 4/s"
[server.a]
on.request=[{cpu="exp 50ms"},{call="b"},{call="c"}]
[server.b]
cores=2
on.request=[{cpu="exp 100ms"}]
[server.c]
on.request=[{cpu="exp 150ms"}]
`))
	show("closed", specT(t, `[client.u]
target = "web"
users = 20
think = "exp 4s"
[server.web]
on.request=[{repeat="geometric 16",steps=[{call="a"}]},{repeat="geometric 10",steps=[{call="b"}]},{repeat="geometric 5",steps=[{call="c"}]}]
[server.a]
on.request=[{cpu="exp 125ms"}]
[server.b]
on.request=[{cpu="exp 300ms"}]
[server.c]
on.request=[{cpu="exp 200ms"}]
`))
}

func BenchmarkWebShop(b *testing.B) {
	f, _ := topologies.Load(diskF{}, "../../topologies/web-shop.toml", topologies.Options{})
	s, _ := f.Spec("")
	for b.Loop() {
		Of(s)
	}
}
