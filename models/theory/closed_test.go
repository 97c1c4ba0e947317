package theory

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Oracle table A4.2, by convolution in 40 digits; numbers and utilisations are
// printed there to 6 digits. Bounds of 0 are not in the table.
func TestClosedNetworkAgreesWithTheTable(t *testing.T) {
	type population struct {
		users                                  int
		throughput, responseMean               float64
		utilisations, numbers                  []float64
		throughputMax, responseMin, saturation float64
	}
	for _, row := range []struct {
		name        string
		network     ClosedNetwork
		populations []population
	}{
		{"Z=1, D=0.1 single", ClosedNetwork{1, []ClosedStation{{0.1, 1}}}, []population{
			{1, 0.90909091, 0.1, []float64{0.090909}, []float64{0.0909091}, 0.90909091, 0.1, 11},
			{5, 4.3604782, 0.14666322, []float64{0.436048}, []float64{0.639522}, 4.5454545, 0.1, 11},
			{10, 7.8541766, 0.27320794, []float64{0.785418}, []float64{2.14582}, 9.0909091, 0.1, 11},
			{20, 9.9813095, 1.0037451, []float64{0.998131}, []float64{10.0187}, 10, 1, 11},
			{50, 10, 4, []float64{1.000000}, []float64{40}, 10, 4, 11},
			{100, 10, 9, []float64{1.000000}, []float64{90}, 10, 9, 11},
		}},
		{"Z=5, D=(.05,.08,.06)", ClosedNetwork{5, []ClosedStation{{0.05, 1}, {0.08, 1}, {0.06, 1}}}, []population{
			{1, 0.19267823, 0.19, []float64{0.009634, 0.015414, 0.011561}, []float64{0.00963391, 0.0154143, 0.0115607}, 0.19267823, 0.19, 64.875},
			{5, 0.96153666, 0.20000973, []float64{0.048077, 0.076923, 0.057692}, []float64{0.0499813, 0.0818847, 0.0604507}, 0.96339114, 0.19, 64.875},
			{10, 1.9178819, 0.21408532, []float64{0.095894, 0.153431, 0.115073}, []float64{0.104856, 0.177543, 0.128191}, 1.9267823, 0.19, 64.875},
			{20, 3.8102456, 0.24900553, []float64{0.190512, 0.304820, 0.228615}, []float64{0.232077, 0.425718, 0.290978}, 3.8535645, 0.19, 64.875},
			{50, 9.1314888, 0.47555839, []float64{0.456574, 0.730519, 0.547889}, []float64{0.818535, 2.36405, 1.15997}, 9.6339114, 0.19, 64.875},
			{100, 12.497795, 3.0014113, []float64{0.624890, 0.999824, 0.749868}, []float64{1.66517, 32.854, 2.9919}, 12.5, 3, 64.875},
		}},
		{"balanced: Z=0, 4 x D=0.1", ClosedNetwork{0, []ClosedStation{{0.1, 1}, {0.1, 1}, {0.1, 1}, {0.1, 1}}}, []population{
			{1, 2.5, 0.4, []float64{0.250000, 0.250000, 0.250000, 0.250000}, []float64{0.25, 0.25, 0.25, 0.25}, 2.5, 0.4, 4},
			{5, 6.25, 0.8, []float64{0.625000, 0.625000, 0.625000, 0.625000}, []float64{1.25, 1.25, 1.25, 1.25}, 10, 0.5, 4},
			{10, 7.6923077, 1.3, []float64{0.769231, 0.769231, 0.769231, 0.769231}, []float64{2.5, 2.5, 2.5, 2.5}, 10, 1, 4},
			{20, 8.6956522, 2.3, []float64{0.869565, 0.869565, 0.869565, 0.869565}, []float64{5, 5, 5, 5}, 10, 2, 4},
			{50, 9.4339623, 5.3, []float64{0.943396, 0.943396, 0.943396, 0.943396}, []float64{12.5, 12.5, 12.5, 12.5}, 10, 5, 4},
			{100, 9.7087379, 10.3, []float64{0.970874, 0.970874, 0.970874, 0.970874}, []float64{25, 25, 25, 25}, 10, 10, 4},
		}},
		{"Z=2, web D=0.2 c=4, db D=0.05", ClosedNetwork{2, []ClosedStation{{0.2, 4}, {0.05, 1}}}, []population{
			{1, 0.44444444, 0.25, []float64{0.022222, 0.022222}, []float64{0.0888889, 0.0222222}, 0, 0, 0},
			{5, 2.2175411, 0.25474965, []float64{0.110877, 0.110877}, []float64{0.443515, 0.121403}, 0, 0, 0},
			{10, 4.4201985, 0.26234182, []float64{0.221010, 0.221010}, []float64{0.885421, 0.274182}, 0, 0, 0},
			{20, 8.7326152, 0.29026466, []float64{0.436631, 0.436631}, []float64{1.80471, 0.73006}, 0, 0, 0},
			{50, 18.075191, 0.76622244, []float64{0.903760, 0.903760}, []float64{7.77347, 6.07615}, 0, 0, 0},
			{100, 19.662269, 3.085883, []float64{0.983113, 0.983113}, []float64{31.2211, 29.4544}, 0, 0, 0},
		}},
		{"Z=10, app D=1 c=8, db D=0.2 c=2", ClosedNetwork{10, []ClosedStation{{1, 8}, {0.2, 2}}}, []population{
			{1, 0.089285714, 1.2, []float64{0.011161, 0.008929}, []float64{0.0892857, 0.0178571}, 0, 0, 0},
			{5, 0.44642094, 1.2001914, []float64{0.055803, 0.044642}, []float64{0.446421, 0.0893696}, 0, 0, 0},
			{10, 0.89276534, 1.2011517, []float64{0.111596, 0.089277}, []float64{0.892765, 0.179581}, 0, 0, 0},
			{20, 1.784824, 1.2055864, []float64{0.223103, 0.178482}, []float64{1.78486, 0.366903}, 0, 0, 0},
			{50, 4.4394348, 1.262695, []float64{0.554929, 0.443943}, []float64{4.51965, 1.086}, 0, 0, 0},
			{100, 7.8109282, 2.8025757, []float64{0.976366, 0.781093}, []float64{18.0908, 3.79989}, 0, 0, 0},
		}},
	} {
		for _, want := range row.populations {
			got, err := row.network.Solve(want.users)
			require.NoError(t, err, row.name)
			assertTable(t, row.name+" X", want.throughput, got.Throughput)
			assertTable(t, row.name+" R", want.responseMean, got.ResponseMean)
			for i, station := range got.Stations {
				assert.InDelta(t, want.utilisations[i], station.Utilisation, 5.1e-7, row.name)
				assertWithin(t, row.name+" L", want.numbers[i], station.NumberMean, 5.1e-6)
			}
			if want.throughputMax > 0 {
				bounds := row.network.Bounds(want.users)
				assertTable(t, row.name+" X max", want.throughputMax, bounds.ThroughputMax)
				assertTable(t, row.name+" R min", want.responseMin, bounds.ResponseMin)
				assertTable(t, row.name+" N*", want.saturation, bounds.Saturation)
			}
		}
	}
}

// visits builds stations from visit counts and service times, with the servers
// given or else one each.
func visits(visits, services []float64, servers ...int) []ClosedStation {
	stations := make([]ClosedStation, len(visits))
	for i := range stations {
		stations[i] = ClosedStation{Demand: Demand(visits[i], services[i]), Servers: 1}
		if servers != nil {
			stations[i].Servers = servers[i]
		}
	}
	return stations
}

// Jain, The Art of Computer Systems Performance Analysis, ex. 34.2 (response
// times per visit); Bolch et al., ex. 8.3 (residence per visit) and 8.4. All
// are regression tests of GNU Octave's queueing package.
func TestClosedNetworkAgreesWithTextbooks(t *testing.T) {
	v := []float64{16, 10, 5}
	jain, err := ClosedNetwork{4, visits(v, []float64{0.125, 0.3, 0.2})}.Solve(20)
	require.NoError(t, err)
	assertPrinted(t, "Jain X", 0.3332465, jain.Throughput, 7)
	for i, want := range []float64{0.373, 4.854, 0.300} {
		assertPrinted(t, "Jain R", want, jain.Stations[i].ResponseMean/v[i], 3)
	}
	for i, want := range []float64{1.991, 16.177, 0.500} {
		assertPrinted(t, "Jain Q", want, jain.Stations[i].NumberMean, 3)
	}

	v = []float64{1, 0.4, 0.2, 0.1}
	bolch3, err := ClosedNetwork{0, visits(v, []float64{0.02, 0.2, 0.4, 0.6})}.Solve(6)
	require.NoError(t, err)
	assert.InDelta(t, 9.920, bolch3.Throughput, 1e-3)
	for i, want := range []float64{0.198, 0.794, 0.794, 0.595} {
		assert.InDelta(t, want, bolch3.Stations[i].Utilisation, 1e-3)
	}
	for i, want := range []float64{0.025, 0.570, 1.140, 1.244} {
		assert.InDelta(t, want, bolch3.Stations[i].ResponseMean/v[i], 1e-3)
	}
	for i, want := range []float64{0.244, 2.261, 2.261, 1.234} {
		assert.InDelta(t, want, bolch3.Stations[i].NumberMean, 1e-3)
	}

	v = []float64{1, 0.5, 0.5, 1}
	bolch4, err := ClosedNetwork{0, visits(v, []float64{0.5, 0.6, 0.8, 1}, 2, 1, 1, InfiniteServers)}.Solve(3)
	require.NoError(t, err)
	for i, want := range []float64{0.624, 0.473, 0.686, 1.217} {
		assert.InDelta(t, want, bolch4.Stations[i].NumberMean, 1e-3)
	}
	for i, want := range []float64{1.218, 0.609, 0.609, 1.218} {
		assert.InDelta(t, want, ForcedFlow(bolch4.Throughput, v[i]), 1e-3)
	}
	assert.Zero(t, bolch4.Stations[3].Utilisation)
}

// The example of qncsaba.m in GNU Octave's queueing package.
func TestClosedNetworkBoundsAgreeWithOctaveQueueing(t *testing.T) {
	bounds := ClosedNetwork{120, []ClosedStation{{9.2, 1}, {8, 1}}}.Bounds(20)
	assertPrinted(t, "X max", 0.109, bounds.ThroughputMax, 3)
	assertPrinted(t, "R min", 64, bounds.ResponseMin, 9)
	delay := ClosedNetwork{20, []ClosedStation{{9.2, 1}, {8, 1}, {100, InfiniteServers}}}.Bounds(20)
	assertWithin(t, "a delay counts as thinking", bounds.ThroughputMin, delay.ThroughputMin, 1e-12)
}

// Gunther's PDQ demonstrations ebiz.R, httpd.R and the AWS/Tomcat model of
// arXiv 1811.12341; tutorial 8 of the LINE solver, where response includes the
// think time of 1.
func TestClosedNetworkAgreesWithOtherTools(t *testing.T) {
	ebiz, err := ClosedNetwork{0, []ClosedStation{{9.8e-3, 1}, {2.5e-3, 1}, {0.72e-3, 1}, {9.8e-3, 1}}}.Solve(10)
	require.NoError(t, err)
	assertPrinted(t, "ebiz X", 92.39453, ebiz.Throughput, 5)
	assertPrinted(t, "ebiz R", 0.1082315, ebiz.ResponseMean, 7)

	stations := []ClosedStation{{10.9e-3, 1}}
	for range 16 {
		stations = append(stations, ClosedStation{0.275e-3, 1})
	}
	httpd, err := ClosedNetwork{0, stations}.Solve(5)
	require.NoError(t, err)
	assertPrinted(t, "httpd X", 91.73346, httpd.Throughput, 5)
	assertPrinted(t, "httpd R", 0.05450574, httpd.ResponseMean, 8)

	tomcat := ClosedNetwork{0, []ClosedStation{{0.444, 300}}}
	for users, want := range map[int]float64{100: 100 / 0.444, 300: 675.675676, 400: 675.675676} {
		got, err := tomcat.Solve(users)
		require.NoError(t, err)
		assertWithin(t, "Tomcat X", want, got.Throughput, 1e-9)
	}
	full, err := tomcat.Solve(400)
	require.NoError(t, err)
	assertPrinted(t, "Tomcat R", 0.592, full.ResponseMean, 9)

	for p, want := range map[float64]float64{
		0.1: 28.8, 0.3: 22.4, 0.5: 16.0134, 0.6105: 13.638237, 0.7: 14.9416, 0.9: 19.2,
	} {
		split, err := ClosedNetwork{1, []ClosedStation{{p / 0.75, 1}, {(1 - p) / 0.5, 1}}}.Solve(16)
		require.NoError(t, err)
		assertWithin(t, "LINE tutorial 8", want, 16/split.Throughput, 1e-5)
	}
}

func TestClosedNetworkObeysLittle(t *testing.T) {
	network := ClosedNetwork{3, []ClosedStation{{0.2, 4}, {0.05, 1}, {0.3, 7}, {0.1, InfiniteServers}, {0, 1}}}
	for _, users := range []int{1, 2, 5, 40, 300} {
		got, err := network.Solve(users)
		require.NoError(t, err)
		there, response := got.Throughput*network.Think, 0.0
		for _, station := range got.Stations {
			there += station.NumberMean
			response += station.ResponseMean
		}
		assertWithin(t, "users", float64(users), there, 1e-12)
		assertWithin(t, "R", got.ResponseMean, response, 1e-10)
		bounds := network.Bounds(users)
		assert.LessOrEqual(t, got.Throughput, bounds.ThroughputMax*(1+1e-12))
		assert.GreaterOrEqual(t, got.Throughput, bounds.ThroughputMin)
		assert.GreaterOrEqual(t, got.ResponseMean, bounds.ResponseMin*(1-1e-12))
	}
}

// The first reference is a convolution in 40 digits. The constants of the last
// network reach 10^300000, far beyond a float64.
func TestClosedNetworkHoldsForManyUsers(t *testing.T) {
	got, err := ClosedNetwork{10, []ClosedStation{{1, 20}, {0.04, 1}, {0.5, 300}}}.Solve(300)
	require.NoError(t, err)
	assertWithin(t, "X", 19.999939876391206, got.Throughput, 1e-12)
	assertWithin(t, "L web", 86.00093765346777, got.Stations[0].NumberMean, 1e-12)
	assertWithin(t, "L db", 3.9996936444245517, got.Stations[1].NumberMean, 1e-12)

	saturated, err := ClosedNetwork{1000, []ClosedStation{{0.01, 1}, {0.03, 4}}}.Solve(150_000)
	require.NoError(t, err)
	assertWithin(t, "X", 100, saturated.Throughput, 1e-12)
	assertWithin(t, "R", 500, saturated.ResponseMean, 1e-9)
}

func TestClosedNetworkOfIdleUsersIsAnError(t *testing.T) {
	_, err := ClosedNetwork{0, []ClosedStation{{0, 1}}}.Solve(3)
	assert.ErrorContains(t, err, "no throughput")
	thinking, err := ClosedNetwork{2, nil}.Solve(3)
	require.NoError(t, err)
	assertWithin(t, "X", 1.5, thinking.Throughput, 1e-12)
	assert.Zero(t, thinking.ResponseMean)
}
