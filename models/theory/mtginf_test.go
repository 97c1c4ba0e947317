package theory

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Oracle table A13: rate 10 + 6 sin(2 pi t/24), empty at 0.
func TestMtGInfAgreesWithTheTable(t *testing.T) {
	for _, row := range []struct {
		name    string
		service Latency
		want    [6]float64
	}{
		{"exponential of mean 1", ExponentialLatency(1), [6]float64{12.506349, 15.594, 11.469989, 4.3848558, 8.5299587, 8.5299587}},
		{"exponential of mean 6", ExponentialLatency(6), [6]float64{29.309375, 54.30927, 70.395681, 47.44232, 42.891105, 43.676683}},
		{"Erlang", ErlangLatency(4, 6), [6]float64{35.480373, 68.74726, 80.978693, 42.810674, 38.352446, 38.353733}},
		{"lognormal", LogNormalLatency(6, 1), [6]float64{32.45738, 58.528567, 70.672168, 44.047604, 41.911777, 43.197948}},
		{"constant", ConstantLatency(6), [6]float64{36.712618, 82.918312, 82.918312, 37.081688, 37.081688, 37.081688}},
	} {
		m := MtGInf{Lambda: 10, Amplitude: 6, Period: 24, Service: row.service}
		for i, at := range []float64{3, 6, 12, 18, 24, 48} {
			assertTable(t, row.name, row.want[i], m.NumberMeanFromEmpty(at))
		}
		assertWithin(t, row.name+", long after", m.NumberMeanAt(5), m.NumberMeanFromEmpty(5+24*100), 1e-10)
		// The peak is where the lag says and as high as the amplitude says.
		peak := m.Period/4 + m.Lag()
		assertWithin(t, row.name+", peak", 10*row.service.Mean+m.NumberAmplitude(), m.NumberMeanAt(peak), 1e-12)
	}
}

// Eick, Massey and Whitt (1993), sec. 4: with x = 2 pi E[S]/Period, the
// amplitude of exponential service is cut by sqrt(1+x^2) and lags atan(x);
// that of constant service is cut by sin(x/2)/(x/2) and lags E[S]/2.
func TestMtGInfWavesHaveTheirClosedForm(t *testing.T) {
	for _, mean := range []float64{0.1, 1, 6, 20, 100} {
		x := 2 * math.Pi * mean / 24
		m := MtGInf{Lambda: 10, Amplitude: 6, Period: 24, Service: ExponentialLatency(mean)}
		assertWithin(t, "amplitude", 6*mean/math.Sqrt(1+x*x), m.NumberAmplitude(), 1e-12)
		assertWithin(t, "lag", math.Atan(x)*24/(2*math.Pi), m.Lag(), 1e-12)
		constant := MtGInf{Lambda: 10, Amplitude: 6, Period: 24, Service: ConstantLatency(mean)}
		assertWithin(t, "amplitude, constant", math.Abs(6*mean*math.Sin(x/2)/(x/2)), constant.NumberAmplitude(), 1e-12)
		if mean < 24 { // beyond a whole wave the lag turns over
			assertWithin(t, "lag, constant", mean/2, constant.Lag(), 1e-12)
		}
	}
}

func TestMtGInfAtItsLimits(t *testing.T) {
	flat := MtGInf{Lambda: 10, Period: 24, Service: LogNormalLatency(6, 1)}
	assertWithin(t, "no wave", MGInf{10, 6}.NumberMean(), flat.NumberMeanAt(7), 1e-14)
	assert.Zero(t, flat.NumberMeanFromEmpty(0))
	// Short services follow the rate, late by E[S^2]/(2 E[S]) = E[S](1+cv^2)/2.
	short := MtGInf{Lambda: 10, Amplitude: 6, Period: 24, Service: LogNormalLatency(0.001, 2)}
	assertWithin(t, "short", short.RateAt(5)*0.001, short.NumberMeanAt(5), 1e-3)
	assertWithin(t, "lag", 0.0025, short.Lag(), 1e-4)
	assert.Panics(t, func() { MtGInf{Lambda: 1, Amplitude: 2, Period: 1, Service: flat.Service}.Lag() })
}
