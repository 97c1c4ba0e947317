package estimate

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/topologies"
)

func BenchmarkWebShop(b *testing.B) {
	file, _ := topologies.Load(folder{}, "../../topologies/web-shop.toml", topologies.Options{})
	require.NotNil(b, file)
	spec, _ := file.Spec("")
	require.NotNil(b, spec)
	for b.Loop() {
		Of(spec)
	}
}

// fifty is a chain of fifty servers with workers, each of which also calls the
// last one.
func fifty() string {
	var s strings.Builder
	s.WriteString("[client.users]\ntarget = \"s0\"\narrivals = \"poisson 100/s\"\n")
	for i := range 50 {
		call := fmt.Sprintf(", { call = \"s%d\" }, { call = \"s49\" }", i+1)
		if i > 47 {
			call = ""
		}
		fmt.Fprintf(&s, "[server.s%d]\ncores = 8\ninstances = 4\nconcurrency = 64\non.request = [{ cpu = \"lognormal mean=2ms cv=1.5\" }%s]\n", i, call)
	}
	return s.String()
}

func BenchmarkFiftyNodes(b *testing.B) {
	spec := specOf(b, fifty())
	for b.Loop() {
		Of(spec)
	}
}
