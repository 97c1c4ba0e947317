package theory

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Oracle table A6.2: two branches exactly, more by the approximation.
func TestForkJoinAgreesWithTheTable(t *testing.T) {
	branches := []int{3, 4, 8, 16, 32}
	for _, row := range []struct {
		rho, exact float64
		approx     [5]float64
	}{
		{0.2, 1.84375, [5]float64{2.2236742, 2.5086174, 3.2318304, 3.9873536, 4.759853}},
		{0.5, 2.875, [5]float64{3.3977273, 3.7897727, 4.7848214, 5.824325, 6.8871856}},
		{0.7, 4.7083333, [5]float64{5.4882997, 6.0732744, 7.557996, 9.1090492, 10.694954}},
		{0.8, 7, [5]float64{8.1030303, 8.930303, 11.03, 13.223503, 15.466293}},
		{0.9, 13.875, [5]float64{15.949242, 17.504924, 21.453393, 25.578264, 29.795818}},
	} {
		pair := ForkJoin{Branches: 2, Lambda: row.rho, Mu: 1}
		exact, err := pair.ResponseMean()
		require.NoError(t, err)
		assertTable(t, "two branches", row.exact, exact)
		approx, err := pair.ResponseMeanApprox()
		require.NoError(t, err)
		assertWithin(t, "two branches, approximation", exact, approx, 1e-14)
		for i, n := range branches {
			approx, err := ForkJoin{n, row.rho, 1}.ResponseMeanApprox()
			require.NoError(t, err)
			assertTable(t, "approximation", row.approx[i], approx)
		}
	}
}

func TestForkJoinAtLightLoadIsTheSlowestOfMany(t *testing.T) {
	light, err := ForkJoin{8, 1e-12, 1}.ResponseMeanApprox()
	require.NoError(t, err)
	assertWithin(t, "mean", OrderStatistic{8, 8, 1}.Mean(), light, 1e-10)
	one, err := ForkJoin{1, 0.5, 1}.ResponseMean()
	require.NoError(t, err)
	assert.Equal(t, 2.0, one)
}

func TestForkJoinDeclinesWhatIsNotKnown(t *testing.T) {
	_, err := ForkJoin{3, 0.5, 1}.ResponseMean()
	assert.ErrorContains(t, err, "at most 2 branches, got 3")
	_, err = ForkJoin{33, 0.5, 1}.ResponseMeanApprox()
	assert.ErrorContains(t, err, "at most 32 branches, got 33")
	over, err := ForkJoin{2, 1, 1}.ResponseMean()
	require.NoError(t, err)
	assert.Equal(t, math.Inf(1), over)
}
