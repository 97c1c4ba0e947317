package theory

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Oracle table A4.3.
func TestMachineRepairAgreesWithTheTable(t *testing.T) {
	for _, row := range []struct {
		shop                                              MachineRepair
		throughput, responseMean, number, utilisation, up float64
	}{
		{MachineRepair{10, 10, 1, 1}, 0.78541766, 2.7320794, 2.1458234, 0.78541766, 0.78541766},
		{MachineRepair{20, 20, 1, 1}, 0.84110804, 3.7781582, 3.1778392, 0.84110804, 0.84110804},
		{MachineRepair{30, 10, 1, 3}, 2.5392194, 1.8146545, 4.607806, 0.84640647, 0.84640647},
		{MachineRepair{100, 50, 2, 5}, 1.8996397, 2.6415619, 5.0180159, 0.75985587, 0.94981984},
	} {
		assertTable(t, "X", row.throughput, row.shop.Throughput())
		assertTable(t, "R", row.responseMean, row.shop.ResponseMean())
		assertTable(t, "L down", row.number, row.shop.NumberMean())
		assertTable(t, "utilisation", row.utilisation, row.shop.Utilisation())
		assertTable(t, "up", row.up, row.shop.UpFraction())
	}
}

// Tutorial 3 of the LINE solver.
func TestMachineRepairAgreesWithLINE(t *testing.T) {
	shop := MachineRepair{Machines: 3, UpMean: 2, RepairMean: 0.25, Crews: 2}
	assertPrinted(t, "X", 1.33242, shop.Throughput(), 5)
	assertPrinted(t, "R", 0.25154, shop.ResponseMean(), 5)
}

func TestMachineRepairIsAClosedNetworkOfOneStation(t *testing.T) {
	shop := MachineRepair{Machines: 100, UpMean: 50, RepairMean: 2, Crews: 5}
	network, err := ClosedNetwork{50, []ClosedStation{{2, 5}}}.Solve(100)
	require.NoError(t, err)
	assertWithin(t, "X", network.Throughput, shop.Throughput(), 1e-12)
	assertWithin(t, "L", network.Stations[0].NumberMean, shop.NumberMean(), 1e-12)
	sum := 0.0
	for n := range 101 {
		sum += shop.NumberProbability(n)
	}
	assertWithin(t, "law", 1, sum, 1e-13)
}
