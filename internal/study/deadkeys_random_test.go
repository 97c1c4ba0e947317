package study

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// breakdownCases are of faults that come by chance, fifty times a run.
func breakdownCases() []keyCase {
	const often = "kill = \"app\"\nmttf = \"2s\"\nmttr = \"500ms\""
	each := func(a keyAnswer) float64 { return *a.Faults[0].Random.DownS.Mean }
	return []keyCase{
		{key: "fault.mttf", base: looksAfter("", often), old: `mttf = "2s"`, new: `mttf = "8s"`,
			effect: func(t *testing.T, before, after keyAnswer) {
				assert.InDelta(t, 0.2, *before.Faults[0].Random.DownRatio.Mean, 0.03)
				assert.InDelta(t, 0.5/8.5, *after.Faults[0].Random.DownRatio.Mean, 0.02)
				assert.Less(t, *after.Clients["users"].ErrorRatio.Mean, 0.5**before.Clients["users"].ErrorRatio.Mean)
			}},
		{key: "fault.mttr", base: looksAfter("", often), old: `mttr = "500ms"`, new: `mttr = "50ms"`,
			effect: func(t *testing.T, before, after keyAnswer) {
				assert.InDelta(t, 0.5, each(before), 0.1)
				assert.InDelta(t, 0.05, each(after), 0.01)
			}},
		{key: "fault.crews", base: looksAfter("", often), old: `mttr = "500ms"`, new: "mttr = \"500ms\"\ncrews = 1",
			effect: func(t *testing.T, before, after keyAnswer) {
				assert.Greater(t, each(after), 1.2*each(before), "they wait for the crew")
			}},
	}
}

// What is left out of a fault that comes by chance is what the manual says.
func TestWhatIsLeftOutOfRandomFaultsIsAsDocumented(t *testing.T) {
	answers := map[string]keyAnswer{}
	ask := func(lines string) keyAnswer {
		a := answerTo(t, answers, looksAfter("", "kill = \"app\"\nmttf = \"2s\"\nmttr = \"500ms\"\n"+lines)+keyRun, "")
		require.Len(t, a.Faults, 1)
		return a
	}
	plain := ask("")
	assert.Equal(t, plain.Fingerprint, ask(`at = "0s"`).Fingerprint)
	assert.Equal(t, plain.Fingerprint, ask(`crews = 4`).Fingerprint, "of four instances")
	assert.Equal(t, plain.Fingerprint, ask(`silent = false`).Fingerprint)
	late := ask(`at = "5s"`)
	assert.Less(t, *late.Faults[0].Random.Occurrences.Mean, 0.7**plain.Faults[0].Random.Occurrences.Mean)
}
