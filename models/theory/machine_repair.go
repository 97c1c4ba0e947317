package theory

// MachineRepair is the machine repairman model, M/M/c//N: each of N machines
// runs for an exponential time and then needs an exponential repair by one of
// c crews. Read the other way it is N users who think, and c servers (Palm
// 1947; Kleinrock, Queueing Systems I, sec. 3.8).
type MachineRepair struct {
	Machines   int     // N
	UpMean     float64 // mean time a machine runs, or a user thinks
	RepairMean float64 // mean time of a repair, waiting for a crew excluded
	Crews      int     // c
}

// law returns the stationary law of the number of machines down.
func (m MachineRepair) law() discreteLaw {
	mustBeAtLeast("the number of machines", m.Machines, 1)
	mustBePositive("the mean time that a machine runs", m.UpMean)
	mustBePositive("the mean time of a repair", m.RepairMean)
	mustBeAtLeast("the number of repair crews", m.Crews, 1)
	return birthDeath(func(n int) float64 {
		failures := float64(m.Machines-n+1) / m.UpMean
		return failures * m.RepairMean / float64(min(n, m.Crews))
	}, m.Machines)
}

// NumberProbability returns the fraction of time with exactly n machines down.
func (m MachineRepair) NumberProbability(n int) float64 { return m.law().at(n) }

// NumberMean returns the mean number of machines down, in repair or waiting
// for it.
func (m MachineRepair) NumberMean() float64 {
	return m.law().mean(func(n int) float64 { return float64(n) })
}

// Throughput returns the rate of repairs.
func (m MachineRepair) Throughput() float64 {
	return m.Utilisation() * float64(m.Crews) / m.RepairMean
}

// ResponseMean returns the mean time that a machine is down each time.
func (m MachineRepair) ResponseMean() float64 {
	return m.NumberMean() / m.Throughput()
}

// Utilisation returns the fraction of its time that a crew is at work, on
// average over the crews.
func (m MachineRepair) Utilisation() float64 {
	busy := m.law().mean(func(n int) float64 { return float64(min(n, m.Crews)) })
	return busy / float64(m.Crews)
}

// UpFraction returns the mean fraction of the machines that run.
func (m MachineRepair) UpFraction() float64 {
	up := m.law().mean(func(n int) float64 { return float64(m.Machines - n) })
	return up / float64(m.Machines)
}
