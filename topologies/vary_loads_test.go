package topologies

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/kind"
)

func TestLoadsOfAFlagAreNumbersAndRanges(t *testing.T) {
	for text, want := range map[string][]float64{
		"1":                  {1},
		"0.25..1 step 0.25":  {0.25, 0.5, 0.75, 1},
		"2, 0.5,1 ,2":        {0.5, 1, 2},
		"1..3,1.5":           {1, 1.5, 2, 3},
		"1..8 x2":            {1, 2, 4, 8},
		"0.1..0.3 step 0.1 ": {0.1, 0.2, 0.3},
	} {
		report := &kind.Report{}
		assert.Equal(t, want, ParseLoads("--loads", text, 3, report), text)
		assert.Empty(t, report.Diagnostics(), text)
	}
}

func TestLoadsThatAreNoneAreRefusedWithAHint(t *testing.T) {
	for text, message := range map[string]string{
		"":                  `expected loads above 0 and at most 1000, got ""`,
		"much":              `expected loads above 0 and at most 1000, got "much"`,
		"0":                 `expected loads above 0 and at most 1000, got "0"`,
		"-1":                `expected loads above 0 and at most 1000, got "-1"`,
		"nan":               `expected loads above 0 and at most 1000, got "nan"`,
		"1e9":               `expected loads above 0 and at most 1000, got "1e9"`,
		"1,,2":              `expected loads above 0 and at most 1000, got ""`,
		"1s..3s":            `expected loads above 0 and at most 1000, got "1s..3s"`,
		"0.5..2":            `a range between numbers with a point needs a step, got "0.5..2"`,
		"2..1 step 1":       `leads away from its end: "2..1 step 1"`,
		"0.01..9 step 0.01": "more than 64 loads",
	} {
		report := &kind.Report{}
		assert.Nil(t, ParseLoads("--loads", text, 3, report), text)
		require.Len(t, report.Diagnostics(), 1, text)
		d := report.Diagnostics()[0]
		assert.Equal(t, message, d.Message, text)
		assert.Equal(t, 3, d.Pos.Col)
		assert.NotEmpty(t, d.Hint, text)
	}
}

func lossNames(t *testing.T, text string) []string {
	t.Helper()
	f, report := Load(memory{"a.toml": text}, "a.toml", Options{})
	require.NotNil(t, f, report.Diagnostics())
	d, report := f.Losses("")
	require.NotNil(t, d.Spec, report.Diagnostics())
	var names []string
	for i := range d.Spec.Faults {
		names = append(names, d.Spec.Faults[i].String()+d.AnyOf[d.Spec.Faults[i].String()])
	}
	return names
}

// One instance of those that are alike, the only one of a node, each zone; not
// a node with all its instances, nor what somebody else runs. The faults of the
// file are not among them.
func TestLossesAreSingleInstancesAndZones(t *testing.T) {
	const text = `
client.users = { target = "app", arrivals = "poisson 1/s" }
server.app = { instances = 3, on.request = [{ call = "db.get" }, { call = "pay.charge" }] }
server.db = { on.get = [{ cpu = "1ms" }] }
external.pay = { latency = "1ms" }
[[fault]]
slow = "db"
at = "1s"
for = "1s"
factor = 2
`
	assert.Equal(t, []string{"kill app[0]any of 3", "kill db"}, lossNames(t, text))
	zones := `zones = ["a", "b"]
client.users = { target = "app", arrivals = "poisson 1/s" }
server.app = { instances = 2, zones = ["a", "b"], on.request = [{ cpu = "1ms" }] }
`
	assert.ElementsMatch(t, []string{"kill app[0]", "kill app[1]", "kill zone:a", "kill zone:b"}, lossNames(t, zones))
}

// A file in which nothing of one's own can be lost has no losses, and that is
// no error.
func TestNothingToLose(t *testing.T) {
	assert.Empty(t, lossNames(t, "client.users = { target = \"pay\", arrivals = \"poisson 1/s\" }\nexternal.pay = { latency = \"1ms\" }\n"))
}
