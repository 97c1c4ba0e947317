package theory

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Bolch et al., ex. 34.1 as numbered in GNU Octave's queueing package
// (qnos.m), and Lazowska et al., Quantitative System Performance, p. 113.
func TestOperationalLawsAgreeWithTextbooks(t *testing.T) {
	const throughput = 3
	v, s := []float64{16, 7, 8}, []float64{0.01, 0.02, 0.03}
	for i, want := range []struct {
		utilisation, response float64
		decimals              int
	}{{0.48, 0.0192, 4}, {0.42, 0.0345, 4}, {0.72, 0.107, 3}} {
		rate := ForcedFlow(throughput, v[i])
		assertPrinted(t, "U", want.utilisation, Utilisation(rate, s[i], 1), 12)
		assertPrinted(t, "R", want.response, MM1{rate, 1 / s[i]}.ResponseMean(), want.decimals)
	}
	rate := ForcedFlow(0.3, 121)
	assertPrinted(t, "Lazowska X1", 36.3, rate, 1)
	assertPrinted(t, "Lazowska U1", 0.182, Utilisation(rate, 0.005, 1), 3)
	assertPrinted(t, "Lazowska Q1", 0.222, MM1{rate, 200}.NumberMean(), 3)
}

// Gunther's PDQ demonstration passport.R: four windows, 15 applicants an hour,
// each window M/M/1 with the demand of all its visits.
func TestOperationalLawsAgreeWithThePassportOffice(t *testing.T) {
	const arrivals = 15.0 / 3600
	v3 := (0.7 + 0.2*0.3) / (1 - 0.2*0.1)
	v2 := 0.3 + 0.1*v3
	visits, services := []float64{1, v2, v3, 1}, []float64{20, 600, 300, 60}
	responses := make([]float64, 4)
	for i, want := range []float64{0.083333, 0.943878, 0.969388, 0.25} {
		rate := ForcedFlow(arrivals, visits[i])
		assertPrinted(t, "U", want, Utilisation(rate, services[i], 1), 6)
		assertWithin(t, "U = X D", Utilisation(rate, services[i], 1), arrivals*Demand(visits[i], services[i]), 1e-14)
		responses[i] = MM1{rate, 1 / services[i]}.ResponseMean()
	}
	assertPrinted(t, "R", 11738.18, ResponseLaw(visits, responses), 2)
}

func TestLittleOfNoArrivalsIsNobody(t *testing.T) {
	assert.Equal(t, 6.0, Little(3, 2))
	assert.Zero(t, Little(0, math.Inf(1)))
	assert.Zero(t, ResponseLaw([]float64{0}, []float64{math.Inf(1)}))
}

// Jain's ex. 34.2: 20 users who think 4 s at 0.3332465 requests a second wait
// for the three stations that they visit 16, 10 and 5 times.
func TestInteractiveResponseLaw(t *testing.T) {
	stations := ResponseLaw([]float64{16, 10, 5}, []float64{0.373, 4.854, 0.300})
	assert.InDelta(t, stations, InteractiveResponse(20, 0.3332465, 4), 0.01)
	assert.Equal(t, 2.0, InteractiveResponse(10, 2, 3))
}

func TestBottleneckIsTheLargestDemandPerServer(t *testing.T) {
	index, limit := Bottleneck([]float64{1, 0.2, 0.9}, []int{8, 1, 4})
	assert.Equal(t, 2, index)
	assertWithin(t, "limit", 4/0.9, limit, 1e-14)
	_, limit = Bottleneck([]float64{0}, []int{1})
	assert.Equal(t, math.Inf(1), limit)
}
