package theory

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// Oracle table A1.4. The rows for a=5 c=5, a=10 c=10 and a=100 c=100 are also
// the classical Erlang B tables: .2849, .2146, .0757.
func TestErlangBAgreesWithTheTable(t *testing.T) {
	for _, row := range []struct {
		load              float64
		servers           int
		blocking, carried float64
	}{
		{1, 1, 0.5, 0.5},
		{2, 3, 0.21052632, 1.5789474},
		{5, 5, 0.28486782, 3.5756609},
		{5, 10, 0.01838457, 4.9080771},
		{10, 10, 0.21458234, 7.8541766},
		{12, 15, 0.085729249, 10.971249},
		{20, 30, 0.0084574983, 19.83085},
		{100, 100, 0.075700453, 92.429955},
		{100, 120, 0.0056900546, 99.430995},
	} {
		assertTable(t, "B", row.blocking, ErlangB(row.servers, row.load))
		loss := MGcc{Lambda: row.load * 10, Mean: 0.1, C: row.servers}
		assertTable(t, "blocking", row.blocking, loss.BlockingProbability())
		assertTable(t, "carried load", row.carried, loss.NumberMean())
		assertTable(t, "throughput", row.carried*10, loss.Throughput())
		assertTable(t, "utilisation", row.carried/float64(row.servers), loss.Utilisation())
	}
}

// References computed with 50 digits (mpmath).
func TestErlangFormulasHoldForVeryManyServers(t *testing.T) {
	assertWithin(t, "B(10000, 9950)", 0.00507008408548, ErlangB(10000, 9950), 1e-10)
	assertWithin(t, "B(1e6, 1e6)", 0.000797460306856, ErlangB(1e6, 1e6), 1e-10)
	assertWithin(t, "B(200, 20)", 4.19972501134e-124, ErlangB(200, 20), 1e-10)
	assertWithin(t, "C(1000, 999)", 0.961239260408, ErlangC(1000, 999), 1e-10)
	assertWithin(t, "C(10, 9.999999)", 0.999999633978, ErlangC(10, 9.999999), 1e-10)
	assert.Zero(t, ErlangC(InfiniteServers, 1000))
}

func TestErlangFormulasAtTheirLimits(t *testing.T) {
	assert.Equal(t, 1.0, ErlangB(0, 3))
	assert.Equal(t, 0.0, ErlangB(3, 0))
	assert.Equal(t, 1.0, ErlangC(3, 3))
	assert.Equal(t, 1.0, ErlangC(3, 30))
	assert.Equal(t, 0.0, ErlangC(3, 0))
	assertWithin(t, "one server waits as it is busy", 0.7, ErlangC(1, 0.7), 1e-15)
}

// Headroom that keeps the probability of waiting at 0.3, as printed in the
// Netflix engineers' account of server headroom.
func TestHeadroomShrinksWithTheNumberOfServers(t *testing.T) {
	for _, row := range []struct {
		servers  int
		headroom float64
	}{
		{1, 0.700}, {2, 0.531}, {4, 0.390}, {8, 0.282}, {16, 0.202}, {32, 0.144}, {64, 0.102},
	} {
		rho := ErlangCUtilisation(row.servers, 0.3)
		assertPrinted(t, "headroom", row.headroom, 1-rho, 3)
		assertWithin(t, "C", 0.3, ErlangC(row.servers, float64(row.servers)*rho), 1e-12)
	}
}
