package price

import (
	"cmp"
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/capsim/capsim/models/kind"
)

// table is the price list, with a line for each machine.
//
//go:embed cloud-instances.csv
var table string

// Currency is that of the list.
const Currency = "USD"

// Machine is one that can be rented.
type Machine struct {
	Name      string  // "aws:m7i.large"
	Provider  string  // "aws"
	Type      string  // what the provider calls it: "m7i.large"
	Region    string  // that the price is of
	Cores     int     // vCPUs
	Memory    float64 // GiB
	Bandwidth float64 // Gbps that it can always send; 0: not known
	Arch      string  // of its processor: amd64, arm64
	Hourly    float64 // USD on demand, with Linux
	Date      string  // of the price
	Source    string
}

// The columns of the table.
const (
	colProvider = iota
	colType
	colRegion
	colCores
	colMemory
	colBandwidth
	colArch
	colHourly
	colDate
	colSource
	columns
)

// LookUp returns the machine of a name such as "aws:m7i.large".
func LookUp(name string) (Machine, bool) {
	provider, model, found := strings.Cut(name, ":")
	if !found || provider == "" || model == "" || strings.ContainsAny(name, ",\n") {
		return Machine{}, false
	}
	_, rest, found := strings.Cut(table, "\n"+provider+","+model+",")
	if !found {
		return Machine{}, false
	}
	line, _, _ := strings.Cut(rest, "\n")
	return parse(provider + "," + model + "," + line), true
}

// Machines lists them by provider, family and size.
func Machines() []Machine {
	lines := strings.Split(strings.TrimSuffix(table, "\n"), "\n")
	list := make([]Machine, 0, len(lines))
	for _, line := range lines[1:] {
		list = append(list, parse(line))
	}
	slices.SortFunc(list, func(a, b Machine) int {
		fa, _ := a.Family()
		fb, _ := b.Family()
		return cmp.Or(strings.Compare(a.Provider, b.Provider), strings.Compare(fa, fb), cmp.Compare(a.Cores, b.Cores),
			cmp.Compare(a.Memory, b.Memory), strings.Compare(a.Type, b.Type))
	})
	return list
}

// Names lists the names of all machines.
func Names() []string {
	list := Machines()
	names := make([]string, len(list))
	for i := range list {
		names[i] = list[i].Name
	}
	return names
}

// Near lists what a wrong name may have meant: machines whose names resemble
// it, or that it is the name of without the provider.
func Near(name string) []string {
	var near []string
	for _, m := range Machines() {
		if strings.EqualFold(name, m.Type) || strings.EqualFold("Standard_"+name, m.Type) {
			near = append(near, m.Name)
		}
	}
	if len(near) > 0 {
		return near
	}
	return kind.Nearest(name, Names())
}

// Providers lists whose machines there are.
func Providers() []string {
	var list []string
	for _, m := range Machines() {
		if !slices.Contains(list, m.Provider) {
			list = append(list, m.Provider)
		}
	}
	return list
}

// parse reads a line of the table. That each of them can be read, a test
// makes sure of.
func parse(line string) Machine {
	cells := strings.Split(line, ",")
	if len(cells) != columns {
		panic("price: a line of the table has not " + strconv.Itoa(columns) + " cells: " + line)
	}
	number := func(cell string) float64 {
		x, err := strconv.ParseFloat(cell, 64)
		if err != nil {
			panic("price: no number in the table: " + line)
		}
		return x
	}
	m := Machine{
		Name: cells[colProvider] + ":" + cells[colType], Provider: cells[colProvider], Type: cells[colType], Region: cells[colRegion],
		Cores: int(number(cells[colCores])), Memory: number(cells[colMemory]), Arch: cells[colArch], Hourly: number(cells[colHourly]),
		Date: cells[colDate], Source: cells[colSource],
	}
	if cells[colBandwidth] != "" {
		m.Bandwidth = number(cells[colBandwidth])
	}
	return m
}

// Family is what machines that differ in size only have in common, with a *
// for what stands for the size: "m7i.*", "Standard_D*s_v5", "n2-standard-*".
func (m Machine) Family() (family, size string) {
	switch m.Provider {
	case "aws":
		before, after, _ := strings.Cut(m.Type, ".")
		return before + ".*", after
	case "azure":
		from := strings.IndexAny(m.Type, "0123456789")
		to := from
		for to < len(m.Type) && m.Type[to] >= '0' && m.Type[to] <= '9' {
			to++
		}
		return m.Type[:from] + "*" + m.Type[to:], m.Type[from:to]
	}
	at := strings.LastIndexByte(m.Type, '-') + 1
	return m.Type[:at] + "*", m.Type[at:]
}

// burstable are the families whose cores are only in full for a while.
var burstable = []string{"t3.*", "t4g.*", "Standard_B*s", "Standard_B*ms", "e2-*"}

// Burstable reports whether the cores may be used in full only for as long as
// there are credits: on average the machine is given less.
func (m Machine) Burstable() bool {
	family, _ := m.Family()
	return slices.Contains(burstable, family)
}

// MemorySize is the memory as the language writes it.
func (m Machine) MemorySize() string { return short(m.Memory) + "GiB" }

// Network is the bandwidth as the language writes it, "" if it is not known.
func (m Machine) Network() string {
	if m.Bandwidth == 0 {
		return ""
	}
	return short(m.Bandwidth) + "Gbps"
}

// Price is what an hour costs, in words.
func (m Machine) Price() string {
	return fmt.Sprintf("%s USD an hour on demand in %s, with Linux, on %s", short(m.Hourly), m.Region, m.Date)
}

// Provenances lists where the prices are from, each place once.
func Provenances() []string {
	var list []string
	for _, m := range Machines() {
		if text := m.Provenance(); !slices.Contains(list, text) {
			list = append(list, text)
		}
	}
	return list
}

// HourlyText is what an hour costs, as the language writes it.
func (m Machine) HourlyText() string { return short(m.Hourly) }

// Provenance is where its price is from.
func (m Machine) Provenance() string {
	return m.Provider + " " + m.Region + " on demand, with Linux, " + m.Date + " (" + m.Source + ")"
}

func short(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
