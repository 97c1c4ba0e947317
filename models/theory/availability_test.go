package theory

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Oracle table A8, whose availabilities are printed to eight decimals.
func TestAvailabilityAgreesWithTheTable(t *testing.T) {
	for _, row := range []struct {
		unit                                               Unit
		a, u, oneOf2, oneOf3, twoOf3, threeOf5, all3, pair float64
	}{
		{Unit{1000, 1}, 0.999001, 0.000999001, 0.999999, 1, 0.99999701, 0.99999999, 0.99700599, 501500},
		{Unit{720, 2}, 0.99722992, 0.0027700831, 0.99999233, 0.99999998, 0.99997702, 0.99999979, 0.99171275, 130680},
		{Unit{500, 0.5}, 0.999001, 0.000999001, 0.999999, 1, 0.99999701, 0.99999999, 0.99700599, 250750},
		{Unit{100, 10}, 0.90909091, 0.090909091, 0.99173554, 0.99924869, 0.97670924, 0.99347412, 0.7513148, 650},
	} {
		assertPrinted(t, "A", row.a, row.unit.Availability(), 8)
		assertTable(t, "1-A", row.u, row.unit.Unavailability())
		assertPrinted(t, "1 of 2", row.oneOf2, 1-row.unit.FewerUp(1, 2), 8)
		assertPrinted(t, "1 of 3", row.oneOf3, 1-row.unit.FewerUp(1, 3), 8)
		assertPrinted(t, "2 of 3", row.twoOf3, 1-row.unit.FewerUp(2, 3), 8)
		assertPrinted(t, "3 of 5", row.threeOf5, 1-row.unit.FewerUp(3, 5), 8)
		assertPrinted(t, "series of 3", row.all3, 1-row.unit.FewerUp(3, 3), 8)
		assertTable(t, "MTTF of a pair", row.pair, row.unit.PairMTTF())
		assertWithin(t, "none of 3", math.Pow(row.unit.Unavailability(), 3), row.unit.FewerUp(1, 3), 1e-14)
		assertWithin(t, "all", 1, row.unit.FewerUp(4, 3), 1e-14)
		assert.Zero(t, row.unit.FewerUp(0, 3))
	}
	assertTable(t, "deviation", 4.4654361e-05, Unit{1000, 1}.UnavailabilityDeviation(1e6))
}

func TestCrewsAgreeWithTheTable(t *testing.T) {
	for _, row := range []struct {
		shop   MachineRepair
		k      int
		up, of float64
	}{
		{MachineRepair{3, 100, 10, 1}, 2, 0.95168375, 2.6793558},
		{MachineRepair{3, 100, 10, 3}, 2, 0.97670924, 2.7272727},
		{MachineRepair{5, 200, 20, 1}, 3, 0.9587187, 4.3604782},
		{MachineRepair{5, 200, 20, 2}, 3, 0.98974684, 4.5352056},
		{MachineRepair{10, 1000, 24, 1}, 8, 0.99087386, 9.7072826},
	} {
		assertPrinted(t, "at least k up", row.up, 1-row.shop.FewerUp(row.k), 8)
		assertTable(t, "mean number up", row.of, row.shop.UpFraction()*float64(row.shop.Machines))
	}
	// A crew for each machine is n units by themselves.
	assertWithin(t, "as many crews as machines", Unit{100, 10}.FewerUp(2, 3), MachineRepair{3, 100, 10, 3}.FewerUp(2), 1e-12)
}

func TestDetectionAgreesWithTheTable(t *testing.T) {
	for _, row := range []struct {
		period, timeout   float64
		failures          int
		mean, least, most float64
	}{
		{10, 2, 3, 27, 22, 32}, {5, 1, 2, 8.5, 6, 11}, {30, 5, 1, 20, 5, 35},
	} {
		d := HealthCheck(row.period, row.timeout, row.failures)
		assert.Equal(t, Detection{row.least, row.most}, d)
		assert.InDelta(t, row.mean, d.Mean(), 1e-12)
	}
	for _, row := range []struct {
		unit                Unit
		check               Detection
		exposure, ratio, no float64
	}{
		{Unit{3600, 120}, HealthCheck(10, 2, 3), 24.150325, 0.0064920229, 0.032258065},
		{Unit{86400, 600}, HealthCheck(5, 1, 2), 8.4383633, 9.6992681e-05, 0.0068965517},
		{Unit{1000, 60}, HealthCheck(10, 0, 1), 4.733421, 0.0044654915, 0.056603774},
	} {
		assertTable(t, "exposure", row.exposure, row.check.ExposureMean(row.unit.MTTR))
		assertTable(t, "errors", row.ratio, row.unit.ErrorRatio(row.check))
		assertTable(t, "errors without a check", row.no, row.unit.Unavailability())
	}
}

// Against sums over a fine grid of detections.
func TestNoticedFailuresAreSummed(t *testing.T) {
	for _, d := range []Detection{{22, 32}, {0, 10}, {6, 6.5}} {
		for _, repair := range []float64{3, 60, 4000} {
			const n = 200_000
			noticed, mean, exposure := 0.0, 0.0, 0.0
			for i := range n {
				x := d.Least + (d.Most-d.Least)*(float64(i)+0.5)/n
				p := math.Exp(-x / repair)
				noticed += p / n
				mean += x * p / n
				exposure += repair * (1 - p) / n
			}
			assertWithin(t, "noticed", noticed, d.Noticed(repair), 1e-8)
			assertWithin(t, "mean of those noticed", mean/noticed, d.NoticedMean(repair), 1e-8)
			assertWithin(t, "exposure", exposure, d.ExposureMean(repair), 1e-7)
		}
	}
}

func TestAvailabilityRefusesNonsense(t *testing.T) {
	assert.Panics(t, func() { Unit{0, 1}.Availability() })
	assert.Panics(t, func() { Unit{1, 1}.FewerUp(1, 0) })
	assert.Panics(t, func() { HealthCheck(10, 2, 0) })
	assert.Panics(t, func() { Detection{2, 2}.ExposureMean(5) })
}
