package node

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/kind"
)

// flaws lists what is wrong with a preset: figures of which nobody knows
// where they are from, or which no balancer has.
func flaws(p *Preset) []string {
	var found []string
	address, day := regexp.MustCompile(`^https://[a-z.]+/\S+$`), regexp.MustCompile(`^20\d\d-\d\d-\d\d$`)
	seen := map[string]bool{}
	for _, f := range p.Figures {
		complain := func(what string) { found = append(found, p.Name+": "+f.Key+": "+what) }
		if !address.MatchString(f.Source) {
			complain("no source")
		}
		if !day.MatchString(f.Read) {
			complain("no day on which it was read")
		}
		if f.Says == "" {
			complain("nothing that the source says")
		}
		if seen[f.Key] {
			complain("twice")
		}
		seen[f.Key] = true
		if !hasKey(kind.Describe(BalancerConfig{}), f.Key) {
			complain("a balancer has no such key")
		}
		if f.Within && !strings.Contains(f.Key, ".") {
			complain("is in no table")
		}
	}
	return found
}

// hasKey reports whether a key, or one in a table within, is among some.
func hasKey(fields []kind.Field, key string) bool {
	key, rest, inner := strings.Cut(key, ".")
	i := slices.IndexFunc(fields, func(f kind.Field) bool { return f.Key == key })
	switch {
	case i < 0:
		return false
	case inner:
		return fields[i].Table != nil && hasKey(kind.Describe(fields[i].Table), rest)
	}
	return true
}

// Nothing about a product is made up: each figure says where it is from.
func TestEveryFigureOfAPresetHasASource(t *testing.T) {
	require.NotEmpty(t, Presets)
	names := map[string]bool{}
	for i := range Presets {
		p := &Presets[i]
		assert.Empty(t, flaws(p))
		assert.NotEmpty(t, p.Figures, p.Name)
		assert.NotEmpty(t, p.Doc, p.Name)
		assert.False(t, names[p.Name], p.Name)
		names[p.Name] = true
		again, found := LookUpPreset(p.Name)
		require.True(t, found)
		assert.Same(t, p, again)
	}
	_, found := LookUpPreset("nobody")
	assert.False(t, found)
	for _, want := range []string{"nginx", "haproxy", "traefik", "envoy", "aws:alb", "aws:nlb", "gcp:lb", "azure:lb"} {
		assert.True(t, names[want], want)
	}
}

func TestFiguresWithoutASourceAreFound(t *testing.T) {
	good := Figure{Key: "policy", Value: `"random"`, Says: "so it is", Source: "https://example.org/page", Read: "2026-11-26"}
	assert.Empty(t, flaws(&Preset{Name: "p", Figures: []Figure{good}}))
	for want, spoil := range map[string]func(*Figure){
		"no source":                    func(f *Figure) { f.Source = "" },
		"no day on which it was read":  func(f *Figure) { f.Read = "yesterday" },
		"nothing that the source says": func(f *Figure) { f.Says = "" },
		"a balancer has no such key":   func(f *Figure) { f.Key = "colour" },
		"is in no table":               func(f *Figure) { f.Within = true },
	} {
		bad := good
		spoil(&bad)
		assert.Equal(t, []string{"p: " + bad.Key + ": " + want}, flaws(&Preset{Name: "p", Figures: []Figure{bad}}))
	}
}
