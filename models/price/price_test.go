package price

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/capsim/capsim/models/kind"
)

// What is in the table was counted when it was made: 81 machines of AWS, 40
// of Azure, 37 of Google. Each of its lines can be read, and what it says
// makes sense.
func TestEveryLineOfTheTable(t *testing.T) {
	assert.True(t, strings.HasPrefix(table, "provider,instance_type,region,vcpu,memory_gib,network_gbps_baseline,arch,usd_per_hour_on_demand_linux,price_date,source\n"))
	assert.NotContains(t, table, `"`, "it is read without quotes")
	assert.NotContains(t, table, "\r")
	list := Machines()
	count := map[string]int{}
	seen := map[string]bool{}
	for _, m := range list {
		count[m.Provider]++
		assert.False(t, seen[m.Name], "%s is listed twice", m.Name)
		seen[m.Name] = true
		assert.Equal(t, m.Provider+":"+m.Type, m.Name)
		assert.NotEmpty(t, m.Region, m.Name)
		assert.Contains(t, []int{1, 2, 4, 8, 16, 32}, m.Cores, m.Name)
		assert.GreaterOrEqual(t, m.Memory/float64(m.Cores), 0.5, m.Name)
		assert.LessOrEqual(t, m.Memory/float64(m.Cores), 8.0, m.Name)
		assert.Contains(t, []string{"amd64", "arm64"}, m.Arch, m.Name)
		assert.Greater(t, m.Hourly, 0.004*float64(m.Cores), m.Name)
		assert.Less(t, m.Hourly, 0.15*float64(m.Cores), m.Name)
		assert.Regexp(t, regexp.MustCompile(`^20\d\d-[01]\d-[0-3]\d$`), m.Date, m.Name)
		assert.NotEmpty(t, m.Source, m.Name)
		assert.Equal(t, m.Provider == "aws", m.Bandwidth > 0, "%s: only AWS has told us the bandwidth", m.Name)
		again, found := LookUp(m.Name)
		assert.True(t, found, m.Name)
		assert.Equal(t, m, again)
	}
	assert.Equal(t, map[string]int{"aws": 81, "azure": 40, "gcp": 37}, count)
	assert.Equal(t, []string{"aws", "azure", "gcp"}, Providers())
}

func TestPricesThatAreKnownByHeart(t *testing.T) {
	for name, hourly := range map[string]float64{
		"aws:m5.large": 0.096, "aws:c5.large": 0.085, "azure:Standard_D2s_v5": 0.096, "gcp:n2-standard-4": 0.194236, "gcp:e2-standard-4": 0.134012,
	} {
		m, found := LookUp(name)
		require.True(t, found, name)
		assert.InDelta(t, hourly, m.Hourly, 0.0005, name)
	}
	m, _ := LookUp("aws:m7i.xlarge")
	assert.Equal(t, Machine{
		Name: "aws:m7i.xlarge", Provider: "aws", Type: "m7i.xlarge", Region: "us-east-1", Cores: 4, Memory: 16, Bandwidth: 1.562,
		Arch: "amd64", Hourly: 0.2016, Date: "2026-07-20", Source: m.Source,
	}, m)
	assert.Equal(t, "0.2016 USD an hour on demand in us-east-1, with Linux, on 2026-07-20", m.Price())
}

func TestWhatIsNoMachineIsNotFound(t *testing.T) {
	for _, name := range []string{"", ":", "aws:", "aws", "m7i.large", "aws:m7i", "aws:m7i.larg", "AWS:m7i.large", "provider:instance_type", "aws,m7i.large", "aws:m7i.large,us-east-1", "aws:m7i.large\n"} {
		_, found := LookUp(name)
		assert.False(t, found, "%q", name)
	}
}

// The literals that the language is given are those of the table.
func TestSizesAreLiteralsOfTheLanguage(t *testing.T) {
	for _, m := range Machines() {
		size, err := kind.ParseSize(m.MemorySize())
		require.Nil(t, err, m.Name)
		assert.Equal(t, int64(m.Memory)<<30, size, m.Name)
		if m.Bandwidth == 0 {
			assert.Empty(t, m.Network(), m.Name)
			continue
		}
		bandwidth, err := kind.ParseBandwidth(m.Network())
		require.Nil(t, err, m.Name)
		assert.InEpsilon(t, m.Bandwidth*1e9/8, bandwidth, 1e-12, m.Name)
	}
}

// Families are listed from small to large, and put back together they are
// the names.
func TestFamiliesAndSizes(t *testing.T) {
	last := Machine{}
	var families []string
	for _, m := range Machines() {
		family, size := m.Family()
		assert.NotEmpty(t, size, m.Name)
		assert.Equal(t, m.Type, strings.Replace(family, "*", size, 1))
		before, _ := last.Family()
		if last.Provider == m.Provider && before == family {
			assert.LessOrEqual(t, last.Cores, m.Cores, m.Name)
		} else {
			assert.NotContains(t, families, m.Provider+":"+family, "a family is listed in one piece")
			families = append(families, m.Provider+":"+family)
		}
		last = m
	}
	for _, want := range []string{"aws:m7i.*", "aws:t4g.*", "azure:Standard_D*s_v5", "azure:Standard_B*ms", "azure:Standard_D*ps_v5", "gcp:n2-standard-*", "gcp:e2-*", "gcp:c3-highmem-*"} {
		assert.Contains(t, families, want)
	}
	assert.Less(t, len(families), 60)
}

// A t, a B or a small e2 is given only a part of its cores in the long run.
func TestBurstableMachines(t *testing.T) {
	var names []string
	for _, m := range Machines() {
		if m.Burstable() {
			names = append(names, m.Type)
		}
	}
	assert.Len(t, names, 6+6+2+4+3, strings.Join(names, " "))
	for _, name := range []string{"t3.micro", "t4g.2xlarge", "Standard_B2ms", "Standard_B1s", "e2-medium"} {
		assert.Contains(t, names, name)
	}
	for _, name := range []string{"m7i.large", "e2-standard-2", "Standard_D2s_v5"} {
		assert.NotContains(t, names, name)
	}
}

func TestWhatAWrongNameMayHaveMeant(t *testing.T) {
	for wrong, want := range map[string][]string{
		"aws:m7i.xlrge": {"aws:m7i.xlarge"}, "m7i.large": {"aws:m7i.large"}, "Aws:m7i.large": {"aws:m7i.large"}, "D4s_v5": {"azure:Standard_D4s_v5"},
		"standard_d4s_v5": {"azure:Standard_D4s_v5"}, "azure:Standard_D4s_v4": nil, "n2-standard-4": {"gcp:n2-standard-4"}, "zzzzzzzzzzzzz": nil,
	} {
		got := Near(wrong)
		if wrong == "azure:Standard_D4s_v4" { // which are as near as each other
			assert.Contains(t, got, "azure:Standard_D4s_v5")
			continue
		}
		assert.Equal(t, want, got, wrong)
	}
	assert.True(t, slices.Contains(Names(), "aws:m7i.large"))
	assert.Len(t, Names(), 158, strconv.Itoa(len(Names())))
}
